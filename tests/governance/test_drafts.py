"""Drafts of applications: begun, gone on with, applied for or thrown away, and nobody else's business."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.ledgers.errors import TooManyDrafts
from sekisho.ledgers.models import Application, ApplicationDraft
from sekisho.ledgers.services import drafts
from sekisho.register.models import Event
from tests.governance.pages import a_file, claim, words
from tests.governance.working import system

pytestmark = pytest.mark.django_db
LIST, DOCUMENT = "/applications/drafts/", "documents.operating_procedures"
HALF = {"statement": "施錠を毎日<確かめる>。\r\n二人で。", "kept_at": "", "comment": "", "valid_until": "来年"}


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    """The operator, who writes."""
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture(autouse=True)
def _facility(operator: Actor) -> None:
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所内科クリニック", "kind": "clinic"})


def kept(client: Client, address: str, **values: object) -> str:
    """Keep a draft and return the address at which it goes on."""
    answer = client.post(address, {**HALF, **values, "keep_draft": "1"})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def test_a_draft_is_kept_gone_on_with_and_applied_for(client: Client, signed_in: Callable[..., Client]) -> None:
    """However incomplete; only its author meets it; it leaves no event, and it is gone with the application."""
    address, before = reverse("governance:attest", args=["SO-2-3"]), Event.objects.count()
    assert words("Keep as a draft") in client.get(address).content.decode()
    back = kept(client, f"{address}?subject=x", files=[a_file()])
    assert back.startswith(f"{address}?subject=x&draft=")
    page = client.get(back).content.decode()
    assert "施錠を毎日&lt;確かめる&gt;。" in page
    assert "来年" in page
    assert words("Files are not kept in a draft. Attach them when you apply.") in page
    assert kept(client, back, statement="書き直した") == back
    assert (ApplicationDraft.objects.count(), Event.objects.count()) == (1, before)
    assert back.replace("&", "&amp;") in client.get(LIST).content.decode()
    assert words("Drafts (%(draft_count)s)", draft_count=1) in client.get("/applications/").content.decode()
    other = signed_in(Role.PLANNING_MANAGER)
    assert other.get(back).status_code == 404
    assert "2-3" not in other.get(LIST).content.decode()
    discard = f"{LIST}{ApplicationDraft.objects.get().pk}/discard/"
    assert [other.get(discard).status_code, other.post(discard).status_code] == [404, 404]
    assert not Application.objects.exists()

    assert client.post(back, HALF).status_code == 422, "to apply, everything must be there"
    subject = re.search(r'name="subjects" value="([^"]+)"', client.get(back).content.decode())
    assert subject
    sent = client.post(back, claim(subjects=[subject[1]]))
    assert sent.status_code == 302
    assert Application.objects.count() == 1
    assert not ApplicationDraft.objects.exists()
    assert client.get(back).status_code == 404
    assert client.post(back, HALF).status_code == 422, "what was typed is not lost because the draft is gone"


def test_a_draft_is_thrown_away_after_a_question(client: Client) -> None:
    system("電子カルテ")
    forms = {"exclude": ["SO-16-1"], "hand-in": [DOCUMENT], "except": ["SO-14-9-1a"]}
    for route, arguments in forms.items():
        kept(client, reverse(f"governance:{route}", args=arguments), reason="まだ", requirements=["SO-2-3"])
    page = client.get(LIST).content.decode()
    for draft in ApplicationDraft.objects.all():
        assert draft.title in page
        assert client.get(f"{LIST}{draft.pk}/discard/").status_code == 200
    first = ApplicationDraft.objects.first()
    assert first
    assert client.post(f"{LIST}{first.pk}/discard/").headers["Location"] == LIST
    assert ApplicationDraft.objects.count() == 2
    assert client.get(f"{first.address}?draft=x").status_code == 404
    elsewhere = ApplicationDraft.objects.exclude(address=first.address).first()
    assert elsewhere
    assert client.get(f"{first.address}?draft={elsewhere.pk}").status_code == 404, "another form's draft"


def test_a_draft_has_bounds_and_old_ones_are_forgotten(
    at_nine: clock.FixedClock, operator: Actor, client: Client
) -> None:
    address = reverse("governance:attest", args=["SO-2-3"])
    for bad in ("a\u0000b", "あ" * 30_000):
        answer = client.post(address, {**HALF, "statement": bad, "keep_draft": "1"})
        assert answer.status_code == 422
    assert not ApplicationDraft.objects.exists()
    given = {"workflow": "w", "address": "/x/", "title": "t", "fields": {}}
    for _number in range(drafts.MOST_DRAFTS):
        drafts.keep_application_draft(actor=operator, **given)
    with pytest.raises(TooManyDrafts):
        drafts.keep_application_draft(actor=operator, **given)
    at_nine.moment += drafts.KEPT_FOR
    assert drafts.forget_drafts(actor=platform("test")) == 0
    at_nine.moment += timedelta(seconds=1)
    assert drafts.forget_drafts(actor=platform("test")) == drafts.MOST_DRAFTS
    assert Event.objects.latest("source_seq").action == "application.forget_drafts"
