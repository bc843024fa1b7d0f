"""One form for comparing text that people type in different widths, cases and kana."""

import unicodedata

_HIRAGANA = range(0x3041, 0x3097)
_TO_KATAKANA = {code: code + 0x60 for code in _HIRAGANA}
LONGEST_SEARCH = 200
MOST_WORDS = 10


def fold(text: str) -> str:
    """Return the search form of ``text``: NFKC, case folded, hiragana as katakana, spaces single.

    Only keys are folded; what people entered (髙, 﨑, full-width) is kept as it is.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_TO_KATAKANA)
    return " ".join(folded.split())


def search_words(text: str) -> list[str]:
    """Return the words that a search looks for: folded, without control characters, few enough for any database."""
    printable = "".join(character if unicodedata.category(character) != "Cc" else " " for character in text)
    return fold(printable[:LONGEST_SEARCH]).split()[:MOST_WORDS]
