import pytest

from sekisho.config.redaction import MASK, is_secret_name, redact_event, redact_text


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "passphrase", "token", "accessToken", "CSRF_TOKEN", "secret", "client_secrets",
     "cookie", "Set-Cookie", "authorization", "seed", "otp", "totp_code", "code", "link", "first_link", "key",
     "api_keys", "SECRET_KEY"],
)  # fmt: skip
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["event", "status_code", "exit_code", "monkey", "decode", "seconds", "linked", "path"])
def test_a_harmless_name_stays(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("GET /invitation/abc-DEF_123/ 404", "/invitation/***/ 404", "abc-DEF_123"),
        ("see https://h:8443/invitation/tok?x=1", "https://h:8443/invitation/***?x=1", "tok?"),
        ("postgresql://user:p4ss@db/name", "postgresql://user:***@db/name", "p4ss"),
        ("postgresql://user:p@s/s@db:5432/name", "postgresql://user:***@db:5432/name", "p@s/s"),
        ('connection to "host=db password=hunter2 dbname=x"', "password=***", "hunter2"),
        ("otpauth://totp/x?secret=JBSWY3DP&issuer=y", "secret=***&issuer=y", "JBSWY3DP"),
        ("Authorization: Bearer abcdefghijkl", "Bearer ***", "abcdefghijkl"),
    ],
)
def test_a_secret_is_known_by_its_shape(text: str, kept: str, gone: str) -> None:
    masked = redact_text(text)
    assert kept in masked
    assert gone not in masked


def test_an_address_without_a_password_stays() -> None:
    assert redact_text("https://localhost:8443/people/") == "https://localhost:8443/people/"


def test_nested_values_are_masked() -> None:
    event = {"event": "x", "headers": {"Cookie": "a=b", "Accept": "*"}, "tokens": ["t1"], "lines": ["secret=1"], "n": 3}
    masked = dict(redact_event(None, "", event))  # type: ignore[arg-type]
    assert masked["headers"] == {"Cookie": MASK, "Accept": "*"}
    assert masked["tokens"] == MASK
    assert masked["lines"] == ["secret=***"]
    assert masked["n"] == 3
