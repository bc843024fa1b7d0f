"""The pages that ask before a step: what follows from it, the comment, and every refusal with the comment kept."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sekisho.kernel.access import Role
from sekisho.ledgers.models import Application, Decision
from sekisho.ledgers.rules import Step
from sekisho.register.models import Event
from tests.ledgers.reading import get, main, me, page_of, words
from tests.ledgers.working import REPORT, apply_for, take

pytestmark = pytest.mark.django_db
OWN = "You approve your own application because nobody else can now. This is marked wherever it is shown."
STEPS = ("approve", "send-back", "withdraw", "revoke")


def hidden_version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found, page
    return found[1]


def needed(page: str) -> bool:
    """Tell whether the page asks for the comment."""
    return f'<span class="need required">{words("Required")}</span>' in main(page)


@pytest.mark.parametrize(
    ("name", "way", "after", "words_needed"),
    [
        ("approve", [], "approved", False),
        ("send-back", [], "sent_back", True),
        ("withdraw", [], "withdrawn", False),
        ("withdraw", [Step.SEND_BACK], "withdrawn", False),
        ("revoke", [Step.APPROVE], "revoked", True),
    ],
)
def test_a_step_is_asked_about_and_then_done(
    nurse: Client, manager: Client, name: str, way: list[Step], after: str, words_needed: bool
) -> None:
    """Looking changes nothing; the page shows what it is about; sending it leads back and says what was done."""
    application = apply_for(me(nurse), files=[REPORT])
    for step in way:
        take(step, me(manager), application)
    client, address = nurse if name == "withdraw" else manager, f"{page_of(application)}{name}/"
    state, version = Application.objects.values_list("state", "version").get()
    page = get(client, address)
    assert Application.objects.values_list("state", "version").get() == (state, version)
    assert "<dd>ノートPC 2台</dd>" in page
    assert REPORT.name in page
    assert '<section class="confirm' in page
    assert needed(page) is words_needed
    if words_needed:
        refused = client.post(address, {"comment": " ", "version": hidden_version(page)})
        assert refused.status_code == 422
        assert 'id="id_comment_error"' in refused.content.decode()
    sent = {"comment": "確認しました" if words_needed else "", "version": hidden_version(page)}
    answer = client.post(address, sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, page_of(application))
    assert Application.objects.get().state == after
    assert Decision.objects.latest("decided_at").comment == sent["comment"]
    assert 'class="toast ok"' in get(client, page_of(application))


def test_approving_one_s_own_needs_words_and_says_so(manager: Client) -> None:
    application = apply_for(me(manager))
    address = f"{page_of(application)}approve/"
    page = get(manager, address)
    assert needed(page)
    assert words(OWN) in page
    assert manager.post(address, {"comment": "", "version": "1"}).status_code == 422
    assert manager.post(address, {"comment": "私だけのため", "version": "1"}).status_code == 302
    assert Decision.objects.get().own


def test_approving_one_s_own_while_others_could_is_refused_and_recorded(
    manager: Client, make_person: Callable[..., Any]
) -> None:
    """The others are named, the words stay in their box, and the attempt stands in the register."""
    application = apply_for(me(manager))
    make_person("tanaka", Role.SAFETY_MANAGER, name="田中 次郎")
    answer = manager.post(f"{page_of(application)}approve/", {"comment": "急ぐため", "version": "1"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "田中 次郎" in page
    assert "急ぐため</textarea>" in page
    assert Application.objects.get().state == "submitted"
    event = json.loads(Event.objects.get(outcome="denied").entry)
    assert event["action"] == "application.approve"
    assert event["details"] == {"code": "ledgers.own_application"}


def test_who_is_too_late_is_told_who_decided_and_loses_no_word(
    nurse: Client, manager: Client, signed_in: Callable[..., Client]
) -> None:
    application = apply_for(me(nurse))
    other = signed_in(Role.SAFETY_MANAGER)
    page = get(manager, f"{page_of(application)}send-back/")
    take(Step.APPROVE, me(other), application)
    sent = {"comment": "台数を確かめてください", "version": hidden_version(page)}
    answer = manager.post(f"{page_of(application)}send-back/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert me(other).name in main(page)
    assert "台数を確かめてください</textarea>" in page
    assert 'class="badge ok"' in page, "how it stands now"
    assert Application.objects.get().state == "approved"


@pytest.mark.parametrize("version", ["1", "", "x", "9" * 30])
def test_a_page_that_was_opened_before_a_mending_shows_the_new_version(
    nurse: Client, manager: Client, version: str
) -> None:
    """Nobody approves what they have not seen; the form can then be sent again as it is."""
    application = apply_for(me(nurse))
    take(Step.SEND_BACK, me(manager), application)
    take(Step.AMEND, me(nurse), application, content={"what": "ノートPC 5台", "why": "x"})
    address = f"{page_of(application)}approve/"
    answer = manager.post(address, {"comment": "よい", "version": version})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "ノートPC 5台" in page
    assert "よい</textarea>" in page
    assert hidden_version(page) == "3"
    assert Application.objects.get().state == "submitted"
    assert manager.post(address, {"comment": "よい", "version": hidden_version(page)}).status_code == 302
    assert Application.objects.get().state == "approved"


def test_whose_part_it_is_not_is_told_whose_it_is(
    nurse: Client, manager: Client, signed_in: Callable[..., Client]
) -> None:
    """The role may look at it and the action is open to it, but the workflow names others."""
    application = apply_for(me(nurse))
    operator = signed_in(Role.SYSTEM_OPERATOR)
    for client, name, code in (
        (operator, "approve", "ledgers.not_your_part"),
        (operator, "send-back", "ledgers.not_your_part"),
        (manager, "withdraw", "ledgers.not_the_applicant"),
    ):
        answer = client.post(f"{page_of(application)}{name}/", {"comment": "残す言葉", "version": "1"})
        assert answer.status_code == 403
        assert "残す言葉</textarea>" in answer.content.decode()
        assert json.loads(Event.objects.filter(outcome="denied").latest("source_seq").entry)["details"] == {
            "code": code
        }
    assert Application.objects.get().state == "submitted"


@pytest.mark.parametrize("comment", ["a\x07b", "\u202eabc", "長" * 2001])
def test_a_comment_is_readable_and_ends(nurse: Client, manager: Client, comment: str) -> None:
    application = apply_for(me(nurse))
    answer = manager.post(f"{page_of(application)}approve/", {"comment": comment, "version": "1"})
    assert answer.status_code == 422
    assert 'id="id_comment_error"' in answer.content.decode()
    assert Application.objects.get().state == "submitted"


def test_a_step_that_is_not_open_leads_back_to_the_application(
    nurse: Client, manager: Client, signed_in: Callable[..., Client]
) -> None:
    """An old link in a bookmark asks nothing that can only fail."""
    application = apply_for(me(nurse))
    take(Step.WITHDRAW, me(nurse), application)
    for client, names in ((manager, STEPS), (nurse, ["withdraw"]), (signed_in(Role.SYSTEM_OPERATOR), STEPS)):
        for name in names:
            answer = client.get(f"{page_of(application)}{name}/")
            assert (answer.status_code, answer.headers["Location"]) == (302, page_of(application))
        assert 'class="toast ng"' in get(client, page_of(application))


def test_the_pages_speak_english(nurse: Client, manager: Client) -> None:
    application = apply_for(me(nurse), files=[REPORT])
    manager.cookies["sekisho_language"] = "en"
    page = main(get(manager, f"{page_of(application)}approve/"))
    for text in (
        "Approve “ノートPCの購入”",
        "What is bought",
        "It counts from now on",
        "Files of version 1",
        "Comment",
    ):
        assert text in page
    assert "Who can approve" in get(manager, page_of(application))
    assert "Waiting for you (1)" in get(manager, "/applications/")
