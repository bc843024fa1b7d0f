"""What may be settled about the watching of an endpoint, and how long a quiet time may be."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import CONTROL_CHARACTERS, has_control_characters, says_something
from sekisho.network.rules.availability import USUAL_SLOW_MS, Way, can_be_asked, ways_for

LONGEST_WORDS = 500
LONGEST_QUIET = timedelta(days=7)
FARTHEST_QUIET = timedelta(days=366)
LONGEST_DAILY_HOURS = 12
FASTEST_SLOW_MS, SLOWEST_SLOW_MS = 10, 5000
_PATH = re.compile(r"/[!-~]{0,199}")
_LOWEST_STATUS, _HIGHEST_STATUS = 100, 599
_PAGE = frozenset({Way.HEAD, Way.GET})


class WatchingInvalid(InvalidInput):
    """What was to be settled about the watching of an endpoint breaks a rule; nothing was stored."""

    code = "network.watching_invalid"
    message = _("This cannot be settled: %(reason)s")


@dataclass(frozen=True, slots=True)
class Watching:
    """How an endpoint is watched. ``way`` empty: as usual for its protocol."""

    watched: bool = True
    reason: str = ""
    way: str = ""
    path: str = ""
    status: int | None = None
    slow_ms: int = USUAL_SLOW_MS
    quiet_from: time | None = None
    quiet_until: time | None = None


def tidy_watching(given: Watching, *, protocol: str) -> Watching:
    """Return ``given`` in its one written form. Raises WatchingInvalid with the field that is wrong."""
    found = replace(given, reason=given.reason.strip(), path=given.path.strip())
    _check_reason(found)
    _check_way(found, protocol)
    if not FASTEST_SLOW_MS <= found.slow_ms <= SLOWEST_SLOW_MS:
        raise _invalid("slow_ms", _("it must lie between 10 and 5000 milliseconds."))
    _check_hours(found.quiet_from, found.quiet_until)
    return found


def _check_reason(given: Watching) -> None:
    if given.watched and given.reason:
        raise _invalid("reason", _("a reason is only for an endpoint that is not watched."))
    if not given.watched:
        check_words(given.reason, _("say why it need not be watched, and who notices instead when it stands still."))


def check_words(words: str, lacking: Text) -> None:
    """Refuse words that say nothing, are too long or hold what nobody sees. Raises WatchingInvalid."""
    if has_control_characters(words):
        raise WatchingInvalid(field="reason", reason=CONTROL_CHARACTERS)
    if len(words) > LONGEST_WORDS:
        raise _invalid("reason", _("it is longer than 500 characters."))
    if not says_something(words):
        raise _invalid("reason", lacking)


def _check_way(given: Watching, protocol: str) -> None:
    if given.watched and not can_be_asked(protocol):
        raise _invalid("watched", _("it speaks no TCP. Time servers are asked under “Clocks”."))
    if given.way and given.way not in ways_for(protocol):
        raise _invalid("way", _("its protocol cannot be asked that way."))
    if given.way in _PAGE and not _PATH.fullmatch(given.path):
        raise _invalid("path", _("a path begins with a slash and holds no blanks, such as /health."))
    if given.way not in _PAGE and (given.path or given.status is not None):
        raise _invalid("way", _("a path and a status are for the asking for a page."))
    if given.status is not None and not _LOWEST_STATUS <= given.status <= _HIGHEST_STATUS:
        raise _invalid("status", _("a status lies between 100 and 599."))


def _check_hours(begin: time | None, end: time | None) -> None:
    if (begin is None) != (end is None):
        raise _invalid(
            "quiet_until" if end is None else "quiet_from", _("the daily hours need a beginning and an end.")
        )
    if begin is None or end is None:
        return
    minutes = (end.hour * 60 + end.minute - begin.hour * 60 - begin.minute) % (24 * 60)
    if not 0 < minutes <= LONGEST_DAILY_HOURS * 60:
        raise _invalid("quiet_until", _("the daily hours are twelve at most."))


def check_quiet_time(since: datetime, until: datetime, now: datetime) -> None:
    """Refuse a quiet time that is over, endless or far away. Raises WatchingInvalid."""
    if since >= until or until <= now:
        raise _invalid("until", _("the end must lie after the beginning, and ahead."))
    if until - since > LONGEST_QUIET:
        raise _invalid("until", _("a quiet time is seven days at most."))
    if since > now + FARTHEST_QUIET:
        raise _invalid("since", _("it begins within a year."))


def _invalid(field: str, reason: Text) -> WatchingInvalid:
    return WatchingInvalid(field=field, reason=reason)
