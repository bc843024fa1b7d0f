"""Passkeys without a browser: right answers are taken, and everything else is refused in one word."""

import contextlib
from typing import Any

import pytest
from fido2 import cbor
from fido2.utils import websafe_encode
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.trust.webauthn import (
    KnownKey,
    PasskeyRefused,
    Place,
    ask_for_known,
    ask_for_new,
    asked_credential,
    check_known,
    check_new,
)
from tests.people.soft_authenticator import HOST, ORIGIN, SoftKey, turned

PLACE = Place(HOST, "Sekisho", ORIGIN)
USER = (b"handle", "yamada", "山田 花子")
ONE_KEY = SoftKey()
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(max_size=40).map(lambda data: data.hex()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=8,
)


def registered(key: SoftKey) -> KnownKey:
    """Return the key as it is known after it was made."""
    asked, state = ask_for_new(PLACE, USER, [])
    made = check_new(PLACE, state, key.make(asked))
    return KnownKey(made.credential_id, made.public_key, made.transports)


def test_a_key_is_made_and_shown() -> None:
    """What the authenticator says of itself is kept; both ceremonies name the host and ask for what is needed."""
    key = SoftKey(count=7, synced=True)
    asked, state = ask_for_new(PLACE, USER, [])
    assert asked["publicKey"]["rp"]["id"] == HOST
    made = check_new(PLACE, state, key.make(asked))
    assert (made.sign_count, made.backup_eligible, made.backup_state, made.user_verified) == (7, True, True, True)
    assert (str(made.aaguid), made.attestation_format) == ("00010203-0405-0607-0809-0a0b0c0d0e0f", "none")
    assert made.transports == ("nfc", "usb")
    known = KnownKey(made.credential_id, made.public_key, made.transports)
    asked, state = ask_for_known(PLACE, [known], verify_user=True)
    assert asked["publicKey"]["userVerification"] == "required"
    answer = check_known(PLACE, state, known, key.show(asked))
    assert (answer.sign_count, answer.user_verified) == (8, True)


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://sekisho.evil.example"},
        {"origin": "https://localhost"},
        {"origin": "http://localhost:8443"},
        {"origin": "https://sub.localhost:8443"},
        {"host": "evil.example"},
    ],
    ids=str,
)
def test_answers_from_another_place_are_refused(lie: dict[str, str]) -> None:
    """The origin must be ours to the port, and the authenticator must have signed for our host."""
    key = SoftKey()
    known = registered(key)
    for name, value in lie.items():
        setattr(key, name, value)
    asked, state = ask_for_new(PLACE, USER, [])
    with pytest.raises(PasskeyRefused):
        check_new(PLACE, state, key.make(asked))
    asked, state = ask_for_known(PLACE, [known], verify_user=False)
    with pytest.raises(PasskeyRefused):
        check_known(PLACE, state, known, key.show(asked))


def test_other_wrong_answers_are_refused() -> None:
    """No PIN where one is asked for, another challenge, another key, a turned bit, the answer of the other ceremony."""
    key = SoftKey()
    known = registered(key)
    asked, state = ask_for_known(PLACE, [known], verify_user=True)
    other, _state = ask_for_known(PLACE, [known], verify_user=True)
    right = key.show(asked)
    lies: list[dict[str, Any]] = [
        SoftKey(private=key.private, verifies=False).show(asked),
        key.show(other),
        SoftKey().show(asked),
        key.show(asked, signature=turned(right["response"]["signature"])),
        key.show(asked, authenticatorData=turned(right["response"]["authenticatorData"])),
        key.make(asked),
        right | {"id": "AAAA"},
        right | {"response": {}},
    ]
    for lie in lies:
        with pytest.raises(PasskeyRefused):
            check_known(PLACE, state, known, lie)
    assert check_known(PLACE, state, known, right).user_verified


@pytest.mark.parametrize("large", [10**11, -(10**11), [10**11], {"a": 10**11}])
def test_a_number_in_place_of_bytes_fills_no_memory(large: object) -> None:
    """The library would make that many bytes of it: in the answer, in its parts, and in what they hold."""
    asked, state = ask_for_new(PLACE, USER, [])
    right = ONE_KEY.make(asked)
    inside = websafe_encode(cbor.encode({"fmt": "none", "attStmt": {}, "authData": large}))
    lies = [
        right | {"id": large, "rawId": large},
        right | {"response": {**right["response"], "attestationObject": large}},
        right | {"response": {**right["response"], "clientDataJSON": large}},
        right | {"response": {**right["response"], "attestationObject": inside}},
    ]
    for lie in lies:
        with pytest.raises(PasskeyRefused):
            check_new(PLACE, state, lie)
        with pytest.raises(PasskeyRefused):
            check_known(PLACE, state, registered(ONE_KEY), lie)
    with pytest.raises(PasskeyRefused):
        asked_credential({"rawId": large})


@settings(max_examples=60, deadline=None)
@given(ANYTHING)
def test_anything_at_all_is_refused_in_one_word(answer: object) -> None:
    """Whatever a stranger sends instead of an answer."""
    _asked, state = ask_for_new(PLACE, USER, [])
    with contextlib.suppress(PasskeyRefused):
        asked_credential({"rawId": answer})
    for told in (answer, {"rawId": answer, "response": answer}):
        with pytest.raises(PasskeyRefused):
            check_new(PLACE, state, told)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_broken_bytes_inside_an_answer_are_refused(data: bytes) -> None:
    """CBOR and client data made by a stranger."""
    asked, state = ask_for_new(PLACE, USER, [])
    for part in ("attestationObject", "clientDataJSON"):
        with pytest.raises(PasskeyRefused):
            check_new(PLACE, state, ONE_KEY.make(asked, **{part: websafe_encode(data)}))
