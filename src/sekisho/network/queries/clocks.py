"""Which clocks are read, what was last read of them, and how they went over time.

A source has one history under its own id. So has a clock of a host, under its host and the way it is read: however many
endpoints and systems share a host, its clock is asked and kept once.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text
from sekisho.network.models import NewestSighting, Probe, Sighting, TimeSource
from sekisho.network.queries.clock_doors import ask_door
from sekisho.network.queries.ntp import Asking
from sekisho.network.queries.sightings import Newest, newest_of, newest_sightings, registered
from sekisho.network.rules.drift_history import Point
from sekisho.network.rules.reading_documents import host_reading, offset_in, source_reading
from sekisho.network.rules.readings import Answer, HostReading, Method, SourceReading
from sekisho.network.rules.unusable import Unusable

# How an endpoint tells the time. The other protocols do not, or not to a stranger.
_METHODS = {"https": Method.HTTP_DATE, "http": Method.HTTP_DATE, "smb": Method.SMB2, "ntp": Method.NTP}
_OF_A_READING = ("observed_at", "document", "sha256", "bundle_id")
Said = TypeVar("Said", SourceReading, HostReading)


@dataclass(frozen=True, slots=True)
class HostClock:
    """The clock of one host, read in one way. ``doors`` are its registered (port, protocol), by port."""

    host: str
    method: Method
    doors: tuple[tuple[int, str], ...]
    systems: frozenset[str]

    @property
    def subject_id(self) -> str:
        """Under what its readings are kept."""
        return f"{self.method.value}-{hashlib.sha256(self.host.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class ReadSource:
    """An open time source and what it last said; None before it was asked for the first time.

    ``fault`` says why what is kept of it proves nothing; there is no reading then.
    """

    source: TimeSource
    reading: SourceReading | None = None
    seen: Newest | None = None
    fault: Text | None = None


@dataclass(frozen=True, slots=True)
class ReadHost:
    """A host's clock and what it last said; None before it was asked for the first time. ``fault`` as of a source."""

    clock: HostClock
    reading: HostReading | None = None
    seen: Newest | None = None
    fault: Text | None = None


@dataclass(frozen=True, slots=True)
class ReadClocks:
    """Everything that was last read."""

    sources: tuple[ReadSource, ...] = ()
    hosts: tuple[ReadHost, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """What one clock said over time; ``silent`` counts the times at which it said nothing."""

    label: str
    is_source: bool
    points: tuple[Point, ...] = ()
    silent: int = 0


def time_sources() -> Sequence[TimeSource]:
    """Return the time sources in use, in the order they were added."""
    return list(TimeSource.objects.filter(removed_at=None).order_by("added_at", "host", "port"))


def get_time_source(source_id: UUID, *, lock: bool = False) -> TimeSource:
    """Return one time source in use, kept from others until the transaction ends with ``lock``. Raises NotFound."""
    rows = TimeSource.objects.select_for_update() if lock else TimeSource.objects.all()
    found = rows.filter(pk=source_id, removed_at=None).first()
    if found is None:
        raise NotFound
    return found


def host_clocks() -> Sequence[HostClock]:
    """Return the clocks behind the open registered endpoints, by host."""
    doors: dict[tuple[str, Method], set[tuple[int, str]]] = defaultdict(set)
    systems: dict[tuple[str, Method], set[str]] = defaultdict(set)
    for endpoint in registered(SubjectKind.ENDPOINT):
        protocol = str(endpoint.facts["protocol"])
        if protocol in _METHODS:
            key = _host(endpoint), _METHODS[protocol]
            doors[key].add((int(endpoint.facts["port"] or 0), protocol))
            systems[key].add(str(endpoint.facts["system"]))
    return [
        HostClock(host, method, tuple(sorted(found)), frozenset(systems[host, method]))
        for (host, method), found in sorted(doors.items())
    ]


def _host(endpoint: Subject) -> str:
    return str(endpoint.facts["host"]).strip().rstrip(".").casefold()


def read_host(clock: HostClock, asking: Asking | None = None) -> HostReading:
    """Ask a host for its time by its registered ports, one after another until one tells it."""
    readings = (ask_door(clock.host, port, protocol, asking) for port, protocol in clock.doors)
    said = next(readings)
    while said.answer is not Answer.TIME and (other := next(readings, None)) is not None:
        said = other
    return said


def read_clocks() -> ReadClocks:
    """Return every source in use and every clock behind an open endpoint, with its newest reading."""
    newest = newest_sightings(Probe.CLOCKS)
    return ReadClocks(
        tuple(_read_source(source, newest) for source in time_sources()),
        tuple(_read_host(clock, newest) for clock in host_clocks()),
    )


def _read_source(source: TimeSource, newest: Mapping[str, Newest]) -> ReadSource:
    seen = newest.get(str(source.pk))
    return ReadSource(source, *_read(seen, source_reading))


def _read_host(clock: HostClock, newest: Mapping[str, Newest]) -> ReadHost:
    seen = newest.get(clock.subject_id)
    return ReadHost(clock, *_read(seen, host_reading))


def _read(seen: Newest | None, read: Callable[[bytes], Said]) -> tuple[Said | None, Newest | None, Text | None]:
    if seen is None:
        return None, None, None
    try:
        return seen.opened(read), seen, None
    except Unusable as error:
        return None, seen, error.text


def history(subject_id: str, since: datetime) -> History:
    """Return what a clock said since a moment. Raises NotFound for one that was never asked."""
    newest = NewestSighting.objects.filter(probe=Probe.CLOCKS, subject_id=subject_id).select_related("sighting").first()
    if newest is None:
        raise NotFound
    rows = Sighting.objects.filter(probe=Probe.CLOCKS, subject_id=subject_id, observed_at__gte=since)
    told = [newest_of(row) for row in rows.only(*_OF_A_READING).order_by("observed_at")]
    points = tuple(Point(one.observed_at, offset) for one in told if (offset := _offset(one)) is not None)
    is_source = subject_id.partition("-")[0] not in set(Method)
    return History(newest.sighting.subject_label, is_source, points, len(told) - len(points))


def _offset(seen: Newest) -> float | None:
    """Return what a reading told. One that was altered, or can be read no more, told nothing."""
    try:
        return seen.opened(offset_in)
    except Unusable:
        return None
