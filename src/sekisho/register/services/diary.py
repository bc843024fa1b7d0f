"""The work diary of a system that writes no log: entries are added and corrected by new ones, never changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.access import Action
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import require_visible, says_something
from sekisho.register.actions import LogSourceAction
from sekisho.register.errors import DiaryInvalid, LogSourceOtherKind
from sekisho.register.models import LogSource, SourceKind
from sekisho.register.queries.sources import diary_entry, get_log_source
from sekisho.register.rules import timestamp
from sekisho.register.services.log_sources import open_source, subject_of
from sekisho.register.services.outbox import append

LONGEST_DONE = 2000
LONGEST_ID = 64
LONGEST_WORK = timedelta(days=7)
_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class DiaryData:
    """Who worked, from when until when (aware), what they did, and on whose records."""

    person: str
    begun_at: datetime
    ended_at: datetime
    done: str
    patient: str = ""


@transaction.atomic
def write_diary(*, actor: Actor, source_id: UUID, data: DiaryData) -> str:
    """Write an entry; return its id. Raises Forbidden, NotFound, LogSourceClosed, LogSourceOtherKind, DiaryInvalid."""
    actor.require(LogSourceAction.WRITE_DIARY)
    source = _diary(source_id)
    _require_sound(data)
    return _write(actor, LogSourceAction.WRITE_DIARY, source, data)


@transaction.atomic
def correct_diary(*, actor: Actor, source_id: UUID, entry_id: UUID, data: DiaryData, reason: str) -> str:
    """Write an entry that takes the place of another, which stays. Raises as :func:`write_diary`."""
    actor.require(LogSourceAction.CORRECT_DIARY)
    source = _diary(source_id)
    _require_sound(data)
    corrected = diary_entry(get_log_source(source.pk), entry_id)
    _require(says_something(reason), "reason", _("the reason is missing"))
    return _write(actor, LogSourceAction.CORRECT_DIARY, source, data, reason.strip(), str(corrected["id"]))


def _diary(source_id: UUID) -> LogSource:
    source = open_source(source_id)
    if source.kind != SourceKind.DIARY:
        raise LogSourceOtherKind(name=source.name)
    return source


def _require_sound(data: DiaryData) -> None:
    require_visible(data.person, data.done, data.patient)
    _require(says_something(data.person) and len(data.person) <= LONGEST_ID, "person", _("who worked is missing"))
    _require(says_something(data.done) and len(data.done) <= LONGEST_DONE, "done", _("what was done is missing"))
    _require(len(data.patient) <= LONGEST_ID, "patient", _("the patient number is too long"))
    _require(data.begun_at <= data.ended_at, "ended_at", _("the end lies before the beginning"))
    _require(data.ended_at - data.begun_at <= LONGEST_WORK, "ended_at", _("it lasted longer than a week"))
    _require(data.ended_at <= clock.now() + _AHEAD, "ended_at", _("it lies in the future"))


def _require(holds: bool, name: str, reason: Text) -> None:  # a condition, read as one
    if not holds:
        raise DiaryInvalid(field=name, reason=reason)


def _write(
    actor: Actor, action: Action, source: LogSource, data: DiaryData, reason: str = "", corrects: str | None = None
) -> str:
    details: dict[str, Json] = {
        "person": data.person.strip(),
        "begun_at": timestamp(data.begun_at),
        "ended_at": timestamp(data.ended_at),
        "seconds": int((data.ended_at - data.begun_at).total_seconds()),
        "work": data.done.strip(),
    }
    if corrects:
        details["corrects"] = corrects
    return append(
        actor=actor,
        action=action,
        subject=subject_of(source),
        patient=data.patient.strip() or None,
        system=source.system,
        reason=reason,
        details=details,
        occurred_at=data.begun_at,
    )
