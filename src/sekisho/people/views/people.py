"""The list of people, one person, invitations, roles and accounts."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel.access import Role, allow
from sekisho.kernel.errors import Conflict, SekishoError
from sekisho.kernel.text import Text
from sekisho.people import queries
from sekisho.people.actions import PeopleAction
from sekisho.people.errors import EndsBeforeToday, LastOperator, PersonInvalid
from sekisho.people.forms import ChangePersonForm, GrantForm, InvitationForm
from sekisho.people.models import RoleGrant, Staff
from sekisho.people.services import links, roles, staff
from sekisho.register.queries import history
from sekisho.register.views.events import event_table
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Badge, Kind, Link, TableColumn
from sekisho.ui.request import Request


@require_safe
@allow(PeopleAction.VIEW)
def list_people(request: Request) -> HttpResponse:
    """Show the people with their roles and accounts."""
    text = request.GET.get("q", "")
    rows, page = queries.people(text, page_number(request.GET))
    context = {
        "page_title": _("People and roles"),
        "columns": [TableColumn(title) for title in _titles()],
        "rows": [_row(row) for row in rows],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "text": text,
        "may_invite": request.actor.may(PeopleAction.INVITE),
    }
    return render(request, "people/list.html", context)


def _titles() -> tuple[str, ...]:
    return (
        _("Name"),
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
        person.get_profession_display(),
        _(", ").join(str(role.label) for role in row.roles),
        _account_badge(row),
    ]


def _account_badge(row: queries.PersonRow) -> Badge:
    if row.account is not None:
        active = row.account.is_active
        return Badge(Kind.OK, _("in use")) if active else Badge(Kind.NG, _("disabled"))
    return Badge(Kind.INFO, _("invited")) if row.invited else Badge(Kind.NEUTRAL, _("none"))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@allow(PeopleAction.INVITE)
def invite(request: Request) -> HttpResponse:
    """Enter a person and show the link to hand to them, once."""
    form = InvitationForm(request.POST or None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            invited, token = links.invite_person(
                actor=request.actor, data=form.data_of_person(), roles=form.chosen_roles()
            )
        except (PersonInvalid, Conflict) as error:
            _show_faults(form, error)
        else:
            return _show_link(request, invited, token)
    return render(request, "people/invite.html", {"form": form}, status=status)


@require_POST
@never_cache
@allow(PeopleAction.INVITE)
def renew_link(request: Request, staff_id: UUID) -> HttpResponse:
    """Make a new link for a person whose link was lost or ran out."""
    invited, token = links.renew_invitation(actor=request.actor, staff_id=staff_id)
    return _show_link(request, invited, token)


def _show_link(request: Request, invited: Staff, token: str) -> HttpResponse:
    address = request.build_absolute_uri(reverse("people:open-link", args=[token]))
    return render(request, "people/link.html", {"staff": invited, "address": address})


@require_POST
@allow(PeopleAction.REVOKE_LINK)
def withdraw_link(request: Request, staff_id: UUID) -> HttpResponse:
    """Make the open links of a person invalid."""
    links.withdraw_links(actor=request.actor, staff_id=staff_id)
    messages.success(request, _("The link was withdrawn."))
    return redirect("people:person", staff_id)


@require_safe
@allow(PeopleAction.VIEW)
def show_person(request: Request, staff_id: UUID) -> HttpResponse:
    """Show one person with roles, accounts, open links and history."""
    return _person_page(request, queries.person(staff_id), GrantForm())


def _person_page(request: Request, person: Staff, form: GrantForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "staff": person,
        "facts": _facts(person),
        "grants": [_grant_line(grant) for grant in queries.grants_of(person)],
        "accounts": queries.accounts_of(person),
        "links": queries.open_links_of(person),
        "page_title": person.name,
        "history": event_table(history("person", str(person.pk))),
        "form": form,
        "may_grant": request.actor.may(PeopleAction.GRANT),
        "may_change": request.actor.may(PeopleAction.CHANGE),
    }
    return render(request, "people/person.html", context, status=status)


def _facts(person: Staff) -> list[tuple[str, object]]:
    return [
        (_("Reading (kana)"), person.kana),
        (_("Staff number"), person.staff_number),
        (_("Department"), person.department),
        (_("Profession"), person.get_profession_display()),
        (_("Works here from"), person.employed_from),
        (_("Works here until"), person.employed_until),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@allow(PeopleAction.CHANGE)
def change(request: Request, staff_id: UUID) -> HttpResponse:
    """Change what is known of a person; a change made by someone else meanwhile is shown, not overwritten."""
    person = queries.person(staff_id)
    form = ChangePersonForm(request.POST or None, initial={**vars(person), "department": person.department_id})
    if request.method == "POST" and form.is_valid():
        version, data = form.cleaned_data["version"], form.data_of_person()
        try:
            staff.change_person(actor=request.actor, staff_id=staff_id, version=version, data=data)
        except (PersonInvalid, Conflict) as error:
            _show_faults(form, error)
        else:
            messages.success(request, _("“%(name)s” was changed.") % {"name": data.name})
            return redirect("people:person", staff_id)
    context = {"form": form, "staff": person}
    return render(request, "people/change.html", context, status=422 if form.is_bound else 200)


def _show_faults(form: Form, error: PersonInvalid | Conflict) -> None:
    faults = error.faults if isinstance(error, PersonInvalid) else {error.field: [str(error)]}
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


@require_POST
@allow(PeopleAction.GRANT)
def grant(request: Request, staff_id: UUID) -> HttpResponse:
    """Grant a role."""
    form = GrantForm(request.POST)
    if not form.is_valid():
        return _person_page(request, queries.person(staff_id), form, 422)
    data = form.cleaned_data
    try:
        roles.grant_role(
            actor=request.actor, staff_id=staff_id, role=Role(data["role"]), until=data["until"], reason=data["reason"]
        )
    except (Conflict, EndsBeforeToday) as error:
        form.add_error(error.field or "role", str(error))
        return _person_page(request, queries.person(staff_id), form, error.status)
    messages.success(request, _("The role was granted."))
    return redirect("people:person", staff_id)


@require_POST
@allow(PeopleAction.REVOKE)
def revoke(request: Request, staff_id: UUID, grant_id: UUID) -> HttpResponse:
    """Take a role back."""
    try:
        roles.revoke_role(actor=request.actor, staff_id=staff_id, grant_id=grant_id)
    except LastOperator as error:
        return _refused(request, staff_id, error)
    messages.success(request, _("The role was taken back. Grant it again if this was a mistake."))
    return redirect("people:person", staff_id)


@require_POST
@allow(PeopleAction.DISABLE)
def disable(request: Request, staff_id: UUID, user_id: UUID) -> HttpResponse:
    """Stop an account."""
    try:
        roles.disable_account(actor=request.actor, user_id=user_id, reason=request.POST.get("reason", ""))
    except LastOperator as error:
        return _refused(request, staff_id, error)
    messages.success(request, _("The account was disabled and its sessions have ended."))
    return redirect("people:person", staff_id)


@require_POST
@allow(PeopleAction.ENABLE)
def enable(request: Request, staff_id: UUID, user_id: UUID) -> HttpResponse:
    """Let a stopped account work again."""
    roles.enable_account(actor=request.actor, user_id=user_id, reason=request.POST.get("reason", ""))
    messages.success(request, _("The account was enabled."))
    return redirect("people:person", staff_id)


def _refused(request: Request, staff_id: UUID, error: SekishoError) -> HttpResponse:
    messages.error(request, str(error))
    return redirect("people:person", staff_id)
