"""Inviting people: entering a person, and the one-time link that is handed to them."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel.access import allow
from sekisho.kernel.errors import InvalidInput
from sekisho.people import queries
from sekisho.people.actions import PeopleAction
from sekisho.people.errors.staff import BothDuties, HasAccount, StaffNumberTaken
from sekisho.people.forms.people import InvitationForm
from sekisho.people.models import Staff
from sekisho.people.services import links
from sekisho.people.views.people import show_faults
from sekisho.ui.request import Request

# The session is sealed where it is stored; the token leaves it with the first page that shows it.
_TO_SHOW = "link_to_show"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@allow(PeopleAction.INVITE)
def invite(request: Request) -> HttpResponse:
    """Enter a person and go on to the link to hand to them."""
    form = InvitationForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            invited, token = links.invite_person(
                actor=request.actor, data=form.data_of_person(), roles=form.chosen_roles()
            )
        except (InvalidInput, StaffNumberTaken, BothDuties) as error:
            show_faults(form, error)
        else:
            return _to_the_link(request, invited, token)
    return render(request, "people/invite.html", {"form": form}, status=status)


@require_POST
@never_cache
@allow(PeopleAction.INVITE)
def renew_link(request: Request, staff_id: UUID) -> HttpResponse:
    """Make a new link for a person whose link was lost or ran out."""
    try:
        invited, token = links.renew_invitation(actor=request.actor, staff_id=staff_id)
    except HasAccount as error:
        messages.error(request, str(error))
        return redirect("people:person", staff_id)
    return _to_the_link(request, invited, token)


def _to_the_link(request: Request, invited: Staff, token: str) -> HttpResponse:
    """Lead to a page that only shows: loading that one again invites nobody a second time."""
    request.session[_TO_SHOW] = {"staff": str(invited.pk), "token": token}
    return redirect("people:link", invited.pk)


@require_safe
@never_cache
@allow(PeopleAction.INVITE)
def show_link(request: Request, staff_id: UUID) -> HttpResponse:
    """Show the link of a person that was made just now, once; afterwards only that it was shown."""
    person = queries.person(staff_id)
    shown = request.session.get(_TO_SHOW, {})
    address = ""
    if shown.get("staff") == str(staff_id):
        address = f"{settings.ORIGIN}{reverse('people:open-link', args=[shown['token']])}"
        if request.method == "GET":
            del request.session[_TO_SHOW]
    return render(request, "people/link.html", {"staff": person, "address": address})


@require_POST
@allow(PeopleAction.REVOKE_LINK)
def withdraw_link(request: Request, staff_id: UUID) -> HttpResponse:
    """Make the open links of a person invalid."""
    links.withdraw_links(actor=request.actor, staff_id=staff_id)
    messages.success(request, _("The link was withdrawn."))
    return redirect("people:person", staff_id)
