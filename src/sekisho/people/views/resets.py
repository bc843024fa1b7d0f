"""Accounts of this platform that were set up anew: the list of them, and the copies of the documents shown."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sekisho.kernel.access import allow
from sekisho.people.actions import AccountResetAction
from sekisho.people.models import AccountReset
from sekisho.people.queries.account_resets import resets
from sekisho.people.rules.identity_copies import CopyKind
from sekisho.people.services.identity_copies import open_copy
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Badge, Kind
from sekisho.ui.request import Request


@require_safe
@allow(AccountResetAction.VIEW)
def list_resets(request: Request) -> HttpResponse:
    """Show every reset, the newest first, with what is kept of the document."""
    page = resets(page_number(request.GET))
    context = {
        "page_title": _("Accounts set up anew"),
        "rows": [{"row": row, "state": _state(row), "copy": _copy(row)} for row in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "may_open": request.actor.may(AccountResetAction.OPEN_COPY),
    }
    return render(request, "people/resets.html", context)


def _state(row: AccountReset) -> Badge:
    if row.link.used_at is not None:
        return Badge(Kind.OK, _("Used"))
    return Badge(Kind.NEUTRAL, _("Not used"))


def _copy(row: AccountReset) -> Badge | None:
    copy = getattr(row, "copy", None)
    if copy is None:
        return None
    if copy.destroyed_at is not None:
        return Badge(Kind.NEUTRAL, _("Destroyed"))
    return Badge(Kind.OK, _("Kept, encrypted"))


@require_POST
@never_cache
@allow(AccountResetAction.OPEN_COPY)
def take_copy(request: Request, reset_id: UUID) -> HttpResponse:
    """Hand out a copy. The browser saves it and never opens it as a page of ours."""
    row, data = open_copy(actor=request.actor, reset_id=reset_id)
    name = f"{row.reset.number}.{CopyKind(row.kind).ending}"
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)
