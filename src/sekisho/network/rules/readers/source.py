"""From the bytes of a file to its lines: strict about size, encoding and control characters."""

from dataclasses import dataclass

from sekisho.kernel.text import Text, _
from sekisho.network.rules.readers.errors import ConfigurationTooLarge, NotText

LARGEST = 8 * 1024 * 1024
UTF8 = "UTF-8"
SHIFT_JIS = "Shift_JIS"
# ETX is what IOS itself writes around banners; a form feed and a closing SUB are left by old editors.
_ALLOWED = frozenset("\t\n\r\f\x03\x1a")
_CONTROLS = frozenset(map(chr, [*range(32), 127])) - _ALLOWED
_WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a configuration, its lines (the first is number 1) and how it was encoded."""

    text: str
    lines: tuple[str, ...]
    encoding: str


def decode(content: bytes) -> Source:
    """Return the text of ``content``. Raises ConfigurationTooLarge or NotText."""
    if len(content) > LARGEST:
        raise ConfigurationTooLarge(most=LARGEST // 1024**2)
    if not content.strip():
        raise NotText(reason=_("it is empty"))
    if content.startswith(_WIDE):
        raise NotText(reason=_("it is encoded as UTF-16"))
    if b"\0" in content:
        raise NotText(reason=_("it holds bytes that no text holds"))
    text, encoding = _text(content)
    if not _CONTROLS.isdisjoint(text):
        raise NotText(reason=_control_reason())
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Source(text, tuple(text.split("\n")), encoding)


def _text(content: bytes) -> tuple[str, str]:
    try:
        return content.decode("utf-8-sig"), UTF8
    except UnicodeDecodeError:
        pass  # the next try decides
    try:
        return content.decode("cp932"), SHIFT_JIS
    except UnicodeDecodeError:
        pass  # raised outside the handler: the codec's own error quotes the bytes
    raise NotText(reason=_("it is neither UTF-8 nor Shift_JIS"))


def _control_reason() -> Text:
    return _("it holds control characters, as the log of a terminal does")
