"""Checks, their runs and findings in the reader's words: states, ages, facts and remarks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sekisho.governance.forms.filters import OUTCOME_LABELS
from sekisho.governance.models import EvidenceRun, RunState
from sekisho.governance.queries.checks import WORST_FIRST, ControlState, Counts, worst_of
from sekisho.governance.queries.imports import ImportedRun, newest_imported
from sekisho.governance.rules.evidence import said
from sekisho.governance.rules.schedule import Due
from sekisho.governance.views.fact_wording import CERTAINTIES, is_field, short_source, title_of, value_words
from sekisho.kernel import clock, registry
from sekisho.kernel.declarations import Outcome, Severity
from sekisho.network.rules.sources import source_words
from sekisho.ui.parts import SYMBOLS, Badge, Kind, Words

_LABELS: Mapping[str, Words] = dict(OUTCOME_LABELS)
OUTCOME_BADGES: Mapping[Outcome, Badge] = {
    Outcome.FAIL: Badge(Kind.NG, _LABELS["fail"]),
    Outcome.ERROR: Badge(Kind.WARN, _LABELS["error"], "！"),
    Outcome.UNKNOWN: Badge(Kind.WARN, _LABELS["unknown"], "？"),
    Outcome.PASS: Badge(Kind.OK, _LABELS["pass"]),
    Outcome.NOT_APPLICABLE: Badge(Kind.NEUTRAL, _LABELS["not_applicable"]),
}
STATE_BADGES: Mapping[str, Badge] = {
    RunState.FINISHED: Badge(Kind.NEUTRAL, RunState.FINISHED.label, "■"),
    RunState.CRASHED: Badge(Kind.WARN, RunState.CRASHED.label, "！"),
    RunState.EMPTY: Badge(Kind.WARN, RunState.EMPTY.label),
    RunState.TIMED_OUT: Badge(Kind.WARN, RunState.TIMED_OUT.label, "！"),
}
NOT_RUN = Badge(Kind.NEUTRAL, _("Not run yet"), "…")
REQUESTED = Badge(Kind.INFO, _("Requested"), "…")
DUE_BADGES: Mapping[Due, Badge] = {
    Due.DUE: Badge(Kind.INFO, _("Due now")),
    Due.OVERDUE: Badge(Kind.WARN, _("Overdue")),
}
SEVERITIES: Mapping[Severity, Words] = {
    Severity.HIGH: _("High"),
    Severity.MEDIUM: _("Medium"),
    Severity.LOW: _("Low"),
}
_ROOMS: Mapping[str, Words] = {
    "assets": _("Devices and software"),
    "certificates": _("Certificates"),
    "config": _("Sekisho itself"),
    "continuity": _("Backups and continuity"),
    "estate": _("Facility and systems"),
    "gateway": _("Gate"),
    "governance": _("Guideline"),
    "incidents": _("Incidents"),
    "ledgers": _("Applications and approvals"),
    "maintenance": _("Maintenance"),
    "network": _("Network"),
    "people": _("People and accounts"),
    "records": _("Records"),
    "register": _("Register"),
}
# By the names in which remarks are stored.
LEVEL_BADGES: Mapping[str, Badge] = {
    "ok": Badge(Kind.OK, _("Fine")),
    "warn": Badge(Kind.WARN, _("Worth mending")),
    "ng": Badge(Kind.NG, _("Breaks the rule")),
    "unknown": Badge(Kind.WARN, _("Cannot be told"), "？"),
}
_LEVEL_ORDER = ("ng", "unknown", "warn", "ok")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark of a check about a subject, as the pages show it.

    ``where`` names the device or host it speaks of, where there are several; ``rule`` is the document in short,
    ``source`` as the check names it.
    """

    where: str
    badge: Badge
    code: str
    message: str
    observed: str
    expected: str
    rule: str
    source: str
    certainty: Words


def room_of(control_id: str) -> str:
    """Return the room that a check belongs to: the first part of its id."""
    return control_id.partition(".")[0]


def room_label(room: str) -> Words:
    """Return the name of a room; one that stands in no table is shown by its id."""
    return _ROOMS.get(room, room)


def result_badge(state: ControlState) -> Badge:
    """Return how the newest run of a check ended: the worst that it found, or why it found nothing."""
    return run_badge(state.newest, state.counts) if state.newest else NOT_RUN


def check_titles(control_ids: Collection[str]) -> Mapping[str, Words]:
    """Return what checks are called, by id: as declared, or another tool with the system that it looked at.

    One that is no longer declared has only its id.
    """
    imported = newest_imported(control_ids)
    return {control_id: _title(control_id, imported.get(control_id)) for control_id in control_ids}


def _title(control_id: str, imported: ImportedRun | None) -> Words:
    if imported is not None:
        return gettext("%(tool)s: %(system)s") % {"tool": imported.tool, "system": imported.system}
    control = registry.current().control(control_id)
    return control.title if control else control_id


def run_badge(run: EvidenceRun, counts: Counts) -> Badge:
    """Return how a run ended: the worst that it found, or why it found nothing."""
    worst = worst_of(counts) if run.state == RunState.FINISHED else None
    return OUTCOME_BADGES[worst] if worst else STATE_BADGES[run.state]


def count_badges(counts: Counts) -> list[tuple[Badge, int]]:
    """Return how many findings there are of each outcome, the worst first."""
    return [(OUTCOME_BADGES[outcome], counts[outcome]) for outcome in WORST_FIRST if counts.get(outcome)]


def counts_line(counts: Counts) -> SafeString:
    """Return the counts by their symbols, × 2　○ 14, each with its word for whoever hears the page."""
    parts = ((badge.symbol or SYMBOLS[Kind(badge.kind)], str(badge.text), n) for badge, n in count_badges(counts))
    form = '<span><span aria-hidden="true">{}</span><span class="visually-hidden">{}</span> {}</span>'
    return format_html_join("　", form, parts)


def duration_words(seconds: float) -> str:
    """Return a length of time in its largest whole unit: 3 days, 6 hours, 5 minutes, 12 seconds."""
    whole = max(0, int(seconds))
    if whole >= _DAY:
        return ngettext("%(number)s day", "%(number)s days", whole // _DAY) % {"number": whole // _DAY}
    if whole >= _HOUR:
        return ngettext("%(number)s hour", "%(number)s hours", whole // _HOUR) % {"number": whole // _HOUR}
    if whole >= _MINUTE:
        return ngettext("%(number)s minute", "%(number)s minutes", whole // _MINUTE) % {"number": whole // _MINUTE}
    return ngettext("%(number)s second", "%(number)s seconds", whole) % {"number": whole}


def age_words(moment: datetime) -> str:
    """Return how long ago something was."""
    return gettext("%(age)s ago") % {"age": duration_words((clock.now() - moment).total_seconds())}


def remarks_of(facts: Any) -> tuple[list[Remark], Any]:
    """Return the remarks among the facts of a finding, however deep, the worst first, and the facts beside them.

    What does not look like a remark stays among the facts: strange, but never left out.
    """
    found, rest = _parted(facts, "")
    ordered = sorted(found, key=lambda one: _LEVEL_ORDER.index(one[1]["level"]))
    return [_remark(where, one) for where, one in ordered], rest


def _parted(value: Any, where: str) -> tuple[list[tuple[str, Mapping[str, Any]]], Any]:
    """Return the remarks inside ``value``, each with the name of what it is about, and what is left."""
    if isinstance(value, list):
        parts = [_parted(inner, title_of(inner) or where) for inner in value]
        return [one for found, _rest in parts for one in found], [rest for _found, rest in parts]
    if not isinstance(value, Mapping):
        return [], value
    remarks: list[tuple[str, Mapping[str, Any]]] = []
    left: dict[str, Any] = {}
    for name, inner in value.items():
        if name == "remarks" and isinstance(inner, list) and all(_is_remark(one) for one in inner):
            remarks += [(where, one) for one in inner]
            continue
        found, left[name] = _parted(inner, where if is_field(name) else name)
        remarks += found
    return remarks, left


def _is_remark(found: Any) -> bool:
    return isinstance(found, Mapping) and found.get("level") in LEVEL_BADGES


def _remark(where: str, found: Mapping[str, Any]) -> Remark:
    certainty, source = str(found.get("certainty", "")), str(found.get("source", ""))
    return Remark(
        where=where,
        badge=LEVEL_BADGES[found["level"]],
        code=str(found.get("code", "")),
        message=said(found.get("message")),
        observed=value_words(found.get("observed")),
        expected=value_words(found.get("expected")),
        rule=short_source(source),
        source=str(source_words(source)),
        certainty=CERTAINTIES.get(certainty, certainty),
    )
