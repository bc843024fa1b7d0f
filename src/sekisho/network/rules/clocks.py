"""Whether clocks are right (17③): the platform against its time sources, the hosts against the platform.

The guideline asks for a trusted source, for clocks that agree inside the facility and are matched with standard time as
closely as a record of care needs; it names no figure. So the figures are parameters that say where they are from.
Nothing is fine that the measurement cannot show: an offset counts together with its uncertainty.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sekisho.kernel.canonical import Json
from sekisho.kernel.text import Text, _
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.readings import NO_TIME, Answer, ClockObservations, HostReading, SourceReading

GUIDELINE = "MHLW v7.0 (draft), System Operation, 17③"


@dataclass(frozen=True, slots=True)
class Bound:
    """How many seconds off a clock may be. ``certainty`` is "own" where the figure is our choice and in no text."""

    seconds: float
    reason: Text
    source: str
    certainty: str


# What trust in the register rests on, and what medical systems are built to: a median error below one second.
PLATFORM_BOUND = Bound(
    1.0,
    _("Medical systems are built to keep their clocks within one second of each other (IHE Consistent Time)."),
    "IHE ITI TF-1 section 7 (Consistent Time)",
    "primary",
)
HOST_BOUND = Bound(
    30.0,
    _("Records are read to the minute: hosts within 30 seconds of the platform are never more than a minute apart."),
    "Sekisho",
    "own",
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is asked of clocks.

    Both others are in seconds: a host beyond ``host_aim``, though within its bound, is worth mending; sources closer
    than ``agreement`` agree for our purpose, whatever smaller uncertainty they claim.
    """

    platform: Bound = PLATFORM_BOUND
    host: Bound = HOST_BOUND
    host_aim: float = 1.0
    agreement: float = 0.05


@dataclass(frozen=True, slots=True)
class Standard:
    """What a majority of the sources say: standard time minus platform, in seconds; ``false`` are those it excludes."""

    offset: float
    uncertainty: float
    agreeing: tuple[SourceReading, ...]
    false: tuple[SourceReading, ...]


def judge(observations: ClockObservations, bounds: Bounds | None = None) -> tuple[Judged, ...]:
    """Return one remark about the platform, one for each source worth a word, one for each host reading.

    Hosts are judged against the platform; with the platform's own remark beside them the answer covers standard time
    too, so give the sources with every host.
    """
    limits = bounds or Bounds()
    standard = agree(observations.sources, limits.agreement)
    return (
        _platform(observations.sources, standard, limits),
        *_sources(observations.sources, standard, limits.platform),
        *(_host(reading, limits) for reading in observations.hosts),
    )


def agree(sources: Iterable[SourceReading], agreement: float = 0.05) -> Standard | None:
    """Return what more than half of the sources that gave a time, and at least two, have in common; None without such.

    Each source claims that the truth lies in offset ± uncertainty. Where a majority is right, the truth lies in a point
    that a majority claims; the span of all such points is the answer (RFC 5905 section 11.2.1; Marzullo).
    A source that claims none of the span is false.
    """
    claims = [(source, *_claim(source, agreement)) for source in sources if source.answer is Answer.TIME]
    needed = max(2, len(claims) // 2 + 1)

    def claimed(point: float) -> bool:
        return sum(low <= point <= high for _source, low, high in claims) >= needed

    lows = [low for _source, low, _high in claims if claimed(low)]
    highs = [high for _source, _low, high in claims if claimed(high)]
    if not lows or not highs:
        return None
    first, last = min(lows), max(highs)
    inside = tuple(source for source, low, high in claims if low <= last and high >= first)
    outside = tuple(source for source, _low, _high in claims if source not in inside)
    return Standard((first + last) / 2, (last - first) / 2, inside, outside)


def _claim(source: SourceReading, agreement: float) -> tuple[float, float]:
    offset, uncertainty = source.offset or 0.0, max(source.uncertainty or 0.0, agreement)
    return offset - uncertainty, offset + uncertainty


def level_of(offset: float, uncertainty: float, bound: float) -> Level:
    """Return OK when the whole of offset ± uncertainty lies within ``bound``, NG when none of it does, else UNKNOWN."""
    if abs(offset) + uncertainty <= bound:
        return Level.OK
    return Level.NG if abs(offset) - uncertainty > bound else Level.UNKNOWN


def _platform(sources: Sequence[SourceReading], standard: Standard | None, bounds: Bounds) -> Judged:
    told = [source for source in sources if source.answer is Answer.TIME]
    observed: dict[str, Json] = {"sources": [_facts(source) for source in sources]}
    if standard is None:
        return _remark("clock.platform", Level.UNKNOWN, _no_standard(sources, told), observed, bounds.platform)
    observed |= {"offset_seconds": standard.offset, "uncertainty_seconds": standard.uncertainty}
    level = level_of(standard.offset, standard.uncertainty, bounds.platform.seconds)
    message = {
        Level.OK: _("The platform's clock agrees with standard time: %(offset)s s off (± %(uncertainty)s s)."),
        Level.NG: _(
            "The platform's clock is %(offset)s s off standard time (± %(uncertainty)s s); %(bound)s s is allowed."
        ),
        Level.UNKNOWN: _(
            "The platform's clock is %(offset)s s off standard time, but ± %(uncertainty)s s is too coarse to tell "
            "whether it keeps within %(bound)s s."
        ),
    }[level]
    # Off by: how far the platform is ahead, so the sign turns.
    words = message.with_params(**_figures(-standard.offset, standard.uncertainty, bounds.platform))
    return _remark("clock.platform", level, words, observed, bounds.platform)


def _no_standard(sources: Sequence[SourceReading], told: Sequence[SourceReading]) -> Text:
    if not sources:
        return _("No time source is named, so nothing tells whether the platform's clock is right.")
    if not told:
        return _("None of the %(count)s time sources gave the time.", count=len(sources))
    if len(told) == 1:
        return _("Only %(name)s gave the time. One source alone cannot be checked; two must agree.", name=told[0].name)
    return _("The %(count)s time sources that answered do not agree with each other.", count=len(told))


def _sources(sources: Sequence[SourceReading], standard: Standard | None, bound: Bound) -> Iterator[Judged]:
    for source in sources:
        if source.answer is not Answer.TIME:
            message = NO_TIME[source.answer].with_params(name=source.name)
            yield _remark(f"clock.source_{source.answer.value}", Level.WARN, message, _facts(source), bound)
        elif standard is not None and source in standard.false:
            message = _("The time source %(name)s contradicts the others: it says %(offset)s s.")
            words = message.with_params(name=source.name, offset=_seconds(source.offset or 0.0))
            yield _remark("clock.source_false", Level.WARN, words, _facts(source), bound)


def _host(reading: HostReading, bounds: Bounds) -> Judged:
    observed = _facts(reading)
    if reading.answer is not Answer.TIME or reading.offset is None or reading.uncertainty is None:
        words = NO_TIME.get(reading.answer, NO_TIME[Answer.NO_TIME]).with_params(name=reading.host)
        return _remark("clock.host_unread", Level.UNKNOWN, words, observed, bounds.host)
    level = level_of(reading.offset, reading.uncertainty, bounds.host.seconds)
    if level is Level.OK and abs(reading.offset) - reading.uncertainty > bounds.host_aim:
        level = Level.WARN
    message = {
        Level.OK: _("The clock of %(host)s agrees with the platform's: %(offset)s s off (± %(uncertainty)s s)."),
        Level.WARN: _(
            "The clock of %(host)s is %(offset)s s off the platform's (± %(uncertainty)s s). That is allowed, but it "
            "seems not to be synchronised."
        ),
        Level.NG: _(
            "The clock of %(host)s is %(offset)s s off the platform's (± %(uncertainty)s s); %(bound)s s is allowed."
        ),
        Level.UNKNOWN: _(
            "The clock of %(host)s is %(offset)s s off the platform's, but ± %(uncertainty)s s is too coarse to tell "
            "whether it keeps within %(bound)s s."
        ),
    }[level]
    figures = _figures(reading.offset, reading.uncertainty, bounds.host)
    return _remark("clock.host", level, message.with_params(host=reading.host, **figures), observed, bounds.host)


def _remark(code: str, level: Level, message: Text, observed: Json, bound: Bound) -> Judged:
    source = f"{GUIDELINE}; figure: {bound.source}"
    return Judged(code, level, message, observed, {"within_seconds": bound.seconds}, source, bound.certainty)


def _facts(reading: SourceReading | HostReading) -> dict[str, Json]:
    who: dict[str, Json] = {"source": reading.name} if isinstance(reading, SourceReading) else {
        "host": reading.host, "method": reading.method.value,
    }  # fmt: skip
    return who | {
        "answer": reading.answer.value,
        "offset_seconds": reading.offset,
        "uncertainty_seconds": reading.uncertainty,
        "detail": reading.detail,
        **reading.facts,
    }


def _figures(offset: float, uncertainty: float, bound: Bound) -> dict[str, str]:
    return {"offset": _seconds(offset), "uncertainty": f"{uncertainty:.3f}", "bound": f"{bound.seconds:g}"}


def _seconds(offset: float) -> str:
    return f"{offset:+.3f}"
