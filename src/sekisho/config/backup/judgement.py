"""When the backup of the platform is good enough. Pure.

What lies on a target that cannot be reached now (a disk that was taken out) is neither there nor lost. So it is judged
twice: as if it were as the ledger says, and as if it were gone. Only if both agree is it told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sekisho.config.backup.target import Protection
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.text import Text, _


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is asked for: hours and days at most, numbers at least."""

    newest_hours: int = 48
    restore_days: int = 35
    targets: int = 2
    generations: int = 3
    protected_from: int = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """A generation of the ledger: is it still what was put there, and how far was it tried; newest trial first.

    ``present``, ``protection``: None and UNKNOWN when the target cannot be reached.
    """

    name: str
    made_at: datetime
    present: bool | None
    protection: Protection
    verified: bool
    failed: str
    restored_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """A target: the disk it lies on (None: cannot be reached), and its generations, newest first."""

    path: str
    disk: int | None
    generations: tuple[Standing, ...]


def judge(
    places: Sequence[Place], own_disk: int | None, now: datetime, bounds: Bounds, hindrance: Text | None = None
) -> tuple[Outcome, tuple[Text, ...]]:
    """Return the outcome and every reason why it is not a pass; ``hindrance`` keeps the backup of the night away."""
    first = (hindrance,) if places and hindrance is not None else ()
    worst = (*first, *_reasons([_if_gone(place) for place in places], own_disk, now, bounds))
    best = (*first, *_reasons([_if_as_told(place) for place in places], own_disk, now, bounds))
    if not worst:
        return Outcome.PASS, ()
    return (Outcome.FAIL, best) if best else (Outcome.UNKNOWN, worst)


def _if_gone(place: Place) -> Place:
    there = tuple(_unprotected(found) for found in place.generations if found.present)
    return replace(place, generations=there)


def _unprotected(found: Standing) -> Standing:
    return found if found.protection is not Protection.UNKNOWN else replace(found, protection=Protection.WRITABLE)


def _if_as_told(place: Place) -> Place:
    there = tuple(_protected(found) for found in place.generations if found.present is not False)
    return replace(place, generations=there)


def _protected(found: Standing) -> Standing:
    return found if found.protection is not Protection.UNKNOWN else replace(found, protection=Protection.PROTECTED)


def _reasons(places: Sequence[Place], own_disk: int | None, now: datetime, bounds: Bounds) -> Iterator[Text]:
    if not places:
        yield _("There is no backup of Sekisho: no place for one is set.")
        return
    yield from _reasons_of_disks(places, own_disk, bounds)
    everything = [found for place in places for found in place.generations]
    broken = sorted({found.name for found in everything if found.failed})
    if broken:
        yield _("These generations did not pass their last test: %(names)s", names=", ".join(broken))
    yield from _reasons_of_age(everything, now, bounds)
    if max((len(place.generations) for place in places), default=0) < bounds.generations:
        yield _("No place holds %(least)s generations.", least=bounds.generations)
    if not any(_is_protected(place, bounds) for place in places):
        yield _(
            "Nowhere are the generations from the %(number)s. newest on safe from being changed or deleted by Sekisho.",
            number=bounds.protected_from,
        )


def _reasons_of_disks(places: Sequence[Place], own_disk: int | None, bounds: Bounds) -> Iterator[Text]:
    reached = [place.disk for place in places if place.disk is not None]
    if own_disk in reached:
        yield _("A backup lies on the disk of Sekisho itself, or the medium is not connected there.")
    away = len(places) - len(reached)
    if len({*reached} - {own_disk}) + away < bounds.targets:
        yield _("There are fewer than %(least)s places on disks of their own.", least=bounds.targets)


def _reasons_of_age(everything: Sequence[Standing], now: datetime, bounds: Bounds) -> Iterator[Text]:
    verified = [found.made_at for found in everything if found.verified and found.made_at <= now]
    if not verified or now - max(verified) > timedelta(hours=bounds.newest_hours):
        yield _("No backup of the last %(hours)s hours was read back and found intact.", hours=bounds.newest_hours)
    restored = [found.restored_at for found in everything if found.restored_at and found.restored_at <= now]
    if not restored or now - max(restored) > timedelta(days=bounds.restore_days):
        yield _("No backup was restored as a test within the last %(days)s days.", days=bounds.restore_days)


def _is_protected(place: Place, bounds: Bounds) -> bool:
    old = place.generations[bounds.protected_from - 1 :]
    return bool(old) and all(found.protection is Protection.PROTECTED for found in old)
