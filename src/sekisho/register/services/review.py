"""The review of the register: building its rows, running its rules, and what people decide about what they raise.

The rules run in a process of their own (:mod:`sekisho.register.log.review.press`), outside any transaction.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import in_facility
from sekisho.kernel.errors import InvalidInput, SekishoError
from sekisho.kernel.ports import Directory, Person
from sekisho.kernel.text import _
from sekisho.kernel.wording import require_visible
from sekisho.register import errors
from sekisho.register.actions import RegisterAction
from sekisho.register.log.review.rulebook import load
from sekisho.register.models import Decided, ReviewDecision, ReviewItem, ReviewRun, RunKind
from sekisho.register.queries.reference import old_lists, rows_for_rules
from sekisho.register.queries.review import last_run, review_item
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services.outbox import append

EPOCH = date(1970, 1, 1)
LONGEST = timedelta(minutes=25)
FARTHEST_BACK = timedelta(days=31)  # of a first run; later ones go back as far as entries came late
LONGEST_COMMENT = 2000
_PRESS = [sys.executable, "-P", "-m", "sekisho.register.log.review.press"]
_FAULTS: Mapping[str, type[SekishoError]] = {
    found.__name__: found
    for found in vars(errors).values()
    if isinstance(found, type) and issubclass(found, SekishoError)
}


class NothingSaid(InvalidInput):
    """A decision without a comment says nothing to whoever reads it later."""

    code = "register.nothing_said"
    message = _("Write what you found out.")


@dataclass(frozen=True, slots=True)
class Reading:
    """What an item is about: how many events that day has, and those on this page as stored in the log."""

    count: int
    entries: tuple[tuple[int, dict[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have raised: its answer, per day and whole."""

    state: str
    count: int
    missing: tuple[str, ...]
    hits: tuple[tuple[Any, ...], ...]
    checked: int


def order_press(task: str, **more: Any) -> dict[str, Any]:
    """Let the process do ``task``. Raises ReviewFailed, RowsAltered, LogFault, RulebookInvalid."""
    order = {
        "task": task,
        "register": str(settings.REGISTER_FOLDER),
        "review": str(settings.REVIEW_FOLDER),
        "public": settings.REGISTER_PUBLIC_KEY.hex(),
        "now": int(clock.now().timestamp()),
        "seal": hashlib.sha256(b"sekisho review rows\0" + settings.SEAL_KEY).hexdigest(),
        **more,
    }
    try:
        done = subprocess.run(  # our own module
            _PRESS, input=json.dumps(order).encode(), capture_output=True, check=False, timeout=LONGEST.seconds, env={}
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise errors.ReviewFailed from error
    if "error" in answer:
        raise _FAULTS.get(answer["error"], errors.ReviewFailed)(**answer["params"])
    return answer


def rebuild_rows(*, actor: Actor) -> int:
    """Throw the rows of the review away and build them anew from the log; return how many entries they cover."""
    actor.require(RegisterAction.REBUILD_REVIEW)
    size = int(order_press("build", anew=True)["size"])
    _note(actor, RegisterAction.REBUILD_REVIEW, {"size": size})
    return size


def review_due(*, actor: Actor) -> list[ReviewRun]:
    """Run the rules over the days that are over and not judged yet, or got entries since, and over today so far.

    Rows that were altered, or a log that is damaged, end in a run that says so and judged nothing.
    """
    actor.require(RegisterAction.RUN_REVIEW)
    today = facility_day()
    before = last_run(RunKind.DAILY)
    try:
        # Not what this build made: a run that was cut off after its build would leave those days unjudged for good.
        fresh = order_press("build", since=before.size if before else 0)["days"]
    except (errors.RowsAltered, errors.LogFault) as fault:
        return [_store_fault(actor, RunKind.TODAY, today, today, fault)]
    runs = []
    begin = before.last_day + timedelta(days=1) if before else today - FARTHEST_BACK
    begin = min([begin, *(EPOCH + timedelta(days=day) for day in fresh)])
    if begin < today:
        runs.append(run_rules(actor=actor, kind=RunKind.DAILY, first=begin, last=today - timedelta(days=1)))
    return [*runs, run_rules(actor=actor, kind=RunKind.TODAY, first=today, last=today)]


def run_rules(*, actor: Actor, kind: RunKind, first: date, last: date) -> ReviewRun:
    """Run every rule over the days from ``first`` to ``last`` and keep what they raise."""
    actor.require(RegisterAction.RUN_REVIEW)
    started = clock.now()
    try:
        answer = order_press(
            "run", tables=rows_for_rules(facility_day()), **_period(first, last, is_over=kind == RunKind.DAILY)
        )
    except (errors.RowsAltered, errors.LogFault) as fault:
        return _store_fault(actor, kind, first, last, fault)
    return _store_run(
        actor,
        ReviewRun(
            kind=kind,
            first_day=first,
            last_day=last,
            started_at=started,
            ended_at=clock.now(),
            size=answer["size"],
            rows=answer["rows"],
            checked=answer["checked"],
            sealed=answer["sealed"],
            compared_since=_moment(answer["compared_since"]),
            results=json.dumps(
                {
                    "rules": [{**one, "hits": None} for one in answer["results"]],
                    "systems": answer["systems"],
                    "old": old_lists(facility_day()),
                }
            ),
        ),
        {one["rule"]: one["hits"] for one in answer["results"]},
    )


def facility_day() -> date:
    """Return the present day at the facility."""
    return in_facility(clock.now()).date()


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)


def _period(first: date, last: date, *, is_over: bool) -> dict[str, Any]:
    return {"first": (first - EPOCH).days, "last": (last - EPOCH).days, "is_over": is_over}


def _store_fault(actor: Actor, kind: RunKind, first: date, last: date, fault: SekishoError) -> ReviewRun:
    now = clock.now()
    run = ReviewRun(kind=kind, first_day=first, last_day=last, started_at=now, ended_at=now, size=0, rows=0, checked=0)
    run.fault, run.fault_text, run.results = fault.code, str(fault), '{"rules": [], "systems": []}'
    return _store_run(actor, run, {})


@transaction.atomic
def _store_run(actor: Actor, run: ReviewRun, hits: Mapping[str, list[list[Any]]]) -> ReviewRun:
    run.save(force_insert=True)
    urgent = {rule.id: rule.urgent for rule in load()}
    items = [_item(run, rule, hit, urgent=urgent[rule]) for rule, raised in hits.items() for hit in raised]
    known = set(ReviewItem.objects.filter(key__in=[item.key for item in items]).values_list("key", flat=True))
    fresh = list({item.key: item for item in items if item.key not in known}.values())
    ReviewItem.objects.bulk_create(fresh, batch_size=500)
    append(
        actor=actor,
        action=RegisterAction.RUN_REVIEW,
        outcome=EventOutcome.FAILURE if run.fault else EventOutcome.SUCCESS,
        subject=SubjectRef("review_run", str(run.pk), f"{run.first_day} – {run.last_day}"),
        details={
            "rows": run.rows,
            "checked": run.checked,
            "sealed": run.sealed,
            "raised": len(fresh),
            "fault": run.fault or None,
        },
    )
    return run


def _item(run: ReviewRun, rule: str, hit: list[Any], *, urgent: bool) -> ReviewItem:
    actor_id, patient, system, day, measured, events, first, last = hit
    key = hashlib.sha256(json.dumps([rule, actor_id, patient, system, day]).encode()).hexdigest()
    return ReviewItem(
        key=key, run=run, rule=rule, day=EPOCH + timedelta(days=day), actor_id=actor_id, patient=patient, system=system,
        actor_name=_name_of(actor_id, system), urgent=urgent, measured=measured, events=events, first_index=first,
        last_index=last, found_at=run.ended_at,
    )  # fmt: skip


def _persons(actor_id: str, system_id: str = "") -> list[Person]:
    """Return who an event's actor is: an account of the platform, or a login of another system."""
    offers = registry.current().offers(Directory)  # type: ignore[type-abstract]  # asked for by its protocol
    found = (one.person_of(actor_id) or one.person_by_login(actor_id, system_id) for one in offers if actor_id)
    return [person for person in found if person]


def _name_of(actor_id: str, system_id: str) -> str:
    """Return the person's name, after it the login where the log has that; the bare login of somebody unknown."""
    persons = _persons(actor_id, system_id)
    if not persons:
        return actor_id[:100]
    name = persons[0].name
    return (name if actor_id in persons[0].accounts else f"{name} ({actor_id})")[:100]


@transaction.atomic
def decide_item(*, actor: Actor, item_id: UUID, decided: Decided, comment: str) -> ReviewDecision:
    """Keep what ``actor`` decided about an item. Raises Forbidden, NotFound, OwnItem, NothingSaid."""
    actor.require(RegisterAction.DECIDE_REVIEW)
    item = review_item(item_id)
    if _is_about(item, actor):
        raise errors.OwnItem
    comment = comment.strip()[:LONGEST_COMMENT]
    if not comment:
        raise NothingSaid(field="comment")
    require_visible(comment)
    decision = ReviewDecision(
        item=item,
        decided=decided,
        comment=comment,
        decided_by=actor.id,
        decided_by_name=actor.name,
        decided_at=clock.now(),
    )
    decision.save(force_insert=True)
    append(
        actor=actor,
        action=RegisterAction.DECIDE_REVIEW,
        subject=subject_of(item),
        reason=comment,
        details={"decided": decided.value, "rule": item.rule},
        patient=item.patient or None,
        system=item.system or None,
    )
    return decision


def subject_of(item: ReviewItem) -> SubjectRef:
    """Return an item as the register names it."""
    return SubjectRef("review_item", str(item.pk), f"{item.rule} {item.day}")


def _is_about(item: ReviewItem, actor: Actor) -> bool:
    """Tell whether an item is about this account, or another of the same person."""
    if item.actor_id == actor.id:
        return True
    mine = {person.id for person in _persons(actor.id)}
    return any(person.id in mine for person in _persons(item.actor_id, item.system))


def read_item(*, actor: Actor, item_id: UUID, start: int, most: int) -> Reading:
    """Return what was done that day by whom, or about whom, an item is; that it was read is recorded.

    The entries come from the log, each compared with its leaf. Raises Forbidden, NotFound, RowsAltered, LogFault.
    """
    actor.require(RegisterAction.READ_REVIEWED)
    item = review_item(item_id)
    who = {"actor": item.actor_id, "patient": "" if item.actor_id else item.patient, "system": item.system}
    answer = order_press("day", day=(item.day - EPOCH).days, start=start, most=most, **who)
    entries = tuple((index, json.loads(entry)) for index, entry in answer["entries"])
    patients: list[Json] = sorted({entry["patient"] for _index, entry in entries if entry["patient"]})
    _note(actor, RegisterAction.READ_REVIEWED, {"events": len(entries), "patients": patients}, subject_of(item))
    return Reading(answer["count"], entries)


def try_rule(*, actor: Actor, rule: str, first: date, last: date, chosen: Mapping[str, int]) -> Trial:
    """Return what a rule would have raised with other thresholds; nothing of it is kept but that it was tried."""
    actor.require(RegisterAction.TRY_RULE)
    period = _period(first, last, is_over=last < facility_day())
    answer = order_press("run", rule=rule, chosen=dict(chosen), tables=rows_for_rules(facility_day()), **period)
    (one,) = answer["results"]
    details: dict[str, Json] = {"rule": rule, "first": str(first), "last": str(last), "chosen": dict(chosen)}
    _note(actor, RegisterAction.TRY_RULE, {**details, "count": one["count"]})
    hits = tuple(tuple(hit) for hit in one["hits"])
    return Trial(one["state"], one["count"], tuple(one["missing"]), hits, answer["checked"])


@transaction.atomic
def _note(actor: Actor, action: RegisterAction, details: Mapping[str, Json], subject: SubjectRef | None = None) -> None:
    append(actor=actor, action=action, subject=subject, details=details)
