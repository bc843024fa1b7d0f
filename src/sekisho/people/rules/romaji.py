"""How readings are typed in Latin letters: a password made of a name in romaji is guessed first. Pure."""

import itertools
from collections.abc import Iterator

from sekisho.kernel.search import fold

_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "s": "サシスセソ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
    "g": "ガギグゲゴ",
    "z": "ザジズゼゾ",
    "d": "ダヂヅデド",
    "b": "バビブベボ",
    "p": "パピプペポ",
}
_KUNREI = {kana: row + vowel for row, signs in _ROWS.items() for kana, vowel in zip(signs, "aiueo", strict=True)}
_KUNREI |= {"ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ワ": "wa", "ヲ": "wo", "ン": "n", "ヴ": "vu", "ー": ""}
_HEPBURN = {"シ": "shi", "チ": "chi", "ツ": "tsu", "フ": "fu", "ジ": "ji", "ヂ": "ji", "ヅ": "zu"}
_SMALL = {"ャ": "a", "ュ": "u", "ョ": "o"}
_LONG = (("ou", "o"), ("oo", "o"), ("uu", "u"))


def spellings(kana: str) -> frozenset[str]:
    """Return the usual spellings of one word in kana, in lower case: Kunrei and Hepburn, with and without long vowels.

    What is no kana is left as it is.
    """
    word = fold(kana)
    written = {_spell(word, _KUNREI, hepburn=False), _spell(word, _KUNREI | _HEPBURN, hepburn=True)}
    return frozenset(written | {_short(one) for one in written})


def _short(word: str) -> str:
    for long, short in _LONG:
        word = word.replace(long, short)
    return word


def _spell(word: str, table: dict[str, str], *, hepburn: bool) -> str:
    parts: list[str] = []
    for sign, after in itertools.zip_longest(word, word[1:], fillvalue=""):
        if sign == "ッ":
            parts.append(table.get(after, "")[:1])
        elif sign in _SMALL and parts:
            parts[-1] = _with_small(parts[-1], _SMALL[sign], hepburn=hepburn)
        else:
            parts.append(table.get(sign, sign))
    return "".join(parts)


def _with_small(syllable: str, vowel: str, *, hepburn: bool) -> str:
    stem = syllable.removesuffix("i")
    return stem + vowel if hepburn and stem in {"sh", "ch", "j"} else f"{stem}y{vowel}"


def words_about(*, login: str, name: str, kana: str, staff_number: str | None) -> tuple[str, ...]:
    """Return what a stranger would guess a person's password from: login, name, staff number, reading in romaji."""
    return (login, *name.split(), *_romaji(kana), *([staff_number] if staff_number else []))


def _romaji(kana: str) -> Iterator[str]:
    for word in fold(kana).split():
        yield from sorted(spellings(word))
