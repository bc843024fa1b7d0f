"""Letting somebody set up their account anew: the operator says how identity was checked, and gets a link once.

The link is shown on the screen, or printed for the person to open (``reset_paper``).
"""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput, NotFound
from sekisho.people import queries
from sekisho.people.actions import AccountResetAction
from sekisho.people.forms.account_resets import ResetForm
from sekisho.people.models import Staff, Telling, User
from sekisho.people.services import account_resets
from sekisho.people.views.ceremonies import proved_at
from sekisho.people.views.proof import lacks_proof, to_proof
from sekisho.people.views.reset_paper import hand_out
from sekisho.ui.request import Request

# The session is sealed where it is stored; the token leaves it with the first page that shows it.
_TO_SHOW = "reset_to_show"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@allow(AccountResetAction.RESET)
def reset(request: Request, staff_id: UUID, user_id: UUID) -> HttpResponse:
    """Ask how identity was checked, and go on to the link."""
    person = queries.person(staff_id)
    user = _account(person, user_id)
    if lacks_proof(request):
        return to_proof(request.path)
    posted = request.method == "POST"
    form = ResetForm(request.POST if posted else None, request.FILES if posted else None)
    status = 422 if form.is_bound else 200
    if posted and form.is_valid():
        try:
            _user, token = account_resets.reset_account(
                actor=request.actor, proved_at=proved_at(request), user_id=user_id, grounds=form.grounds()
            )
        except (Conflict, InvalidInput) as error:
            form.add_error(None, str(error))
            status = error.status
        else:
            if form.cleaned_data["telling"] == Telling.PRINT:
                return hand_out(request, staff_id, token)
            request.session[_TO_SHOW] = {"account": str(user_id), "token": token}
            return redirect("people:show-reset", staff_id, user_id)
    return render(request, "people/reset.html", {"staff": person, "account": user, "form": form}, status=status)


@require_safe
@never_cache
@allow(AccountResetAction.RESET)
def show(request: Request, staff_id: UUID, user_id: UUID) -> HttpResponse:
    """Show the link that was made just now, once."""
    person = queries.person(staff_id)
    _account(person, user_id)
    shown, address = request.session.get(_TO_SHOW, {}), ""
    if shown.get("account") == str(user_id):
        address = f"{settings.ORIGIN}{reverse('people:open-link', args=[shown['token']])}"
        if request.method == "GET":
            del request.session[_TO_SHOW]
    return render(request, "people/reset_link.html", {"staff": person, "address": address})


def _account(person: Staff, user_id: UUID) -> User:
    for account in queries.accounts_of(person):
        if account.pk == user_id:
            return account
    raise NotFound
