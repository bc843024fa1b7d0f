"""Reading syslog messages: octet counting (RFC 6587, RFC 5425) and the form of RFC 5424."""

import re
from dataclasses import dataclass
from datetime import datetime

from sekisho.register.rules.sources.errors import SyslogRefused

# RFC 5425: everybody takes 2048 octets and should take 8192; audit messages are longer. An entry of the register holds
# no more than this, even where every byte has to be coded.
LONGEST_MESSAGE = 40 * 1024
LONGEST_COUNT = 10  # digits
_HEAD = re.compile(
    rb"<(\d{1,3})>(\d{1,2}) (\S{1,64}) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128})"
    rb" ([\x21-\x7e]{1,32}) "
)
_ELEMENT = re.compile(rb'\[[^\s=\]"]{1,32}(?: [^\s=\]"]{1,32}="(?:[^"\\\]]|\\.)*")*\]', re.DOTALL)
_HIGHEST = 191
_NIL = "-"
_BOM = b"\xef\xbb\xbf"
# RFC 3339 as RFC 5424 narrows it: capital T and Z, at most six digits.
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})")


@dataclass(frozen=True, slots=True)
class Message:
    """A message: ``moment`` is None where the sender says none; ``body`` comes without the mark of UTF-8."""

    facility: int
    severity: int
    moment: datetime | None
    host: str
    app: str
    process: str
    kind: str
    body: bytes


def read_count(digits: bytes) -> int:
    """Return the length that stands before a message. Raises SyslogRefused."""
    if not digits.isdigit() or digits[:1] == b"0" or len(digits) > LONGEST_COUNT:
        raise SyslogRefused(reason="no length before the message")
    return int(digits)


def read_message(raw: bytes) -> Message:
    """Read one message. Raises SyslogRefused."""
    found = _HEAD.match(raw)
    if found is None or int(found[1]) > _HIGHEST or found[2] != b"1":
        raise SyslogRefused(reason="its head is not that of version 1")
    priority = int(found[1])
    host, app, process, kind = (part.decode("ascii") for part in found.groups()[3:])
    rest = _after_data(raw, found.end())
    return Message(
        priority >> 3,
        priority & 7,
        _moment(found[3]),
        "" if host == _NIL else host,
        "" if app == _NIL else app,
        "" if process == _NIL else process,
        "" if kind == _NIL else kind,
        rest.removeprefix(_BOM),
    )


def _moment(field: bytes) -> datetime | None:
    text = field.decode("ascii", "replace")
    if text == _NIL:
        return None
    if not _TIME.fullmatch(text):
        raise SyslogRefused(reason="its time is not one of RFC 3339")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise SyslogRefused(reason="its time is none") from error


def _after_data(raw: bytes, place: int) -> bytes:
    """Return what follows the structured data. Raises SyslogRefused."""
    if raw[place : place + 1] == b"-":
        place += 1
    else:
        begin = place
        while found := _ELEMENT.match(raw, place):
            place = found.end()
        if place == begin:
            raise SyslogRefused(reason="its structured data is broken")
    if raw[place : place + 1] not in {b"", b" "}:
        raise SyslogRefused(reason="its structured data is broken")
    return raw[place + 1 :]
