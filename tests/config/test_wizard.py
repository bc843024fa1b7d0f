"""The first steps over HTTP: every page, putting off and coming back, sending twice, what people type."""

from collections.abc import Callable
from html import unescape
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from sekisho.config.processes.worker import run_job
from sekisho.config.wizard.entering import LinePick, SystemPick, enter_lines, enter_systems
from sekisho.config.wizard.offers import LINES, SYSTEMS, usual_systems
from sekisho.estate.errors import EntryInvalid
from sekisho.estate.models import Facility, FacilityKind, LineKind, Link, System, SystemForm, SystemKind, Vendor
from sekisho.estate.models.places import UpdateDuty
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.errors import Forbidden
from sekisho.register.models import Event
from tests.conftest import actor_with

pytestmark = pytest.mark.django_db
CLINIC = {"name": "みどり内科クリニック", "kind": "clinic", "beds": "0"}


def row(key: str, **values: str) -> dict[str, str]:
    """Return a ticked row as a browser sends it."""
    return {f"{key}-{field}": value for field, value in {"chosen": "on", **values}.items()}


EMR = row("emr", name="電子カルテ", form="cloud", vendor="株式会社みどりシステム", remote="yes")
BOTH = {"role": "planning_manager"}
BILLING = row("billing", name="レセコン", form="on_premises", vendor="（株）青空", remote="no")


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    """The system operator of a clinic, alone."""
    return signed_in(Role.SYSTEM_OPERATOR)


def text_of(answer: Any) -> str:
    """Return the page."""
    return unescape(answer.content.decode())


def go(client: Client, address: str, values: dict[str, str]) -> str:
    """Send a form and return where it leads."""
    answer = client.post(address, values)
    assert answer.status_code == 302, text_of(answer)
    return str(answer.headers["Location"])


# Where it stands


def test_it_begins_with_the_facility_and_goes_on_where_it_was_left(client: Client) -> None:
    assert client.get("/start/").headers["Location"] == "/start/facility/"
    assert 'href="/start/"' in text_of(client.get("/"))
    assert go(client, "/start/facility/", CLINIC) == "/start/people/"
    assert Facility.objects.get().name == CLINIC["name"]
    assert client.get("/start/").headers["Location"] == "/start/people/"
    assert go(client, "/start/people/later/", {}) == "/start/systems/"
    assert go(client, "/start/systems/", EMR) == "/start/lines/"
    assert client.get("/start/").headers["Location"] == "/start/lines/"


def test_what_was_put_off_is_offered_again_after_the_next_sign_in(
    client: Client, signed_in: Callable[..., Client]
) -> None:
    for place in ("facility", "people", "systems", "lines", "contract"):
        client.post(f"/start/{place}/later/")
    assert client.get("/start/").headers["Location"] == "/start/ready/"
    assert 'href="/start/"' not in text_of(client.get("/"))
    again = signed_in(Role.SYSTEM_OPERATOR, login="again")
    assert again.get("/start/").headers["Location"] == "/start/facility/"
    assert 'href="/start/"' in text_of(again.get("/"))


def test_a_step_that_is_put_off_can_still_be_answered(client: Client) -> None:
    client.post("/start/facility/later/")
    assert go(client, "/start/facility/", CLINIC) == "/start/people/"
    assert Facility.objects.count() == 1


@pytest.mark.parametrize("place", ["ready", "nonsense", "Facility", "facility%00"])
def test_only_questions_can_be_put_off(client: Client, place: str) -> None:
    assert client.post(f"/start/{place}/later/").status_code == 404


def test_putting_off_needs_a_form(client: Client) -> None:
    assert client.get("/start/facility/later/").status_code == 405


@pytest.mark.parametrize("place", ["facility", "people", "systems", "lines", "contract", "ready"])
def test_every_page_stands_alone(client: Client, place: str) -> None:
    """Before anything was entered, in any order, and named by its place in the stepper."""
    answer = client.get(f"/start/{place}/")
    assert answer.status_code == 200
    assert 'aria-current="step"' in text_of(answer)


def test_whoever_may_not_add_is_not_invited_to_begin(signed_in: Callable[..., Client]) -> None:
    assert 'href="/start/"' not in text_of(signed_in(Role.AUDITOR).get("/"))


# 1 Facility


def test_the_facility_is_changed_not_doubled(client: Client) -> None:
    client.post("/start/facility/", CLINIC)
    Facility.objects.update(address="静岡県")
    version = Facility.objects.get().version
    go(client, "/start/facility/", {**CLINIC, "beds": "3", "version": str(version)})
    found = Facility.objects.get()
    assert (found.beds, found.address) == (3, "静岡県")


def test_saving_the_facility_unchanged_writes_nothing(client: Client) -> None:
    client.post("/start/facility/", CLINIC)
    before = Event.objects.count()
    go(client, "/start/facility/", {**CLINIC, "version": "1"})
    assert Event.objects.count() == before


def test_a_facility_changed_meanwhile_is_not_overwritten_unseen(client: Client) -> None:
    client.post("/start/facility/", CLINIC)
    Facility.objects.update(beds=19, version=5)
    answer = client.post("/start/facility/", {**CLINIC, "beds": "3", "version": "1"})
    assert answer.status_code == 422
    assert Facility.objects.get().beds == 19
    assert 'value="5"' in text_of(answer)


def test_a_facility_without_a_name_is_refused(client: Client) -> None:
    assert client.post("/start/facility/", {**CLINIC, "name": " "}).status_code == 422
    assert not Facility.objects.exists()


# 2 People


def test_one_person_takes_both_roles_with_a_recorded_grant(client: Client) -> None:
    assert 'action="/start/people/plan-myself/"' in text_of(client.get("/start/people/"))
    assert go(client, "/start/people/plan-myself/", BOTH) == "/start/systems/"
    event = Event.objects.get(action="role.grant")
    assert event.actor_id == str(client.user.pk)  # type: ignore[attr-defined]
    page = text_of(client.get("/start/people/"))
    assert 'action="/start/people/plan-myself/"' not in page
    assert 'href="/start/systems/"' in page


def test_where_somebody_else_plans_nobody_takes_the_role_so(client: Client, make_person: Callable[..., object]) -> None:
    """Not even with the form of an old page; roles are given on the page of the person."""
    make_person("planner", Role.PLANNING_MANAGER, name="企画 花子")
    assert go(client, "/start/people/plan-myself/", BOTH) == "/start/people/"
    assert not Event.objects.filter(action="role.grant", actor_id=str(client.user.pk)).exists()  # type: ignore[attr-defined]


def test_who_is_not_alone_does_not_take_both_roles(client: Client, make_person: Callable[..., object]) -> None:
    make_person("chief", Role.MANAGEMENT, name="院長")
    assert 'action="/start/people/plan-myself/"' not in text_of(client.get("/start/people/"))
    assert go(client, "/start/people/plan-myself/", BOTH) == "/start/people/"
    assert not Event.objects.filter(action="role.grant", actor_id=str(client.user.pk)).exists()  # type: ignore[attr-defined]


def test_taking_both_roles_twice_grants_once(client: Client) -> None:
    client.post("/start/people/plan-myself/", BOTH)
    assert go(client, "/start/people/plan-myself/", BOTH) == "/start/people/"
    assert Event.objects.filter(action="role.grant").count() == 1


@pytest.mark.parametrize("role", ["", "safety_manager", "console"])
def test_no_other_role_is_given(client: Client, role: str) -> None:
    assert go(client, "/start/people/plan-myself/", {"role": role}) == "/start/people/"
    assert not Event.objects.filter(action="role.grant").exists()


def test_the_holders_of_the_roles_are_named(client: Client, make_person: Callable[..., object]) -> None:
    for number in range(5):
        make_person(f"chief{number}", Role.MANAGEMENT, name=f"院長 {number}<b>")
    page = client.get("/start/people/").content.decode()
    assert "院長 0&lt;b&gt;" in page
    assert "院長 4" not in page, "a long list is cut"


def test_without_the_right_to_grant_nothing_is_offered(signed_in: Callable[..., Client]) -> None:
    page = text_of(signed_in(Role.SAFETY_MANAGER).get("/start/people/"))
    assert "/start/people/plan-myself/" not in page
    assert "/people/invite/" not in page


# 3 Systems


def test_the_offers_are_kinds_of_the_ledgers() -> None:
    assert {offer.key for offer in SYSTEMS} == set(SystemKind) - {SystemKind.PLATFORM, SystemKind.OFFICE, "other"}
    assert {kind for offer in LINES for kind in offer.kinds} == set(LineKind)
    for kind in FacilityKind:
        usual, others = usual_systems(kind)
        assert usual
        assert {*usual, *others} == set(SYSTEMS)


def test_systems_and_their_vendors_are_added_once(client: Client) -> None:
    both = {**EMR, **BILLING, "billing-vendor": "㈱みどりシステム"}
    both["emr-vendor"] = "（株）みどりシステム"  # the same name, in another width
    assert go(client, "/start/systems/", both) == "/start/lines/"
    assert Vendor.objects.count() == 1
    emr = System.objects.get(kind="emr")
    assert (emr.name, emr.form, emr.remote_maintenance) == ("電子カルテ", "cloud", True)
    assert not System.objects.get(kind="billing").remote_maintenance
    assert emr.layers.count() == 4
    actions = list(Event.objects.order_by("source_seq").values_list("action", "subject_kind"))
    assert actions == [("estate.add", "vendor"), ("estate.add", "system"), ("estate.add", "system")]


def test_sending_twice_doubles_nothing(client: Client) -> None:
    for _time in range(2):
        assert go(client, "/start/systems/", {**EMR, **BILLING}) == "/start/lines/"
    assert (System.objects.count(), Vendor.objects.count()) == (2, 2)
    assert "電子カルテ" in text_of(client.get("/start/lines/")), "it says what stood there already"


def test_going_back_and_typing_another_name_does_not_double(client: Client) -> None:
    client.post("/start/systems/", EMR)
    go(client, "/start/systems/", {**EMR, "emr-name": "電子カルテ 改"})
    assert [system.name for system in System.objects.all()] == ["電子カルテ"]


def test_a_registered_system_is_shown_and_not_offered(client: Client) -> None:
    client.post("/start/systems/", EMR)
    page = text_of(client.get("/start/systems/"))
    assert 'name="emr-chosen"' not in page
    assert 'name="billing-chosen"' in page


def test_all_or_nothing(client: Client) -> None:
    """A fault in the second row leaves nothing of the first; both rows keep what was typed."""
    answer = client.post("/start/systems/", {**EMR, **BILLING, "billing-form": ""})
    assert answer.status_code == 422
    assert not System.objects.exists()
    assert not Vendor.objects.exists()
    page = text_of(answer)
    assert "株式会社みどりシステム" in page
    assert '"#id_billing-form"' in page
    assert not Event.objects.exists()


def test_the_service_leaves_nothing_behind_either(operator: Actor) -> None:
    """The name of the second is taken, found only while writing: the vendor and system before it go too."""
    emr, billing, *_rest = SYSTEMS
    picks = [SystemPick(emr, "カルテ", "cloud", "甲社", True), SystemPick(billing, "カルテ", "cloud", "乙社", False)]
    with pytest.raises(EntryInvalid) as caught:
        enter_systems(actor=operator, picks=picks)
    assert set(caught.value.faults) == {"billing-name"}
    assert not System.objects.exists()
    assert not Vendor.objects.exists()


def test_two_rows_of_one_name_are_refused_where_they_were_typed(client: Client) -> None:
    answer = client.post("/start/systems/", {**EMR, **BILLING, "billing-name": "電子カルテ"})
    assert answer.status_code == 422
    assert '"#id_billing-name"' in text_of(answer)
    assert not System.objects.exists()


@pytest.mark.parametrize("name", ['<script>alert("x")</script>', "%(name)s {0} '; DROP TABLE", "髙﨑👩‍⚕️", "％００"])
def test_hostile_names_stay_text(client: Client, name: str) -> None:
    go(client, "/start/systems/", {**EMR, "emr-name": name, "emr-vendor": name})
    assert System.objects.get().name == name
    assert Vendor.objects.get().name == name
    for address in ("/start/lines/", "/start/systems/", "/start/contract/", "/start/ready/", "/"):
        assert b"<script>alert" not in client.get(address).content


STRANGE = ["a\x00b", "a\x1bb", "a\u202eb", "x" * 201]


@pytest.mark.parametrize(("field", "name"), [("name", "   "), *product(["name", "vendor"], STRANGE)])
def test_names_that_are_none_are_refused(client: Client, field: str, name: str) -> None:
    answer = client.post("/start/systems/", {**EMR, f"emr-{field}": name})
    assert answer.status_code == 422
    assert f'"#id_emr-{field}"' in text_of(answer)
    assert not System.objects.exists()
    assert not Vendor.objects.exists()


def test_a_kind_or_answer_that_is_not_offered_is_refused(client: Client) -> None:
    for field, value in (("form", "somewhere"), ("remote", "maybe"), ("remote", "")):
        assert client.post("/start/systems/", {**EMR, f"emr-{field}": value}).status_code == 422
    assert client.post("/start/systems/", row("platform", name="x", form="cloud", remote="no")).status_code == 422
    assert not System.objects.exists()


def test_what_is_not_ticked_does_not_count(client: Client) -> None:
    half = {key: value for key, value in BILLING.items() if key != "billing-chosen"}
    go(client, "/start/systems/", {**EMR, **half, "billing-form": "nonsense"})
    assert System.objects.get().kind == "emr"


def test_nothing_ticked_is_not_taken_for_an_answer(client: Client) -> None:
    for address in ("/start/systems/", "/start/lines/"):
        assert client.post(address, {}).status_code == 422
    client.post("/start/systems/", EMR)
    assert go(client, "/start/systems/", {}) == "/start/lines/"


def test_a_pharmacy_is_offered_other_systems_first(client: Client) -> None:
    client.post("/start/facility/", {**CLINIC, "kind": "pharmacy"})
    usual, _details, others = text_of(client.get("/start/systems/")).partition('<details class="help"')
    assert 'name="pharmacy-chosen"' in usual
    assert 'name="emr-chosen"' in others


# 4 Lines


def test_lines_are_added_with_their_kind(client: Client) -> None:
    lines = {
        **row("internet", name="光回線", line="open_other"),
        **row("maintenance", name="保守用VPN", line="ssl_vpn_client"),
        **row("lan", name="院内LAN"),
    }
    for _time in range(2):
        assert go(client, "/start/lines/", lines) == "/start/contract/"
    assert set(Link.objects.values_list("name", "line", "used_for_maintenance")) == {
        ("光回線", "open_other", False),
        ("保守用VPN", "ssl_vpn_client", True),
        ("院内LAN", "lan", False),
    }


def test_a_line_of_unknown_kind_is_left_out_and_that_is_said(client: Client) -> None:
    line = row("maintenance", name="保守用VPN", line="unknown")
    assert go(client, "/start/lines/", {**line, **row("lan", name="院内LAN")}) == "/start/contract/"
    assert [link.name for link in Link.objects.all()] == ["院内LAN"]
    for address in ("/start/lines/", "/start/ready/"):
        assert 'class="toast warn"' in text_of(client.get(address))
    go(client, "/start/lines/", {**line, "maintenance-line": "ip_vpn"})
    assert 'class="toast warn"' not in text_of(client.get("/start/ready/"))


def test_a_maintained_system_without_a_line_is_a_gap_that_outlives_the_session(
    client: Client, signed_in: Callable[..., Client]
) -> None:
    client.post("/start/systems/", {**BILLING, "billing-remote": "yes"})
    other = signed_in(Role.SYSTEM_OPERATOR, login="other")
    for address in ("/start/lines/", "/start/ready/"):
        assert "レセコン" in text_of(other.get(address)).partition('class="toast warn"')[2].partition("</div>")[0]
    other.post("/start/lines/", row("maintenance", name="保守用VPN", line="ip_vpn"))
    assert 'class="toast warn"' not in text_of(other.get("/start/ready/"))


def test_only_unknown_lines_do_not_ask_in_a_circle(client: Client) -> None:
    assert go(client, "/start/lines/", row("internet", name="光回線", line="unknown")) == "/start/contract/"
    assert not Link.objects.exists()
    for place in ("facility", "people", "systems", "contract"):
        client.post(f"/start/{place}/later/")
    assert client.get("/start/").headers["Location"] == "/start/ready/"


def test_a_kind_that_the_line_cannot_be_is_refused(client: Client) -> None:
    assert client.post("/start/lines/", row("internet", name="光回線", line="ip_vpn")).status_code == 422
    assert client.post("/start/lines/", row("internet", name="光回線", line="")).status_code == 422
    go(client, "/start/lines/", row("lan", name="院内LAN", line="ip_vpn"))
    assert Link.objects.get().line == "lan", "where one kind is possible, nothing is asked"


# 5 The maintenance contract


def test_the_contract_needs_a_facility(client: Client) -> None:
    page = text_of(client.get("/start/contract/"))
    assert 'href="/start/facility/"' in page
    assert client.post("/start/contract/", {"update_duty": "no"}).status_code == 200
    assert not Facility.objects.exists()


def test_a_yes_needs_its_clause(client: Client) -> None:
    client.post("/start/facility/", CLINIC)
    answer = client.post("/start/contract/", {"update_duty": "all", "update_duty_clause": " ", "version": "1"})
    assert answer.status_code == 422
    assert '"#id_update_duty_clause"' in text_of(answer)
    assert Facility.objects.get().update_duty == ""
    typed = {"update_duty": "all", "update_duty_clause": "保守契約書 第5条<i>", "version": "1"}
    assert go(client, "/start/contract/", typed) == "/start/contract/#what-follows"
    page = client.get("/start/contract/").content.decode()
    assert "保守契約書 第5条&lt;i&gt;" in page
    assert 'id="letter"' not in page
    assert "保守契約書 第5条" in text_of(client.get(reverse("estate:facility"))), "it stands in the ledger"


@pytest.mark.parametrize("answer", ["partly", "no", "unknown"])
def test_without_a_yes_there_are_words_to_ask_with(client: Client, answer: str) -> None:
    client.post("/start/facility/", CLINIC)
    client.post("/start/systems/", EMR)
    go(client, "/start/contract/", {"update_duty": answer, "version": "1"})
    page = text_of(client.get("/start/contract/"))
    assert 'id="letter"' in page
    assert "株式会社みどりシステム" in page
    assert Facility.objects.get().update_duty == answer


def test_the_contract_is_asked_not_assumed(client: Client) -> None:
    client.post("/start/facility/", CLINIC)
    page = text_of(client.get("/start/contract/"))
    assert 'id="what-follows"' not in page
    assert "checked" not in page
    assert client.post("/start/contract/", {"version": "1"}).status_code == 422
    assert client.post("/start/contract/", {"update_duty": "perhaps", "version": "1"}).status_code == 422


def test_the_ledgers_own_form_keeps_the_same_rule(client: Client) -> None:
    client.post("/start/facility/", CLINIC)
    here = Facility.objects.get()
    address = reverse("estate:facility-change", args=[here.pk])
    assert client.post(address, {**CLINIC, "update_duty": UpdateDuty.ALL, "version": "1"}).status_code == 422
    typed = {**CLINIC, "update_duty": UpdateDuty.ALL, "update_duty_clause": "約款 3", "version": "1"}
    assert client.post(address, typed).status_code == 302


# 6 The result


def test_the_result_asks_again_only_so_often(client: Client) -> None:
    fragment = client.get("/start/ready/state/", headers={"HX-Request": "true"})
    assert (fragment.status_code, b"hx-get" in fragment.content) == (200, True)
    last = client.get("/start/ready/state/?turn=60", headers={"HX-Request": "true"})
    assert (last.status_code, b"hx-get" in last.content) == (286, False)
    assert client.get("/start/ready/state/").headers["Location"] == "/start/ready/"


# The services themselves


def test_what_is_entered_is_judged_at_once_and_the_result_waits_for_just_that(client: Client) -> None:
    """Not for the next minute, and not for the checks that go on storing results for a while."""
    go(client, "/start/facility/", CLINIC)
    go(client, "/start/systems/", EMR)
    waiting = [result.args_kwargs["args"] for result in DBTaskResult.objects.ready()]
    assert waiting == [["governance.judge"]], "twice entered, once to be judged"
    assert "hx-get" in text_of(client.get("/start/ready/"))
    run_job.call(*waiting[0])
    assert "hx-get" not in text_of(client.get("/start/ready/"))
    update_verdicts(actor=platform("check"), whole=True)  # moves the judgement on, as each stored check does
    assert "hx-get" not in text_of(client.get("/start/ready/"))
    go(client, "/start/systems/", BILLING)
    update_verdicts(actor=platform("check"), controls=["people.platform_lockout"])  # has not seen what was entered
    assert "hx-get" in text_of(client.get("/start/ready/"))
    run_job.call(*waiting[0])
    assert "hx-get" not in text_of(client.get("/start/ready/"))


def test_the_services_ask_for_the_permission() -> None:
    stranger = actor_with(Role.AUDITOR)
    with pytest.raises(Forbidden):
        enter_systems(actor=stranger, picks=[SystemPick(SYSTEMS[0], "x", SystemForm.CLOUD, "", False)])
    with pytest.raises(Forbidden):
        enter_lines(actor=stranger, picks=[LinePick(LINES[0], "x", LineKind.LAN)])
