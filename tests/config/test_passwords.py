"""Passwords are hashed with Argon2id at values that are written down here."""

from typing import Any

from django.contrib.auth.hashers import check_password, get_hasher, make_password

KNOWN = "argon2$argon2id$v=19$m=19456,t=2,p=1$"


def test_a_hash_says_how_it_was_made() -> None:
    """OWASP's values: 19 MiB, two passes, one lane."""
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
