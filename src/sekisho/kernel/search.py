"""One form for comparing text that people type in different widths, cases and kana."""

import unicodedata

_HIRAGANA = range(0x3041, 0x3097)
_TO_KATAKANA = {code: code + 0x60 for code in _HIRAGANA}


def fold(text: str) -> str:
    """Return the search form of ``text``: NFKC, case folded, hiragana as katakana, spaces single.

    Only keys are folded; what people entered (髙, 﨑, full-width) is kept as it is.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_TO_KATAKANA)
    return " ".join(folded.split())
