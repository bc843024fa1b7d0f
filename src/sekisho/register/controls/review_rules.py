"""17①: the register is looked through by rules every day, and what they raise is settled in time by somebody.

Judged per system: its own items and those that name no system count for the platform, whose log it is. A system of
which no event came in cannot be told anything of.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sekisho.kernel import clock, registry
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.text import Text, _
from sekisho.register.actions import RegisterAction
from sekisho.register.models import ReviewItem, RunKind
from sekisho.register.queries.review import last_run, newest_run, overdue_items, results_of, systems_seen

SETTLED_WITHIN = timedelta(days=14)
URGENT_WITHIN = timedelta(days=2)
RAN_WITHIN = timedelta(days=1)
SEEN_WITHIN = timedelta(days=31)


def check() -> Iterator[Finding]:
    """Look at the runs of the rules and at what nobody has settled."""
    now = clock.now()
    facts: dict[str, Json] = {}
    fault = _runs_judged(now, facts)
    overdue = [item for item in overdue_items(now - URGENT_WITHIN) if item.found_at < now - _allowed(item)]
    seen = systems_seen((now - SEEN_WITHIN).date())
    for system in _systems():
        is_platform = system.facts.get("kind") == "platform"
        mine = [item for item in overdue if item.system == system.id or (is_platform and not item.system)]
        outcome, words = fault or _judged(mine, is_known=is_platform or system.id in seen)
        yield Finding(system, outcome, words, now, {**facts, "overdue": [str(item.pk) for item in mine[:50]]})


def _allowed(item: ReviewItem) -> timedelta:
    return URGENT_WITHIN if item.urgent else SETTLED_WITHIN


def _systems() -> list[Subject]:
    providers = registry.current().offers(SubjectProvider)  # type: ignore[type-abstract]  # asked for by its protocol
    return [
        one for port in providers if SubjectKind.SYSTEM in port.kinds() for one in port.subjects(SubjectKind.SYSTEM)
    ]


def _runs_judged(now: datetime, facts: dict[str, Json]) -> tuple[Outcome, Text] | None:
    """Return what keeps every system from passing, None where the rules ran as they should."""
    newest, judged = newest_run(), last_run(RunKind.DAILY)
    if newest is None:
        return Outcome.UNKNOWN, _("The rules of the review have not run yet.")
    facts["last_run"] = newest.ended_at.isoformat()
    if newest.fault:
        facts["fault"] = newest.fault
        return Outcome.FAIL, _("The last run of the review judged nothing, because rows or log are not as they were.")
    if judged is None or now - newest.ended_at > RAN_WITHIN:
        return Outcome.FAIL, _("The rules of the review did not run within the last day.")
    results = results_of(judged)
    facts["missing"] = {rule: one["missing"] for rule, one in results.items() if one["missing"]}
    failed: list[Json] = [rule for rule, one in results.items() if one["state"] == "failed"]
    facts["failed"] = failed
    if failed:
        return Outcome.FAIL, _("Rules of the review failed: %(count)s.", count=len(failed))
    return None


def _judged(overdue: Sequence[ReviewItem], *, is_known: bool) -> tuple[Outcome, Text]:
    if overdue:
        return Outcome.FAIL, _("Items of the review wait for a decision for too long: %(count)s.", count=len(overdue))
    if not is_known:
        return Outcome.UNKNOWN, _("No event of this system came into the register, so there was nothing to review.")
    return Outcome.PASS, _("The rules ran, and nothing that they raised waits for too long.")


control = Control(
    id="register.review_rules",
    title=_("The rules of the review run, and what they raise is settled in time"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(hours=6),
    severity=Severity.MEDIUM,
    remedy=_(
        "Open the review of the register, look at what waits longest, and write down what you found out. Where the "
        "rules did not run, see whether Sekisho is up, and build the rows of the review anew."
    ),
    parameters={
        "settled_within_days": SETTLED_WITHIN.days,
        "urgent_within_days": URGENT_WITHIN.days,
        "ran_within_days": RAN_WITHIN.days,
    },
    facts_for=RegisterAction.SEE_REVIEW,
)
