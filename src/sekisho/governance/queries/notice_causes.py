"""Everything that somebody should know of now, read from where it stands: the causes of notices."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sekisho.assets.queries.stocktaking import overdue_stocktakes
from sekisho.assets.queries.take_out import overdue_take_outs
from sekisho.governance.models import ChecklistAnswer, EvidenceFinding, RunState, StoredVerdict, VerdictChange
from sekisho.governance.queries.checklist_proposals import promises
from sekisho.governance.queries.checklists import ChecklistForm, checklist_form, vendor_forms
from sekisho.governance.queries.checks import control_states
from sekisho.governance.queries.claims import current_claims
from sekisho.governance.queries.conformance import conformity
from sekisho.governance.queries.editions import CURRENT, edition
from sekisho.governance.queries.exceptions import exceptions
from sekisho.governance.queries.work import due_items
from sekisho.governance.queries.world import all_subjects
from sekisho.governance.rules.assessment import WHOLE_FACILITY, Claim
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.notice_causes import (
    CheckSeen,
    EmergencyUsed,
    Ending,
    Raised,
    Target,
    Turn,
    Waiting,
    due,
    emergencies,
    ending,
    failing,
    needing_care,
    raised,
    still_fallen,
    targets,
    waiting,
    worsened,
)
from sekisho.governance.rules.notice_things import made_lately, not_back, not_closed
from sekisho.governance.rules.notices import Cause, NoticeKind
from sekisho.governance.rules.platform_causes import troubled
from sekisho.governance.rules.standstill_causes import standing_still
from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.dates import FACILITY_ZONE, fiscal_year
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.ports import PlatformTroubles, SubjectKind
from sekisho.ledgers.queries import Waited, approved, open_applications, waiting_parts
from sekisho.ledgers.rules import State
from sekisho.network.queries.availability.findings import alarms
from sekisho.network.queries.availability.weeks import new_report
from sekisho.network.queries.registration import registrations
from sekisho.people.queries.emergency import used_seals
from sekisho.people.queries.service_clients import programs_in_need
from sekisho.register.queries.review import urgent_review_items

# How long a verdict that turned worse is news; afterwards the page of the item goes on showing it.
_NEWS = timedelta(days=180)
_MOST_RAISED = 500
_BAD = (Outcome.FAIL.value, Outcome.ERROR.value)
_MANAGERS = frozenset({Role.PLANNING_MANAGER, Role.SAFETY_MANAGER})


# What is looked at each minute, because people hear of it at once.
PROMPT_KINDS = frozenset({NoticeKind.STANDSTILL, NoticeKind.EMERGENCY, NoticeKind.PLATFORM})


def prompt_causes(now: datetime) -> list[Cause]:
    """Return every cause of the prompt kinds that there is at ``now``; quick, and without any network."""
    today = now.astimezone(FACILITY_ZONE).date()
    watching = registry.current().offers(PlatformTroubles)  # type: ignore[type-abstract]  # asked for by its protocol
    return [
        *emergencies(_emergencies(), today),
        *standing_still(alarms(now)),
        *troubled((found for one in watching for found in one.troubles(now)), today),
    ]


def present_causes(now: datetime) -> list[Cause]:
    """Return every other cause there is at ``now``."""
    today = now.astimezone(FACILITY_ZONE).date()
    ends = [*_claims(), *_exceptions(), *_tls_exceptions(now)]
    return [
        *failing(_checks()),
        *worsened(still_fallen(_turns(now - _NEWS)), _roles()),
        *ending(ends, today),
        *due(due_items(today), today, now),
        *waiting(_applications(now)),
        *targets(list(_targets(today)), today),
        *raised([Raised(str(item.pk), item.found_at) for item in urgent_review_items(_MOST_RAISED)]),
        *not_back(overdue_take_outs(today)),
        *not_closed(overdue_stocktakes(today)),
        *needing_care(programs_in_need(), today),
        *made_lately(new_report(now), now),
    ]


def _roles() -> dict[str, Role]:
    return {leaf.id: leaf.role for leaf in edition(CURRENT).leaves}


def _checks() -> Iterator[CheckSeen]:
    states = [state for state in control_states() if state.newest is not None]
    runs = [state.newest.pk for state in states if state.newest]
    found: dict[object, list[tuple[str, str, str]]] = defaultdict(list)
    rows = EvidenceFinding.objects.filter(run__in=runs, outcome__in=_BAD).order_by("run", "place")
    for run, subject, label, outcome in rows.values_list("run", "subject_id", "subject_label", "outcome"):
        found[run].append((subject, label, outcome))
    for state in states:
        run = state.newest
        if run is None:
            continue
        bad = found.get(run.pk, [])
        outcomes: dict[str, Outcome] = {}
        for subject, _label, outcome in bad:
            if outcomes.get(subject) is not Outcome.FAIL:  # of two about one subject the failure counts
                outcomes[subject] = Outcome(outcome)
        yield CheckSeen(
            control=state.control.id,
            severity=state.control.severity,
            broken=run.state in {RunState.CRASHED, RunState.TIMED_OUT},
            at=run.ended_at,
            outcomes=outcomes,
            labels={subject: label for subject, label, _outcome in bad},
        )


def _turns(since: datetime) -> Iterator[Turn]:
    rows = VerdictChange.objects.filter(edition=CURRENT, changed_at__gte=since).exclude(before="")
    wanted = ("requirement", "subject_id", "subject_label", "before", "after", "changed_at")
    for requirement, subject, label, before, after, at in rows.order_by("changed_at", "id").values_list(*wanted):
        yield Turn(requirement, subject, label, Verdict(before), Verdict(after) if after else None, at)


def _claims() -> Iterator[Ending]:
    """Yield the claims that something rests on: those of subjects that are gone, or renewed meanwhile, are none."""
    present = {WHOLE_FACILITY, *(subject.id for rows in all_subjects().values() for subject in rows)}
    facts, roles = current_claims(CURRENT), _roles()
    used: dict[str, tuple[Claim, set[str]]] = {}
    tables: list[tuple[str, str, Claim]] = [
        *((requirement, subject, claim) for (_paper, requirement, subject), claim in facts.documents.items()),
        *((*place, claim) for table in (facts.attestations, facts.not_applicable) for place, claim in table.items()),
    ]
    for requirement, subject, claim in tables:
        if subject in present and requirement in roles:
            used.setdefault(claim.ref, (claim, set()))[1].add(requirement)
    labels = {one.application_id: (one.subject_label, one.workflow) for one in approved(*ClaimKind)}
    for ref, (claim, requirements) in used.items():
        label, workflow = labels.get(ref, ("", ""))
        first = min(requirements)
        yield Ending(
            kind=NoticeKind.ENDS,
            key=ref,
            ref=first,
            label=label,
            until=claim.until.astimezone(FACILITY_ZONE).date(),
            since=claim.since,
            roles=frozenset(roles[name] for name in requirements),
            facts={"number": len(requirements), "workflow": workflow},
        )


def _exceptions() -> Iterator[Ending]:
    """Yield the approved exceptions that still excuse something; one that was renewed is spoken of by its successor."""
    roles, lacking = _roles(), _lacking()
    newest: dict[tuple[str, str], str] = {}
    known = exceptions(CURRENT)  # by the day they end, so that the last one of a place holds longest
    for one in known:
        newest |= dict.fromkeys(one.places, one.ref)
    for one in known:
        mine = [place for place in one.places if newest[place] == one.ref]
        # What was entered about no registered subject is of use until somebody closes it.
        used = sorted(place[0] for place in mine if place in lacking or place[1] == one.ref)
        if used:
            yield Ending(
                kind=NoticeKind.EXCEPTION_ENDS,
                key=one.ref,
                ref=used[0],
                label="、".join(subject.label for subject in one.subjects)[:300],
                until=one.valid_until,
                since=one.approved_at,
                roles=frozenset(roles[name] for name in used if name in roles) or _MANAGERS,
                facts={"number": len(set(used))},
            )


def _lacking() -> set[tuple[str, str]]:
    """Return what does not conform, by requirement and subject: only there an exception is of use."""
    good = (Verdict.CONFORMING.value, Verdict.NOT_APPLICABLE.value)
    rows = StoredVerdict.objects.filter(edition=CURRENT).exclude(verdict__in=good)
    return set(rows.values_list("requirement", "subject_id"))


def _tls_exceptions(now: datetime) -> Iterator[Ending]:
    known = registrations()
    for subject in all_subjects()[SubjectKind.ENDPOINT]:
        found = known.get(subject.id)
        if found and found.allowed_by and found.tls12_until:
            yield Ending(
                kind=NoticeKind.EXCEPTION_ENDS,
                key=f"{subject.id}/tls12",
                ref=subject.id,
                label=subject.label,
                until=found.tls12_until,
                since=found.changed_at or now,
                roles=_MANAGERS,
                facts={"tls12": 1},
            )


def _applications(now: datetime) -> Iterator[Waiting]:
    for row in open_applications():
        workflow = registry.current().workflow(row.workflow)
        if workflow is None:
            continue
        back = row.state == State.SENT_BACK
        yield Waiting(
            id=str(row.pk),
            workflow=row.workflow,
            label=row.subject_label or row.title,
            version=row.version,
            since=row.changed_at,
            waited_days=(now - row.changed_at).days,
            roles=frozenset() if back else _deciders(row) or workflow.approvers,
            person=row.applicant_id if back else "",
            person_name=row.applicant_name if back else "",
            stage=row.stage,
            until=row.decide_by.astimezone(FACILITY_ZONE).date() if row.decide_by else None,
            late=row.decide_by is not None and row.decide_by < now,
        )


def _deciders(application: Waited) -> frozenset[Role]:
    """Return the roles whose turn it is."""
    return frozenset(role for part in waiting_parts(application) for role in part.roles)


def _targets(today: date) -> Iterator[Target]:
    for form in _promising_forms(fiscal_year(today)):
        vendor = form.vendor
        for one in promises(form):
            yield Target(
                item=one.item.id,
                title={name: one.item.words(name, for_vendor=vendor is not None) for name in ("ja", "en")},
                year=one.form.year,
                vendor=vendor.id if vendor else "",
                vendor_name=vendor.name if vendor else "",
                until=one.answer.target_on or today,
                since=one.answer.answered_at,
                person=one.answer.answered_by,
                person_name=one.answer.answered_by_name,
            )


def _promising_forms(year: int) -> Iterator[ChecklistForm]:
    """Yield the forms of the year in which, or in those of the year before, a target day was ever given."""
    rows = ChecklistAnswer.objects.filter(fiscal_year__in=(year, year - 1)).exclude(target_on=None)
    given = set(rows.values_list("vendor", flat=True))
    wanted = [vendor for vendor in (None, *vendor_forms()) if (vendor.id if vendor else "") in given]
    state = conformity(CURRENT) if wanted else None
    for vendor in wanted:
        yield checklist_form(year, vendor, state)


def _emergencies() -> Iterator[EmergencyUsed]:
    for one in used_seals():
        yield EmergencyUsed(one.id, one.number, one.in_use, one.since, one.review_until, one.uses)
