"""The list of people, one person, invitations, roles and accounts."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
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
from sekisho.people.errors import LastOperator, PersonInvalid
from sekisho.people.forms import GrantForm, PersonForm
from sekisho.people.models import RoleGrant, Staff
from sekisho.people.services import links, roles
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
    staff = row.staff
    return [
        Link(staff.name, reverse("people:person", args=[staff.pk])),
        staff.kana,
        staff.staff_number,
        staff.department,
        staff.get_profession_display(),
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
    form = PersonForm(request.POST or None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            staff, token = links.invite_person(
                actor=request.actor, data=form.data_of_person(), roles=form.chosen_roles()
            )
        except PersonInvalid as error:
            for field, faults in error.faults.items():
                form.add_error(field if field in form.fields else None, faults)
        except Conflict as error:
            form.add_error(error.field, str(error))
        else:
            return _show_link(request, staff, token)
    return render(request, "people/invite.html", {"form": form}, status=status)


@require_POST
@never_cache
@allow(PeopleAction.INVITE)
def renew_link(request: Request, staff_id: UUID) -> HttpResponse:
    """Make a new link for a person whose link was lost or ran out."""
    staff, token = links.renew_invitation(actor=request.actor, staff_id=staff_id)
    return _show_link(request, staff, token)


def _show_link(request: Request, staff: Staff, token: str) -> HttpResponse:
    address = request.build_absolute_uri(reverse("people:open-link", args=[token]))
    return render(request, "people/link.html", {"staff": staff, "address": address, "life": links.LINK_LIFE})


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


def _person_page(request: Request, staff: Staff, form: GrantForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "staff": staff,
        "facts": _facts(staff),
        "grants": [_grant_line(grant) for grant in queries.grants_of(staff)],
        "accounts": queries.accounts_of(staff),
        "links": queries.open_links_of(staff),
        "page_title": staff.name,
        "history": event_table(history("person", str(staff.pk))),
        "form": form,
        "may_grant": request.actor.may(PeopleAction.GRANT),
    }
    return render(request, "people/person.html", context, status=status)


def _facts(staff: Staff) -> list[tuple[str, object]]:
    return [
        (_("Reading (kana)"), staff.kana),
        (_("Staff number"), staff.staff_number),
        (_("Department"), staff.department),
        (_("Profession"), staff.get_profession_display()),
        (_("Works here from"), staff.employed_from),
        (_("Works here until"), staff.employed_until),
    ]


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
    except Conflict as error:
        form.add_error("role", str(error))
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
