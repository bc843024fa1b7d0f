"""Passwords are hashed with Argon2id at values that are written down here."""

from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, get_hasher, make_password

from sekisho.config.passwords import PASSES, SmallArgon2Hasher

KNOWN = "argon2$argon2id$v=19$m=19456,t=12,p=1$"
pytestmark = pytest.mark.usefixtures("as_in_production")


@pytest.fixture
def as_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other tests hash with one pass."""
    monkeypatch.setattr(SmallArgon2Hasher, "time_cost", PASSES)


def test_a_hash_says_how_it_was_made() -> None:
    """OWASP's memory and six times its passes: 19 MiB, twelve passes, one lane."""
    hashed = make_password("asa no hikari 2026 mado")
    assert hashed.startswith(KNOWN)
    assert check_password("asa no hikari 2026 mado", hashed)
    assert not check_password("asa no hikari 2026 mada", hashed)


def test_a_hash_made_with_other_values_still_opens(settings: Any) -> None:
    """And is known as one to be made anew."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    older = make_password("asa no hikari 2026 mado")
    settings.PASSWORD_HASHERS = ["sekisho.config.passwords.SmallArgon2Hasher"]
    assert not older.startswith(KNOWN)
    assert check_password("asa no hikari 2026 mado", older)
    assert get_hasher().must_update(older)
