"""What the pages of the wizard share, and those that ask for nothing to be entered: who does what, and the result."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from sekisho.config.wizard.progress import (
    Place,
    entered_at,
    left_out,
    progress,
    systems_entered,
    systems_without_a_line,
)
from sekisho.estate.actions import EstateAction
from sekisho.estate.queries import counts
from sekisho.governance.queries.overview import newest_overview
from sekisho.governance.services.currency import currency
from sekisho.governance.views.dashboard import dashboard_context
from sekisho.kernel.access import Role, allow
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.people.actions import PeopleAction
from sekisho.people.queries import StaffDirectory, head_count
from sekisho.people.services.roles import grant_role
from sekisho.people.views.ceremonies import proved_at
from sekisho.people.views.proof import lacks_proof, to_proof
from sekisho.ui.pager import page_number
from sekisho.ui.parts import Words
from sekisho.ui.request import Request

# At this status htmx stops asking.
_STOP_ASKING = 286
_MOST_TURNS = 60
_MOST_NAMES = 3
_QUESTIONS: dict[Place, Words] = {
    Place.FACILITY: gettext_lazy("Which facility is this?"),
    Place.PEOPLE: gettext_lazy("Who does what?"),
    Place.SYSTEMS: gettext_lazy("Which systems do you use?"),
    Place.LINES: gettext_lazy("Which lines do you have?"),
    Place.CONTRACT: gettext_lazy("Who keeps the servers up to date?"),
    Place.READY: gettext_lazy("The first result"),
}
_DUTIES: dict[Role, Words] = {
    Role.MANAGEMENT: gettext_lazy("The head of the facility. Decides the policy and answers for it."),
    Role.SAFETY_MANAGER: gettext_lazy(
        "Appointed by the head of the facility. The inspection checklist asks for the name."
    ),
    Role.PLANNING_MANAGER: gettext_lazy("Writes the rules, handles the contracts, approves what is recorded here."),
    Role.SYSTEM_OPERATOR: gettext_lazy("Looks after PCs, servers and lines day by day, and enters what is found here."),
    Role.DEPARTMENT_MANAGER: gettext_lazy(
        "Says who in the department needs access to what. Not needed in a small clinic."
    ),
    Role.AUDITOR: gettext_lazy("Looks, from outside the work, whether it is done as written. Can be given later."),
}
_NEEDED = (Role.MANAGEMENT, Role.SAFETY_MANAGER, Role.PLANNING_MANAGER, Role.SYSTEM_OPERATOR)


def wizard_page(request: Request, place: Place, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Show one step: its question, the steps around it, and ``context``."""
    found = progress(request)
    shared = {
        "page_title": _QUESTIONS[place],
        "place": place,
        "steps": found.steps(place),
        "is_done": place in found.done,
        "later_url": reverse("wizard-later", args=[place.value]),
    }
    return render(request, f"config/wizard_{place.value}.html", {**shared, **context}, status=status)


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role in plain words, and who holds it; empty for nobody."""

    role: Role
    duty: Words
    names: str
    is_needed: bool


@require_safe
@allow(EstateAction.ADD)
def show_people(request: Request) -> HttpResponse:
    """Show the roles of the guideline in plain words and who holds them, and how to fill the one that approves."""
    directory, may = StaffDirectory(), request.actor.may
    mine = directory.person_of(request.actor.id)
    context = {
        "roles": [_role_line(directory, role) for role in _DUTIES] if may(PeopleAction.VIEW) else [],
        "is_planned": bool(directory.holders(Role.PLANNING_MANAGER)),
        "is_alone": head_count() == 1,
        "may_invite": may(PeopleAction.INVITE),
        "may_grant": may(PeopleAction.GRANT) and mine is not None and _may_be_both(),
    }
    return wizard_page(request, Place.PEOPLE, context)


def _role_line(directory: StaffDirectory, role: Role) -> RoleLine:
    names = [person.name for person in directory.holders(role)]
    joined = _(", ").join(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        joined = _("%(names)s and %(more)s others") % {"names": joined, "more": len(names) - _MOST_NAMES}
    return RoleLine(role, _DUTIES[role], joined, role in _NEEDED)


def _may_be_both() -> bool:
    """Tell whether one person may take both roles here: nobody plans yet, and there is nobody else who could."""
    return head_count() == 1 and not StaffDirectory().holders(Role.PLANNING_MANAGER)


@require_POST
@allow(PeopleAction.GRANT)
def plan_myself(request: Request) -> HttpResponse:
    """Make the reader, who is alone, the planning manager too: the usual grant, with its permission and its event."""
    mine = StaffDirectory().person_of(request.actor.id)
    if mine is None:
        raise NotFound
    if request.POST.get("role") != Role.PLANNING_MANAGER:  # only what the button on the page says
        return redirect(Place.PEOPLE.url)
    if not _may_be_both():
        messages.error(
            request,
            _("Somebody holds this role already, or you are not alone. Roles are given on the page of the person."),
        )
        return redirect(Place.PEOPLE.url)
    if lacks_proof(request):
        messages.info(request, _("Nothing was granted yet. Show your second factor, then grant the role once more."))
        return to_proof(Place.PEOPLE.url)
    reason = _("One person holds several roles; entered in the first steps.")
    try:
        grant_role(
            actor=request.actor,
            proved_at=proved_at(request),
            staff_id=UUID(mine.id),
            role=Role.PLANNING_MANAGER,
            reason=reason,
        )
    except Conflict as error:
        messages.error(request, str(error))
        return redirect(Place.PEOPLE.url)
    messages.success(request, _("You are the planning manager now, too."))
    return redirect(Place.PEOPLE.after.url)


@require_safe
@allow(EstateAction.ADD)
def show_ready(request: Request) -> HttpResponse:
    """Show what was entered and what is judged now."""
    found = counts()
    answered = progress(request).done
    context = {
        "systems": systems_entered(found),
        "links": found["links"],
        "vendors": found["vendors"],
        "people": head_count(),
        "left_out": left_out(request),
        "unlined": systems_without_a_line(),
        "lacking": [place for place in Place if place not in answered | {Place.READY}],
        **_judged(request, 0),
    }
    return wizard_page(request, Place.READY, context)


@require_safe
@allow(EstateAction.ADD)
def show_state(request: Request) -> HttpResponse:
    """Answer a waiting result page: what is judged by now. It asks again only so often."""
    if request.headers.get("HX-Request") != "true":
        return redirect(Place.READY.url)
    context = _judged(request, page_number(request.GET, "turn"))
    return render(request, "config/wizard_judged.html", context, status=200 if context["asks"] else _STOP_ASKING)


def _judged(request: Request, turn: int) -> dict[str, Any]:
    """Return the newest judgement; ``waits`` tells that something entered is not in it yet."""
    waits = _waits(entered_at(request))
    return {
        "waits": waits,
        "asks": waits and turn < _MOST_TURNS,
        "turn": turn + 1,
        **dashboard_context(request, most=0),
    }


def _waits(entered: datetime | None) -> bool:
    """Tell whether what was entered at that moment is not looked at yet, or not on the overview.

    Checks that store a result meanwhile move the judgement on; that is not what the reader waits for.
    """
    kept, found = newest_overview(), currency()
    if kept is None or found is None:
        return True
    if entered is None:
        return False
    return found.looked_at < entered or kept.made_at < entered <= found.judged_at
