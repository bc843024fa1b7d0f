"""The drafts of the reader: what they have begun to write, to go on with or to throw away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel import registry
from sekisho.kernel.access import allow
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.models import ApplicationDraft
from sekisho.ledgers.queries.drafts import drafts_of, get_draft
from sekisho.ledgers.services.drafts import drop_application_draft
from sekisho.ui.parts import Align, Cells, Link, TableColumn
from sekisho.ui.request import Request


def way_back(draft: ApplicationDraft) -> str:
    """Return the address at which its author goes on with a draft."""
    return f"{draft.address}{'&' if '?' in draft.address else '?'}draft={draft.pk}"


@require_safe
@allow(LedgersAction.KEEP_DRAFT)
def list_drafts(request: Request) -> HttpResponse:
    """Show what the reader has begun to write: at most fifty, so all on one page."""
    context = {
        "page_title": _("Drafts"),
        "columns": [
            TableColumn(_("Title"), is_row_heading=True),
            TableColumn(_("Kind")),
            TableColumn(_("Last change"), Align.CODE),
            TableColumn(_("Action"), Align.ACTIONS),
        ],
        "rows": [_row(draft) for draft in drafts_of(request.actor)],
    }
    return render(request, "ledgers/drafts.html", context)


def _row(draft: ApplicationDraft) -> Cells:
    workflow = registry.current().workflow(draft.workflow)
    return [
        Link(draft.title, way_back(draft)),
        workflow.title if workflow else draft.workflow,
        draft.changed_at,
        Link(_("Throw away"), reverse("ledgers:drop-draft", args=[draft.pk])),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@allow(LedgersAction.KEEP_DRAFT)
def drop_draft(request: Request, draft_id: UUID) -> HttpResponse:
    """Ask, then throw a draft away."""
    draft = get_draft(request.actor, draft_id)
    if request.method == "POST":
        drop_application_draft(actor=request.actor, draft_id=draft_id)
        messages.success(request, _("The draft was thrown away."))
        return redirect("ledgers:drafts")
    context = {"page_title": _("Throw away"), "draft": draft, "back": way_back(draft)}
    return render(request, "ledgers/drop_draft.html", context)
