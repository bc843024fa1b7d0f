"""Checks, their runs and findings in the reader's words: states, ages, facts and remarks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sekisho.governance.forms import OUTCOME_LABELS
from sekisho.governance.models import EvidenceRun, RunState
from sekisho.governance.queries.checks import WORST_FIRST, ControlState, Counts, worst_of
from sekisho.governance.rules.evidence import said
from sekisho.governance.rules.schedule import Due
from sekisho.kernel import clock
from sekisho.kernel.declarations import Outcome, Severity
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
_CERTAINTIES: Mapping[str, Words] = {
    "primary": _("the text of the rule was read"),
    "secondary": _("as quoted by others"),
    "memory": _("not yet compared with the text of the rule"),
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_MOST_FACTS = 200


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark of a check about a subject, as the pages show it."""

    badge: Badge
    code: str
    message: str
    observed: str
    expected: str
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


def fact_lines(facts: Any) -> list[tuple[str, str]]:
    """Return facts as terms with values, what lies inside another named by its way: ``endpoints / 10.0.0.1``."""
    lines = list(_flat("", facts))
    if len(lines) > _MOST_FACTS:
        lines = [*lines[:_MOST_FACTS], ("…", gettext("%(number)s more") % {"number": len(lines) - _MOST_FACTS})]
    return lines


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(f"{name} / {key}" if name else str(key), inner)
    elif isinstance(value, list) and any(isinstance(inner, (Mapping, list)) for inner in value):
        for number, inner in enumerate(value, start=1):
            yield from _flat(f"{name} / {number}" if name else str(number), inner)
    elif name or value:
        yield name, value_words(value)


def value_words(value: Any) -> str:
    """Return one observed value as people read it; what is nested is written as JSON."""
    match value:
        case None | "" | [] | {}:
            return "―"
        case bool():
            return gettext("Yes") if value else gettext("No")
        case list() if not any(isinstance(inner, (Mapping, list)) for inner in value):
            return gettext(", ").join(value_words(inner) for inner in value)
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def remarks_of(facts: Any) -> tuple[list[Remark], Any]:
    """Return the remarks among the facts of a finding, the worst first, and the facts beside them.

    What does not look like a remark stays among the facts: strange, but never left out.
    """
    listed = facts.get("remarks") if isinstance(facts, Mapping) else None
    if not isinstance(listed, list) or not all(_is_remark(found) for found in listed):
        return [], facts
    ordered = sorted(listed, key=lambda found: _LEVEL_ORDER.index(found["level"]))
    return [_remark(found) for found in ordered], {name: value for name, value in facts.items() if name != "remarks"}


def _is_remark(found: Any) -> bool:
    return isinstance(found, Mapping) and found.get("level") in LEVEL_BADGES


def _remark(found: Mapping[str, Any]) -> Remark:
    certainty = str(found.get("certainty", ""))
    return Remark(
        badge=LEVEL_BADGES[found["level"]],
        code=str(found.get("code", "")),
        message=said(found.get("message")),
        observed=value_words(found.get("observed")),
        expected=value_words(found.get("expected")),
        source=str(found.get("source", "")),
        certainty=_CERTAINTIES.get(certainty, certainty),
    )
