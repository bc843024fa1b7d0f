r"""The security settings of Windows as ``secedit /export`` writes them: an INF file whose registry values concern us.

A line is ``MACHINE\path\name=type,value``; type 4 is a number, 1 a text. Source: "[MS-GPSB]: Group Policy: Security
Protocol Extension", 2.2.8.
"""

import re

from sekisho.assets.rules.screen_lock.errors import LockSettingsUnreadable
from sekisho.assets.rules.screen_lock.registry_file import Values
from sekisho.kernel.text import _

SECTION = "[registry values]"
_NUMBER = "4"
_LINE = re.compile(
    r"\s*MACHINE\\(?P<key>[^=]+)\\(?P<name>[^=\\]+?)\s*=\s*(?P<type>\d{1,2})\s*,\s*(?P<value>.*?)\s*$", re.I
)


def parse(text: str) -> Values:
    """Return the registry values of the machine, as an export of its registry would say them.

    Raises LockSettingsUnreadable with the line that cannot be understood.
    """
    found: dict[str, dict[str, str | int]] = {}
    inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            inside = stripped.lower() == SECTION
        elif inside and stripped and not stripped.startswith(";"):
            _take(found, stripped, number)
    return found


def _take(found: dict[str, dict[str, str | int]], line: str, number: int) -> None:
    match = _LINE.fullmatch(line)
    if match is None:
        raise LockSettingsUnreadable(reason=_("line %(line)s is not of the form of a security template", line=number))
    value: str | int = match["value"].strip('"')
    if match["type"] == _NUMBER:
        if not re.fullmatch(r"[0-9]{1,10}", str(value)):
            raise LockSettingsUnreadable(reason=_("line %(line)s holds no number", line=number))
        value = int(value)
    found.setdefault(f"hkey_local_machine\\{match['key'].lower()}", {})[match["name"].lower()] = value
