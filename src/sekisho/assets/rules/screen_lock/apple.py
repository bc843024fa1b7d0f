"""What an Apple configuration profile (.mobileconfig) says of the screen lock, of a Mac or of an iPad.

Sources: Apple's device management documents on the payloads com.apple.screensaver, com.apple.screensaver.user and
com.apple.mobiledevice.passwordpolicy. The password policy counts in minutes, the screen saver in seconds.
"""

import plistlib
from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers.expat import ExpatError

from sekisho.assets.rules.screen_lock.errors import LockSettingsUnreadable
from sekisho.assets.rules.screen_lock.mechanisms import Mechanism, Setting, Way
from sekisho.kernel.text import _

_SAVER = ("com.apple.screensaver", "com.apple.screensaver.user")
_PASSCODE = "com.apple.mobiledevice.passwordpolicy"
_MANAGED = "com.apple.ManagedClient.preferences"
_ASK, _DELAY, _IDLE = "askForPassword", "askForPasswordDelay", "idleTime"
_FORCED, _INACTIVITY, _GRACE = "forcePIN", "maxInactivity", "maxGracePeriod"
_READ = (_ASK, _DELAY, _IDLE, _FORCED, _INACTIVITY, _GRACE)
_MINUTE = 60
# What plistlib lets through of a broken list: an unknown encoding, a wrong order of tags, a day without end.
_BROKEN = (ValueError, ExpatError, LookupError, AttributeError, TypeError, OverflowError)
Payload = Mapping[str, Any]


def parse(text: str) -> list[tuple[str, Payload]]:
    """Return each payload with its type, those of managed preferences unfolded. Raises LockSettingsUnreadable."""
    try:
        profile = plistlib.loads(text.encode(), fmt=plistlib.FMT_XML)
    except _BROKEN as error:
        raise LockSettingsUnreadable(reason=_("it is no complete property list")) from error
    contents = profile.get("PayloadContent") if isinstance(profile, dict) else None
    if not isinstance(contents, list):
        raise LockSettingsUnreadable(reason=_("it is no configuration profile"))
    return [found for payload in contents if isinstance(payload, dict) for found in _unfolded(payload)]


def _unfolded(payload: Payload) -> Iterator[tuple[str, Payload]]:
    kind, inner = payload.get("PayloadType"), payload.get("PayloadContent")
    if kind != _MANAGED:
        yield str(kind), payload
        return
    for domain, managed in inner.items() if isinstance(inner, dict) else ():
        for forced in _list(managed, "Forced"):
            settings = forced.get("mcx_preference_settings") if isinstance(forced, dict) else None
            if isinstance(settings, dict):
                yield str(domain), settings


def _list(held: object, name: str) -> list[Any]:
    found = held.get(name) if isinstance(held, dict) else None
    return found if isinstance(found, list) else []


def mechanisms_in(payloads: list[tuple[str, Payload]]) -> tuple[Mechanism, ...]:
    """Return the ways that can be told. Raises LockSettingsUnreadable for a time that is no number."""
    saver = {name: value for kind, payload in payloads if kind in _SAVER for name, value in payload.items()}
    passcode = {name: value for kind, payload in payloads if kind == _PASSCODE for name, value in payload.items()}
    found = (_saver(saver) if saver else None, _passcode(passcode) if passcode else None)
    return tuple(mechanism for mechanism in found if mechanism is not None)


def settings_in(payloads: list[tuple[str, Payload]]) -> Iterator[Setting]:
    """Yield the settings that were looked at."""
    for kind, payload in payloads:
        if kind in _SAVER or kind == _PASSCODE:
            yield from (Setting(kind, name, str(payload[name])[:100]) for name in _READ if name in payload)


def _saver(held: Payload) -> Mechanism | None:
    if held.get(_ASK) in (False, 0):
        return Mechanism(Way.SCREEN_SAVER, None, f"{_ASK}=false", enforced=True)
    if _IDLE in held and _seconds(held, _IDLE) == 0:
        return Mechanism(Way.SCREEN_SAVER, None, f"{_IDLE}=0", enforced=True)
    if not {_ASK, _DELAY, _IDLE} <= held.keys():
        return None
    return Mechanism(Way.SCREEN_SAVER, _seconds(held, _IDLE) + _seconds(held, _DELAY), enforced=True)


def _passcode(held: Payload) -> Mechanism | None:
    if held.get(_FORCED) is not True:
        return Mechanism(Way.PASSCODE, None, _FORCED)
    if not {_INACTIVITY, _GRACE} <= held.keys():
        return None
    minutes = _seconds(held, _INACTIVITY)
    if minutes == 0:
        return Mechanism(Way.PASSCODE, None, f"{_INACTIVITY}=0", enforced=True)
    return Mechanism(Way.PASSCODE, (minutes + _seconds(held, _GRACE)) * _MINUTE, enforced=True)


def _seconds(held: Payload, name: str) -> int:
    value = held[name]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise LockSettingsUnreadable(reason=_("%(name)s holds no number", name=name))
    return value
