"""The estate's pages: two who change at once, names that are taken, what was closed, reasons."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from sekisho.estate import ledgers, services
from sekisho.estate.models import Endpoint, System, Vendor
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.register.models import Event

pytestmark = pytest.mark.django_db
EMR = {"name": "電子カルテ", "kind": "emr", "form": "on_premises"}


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


def words(msgid: str) -> str:
    """Return a text as the pages of these tests show it, escaped."""
    with override("ja"):
        return gettext(msgid).replace("'", "&#x27;")


def enter(actor: Actor, ledger: Any, **values: Any) -> Any:
    return services.add_entry(actor=actor, ledger=ledger, values=values)


def hidden_version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found, page
    return found[1]


def row(page: str, text: str) -> str:
    """Return the row of a table whose heading is ``text``."""
    found = re.search(rf'<tr[^>]*>\s*<th scope="row">{text}</th>.*?</tr>', page, re.DOTALL)
    assert found, page
    return found[0]


def test_two_who_change_at_once_see_both_values_and_can_send_again(client: Client, operator: Actor) -> None:
    vendor = enter(operator, ledgers.VENDORS, name="甲社")
    system = enter(operator, ledgers.SYSTEMS, **EMR)
    address = reverse("estate:systems-change", args=[system.pk])
    assert hidden_version(client.get(address).content.decode()) == "1"
    theirs = {**EMR, "name": "電子カルテ本館", "vendor": vendor}
    services.change_entry(actor=operator, ledger=ledgers.SYSTEMS, entry_id=system.pk, version=1, values=theirs)

    mine = {**EMR, "kind": "billing", "renewal_on": "R9.4.1", "note": "x", "version": "1"}
    answer = client.post(address, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert System.objects.get().kind == "emr"
    assert re.search(r"<del>電子カルテ本館</del>.*<ins>電子カルテ</ins>", row(page, "名称"), re.DOTALL)
    assert "<ins>医事会計" in row(page, "種別")
    assert "<del>甲社</del>" in row(page, "事業者")
    assert "令和9年4月1日" in row(page, "次期更新予定日")
    assert '<th scope="row">設置形態' not in page, "what is the same is not a difference"
    assert hidden_version(page) == "2"

    assert client.post(address, {**mine, "version": hidden_version(page)}).status_code == 302
    stored = System.objects.get()
    assert (stored.kind, stored.vendor, stored.version) == ("billing", None, 3)


@pytest.mark.parametrize("version", ["", "x", "99999999999999999999999"])
def test_a_form_without_its_version_overwrites_nothing(client: Client, operator: Actor, version: str) -> None:
    vendor = enter(operator, ledgers.VENDORS, name="甲社")
    answer = client.post(reverse("estate:vendors-change", args=[vendor.pk]), {"name": "乙社", "version": version})
    assert answer.status_code == 409
    assert hidden_version(answer.content.decode()) == "1"
    assert Vendor.objects.get().name == "甲社"


def test_closing_a_changed_entry_keeps_the_reason(client: Client, operator: Actor) -> None:
    vendor = enter(operator, ledgers.VENDORS, name="甲社")
    values = {"name": "乙社"}
    services.change_entry(actor=operator, ledger=ledgers.VENDORS, entry_id=vendor.pk, version=1, values=values)
    address = reverse("estate:vendors-close", args=[vendor.pk])
    answer = client.post(address, {"reason": "契約終了のため", "version": "1"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "契約終了のため</textarea>" in page
    assert "乙社" in page, "what would be closed now is shown"
    assert client.post(address, {"reason": "契約終了のため", "version": hidden_version(page)}).status_code == 302
    assert Vendor.objects.get().closed_reason == "契約終了のため"


def test_what_is_closed_is_neither_changed_nor_closed_again(client: Client, operator: Actor) -> None:
    vendor = enter(operator, ledgers.VENDORS, name="甲社")
    services.close_entry(actor=operator, ledger=ledgers.VENDORS, entry_id=vendor.pk, version=1, reason="x")
    entry = reverse("estate:vendors-entry", args=[vendor.pk])
    for name in ("change", "close"):
        address = reverse(f"estate:vendors-{name}", args=[vendor.pk])
        for answer in (client.get(address), client.post(address, {"name": "乙社", "reason": "y", "version": "2"})):
            assert answer.headers["Location"] == entry
    assert 'class="toast ng"' in client.get(entry).content.decode()
    assert Vendor.objects.get().name == "甲社"


def test_reopening_asks_for_a_reason_and_takes_none(client: Client, operator: Actor) -> None:
    vendor = enter(operator, ledgers.VENDORS, name="甲社")
    services.close_entry(actor=operator, ledger=ledgers.VENDORS, entry_id=vendor.pk, version=1, reason="x")
    address = reverse("estate:vendors-reopen", args=[vendor.pk])
    assert address in client.get(reverse("estate:vendors-entry", args=[vendor.pk])).content.decode()
    page = client.get(address).content.decode()
    assert '<textarea name="reason"' in page
    answer = client.post(address, {"reason": "契約を更新した", "version": hidden_version(page)})
    assert answer.status_code == 302
    event = Event.objects.get(action="estate.reopen")
    assert '"reason":"契約を更新した"' in event.entry
    assert client.post(address, {"version": "3"}).headers["Location"].endswith(f"{vendor.pk}/")
    services.close_entry(actor=operator, ledger=ledgers.VENDORS, entry_id=vendor.pk, version=3, reason="x")
    assert client.post(address, {"version": "4"}).status_code == 302, "the reason is optional"


def test_reopening_under_a_name_that_was_taken_says_so(client: Client, operator: Actor) -> None:
    vendor = enter(operator, ledgers.VENDORS, name="甲社")
    services.close_entry(actor=operator, ledger=ledgers.VENDORS, entry_id=vendor.pk, version=1, reason="x")
    enter(operator, ledgers.VENDORS, name="甲社")
    answer = client.post(reverse("estate:vendors-reopen", args=[vendor.pk]), {"reason": "また使う", "version": "2"})
    assert answer.status_code == 422
    assert words("There is an open entry of this name already.") in answer.content.decode()
    assert "また使う</textarea>" in answer.content.decode()


@pytest.mark.parametrize("reason", ["", "  ", "a\x07b", "\u202eabc", "x" * 501])
def test_a_reason_is_readable_and_short(client: Client, operator: Actor, reason: str) -> None:
    vendor = enter(operator, ledgers.VENDORS, name="甲社")
    answer = client.post(reverse("estate:vendors-close", args=[vendor.pk]), {"reason": reason, "version": "1"})
    assert answer.status_code == 422
    assert 'id="id_reason_error"' in answer.content.decode()
    assert Vendor.objects.get().closed_at is None


@pytest.mark.parametrize("slug", ["sites", "departments", "vendors", "links"])
def test_a_name_that_is_taken_is_said_at_the_name(client: Client, slug: str) -> None:
    values = {"name": "本館", "line": "lan"}
    assert client.post(reverse(f"estate:{slug}-new"), values).status_code == 302
    answer = client.post(reverse(f"estate:{slug}-new"), values)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_name_error"><p>{_error_mark()}{words("There is an open entry of this name already.")}' in page
    assert "site_name" not in page


def _error_mark() -> str:
    word = words("Error")
    return f'<span class="symbol" aria-hidden="true">×</span><span class="visually-hidden">{word}: </span>'


def test_an_endpoint_s_faults_stand_at_host_and_port(client: Client, operator: Actor) -> None:
    system = enter(operator, ledgers.SYSTEMS, **EMR)
    values = {"system": str(system.pk), "host": "a.local", "port": "443", "protocol": "https", "exposure": "internal"}
    address = reverse("estate:endpoints-new")
    assert client.post(address, values).status_code == 302
    taken = client.post(address, values).content.decode()
    message = words("There is an open entry with this host and port already.")
    assert f'id="id_host_error"><p>{_error_mark()}{message}' in taken
    for port in ("0", "65536", "99999999999999999999"):
        page = client.post(address, {**values, "port": port}).content.decode()
        assert 'id="id_port_error"' in page
        assert "endpoint_port" not in page
    assert Endpoint.objects.count() == 1


@pytest.mark.parametrize("slug", ["sites", "departments", "vendors", "links"])
def test_notes_end_somewhere(client: Client, slug: str) -> None:
    values = {"name": "本館", "line": "lan"}
    answer = client.post(reverse(f"estate:{slug}-new"), {**values, "note": "x" * 2001})
    assert answer.status_code == 422
    assert 'id="id_note_error"' in answer.content.decode()
    assert client.post(reverse(f"estate:{slug}-new"), {**values, "note": "x" * 2000}).status_code == 302


def test_the_limit_of_a_note_holds_without_the_form(operator: Actor) -> None:
    from sekisho.estate.errors import EntryInvalid

    with pytest.raises(EntryInvalid) as caught:
        enter(operator, ledgers.VENDORS, name="甲社", note="x" * 2001)
    assert list(caught.value.faults) == ["note"]


def test_a_closed_choice_stays_until_it_is_changed(client: Client, operator: Actor) -> None:
    vendor = enter(operator, ledgers.VENDORS, name="甲社")
    other = enter(operator, ledgers.VENDORS, name="丙社")
    system = enter(operator, ledgers.SYSTEMS, **EMR, vendor=vendor)
    for closed in (vendor, other):
        Vendor.objects.filter(pk=closed.pk).update(closed_at=system.created_at)
    address = reverse("estate:systems-change", args=[system.pk])
    page = client.get(address).content.decode()
    shown = (words("%(name)s (closed)")) % {"name": "甲社"}
    assert f'<option value="{vendor.pk}" selected>{shown}</option>' in page
    assert str(other.pk) not in page
    answer = client.post(address, {**EMR, "vendor": str(vendor.pk), "note": "x", "version": "1"})
    assert answer.status_code == 302, answer.content.decode()
    assert System.objects.get().vendor == vendor
    assert str(vendor.pk) not in client.get(reverse("estate:systems-new")).content.decode()


@pytest.mark.parametrize(("role", "seen"), [(Role.AUDITOR, True), (Role.DEPARTMENT_MANAGER, False)])
def test_the_history_is_for_readers_of_the_register(
    signed_in: Callable[..., Client], operator: Actor, role: Role, seen: bool
) -> None:
    vendor = enter(operator, ledgers.VENDORS, name="甲社")
    page = signed_in(role).get(reverse("estate:vendors-entry", args=[vendor.pk])).content.decode()
    assert "甲社" in page
    assert (words("What happened to this entry") in page) is seen
    assert ("試験 太郎" in page) is seen
    assert "/change/" not in page


def test_a_closed_system_offers_no_new_endpoint(client: Client, operator: Actor) -> None:
    system = enter(operator, ledgers.SYSTEMS, **EMR)
    entry, new = reverse("estate:systems-entry", args=[system.pk]), reverse("estate:endpoints-new")
    assert new in client.get(entry).content.decode()
    services.close_entry(actor=operator, ledger=ledgers.SYSTEMS, entry_id=system.pk, version=1, reason="x")
    assert new not in client.get(entry).content.decode()
