"""Granting and taking back roles, disabling and enabling accounts; each is asked for its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.kernel.access import Role, allow
from sekisho.kernel.errors import Conflict, InvalidInput, NotFound
from sekisho.people import queries
from sekisho.people.actions import PeopleAction
from sekisho.people.forms.people import GrantForm, OptionalReasonForm, RequiredReasonForm
from sekisho.people.models import RoleGrant, Staff, User
from sekisho.people.services import roles
from sekisho.people.views.ceremonies import proved_at
from sekisho.people.views.people import person_page
from sekisho.people.views.proof import lacks_proof, to_proof
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@require_POST
@allow(PeopleAction.GRANT)
def grant(request: Request, staff_id: UUID) -> HttpResponse:
    """Grant a role."""
    if lacks_proof(request):
        messages.info(request, _("Nothing was granted yet. Show your second factor, then grant the role once more."))
        return to_proof(reverse("people:person", args=[staff_id]))
    form = GrantForm(request.POST)
    if not form.is_valid():
        return person_page(request, queries.person(staff_id), form, 422)
    data = form.cleaned_data
    try:
        roles.grant_role(
            actor=request.actor,
            proved_at=proved_at(request),
            staff_id=staff_id,
            role=Role(data["role"]),
            until=data["until"],
            reason=data["reason"],
        )
    except (Conflict, InvalidInput) as error:
        form.add_error(error.field or "role", str(error))
        return person_page(request, queries.person(staff_id), form, error.status)
    messages.success(request, _("The role was granted."))
    return redirect("people:person", staff_id)


@require_http_methods(_METHODS)
@allow(PeopleAction.REVOKE)
def revoke(request: Request, staff_id: UUID, grant_id: UUID) -> HttpResponse:
    """Take a role back, for a reason."""
    person = queries.person(staff_id)
    grant = _grant(person, grant_id)
    question = Question(
        title=_("Take back the role “%(role)s”") % {"role": Role(grant.role).label},
        text=_("It ends at once. The role can be granted again."),
        submit=_("Take back the role"),
        done=_("The role was taken back. Grant it again if this was a mistake."),
        danger=True,
    )

    def act(reason: str) -> None:
        roles.revoke_role(actor=request.actor, staff_id=staff_id, grant_id=grant_id, reason=reason)

    return _ask(request, person, question, RequiredReasonForm(request.POST if request.method == "POST" else None), act)


@require_http_methods(_METHODS)
@allow(PeopleAction.DISABLE)
def disable(request: Request, staff_id: UUID, user_id: UUID) -> HttpResponse:
    """Stop an account, for a reason."""
    person = queries.person(staff_id)
    account = _account(person, user_id)
    question = Question(
        title=_("Disable the account “%(login)s”") % {"login": account.login},
        text=_("Its sessions end at once. The account can be enabled again."),
        submit=_("Disable the account"),
        done=_("The account was disabled and its sessions have ended."),
        danger=True,
    )

    def act(reason: str) -> None:
        roles.disable_account(actor=request.actor, user_id=user_id, reason=reason)

    return _ask(request, person, question, RequiredReasonForm(request.POST if request.method == "POST" else None), act)


@require_http_methods(_METHODS)
@allow(PeopleAction.ENABLE)
def enable(request: Request, staff_id: UUID, user_id: UUID) -> HttpResponse:
    """Let a stopped account work again."""
    person = queries.person(staff_id)
    account = _account(person, user_id)
    question = Question(
        title=_("Enable the account “%(login)s”") % {"login": account.login},
        text=_("The person can sign in again with the password and the authenticator app they had."),
        submit=_("Enable the account"),
        done=_("The account was enabled."),
    )

    def act(reason: str) -> None:
        roles.enable_account(actor=request.actor, user_id=user_id, reason=reason)

    return _ask(request, person, question, OptionalReasonForm(request.POST if request.method == "POST" else None), act)


@dataclass(frozen=True, slots=True)
class Question:
    """What a page asks before something is done, and what it says afterwards."""

    title: str
    text: str
    submit: str
    done: str
    danger: bool = False


def _ask(
    request: Request, person: Staff, question: Question, form: forms.Form, act: Callable[[str], None]
) -> HttpResponse:
    """Ask for the reason, then act; a refusal is shown with the reason still in its box."""
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["reason"])
        except Conflict as error:
            form.add_error(None, str(error))
            status = error.status
        else:
            messages.success(request, question.done)
            return redirect("people:person", person.pk)
    context = {"staff": person, "question": question, "form": form}
    return render(request, "people/question.html", context, status=status)


def _grant(person: Staff, grant_id: UUID) -> RoleGrant:
    for grant in queries.grants_of(person):
        if grant.pk == grant_id:
            return grant
    raise NotFound


def _account(person: Staff, user_id: UUID) -> User:
    for account in queries.accounts_of(person):
        if account.pk == user_id:
            return account
    raise NotFound
