"""One translator per web entrance: page, htmx fragment and problem+json (RFC 9457) from the same error."""

import errno
from http import HTTPStatus
from urllib.parse import quote

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from sekisho.kernel.access import Action
from sekisho.kernel.actor import ActorKind
from sekisho.kernel.errors import Conflict, Forbidden, NotFound, SekishoError, Unauthenticated, Unavailable
from sekisho.kernel.registry import current
from sekisho.kernel.text import _
from sekisho.register.services import record_refusal
from sekisho.ui.request import Request

API_PREFIX = "/api/"
log = structlog.get_logger(__name__)


class InternalError(SekishoError):
    """A fault of ours; the reader gets no inside, the log has it all."""

    code = "config.internal_error"
    message = _("Something went wrong on our side. Nothing was changed.")
    hint = _("Try again. If it happens again, tell the system operator the time and what you did.")
    status = 500
    exit_code = 70


class BadRequest(SekishoError):
    """The request itself is malformed, forged or too large; nothing of it was read further."""

    code = "config.bad_request"
    message = _("This request cannot be understood.")
    status = 400


class MethodRefused(SekishoError):
    """The address exists, but not for this kind of request."""

    code = "config.method_refused"
    message = _("This address cannot be used in this way.")
    status = 405


class FormExpired(SekishoError):
    """The form's secret is missing or old: the page stood open too long, or the request came from elsewhere."""

    code = "config.form_expired"
    message = _("This form has expired.")
    hint = _("Go back, reload the page and send it again.")
    status = 403


def known_error(error: Exception) -> SekishoError:
    """Return the error to show for ``error``; what we do not know becomes InternalError and is logged whole."""
    match error:
        case SekishoError():
            return error
        case Http404():
            return NotFound()
        case PermissionDenied() | SuspiciousOperation() | RequestDataTooBig():
            return BadRequest()
        case IntegrityError():
            # Two people entered the same thing at the same moment; the database let the first one in.
            log.warning("lost_race", exc_info=error)
            return Conflict()
        case OperationalError() | InterfaceError():
            log.error("database_unavailable", exc_info=error)
            return Unavailable()
        case OSError() if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}:
            log.error("storage_unavailable", exc_info=error)
            return Unavailable()
    log.error("unexpected_error", exc_info=error)
    return InternalError()


def respond(request: HttpRequest, error: SekishoError) -> HttpResponse:
    """Answer ``error`` in the form that the client reads."""
    if request.path.startswith(API_PREFIX):
        return problem(error)
    if request.headers.get("HX-Request") == "true":
        return _with_sign_in(request, error) or render(
            request, "ui/error_fragment.html", _facts(error), status=error.status
        )
    return _with_sign_in(request, error) or render(request, "ui/error.html", _facts(error), status=error.status)


def _with_sign_in(request: HttpRequest, error: SekishoError) -> HttpResponse | None:
    """Send a visitor who only needs to sign in to the sign-in page and back again."""
    if not isinstance(error, Unauthenticated):
        return None
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
    address = f"{reverse('people:sign-in')}?next={quote(back)}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return redirect(address)


def _facts(error: SekishoError) -> dict[str, object]:
    return {"code": error.code, "status": error.status, "message": error.text, "advice": error.advice}


def problem(error: SekishoError) -> HttpResponse:
    """Return the error as application/problem+json (RFC 9457)."""
    body = {
        "type": f"urn:sekisho:error:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": str(error.text),
        "code": error.code,
    }
    if error.advice:
        body["advice"] = str(error.advice)
    if error.field:
        body["field"] = error.field
    return JsonResponse(body, status=error.status, content_type="application/problem+json")


def record_if_refused(request: Request, error: SekishoError) -> None:
    """Write the refused attempt of a signed-in person or a program into the register; others are only logged."""
    if not isinstance(error, Forbidden) or request.actor.kind not in {ActorKind.PERSON, ActorKind.SERVICE}:
        return
    action: Action | None = current().action(str(error.params.get("action")))
    if action is None:
        return
    try:
        record_refusal(actor=request.actor, action=action, code=error.code)
    except DatabaseError as failure:
        # The refusal stands even when it cannot be recorded; the operational log keeps it.
        log.error("refusal_not_recorded", action=str(action), actor=request.actor.id, exc_info=failure)
