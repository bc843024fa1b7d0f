"""Registry Editor's text form (``reg export``): keys in brackets, then ``"name"=value``.

Values may run over lines (long hex, strings with line breaks), so the text is walked statement by statement: what
stands inside a string is never taken for a setting. Source: "How to add, modify, or delete registry subkeys and values
by using a .reg file", Microsoft support 310516.
"""

import re
from collections.abc import Mapping

from sekisho.assets.rules.screen_lock.errors import LockSettingsUnreadable
from sekisho.kernel.text import _

HEADERS = ("Windows Registry Editor Version 5.00", "REGEDIT4")
Values = Mapping[str, Mapping[str, str | int]]
_NOISE = re.compile(r"[ \t]*(?:;[^\n]*)?(?:\n|$)")
_KEY = re.compile(r"[ \t]*\[(-?)([^\n\]][^\n]*)\][ \t]*(?:\n|$)")
_VALUE = re.compile(
    r'[ \t]*(?:@|"(?P<name>(?:[^"\\]|\\.)*)")[ \t]*=[ \t]*'
    r'(?:"(?P<text>(?:[^"\\]|\\.)*)"|dword:(?P<number>[0-9a-fA-F]{1,8})|(?P<hex>hex(?:\([0-9a-fA-F]+\))?:)'
    r"(?:[0-9a-fA-F, \t]|\\[ \t]*\n)*|(?P<gone>-))[ \t]*(?:\n|$)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def parse(text: str) -> Values:
    """Return what stands under each key, names in small letters; of a value in hex only that it is there.

    Raises LockSettingsUnreadable with the line that cannot be understood.
    """
    found: dict[str, dict[str, str | int]] = {}
    here: dict[str, str | int] = {}
    position = text.index("\n") + 1 if "\n" in text else len(text)
    while position < len(text):
        match = _NOISE.match(text, position) or _KEY.match(text, position) or _VALUE.match(text, position)
        if match is None:
            line = text.count("\n", 0, position) + 1
            raise LockSettingsUnreadable(reason=_("line %(line)s is not of the form of a registry file", line=line))
        if match.re is _KEY:
            # Under a key that is to be deleted stands nothing.
            here = {} if match[1] else found.setdefault(match[2].lower(), {})
        elif match.re is _VALUE:
            _take(here, match)
        position = match.end()
    return found


def _take(here: dict[str, str | int], match: re.Match[str]) -> None:
    name = _plain(match["name"] or "").lower()
    if match["gone"] is not None:
        here.pop(name, None)
    elif match["number"] is not None:
        here[name] = int(match["number"], 16)
    else:
        here[name] = _plain(match["text"]) if match["text"] is not None else match["hex"]


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
