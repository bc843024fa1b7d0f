"""One form for comparing text that people type in different widths, cases and kana."""

import unicodedata

from sekisho.kernel.text import _

CONTROL_CHARACTERS = _("There are invisible control characters in the text. Type it anew.")
_HIRAGANA = range(0x3041, 0x3097)
_TO_KATAKANA = {code: code + 0x60 for code in _HIRAGANA}


def has_control_characters(text: str) -> bool:
    """Tell whether ``text`` holds characters that no one types: NUL and its like, but not tab and line ends."""
    return any(unicodedata.category(character) == "Cc" and character not in "\t\r\n" for character in text)


def fold(text: str) -> str:
    """Return the search form of ``text``: NFKC, case folded, hiragana as katakana, spaces single.

    Only keys are folded; what people entered (髙, 﨑, full-width) is kept as it is.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_TO_KATAKANA)
    return " ".join(folded.split())
