"""The pure rules of the backup: what is kept, what a manifest holds, when a backup is good enough."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.config.backup.generations import KEEP, Generation, Retention, is_name, name_of, to_remove
from sekisho.config.backup.judgement import Bounds, Place, Standing, judge
from sekisho.config.backup.manifest import (
    FORMAT,
    Manifest,
    ManifestBroken,
    NewestEvent,
    Part,
    lock_facts,
    read_manifest,
)
from sekisho.config.backup.target import Protection
from sekisho.kernel.declarations import Outcome
from sekisho.trust.envelope import Lock

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
KEY = bytes(range(32))
HOURS = st.lists(st.integers(0, 24 * 800), max_size=60, unique=True)


def generations(hours: list[int]) -> list[Generation]:
    """Return generations made so many hours ago."""
    return [
        Generation(name_of(NOW - timedelta(hours=ago), ago.to_bytes(4, "big")), NOW - timedelta(hours=ago))
        for ago in hours
    ]


def test_a_name_tells_its_time_and_is_like_no_other() -> None:
    assert name_of(NOW, b"\x00\x01\x02\x03") == "sekisho-20261122T030000Z-00010203"
    assert is_name(name_of(NOW, b"abcd"))
    for other in (".partial-sekisho-20261122T030000Z-00010203", "sekisho-20261122T030000Z-00010203/..", "notes"):
        assert not is_name(other)


@given(HOURS, st.sets(st.integers(0, 59)))
def test_what_is_removed_leaves_enough(hours: list[int], proven_numbers: set[int]) -> None:
    """The three newest stay, the newest proven one stays, and a second look removes nothing more."""
    made = generations(hours)
    newest_first = sorted(made, key=lambda found: found.made_at, reverse=True)
    proven = {made[number].name for number in proven_numbers if number < len(made)}
    gone = set(to_remove(made, NOW, proven=proven))
    left = [found for found in made if found.name not in gone]
    assert not gone & {found.name for found in newest_first[:3]}
    newest_proven = next((found.name for found in newest_first if found.name in proven), None)
    assert newest_proven not in gone
    assert to_remove(left, NOW, proven=proven) == []
    assert len(left) <= KEEP.daily + KEEP.weekly + KEEP.monthly + KEEP.least + 1


def test_a_backup_every_day_for_two_years() -> None:
    """Seven days, four weeks, twelve months; one day may stand for all three."""
    made = generations([24 * day for day in range(730)])
    left = [found for found in made if found.name not in to_remove(made, NOW)]
    ages = [(NOW - found.made_at).days for found in left]
    assert ages[:7] == list(range(7))
    assert 300 < ages[-1] < 366
    assert len(left) <= 23


def test_a_clock_that_ran_ahead_removes_nothing() -> None:
    """Neither while it runs ahead, nor when it is right again and a generation is dated in the future."""
    made = generations([24 * day for day in range(20)])
    ahead = NOW + timedelta(days=4000)
    assert [found.name for found in made[:7]] == [
        found.name for found in made if found.name not in to_remove(made, ahead, Retention(7, 0, 0))
    ]
    assert to_remove([*made, Generation("sekisho-future", NOW + timedelta(minutes=1))], NOW) == []


def manifest(**changes: object) -> Manifest:
    """Return a sealed manifest."""
    part = Part("database", 10, "a" * 64, 20, "b" * 64, 3)
    values: dict[str, object] = {
        "format": FORMAT,
        "name": "sekisho-20261122T030000Z-00010203",
        "made_at": NOW.isoformat(),
        "acknowledged_before": NOW.isoformat(),
        "software": "0.1.0",
        "database": "sqlite",
        "migrations": ("config.0001_initial",),
        "rows": {"people_user": 2},
        "newest_event": NewestEvent("0" * 32, "outbox", 7),
        "left_out": (),
        "lock": lock_facts(Lock(bytes(16), bytes(32))),
        "parts": (part,),
        **changes,
    }
    return Manifest(**values).sealed_with(KEY)  # type: ignore[arg-type]


def test_a_manifest_is_read_as_it_was_written() -> None:
    read = read_manifest(manifest().to_bytes())
    assert read == manifest()
    assert read.is_sealed_with(KEY)
    assert not read.is_sealed_with(bytes(32))


@pytest.mark.parametrize(
    "change",
    [
        {"rows": {"people_user": 3}},
        {"software": "0.0.9"},
        {"acknowledged_before": (NOW + timedelta(days=1)).isoformat()},
        {"newest_event": None},
        {"parts": (Part("database", 10, "a" * 64, 20, "b" * 64, 3), Part("keys", 1, "", 1, "", 1))},
    ],
)
def test_whatever_is_changed_breaks_the_seal(change: dict[str, object]) -> None:
    changed = replace(manifest(), **change)  # type: ignore[arg-type]
    assert not read_manifest(changed.to_bytes()).is_sealed_with(KEY)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: b" " + data,
        lambda data: data.replace(b'"format":1', b'"format":2'),
        lambda data: data.replace(b'"rows"', b'"more":1,"rows"'),
        lambda data: data.replace(b'"people_user":2', b'"people_user":2.5'),
        lambda data: data.replace(NOW.isoformat().encode(), b"yesterday"),
        lambda data: data.replace(b'"name":"database"', b'"name":"../../etc"'),
        lambda data: b"{}",
        lambda data: b"",
    ],
)
def test_what_is_no_manifest_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ManifestBroken):
        read_manifest(spoil(manifest().to_bytes()))


BOUNDS = Bounds()


def standing(days: int, **changes: object) -> Standing:
    """Return a generation as it should be, made so many days ago."""
    made = NOW - timedelta(days=days)
    values: dict[str, object] = {
        "name": f"g{days}",
        "made_at": made,
        "present": True,
        "protection": Protection.PROTECTED if days >= 2 else Protection.WRITABLE,
        "verified": True,
        "failed": "",
        "restored_at": made,
        **changes,
    }
    return Standing(**values)  # type: ignore[arg-type]


def places(**changes: object) -> list[Place]:
    """Return two targets with three generations each, all as they should be but for ``changes``."""
    found = tuple(standing(days, **changes) for days in range(3))
    return [Place("/a", 2, found), Place("/b", 3, found)]


def test_a_backup_that_is_good_enough() -> None:
    assert judge(places(), 1, NOW, BOUNDS) == (Outcome.PASS, ())


@pytest.mark.parametrize(
    ("found", "word"),
    [
        ([], "no place for one is set"),
        (places()[:1], "fewer than %(least)s places"),
        ([replace(place, disk=2) for place in places()], "fewer than %(least)s places"),
        ([replace(places()[0], disk=1), places()[1]], "disk of Sekisho itself"),
        ([replace(place, generations=place.generations[:2]) for place in places()], "No place holds"),
        (places(made_at=NOW - timedelta(days=3)), "found intact"),
        (places(made_at=NOW + timedelta(days=3)), "found intact"),
        (places(verified=False), "found intact"),
        (places(restored_at=None), "restored as a test"),
        (places(restored_at=NOW - timedelta(days=36)), "restored as a test"),
        (places(restored_at=NOW + timedelta(days=1)), "restored as a test"),
        (places(protection=Protection.WRITABLE), "safe from being changed"),
        (places(failed="config.backup_broken"), "did not pass"),
        ([Place("/a", 2, ()), Place("/b", 3, ())], "found intact"),
    ],
)
def test_each_thing_that_is_missing_fails(found: list[Place], word: str) -> None:
    outcome, reasons = judge(found, 1, NOW, BOUNDS)
    assert outcome is Outcome.FAIL
    assert any(word in reason.msgid for reason in reasons), reasons


def test_what_cannot_be_reached_is_not_told() -> None:
    """A disk in the safe may hold what is needed; it is never taken for being there."""
    away = [
        Place(
            place.path,
            None,
            tuple(replace(found, present=None, protection=Protection.UNKNOWN) for found in place.generations),
        )
        for place in places()
    ]
    assert judge(away, 1, NOW, BOUNDS)[0] is Outcome.UNKNOWN
    assert judge([places()[0], away[1]], 1, NOW, BOUNDS)[0] is not Outcome.FAIL
    old = [replace(place, generations=()) for place in away]
    assert judge(old, 1, NOW, BOUNDS)[0] is Outcome.FAIL


def test_protection_that_cannot_be_seen_is_not_told() -> None:
    assert judge(places(protection=Protection.UNKNOWN), 1, NOW, BOUNDS)[0] is Outcome.UNKNOWN
