"""The first page, health, and the pages for errors that no view of an app raised."""

import sys

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho import __version__
from sekisho.config.errors import API_PREFIX, FormExpired, InternalError, known_error, problem, respond
from sekisho.estate.actions import EstateAction
from sekisho.estate.queries import counts, facility
from sekisho.kernel.access import Role, allow, public
from sekisho.kernel.errors import NotFound
from sekisho.people.actions import PeopleAction
from sekisho.people.queries import head_count, roles_in_use
from sekisho.register.actions import RegisterAction
from sekisho.register.queries import latest
from sekisho.register.views.events import event_table
from sekisho.ui.parts import Step, StepState
from sekisho.ui.request import Request


@require_safe
@allow(PeopleAction.HOME)
def home(request: Request) -> HttpResponse:
    """Show what is known so far, what to do next, and what happened last."""
    known = counts()
    tasks = _tasks(known)
    present = next((task for task in tasks if not task[2]), None)
    context = {
        "page_title": _("First page"),
        "facility": facility(),
        "known": {**known, "people": head_count()} if request.actor.may(EstateAction.VIEW) else None,
        "steps": [Step(task[0], _state(task[2], task is present)) for task in tasks],
        "next_step": (present[0], reverse(present[1])) if present and request.actor.may(EstateAction.ADD) else None,
        "events": event_table(latest(8)) if request.actor.may(RegisterAction.VIEW) else None,
    }
    return render(request, "config/home.html", context)


def _tasks(known: dict[str, int]) -> list[tuple[str, str, bool]]:
    """Return what a new installation needs first: title, URL name, whether it is done."""
    return [
        (_("Enter the facility"), "estate:facility-new", facility() is not None),
        (_("Invite a planning manager"), "people:invite", Role.PLANNING_MANAGER in roles_in_use()),
        (_("Enter the vendors"), "estate:vendors-new", known["vendors"] > 0),
        (_("Enter the systems"), "estate:systems-new", known["systems"] > 0),
        (_("Enter the network links"), "estate:links-new", known["links"] > 0),
    ]


def _state(done: bool, is_present: bool) -> StepState:
    if done:
        return StepState.DONE
    return StepState.CURRENT if is_present else StepState.TODO


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
