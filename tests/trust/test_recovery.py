"""Recovery keys: each of several opens, no other does, and what another program made is read."""

import pytest

from sekisho.trust.recovery import (
    NotSealedToThis,
    RecoveryKeyBad,
    looks_private,
    new_recovery_key,
    open_with,
    read_private,
    read_public,
    seal_to,
)

SECRET = bytes(range(32))


def test_each_of_several_opens_and_nobody_else() -> None:
    """The sealed file names nobody: neither a public key nor its fingerprint stands in it."""
    first, second, other = (new_recovery_key() for _number in range(3))
    sealed = seal_to([first.public, second.public], SECRET)
    assert open_with([first], sealed) == open_with([other, second], sealed) == SECRET
    assert sealed.startswith(b"age-encryption.org/v1\n")
    assert first.public.encode() not in sealed
    assert first.fingerprint.encode() not in sealed
    with pytest.raises(NotSealedToThis):
        open_with([other], sealed)
    for place in (30, len(sealed) // 2, len(sealed) - 1):
        spoilt = bytearray(sealed)
        spoilt[place] ^= 1
        with pytest.raises(NotSealedToThis):
            open_with([first, second], bytes(spoilt))
    with pytest.raises(NotSealedToThis):
        open_with([first], sealed[:-1])


def test_a_key_is_read_as_people_type_it() -> None:
    """In groups and small letters; the pair is the same, and the private half is in no text of it."""
    key = new_recovery_key()
    typed = " ".join(key.private[start : start + 6] for start in range(0, len(key.private), 6)).lower()
    assert looks_private(typed)
    assert read_private(typed) == key
    assert read_public(f" {key.public}\n") == key.public
    assert key.private not in repr(key)


@pytest.mark.parametrize("place", [0, 20, 40, -1])
def test_a_mistyped_key_is_refused_and_not_shown(place: int) -> None:
    key = new_recovery_key()
    letter = "q" if key.public[place] != "q" else "p"
    with pytest.raises(RecoveryKeyBad):
        read_public(key.public[:place] + letter + key.public[place:][1:])
    spoilt = list(key.private)
    spoilt[place] = "Q" if spoilt[place] != "Q" else "P"
    with pytest.raises(RecoveryKeyBad) as caught:
        read_private("".join(spoilt), "paper")
    assert key.private[30:50] not in str(caught.value)
    assert not looks_private("five words nobody would guess")


GO_KEY = "AGE-SECRET-KEY-1CCF86QK3TA87UYWN9DGDNMUED00L2EYG77SEAT4VEXP9YC24HZCQ50LLWT"
GO_SEALED = (
    "6167652d656e6372797074696f6e2e6f72672f76310a2d3e2058323535313920576b586569463369563766394c364c627142"
    "396a6253754f38375563754d5453476849585777444a39794d0a4247705a374159764c374559694c75543135644c7764687a"
    "384b4a792b78505a77635a682f6d6661496a450a2d2d2d2061683269474f4c494871665a7746674e3259476a4656656e7459"
    "564e49766271626f35635545504c30594d0af719874490df180a98cfe60f3cfbd2a1da8264a591207165560f6438da3a4eeb"
    "31eda4578617a4fc0d3528e96977d6819cdcc7a0e6c401539119fd66e34c1c48"
)


def test_what_the_reference_program_sealed_is_opened() -> None:
    """Made with age 1.1.1 (filippo.io/age), which shares no code with our library."""
    assert open_with([read_private(GO_KEY)], bytes.fromhex(GO_SEALED)) == SECRET
