"""Applications that use this sign-in: list, one of them, entering, releasing and closing one."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel.access import Role, allow
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.people.actions import RelyingAction
from sekisho.people.forms.oidc import PartyForm, initial_of
from sekisho.people.forms.people import RequiredReasonForm
from sekisho.people.forms.service_clients import ReleaseForm
from sekisho.people.models import RelyingParty
from sekisho.people.queries import oidc as queries
from sekisho.people.rules.oidc import PartyState
from sekisho.people.services import oidc_parties
from sekisho.people.services.oidc import party_ref
from sekisho.people.views.rights import Question
from sekisho.people.views.service_clients import show_fault
from sekisho.register.actions import RegisterAction
from sekisho.register.queries import history
from sekisho.register.views.events import event_table
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Kind, Link, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]
_LONGEST_HISTORY = 50
_KINDS = {PartyState.WAITING: Kind.WARN, PartyState.OPEN: Kind.OK, PartyState.CLOSED: Kind.NEUTRAL}


@require_safe
@allow(RelyingAction.VIEW)
def list_parties(request: Request) -> HttpResponse:
    """Show the applications: their system, who may sign in there, and when somebody last did."""
    page = queries.parties(page_number(request.GET))
    titles = (_("System"), _("Person responsible"), _("Roles"), _("State"), _("Last use"))
    context = {
        "page_title": _("Applications that use this sign-in"),
        "columns": [
            TableColumn(_("Name of the application"), Align.NAME, is_row_heading=True),
            *(TableColumn(title) for title in titles),
        ],
        "rows": [_row(party) for party in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "may_enter": request.actor.may(RelyingAction.ENTER),
    }
    return render(request, "people/oidc_parties.html", context)


def _row(party: RelyingParty) -> list[object]:
    link = Link(party.name, reverse("people:relying-party", args=[party.pk]))
    return [link, party.system, party.responsible.name, _roles(party), _state(party), party.last_used_at]


def _roles(party: RelyingParty) -> str:
    return _(", ").join(str(Role(role).label) for role in party.roles.split())


def _state(party: RelyingParty) -> Badge:
    state = queries.state_of_party(party)
    return Badge(_KINDS[state], state.label)


@require_safe
@allow(RelyingAction.VIEW)
def show_party(request: Request, party_id: UUID) -> HttpResponse:
    """Show one application with its secrets, its last sign-ins and what happened to it."""
    party = queries.find_party(party_id)
    context = {
        "page_title": party.name,
        "party": party,
        "facts": _facts(party),
        "settings": _settings(party),
        "acts": list(_acts(request, party)),
        "keeps_secret": queries.keeps_secret(party),
        "secrets": queries.party_secrets(party.pk),
        "may_end_secret": request.actor.may(RelyingAction.END_SECRET),
        "sign_ins": _sign_ins(party),
        "history": _history(request, party),
    }
    return render(request, "people/oidc_party.html", context)


def _facts(party: RelyingParty) -> list[tuple[str, object]]:
    learns = {"profile": _("Name and login"), "roles": _("Roles held here")}
    ledger = _("Only people with an account of this system in the ID ledger")
    facts: list[tuple[str, object]] = [
        (_("State"), _state(party)),
        (_("Purpose"), party.purpose),
        (_("System it belongs to"), party.system),
        (_("Person responsible"), party.responsible.name),
        (_("Kind of the application"), party.get_kind_display()),
        (_("Roles that may sign in there"), _roles(party)),
        (_("Further condition"), ledger if party.by_ledger else _("none")),
        (_("Sign-in that it asks for"), f"AAL {party.assurance}"),
        (_("What it learns"), _(", ").join(learns[name] for name in party.scopes.split())),
        (_("Addresses it is led back to (redirect_uri)"), party.redirects),
        (_("Addresses after signing out"), party.logout_redirects),
        (_("Address that is told of the end of a session"), party.logout_notice),
        (_("Entered by"), party.entered_by_name),
        (_("Released by"), party.released_by_name),
        (_("Last use"), party.last_used_at),
    ]
    if party.release_reason:
        facts.append((_("Reason of the release"), party.release_reason))
    if party.closed_at is not None:
        facts += [(_("Closed at"), party.closed_at), (_("Closed by"), party.closed_by_name)]
        facts.append((_("Reason"), party.close_reason))
    return facts


def _settings(party: RelyingParty) -> list[tuple[str, object]]:
    """Return what is put into the application, by the names that its maker calls it."""
    return [
        ("issuer", settings.ORIGIN),
        ("discovery", f"{settings.ORIGIN}{reverse('people:oidc-discovery')}"),
        ("client_id", str(party.pk)),
        ("response_type", "code"),
        ("code_challenge_method", "S256"),
        ("scope", " ".join(["openid", *party.scopes.split()])),
        ("id_token_signed_response_alg", party.algorithm),
    ]


def _acts(request: Request, party: RelyingParty) -> Iterator[tuple[str, str]]:
    """Yield what may be done with an application now, each with its address."""
    state = queries.state_of_party(party)
    offered = (
        (state is PartyState.WAITING, RelyingAction.RELEASE, "release", _("Release it")),
        (
            state is PartyState.OPEN and queries.keeps_secret(party),
            RelyingAction.MAKE_SECRET,
            "secret",
            _("Make a secret"),
        ),
        (state is not PartyState.CLOSED, RelyingAction.CLOSE, "close", _("Close it")),
    )
    for fits, action, name, words in offered:
        if fits and request.actor.may(action):
            yield words, reverse(f"people:relying-party-{name}", args=[party.pk])
    if request.actor.may(RelyingAction.ENTER):
        yield _("Enter one like it"), f"{reverse('people:relying-party-new')}?like={party.pk}"


def _sign_ins(party: RelyingParty) -> dict[str, Any]:
    titles = (_("Time"), _("Person"), _("Network"), _("Level"), _("State"))
    rows = [
        [row.begun_at, row.user.staff.name, row.network, f"AAL {row.assurance}", _counts(queries.sign_in_fault(row))]
        for row in queries.sign_ins_of(party)
    ]
    return {"columns": [TableColumn(title) for title in titles], "rows": rows}


def _counts(fault: str) -> Badge:
    return Badge(Kind.NEUTRAL, _("over")) if fault else Badge(Kind.OK, _("counts"))


def _history(request: Request, party: RelyingParty) -> dict[str, Any] | None:
    """Return the table of what happened to an application, newest first; None without the right to see it."""
    if not request.actor.may(RegisterAction.VIEW):
        return None
    subject = party_ref(party)
    return event_table(history(subject.kind, subject.id, _LONGEST_HISTORY), request.display)


@require_http_methods(_METHODS)
@allow(RelyingAction.ENTER)
def enter(request: Request) -> HttpResponse:
    """Enter an application; ``like`` names one whose particulars it begins with."""
    form = PartyForm(request.POST if request.method == "POST" else None, initial=initial_of(_like(request)))
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            party = oidc_parties.enter_party(actor=request.actor, data=form.data_entered())
        except (Conflict, InvalidInput) as error:
            show_fault(form, error)
            status = error.status
        else:
            messages.success(request, _("It was entered. It works once somebody else has released it."))
            return redirect("people:relying-party", party.pk)
    context = {"page_title": _("Enter an application"), "form": form}
    return render(request, "people/oidc_party_new.html", context, status=status)


def _like(request: Request) -> RelyingParty | None:
    like = request.GET.get("like", "")
    try:
        return queries.find_party(forms.UUIDField().clean(like)) if like else None
    except ValidationError:
        return None


@require_http_methods(_METHODS)
@allow(RelyingAction.RELEASE)
def release(request: Request, party_id: UUID) -> HttpResponse:
    """Ask, then let an application in."""
    question = Question(
        title=_("Release the application"),
        text=_("You confirm that these addresses are the application's own and that these people may sign in there."),
        submit=_("Release it with my name"),
        done=_("It was released. Put the values of its page into the application."),
    )
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    return _ask(request, party_id, question, form, oidc_parties.release_party)


@require_http_methods(_METHODS)
@allow(RelyingAction.CLOSE)
def close(request: Request, party_id: UUID) -> HttpResponse:
    """Ask, then close our sign-in to an application."""
    question = Question(
        title=_("Close the application"),
        text=_("Nobody can sign in there with this sign-in any more, at once and for good. Its secrets end too."),
        submit=_("Close it"),
        done=_("It was closed. Nobody signs in there with this sign-in any more."),
        danger=True,
    )
    form = RequiredReasonForm(request.POST if request.method == "POST" else None)
    return _ask(request, party_id, question, form, oidc_parties.close_party)


def _ask(
    request: Request, party_id: UUID, question: Question, form: forms.Form, act: Callable[..., RelyingParty]
) -> HttpResponse:
    """Ask, then act; a refusal is shown with what was typed still in its box."""
    party, status = queries.find_party(party_id), 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            act(actor=request.actor, party_id=party_id, **form.cleaned_data)
        except (Conflict, InvalidInput) as error:
            show_fault(form, error)
            status = error.status
        else:
            messages.success(request, question.done)
            return redirect("people:relying-party", party_id)
    context = {
        "party": party,
        "question": question,
        "form": form,
        "page_title": question.title,
        "facts": _facts(party),
    }
    return render(request, "people/oidc_party_question.html", context, status=status)
