"""The review as people use it: runs, items, decisions, the day behind an item, trials, report, control."""

import io
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pypdf
import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.models import System
from sekisho.estate.services import add_platform
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, ActorKind, platform
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.errors import Forbidden
from sekisho.kernel.search import fold
from sekisho.people.models import Owner, SystemAccount
from sekisho.register.actions import RegisterAction
from sekisho.register.controls.review_rules import SETTLED_WITHIN, URGENT_WITHIN, check
from sekisho.register.errors import OwnItem, ReviewFailed
from sekisho.register.log.review import press
from sekisho.register.models import Decided, Event, ReviewDecision, ReviewItem, ReviewRun, RunKind
from sekisho.register.queries.review import urgent_review_items
from sekisho.register.services import append, integrate
from sekisho.register.services import review as services
from sekisho.register.services.reference_tables import ListFile, examine_list, take_list
from sekisho.register.services.review import (
    NothingSaid,
    decide_item,
    facility_day,
    order_press,
    rebuild_rows,
    review_due,
    run_rules,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
READER = "00000000-0000-7000-8000-00000000000a"


@pytest.fixture(autouse=True)
def review_folder(settings: Any, tmp_path: Path) -> Path:
    settings.REVIEW_FOLDER = tmp_path / "review"
    return tmp_path / "review"


@pytest.fixture(autouse=True)
def press_in_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process for every order takes its time; the tests that name it have the real one."""
    if "real_process" in request.fixturenames:
        return

    def run(_command: list[str], *, input: bytes, **_options: Any) -> SimpleNamespace:  # noqa: A002  # its name
        out = io.StringIO()
        with monkeypatch.context() as here:
            here.setattr(sys, "stdin", io.StringIO(input.decode()))
            here.setattr(sys, "stdout", out)
            press.main()
        return SimpleNamespace(stdout=out.getvalue().encode())

    monkeypatch.setattr(
        services, "subprocess", SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired), raising=True
    )


@pytest.fixture
def real_process() -> None:
    """Ask for the real process."""


@pytest.fixture
def yesterday_s_burst(at_nine: clock.FixedClock) -> str:
    """Somebody opened forty records yesterday at noon; the rules have run this morning. Return the account."""
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    raise_burst(READER)
    return READER


def raise_burst(who: str) -> None:
    noon = clock.now() - timedelta(hours=21, minutes=30)
    actor = Actor(ActorKind.PERSON, who, "熱心 な人", frozenset({Role.STAFF}), assurance=2)
    with transaction.atomic():
        for number in range(40):
            append(
                actor=actor,
                action=RegisterAction.READ_PATIENT,
                patient=f"p{number}",
                occurred_at=noon + timedelta(seconds=number),
            )
    integrate()
    review_due(actor=platform("test"))


def burst() -> ReviewItem:
    return ReviewItem.objects.get(rule="burst_of_patients")


def finding() -> Finding:
    (one,) = check()
    return one


def url(item: ReviewItem) -> str:
    return reverse("register:review-item", args=[item.pk])


def test_a_burst_is_raised_looked_at_and_settled(
    real_process: None, yesterday_s_burst: str, signed_in: Callable[..., Client]
) -> None:
    client, item = signed_in(Role.SYSTEM_OPERATOR), burst()
    assert (item.actor_id, item.measured) == (READER, 40)
    page = client.get(reverse("register:review"), {"state": "open"}).content.decode()
    assert url(item) in page
    assert "Not known here" in page
    page = client.get(url(item)).content.decode()
    assert page.count("<tr>") > 40
    read = Event.objects.get(action=RegisterAction.READ_REVIEWED)
    assert '"p39"' in read.entry
    refused = client.post(url(item), {"decided": "explained", "comment": ""})
    assert refused.status_code == 422
    answer = client.post(url(item), {"decided": "explained", "comment": "健診の準備でした"})
    assert answer.status_code == 302
    assert "健診の準備でした" in client.get(url(item)).content.decode()
    assert url(item) not in client.get(reverse("register:review"), {"state": "open"}).content.decode()
    assert Event.objects.filter(action=RegisterAction.DECIDE_REVIEW).count() == 1


def test_nobody_decides_about_themselves(yesterday_s_burst: str) -> None:
    me = Actor(ActorKind.PERSON, READER, "熱心 な人", frozenset({Role.SYSTEM_OPERATOR}), assurance=2)
    with pytest.raises(OwnItem):
        decide_item(actor=me, item_id=burst().pk, decided=Decided.EXPLAINED, comment="なんでもない")
    assert not ReviewDecision.objects.exists()


def test_not_with_another_account_of_theirs_either(
    yesterday_s_burst: str, make_person: Callable[..., Any], signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.SYSTEM_OPERATOR)
    user: Any = client.user  # type: ignore[attr-defined]
    other = type(user).objects.create(staff=user.staff, login="second", password="!", created_at=clock.now())
    found = burst()
    item = ReviewItem.objects.create(
        key="k", run=found.run, rule=found.rule, day=found.day, actor_id=str(other.pk), urgent=False, measured=1,
        events=1, first_index=0, last_index=0, found_at=clock.now(),
    )  # fmt: skip
    answer = client.post(url(item), {"decided": "explained", "comment": "自分です"})
    assert answer.status_code == 409
    assert "raised about themselves" in answer.content.decode()


def test_a_login_of_another_system_has_a_name_and_is_nobody_else_s_to_judge(
    make_person: Callable[..., Any], signed_in: Callable[..., Client], at_nine: clock.FixedClock
) -> None:
    client = signed_in(Role.SYSTEM_OPERATOR)
    mine: Any = client.user.staff  # type: ignore[attr-defined]
    system_account("C003", owner=mine)
    raise_burst("C003")
    item = burst()
    assert item.actor_name == f"{mine.name} (C003)"
    answer = client.post(url(item), {"decided": "explained", "comment": "自分です"})
    assert (answer.status_code, "raised about themselves" in answer.content.decode()) == (409, True)


def test_a_login_of_two_people_names_neither(make_person: Callable[..., Any], at_nine: clock.FixedClock) -> None:
    for number, login in enumerate(("one", "two")):
        system_account("Ｓｈａｒｅｄ" if number else "shared", owner=make_person(login).staff)
    raise_burst("shared")
    assert burst().actor_name == "shared"


def system_account(login: str, owner: Any) -> None:
    now = clock.now()
    system = System.objects.create(name=f"電子カルテ {owner}", kind="chart", created_at=now, updated_at=now)
    SystemAccount.objects.create(
        number=SystemAccount.objects.count() + 1, system=system, login=login, login_key=fold(login),
        owner=Owner.objects.get(pk=owner.pk), created_at=now, updated_at=now, confirmed_at=now,
    )  # fmt: skip


def test_a_process_that_gives_no_answer_is_an_error(monkeypatch: pytest.MonkeyPatch, at_nine: clock.FixedClock) -> None:
    silent = SimpleNamespace(
        run=lambda *_a, **_k: SimpleNamespace(stdout=b""), TimeoutExpired=subprocess.TimeoutExpired
    )
    monkeypatch.setattr(services, "subprocess", silent)
    with pytest.raises(ReviewFailed):
        review_due(actor=platform("test"))


def test_who_may_not_decide_and_what_says_nothing(yesterday_s_burst: str, operator: Actor) -> None:
    auditor = Actor(ActorKind.PERSON, "x", "監査", frozenset({Role.AUDITOR}), assurance=2)
    with pytest.raises(Forbidden):
        decide_item(actor=auditor, item_id=burst().pk, decided=Decided.EXPLAINED, comment="見ました")
    with pytest.raises(NothingSaid):
        decide_item(actor=operator, item_id=burst().pk, decided=Decided.EXPLAINED, comment="  ")


def test_decisions_stay_and_the_last_counts(yesterday_s_burst: str, operator: Actor) -> None:
    item = burst()
    decide_item(actor=operator, item_id=item.pk, decided=Decided.TO_INVESTIGATE, comment="聞いてみます")
    decide_item(actor=operator, item_id=item.pk, decided=Decided.IMPROPER, comment="理由なし")
    assert item.decisions.count() == 2
    for rows in (ReviewDecision.objects, ReviewItem.objects, ReviewRun.objects):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.all().delete()


def test_the_same_thing_is_raised_once(yesterday_s_burst: str) -> None:
    count = ReviewItem.objects.count()
    review_due(actor=platform("test"))
    assert ReviewItem.objects.count() == count


def test_events_that_come_late_are_still_reviewed(yesterday_s_burst: str, operator: Actor) -> None:
    with transaction.atomic():
        for number in range(25):
            append(
                actor=operator,
                action=RegisterAction.READ_PATIENT,
                patient=f"q{number}",
                occurred_at=clock.now() - timedelta(days=3, hours=8, seconds=number),
            )
    integrate()
    order_press("build")  # and whoever built these rows was killed before it judged them
    daily, today = review_due(actor=platform("test"))
    assert (daily.kind, today.kind) == (RunKind.DAILY, RunKind.TODAY)
    assert ReviewItem.objects.filter(rule="out_of_hours", actor_id=operator.id).count() == 1
    assert [run.kind for run in review_due(actor=platform("test"))] == [RunKind.TODAY], "they are judged once"


def test_a_list_serves_the_rules_until_it_is_too_old(
    yesterday_s_burst: str, operator: Actor, at_nine: clock.FixedClock, signed_in: Callable[..., Client]
) -> None:
    day = facility_day()
    file = ListFile("watched.csv", "患者番号\np3\n".encode(), day, {"patient": "患者番号"})
    take_list(actor=operator, list_id=examine_list(actor=operator, table="watched_patients", file=file).pk)
    yesterday = {"first": day - timedelta(days=1), "last": day - timedelta(days=1)}
    run = run_rules(actor=platform("test"), kind=RunKind.DAILY, **yesterday)
    item = ReviewItem.objects.get(rule="watched_patient")
    assert (item.actor_id, item.patient, item.urgent) == (READER, "p3", True)
    assert (run.checked, run.sealed > 0) == (0, True), "what was compared this morning is not compared again"
    assert run.compared_since is not None
    at_nine.moment += timedelta(days=401)
    assert run_rules(actor=platform("test"), kind=RunKind.DAILY, **yesterday).checked == run.sealed
    page = signed_in(Role.AUDITOR).get(reverse("register:review")).content.decode()
    assert "Too old to be asked: the patients under special watch" in page
    assert f"Compared with the log in this run: {run.sealed} rows" in page


def test_altered_rows_are_judged_by_no_rule_and_said(
    yesterday_s_burst: str, at_nine: clock.FixedClock, review_folder: Path, signed_in: Callable[..., Client]
) -> None:
    at_nine.moment += timedelta(hours=1)
    max(review_folder.rglob("*.parquet")).write_bytes(b"nothing")
    (run,) = [one for one in review_due(actor=platform("test")) if one.fault]
    assert run.fault == "register.rows_altered"
    assert "judged nothing" in signed_in(Role.AUDITOR).get(reverse("register:review")).content.decode()
    assert finding().outcome is Outcome.FAIL
    at_nine.moment += timedelta(hours=1)
    assert rebuild_rows(actor=platform("test")) > 0
    assert not any(one.fault for one in review_due(actor=platform("test")))


def test_the_page_of_an_item_says_when_its_events_cannot_be_trusted(
    yesterday_s_burst: str, review_folder: Path, signed_in: Callable[..., Client]
) -> None:
    min(review_folder.rglob("*.parquet")).write_bytes(b"nothing")
    answer = signed_in(Role.AUDITOR).get(url(burst()))
    assert answer.status_code == 200
    assert "The events cannot be shown" in answer.content.decode()


def test_other_thresholds_are_tried_and_nothing_is_kept(
    yesterday_s_burst: str, signed_in: Callable[..., Client]
) -> None:
    client, count = signed_in(Role.PLANNING_MANAGER), ReviewItem.objects.count()
    address = f"{reverse('register:review-try')}?rule=burst_of_patients"
    assert client.get(address).status_code == 200
    period = {"since": "2026-11-19", "until": "2026-11-20"}
    assert "1 items" in client.post(address, {**period, "p_patients": "39"}).content.decode()
    assert "raised nothing" in client.post(address, {**period, "p_patients": "40"}).content.decode()
    assert client.post(address, {**period, "p_patients": "0"}).status_code == 422
    long = {"since": "2024-11-19", "until": "2026-11-20", "p_patients": "39"}
    assert client.post(address, long).status_code == 422
    assert ReviewItem.objects.count() == count
    assert Event.objects.filter(action=RegisterAction.TRY_RULE).count() == 2


def test_the_report_of_the_month(
    yesterday_s_burst: str, operator: Actor, signed_in: Callable[..., Client], tmp_path: Path
) -> None:
    decide_item(actor=operator, item_id=burst().pk, decided=Decided.IMPROPER, comment="理由なし")
    answer = signed_in(Role.AUDITOR).get(reverse("register:review-report", args=[2026, 11]))
    (tmp_path / "report.pdf").write_bytes(answer.content)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "report.pdf").pages)
    assert "100%" in text
    assert "理由なし" in text
    assert "rosters" in text or "family names" in text


def test_the_control_passes_while_everything_is_settled_in_time(yesterday_s_burst: str) -> None:
    found = finding()
    assert found.outcome is Outcome.PASS, found
    missing: Any = found.facts["missing"]
    assert missing["watched_patient"] == ["watched_patients"]


def test_without_a_run_nothing_can_be_said(at_nine: clock.FixedClock) -> None:
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    assert finding().outcome is Outcome.UNKNOWN


@pytest.mark.failing_fixture("register.review_rules")
def test_the_control_fails_when_nobody_decides(
    yesterday_s_burst: str, at_nine: clock.FixedClock, operator: Actor
) -> None:
    at_nine.moment += SETTLED_WITHIN + timedelta(minutes=1)
    review_due(actor=platform("test"))
    assert finding().outcome is Outcome.FAIL
    for item in ReviewItem.objects.all():
        decide_item(actor=operator, item_id=item.pk, decided=Decided.EXPLAINED, comment="健診の準備")
    assert finding().outcome is Outcome.PASS, finding()


@pytest.mark.failing_fixture("register.review_rules")
def test_the_control_fails_when_the_rules_stop(yesterday_s_burst: str, at_nine: clock.FixedClock) -> None:
    at_nine.moment += timedelta(days=1, minutes=1)
    assert finding().outcome is Outcome.FAIL


def test_urgent_items_are_offered_to_notices(yesterday_s_burst: str, operator: Actor) -> None:
    run = ReviewRun.objects.filter(kind=RunKind.DAILY).latest("ended_at")
    item = ReviewItem.objects.create(
        key="u", run=run, rule="emergency_use", day=run.last_day, urgent=True, measured=1, events=1, first_index=0,
        last_index=0, found_at=clock.now() - URGENT_WITHIN - timedelta(minutes=1),
    )  # fmt: skip
    assert [one.pk for one in urgent_review_items()] == [item.pk]
    assert finding().outcome is Outcome.FAIL
    decide_item(actor=operator, item_id=item.pk, decided=Decided.TO_INVESTIGATE, comment="調べています")
    assert not urgent_review_items()
