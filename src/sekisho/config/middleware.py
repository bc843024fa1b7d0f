"""What surrounds every request: headers, one log line, the error translator, and deny-first access."""

import logging
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from sekisho.config.errors import MethodRefused, known_error, record_if_refused, respond
from sekisho.kernel.access import ACCESS_ATTRIBUTE
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.ids import new_id
from sekisho.kernel.text import _
from sekisho.ui.request import Request

Respond = Callable[[HttpRequest], HttpResponse]
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
log = structlog.get_logger(__name__)


class ViewUnmarked(SekishoError):
    """A view says neither who may use it nor that it is public; it is refused to everybody."""

    code = "config.view_unmarked"
    message = _("This page is not open to anybody.")
    status = 403


class SecurityHeaders:
    """Adds the headers that Django has no setting for."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with a strict content security policy and no powerful browser features."""
        response = self.respond(request)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        # A page that reads codes with the camera says so itself; no other page may.
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


class RequestLog:
    """One line per request. The route, never the path: paths may carry a one-time token."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then write how long it took."""
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=str(new_id())):
            response = self.respond(request)
            match = request.resolver_match
            # The supervisor asks every few seconds whether all is well; a yes is no news.
            level = (
                logging.DEBUG if match and match.url_name == "health" and response.status_code == 200 else logging.INFO
            )
            log.log(
                level,
                "request",
                method=request.method,
                route=match.route if match else None,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )
        return response


class ErrorTranslator:
    """Turns exceptions of views into answers; a refused attempt of a person is recorded."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and put a refused method into words; exceptions come through process_exception."""
        refusal: SekishoError | None = getattr(request, "refusal", None)
        if refusal is not None:  # a program's token that was not taken
            return respond(request, refusal)
        response = self.respond(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        answer = respond(request, MethodRefused())
        answer.headers["Allow"] = response.headers["Allow"]
        return answer

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse:
        """Answer for an exception that a view raised."""
        error = known_error(exception)
        record_if_refused(request, error)
        return respond(request, error)


class DenyUnmarkedViews:
    """Refuses every view that carries no access mark: forgetting one closes a page, it does not open it."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.respond(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer with a refusal unless the view is marked."""
        return None if hasattr(view, ACCESS_ATTRIBUTE) else respond(request, ViewUnmarked())
