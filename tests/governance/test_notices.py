"""Notices from causes to the page: checks, verdicts, claims, work, applications, target days; put off, read, over."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.governance.models import Notice
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.queries.notices import waiting_number
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.notices import NoticeKind
from sekisho.governance.services.checklists import Answering, answer_item
from sekisho.governance.services.notices import look_for_notices
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.dates import fiscal_year
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.ids import new_id
from sekisho.kernel.ports import SubjectKind
from sekisho.register.models import Event
from tests.conftest import actor_with
from tests.governance.pages import field_error, ids_of, page, post, words
from tests.governance.working import OPERATOR, apply_for, approved, crash, draft, run, today

pytestmark = pytest.mark.django_db
CONTROL = "people.platform_lockout"
ITEM = "SO-2-3"


def look() -> int:
    """Look for notices, as the job does."""
    return look_for_notices(actor=platform("test"))


def pass_days(fixed: clock.FixedClock, days: int) -> None:
    """Let days go by."""
    fixed.moment += timedelta(days=days)


@pytest.fixture
def facility(operator: Actor) -> str:
    """The facility, and its id as a subject."""
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所内科クリニック", "kind": "clinic"})
    return ids_of(SubjectKind.FACILITY)[0]


@pytest.fixture
def operator_client(signed_in: Callable[..., Client], at_nine: clock.FixedClock) -> Client:
    """The operator."""
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def later(signed_in: Callable[..., Client]) -> Callable[[], Client]:
    """Return a function that signs an operator in anew: a session does not outlive the days that go by here."""
    return lambda: signed_in(Role.SYSTEM_OPERATOR, login=f"later{clock.now():%m%d%H%M}{new_id().hex[-4:]}")


def open_kinds() -> list[str]:
    """Return the kinds of the open notices."""
    return sorted(Notice.objects.filter(ended_at=None).values_list("kind", flat=True))


def test_a_failing_check_is_told_once_and_ends_by_itself(
    later: Callable[[], Client], at_nine: clock.FixedClock
) -> None:
    run(CONTROL, {"a": Outcome.FAIL, "b": Outcome.PASS})
    assert look() == 1
    for _day in range(3):
        pass_days(at_nine, 1)
        run(CONTROL, {"a": Outcome.FAIL, "b": Outcome.PASS})
        assert look() == 0, "the state is the same"
    notice = Notice.objects.get()
    opened = notice.worsened_at
    run(CONTROL, {"a": Outcome.FAIL, "b": Outcome.FAIL})
    assert look() == 1, "one more fails"
    assert Notice.objects.get().worsened_at > opened
    run(CONTROL, {"a": Outcome.PASS, "b": Outcome.FAIL})
    assert look() == 0, "one less is no news"
    run(CONTROL, {"a": Outcome.PASS, "b": Outcome.PASS})
    assert look() == 0
    assert Notice.objects.get().ended_at == clock.now()
    client = later()
    assert words("Nothing wants attention now.") in page(client, "notices")
    assert CONTROL in page(client, "notices", query="?state=ended")


def test_a_check_that_broke_off_or_raised_is_told(operator_client: Client) -> None:
    crash(CONTROL)
    assert look() == 1
    title = str(registry.current().control(CONTROL).title)  # type: ignore[union-attr]
    with translation.override("ja"):
        assert words("The check “%(check)s” broke off.", check=title) in page(operator_client, "notices")
    run(CONTROL, {"a": Outcome.ERROR})
    assert look() == 1
    run(CONTROL, {"a": Outcome.FAIL})
    assert look() == 1


def test_a_proof_that_ends_is_told_at_thirty_days_at_seven_and_when_it_is_over(
    later: Callable[[], Client], at_nine: clock.FixedClock, facility: str
) -> None:
    approved(ClaimKind.ATTESTATION, draft(ITEM, facility, days=60, edition_id=CURRENT))
    told = []
    for day in range(63):
        if look():
            told.append(day)
        pass_days(at_nine, 1)
    assert told == [30, 53, 61]
    notice = Notice.objects.get(kind=NoticeKind.ENDS)
    assert (notice.overdue, notice.urgency) == (True, 2)
    html = page(later(), "notices")
    assert reverse("governance:requirement", args=[ITEM]) in html
    assert words("Overdue") in html
    approved(ClaimKind.ATTESTATION, draft(ITEM, facility, days=90, edition_id=CURRENT))
    look()
    assert not Notice.objects.filter(kind=NoticeKind.ENDS, ended_at=None).exists(), "it was renewed"


def test_a_verdict_that_turned_worse_is_told_until_it_stands_again(
    later: Callable[[], Client], at_nine: clock.FixedClock, facility: str
) -> None:
    approved(ClaimKind.ATTESTATION, draft(ITEM, facility, days=20, edition_id=CURRENT))
    update_verdicts(actor=platform("test"))
    look()
    assert NoticeKind.WORSE not in open_kinds()
    pass_days(at_nine, 30)
    update_verdicts(actor=platform("test"))
    look()
    assert NoticeKind.WORSE in open_kinds()
    assert words("Out of date") in page(later(), "notices", query="?kind=worse")
    approved(ClaimKind.ATTESTATION, draft(ITEM, facility, days=60, edition_id=CURRENT))
    update_verdicts(actor=platform("test"))
    look()
    assert NoticeKind.WORSE not in open_kinds()


def test_an_application_waits_for_those_who_decide(
    operator_client: Client, signed_in: Callable[..., Client], at_nine: clock.FixedClock, facility: str
) -> None:
    planner, department = signed_in(Role.PLANNING_MANAGER), signed_in(Role.DEPARTMENT_MANAGER)
    application = apply_for(ClaimKind.ATTESTATION, draft(ITEM, facility, edition_id=CURRENT))
    look()
    link = reverse("ledgers:application", args=[application])
    assert link in page(planner, "notices", query="?whose=mine")
    assert link not in page(operator_client, "notices", query="?whose=mine")
    assert link in page(operator_client, "notices"), "who reviews sees it"
    assert link not in page(department, "notices"), "and who may not see the application sees no notice of it"
    pass_days(at_nine, 8)
    assert look() == 1
    assert Notice.objects.get(kind=NoticeKind.DECIDE).overdue


def test_an_application_that_was_decided_is_not_named_to_others(
    facility: str, operator_client: Client, signed_in: Callable[..., Client]
) -> None:
    """What ended is kept; who might not see it while it waited does not see it afterwards."""
    application = apply_for(ClaimKind.ATTESTATION, draft(ITEM, facility, edition_id=CURRENT))
    look()
    Notice.objects.filter(kind=NoticeKind.DECIDE).update(ended_at=clock.now())
    link = reverse("ledgers:application", args=[application])
    assert link in page(operator_client, "notices", query="?state=ended")
    assert link not in page(signed_in(Role.DEPARTMENT_MANAGER), "notices", query="?state=ended")


def test_a_target_day_of_the_checklist_is_told(later: Callable[[], Client], at_nine: clock.FixedClock) -> None:
    answering = Answering(
        fiscal_year=fiscal_year(today()), item="2-1", is_yes=False, vendor=None, confirmed_on=today(),
        target_on=today() + timedelta(days=10), note="業者に確認中",
    )  # fmt: skip
    answer_item(actor=OPERATOR, answering=answering)
    look()
    assert NoticeKind.TARGET not in open_kinds()
    pass_days(at_nine, 5)
    look()
    assert NoticeKind.TARGET in open_kinds()
    pass_days(at_nine, 6)
    assert look() >= 1
    html = page(later(), "notices", query="?kind=target")
    assert reverse("governance:checklist-item", args=[2026, "2-1"]) in html


def test_the_list_is_grouped_filtered_and_paged(operator_client: Client, signed_in: Callable[..., Client]) -> None:
    now = clock.now()
    for number in range(120):
        Notice.objects.create(
            kind=NoticeKind.FAILS, key=f"k{number}", urgency=number % 3, ref=f"gone.{number:03}", members="[]",
            facts='{"number": 1, "fails": true, "broken": false}', roles=",system_operator,", since=now,
            opened_at=now, worsened_at=now, subject="<b>サーバ</b>",
        )  # fmt: skip
    html = page(operator_client, "notices")
    assert html.count("<h2>") >= 2
    assert len(re.findall(r'<tr><th scope="row">', html)) == 50
    assert "<b>サーバ" not in html
    assert re.search(r'class="menu-count">120<', html)
    assert page(operator_client, "notices", query="?page=3").count('<tr><th scope="row">') == 20
    for query in ("?kind=rubbish", "?state=x", "?page=-1", "?whose=1"):
        assert "gone." in page(operator_client, "notices", query=query)
    assert words("No notice fits these conditions.") in page(operator_client, "notices", query="?kind=due")
    auditor = signed_in(Role.AUDITOR)
    assert "menu-count" not in page(auditor, "notices"), "nothing waits for an auditor"


def test_what_is_read_is_quiet_for_one_person_until_it_turns_worse(
    operator_client: Client, signed_in: Callable[..., Client], at_nine: clock.FixedClock
) -> None:
    other = signed_in(Role.SYSTEM_OPERATOR, login="other")
    run(CONTROL, {"a": Outcome.FAIL})
    look()
    notice = Notice.objects.get()
    answer = post(operator_client, "notices-read", notice=notice.pk, back="https://evil.example/")
    assert answer.headers["Location"] == reverse("governance:notices")
    assert "menu-count" not in page(operator_client, "notices")
    assert CONTROL in page(operator_client, "notices"), "read is not gone"
    assert "menu-count" in page(other, "notices")
    at_nine.moment += timedelta(minutes=1)
    run(CONTROL, {"a": Outcome.FAIL, "b": Outcome.FAIL})
    look()
    assert "menu-count" in page(operator_client, "notices")
    post(operator_client, "notices-read")
    assert "menu-count" not in page(operator_client, "notices")
    assert post(operator_client, "notices-read", notice="rubbish").status_code == 302
    assert operator_client.get(reverse("governance:notices-read")).status_code == 405


def test_a_notice_is_put_off_with_a_reason_until_it_turns_worse(
    operator_client: Client, later: Callable[[], Client], at_nine: clock.FixedClock
) -> None:
    run(CONTROL, {"a": Outcome.FAIL})
    look()
    notice = Notice.objects.get()
    assert operator_client.get(reverse("governance:notice-snooze", args=[notice.pk])).status_code == 200
    for until, reason in (("R8.11.21", "x"), ("R9.11.21", "x"), ("", "x"), ("R8.12.1", ""), ("R8.12.1", "\u202e")):
        answer = post(operator_client, "notice-snooze", notice.pk, version=1, until=until, reason=reason)
        assert answer.status_code == 422, (until, reason)
    assert field_error(answer.content.decode(), "reason")
    wanted = {"until": "R8.12.1", "reason": "業者の作業日を待つ"}
    assert post(operator_client, "notice-snooze", notice.pk, version=1, **wanted).status_code == 302
    event = Event.objects.get(action="notice.snooze")
    assert "業者の作業日を待つ" in event.entry
    assert reverse("governance:check", args=[CONTROL]) not in page(operator_client, "notices")
    assert "業者の作業日を待つ" in page(operator_client, "notices", query="?state=snoozed")
    stale = post(operator_client, "notice-snooze", notice.pk, version=1, **wanted)
    assert stale.headers["Location"] == reverse("governance:notice-snooze", args=[notice.pk])
    assert Event.objects.filter(action="notice.snooze").count() == 1
    pass_days(at_nine, 1)
    run(CONTROL, {"a": Outcome.FAIL, "b": Outcome.FAIL})
    look()
    client = later()
    assert CONTROL in page(client, "notices"), "what turned worse is back"
    post(client, "notice-snooze", notice.pk, version=2, **wanted)
    pass_days(at_nine, 9)
    assert CONTROL in page(later(), "notices"), "and so it is when the day has come"
    run(CONTROL, {"a": Outcome.PASS, "b": Outcome.PASS})
    look()
    assert later().get(reverse("governance:notice-snooze", args=[notice.pk])).status_code == 404


def test_both_languages_and_the_api_say_the_same(operator_client: Client) -> None:
    run(CONTROL, {"a": Outcome.FAIL})
    look()
    operator_client.cookies["sekisho_language"] = "en"
    html = page(operator_client, "notices")
    assert "is not passed" in html
    answer = operator_client.get("/api/v1/governance/notices")
    assert answer.status_code == 200, answer.content
    (row,) = answer.json()
    assert row["title"] in html
    assert (row["kind"], row["mine"], row["read"], row["number"]) == ("fails", True, False, 1)
    assert row["url"] == reverse("governance:check", args=[CONTROL])


def test_the_number_for_who_is_no_person_is_none_at_all(at_nine: clock.FixedClock) -> None:
    run(CONTROL, {"a": Outcome.FAIL})
    look()
    assert waiting_number(actor_with(Role.AUDITOR)) == 0
    assert waiting_number(OPERATOR) == 1


def test_looking_again_at_the_same_moment_changes_nothing(
    operator_client: Client, at_nine: clock.FixedClock, facility: str
) -> None:
    approved(ClaimKind.ATTESTATION, draft(ITEM, facility, days=3, edition_id=CURRENT))
    run(CONTROL, {"a": Outcome.FAIL})
    look()

    def rows() -> list[Any]:
        return list(Notice.objects.order_by("id").values())

    before = rows()
    look()
    assert rows() == before
