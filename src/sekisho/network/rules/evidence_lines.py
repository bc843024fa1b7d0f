"""The lines that a remark rests on, and how a line is shown to people."""

import re
from collections.abc import Iterator, Mapping, Sequence

from sekisho.kernel.canonical import Json
from sekisho.network.rules.drift import Normalised

_TOKEN = re.compile(r"hmac-sha256:([0-9a-f]{6})[0-9a-f]*")


def lines_of(observed: Json) -> tuple[int, ...]:
    """Return the numbers of all lines named in what a remark observed, in order."""
    return tuple(sorted(set(_numbers(observed))))


def _numbers(observed: Json) -> Iterator[int]:
    if isinstance(observed, Mapping):
        for name, value in observed.items():
            if name == "lines" and isinstance(value, Sequence) and not isinstance(value, str):
                yield from (number for number in value if isinstance(number, int))
            else:
                yield from _numbers(value)
    elif isinstance(observed, Sequence) and not isinstance(observed, str):
        for value in observed:
            yield from _numbers(value)


def texts_by_line(normalised: Normalised) -> dict[int, str]:
    """Return the lines of a configuration by their number in its file, as :func:`shown_line` shows them."""
    return {line.number: shown_line(line.text) for section in normalised.sections for line in section.lines}


def shown_line(text: str) -> str:
    """Return a line for people: a secret is dots and the beginning of its token, which changes when the secret does."""
    return _TOKEN.sub(r"●●●● (\1)", text)
