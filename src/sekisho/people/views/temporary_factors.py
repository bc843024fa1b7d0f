"""A second factor for a day: the operator issues it to somebody else, and sees the code once."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput, NotFound
from sekisho.people import queries
from sekisho.people.actions import TemporaryFactorAction
from sekisho.people.forms.temporary_factors import TemporaryFactorForm
from sekisho.people.models import Staff, TemporaryFactor, User
from sekisho.people.queries.temporary_factors import factors_of, open_factor
from sekisho.people.services import temporary_factors
from sekisho.people.views.ceremonies import proved_at
from sekisho.people.views.proof import lacks_proof, to_proof
from sekisho.ui.parts import Badge, Kind, TableColumn
from sekisho.ui.request import Request

# The session is sealed where it is stored; the code leaves it with the first page that shows it.
_TO_SHOW = "factor_to_show"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@allow(TemporaryFactorAction.ISSUE)
def issue(request: Request, staff_id: UUID, user_id: UUID) -> HttpResponse:
    """Ask how it was made sure who the person is, and go on to the code."""
    person = queries.person(staff_id)
    user = _account(person, user_id)
    if lacks_proof(request):
        return to_proof(request.path)
    form = TemporaryFactorForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            _factor, code = temporary_factors.issue_factor(
                actor=request.actor, proved_at=proved_at(request), user_id=user_id, grounds=form.grounds()
            )
        except (Conflict, InvalidInput) as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
        else:
            request.session[_TO_SHOW] = {"account": str(user_id), "code": code}
            return redirect("people:show-factor", staff_id, user_id)
    context = {"staff": person, "account": user, "form": form, "given": _given(person)}
    return render(request, "people/temporary_factor.html", context, status=status)


@require_safe
@never_cache
@allow(TemporaryFactorAction.ISSUE)
def show(request: Request, staff_id: UUID, user_id: UUID) -> HttpResponse:
    """Show the code that was made just now, once; afterwards only until when it works."""
    person = queries.person(staff_id)
    user = _account(person, user_id)
    shown, code = request.session.get(_TO_SHOW, {}), ""
    if shown.get("account") == str(user_id):
        code = shown["code"]
        if request.method == "GET":
            del request.session[_TO_SHOW]
    context = {"staff": person, "account": user, "code": code, "factor": open_factor(user_id)}
    return render(request, "people/temporary_factor_code.html", context)


@require_POST
@allow(TemporaryFactorAction.WITHDRAW)
def withdraw(request: Request, staff_id: UUID, user_id: UUID) -> HttpResponse:
    """End it before its time."""
    _account(queries.person(staff_id), user_id)
    temporary_factors.withdraw_factor(actor=request.actor, user_id=user_id)
    messages.success(request, _("The temporary factor has ended, and so have the sessions of the account."))
    return redirect("people:person", staff_id)


def _account(person: Staff, user_id: UUID) -> User:
    for account in queries.accounts_of(person):
        if account.pk == user_id:
            return account
    raise NotFound


def _given(person: Staff) -> dict[str, object]:
    titles = (_("Issued at"), _("Issued by"), _("Made sure by"), _("Reason"), _("Until"), _("Last used"), _("State"))
    rows = [
        [
            row.issued_at,
            row.issued_by,
            row.get_proof_display(),
            row.reason,
            row.withdrawn_at or row.expires_at,
            row.used_at,
            _state(row),
        ]
        for row in factors_of(person)
    ]
    return {"columns": [TableColumn(title) for title in titles], "rows": rows}


def _state(row: TemporaryFactor) -> Badge:
    found = open_factor(row.user_id)
    works = found is not None and found.pk == row.pk
    return Badge(Kind.WARN, _("works")) if works else Badge(Kind.NEUTRAL, _("ended"))
