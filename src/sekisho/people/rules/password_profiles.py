"""What rules for passwords say, as data: the guideline's and the checklist's; and whether a system keeps one. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from sekisho.kernel.text import Text, _


@dataclass(frozen=True, slots=True)
class PasswordProfile:
    """A rule: the fewest characters with a second factor, without one, and without one if symbols must be used too.

    ``regular_change`` tells what of forced changes from time to time: False where nobody may be made to, True where
    it is asked for below ``alone`` characters without a second factor.
    """

    id: str
    title: Text
    with_second_factor: int
    alone: int
    alone_with_symbols: int | None
    letters_and_digits: bool
    pin: int
    regular_change: bool


MHLW_7_0 = PasswordProfile(
    "mhlw-7.0", _("Guideline 7.0"), 8, 13, None, letters_and_digits=True, pin=4, regular_change=False
)
CHECKLIST_R7 = PasswordProfile(
    "checklist-r7", _("Checklist of 2025"), 8, 13, 8, letters_and_digits=True, pin=4, regular_change=True
)
PROFILES = {profile.id: profile for profile in (MHLW_7_0, CHECKLIST_R7)}


class Lack(StrEnum):
    """What keeps a system from a rule, or from being judged by it."""

    UNKNOWN = "unknown"
    TOO_SHORT = "too_short"
    CANNOT_BE_LONGER = "cannot_be_longer"
    NO_MIX = "no_mix"
    FORCED_CHANGE = "forced_change"
    NO_REGULAR_CHANGE = "no_regular_change"
    PIN_TOO_SHORT = "pin_too_short"


@dataclass(frozen=True, slots=True)
class PasswordSettings:
    """What a system asks of passwords, as far as it is known: None is not known.

    ``minimum`` is the fewest characters it enforces, ``maximum`` the most it takes, as old systems limit it.
    """

    second_factor: bool
    minimum: int | None
    maximum: int | None
    letters_and_digits: bool
    symbols: bool
    forced_change_days: int | None = None
    pin: int | None = None


def lacks(profile: PasswordProfile, settings: PasswordSettings) -> list[Lack]:
    """Return what a system lacks of a rule; UNKNOWN stands for a minimum that nobody has found out."""
    wanted = _wanted(profile, settings)
    found = []
    if settings.minimum is None:
        found.append(Lack.UNKNOWN)
    elif settings.minimum < wanted:
        found.append(Lack.TOO_SHORT)
    if settings.maximum is not None and settings.maximum < wanted:
        found.append(Lack.CANNOT_BE_LONGER)
    if profile.letters_and_digits and not settings.letters_and_digits:
        found.append(Lack.NO_MIX)
    found += _of_change(profile, settings)
    if settings.pin is not None and settings.pin < profile.pin:
        found.append(Lack.PIN_TOO_SHORT)
    return found


def _of_change(profile: PasswordProfile, settings: PasswordSettings) -> list[Lack]:
    forced = settings.forced_change_days is not None
    if not profile.regular_change:
        return [Lack.FORCED_CHANGE] if forced else []
    short = not settings.second_factor and (settings.minimum or 0) < profile.alone
    return [Lack.NO_REGULAR_CHANGE] if short and not forced else []


def _wanted(profile: PasswordProfile, settings: PasswordSettings) -> int:
    if settings.second_factor:
        return profile.with_second_factor
    if settings.symbols and profile.alone_with_symbols is not None:
        return profile.alone_with_symbols
    return profile.alone
