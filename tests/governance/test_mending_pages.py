"""Claims that were sent back, mended by HTTP: the form filled anew, files kept, refusals, and whose claim it is."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.models import Application
from tests.governance.pages import (
    a_file,
    application_of,
    chosen,
    claim,
    content_of,
    field_error,
    files_of,
    ids_of,
    judge,
    page,
    post,
    step,
    words,
)

pytestmark = pytest.mark.django_db
ATTESTED = "SO-2-3"


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    """The operator, who applies."""
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def planner(signed_in: Callable[..., Client]) -> Client:
    """The planning manager, who approves."""
    return signed_in(Role.PLANNING_MANAGER)


@pytest.fixture
def facility(operator: Actor) -> str:
    """The facility, and its id as a subject."""
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所内科クリニック", "kind": "clinic"})
    judge()
    return ids_of(SubjectKind.FACILITY)[0]


def sent_back(client: Client, planner: Client, facility: str) -> Application:
    """Return an attestation with two files that was sent back."""
    values = claim(comment="お願いします", files=[a_file("一.pdf"), a_file("二.pdf", b"second")])
    application = application_of(post(client, "attest", ATTESTED, subjects=[facility], **values))
    step(planner, "send-back", application, "<日付>を入れてください")
    return Application.objects.get(pk=application.pk)


def mended(application: Application, facility: str, **more: Any) -> dict[str, Any]:
    """Return the form of a claim that was sent back, as it is sent again."""
    return {"subjects": [facility], "version": application.version, "keep": ["1"], **claim(), **more}


def test_a_claim_that_was_sent_back_is_mended(client: Client, planner: Client, facility: str) -> None:
    application = sent_back(client, planner, facility)
    html = page(client, "amend", application.pk)
    assert "&lt;日付&gt;を入れてください" in html
    assert "棚で現物を見た</textarea>" in html
    assert chosen(html, "keep") == ["1", "2"]
    assert chosen(html, "subjects") == [facility]
    assert 'value="2027/06/30"' in html

    values = mended(application, facility, statement="11月21日に見た", files=[a_file("三.pdf", b"third")])
    assert application_of(post(client, "amend", application.pk, **values)) == application
    assert content_of(application)["statement"] == "11月21日に見た"
    assert list(content_of(application)["requirements"]) == [ATTESTED]
    assert files_of(application) == ["一.pdf", "三.pdf"]
    step(planner, "approve", application)
    judge()
    assert f"</span>{words('Proven')}</span>" in page(client, "requirement", ATTESTED)


def test_a_document_is_mended_with_its_items(client: Client, planner: Client, facility: str) -> None:
    name = "documents.contacts"
    values = claim(requirements=["SO-2-2"], statement="", document_version="1")
    application = application_of(post(client, "hand-in", name, **values))
    step(planner, "send-back", application, "BCPの分も")
    html = page(client, "amend", application.pk)
    assert chosen(html, "requirements") == ["SO-2-2"]
    assert 'value="1"' in html
    values = claim(requirements=["SO-2-2", "SO-2-5"], statement="", document_version="2", version=2)
    post(client, "amend", application.pk, **values)
    assert list(content_of(application)["requirements"]) == ["SO-2-2", "SO-2-5"]
    assert content_of(application)["document"] == name


def test_mending_is_refused_with_what_was_typed(client: Client, planner: Client, facility: str) -> None:
    application = sent_back(client, planner, facility)
    without = {"keep": [], "kept_at": "", "statement": "書き直し"}
    answer = post(client, "amend", application.pk, **mended(application, facility, **without))
    assert answer.status_code == 422
    assert field_error(answer.content.decode(), "kept_at")
    assert "書き直し</textarea>" in answer.content.decode()
    answer = post(client, "amend", application.pk, **mended(application, facility, keep=["9"]))
    assert field_error(answer.content.decode(), "keep"), "a file that was never handed in is no evidence"

    stale = mended(application, facility, version=1, statement="前の画面から")
    answer = post(client, "amend", application.pk, **stale)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "前の画面から</textarea>" in html
    found = re.search(r'name="version" value="(\d+)"', html)
    assert found is not None
    again = mended(application, facility, version=found[1], statement="前の画面から")
    assert post(client, "amend", application.pk, **again).status_code == 302
    assert content_of(application)["statement"] == "前の画面から"
    assert post(client, "amend", application.pk, **again).status_code == 409, "sent twice"
    assert application.submissions.count() == 2


def test_only_the_applicant_mends(
    client: Client, planner: Client, facility: str, signed_in: Callable[..., Client]
) -> None:
    application = sent_back(client, planner, facility)
    for other in (planner, signed_in(Role.SYSTEM_OPERATOR, login="tanaka")):
        for answer in (
            other.get(reverse("governance:amend", args=[application.pk])),
            post(other, "amend", application.pk, **mended(application, facility)),
        ):
            assert answer.status_code == 403
            assert "ledgers.not_the_applicant" in answer.content.decode()
    hidden = signed_in(Role.DEPARTMENT_MANAGER)
    assert hidden.get(reverse("governance:amend", args=[application.pk])).status_code == 404
    assert application.submissions.count() == 1


def test_what_was_not_sent_back_is_shown_instead(client: Client, facility: str) -> None:
    application = application_of(post(client, "attest", ATTESTED, subjects=[facility], **claim()))
    answer = client.get(reverse("governance:amend", args=[application.pk]), follow=True)
    assert words("Only an application that was sent back can be mended.") in answer.content.decode()
    assert client.get(reverse("governance:amend", args=[UUID(int=0)])).status_code == 404
