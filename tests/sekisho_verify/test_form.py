"""The form of entries: the fast way and the slow way agree, and both agree with RFC 8785."""

import re
import sys
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho_verify.canonical import DEEPEST, read_canonical, write
from sekisho_verify.common import Common
from sekisho_verify.doubles import Doubles
from sekisho_verify.errors import Malformed
from sekisho_verify.form import check, take_all, take_one
from sekisho_verify.tiles import split_bundle
from tests.sekisho_verify.writer import bundle, canonical, entries, event

LETTERS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | LETTERS
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LETTERS, inner, max_size=3))


@given(VALUES)
@settings(max_examples=300, deadline=None)
def test_canonical_json_is_that_of_an_independent_implementation(value: Any) -> None:
    """Numbers, escapes, order of names: byte for byte, and read back."""
    data = rfc8785.dumps(value)
    assert write(value, DEEPEST).encode() == data
    assert write(read_canonical(data), DEEPEST).encode() == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" 1",
        b"1 ",
        b"01",
        b"1.0",
        b"1e5",
        b"-0",
        b"-0.0",
        b"+1",
        b"NaN",
        b"Infinity",
        b"1e400",
        b"[1,]",
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b'"\\/"',
        b'"\\u0041"',
        b'"\\u001F"',
        b'"\\u0008"',
        b'"\n"',
        b"'a'",
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b"\xef\xbb\xbf1",
        b"9007199254740993",
        b"[" * 5000 + b"]" * 5000,
        b"nul",
        b"{",
        b'{"a"}',
    ],
)
def test_what_is_not_canonical(data: bytes) -> None:
    """However it would be read."""
    with pytest.raises(Malformed):
        read_canonical(data)


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "details": st.dictionaries(LETTERS, VALUES, max_size=3),
        "reason": LETTERS,
        "patient": st.none() | LETTERS,
        "source": LETTERS,
        "source_seq": st.integers(-1, 2**53 - 1),
        "subject": st.none() | st.fixed_dictionaries({"id": LETTERS, "kind": LETTERS, "label": LETTERS}),
        "commitment": st.none() | st.just("0f" * 32) | LETTERS,
        "outcome": st.sampled_from(["success", "failure", "denied", "", "other"]),
        "recorded_at": st.sampled_from(["2026-11-21T00:30:00.000000Z", "2026-13-21T00:30:00.000000Z", "x"]),
        "extra": VALUES,
    },
)


def slowly(entry: bytes) -> tuple[str, str, str, int] | None:
    """Return what the slow way keeps of an entry without fields that it does not know."""
    try:
        known = check(entry)
    except Malformed:
        return None
    return None if known.strange else (known.id, known.recorded_at, known.source, known.sequence)


@given(FIELDS, st.data())
@settings(max_examples=400, deadline=None)
def test_the_fast_way_takes_nothing_that_the_slow_way_refuses(fields: dict[str, Any], data: st.DataObject) -> None:
    """Canonical or with a byte changed: what is taken fast is taken slowly, with the same values."""
    entry = rfc8785.dumps(event(1, **fields))
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(entry) - 1))
        entry = entry[:at] + data.draw(st.binary(max_size=2)) + entry[at + data.draw(st.integers(0, 2)) :]
    row = take_one(entry)
    if row:
        assert (*row[1:4], int(row[4])) == slowly(entry)
    before, after = canonical(event(0)), canonical(event(2))
    rows = take_all([before, entry, after])
    assert (rows is None) == (row is None)
    assert rows is None or rows[1] == row


def cut(fast: Common, data: bytes) -> tuple[list[bytes], list[tuple[str, str, str, int]]] | None:
    """Return what the fastest way makes of a bundle: its entries, and what is kept of each."""
    taken = fast.take(data)
    if taken is None:
        return None
    ids = "".join(taken.ids)
    kept = zip(
        map("".join, zip(*[iter(ids)] * 36, strict=True)), taken.times, taken.sources, taken.numbers, strict=True
    )
    return taken.entries, list(kept)


COMMON = Common()


@given(FIELDS, st.data())
@settings(max_examples=400, deadline=None)
def test_the_fastest_way_takes_nothing_that_the_slow_way_refuses(fields: dict[str, Any], data: st.DataObject) -> None:
    """Bundles with bytes changed anywhere, lengths too; it remembers what it saw in every bundle before."""
    some = [canonical(event(0)), rfc8785.dumps(event(1, **fields)), canonical(event(2))]
    whole = bundle(some)
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(whole) - 1))
        patch = data.draw(st.binary(max_size=2) | st.sampled_from([bytes([byte]) for byte in b'0129af"{}[]:,_\\']))
        whole = whole[:at] + patch + whole[at + data.draw(st.integers(0, 2)) :]
    seen = cut(COMMON, whole)
    if seen:
        assert seen[0] == split_bundle(whole)
        assert seen[1] == list(map(slowly, seen[0]))


DETAILS = st.sampled_from([
    "{}", '{"a":1}', '{"a":0}', '{"a":01}', '{"a":-0}', '{"a":-01}', '{"a":10}', '{"a":[0]}', '{"a":[00]}',
    '{"a":[1,0]}',
    '{"a":[1,01]}', '{"a":"01"}', '{"a":",01"}', '{"a1":1,"a2":2}', '{"a2":1,"a1":2}', '{"a1":1,"a1":2}',
    '{"b":1,"a":2}',
    '{"":1,"":2}', '{"":1}', '{"a":"\\u0031"}', '{"a":1.5}', '{"a":1e5}', '{"a":"い"}', '{"い":1}', '{"a":1,"a!":1}',
    '{"a":123456789012345}', '{"a":1234567890123456}', '{"a":true}', '{"a":1,}', '{"a" :1}', '{"a":"1\x012"}',
])  # fmt: skip


@given(st.lists(DETAILS, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_a_known_shape_of_details_hides_nothing(several: list[str]) -> None:
    """Digits may stand for others only where they are no first zeros, no names and not too many."""
    for known in ([], ['{"a":7}', '{"a":77}', '{"a":[7]}', '{"a":[7,7]}', '{"a":"77"}', '{"a":"い"}']):
        fast = Common()
        for text in [*known, *several]:
            entry = canonical(event(1)).replace(b'{"path":"/chart"}', text.encode())
            seen = cut(fast, bundle([entry]))
            assert seen is None or seen[1] == [slowly(entry)]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (rb'("id":"[^"]{14})7([^"]{21}","network")', rb"\g<1>4\2"),
        (rb'("id":"[^"]{19}).([^"]{16}","network")', rb"\g<1>c\2"),
        (rb'("occurred_at":".{5})..', rb"\g<1>13"),
        (rb'("recorded_at":".{11})..', rb"\g<1>25"),
        (rb'("source_seq":)[1-9]{2}', rb"\g<1>07"),
        (rb"\[77\]", rb"[07]"),
        (rb'"outcome":"success"', rb'"outcome":"succeed"'),
    ],
)
def test_the_fastest_way_sees_a_wrong_part_behind_right_ones(right: bytes, wrong: bytes) -> None:
    """Of the same length, with everything else seen before."""
    fast = Common()
    entry = canonical(event(51, details={"a": [77]}))
    assert cut(fast, bundle([entry])) is not None
    other = re.sub(right, wrong, entry, count=1)
    assert (len(other), other == entry) == (len(entry), False)
    assert slowly(other) is None
    assert cut(fast, bundle([other])) is None


def test_the_fastest_way_takes_common_bundles() -> None:
    """Of numbers, texts, lists; with sources in between; again and with other digits."""
    fast = Common()
    details = [{}, {"a": 17, "b": [None, "い", 3]}, {"method": "GET", "path": "/c/10:05"}, {"status": 200}]
    for begin in (0, 1000):
        some = [canonical(event(begin + at, details=details[at % 4], subject=None)) for at in range(200)]
        taken = cut(fast, bundle([*some, *entries(56)]))
        assert taken is not None
        assert taken[1] == list(map(slowly, [*some, *entries(56)]))


def test_common_entries_are_taken_fast() -> None:
    """Otherwise the speed is gone without anybody noticing."""
    several = {"a": 1, "b": [None, "い"], "method": "GET", "path": "/chart"}
    some = [*entries(20), canonical(event(20, details=several)), canonical(event(21, subject=None, details={}))]
    rows = take_all(some)
    assert rows is not None
    assert len(rows) == len(some)
    unsorted = some[20].replace(b'"a":1,"b":[null,"\xe3\x81\x84"]', b'"b":1,"a":[null,"\xe3\x81\x84"]')
    twice = some[20].replace(b'"b":', b'"a":')
    assert take_all([*some, unsorted]) is None
    assert take_one(unsorted) is None
    assert take_one(twice) is None


def test_a_zero_inside_an_entry_deceives_nobody() -> None:
    """The sign between entries may be written into one."""
    one, two = entries(2)
    assert take_all([one, b"rubbish\x00\x00" + two]) is None
    assert take_all([one + b"\x00\x00" + two]) is None
    assert take_all([b"", one]) is None


@given(st.lists(st.uuids(version=4), max_size=60, unique=True), st.data())
@settings(max_examples=50, deadline=None)
def test_doubles_are_found_in_memory_and_in_files(ids: list[Any], data: st.DataObject) -> None:
    """However far apart they stand."""
    words = [str(one) for one in ids]
    again = data.draw(st.lists(st.sampled_from(words), max_size=3)) if words else []
    for most in (5, 1000):
        doubles = Doubles(most)
        for word in words + again:
            doubles.add([word])
        halves = {bytes.fromhex(word.replace("-", "")[16:]) for word in again}
        assert doubles.suspects() == {int.from_bytes(half, sys.byteorder) for half in halves}
        doubles.close()
