"""Fixtures of the tests of the building blocks."""

from collections.abc import Callable, Iterator

import pytest
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory, override_settings

from sekisho.kernel.dates import Calendar
from sekisho.ui.display import Display

Render = Callable[..., str]
CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.messages.context_processors.messages",
    "sekisho.ui.context.shell",
]


@pytest.fixture(autouse=True)
def _without_the_context_of_other_apps() -> Iterator[None]:
    engine = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": CONTEXT_PROCESSORS},
    }
    with override_settings(TEMPLATES=[engine]):
        yield


@pytest.fixture
def request_in(rf: RequestFactory) -> Callable[..., HttpRequest]:
    """Make a GET request with a display: ``request_in("en", path="/x?q=1")``."""

    def make(language: str = "ja", calendar: Calendar = Calendar.WAREKI, path: str = "/") -> HttpRequest:
        request = rf.get(path)
        request.display = Display(language, calendar)  # type: ignore[attr-defined]
        return request

    return make


@pytest.fixture
def render(request_in: Callable[..., HttpRequest]) -> Render:
    """Render a template text that has the ui tags loaded."""

    def run(text: str, request: HttpRequest | None = None, **context: object) -> str:
        template = engines["django"].from_string("{% load ui %}" + text)
        return template.render(context, request or request_in())

    return run
