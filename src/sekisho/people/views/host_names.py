"""Changing the host name: who loses which keys, what is left to them, and the steps until everybody has moved."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.kernel.access import allow
from sekisho.kernel.errors import InvalidInput, SekishoError
from sekisho.people.actions import HostNameAction
from sekisho.people.forms.host_names import HostChangeForm
from sekisho.people.models import HostChange, User
from sekisho.people.queries import host_names as queries
from sekisho.people.queries.sign_in import place, terminals
from sekisho.people.rules.host_names import Standing, WaysIn, bridge_fault, count
from sekisho.people.services import host_names
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Badge, Kind, Link, TableColumn
from sekisho.ui.request import Request

_PAGE = 50
_KINDS = {Standing.MOVED: Kind.OK, Standing.OTHER_WAY: Kind.WARN, Standing.LOCKED_OUT: Kind.NG}
_ORDER = (Standing.LOCKED_OUT, Standing.OTHER_WAY, Standing.MOVED)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(HostNameAction.VIEW)
def show(request: Request) -> HttpResponse:
    """Show the host name with everybody whom a change concerns; prepare a change."""
    form = HostChangeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            host_names.prepare_change(actor=request.actor, **form.cleaned_data)
        except SekishoError as error:
            form.add_error(error.field if isinstance(error, InvalidInput) else None, f"{error} {error.hint}")
        else:
            messages.success(request, _("The change was announced. Whoever has a key is told at the next sign-in."))
            return redirect("people:host-name")
    return render(request, "people/host_name.html", _context(request, form), status=422 if form.is_bound else 200)


def _context(request: Request, form: HostChangeForm) -> dict[str, Any]:
    change, present = queries.open_change(), place().host
    rows = queries.concerned(change.former if change else present, change.host if change else "")
    counted = count(ways for _user, ways in rows)
    rows.sort(key=lambda row: _ORDER.index(row[1].standing))
    pages = max(1, -(-len(rows) // _PAGE))
    page = min(page_number(request.GET), pages)
    return {
        "page_title": _("Changing the host name"),
        "form": form,
        "change": change,
        "facts": _facts(change, present, counted),
        "is_done": change is not None and change.changed_at is not None,
        "was_prepared": change is not None and change.prepared_at is not None,
        "bridge": bridge_fault(settings.FORMER_HOST, present, settings.PUBLIC_PORT),
        "columns": [TableColumn(_("Person"), is_row_heading=True), *map(TableColumn, _titles())],
        "rows": [_row(user, ways) for user, ways in rows[(page - 1) * _PAGE : page * _PAGE]],
        "page": PagePosition(page, pages, len(rows)),
        "locked_out": counted[Standing.LOCKED_OUT],
        "terminals": len(terminals()),
        "earlier": _earlier(),
    }


def _titles() -> tuple[str, ...]:
    return (_("Standing"), _("Keys that stop working"), _("Authenticator app"), _("Recovery codes left"))


def _row(user: User, ways: WaysIn) -> list[object]:
    person = Link(user.staff.name, reverse("people:person", args=[user.staff_id]))
    app = _("set up") if ways.has_app else _("none")
    standing = Badge(_KINDS[ways.standing], ways.standing.label)
    return [person, standing, _(", ").join(ways.lost), app, ways.codes]


def _facts(change: HostChange | None, present: str, counted: dict[Standing, int]) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = [(_("Present host name"), present)]
    if change is not None:
        facts += [(_("Former name"), change.former if change.changed_at else ""), (_("New host name"), change.host)]
        facts += [(_("Day of the change"), change.due_on), (_("Announced by"), change.prepared_by)]
        facts += [(_("Started under the new name"), change.changed_at)]
    total = sum(counted.values())
    words = _("%(count)s of %(total)s")
    facts += [
        (str(standing.label), words % {"count": counted[standing], "total": total})
        for standing in (_ORDER if total else ())
    ]
    return [(title, value) for title, value in facts if value not in {None, ""}]


def _earlier() -> dict[str, object]:
    titles = (_("Former name"), _("New host name"), _("Day"), _("Outcome"))
    return {
        "columns": [TableColumn(title) for title in titles],
        "rows": [
            [row.former, row.host, row.finished_at or row.dropped_at, _outcome(row)]
            for row in queries.earlier_changes()
        ],
    }


def _outcome(change: HostChange) -> str:
    if change.finished_at is None:
        return _("taken back")
    return _("%(moved)s of %(concerned)s have moved") % {"moved": change.moved, "concerned": change.concerned}


@require_POST
@allow(HostNameAction.DROP)
def drop(request: Request) -> HttpResponse:
    """Take back a change that has not happened yet."""
    host_names.drop_change(actor=request.actor)
    messages.success(request, _("The change was taken back. Nobody is asked any more."))
    return redirect("people:host-name")


@require_POST
@allow(HostNameAction.FINISH)
def finish(request: Request) -> HttpResponse:
    """Close a change that has happened."""
    change = host_names.finish_change(actor=request.actor)
    text = _("The change is finished: %(moved)s of %(concerned)s have moved. Empty SEKISHO_FORMER_HOST now.")
    messages.success(request, text % {"moved": change.moved, "concerned": change.concerned})
    return redirect("people:host-name")
