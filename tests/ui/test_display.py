"""Language and calendar: from the cookies, never from the browser's own language."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import translation

from sekisho.kernel.dates import Calendar
from sekisho.ui.display import Display, chosen_display, display_middleware, display_of


@pytest.mark.parametrize(
    ("language", "calendar", "expected"),
    [
        (None, None, Display("ja", Calendar.WAREKI)),
        ("en", "seireki", Display("en", Calendar.SEIREKI)),
        ("fr", "maya", Display("ja", Calendar.WAREKI)),
        ("ja", "seireki", Display("ja", Calendar.SEIREKI)),
    ],
)
def test_unknown_words_fall_back(language: str | None, calendar: str | None, expected: Display) -> None:
    assert chosen_display(language, calendar) == expected


def test_the_cookies_decide_and_the_browser_does_not(rf: RequestFactory) -> None:
    request = rf.get("/", headers={"accept-language": "en"})
    assert display_of(request) == Display("ja", Calendar.WAREKI)
    request.COOKIES.update(sekisho_language="en", sekisho_calendar="seireki")
    assert display_of(request) == Display("en", Calendar.SEIREKI)
    assert display_of(None) == Display("ja", Calendar.WAREKI)


def test_the_middleware_answers_in_the_chosen_language(rf: RequestFactory) -> None:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append((translation.get_language(), display_of(request).language))
        return HttpResponse("")

    request = rf.get("/")
    request.COOKIES["sekisho_language"] = "en"
    response = display_middleware(view)(request)
    assert seen == [("en", "en")]
    assert response["Content-Language"] == "en"
    assert "Cookie" in response["Vary"]


def test_the_installation_decides_for_those_who_chose_nothing(rf: RequestFactory, settings: Any) -> None:
    """SEKISHO_LANGUAGE=en makes English the language of a fresh browser."""
    settings.LANGUAGE_CODE = "en"
    assert display_of(rf.get("/")).language == "en"
