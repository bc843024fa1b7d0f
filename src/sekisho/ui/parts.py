"""The small values that views hand to the building blocks: badges, links, table columns, steps, changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.text import Text

Words = str | Promise | Text


class Kind(StrEnum):
    """What a badge, toast or figure means. Always shown with its symbol and a text, never by colour alone."""

    OK = "ok"
    NG = "ng"
    WARN = "warn"
    INFO = "info"
    UNKNOWN = "unknown"
    NEUTRAL = "neutral"


SYMBOLS = {
    Kind.OK: "○",
    Kind.NG: "×",
    Kind.WARN: "△",
    Kind.INFO: "※",
    Kind.UNKNOWN: "？",
    Kind.NEUTRAL: "―",
}
TITLES = {
    Kind.OK: _("Done"),
    Kind.NG: _("Error"),
    Kind.WARN: _("Attention"),
    Kind.INFO: _("Notice"),
    Kind.UNKNOWN: _("Cannot tell"),
    Kind.NEUTRAL: _("Note"),
}
_MESSAGE_LEVELS = {
    "success": Kind.OK,
    "error": Kind.NG,
    "warning": Kind.WARN,
    "info": Kind.INFO,
    "debug": Kind.NEUTRAL,
}


def kind_of(word: str) -> Kind:
    """Return the kind for its own name or for the level of a Django message. Raises ValueError for neither."""
    return _MESSAGE_LEVELS.get(word) or Kind(word)


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in one or two words; usable as a table cell and with ``{% cell %}``."""

    kind: str
    text: Words
    symbol: str = ""

    def __html__(self) -> SafeString:
        kind = kind_of(self.kind)
        return format_html(
            '<span class="badge {}"><span class="symbol" aria-hidden="true">{}</span>{}</span>',
            kind.value,
            self.symbol or SYMBOLS[kind],
            str(self.text),
        )


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another page; usable as a table cell and with ``{% cell %}``."""

    text: Words
    url: str

    def __html__(self) -> SafeString:
        return format_html('<a href="{}">{}</a>', self.url, str(self.text))


class Align(StrEnum):
    """Where the cells of a column stand; a CODE, such as a control number, stays on one line, WIDE is for prose.

    A NAME breaks at its space only.
    """

    TEXT = "text"
    NUMBER = "number"
    CODE = "code"
    NAME = "name"
    WIDE = "wide"
    ACTIONS = "actions"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column of a table. With ``sort_url`` the heading is a link; ``sorted`` is ascending, descending or empty."""

    title: Words
    align: Align = Align.TEXT
    is_row_heading: bool = False
    sort_url: str = ""
    sorted: str = ""


class StepState(StrEnum):
    """Where a step stands."""

    DONE = "done"
    CURRENT = "current"
    TODO = "todo"


STEP_STATES = {
    StepState.DONE: _("Completed"),
    StepState.CURRENT: _("In progress"),
    StepState.TODO: _("Not yet"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a procedure; ``note`` says who or when."""

    title: Words
    state: str
    note: Words = ""

    @property
    def state_title(self) -> Words:
        """The state in words."""
        return STEP_STATES[StepState(self.state)]


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; None means that there was, or is, no value."""

    label: Words
    before: object
    after: object

    @property
    def state(self) -> str:
        """``added``, ``removed``, ``changed`` or ``same``."""
        if self.before == self.after:
            return "same"
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


Cells = Sequence[object]
