"""Envelopes: the encoding of the DSSE protocol, Ed25519 as RFC 8032 has it, and one form only."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.trust.dsse import (
    Envelope,
    EnvelopeBroken,
    SignatureBroken,
    new_seed,
    public_key,
    read_envelope,
    sign,
    verify,
)

# RFC 8032, 7.1, test 1: the seed and its public key.
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
KIND = "http://example.com/HelloWorld"


def test_the_encoding_is_that_of_the_protocol() -> None:
    """DSSE protocol, version 1, its own example; lengths count bytes, not letters."""
    envelope = Envelope(KIND, b"hello world", "", b"")
    assert envelope.signed_bytes() == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert Envelope("型", "関".encode(), "", b"").signed_bytes() == "DSSEv1 3 型 3 関".encode()


def test_the_key_is_that_of_the_standard() -> None:
    assert public_key(SEED).hex() == PUBLIC
    assert len(new_seed()) == 32
    assert new_seed() != new_seed()


@given(st.binary(max_size=200), st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20))
def test_what_was_signed_comes_back(payload: bytes, key_id: str) -> None:
    """Through the file and back; another key, type or payload is refused."""
    envelope = sign(SEED, key_id, KIND, payload)
    again = read_envelope(envelope.to_bytes())
    assert again == envelope
    assert verify(again, public_key(SEED), KIND) == payload
    for other, public, kind in (
        (envelope, public_key(new_seed()), KIND),
        (envelope, public_key(SEED), "text/plain"),
        (Envelope(KIND, payload + b"x", key_id, envelope.signature), public_key(SEED), KIND),
        (Envelope("text/plain", payload, key_id, envelope.signature), public_key(SEED), "text/plain"),
        (Envelope(KIND, payload, key_id, b""), public_key(SEED), KIND),
        (envelope, b"short", KIND),
    ):
        with pytest.raises(SignatureBroken):
            verify(other, public, kind)


@pytest.mark.parametrize(
    "change",
    [
        {"payload": 1},
        {"payload": "QQ"},
        {"payload": "QR=="},
        {"payload": "Q Q="},
        {"payload": "\u95a2"},
        {"signatures": []},
        {"signatures": [{"sig": "QQ=="}]},
        {"signatures": [{"keyid": "a", "sig": "QQ==", "more": 1}]},
        {"more": 1},
    ],
)
def test_anything_else_is_no_envelope(change: dict[str, object]) -> None:
    """A base64 with bits to spare says the same bytes twice, and is refused for that."""
    good = {"payload": "QQ==", "payloadType": "t", "signatures": [{"keyid": "a", "sig": "QQ=="}]}
    compact = json.dumps(good, separators=(",", ":")).encode()
    assert read_envelope(compact).payload == base64.b64decode("QQ==")
    with pytest.raises(EnvelopeBroken):
        read_envelope(json.dumps({**good, **change}, separators=(",", ":"), ensure_ascii=False).encode())
