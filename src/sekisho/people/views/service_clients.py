"""Programs that use the API: list, one of them, entering, releasing and closing one."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput, SekishoError
from sekisho.people.actions import ServiceClientAction
from sekisho.people.forms.people import RequiredReasonForm
from sekisho.people.forms.service_clients import ClientForm, ReleaseForm, initial_of
from sekisho.people.models import ServiceClient
from sekisho.people.queries import service_clients as queries
from sekisho.people.rules.service_clients import ClientState
from sekisho.people.rules.service_errors import BeyondOwnRights
from sekisho.people.services import service_clients
from sekisho.people.services.service_clients import client_ref
from sekisho.people.views.rights import Question
from sekisho.register.actions import RegisterAction
from sekisho.register.queries import history
from sekisho.register.views.events import event_table
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Kind, Link, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]
_LONGEST_HISTORY = 50
_KINDS = {
    ClientState.WAITING: Kind.WARN,
    ClientState.PLANNED: Kind.INFO,
    ClientState.OPEN: Kind.OK,
    ClientState.OVER: Kind.NEUTRAL,
    ClientState.CLOSED: Kind.NEUTRAL,
}
_MAKES_SECRETS = {ClientState.PLANNED, ClientState.OPEN}


@require_safe
@allow(ServiceClientAction.VIEW)
def list_clients(request: Request) -> HttpResponse:
    """Show the programs: who answers for each, what it may do, until when, and when it was last there."""
    page = queries.service_clients(page_number(request.GET))
    titles = (_("System"), _("Person responsible"), _("Networks"), _("Until"), _("State"), _("Last use"))
    context = {
        "page_title": _("Programs at the API"),
        "columns": [
            TableColumn(_("Name of the program"), Align.NAME, is_row_heading=True),
            *(TableColumn(title) for title in titles),
        ],
        "rows": [_row(client) for client in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "may_enter": request.actor.may(ServiceClientAction.ENTER),
    }
    return render(request, "people/programs.html", context)


def _row(client: ServiceClient) -> list[object]:
    return [
        Link(client.name, reverse("people:program", args=[client.pk])),
        client.system,
        client.responsible.name,
        client.networks,
        client.ends_on,
        state_badge(client),
        client.last_used_at,
    ]


def state_badge(client: ServiceClient) -> Badge:
    """Return where a program stands, or what is to be said of it."""
    state, attention = queries.state_of_client(client), queries.attention_to(client)
    return Badge(Kind.WARN, attention) if attention else Badge(_KINDS[state], state.label)


@require_safe
@allow(ServiceClientAction.VIEW)
def show_client(request: Request, client_id: UUID) -> HttpResponse:
    """Show one program with what it may do, its secrets, its last tokens and what happened to it."""
    client = queries.find_client(client_id)
    context = {
        "page_title": client.name,
        "client": client,
        "facts": _facts(client),
        "granted": queries.granted(client.actions),
        "acts": list(_acts(request, client)),
        "secrets": queries.secrets_of(client),
        "may_end_secret": request.actor.may(ServiceClientAction.END_SECRET),
        "tokens": _tokens(client),
        "history": _history(request, client),
    }
    return render(request, "people/program.html", context)


def _facts(client: ServiceClient) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = [
        (_("State"), state_badge(client)),
        (_("Id of the program (client_id)"), str(client.pk)),
        (_("Purpose"), client.purpose),
        (_("System it belongs to"), client.system),
        (_("Person responsible"), client.responsible.name),
        (_("Department responsible"), client.department),
        (_("Networks it comes from"), client.networks),
        (_("From"), client.starts_on),
        (_("Until"), client.ends_on),
        (_("Entered by"), client.entered_by_name),
        (_("Released by"), client.released_by_name),
        (_("Last use"), client.last_used_at),
        (_("Last network"), client.last_network),
    ]
    if client.release_reason:
        facts.append((_("Reason of the release"), client.release_reason))
    if client.closed_at is not None:
        facts += [(_("Closed at"), client.closed_at), (_("Closed by"), client.closed_by_name)]
        facts.append((_("Reason"), client.close_reason))
    return facts


def _acts(request: Request, client: ServiceClient) -> Iterator[tuple[str, str]]:
    """Yield what may be done with a program now, each with its address."""
    everywhere = set(ClientState)
    offered = (
        ({ClientState.WAITING}, ServiceClientAction.RELEASE, "release", _("Release it")),
        (_MAKES_SECRETS, ServiceClientAction.MAKE_SECRET, "secret", _("Make a secret")),
        (everywhere - {ClientState.CLOSED}, ServiceClientAction.CLOSE, "close", _("Close it")),
    )
    for states, action, name, words in offered:
        if queries.state_of_client(client) in states and request.actor.may(action):
            yield words, reverse(f"people:program-{name}", args=[client.pk])
    if request.actor.may(ServiceClientAction.ENTER):
        yield _("Enter one like it"), f"{reverse('people:program-new')}?like={client.pk}"


def _tokens(client: ServiceClient) -> dict[str, Any]:
    titles = (_("Issued at"), _("Network"), _("First used"), _("Ends"))
    rows = [
        [token.issued_at, token.network, token.used_at, token.revoked_at or token.expires_at]
        for token in queries.tokens_of(client)
    ]
    return {"columns": [TableColumn(title) for title in titles], "rows": rows}


def _history(request: Request, client: ServiceClient) -> dict[str, Any] | None:
    """Return the table of what happened to a program, newest first; None without the right to see it."""
    if not request.actor.may(RegisterAction.VIEW):
        return None
    subject = client_ref(client)
    return event_table(history(subject.kind, subject.id, _LONGEST_HISTORY), request.display)


@require_http_methods(_METHODS)
@allow(ServiceClientAction.ENTER)
def enter(request: Request) -> HttpResponse:
    """Enter a program; ``like`` names one whose particulars it begins with."""
    form = ClientForm(
        request.POST if request.method == "POST" else None, actor=request.actor, initial=initial_of(_like(request))
    )
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            client = service_clients.enter_client(actor=request.actor, data=form.data_entered())
        except (Conflict, InvalidInput, BeyondOwnRights) as error:
            show_fault(form, error)
            status = error.status
        else:
            messages.success(request, _("It was entered. It works once somebody else has released it."))
            return redirect("people:program", client.pk)
    context = {"page_title": _("Enter a program"), "form": form}
    return render(request, "people/program_new.html", context, status=status)


def _like(request: Request) -> ServiceClient | None:
    like = request.GET.get("like", "")
    try:
        return queries.find_client(forms.UUIDField().clean(like)) if like else None
    except ValidationError:
        return None


def show_fault(form: forms.Form, error: SekishoError) -> None:
    """Show an error at the field it speaks of."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


@require_http_methods(_METHODS)
@allow(ServiceClientAction.RELEASE)
def release(request: Request, client_id: UUID) -> HttpResponse:
    """Ask, then let a program in."""
    question = Question(
        title=_("Release the program"),
        text=_("You confirm that it needs each of these actions, from these networks, for this long."),
        submit=_("Release it with my name"),
        done=_("It was released. Make a secret for it."),
    )
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    return _ask(request, client_id, question, form, service_clients.release_client)


@require_http_methods(_METHODS)
@allow(ServiceClientAction.CLOSE)
def close(request: Request, client_id: UUID) -> HttpResponse:
    """Ask, then close the API to a program."""
    question = Question(
        title=_("Close the program"),
        text=_("Its secrets and tokens stop working at once, for good. To let it in again, enter it anew."),
        submit=_("Close it"),
        done=_("It was closed. Its secrets and tokens work no more."),
        danger=True,
    )
    form = RequiredReasonForm(request.POST if request.method == "POST" else None)
    return _ask(request, client_id, question, form, service_clients.close_client)


def _ask(
    request: Request, client_id: UUID, question: Question, form: forms.Form, act: Callable[..., ServiceClient]
) -> HttpResponse:
    """Ask, then act; a refusal is shown with what was typed still in its box."""
    client, status = queries.find_client(client_id), 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            act(actor=request.actor, client_id=client_id, **form.cleaned_data)
        except (Conflict, InvalidInput, BeyondOwnRights) as error:
            show_fault(form, error)
            status = error.status
        else:
            messages.success(request, question.done)
            return redirect("people:program", client_id)
    context = {
        "client": client,
        "question": question,
        "form": form,
        "page_title": question.title,
        "facts": _facts(client),
        "granted": queries.granted(client.actions),
    }
    return render(request, "people/program_question.html", context, status=status)
