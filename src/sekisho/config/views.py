"""The first page, health, and the pages for errors that no view of an app raised."""

import sys

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho import __version__
from sekisho.config.errors import API_PREFIX, FormExpired, InternalError, known_error, problem, respond
from sekisho.config.wizard.progress import progress_of
from sekisho.estate.actions import EstateAction
from sekisho.estate.queries import counts, facility
from sekisho.governance.actions import GovernanceAction
from sekisho.governance.queries.work import assigned_to_actor
from sekisho.governance.views.dashboard import dashboard_context
from sekisho.kernel.access import allow, public
from sekisho.kernel.errors import NotFound
from sekisho.people.actions import PeopleAction
from sekisho.people.queries import head_count
from sekisho.register.actions import RegisterAction
from sekisho.register.queries import latest_of_people
from sekisho.register.views.events import event_table
from sekisho.ui.request import Request


@require_safe
@allow(PeopleAction.HOME)
def home(request: Request) -> HttpResponse:
    """Show what is known so far, what to do next, and what happened last."""
    known, here = counts(), facility()
    first_steps = progress_of(request, known, here) if request.actor.may(EstateAction.ADD) else None
    is_open = first_steps is not None and not first_steps.is_finished
    context = {
        "page_title": _("First page"),
        "facility": here,
        "known": {**known, "people": head_count()} if request.actor.may(EstateAction.VIEW) else None,
        "may_see_people": request.actor.may(PeopleAction.VIEW),
        "first_steps": first_steps if is_open else None,
        "steps": first_steps.steps() if first_steps and is_open else [],
        "events": event_table(latest_of_people(5), request.display) if request.actor.may(RegisterAction.VIEW) else None,
    }
    if request.actor.may(GovernanceAction.VIEW):
        context |= dashboard_context(request) | {
            "for_you": assigned_to_actor(request.actor, language=request.display.language)
        }
    return render(request, "config/home.html", context)


@require_safe
@public
def health(request: Request) -> HttpResponse:
    """Tell whether the web process can reach its database. Names nothing else to the world."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok", "process": "web", "version": __version__})


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose secret is missing or old."""
    return respond(request, FormExpired())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django refused before any view."""
    return respond(request, known_error(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that does not exist."""
    return respond(request, NotFound())


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django refused."""
    return respond(request, known_error(exception))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault outside of any view (Django calls this while it handles the exception); keep it simple."""
    fault = sys.exc_info()[1]
    error = known_error(fault) if isinstance(fault, Exception) else InternalError()
    if request.path.startswith(API_PREFIX):
        return problem(error)
    page = loader.render_to_string("config/server_error.html", {"error": error})
    return HttpResponse(page, status=error.status)
