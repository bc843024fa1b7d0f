"""Texts that are translated when they are shown, without a web framework.

Rules and errors are written once with an English message id; the reader's language is
known only at the entrance that shows them. The entrance's process installs a translator.
"""

from collections.abc import Callable
from typing import Final

Translator = Callable[[str], str]


class Text:
    """A message id with parameters, translated each time it is turned into a string.

    ``msgid`` is English and may hold ``%(name)s`` places, filled from ``params``.
    """

    __slots__ = ("msgid", "params")

    def __init__(self, msgid: str, **params: object) -> None:
        self.msgid: Final = msgid
        self.params: Final = params

    def with_params(self, **params: object) -> "Text":
        """Return the same text with ``params`` added."""
        return Text(self.msgid, **{**self.params, **params})

    def __str__(self) -> str:
        translated = _translator(self.msgid)
        return translated % self.params if self.params else translated

    def __repr__(self) -> str:
        return f"Text({self.msgid!r}, {self.params!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.msgid, self.params) == (other.msgid, other.params)

    def __hash__(self) -> int:
        return hash(self.msgid)


def _(msgid: str, **params: object) -> Text:
    """Mark ``msgid`` for translation (the name that message extraction looks for)."""
    return Text(msgid, **params)


def _untranslated(msgid: str) -> str:
    return msgid


_translator: Translator = _untranslated


def set_translator(translator: Translator) -> None:
    """Install the function that turns a message id into the reader's language."""
    global _translator
    _translator = translator
