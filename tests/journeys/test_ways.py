"""Where the pages lead: the next step, the way back after a switch, one's own refusals."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.kernel.access import GRANTABLE, Role
from sekisho.kernel.actor import Actor

pytestmark = pytest.mark.django_db
STEP = re.compile(r'<a class="button primary" href="([^"]+)">')


def next_step(page: str) -> str | None:
    found = STEP.search(page)
    return found[1] if found else None


@pytest.mark.parametrize("role", GRANTABLE)
def test_the_next_step_is_never_a_refusal(signed_in: Callable[..., Client], operator: Actor, role: Role) -> None:
    client = signed_in(role)
    for ledger, values in (
        (None, {}),
        (ledgers.FACILITY, {"name": "関所診療所", "kind": "clinic"}),
        (ledgers.VENDORS, {"name": "甲社"}),
    ):
        if ledger is not None:
            add_entry(actor=operator, ledger=ledger, values=values)
        step = next_step(client.get("/").content.decode())
        if step is not None:
            assert client.get(step, follow=True).status_code == 200, step


def test_who_cannot_invite_goes_on_with_what_they_can(signed_in: Callable[..., Client], operator: Actor) -> None:
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所診療所", "kind": "clinic"})
    operator_client, safety_client = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.SAFETY_MANAGER)
    for client in (operator_client, safety_client):
        assert next_step(client.get("/").content.decode()) == reverse("wizard")
    assert operator_client.get(reverse("wizard")).headers["Location"] == reverse("wizard-people")
    assert safety_client.get(reverse("wizard")).headers["Location"] == reverse("wizard-systems")
    page = safety_client.get("/").content.decode()
    assert re.search(rf'aria-current="step">.*?{reverse("wizard-systems")}', page, re.DOTALL)
    assert next_step(signed_in(Role.AUDITOR).get("/").content.decode()) is None


def test_who_has_nothing_to_do_is_told_so(signed_in: Callable[..., Client]) -> None:
    assert 'class="empty"' in signed_in(Role.MAINTAINER).get("/").content.decode()


def way_back(page: str) -> str | None:
    found = re.search(r'<input type="hidden" name="next" value="([^"]*)">', page)
    return found[1] if found else None


def test_after_a_switch_the_reader_is_where_they_were(signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.SYSTEM_OPERATOR)
    for address in ("/estate/vendors/?q=a&amp;page=2", "/people/invite/", "/no-such-page/"):
        assert way_back(client.get(address.replace("&amp;", "&")).content.decode()) == address


def test_a_page_that_answers_a_form_leads_to_its_list(
    signed_in: Callable[..., Client], make_person: Callable[..., object]
) -> None:
    """The address of such a page may take forms only: going there would be an error."""
    client = signed_in(Role.SYSTEM_OPERATOR)
    person = client.user.staff  # type: ignore[attr-defined]
    answers = {
        reverse("people:grant", args=[person.pk]): ("/people/", {"role": ""}),
        reverse("estate:vendors-new"): ("/estate/vendors/", {"name": ""}),
        reverse("people:link", args=[person.pk]): (None, {}),
    }
    for address, (expected, values) in answers.items():
        back = way_back(client.post(address, values).content.decode())
        assert back == expected, address
        after = client.post(reverse("people:display"), {"language": "ja", **({"next": back} if back else {})})
        assert after.headers["Location"] == (expected or "/")
        assert client.get(after.headers["Location"]).status_code == 200
