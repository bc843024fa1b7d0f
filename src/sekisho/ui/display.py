"""How one reader wants the screen: language and calendar, kept in two cookies of the browser."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from sekisho.kernel.dates import Calendar

LANGUAGE_COOKIE = "sekisho_language"
CALENDAR_COOKIE = "sekisho_calendar"
LANGUAGES = ("ja", "en")


@dataclass(frozen=True, slots=True)
class Display:
    """The reader's language (``ja`` or ``en``) and the calendar in which Japanese dates are written."""

    language: str
    calendar: Calendar


def default_display() -> Display:
    """Return the display of a reader who chose nothing: the installation's language, and 和暦."""
    return Display(settings.LANGUAGE_CODE, Calendar.WAREKI)


def chosen_display(language: str | None, calendar: str | None) -> Display:
    """Return the display for two raw words from outside; what is not known falls back to the default."""
    default = default_display()
    return Display(
        language if language in LANGUAGES else default.language,
        Calendar(calendar) if calendar in set(Calendar) else default.calendar,
    )


def display_of(request: HttpRequest | None) -> Display:
    """Return the display of ``request``: as the middleware set it, else from its cookies, else the default."""
    if request is None:
        return default_display()
    display = getattr(request, "display", None)
    if isinstance(display, Display):
        return display
    return chosen_display(request.COOKIES.get(LANGUAGE_COOKIE), request.COOKIES.get(CALENDAR_COOKIE))


def display_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Set ``request.display`` and answer in its language.

    Not Django's LocaleMiddleware: the browser's language must not decide, because a shared
    ward computer with an English Windows still serves Japanese readers.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        display = display_of(request)
        request.display = display  # type: ignore[attr-defined]  # read back through display_of
        with translation.override(display.language):
            response = get_response(request)
        response.headers.setdefault("Content-Language", display.language)
        patch_vary_headers(response, ("Cookie",))
        return response

    return middleware
