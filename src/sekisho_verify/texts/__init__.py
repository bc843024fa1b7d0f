"""Every sentence that is shown, in Japanese and in English. A code without its two texts fails a test."""

from collections.abc import Mapping

from sekisho_verify.report import Value
from sekisho_verify.texts import findings, frame, problems

LANGUAGES = ("ja", "en")
TEXTS = frame.TEXTS | findings.TEXTS | problems.TEXTS


def text(code: str, language: str, facts: Mapping[str, Value] | None = None) -> str:
    """Return a sentence in ``language``; facts that are missing read as a dash."""
    template = TEXTS[code][LANGUAGES.index(language)]
    return template.format_map(_Facts({name: _shown(value) for name, value in (facts or {}).items()}))


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "-"


def _shown(value: Value) -> str:
    """Return a value for a terminal: whatever came from a file loses its control characters."""
    shown = "-" if value is None else str(value)
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in shown)
