"""14⑤: two factors at the client application and the server operating system of every system, judged from the map."""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Severity
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.people.queries.two_factors import MapRow, layer_subjects, two_factor_map
from sekisho.people.rules.two_factors import FACTORS, REFERENCE_DATE, Judgement, MapLayer, Standing

_SAID: dict[Standing, Text] = {
    Standing.OUT: _("The rule does not reach it."),
    Standing.LEAVING: _("It goes out of use before the day."),
    Standing.HELD: _("Two factors are asked for."),
    Standing.SUBSTITUTE: _("A substitute stands in for two factors."),
    Standing.DEFERRED: _("Two factors are put off to the next renewal, with reason and approval."),
    Standing.LACKING: _("Two factors are lacking."),
    Standing.UNKNOWN: _("Nobody can tell whether two factors are asked for."),
}


def check() -> Iterator[Finding]:
    """Judge each system as a whole, and its client application and server operating system apart."""
    rows = {row.system.id: row for row in two_factor_map()}
    for row in rows.values():
        facts: dict[str, Json] = {layer.value: found.standing.value for layer, found in row.layers.items()}
        yield _finding(row.system, row.whole, facts)
    for subject, system, layer in layer_subjects():
        yield _of_layer(subject, rows[system], layer)


def _of_layer(subject: Subject, row: MapRow, layer: MapLayer) -> Finding:
    found = row.layers[layer]
    return _finding(subject, found, {"standing": found.standing.value})


def _finding(subject: Subject, found: Judgement, facts: dict[str, Json]) -> Finding:
    message = found.said[0] if found.said else _SAID[found.standing]
    facts["lacks"] = [text.msgid for text in found.said]
    return Finding(subject, found.outcome, message, clock.now(), facts)


control = Control(
    id="people.two_factor",
    title=_("Two factors at client and server of every system"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_("Enter in the two-factor map what was tested or what the vendor wrote; where it lacks, plan the renewal."),
    parameters={"authentication_factors": FACTORS, "two_factor_reference_date": REFERENCE_DATE.isoformat()},
)
