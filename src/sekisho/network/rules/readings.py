"""What was read from clocks: the time of a server or a host as it differs from the platform's. Data, no judgement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sekisho.kernel.canonical import Json
from sekisho.kernel.text import Text, _


class Answer(StrEnum):
    """What came of asking for the time. Only TIME carries an offset."""

    TIME = "time"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNRESOLVED = "unresolved"
    KISS = "kiss"
    UNSYNCHRONISED = "unsynchronised"
    WRONG_ORIGIN = "wrong_origin"
    MALFORMED = "malformed"
    IMPOSSIBLE = "impossible"
    NO_TIME = "no_time"


# Why there is no time, about a source or a host. Whole sentences: a text inside a text would be stored in the language
# of whoever stored it.
NO_TIME: dict[Answer, Text] = {
    Answer.NO_ANSWER: _("%(name)s did not answer when asked for the time."),
    Answer.REFUSED: _("Nothing on %(name)s listens for questions about the time."),
    Answer.UNREACHABLE: _("There is no way to %(name)s to ask for the time."),
    Answer.UNRESOLVED: _("No address was found for the name %(name)s."),
    Answer.KISS: _("%(name)s asks us to stay away and gives no time."),
    Answer.UNSYNCHRONISED: _("%(name)s says that its own clock is not set."),
    Answer.WRONG_ORIGIN: _("Replies in the name of %(name)s were refused: they do not belong to our question."),
    Answer.MALFORMED: _("What %(name)s replied is no answer about the time."),
    Answer.IMPOSSIBLE: _("The times in the reply of %(name)s contradict each other."),
    Answer.NO_TIME: _("The answer of %(name)s holds no time that can be used."),
}


@dataclass(frozen=True, slots=True)
class SourceReading:
    """One time source, read by NTP.

    ``offset`` is source minus platform in seconds: positive when the platform is slow. The true difference lies within
    ``uncertainty`` seconds of it as far as the source itself is right (half the delay, the source's own root distance,
    jitter). Both are None unless ``answer`` is TIME. ``facts`` is what was observed besides.
    """

    name: str
    answer: Answer
    offset: float | None = None
    uncertainty: float | None = None
    detail: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)


class Method(StrEnum):
    """How the clock of a host was read."""

    NTP = "ntp"
    SMB2 = "smb2"
    HTTP_DATE = "http_date"


@dataclass(frozen=True, slots=True)
class HostReading:
    """The clock of one host. ``offset`` is host minus platform in seconds, ``uncertainty`` includes the resolution."""

    host: str
    method: Method
    answer: Answer
    offset: float | None = None
    uncertainty: float | None = None
    detail: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClockObservations:
    """Everything that was read in one go: the configured sources and the hosts."""

    sources: tuple[SourceReading, ...] = ()
    hosts: tuple[HostReading, ...] = ()
