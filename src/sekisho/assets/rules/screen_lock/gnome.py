"""What GNOME's settings say of the screen lock: ``dconf dump /``, ``gsettings list-recursively``, or a keyfile.

A dump holds only what somebody changed; what is missing in it cannot be told, since distributions have defaults of
their own. Source: the schemas org.gnome.desktop.session, .screensaver and .lockdown.
"""

import re
from collections.abc import Iterator, Mapping

from sekisho.assets.rules.screen_lock.errors import LockSettingsUnreadable
from sekisho.assets.rules.screen_lock.mechanisms import Mechanism, Setting, Way
from sekisho.kernel.text import _

_DESKTOP = "org.gnome.desktop."
_IDLE, _LOCK, _DELAY = "session idle-delay", "screensaver lock-enabled", "screensaver lock-delay"
_NEVER = "lockdown disable-lock-screen"
_SECTION = re.compile(r"\[(?P<path>[a-z0-9./_-]*)\]", re.I)
_ENTRY = re.compile(r"(?P<name>[a-z0-9-]+)=(?P<value>.*)")
_LISTED = re.compile(r"(?P<schema>org\.[A-Za-z0-9._-]+)(?::\S+)? (?P<name>[a-z0-9-]+) (?P<value>.*)")
_NUMBER = re.compile(r"(?:uint32 |int32 )?(?P<number>[0-9]{1,10})", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


def parse(text: str) -> dict[str, str]:
    """Return the values of the three schemas, under "schema key". Raises LockSettingsUnreadable."""
    found: dict[str, str] = {}
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if match := _SECTION.fullmatch(stripped):
            section = match["path"].strip("/").replace("/", ".")
        elif match := _LISTED.fullmatch(stripped):
            found[f"{match['schema']} {match['name']}"] = match["value"].strip()
        elif match := _ENTRY.fullmatch(stripped):
            found[f"{section} {match['name']}"] = match["value"].strip()
        else:
            raise LockSettingsUnreadable(reason=_("line %(line)s is not of the form of GNOME's settings", line=number))
    wanted = {f"{_DESKTOP}{name}": name for name in (_IDLE, _LOCK, _DELAY, _NEVER)}
    return {name: found[full] for full, name in wanted.items() if full in found}


def mechanisms_in(held: Mapping[str, str]) -> tuple[Mechanism, ...]:
    """Return the one way, if it can be told. Raises LockSettingsUnreadable for what is no number or no truth."""
    never = _truth(held, _NEVER, default=False)
    if never or not _truth(held, _LOCK, default=True):
        return (Mechanism(Way.SESSION, None, f"{_NEVER}=true" if never else f"{_LOCK}=false"),)
    if _IDLE in held and _seconds(held, _IDLE) == 0:
        return (Mechanism(Way.SESSION, None, f"{_IDLE}=0"),)
    if not {_IDLE, _LOCK, _DELAY} <= held.keys():
        return ()
    return (Mechanism(Way.SESSION, _seconds(held, _IDLE) + _seconds(held, _DELAY)),)


def settings_in(held: Mapping[str, str]) -> Iterator[Setting]:
    """Yield the settings that were looked at."""
    for name, value in held.items():
        schema, key = name.split(" ")
        yield Setting(f"{_DESKTOP}{schema}", key, value[:100])


def _truth(held: Mapping[str, str], name: str, *, default: bool) -> bool:
    if name not in held:
        return default
    if held[name] not in _BOOLEANS:
        raise LockSettingsUnreadable(reason=_("%(name)s is neither true nor false", name=name))
    return _BOOLEANS[held[name]]


def _seconds(held: Mapping[str, str], name: str) -> int:
    match = _NUMBER.fullmatch(held[name])
    if match is None:
        raise LockSettingsUnreadable(reason=_("%(name)s holds no number", name=name))
    return int(match["number"])
