"""What the operator keeps of everybody's sign-in: shared terminals, what roles ask for, and ending sessions."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.people import queries
from sekisho.people.actions import SignInAction
from sekisho.people.forms.sign_in import PolicyForm, TerminalForm
from sekisho.people.queries.authenticators import ModelInUse, metadata_list, models_in_use, policy_of_roles
from sekisho.people.queries.sign_in import terminals
from sekisho.people.rules.sessions import is_fresh
from sekisho.people.services import authenticators, sessions
from sekisho.people.views.ceremonies import TERMINAL_COOKIE, mark_terminal, proved_at, terminal_of
from sekisho.ui.parts import Badge, Kind, TableColumn
from sekisho.ui.request import Request

_FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_FORM_METHODS)
@allow(SignInAction.KEEP_TERMINALS)
def show_terminals(request: Request) -> HttpResponse:
    """List the shared terminals; make the browser that asks one of them."""
    form = TerminalForm(request.POST or None)
    if form.is_bound and form.is_valid():
        row = sessions.make_terminal(actor=request.actor, **form.cleaned_data)
        messages.success(
            request, _("This browser is the shared terminal “%(name)s” from the next sign-in on.") % {"name": row.name}
        )
        response = redirect("people:terminals")
        mark_terminal(response, row)
        return response
    context = {"form": form, "terminals": terminals(), "here": terminal_of(request)}
    return render(request, "people/terminals.html", context, status=422 if form.is_bound else 200)


@require_POST
@allow(SignInAction.KEEP_TERMINALS)
def end_terminal(request: Request, terminal_id: UUID) -> HttpResponse:
    """Let a browser be no shared terminal any more."""
    here = terminal_of(request)
    row = sessions.end_terminal(actor=request.actor, terminal_id=terminal_id)
    messages.success(request, _("“%(name)s” is no shared terminal any more.") % {"name": row.name})
    response = redirect("people:terminals")
    if here is not None and here.pk == terminal_id:
        response.delete_cookie(TERMINAL_COOKIE)
    return response


@require_http_methods(_FORM_METHODS)
@allow(SignInAction.KEEP_POLICY)
def change_policy(request: Request) -> HttpResponse:
    """Say what the keys of roles must be, and show the list of authenticators with the models in use."""
    if not is_fresh(proved_at(request), clock.now()):
        return redirect(f"{reverse('people:prove')}?{urlencode({'next': request.path})}")
    bound, hardware, models = policy_of_roles()
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        initial={"roles": sorted(bound), "hardware": sorted(hardware), "models": "\n".join(models)},
    )
    if form.is_bound and form.is_valid():
        authenticators.change_policy(actor=request.actor, proved_at=proved_at(request), wanted=form.wanted())
        messages.success(request, _("The rule was stored. It counts from the next sign-in on."))
        return redirect("people:sign-in-policy")
    context = {"form": form, "list": metadata_list(), "today": queries.today(), "models": _models()}
    return render(request, "people/policy.html", context, status=422 if form.is_bound else 200)


def _models() -> dict[str, object]:
    """Return the models of the keys in use as a table."""
    titles = (_("Model"), "AAGUID", _("Keys"), _("of these attested by the maker"), _("State"))
    rows = [[row.name or "―", str(row.aaguid), row.keys, row.attested, _state(row)] for row in models_in_use()]
    return {"columns": [TableColumn(title) for title in titles], "rows": rows}


def _state(row: ModelInUse) -> Badge:
    if row.refused:
        return Badge(Kind.NG, _("reported as unsafe (%(report)s)") % {"report": row.refused})
    return Badge(Kind.OK, _("listed")) if row.name else Badge(Kind.UNKNOWN, _("not in the list"))


@require_POST
@allow(SignInAction.END_SESSIONS_OF)
def end_sessions_of(request: Request, staff_id: UUID, user_id: UUID) -> HttpResponse:
    """End every session of somebody's account."""
    person = queries.person(staff_id)
    for account in queries.accounts_of(person):
        if account.pk == user_id:
            count = sessions.end_sessions_of_account(actor=request.actor, user_id=user_id)
            messages.success(request, _("%(count)s session(s) were ended.") % {"count": count})
    return redirect("people:person", staff_id)
