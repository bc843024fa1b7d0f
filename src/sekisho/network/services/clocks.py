"""Time sources, and reading the clocks of all of them and of every registered host."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.wording import require_visible
from sekisho.network.actions import NetworkAction
from sekisho.network.errors import TimeSourceInvalid, TimeSourceKnown, TooManyTimeSources
from sekisho.network.models import Probe, TimeSource
from sekisho.network.models.clocks import HIGHEST_PORT, LONGEST_NOTE, NTP_PORT
from sekisho.network.queries import ntp
from sekisho.network.queries.clocks import get_time_source, host_clocks, read_host, time_sources
from sekisho.network.rules.reading_documents import document
from sekisho.network.rules.readings import HostReading, SourceReading
from sekisho.network.rules.time_source import NoHost, host_name
from sekisho.network.services.sightings import Seen, keep_sightings
from sekisho.register.rules import SubjectRef, changes
from sekisho.register.services import append

MOST_SOURCES = 16  # four are enough to outvote a false one; more only burden their owners
_AT_ONCE = 8


@transaction.atomic
def add_time_source(*, actor: Actor, host: str, port: int = NTP_PORT, note: str = "") -> TimeSource:
    """Name a server that is asked for standard time. Raises Forbidden, InvalidInput, TimeSourceKnown."""
    actor.require(NetworkAction.ADD_TIME_SOURCE)
    require_visible(host, note)
    try:
        name = host_name(host)
    except NoHost as error:
        raise TimeSourceInvalid(field="host", text=host) from error
    if not 1 <= port <= HIGHEST_PORT or len(note) > LONGEST_NOTE:
        raise TimeSourceInvalid(field="port" if len(note) <= LONGEST_NOTE else "note", text=f"{name}:{port}")
    if len(time_sources()) >= MOST_SOURCES:
        raise TooManyTimeSources(most=MOST_SOURCES)
    source = TimeSource(host=name, port=port, note=note, added_at=clock.now())
    try:
        with transaction.atomic():
            source.save(force_insert=True)
    except IntegrityError as error:
        raise TimeSourceKnown(field="host", name=str(source)) from error
    details: dict[str, Json] = {"changes": changes({}, {"host": name, "port": port, "note": note or None})}
    append(actor=actor, action=NetworkAction.ADD_TIME_SOURCE, subject=_subject(source), details=details)
    return source


@transaction.atomic
def remove_time_source(*, actor: Actor, source_id: UUID) -> TimeSource:
    """Ask a source no longer; what it said is kept. Raises Forbidden, NotFound."""
    actor.require(NetworkAction.REMOVE_TIME_SOURCE)
    source = get_time_source(source_id, lock=True)
    source.removed_at = clock.now()
    source.save(update_fields=["removed_at"])
    append(actor=actor, action=NetworkAction.REMOVE_TIME_SOURCE, subject=_subject(source))
    return source


def _subject(source: TimeSource) -> SubjectRef:
    return SubjectRef("time_source", str(source.pk), str(source))


def observe_clocks(*, actor: Actor, asking: ntp.Asking | None = None) -> int:
    """Ask every time source and every registered host for the time, keep the answers; return how many.

    Contacts time sources in use and open registered endpoints only, a few at once, each host once for each way of
    asking. No transaction is open while it asks. Raises Forbidden.
    """
    actor.require(NetworkAction.OBSERVE)
    questions = [
        *(
            partial(_look, str(source.pk), str(source), partial(ntp.ask, source.host, source.port, asking))
            for source in time_sources()
        ),
        *(partial(_look, one.subject_id, one.host, partial(read_host, one, asking)) for one in host_clocks()),
    ]
    return keep_sightings(actor=actor, probe=Probe.CLOCKS, seen=_all(questions))


def _all(questions: Sequence[Callable[[], Seen]]) -> Sequence[Seen]:
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="clocks") as pool:
        return [answer.result() for answer in [pool.submit(question) for question in questions]]


def _look(subject_id: str, label: str, ask: Callable[[], SourceReading | HostReading]) -> Seen:
    said = ask()
    return Seen(subject_id, label, clock.now(), canonical_json(document(said)))
