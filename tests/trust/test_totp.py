"""One-time codes against the vectors of RFC 6238 and the rule that a code works once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.trust.totp import STEP_SECONDS, code_at, matching_step, new_seed, provisioning_uri

SEED = b"12345678901234567890"  # RFC 6238 appendix B, SHA-1


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
     (2000000000, "69279037"), (20000000000, "65353130")],
)  # fmt: skip
def test_the_vectors_of_the_rfc(seconds: int, eight_digits: str) -> None:
    """Six digits are the last six of the RFC's eight."""
    assert code_at(SEED, seconds // STEP_SECONDS) == eight_digits[2:]


@given(st.integers(600, 2**33), st.integers(-5, 5))
def test_one_step_of_drift_is_accepted_and_no_more(seconds: int, drift: int) -> None:
    """A code of the neighbouring steps works, one of farther steps does not."""
    moment = datetime.fromtimestamp(seconds, UTC)
    step = seconds // STEP_SECONDS + drift
    code = code_at(SEED, step)
    near = {code_at(SEED, seconds // STEP_SECONDS + offset) for offset in (-1, 0, 1)}
    assert (matching_step(SEED, code, moment) is not None) == (code in near)


def test_a_used_step_and_those_before_it_are_refused() -> None:
    """RFC 6238 section 5.2."""
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    step = int(moment.timestamp()) // STEP_SECONDS
    code = code_at(SEED, step)
    assert matching_step(SEED, code, moment) == step
    assert matching_step(SEED, code, moment, after=step) is None
    assert matching_step(SEED, code_at(SEED, step - 1), moment, after=step) is None
    later = moment + timedelta(seconds=STEP_SECONDS)
    assert matching_step(SEED, code_at(SEED, step + 1), later, after=step) == step + 1


@pytest.mark.parametrize("typed", ["", "12345", "１２", "abcdef", "12345678901234567890", "\x00" * 6])
def test_rubbish_is_refused(typed: str) -> None:
    """Whatever is typed, nothing breaks."""
    assert matching_step(SEED, typed, datetime(2026, 11, 21, tzinfo=UTC)) is None


def test_full_width_digits_and_spaces_are_understood() -> None:
    """A Japanese keyboard in kana mode types full-width digits."""
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    code = code_at(SEED, int(moment.timestamp()) // STEP_SECONDS)
    wide = code.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    assert matching_step(SEED, f" {wide[:3]} {wide[3:]} ", moment) is not None


def test_seeds_are_fresh_and_the_address_names_the_account() -> None:
    """160 bits each; the app shows whose it is."""
    assert len({new_seed() for _ in range(50)}) == 50
    assert len(new_seed()) == 20
    uri = provisioning_uri(SEED, "山田 花子", "Sekisho")
    assert uri.startswith("otpauth://totp/Sekisho:")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in uri
