"""The first page, health, and the pages for errors that no view of an app raised."""

import sys
from dataclasses import dataclass

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
from sekisho.kernel.access import Action, Role, allow, public
from sekisho.kernel.errors import NotFound
from sekisho.people.actions import PeopleAction
from sekisho.people.queries import head_count, roles_in_use
from sekisho.register.actions import RegisterAction
from sekisho.register.queries import latest
from sekisho.register.views.events import event_table
from sekisho.ui.parts import Link, Step, StepState
from sekisho.ui.request import Request


@require_safe
@allow(PeopleAction.HOME)
def home(request: Request) -> HttpResponse:
    """Show what is known so far, what to do next, and what happened last."""
    known = counts()
    tasks = _tasks(known)
    present = next((task for task in tasks if not task.done and request.actor.may(task.action)), None)
    context = {
        "page_title": _("First page"),
        "facility": facility(),
        "known": {**known, "people": head_count()} if request.actor.may(EstateAction.VIEW) else None,
        "may_see_people": request.actor.may(PeopleAction.VIEW),
        "steps": [Step(task.title, _state(task, present)) for task in tasks],
        "next_step": Link(present.title, reverse(present.route)) if present else None,
        "events": event_table(latest(8), request.display) if request.actor.may(RegisterAction.VIEW) else None,
    }
    return render(request, "config/home.html", context)


@dataclass(frozen=True, slots=True)
class Task:
    """Something that a new installation needs first, and who can do it."""

    title: str
    route: str
    action: Action
    done: bool


def _tasks(known: dict[str, int]) -> list[Task]:
    planned = Role.PLANNING_MANAGER in roles_in_use()
    return [
        Task(_("Enter the facility"), "estate:facility-new", EstateAction.ADD, facility() is not None),
        Task(_("Invite a planning manager"), "people:invite", PeopleAction.INVITE, planned),
        Task(_("Enter the vendors"), "estate:vendors-new", EstateAction.ADD, known["vendors"] > 0),
        Task(_("Enter the systems"), "estate:systems-new", EstateAction.ADD, known["systems"] > 0),
        Task(_("Enter the network links"), "estate:links-new", EstateAction.ADD, known["links"] > 0),
    ]


def _state(task: Task, present: Task | None) -> StepState:
    if task.done:
        return StepState.DONE
    return StepState.CURRENT if task is present else StepState.TODO


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
