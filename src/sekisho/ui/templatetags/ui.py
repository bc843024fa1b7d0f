"""Template tags: dates as the reader wants them, badges, table cells, the pager."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.utils.formats import number_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from sekisho.kernel.dates import format_date, format_moment, in_facility
from sekisho.ui.display import Display, display_of
from sekisho.ui.navigation import NavigationGroup
from sekisho.ui.pager import GAP, Paged, page_numbers, page_url
from sekisho.ui.parts import SYMBOLS, TITLES, Badge, Link, Words, kind_of

register = template.Library()


def _display(context: Context) -> Display:
    # ``{% include … only %}`` drops the variable "request" but not the attribute.
    return display_of(getattr(context, "request", None) or context.get("request"))


@register.simple_tag(takes_context=True)
def date(context: Context, value: dt.date | None) -> SafeString:
    """Show a day in the reader's calendar: 令和8年11月21日, 2026/11/21, or 2026-11-21 in English."""
    if value is None:
        return _absent()
    day = in_facility(value).date() if isinstance(value, dt.datetime) else value
    display = _display(context)
    shown = format_date(day, display.calendar, display.language)
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), shown)


@register.simple_tag(takes_context=True)
def moment(context: Context, value: dt.datetime | None, seconds: bool = False) -> SafeString:
    """Show an aware moment in the facility's time and the reader's calendar."""
    if value is None:
        return _absent()
    display = _display(context)
    shown = format_moment(value, display.calendar, display.language, seconds=seconds)
    return format_html('<time datetime="{}">{}</time>', in_facility(value).isoformat(), shown)


def _absent() -> SafeString:
    return format_html(
        '<span class="absent"><span aria-hidden="true">―</span><span class="visually-hidden">{}</span></span>',
        gettext("None"),
    )


@register.simple_tag(takes_context=True)
def cell(context: Context, value: object) -> str:
    """Show any value: dates in the reader's calendar, grouped numbers, yes or no, badges and links, ― for nothing."""
    match value:
        case None | "":
            return _absent()
        case dt.datetime():
            return moment(context, value)
        case dt.date():
            return date(context, value)
        case bool():
            return gettext("Yes") if value else gettext("No")
        case int():
            return number_format(value, force_grouping=True)
        case Badge() | Link():
            return value.__html__()
        case _:
            return conditional_escape(value if isinstance(value, str) else str(value))


@register.simple_tag
def badge(kind: str, text: Words, symbol: str = "") -> SafeString:
    """Show a state: symbol and text in the colour of ``kind`` (ok, ng, warn, info, unknown, neutral)."""
    return Badge(kind, text, symbol).__html__()


@register.filter
def at(values: Sequence[Any], index: int) -> Any:
    """Return the value at ``index``: the column that belongs to a cell."""
    return values[index]


@register.filter
def kind(word: str) -> str:
    """Turn the level of a Django message (success, error …) into a kind (ok, ng …)."""
    return kind_of(word).value


@register.filter
def kind_symbol(word: str) -> str:
    """Return the symbol that stands beside the text of this kind."""
    return SYMBOLS[kind_of(word)]


@register.filter
def kind_title(word: str) -> str:
    """Return the kind in one word, for a message that does not say it itself."""
    return str(TITLES[kind_of(word)])


@register.inclusion_tag("ui/components/pager.html", takes_context=True)
def pager(context: Context, page: Paged, target: str = "", parameter: str = "page") -> Mapping[str, Any]:
    """Show links to the other pages, keeping the query string.

    With ``target`` (a CSS selector of the list) htmx replaces only that part of the page.
    """
    query = context["request"].GET

    def url(number: int | None) -> str:
        return page_url(query, number, parameter) if number else ""

    numbers = [(number, "" if number is GAP else url(number)) for number in page_numbers(page.number, page.num_pages)]
    return {
        "page": page,
        "numbers": numbers,
        "previous_url": url(page.previous),
        "next_url": url(page.next),
        "target": target,
    }


@register.filter
def anchor(field: BoundField) -> str:
    """Return the id of the element to focus for ``field``: of a group, its first choice."""
    return f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label or field.auto_id


@register.filter
def is_single_checkbox(field: BoundField) -> bool:
    """Tell whether ``field`` is one tick box, whose label stands behind it."""
    return field.widget_type == "checkbox"


@register.filter
def current_url(navigation: Iterable[NavigationGroup]) -> str:
    """Return the address of the list that the page shown belongs to, empty if it belongs to none."""
    entries = (entry for group in navigation for entry in group.entries)
    return next((entry.url for entry in entries if entry.is_current), "")
