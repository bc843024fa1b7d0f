"""Sealed streams: what was changed, moved, repeated or cut off is seen, wherever it happened."""

import io
import struct
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.trust.envelope import (
    LONGEST_CHUNK,
    Lock,
    PassphraseWrong,
    Sealer,
    StreamBroken,
    new_lock,
    open_lock,
    open_stream,
)

KEY = bytes(range(32))
CHUNKS = st.lists(st.binary(max_size=40), min_size=1, max_size=6)


def sealed(chunks: Sequence[bytes], context: str = "a") -> list[bytes]:
    """Return the sealed records of a stream."""
    sealer = Sealer(KEY, context)
    return [sealer.seal(chunk, last=number == len(chunks) - 1) for number, chunk in enumerate(chunks)]


def opened(data: bytes, context: str = "a", key: bytes = KEY) -> list[bytes]:
    """Return the chunks of a stream."""
    return list(open_stream(key, context, io.BytesIO(data)))


@given(CHUNKS)
def test_what_was_sealed_is_opened(chunks: list[bytes]) -> None:
    """Empty chunks too."""
    assert opened(b"".join(sealed(chunks))) == chunks


@given(CHUNKS, st.data())
def test_every_cut_is_seen(chunks: list[bytes], data: st.DataObject) -> None:
    """Also right between two chunks."""
    whole = b"".join(sealed(chunks))
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(StreamBroken):
        opened(whole[:cut])


@given(st.lists(st.binary(max_size=20), min_size=3, max_size=5))
def test_a_cut_between_chunks_is_seen(chunks: list[bytes]) -> None:
    """The shortest way to shorten a file."""
    with pytest.raises(StreamBroken):
        opened(b"".join(sealed(chunks)[:-1]))


@given(CHUNKS, st.data())
def test_every_changed_bit_is_seen(chunks: list[bytes], data: st.DataObject) -> None:
    """In lengths, content and seals."""
    whole = bytearray(b"".join(sealed(chunks)))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(StreamBroken):
        opened(bytes(whole))


@given(st.lists(st.binary(min_size=1, max_size=9), min_size=2, max_size=6, unique=True), st.data())
def test_another_order_is_seen(chunks: list[bytes], data: st.DataObject) -> None:
    """And a chunk that stands twice, and one more at the end."""
    records = sealed(chunks)
    order = data.draw(st.permutations(range(len(records))))
    if list(order) != list(range(len(records))):
        with pytest.raises(StreamBroken):
            opened(b"".join(records[number] for number in order))
    for wrong in ([records[0], *records], [*records, records[-1]], [*records, records[0]]):
        with pytest.raises(StreamBroken):
            opened(b"".join(wrong))


def test_another_stream_or_key_does_not_open_it() -> None:
    """A part put in the place of another one is no part."""
    whole = b"".join(sealed([b"database"]))
    for context, key in (("b", KEY), ("a", bytes(32))):
        with pytest.raises(StreamBroken):
            opened(whole, context, key)


def test_nothing_is_given_out_before_its_seal_was_compared() -> None:
    """Chunk by chunk: what comes before the change is genuine."""
    records = sealed([b"one", b"two", b"three"])
    stream = open_stream(KEY, "a", io.BytesIO(records[0] + records[2] + records[1]))
    assert next(stream) == b"one"
    with pytest.raises(StreamBroken):
        next(stream)


@pytest.mark.parametrize("length", [0, 15, LONGEST_CHUNK + 17, 2**32 - 1])
def test_a_length_that_cannot_be_takes_no_memory(length: int) -> None:
    """It comes before any seal, so anybody could have written it."""
    with pytest.raises(StreamBroken):
        opened(struct.pack(">I", length) + bytes(32))


def test_too_long_a_chunk_is_refused() -> None:
    """By whoever seals, so that whoever opens can be strict."""
    with pytest.raises(ValueError, match="too long"):
        Sealer(KEY, "a").seal(bytes(LONGEST_CHUNK + 1), last=True)


def test_the_passphrase_opens_its_own_lock_only() -> None:
    """Two locks of the same passphrase have nothing in common."""
    lock, key = new_lock("関所の合言葉は五つの言葉")
    assert open_lock(lock, "関所の合言葉は五つの言葉") == key
    with pytest.raises(PassphraseWrong):
        open_lock(lock, "関所の合言葉は五つの言葉 ")
    other, other_key = new_lock("関所の合言葉は五つの言葉")
    assert (other.salt, other.check, other_key) != (lock.salt, lock.check, key)
    with pytest.raises(PassphraseWrong):
        open_lock(replace(lock, salt=other.salt), "関所の合言葉は五つの言葉")


@settings(max_examples=30)
@given(
    st.integers(-1, 2**31),
    st.integers(-1, 2**31),
    st.integers(-1, 2**31),
    st.binary(max_size=17),
    st.binary(max_size=33),
)
def test_a_lock_that_asks_too_much_is_refused_at_once(
    iterations: int, lanes: int, memory: int, salt: bytes, check: bytes
) -> None:
    """A manifest on a medium may say anything; it must not take all memory."""
    lock = Lock(salt, check, iterations, lanes, memory)
    if not lock.is_sound():
        with pytest.raises(PassphraseWrong):
            open_lock(lock, "x")
    else:
        assert (iterations <= 16, lanes <= 16, memory <= 1024 * 1024) == (True, True, True)


def test_the_lock_of_a_known_answer() -> None:
    """The format does not change by accident: what was sealed years ago has to open."""
    lock = Lock(bytes(range(16)), bytes.fromhex(KNOWN_CHECK), 1, 1, 8)
    assert open_lock(lock, "sekisho").hex() == KNOWN_KEY


KNOWN_CHECK = "a7e290fe1c6f16cb32f15b7448cb5807194ea772d71440e9f8b6d09295252d04"
KNOWN_KEY = "c270741c145cbe06b6ec8518638b85e0dad7e140929621b6565cfe7389052cd6"
