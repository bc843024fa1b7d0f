"""Sealed secrets open with the right key for the right place only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.trust.sealing import SealBroken, seal, unseal
from sekisho.trust.tokens import new_token, token_hash

KEY = bytes(range(32))


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_can_be_opened(plaintext: bytes, context: str) -> None:
    """And never lies open in the sealed bytes."""
    sealed = seal(KEY, plaintext, context)
    assert unseal(KEY, sealed, context) == plaintext
    assert len(plaintext) < 4 or plaintext not in sealed
    assert seal(KEY, plaintext, context) != sealed


@given(st.binary(min_size=1, max_size=50), st.data())
def test_any_changed_bit_breaks_the_seal(plaintext: bytes, data: st.DataObject) -> None:
    """Version, nonce, ciphertext and tag are all held."""
    sealed = bytearray(seal(KEY, plaintext, "totp:1"))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        unseal(KEY, bytes(sealed), "totp:1")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 13, b"\x00" * 40])
def test_rubbish_is_a_broken_seal(sealed: bytes) -> None:
    """Cut or foreign bytes are refused, not a crash."""
    with pytest.raises(SealBroken):
        unseal(KEY, sealed, "totp:1")


def test_another_place_or_key_does_not_open_it() -> None:
    """A seed copied to another account's row is useless."""
    sealed = seal(KEY, b"seed", "totp:1")
    for key, context in ((KEY, "totp:2"), (bytes(32), "totp:1")):
        with pytest.raises(SealBroken):
            unseal(key, sealed, context)


def test_tokens_are_long_and_stored_as_hashes() -> None:
    """256 bits; the hash is a known answer."""
    assert len(new_token()) == 43
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
