"""What every answer carries: a strict policy, no caching of signed-in pages, no cookie without its marks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.kernel.access import Role
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/sign-in/", "/healthz", "/no-such-page/", "/api/v1/people/me"])
def test_every_answer_has_the_headers(browser_client: Callable[[], Client], address: str) -> None:
    """Pages, health, errors and the API alike."""
    headers = browser_client().get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy.replace("https", ""), "no foreign host"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers, "localhost is shared with every other program here"


def test_signed_in_pages_are_not_kept_by_the_browser(signed_in: Callable[..., Client]) -> None:
    """The back button after signing out on a shared terminal shows nothing."""
    assert "no-store" in signed_in(Role.STAFF).get("/").headers["Cache-Control"]


def test_forms_need_their_secret(make_person: Callable[..., object]) -> None:
    """A request that another site makes the browser send is refused."""
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost", "x-forwarded-proto": "https"})
    answer = client.post(reverse("people:sign-in"), {"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert "config.form_expired" in answer.content.decode()


def test_another_host_name_is_refused() -> None:
    """The host is fixed; a forged one reaches nothing."""
    answer = Client(headers={"host": "evil.example", "x-forwarded-proto": "https"}).get("/sign-in/")
    assert answer.status_code == 400


def test_a_request_without_tls_is_not_given_a_cookie_to_read(browser_client: Callable[[], Client]) -> None:
    """Cookies carry __Host-, Secure, HttpOnly and SameSite."""
    client = browser_client()
    client.get("/sign-in/")
    for name, cookie in client.cookies.items():
        assert name.startswith("__Host-")
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]


def test_the_session_ends_with_the_browser(
    make_person: Callable[..., object], browser_client: Callable[[], Client]
) -> None:
    """Whoever closes the browser of a ward's computer leaves no session on its disk; twelve hours hold in any case."""
    make_person("yamada", Role.STAFF)
    client = browser_client()
    assert client.post("/sign-in/", {"login": "yamada", "password": PASSWORD}).status_code == 302
    cookie = client.cookies["__Host-sekisho"]
    assert cookie.value
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


def test_language_and_calendar_are_chosen_and_kept(browser_client: Callable[[], Client]) -> None:
    """Japanese first; the browser's language does not decide; rubbish changes nothing."""
    client = browser_client()
    page = client.get("/sign-in/", headers={"accept-language": "en"})
    assert "サインイン" in page.content.decode()
    client.post(reverse("people:display"), {"language": "en", "next": "/sign-in/"})
    page = client.get("/sign-in/")
    assert '<html lang="en">' in page.content.decode()
    assert page.headers["Content-Language"] == "en"
    answer = client.post(reverse("people:display"), {"language": "xx", "calendar": "mayan", "next": "//evil.example"})
    assert answer.headers["Location"] == "/"
    assert '<html lang="en">' in client.get("/sign-in/").content.decode()


def test_static_files_are_served_without_the_internet(browser_client: Callable[[], Client]) -> None:
    """Every style sheet and script that a page names is ours and there."""
    import re

    client = browser_client()
    page = client.get("/sign-in/").content.decode()
    addresses = re.findall(r'(?:href|src)="([^"#]+\.(?:css|js|svg))"', page)
    assert len(addresses) > 4
    for address in addresses:
        assert address.startswith("/static/")
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert b"".join(answer)  # type: ignore[arg-type]
        answer.close()


def test_a_host_name_of_its_own_promises_https_for_good(settings: Any) -> None:
    """Two years, as the settings give it for every name but localhost."""
    settings.SECURE_HSTS_SECONDS = 63_072_000
    own = Client(headers={"host": "localhost", "x-forwarded-proto": "https"})
    assert own.get("/sign-in/").headers["Strict-Transport-Security"] == "max-age=63072000"
