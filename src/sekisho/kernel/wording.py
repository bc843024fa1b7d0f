"""What a text that people enter may hold: nothing that is invisible or turns its neighbours around."""

import unicodedata
from collections.abc import Iterable

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

CONTROL_CHARACTERS = _("There are invisible control characters in the text. Type it anew.")
_LINE_ENDS = frozenset("\t\r\n")
# Joiners that scripts and emoji need; every other format character hides or reorders what is shown.
_JOINERS = frozenset("\u200c\u200d")
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class InvisibleCharacters(InvalidInput):
    """A text holds control, format or separator characters that nobody types and nobody sees."""

    code = "kernel.invisible_characters"
    message = CONTROL_CHARACTERS


# Letters and marks by category, yet blank on every screen.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0")


def says_something(text: str) -> bool:
    """Tell whether ``text`` holds a letter or a digit that somebody can see."""
    return any(unicodedata.category(character)[0] in "LN" and character not in _BLANK for character in text)


def has_control_characters(text: str) -> bool:
    """Tell whether ``text`` holds characters that are invisible: NUL, bidirectional marks, zero-width spaces.

    Tab, line ends, joiners and variation selectors (髙, 﨑, 葛󠄀) stay.
    """
    return any(
        unicodedata.category(character) in _REFUSED
        for character in text
        if character not in _LINE_ENDS and character not in _JOINERS
    )


def require_visible(*texts: str) -> None:
    """Raise InvisibleCharacters if one of ``texts`` holds invisible characters."""
    if any(has_control_characters(text) for text in texts):
        raise InvisibleCharacters


def refused_fields(values: Iterable[tuple[str, object]]) -> list[str]:
    """Return the names of the fields whose text holds invisible characters."""
    return [name for name, value in values if isinstance(value, str) and has_control_characters(value)]
