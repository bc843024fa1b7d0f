"""The list of people, one person, and changing what is known of them."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.forms import ChoiceField, Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel.access import Role, allow
from sekisho.kernel.errors import Conflict, InvalidInput, SekishoError
from sekisho.kernel.text import Text
from sekisho.people import queries
from sekisho.people.actions import AccountResetAction, PeopleAction, SignInAction, TemporaryFactorAction
from sekisho.people.errors.staff import LastOperator, PersonInvalid, StaffNumberTaken
from sekisho.people.forms.people import ChangePersonForm, GrantForm, PersonForm
from sekisho.people.models import AccountKind, IdentityProof, Profession, RoleGrant, Staff
from sekisho.people.queries.authenticators import reported_models
from sekisho.people.services import staff
from sekisho.people.services.sign_in import account_ref
from sekisho.people.services.staff import staff_ref
from sekisho.register.actions import RegisterAction
from sekisho.register.queries import history
from sekisho.register.views.events import event_table
from sekisho.ui.forms import offer_again
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Change, Kind, Link, TableColumn
from sekisho.ui.request import Request

LONGEST_HISTORY = 50
_CODES = {"profession": dict(Profession.choices), "proof": dict(IdentityProof.choices)}


@require_safe
@allow(PeopleAction.VIEW)
def list_people(request: Request) -> HttpResponse:
    """Show the people with their roles and accounts."""
    text = request.GET.get("q", "")
    rows, page = queries.people(text, page_number(request.GET))
    context = {
        "page_title": _("People and roles"),
        "columns": [TableColumn(title, Align.NAME) for title in _titles()],
        "rows": [_row(row) for row in rows],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "text": text,
        "may_invite": request.actor.may(PeopleAction.INVITE),
    }
    return render(request, "people/list.html", context)


def _titles() -> tuple[str, ...]:
    return (
        _("Full name"),
        _("Reading (kana)"),
        _("Staff number"),
        _("Department"),
        _("Profession"),
        _("Roles"),
        _("Account"),
    )


def _row(row: queries.PersonRow) -> list[object]:
    person = row.staff
    return [
        Link(person.name, reverse("people:person", args=[person.pk])),
        person.kana,
        person.staff_number,
        person.department,
        "" if row.is_emergency else person.get_profession_display(),
        _(", ").join(str(role.label) for role in row.roles),
        _account_badge(row),
    ]


def _account_badge(row: queries.PersonRow) -> Badge:
    if row.is_emergency:
        return Badge(Kind.INFO, _("Emergency account"))
    if row.account is not None:
        active = row.account.is_active
        return Badge(Kind.OK, _("in use")) if active else Badge(Kind.NG, _("disabled"))
    return Badge(Kind.INFO, _("invited")) if row.invited else Badge(Kind.NEUTRAL, _("none"))


@require_safe
@allow(PeopleAction.VIEW)
def show_person(request: Request, staff_id: UUID) -> HttpResponse:
    """Show one person with roles, accounts, open links and history."""
    return person_page(request, queries.person(staff_id), GrantForm())


def person_page(request: Request, person: Staff, form: GrantForm, status: int = 200) -> HttpResponse:
    """Answer with the page of a person and the form for granting a role."""
    accounts = queries.accounts_of(person)
    is_emergency = any(account.kind == AccountKind.EMERGENCY for account in accounts)
    context: dict[str, Any] = {
        "staff": person,
        "is_emergency": is_emergency,
        "facts": _facts(person),
        "grants": [_grant_line(grant) for grant in queries.grants_of(person)],
        "accounts": accounts,
        "reported": reported_models(),
        "links": queries.open_links_of(person),
        "page_title": person.name,
        "history": _history(request, person),
        "form": form,
        "may_grant": not is_emergency and request.actor.may(PeopleAction.GRANT),
        "may_change": not is_emergency and request.actor.may(PeopleAction.CHANGE),
        "may_revoke": request.actor.may(PeopleAction.REVOKE),
        "may_reset": request.actor.may(AccountResetAction.RESET),
        "may_issue_factor": request.actor.may(TemporaryFactorAction.ISSUE),
        "may_disable": request.actor.may(PeopleAction.DISABLE),
        "may_enable": request.actor.may(PeopleAction.ENABLE),
        "may_invite": request.actor.may(PeopleAction.INVITE),
        "may_withdraw": request.actor.may(PeopleAction.REVOKE_LINK),
        "may_end_sessions": request.actor.may(SignInAction.END_SESSIONS_OF),
    }
    return render(request, "people/person.html", context, status=status)


def _history(request: Request, person: Staff) -> dict[str, Any] | None:
    """Return the table of what happened to the person and their accounts, newest first; None without the right."""
    if not request.actor.may(RegisterAction.VIEW):
        return None
    subjects = [staff_ref(person), *(account_ref(account) for account in queries.accounts_of(person))]
    events = [event for subject in subjects for event in history(subject.kind, subject.id, LONGEST_HISTORY)]
    newest = sorted(events, key=lambda event: (event.occurred_at, event.document["source_seq"]), reverse=True)
    return event_table(newest[:LONGEST_HISTORY], request.display, _CODES)


def _facts(person: Staff) -> list[tuple[str, object]]:
    titles = {name: str(field.label) for name, field in PersonForm.base_fields.items()}
    return [(titles[name], value) for name, value in _values(person).items() if name != "name"]


def _values(person: Staff) -> dict[str, object]:
    """Return what is known of a person as people read it, in the order of the form."""
    return {
        "name": person.name,
        "kana": person.kana,
        "staff_number": person.staff_number,
        "department": person.department,
        "profession": person.get_profession_display(),
        "employed_from": person.employed_from,
        "employed_until": person.employed_until,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@allow(PeopleAction.CHANGE)
def change(request: Request, staff_id: UUID) -> HttpResponse:
    """Change what is known of a person; a change made by someone else meanwhile is shown, not overwritten."""
    person = queries.person(staff_id)
    initial = {**vars(person), "department": person.department_id}
    form = ChangePersonForm(request.POST if request.method == "POST" else None, initial=initial, present=person)
    if request.method == "POST" and form.is_valid():
        version, data = form.cleaned_data["version"], form.data_of_person()
        try:
            staff.change_person(actor=request.actor, staff_id=staff_id, version=version, data=data)
        except (InvalidInput, StaffNumberTaken, LastOperator) as error:
            show_faults(form, error)
        except Conflict as error:
            return _show_conflict(request, form, queries.person(staff_id), error)
        else:
            messages.success(request, _("“%(name)s” was changed.") % {"name": data.name})
            return redirect("people:person", staff_id)
    context = {"form": form, "staff": person}
    return render(request, "people/change.html", context, status=422 if form.is_bound else 200)


def _show_conflict(request: Request, form: ChangePersonForm, stored: Staff, error: Conflict) -> HttpResponse:
    """Set what is stored now against what was typed; sending the form again then stores it over that."""
    offer_again(form, stored.version)
    typed = {name: _typed(form, name) for name in PersonForm.base_fields}
    changes = [
        Change(str(form.fields[name].label), now or None, typed[name] or None) for name, now in _values(stored).items()
    ]
    differing = [change for change in changes if change.state != "same"]
    context = {"form": form, "staff": stored, "conflict": error.text, "changes": differing}
    return render(request, "people/change.html", context, status=error.status)


def _typed(form: ChangePersonForm, name: str) -> object:
    """Return what was entered in a field: of a choice, its label."""
    field, value = form.fields[name], form.cleaned_data[name]
    return dict(cast("Any", field).choices).get(value) if value and isinstance(field, ChoiceField) else value


def show_faults(form: Form, error: SekishoError) -> None:
    """Show an error at the fields it speaks of."""
    faults = error.faults if isinstance(error, PersonInvalid) else {error.field or "": [str(error)]}
    for field, texts in faults.items():
        form.add_error(field if field in form.fields else None, texts)


@dataclass(frozen=True, slots=True)
class GrantLine:
    """One grant as the page shows it; ``held`` while it is in force."""

    grant: RoleGrant
    title: Text
    state: Badge
    held: bool


def _grant_line(grant: RoleGrant) -> GrantLine:
    ended = grant.valid_until is not None and grant.valid_until < queries.today()
    held = grant.revoked_at is None and not ended
    over = _("ended") if ended else _("taken back")
    state = Badge(Kind.OK, _("held")) if held else Badge(Kind.NEUTRAL, over)
    return GrantLine(grant, Role(grant.role).label, state, held)
