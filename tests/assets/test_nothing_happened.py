"""A ledger that may be empty: a named person states that there was nothing to enter, and an entry says otherwise."""

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pypdf
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sekisho.assets.ledgers import DEVICES, PATIENT_LOANS, PRIVATE_DEVICES, SCANS
from sekisho.governance.queries.editions import edition, mapping
from sekisho.governance.queries.world import World, measured
from sekisho.governance.rules.assessment import WHOLE_FACILITY, Covered, assess_leaf
from sekisho.governance.rules.catalogue import Requirement
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.rules.verdicts import ProofState, Verdict
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Forbidden, NotFound
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.ledgers.errors import CasesThere, ContentTooLong, PeriodInvalid
from sekisho.ledgers.models import NoCase
from sekisho.ledgers.queries.no_cases import offered_period, statement
from sekisho.ledgers.rules.no_cases import fault_of, usual_period
from sekisho.ledgers.services.books import add_entry, strike_entry
from sekisho.ledgers.services.no_cases import state_no_case
from sekisho.register.models import Event
from tests.assets.covering import covered
from tests.conftest import actor_with

EDITION = "mhlw-7.0-draft"
LOANS, NAME = "/assets/patient_loans/", "assets.patient_loans"
FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)
LOAN = {"patient": "0012345", "kind": "wearable", "product": "心電計 A1", "lent_on": date(2026, 10, 2)}
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(first=days, last=days, today=days)
def test_only_a_year_that_holds_today_can_be_stated(first: date, last: date, today: date) -> None:
    allowed = first <= today <= last and (last - first).days < 366
    assert (fault_of(first, last, today) is None) == allowed


@given(today=days, last_case=st.none() | days)
def test_what_the_form_offers_can_be_stated(today: date, last_case: date | None) -> None:
    first, last = usual_period(today, last_case)
    assert fault_of(first, last, today) is None


@pytest.mark.django_db
def test_it_is_stated_on_the_page_of_the_empty_ledger(
    signed_in: Callable[..., Client], at_nine: clock.FixedClock
) -> None:
    keeper, auditor = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.AUDITOR)
    assert f"{LOANS}no-case/" in keeper.get(LOANS).content.decode()
    assert f"{LOANS}no-case/" not in auditor.get(LOANS).content.decode()
    page = keeper.get(f"{LOANS}no-case/").content.decode()
    assert "2026/04/01" in page
    assert "2027/03/31" in page
    values = {"first_day": "R8.4.1", "last_day": "令和9年3月31日", "comment": "全部署に確認"}
    assert keeper.post(f"{LOANS}no-case/", {**values, "last_day": "R8.11.1"}).status_code == 422
    assert keeper.post(f"{LOANS}no-case/", {**values, "first_day": "4月"}).status_code == 422
    assert not NoCase.objects.exists()
    assert auditor.post(f"{LOANS}no-case/", values).status_code == 403
    assert keeper.post(f"{LOANS}no-case/", values).headers["Location"] == LOANS
    said = NoCase.objects.get()
    assert (said.first_day, said.last_day, said.comment) == (FIRST, LAST, "全部署に確認")
    event = Event.objects.get(action="ledger.state_no_case")
    assert (event.subject_id, json.loads(event.entry)["reason"]) == (NAME, "全部署に確認")
    shown = auditor.get(LOANS).content.decode()
    assert "全部署に確認" in shown
    assert said.stated_by_name in shown
    assert f"{LOANS}no-case/" not in keeper.get(LOANS).content.decode(), "it is said already"
    paper = pypdf.PdfReader(io.BytesIO(auditor.get(f"{LOANS}export.pdf").content))
    assert said.stated_by_name in paper.pages[0].extract_text(), "the printed ledger says it too"
    add_entry(actor=actor_with(Role.SYSTEM_OPERATOR), ledger=PATIENT_LOANS, values=LOAN)
    assert "全部署に確認" not in keeper.get(LOANS).content.decode(), "an entry says otherwise"
    again = keeper.post(f"{LOANS}no-case/", values)
    assert again.status_code == 409
    assert "PL-00001" in again.content.decode()
    assert keeper.get("/assets/devices/no-case/").status_code == 404


@pytest.mark.django_db
def test_it_holds_to_its_last_day_and_until_an_entry_says_otherwise(operator: Actor, at_nine: clock.FixedClock) -> None:
    assert covered(NAME) == (0, 0)
    state_no_case(actor=operator, ledger=PATIENT_LOANS, first_day=FIRST, last_day=LAST)
    assert measured(NAME) == {(NAME, WHOLE_FACILITY): Covered(1, 1, at_nine.moment)}
    entry = add_entry(actor=operator, ledger=PATIENT_LOANS, values=LOAN)
    assert covered(NAME) == (0, 1)
    strike_entry(actor=operator, ledger=PATIENT_LOANS, entry_id=entry.pk, version=1, reason="誤登録")
    assert covered(NAME) == (1, 1), "what was struck out never happened"
    at_nine.moment = datetime(2027, 3, 31, 14, 59, tzinfo=UTC)
    assert covered(NAME) == (1, 1)
    at_nine.moment += timedelta(minutes=1)
    assert covered(NAME) == (0, 0), "from the first of April, in Tokyo, it says nothing any more"


@pytest.mark.django_db
def test_the_verdict_follows_it_and_it_grows_old_like_every_proof(operator: Actor, at_nine: clock.FixedClock) -> None:
    facility = Subject(SubjectKind.FACILITY, "00000000-0000-7000-8000-00000000000f", "試験診療所")

    def judged(name: str) -> tuple[Verdict, ProofState]:
        leaf, mapped = edition(EDITION).by_id[name], mapping(EDITION).leaves[name]
        assert isinstance(leaf, Requirement)
        (found,) = assess_leaf(leaf, mapped, [facility], World(EDITION).facts({name}), clock.now()).judgements
        return found.verdict, next(one.state for one in found.proofs if one.proof.kind is ProofKind.LEDGER)

    assert judged("SO-7-8") == (Verdict.NOT_ASSESSED, ProofState.ABSENT)
    for ledger in (PATIENT_LOANS, SCANS):
        state_no_case(actor=operator, ledger=ledger, first_day=FIRST, last_day=LAST)
    assert judged("SO-7-8") == (Verdict.CONFORMING, ProofState.HOLDS)
    assert judged("SO-16-1") == (Verdict.PARTIAL, ProofState.HOLDS), "the procedure is missing still"
    at_nine.moment += timedelta(days=91)
    assert judged("SO-7-8")[1] == ProofState.HOLDS
    assert judged("SO-16-1")[1] == ProofState.STALE, "scans are looked at every quarter"
    at_nine.moment = datetime(2027, 4, 1, tzinfo=UTC)
    assert judged("SO-7-8") == (Verdict.NOT_ASSESSED, ProofState.ABSENT)


@pytest.mark.django_db
def test_after_a_case_only_the_days_behind_it_can_be_stated(operator: Actor, at_nine: clock.FixedClock) -> None:
    add_entry(actor=operator, ledger=PATIENT_LOANS, values=LOAN)
    with pytest.raises(CasesThere):
        state_no_case(actor=operator, ledger=PATIENT_LOANS, first_day=FIRST, last_day=LAST)
    first, last = offered_period(PATIENT_LOANS)
    assert first == date(2026, 10, 3)
    state_no_case(actor=operator, ledger=PATIENT_LOANS, first_day=first, last_day=last)
    assert covered(NAME) == (0, 1), "the loan still lacks what it lacks"


@pytest.mark.django_db
def test_where_entries_are_things_and_not_events_any_of_them_says_otherwise(
    operator: Actor, at_nine: clock.FixedClock
) -> None:
    state_no_case(actor=operator, ledger=PRIVATE_DEVICES, first_day=FIRST, last_day=LAST)
    assert covered("assets.private_devices") == (1, 1)
    phone = {"person": "看護 一郎", "kind": "smartphone", "product": "試験電話", "purpose": "当直の呼出し"}
    add_entry(actor=operator, ledger=PRIVATE_DEVICES, values=phone)
    assert covered("assets.private_devices") == (0, 1)
    assert statement(PRIVATE_DEVICES) is None


@pytest.mark.django_db
def test_what_nobody_may_state_is_refused(operator: Actor, at_nine: clock.FixedClock) -> None:
    period: dict[str, Any] = {"first_day": FIRST, "last_day": LAST}
    with pytest.raises(NotFound):
        state_no_case(actor=operator, ledger=DEVICES, **period)
    with pytest.raises(Forbidden):
        state_no_case(actor=actor_with(Role.AUDITOR), ledger=PATIENT_LOANS, **period)
    with pytest.raises(ContentTooLong):
        state_no_case(actor=operator, ledger=PATIENT_LOANS, **period, comment="字" * 501)
    for wrong in ({"last_day": date(2026, 11, 20)}, {"first_day": date(2026, 11, 22)}, {"last_day": date(2027, 4, 2)}):
        with pytest.raises(PeriodInvalid):
            state_no_case(actor=operator, ledger=PATIENT_LOANS, **{**period, **wrong})


@pytest.mark.django_db
def test_a_statement_is_written_once(operator: Actor, at_nine: clock.FixedClock) -> None:
    state_no_case(actor=operator, ledger=PATIENT_LOANS, first_day=FIRST, last_day=LAST)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledgers_nocase SET last_day = '2099-03-31'")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledgers_nocase")
    assert NoCase.objects.get().last_day == LAST
