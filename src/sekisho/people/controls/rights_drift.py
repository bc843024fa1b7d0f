"""14④ and 14.2 per system: the rights that its accounts have are those that were approved and granted here.

A list is held against what was granted on the day it was taken. A system whose list is missing, too old or says nothing
of rights is not known, unless what it does say differs already.
"""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.people.actions import IdReviewAction
from sekisho.people.controls.account_reconciliation import INTERVAL_DAYS, MOST_NAMED
from sekisho.people.models import AccountSnapshot
from sekisho.people.queries import access_requests, today
from sekisho.people.queries import id_review as queries
from sekisho.people.rules.access_requests import Drift, drift
from sekisho.people.rules.account_files import accounts_in

Said = tuple[Outcome, Text]


def check() -> Iterator[Finding]:
    """Hold the newest list of each system against what was granted for it."""
    newest = queries.newest_snapshots()
    for system in queries.systems():
        facts: dict[str, Json] = {}
        outcome, message = _judged(system, newest.get(system.id), facts)
        yield Finding(system, outcome, message, clock.now(), facts)


def _judged(system: Subject, snapshot: AccountSnapshot | None, facts: dict[str, Json]) -> Said:
    if system.facts["kind"] == queries.PLATFORM_KIND:
        return _of_platform(system, facts)
    if snapshot is None:
        return Outcome.UNKNOWN, _("The accounts of this system have never been read in.")
    source = queries.source_of(snapshot.system_id)
    period = source.interval_days if source else INTERVAL_DAYS
    facts |= {"taken_on": snapshot.taken_on.isoformat(), "accounts": snapshot.accounts, "interval_days": period}
    if not timedelta(0) <= today() - snapshot.taken_on <= timedelta(days=period):
        return Outcome.UNKNOWN, _("The list of accounts is older than %(days)s days.", days=period)
    if not snapshot.accounts:
        return Outcome.UNKNOWN, _("There is no account to look at.")
    found = drift(
        accounts_in(queries.snapshot(snapshot.pk).documents),
        access_requests.requests_for(system.id),
        names=access_requests.role_names(system.id),
        columns=snapshot.columns,
        day=snapshot.taken_on,
    )
    return _outcome(found, facts)


def _of_platform(system: Subject, facts: dict[str, Json]) -> Said:
    seen = [account for account, _owner in access_requests.own_accounts()]
    facts["accounts"] = len(seen)
    if not seen:
        return Outcome.UNKNOWN, _("There is no account to look at.")
    granted = access_requests.requests_for(system.id)
    return _outcome(drift(seen, granted, names=(), columns=("rights",), day=today()), facts)


def _outcome(found: Drift, facts: dict[str, Json]) -> Said:
    named = list(found.found.items())[:MOST_NAMED]
    facts |= {"differing": len(found.found), "rights_told": not found.blind}
    facts["logins"] = {login: [one.value for one in differs] for login, differs in named}
    if found.found:
        text = _("The rights of %(number)s accounts are not those that were granted.", number=len(found.found))
        return Outcome.FAIL, text
    if found.blind:
        return Outcome.UNKNOWN, _("The system does not tell, or not wholly, which rights its accounts have.")
    return Outcome.PASS, _("Every account has the rights that were granted, and no other.")


control = Control(
    id="people.rights_drift",
    title=_("The rights in each system are those that were granted"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_(
        "Compare each account that was named with “Requests for access”: take the right away in the system, or have it "
        "requested, approved and granted. Name each role exactly as the system's list writes it."
    ),
    parameters={"interval_days": INTERVAL_DAYS},
    facts_for=IdReviewAction.VIEW,
)
