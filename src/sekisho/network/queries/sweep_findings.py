"""From sweeps of registered ranges to findings about network lines and the facility.

What a sweep saw is judged by what is registered now: a device that has been registered since is a stranger no more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.network.models import RegisteredRange, Zone
from sekisho.network.queries.exposure import known_addresses
from sekisho.network.queries.judging import fault_of
from sekisho.network.queries.ranges import last_look
from sekisho.network.queries.sightings import registered
from sekisho.network.rules.judged import Judged, Level, outcome_of
from sekisho.network.rules.swept import judge_sweep

_WORST = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.PASS)
_MEDICAL = _("%(range)s holds medical devices and is never swept. Compare the devices with the ledger on the spot.")
_NEVER = _("%(range)s was never swept. Have a sweep allowed and start it.")
_NO_RANGE_OF_LINE = _("No range of addresses is registered for this line.")
_NO_RANGE = _("No range of addresses is registered.")


@dataclass(frozen=True, slots=True)
class _Part:
    range: str
    outcome: Outcome
    message: Text
    at: datetime
    remarks: tuple[Judged, ...] = ()


def unregistered_findings() -> Iterator[Finding]:
    """Yield a finding for every open line about its ranges, and for the facility about all of them."""
    rows = list(RegisteredRange.objects.filter(closed_at=None).order_by("network"))
    known = known_addresses()
    parts = {row.pk: _part(row, known) for row in rows}
    for link in registered(SubjectKind.LINK):
        own = [parts[row.pk] for row in rows if str(row.line) == link.id]
        yield _finding(link, own, _NO_RANGE_OF_LINE)
    for facility in registered(SubjectKind.FACILITY):
        yield _finding(facility, list(parts.values()), _NO_RANGE)


def _part(row: RegisteredRange, known: frozenset[str]) -> _Part:
    now = clock.now()
    if row.zone == Zone.MEDICAL:
        return _Part(row.network, Outcome.UNKNOWN, _MEDICAL.with_params(range=str(row)), now)
    try:
        return _judged(row, known)
    except Exception as error:  # noqa: BLE001  # it costs this range and no other, see judging.py
        return _Part(row.network, Outcome.ERROR, fault_of(error).text, now)


def _judged(row: RegisteredRange, known: frozenset[str]) -> _Part:
    last = last_look(row)
    if last is None:
        return _Part(row.network, Outcome.UNKNOWN, _NEVER.with_params(range=str(row)), clock.now())
    sweep, look = last
    remarks = judge_sweep(look, known)
    outcome = outcome_of(remarks)
    level = {Outcome.FAIL: Level.NG, Outcome.UNKNOWN: Level.UNKNOWN, Outcome.PASS: Level.OK}[outcome]
    message = next(one.message for one in remarks if one.level is level)
    return _Part(row.network, outcome, message, sweep.started_at or sweep.requested_at, remarks)


def _finding(subject: Subject, parts: Sequence[_Part], nothing: Text) -> Finding:
    if not parts:
        return Finding(subject, Outcome.UNKNOWN, nothing, clock.now())
    worst = min(parts, key=lambda part: _WORST.index(part.outcome))
    ranges: list[Json] = [
        {"range": part.range, "outcome": part.outcome.value, "remarks": [one.document() for one in part.remarks]}
        for part in parts
    ]
    return Finding(subject, worst.outcome, worst.message, min(part.at for part in parts), {"ranges": ranges})
