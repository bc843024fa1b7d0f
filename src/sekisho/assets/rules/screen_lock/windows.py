"""What registry values of Windows say of the screen lock, however they were exported.

Sources: "Interactive logon: Machine inactivity limit" and the administrative template ControlPanelDisplay.admx,
Microsoft Learn. A policy goes before the user's own choice.
"""

import re
from collections.abc import Iterator, Mapping

from sekisho.assets.rules.screen_lock.errors import LockSettingsUnreadable
from sekisho.assets.rules.screen_lock.mechanisms import Mechanism, Setting, Way
from sekisho.assets.rules.screen_lock.registry_file import Values
from sekisho.kernel.text import _

MACHINE = "hkey_local_machine\\software\\microsoft\\windows\\currentversion\\policies\\system"
WINLOGON = "hkey_local_machine\\software\\microsoft\\windows nt\\currentversion\\winlogon"
_LIMIT, _GRACE, _NO_LOCK = "inactivitytimeoutsecs", "screensavergraceperiod", "disablelockworkstation"
_ACTIVE, _SECURE, _AFTER, _PROGRAM = "screensaveactive", "screensaverissecure", "screensavetimeout", "scrnsave.exe"
_USER = re.compile(
    r"(?P<user>hkey_current_user|hkey_users\\s-1-5-21-[0-9-]+)\\"
    r"(?P<key>control panel\\desktop|software\\policies\\microsoft\\windows\\control panel\\desktop"
    r"|software\\microsoft\\windows\\currentversion\\policies\\system)"
)
_SHOWN = {
    _LIMIT: "InactivityTimeoutSecs",
    _GRACE: "ScreenSaverGracePeriod",
    _NO_LOCK: "DisableLockWorkstation",
    _ACTIVE: "ScreenSaveActive",
    _SECURE: "ScreenSaverIsSecure",
    _AFTER: "ScreenSaveTimeOut",
    _PROGRAM: "SCRNSAVE.EXE",
}
_OFF = {_ACTIVE: "0", _SECURE: "0", _AFTER: "0", _PROGRAM: ""}
_LONGEST_SHOWN = 100
Held = Mapping[str, str | int]


def mechanisms_in(values: Values) -> tuple[Mechanism, ...]:
    """Return the ways that can be told. Raises LockSettingsUnreadable for a time that is no number."""
    users = _users(values)
    off = next((name for name, keys in users.items() if _number(keys["system"].get(_NO_LOCK, 0), _NO_LOCK)), None)
    if off is not None:
        because = f"{_SHOWN[_NO_LOCK]}=1"
        return tuple(Mechanism(way, None, because) for way in (Way.MACHINE_LIMIT, Way.SCREEN_SAVER))
    savers = [_saver(keys, _number(values.get(WINLOGON, {}).get(_GRACE, 0), _GRACE)) for keys in users.values()]
    known = [saver for saver in savers if saver is not None]
    found = [_limit(values[MACHINE])] if MACHINE in values else []
    if known and len(known) == len(savers):
        # The screen saver is each user's own: it is as good as that of the worst.
        found.append(max(known, key=lambda saver: (saver.seconds is None, saver.seconds or 0)))
    return tuple(found)


def settings_in(values: Values) -> Iterator[Setting]:
    """Yield the settings that were looked at, as they stand in the file; nothing else of it is ever kept."""
    for key, held in values.items():
        if key in {MACHINE, WINLOGON} or _USER.fullmatch(key):
            for name in _SHOWN.keys() & held.keys():
                yield Setting(key, _SHOWN[name], str(held[name])[:_LONGEST_SHOWN])


def _users(values: Values) -> dict[str, dict[str, Held]]:
    """Return what each user's hive holds: ``own`` choices, those of a ``policy``, and of the ``system``."""
    names = {"control": "own", "software\\policies": "policy", "software\\microsoft": "system"}
    found: dict[str, dict[str, Held]] = {}
    for key, held in values.items():
        match = _USER.fullmatch(key)
        if match is not None:
            kind = next(kind for start, kind in names.items() if match["key"].startswith(start))
            found.setdefault(match["user"], {"system": {}})[kind] = held
    return found


def _limit(held: Held) -> Mechanism:
    seconds = _number(held.get(_LIMIT, 0), _LIMIT)
    return Mechanism(Way.MACHINE_LIMIT, seconds or None, "" if seconds else _SHOWN[_LIMIT], enforced=True)


def _saver(keys: Mapping[str, Held], grace: int) -> Mechanism | None:
    """Return what a user's screen saver does, None where it cannot be told."""
    policy, own = keys.get("policy", {}), keys.get("own")
    held = {**(own or {}), **policy}
    for name, off in _OFF.items():
        if name in held and str(held[name]).strip() == off:
            return Mechanism(Way.SCREEN_SAVER, None, f"{_SHOWN[name]}={off}", enforced=name in policy)
    for name in (_SECURE, _PROGRAM):
        # Without these two there is no lock; where the user's own choices were not exported they may stand there.
        if name not in held:
            return None if own is None else Mechanism(Way.SCREEN_SAVER, None, _SHOWN[name])
    if _ACTIVE not in held or _AFTER not in held:
        return None
    enforced = {_ACTIVE, _SECURE, _AFTER} <= policy.keys()
    return Mechanism(Way.SCREEN_SAVER, _number(held[_AFTER], _AFTER) + grace, enforced=enforced)


def _number(value: str | int, name: str) -> int:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,10}", value.strip(), re.ASCII):
        raise LockSettingsUnreadable(reason=_("%(name)s holds no number", name=_SHOWN[name]))
    return int(value)
