"""What the pages of a network device share: badges, remarks with the lines they rest on, differences as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sekisho.network.actions import DeviceAction
from sekisho.network.models import NetworkDevice
from sekisho.network.queries.configurations import (
    PAGE_SIZE,
    Kept,
    Standing,
    line_kinds_of,
    links,
    remark_about_drift,
    remarks_about,
)
from sekisho.network.rules.configuration.baseline import Drift
from sekisho.network.rules.drift import FIRMWARE, Line
from sekisho.network.rules.evidence_lines import lines_of, shown_line, texts_by_line
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.readers.detection import NAMES
from sekisho.network.rules.sources import source_words
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Change, Kind, TableColumn, Words
from sekisho.ui.request import Request

_KINDS = {Level.NG: Kind.NG, Level.UNKNOWN: Kind.UNKNOWN, Level.WARN: Kind.WARN, Level.OK: Kind.OK}
_ORDER = list(_KINDS)
_MOST_LINES = 12
# A page that is not kept has no second page.
_MOST_AT_ONCE = 1000


def device_context(request: Request, device: NetworkDevice | None = None, **more: Any) -> dict[str, Any]:
    """Return what the templates of devices need, with ``more`` on top."""
    list_url = reverse("network:devices")
    actor, is_open = request.actor, device is not None and device.closed_at is None
    return {
        "page_title": _("Network devices"),
        "list_url": list_url,
        "device": device,
        "device_url": reverse("network:device", args=[device.pk]) if device else list_url,
        "cancel_url": reverse("network:device", args=[device.pk]) if device else list_url,
        "may_add": actor.may(DeviceAction.ADD),
        "may_change": is_open and actor.may(DeviceAction.CHANGE),
        "may_close": is_open and actor.may(DeviceAction.CLOSE),
        "may_hand_in": is_open and actor.may(DeviceAction.HAND_IN),
        "may_apply": is_open and actor.may(DeviceAction.APPLY),
        **more,
    }


def line_names(device: NetworkDevice) -> str:
    """Return the names of the open lines that run over a device."""
    return "、".join(link.label for link in links() if link.id in device.links)


def all_remarks(standing: Standing) -> list[Judged]:
    """Return every remark about the newest configuration and its difference from the baseline, the worst first."""
    if standing.newest is None:
        return []
    found = remarks_about(standing.newest.configuration, line_kinds_of(standing.device))
    return sorted([*found, remark_about_drift(standing)], key=lambda remark: _ORDER.index(remark.level))


def level_counts(remarks: Sequence[Judged]) -> str:
    """Return how many remarks stand at each level, by symbol; the words stand in the legend."""
    levels = [remark.level for remark in remarks]
    symbols = {Level.NG: "×", Level.UNKNOWN: "？", Level.WARN: "△", Level.OK: "○"}
    return " ".join(f"{symbol}{levels.count(level)}" for level, symbol in symbols.items())


def drift_badge(standing: Standing) -> Badge | None:
    """Return how a device stands beside its approved configuration; None before one was handed in."""
    drift = standing.drift()
    if standing.newest is None:
        return None
    if drift is None:
        return Badge(Kind.NEUTRAL, _("No approved configuration"))
    if drift.drifted:
        return Badge(Kind.WARN, _("Differs from the approved configuration"))
    return Badge(Kind.OK, _("As approved"))


def result_context(query: QueryDict | None, standing: Standing) -> dict[str, Any]:
    """Return the tables of what a configuration comes to: facts, remarks, differences.

    Each is paged for itself by ``query``; without one, as where nothing is kept yet, all is shown up to a bound.
    """
    kept = standing.newest
    if kept is None:
        return {"kept": None}
    remarks = all_remarks(standing)
    shown, remarks_page = _paged(remarks, query, "remarks")
    texts = texts_by_line(kept.normalised)
    return {
        "kept": kept,
        "most_at_once": _MOST_AT_ONCE if query is None else None,
        "configuration_facts": _facts(kept),
        "counts": [(Badge(_KINDS[level], level.label), _count(remarks, level)) for level in _ORDER],
        "remark_columns": _remark_columns(),
        "remark_rows": [_remark_row(remark, texts) for remark in shown],
        "remarks_page": remarks_page,
        "drift_badge": drift_badge(standing),
        "baseline": standing.baseline,
        **_differences(query, standing.drift()),
    }


def _count(remarks: Sequence[Judged], level: Level) -> int:
    return sum(remark.level is level for remark in remarks)


def _paged(rows: Sequence[Any], query: QueryDict | None, parameter: str) -> tuple[Sequence[Any], PagePosition]:
    if query is None:
        return rows[:_MOST_AT_ONCE], PagePosition(1, 1, len(rows))
    page = Paginator(rows, PAGE_SIZE).get_page(page_number(query, parameter))
    return list(page.object_list), PagePosition(page.number, page.paginator.num_pages, page.paginator.count)


def _facts(kept: Kept) -> list[tuple[Words, object]]:
    configuration = kept.configuration
    facts: list[tuple[Words, object]] = [
        (_("Kind of configuration"), NAMES[configuration.dialect]),
        (_("Firmware"), configuration.firmware.value),
        (_("Interfaces to the outside"), "、".join(configuration.outside.value or ())),
        (_("Encoding"), kept.encoding),
        (_("SHA-256 of the file"), kept.sha256),
    ]
    if kept.number:
        facts[:0] = [(_("Handed in"), kept.received_at), (_("By"), kept.received_by)]
    return facts


def _remark_columns() -> list[TableColumn]:
    return [
        TableColumn(_("Result"), Align.CODE),
        TableColumn(_("What was found"), Align.WIDE),
        TableColumn(_("Lines of the configuration"), Align.WIDE),
        TableColumn(_("Rule"), Align.WIDE),
    ]


def _remark_row(remark: Judged, texts: Mapping[int, str]) -> list[object]:
    observed: Any = remark.observed
    # "*" is every interface: the service alone names it.
    name = " ".join(word for word in (observed.get("service", ""), observed.get("name", "")) if word not in ("", "*"))
    found = format_html("{}: {}", name, remark.message) if name else str(remark.message)
    rule = format_html("<code>{}</code> {}", remark.code, source_words(remark.source))
    return [Badge(_KINDS[remark.level], remark.level.label), found, _evidence(lines_of(remark.observed), texts), rule]


def _evidence(numbers: Sequence[int], texts: Mapping[int, str]) -> SafeString | None:
    """Return the lines a remark rests on, with their numbers; of many the first."""
    if not numbers:
        return None
    shown = [(number, texts.get(number, "")) for number in numbers[:_MOST_LINES]]
    lines = format_html_join(SafeString("<br>"), "{}: <code>{}</code>", shown)
    return format_html("{}<br>…", lines) if len(numbers) > _MOST_LINES else lines


def _differences(query: QueryDict | None, drift: Drift | None) -> dict[str, Any]:
    if drift is None:
        return {}
    shown, page = _paged(drift.changes, query, "changes")
    rows = [Change(_place(change.path), _line(change.before), _line(change.after)) for change in shown]
    return {"comparable": drift.comparable, "changes": rows, "changes_page": page}


def _place(path: Sequence[str]) -> str:
    if tuple(path) == FIRMWARE:
        return _("Firmware")
    return " / ".join(map(shown_line, path)) or _("Whole device")


def _line(line: Line | None) -> str | None:
    return f"{line.number}: {shown_line(line.text)}" if line else None
