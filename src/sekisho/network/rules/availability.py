"""Whether an endpoint answers: what an ask says, what many of them come to, when nobody is to be alarmed. Pure."""

import statistics
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.text import Text, _

BUCKET_MINUTES = 5
HOUR_MINUTES = 60
USUAL_SLOW_MS = 1000
TOLD_AFTER = timedelta(minutes=5)
ESCALATED_AFTER = timedelta(minutes=30)


class Watched(StrEnum):
    """What is known of an endpoint."""

    UP = "up"
    SLOW = "slow"
    DOWN = "down"
    UNKNOWN = "unknown"

    @property
    def label(self) -> Text:
        """The state in words."""
        return _STATES[self]


_STATES = {
    Watched.UP: _("Runs"),
    Watched.SLOW: _("Answers slowly"),
    Watched.DOWN: _("Does not answer"),
    Watched.UNKNOWN: _("Cannot tell"),
}


class Way(StrEnum):
    """How an endpoint is asked. Only what a protocol asks for is ever sent; to unknown ones nothing is."""

    TCP = "tcp"
    TLS = "tls"
    HEAD = "head"
    GET = "get"


class Fault(StrEnum):
    """Why an ask brought no right answer."""

    REFUSED = "refused"
    TIMEOUT = "timeout"
    NO_WAY = "no_way"
    NAME = "name"
    TLS = "tls"
    STATUS = "status"
    CLOSED = "closed"
    OTHER = "other"
    HERE = "here"

    @property
    def label(self) -> Text:
        """The fault in words."""
        return _FAULTS[self]


_FAULTS = {
    Fault.REFUSED: _("The computer answers, but nothing listens on the port."),
    Fault.TIMEOUT: _("No answer in time."),
    Fault.NO_WAY: _("There is no way to the computer."),
    Fault.NAME: _("The name has no address."),
    Fault.TLS: _("The TLS handshake fails."),
    Fault.STATUS: _("The page answers with another status than expected."),
    Fault.CLOSED: _("The connection is closed before an answer."),
    Fault.OTHER: _("The connection fails."),
    Fault.HERE: _("This server itself has no network or cannot open connections."),
}
_TLS_PROTOCOLS = frozenset({"https", "tls", "dicom_tls"})
_WEB_PROTOCOLS = frozenset({"https", "http"})
# Asked over UDP, by the room's clocks.
_NOT_TCP = frozenset({"ntp"})


def can_be_asked(protocol: str) -> bool:
    """Tell whether an endpoint that speaks ``protocol`` has a TCP port that can be asked."""
    return protocol not in _NOT_TCP


def ways_for(protocol: str) -> tuple[Way, ...]:
    """Return how an endpoint may be asked, the usual way first."""
    first = (Way.TLS, Way.TCP) if protocol in _TLS_PROTOCOLS else (Way.TCP,)
    return (*first, Way.HEAD, Way.GET) if protocol in _WEB_PROTOCOLS else first


@dataclass(frozen=True, slots=True)
class Heard:
    """What one ask brought: after how many milliseconds, or why not; ``status`` of a page."""

    ms: float | None = None
    fault: Fault | None = None
    status: int | None = None

    def state(self, slow_ms: int) -> Watched:
        """Return what it says of the endpoint. Where this server is at fault it says nothing."""
        if self.fault is Fault.HERE:
            return Watched.UNKNOWN
        if self.fault is not None or self.ms is None:
            return Watched.DOWN
        return Watched.SLOW if self.ms > slow_ms else Watched.UP


def is_expected(status: int, wanted: int | None) -> bool:
    """Tell whether a page answered as it should: as ``wanted``, or else with anything but a fault of the server."""
    return status == wanted if wanted is not None else status < 500


def better(first: Heard, second: Heard) -> Heard:
    """Return the one of two asks that counts: an answer before none, the faster of two, any before UNKNOWN."""
    if first.fault is None and second.fault is None:
        return min(first, second, key=lambda one: one.ms or 0.0)
    if first.fault is None or second.fault is Fault.HERE:
        return first
    return second


# A few minutes in one row


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was heard in the minutes from ``minute`` (since 1970, UTC) on: milliseconds, None for each failure."""

    minute: int
    values: tuple[float | None, ...] = ()

    def text(self) -> str:
        """Return the values as they are stored."""
        return ",".join("" if one is None else f"{one:.1f}" for one in self.values)


def bucket_from(minute: int, text: str, count: int) -> Bucket:
    """Return a bucket as :meth:`Bucket.text` wrote it. ``count`` tells one failure from nothing."""
    values = tuple(float(part) if part else None for part in text.split(",")) if count else ()
    return Bucket(minute, values)


def minute_of(moment: datetime, size: int = BUCKET_MINUTES) -> int:
    """Return the first minute since 1970 of the stretch of ``size`` minutes that holds ``moment``."""
    return int(moment.timestamp()) // 60 // size * size


def moment_of(minute: int) -> datetime:
    """Return when a minute since 1970 begins."""
    return datetime.fromtimestamp(minute * 60, UTC)


@dataclass(frozen=True, slots=True)
class Folded:
    """Many asks in one row: how many, how many failed, and the milliseconds of the others."""

    asked: int
    failed: int
    lowest: float | None
    median: float | None
    highest: float | None


def fold(values: Sequence[float | None]) -> Folded:
    """Return what many asks come to."""
    heard = [one for one in values if one is not None]
    if not heard:
        return Folded(len(values), len(values), None, None, None)
    return Folded(len(values), len(values) - len(heard), min(heard), statistics.median(heard), max(heard))


def share_up(asked: int, failed: int) -> float | None:
    """Return how many of a hundred asks were answered, None without any."""
    return 100 * (asked - failed) / asked if asked else None


# When nobody is to be alarmed


def is_quiet(
    moment: datetime, daily: tuple[time | None, time | None], windows: Iterable[tuple[datetime, datetime]]
) -> bool:
    """Tell whether an endpoint may stand still now: in its daily hours (facility's time) or a planned window.

    Ends are excluded. Hours may pass midnight; equal ones, and one without the other, are none.
    """
    if any(since <= moment < until for since, until in windows):
        return True
    begin, end = daily
    if begin is None or end is None or begin == end:
        return False
    local = moment.astimezone(FACILITY_ZONE).time()
    return begin <= local < end if begin < end else local >= begin or local < end


# The control


@dataclass(frozen=True, slots=True)
class Standing:
    """An endpoint as the control sees it. ``excused``: why it is not watched; ``quiet``: it may stand still now."""

    label: str
    watched: bool
    excused: bool = False
    state: Watched = Watched.UNKNOWN
    asked_at: datetime | None = None
    down_since: datetime | None = None
    quiet: bool = False


class Judgement(StrEnum):
    """What the control says of a system."""

    HOLDS = "holds"
    NOT_WATCHED = "not_watched"
    DOWN = "down"
    NOBODY_TOLD = "nobody_told"
    NO_ENDPOINT = "no_endpoint"
    NOT_ASKED = "not_asked"
    CANNOT_TELL = "cannot_tell"

    @property
    def label(self) -> Text:
        """The judgement in words."""
        return _JUDGEMENTS[self]


_JUDGEMENTS = {
    Judgement.HOLDS: _("Its endpoints are watched, and somebody is told when one does not answer."),
    Judgement.NOT_WATCHED: _("An endpoint is not watched, and nobody said why."),
    Judgement.DOWN: _("An endpoint has not answered for longer than 30 minutes."),
    Judgement.NOBODY_TOLD: _("Nobody holds a role that is told when an endpoint does not answer."),
    Judgement.NO_ENDPOINT: _("No endpoint of this system is registered and watched."),
    Judgement.NOT_ASKED: _("An endpoint was not asked in the last 10 minutes."),
    Judgement.CANNOT_TELL: _("It cannot be told whether an endpoint answers."),
}
FAILS = frozenset({Judgement.NOT_WATCHED, Judgement.DOWN, Judgement.NOBODY_TOLD})
ASKED_WITHIN = timedelta(minutes=10)


def judge(endpoints: Collection[Standing], now: datetime, *, somebody_told: bool) -> Judgement:
    """Return what holds of a system with these endpoints: what fails comes before what cannot be told."""
    watched = [one for one in endpoints if one.watched]
    checks = (
        (Judgement.NOT_WATCHED, any(not one.watched and not one.excused for one in endpoints)),
        (Judgement.DOWN, any(_too_long(one, now) for one in watched)),
        (Judgement.NOBODY_TOLD, not somebody_told),
        (Judgement.NO_ENDPOINT, not watched),
        (Judgement.NOT_ASKED, any(not _lately(one, now) for one in watched)),
        (Judgement.CANNOT_TELL, any(one.state is Watched.UNKNOWN for one in watched)),
    )
    return next((judgement for judgement, met in checks if met), Judgement.HOLDS)


def _too_long(one: Standing, now: datetime) -> bool:
    return one.down_since is not None and not one.quiet and now - one.down_since > ESCALATED_AFTER


def _lately(one: Standing, now: datetime) -> bool:
    return one.asked_at is not None and now - ASKED_WITHIN <= one.asked_at <= now + ASKED_WITHIN
