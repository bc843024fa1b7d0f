"""Pages of reused passwords: which systems' hashes were compared, what was found, handing in a file, deleting it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel.access import allow
from sekisho.kernel.errors import InvalidInput
from sekisho.people.actions import PasswordListAction
from sekisho.people.forms.password_lists import PasswordListForm
from sekisho.people.models import PasswordList
from sekisho.people.queries.id_review import system as open_system
from sekisho.people.queries.id_review import systems
from sekisho.people.queries.password_lists import lists, unreadable_lists
from sekisho.people.rules.password_lists import SALTED
from sekisho.people.services import password_lists as services
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request


@require_safe
@allow(PasswordListAction.VIEW)
def list_systems(request: Request) -> HttpResponse:
    """Show whose passwords were compared."""
    kept, unreadable = lists(), unreadable_lists()
    context = {
        "page_title": _("Reused passwords"),
        "columns": [
            TableColumn(_("System"), is_row_heading=True),
            TableColumn(_("Compared on"), Align.CODE),
            TableColumn(_("Deleted after"), Align.CODE),
            TableColumn(_("State"), Align.CODE),
        ],
        "rows": [_row(one.id, one.label, kept.get(one.id), is_readable=one.id not in unreadable) for one in systems()],
    }
    return render(request, "people/reuse.html", context)


def _row(system_id: str, label: str, row: PasswordList | None, *, is_readable: bool) -> Cells:
    name = Link(label, reverse("people:reuse-of", args=[system_id]))
    return [name, row.taken_at if row else None, row.delete_on if row else None, _state(row, is_readable=is_readable)]


def _state(row: PasswordList | None, *, is_readable: bool) -> Badge:
    if row is None:
        return Badge(Kind.UNKNOWN, _("Not compared"))
    if row.found["shared"] or row.found["reused"]:
        return Badge(Kind.NG, _("Some were found"))
    if not is_readable or set(row.counts) <= {SALTED}:
        return Badge(Kind.UNKNOWN, _("Cannot be compared"))
    # A list that was taken when this was not counted yet says nothing of it.
    accounts, compared, owned = (row.found.get(name, 0) for name in ("accounts", "compared", "owned"))
    if accounts and accounts == compared == owned:
        return Badge(Kind.OK, _("None found"))
    said = _("Cannot tell: %(compared)s of %(accounts)s accounts compared, %(owned)s with a known owner")
    return Badge(Kind.UNKNOWN, said % {"accounts": accounts, "compared": compared, "owned": owned})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@allow(PasswordListAction.VIEW)
def show_system(request: Request, system_id: UUID) -> HttpResponse:
    """Show what was found in one system, and take a file; the service takes it from few."""
    system, posted = open_system(system_id), request.method == "POST"
    form = PasswordListForm(request.POST if posted else None, request.FILES if posted else None)
    status = 422 if posted else 200
    if posted and form.is_valid():
        entered = form.cleaned_data
        try:
            services.take_list(actor=request.actor, system_id=system_id, data=entered["file"], days=entered["days"])
        except InvalidInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
        else:
            messages.success(request, _("The passwords were compared. Delete the file wherever else it lies."))
            return redirect("people:reuse-of", system_id)
    row, is_readable = lists().get(str(system_id)), str(system_id) not in unreadable_lists()
    context = {
        "page_title": system.label,
        "system": system,
        "row": row,
        "facts": _facts(row, is_readable=is_readable) if row else [],
        "is_readable": is_readable,
        "form": form,
        "may_take": request.actor.may(PasswordListAction.TAKE),
        "may_delete": row is not None and request.actor.may(PasswordListAction.DELETE),
    }
    return render(request, "people/reuse_system.html", context, status=status)


def _facts(row: PasswordList, *, is_readable: bool) -> list[tuple[str, Any]]:
    comparable = sum(number for kind, number in row.counts.items() if kind != SALTED)
    return [
        (_("State"), _state(row, is_readable=is_readable)),
        (_("Compared on"), row.taken_at),
        (_("Done by"), row.taken_by),
        (_("Accounts compared"), comparable),
        (_("Accounts that cannot be compared (salted hashes)"), row.counts.get(SALTED, 0)),
        (_("Deleted after"), row.delete_on),
    ]


@require_POST
@allow(PasswordListAction.DELETE)
def delete(request: Request, system_id: UUID) -> HttpResponse:
    """Delete what is kept of a system now."""
    services.delete_list(actor=request.actor, system_id=system_id)
    messages.success(request, _("It was deleted."))
    return redirect("people:reuse-of", system_id)
