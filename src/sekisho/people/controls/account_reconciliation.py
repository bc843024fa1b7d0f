"""14⑧ per system: its accounts were read in time, and nothing found in them is unsettled.

A system whose accounts were never read, or not for longer than its period, is not known. What its export does not tell
(last use, administrator rights) is not taken for fine either. The platform's own accounts are looked at as they are.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.people.actions import IdReviewAction
from sekisho.people.models import AccountSnapshot
from sekisho.people.queries import id_review as queries
from sekisho.people.queries import today
from sekisho.people.rules.owners import Person
from sekisho.people.rules.reconciling import UNUSED_AFTER, Reconciliation

INTERVAL_DAYS = 31
MOST_NAMED = 20


def check() -> Iterator[Finding]:
    """Hold the newest list of each system against the ledger and the staff of today."""
    newest, people = queries.newest_snapshots(), queries.everybody()
    for system in queries.systems():
        facts: dict[str, Json] = {}
        outcome, message = _judged(system, newest.get(system.id), people, facts)
        yield Finding(system, outcome, message, clock.now(), facts)


def _judged(
    system: Subject, snapshot: AccountSnapshot | None, people: Sequence[Person], facts: dict[str, Json]
) -> tuple[Outcome, Text]:
    if system.facts["kind"] == queries.PLATFORM_KIND:
        return _outcome(system, queries.own_reconciliation(), facts)
    if snapshot is None:
        return Outcome.UNKNOWN, _("The accounts of this system have never been read in.")
    source = queries.source_of(snapshot.system_id)
    period = source.interval_days if source else INTERVAL_DAYS
    facts |= {"taken_on": snapshot.taken_on.isoformat(), "accounts": snapshot.accounts, "interval_days": period}
    if not timedelta(0) <= _age(snapshot.taken_on) <= timedelta(days=period):
        return Outcome.UNKNOWN, _("The list of accounts is older than %(days)s days.", days=period)
    return _outcome(system, queries.reconciled(queries.snapshot(snapshot.pk), people), facts)


def _age(taken_on: date) -> timedelta:
    return today() - taken_on


def _outcome(system: Subject, found: Reconciliation, facts: dict[str, Json]) -> tuple[Outcome, Text]:
    left = queries.still_open(found, queries.decided_to_keep(system.id))
    facts |= {"accounts": len(found.judged), "open": len(left.logins), "open_by_fault": dict(left.counts)}
    facts |= {"logins": list(left.logins[:MOST_NAMED]), "not_told": [fault.value for fault in found.blind]}
    if left.logins:
        return Outcome.FAIL, _("%(number)s accounts wait for a decision or for their removal.", number=len(left.logins))
    if not found.judged:
        return Outcome.UNKNOWN, _("There is no account to look at.")
    if found.blind:
        return Outcome.UNKNOWN, _("The system does not tell when its accounts were last used or what rights they have.")
    return Outcome.PASS, _("Every account of the system was held against the ledger and the staff, and none is open.")


control = Control(
    id="people.account_reconciliation",
    title=_("The accounts of each system agree with the ID ledger and the staff"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_(
        "Open “Accounts of the systems”, read in the newest list of the system, and decide about each account that was "
        "found: disable or remove it, or write why it stays."
    ),
    parameters={"unused_days": UNUSED_AFTER.days, "interval_days": INTERVAL_DAYS},
    facts_for=IdReviewAction.VIEW,
)
