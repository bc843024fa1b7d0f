"""Pages of a review of accounts: what was found, a decision about each, the end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.people.actions import IdReviewAction
from sekisho.people.forms.id_review import DecideForm
from sekisho.people.models import AccountReview, Disposition, ReviewItem
from sekisho.people.queries import id_review as queries
from sekisho.people.rules.owners import Certainty
from sekisho.people.rules.reconciling import Fault
from sekisho.people.services.id_review import decide_items, finish_review
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]
_KINDS = {
    Disposition.OPEN: Kind.WARN,
    Disposition.KEEP: Kind.INFO,
    Disposition.DISABLE: Kind.INFO,
    Disposition.REMOVED: Kind.OK,
}


def _context(request: Request, row: AccountReview, **more: Any) -> dict[str, Any]:
    return {
        "page_title": _("Review of accounts"),
        "review": row,
        "system": row.snapshot.system,
        "may_decide": row.finished_at is None and request.actor.may(IdReviewAction.DECIDE),
        "may_finish": row.finished_at is None and request.actor.may(IdReviewAction.FINISH),
        **more,
    }


def _words(faults: list[str]) -> str:
    return _(", ").join(str(Fault(fault).label) for fault in faults)


@require_safe
@allow(IdReviewAction.VIEW)
def show_review(request: Request, review_id: UUID) -> HttpResponse:
    """Show what a review found, narrowed to one finding or to what is not decided."""
    row = queries.review(review_id)
    fault = request.GET.get("fault", "")
    only_open = "open" in request.GET
    page = queries.page_of_items(row, fault, page_number(request.GET), only_open=only_open)
    context = _context(
        request,
        row,
        left=queries.items_of(row, only_open=True).count(),
        facts=_facts(row),
        faults=[(one.value, str(one.label)) for one in Fault],
        fault=fault,
        only_open=only_open,
        columns=[
            TableColumn(_("Login name"), is_row_heading=True),
            TableColumn(_("Full name"), Align.NAME),
            TableColumn(_("Faults found"), Align.WIDE),
            TableColumn(_("Whose it is")),
            TableColumn(_("Decision"), Align.WIDE),
            TableColumn(_("Done by"), Align.NAME),
        ],
        rows=[_row(row, item) for item in page.object_list],
        page=PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
    )
    return render(request, "people/id_review.html", context)


def _facts(row: AccountReview) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (_("System"), row.snapshot.system.name),
        (_("Exported on"), row.snapshot.taken_on),
        (_("Number of accounts"), row.snapshot.accounts),
        (_("Begun"), row.begun_at),
        (_("Done by"), row.begun_by),
    ]
    if row.blind:
        facts.append((_("Not told by the system"), _words(row.blind)))
    if row.finished_at:
        facts += [(_("Finished"), row.finished_at), (_("Finished by"), row.finished_by)]
    return facts


def _row(row: AccountReview, item: ReviewItem) -> Cells:
    url = reverse("people:account-review-item", args=[row.pk, item.pk])
    certainty = str(Certainty(item.certainty).label)
    whose = _("%(owner)s, %(certainty)s") % {"owner": item.owner, "certainty": certainty} if item.owner else certainty
    decision = Badge(_KINDS[Disposition(item.disposition)], str(Disposition(item.disposition).label))
    return [Link(item.login, url), item.name, _words(item.faults), whose, decision, item.decided_by]


@require_http_methods(_METHODS)
@allow(IdReviewAction.DECIDE)
def decide(request: Request, review_id: UUID, item_id: UUID) -> HttpResponse:
    """Ask what is done about an account; the same may be decided for all open ones with the same findings."""
    row = queries.review(review_id)
    item = queries.item(row, item_id)
    first = {"disposition": item.disposition, "reason": item.reason}
    form = DecideForm(request.POST if request.method == "POST" else None, initial=first)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            number = _decide(request, row, item, form)
        except (InvalidInput, Conflict) as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
        else:
            messages.success(request, _("Decided about %(number)s accounts.") % {"number": number})
            return redirect(f"{reverse('people:account-review', args=[row.pk])}?open")
    certainty = str(Certainty(item.certainty).label)
    facts = [
        (_("Login name"), item.login),
        (_("Full name"), item.name),
        (_("Faults found"), _words(item.faults)),
        (
            _("Whose it is"),
            _("%(owner)s, %(certainty)s") % {"owner": item.owner, "certainty": certainty} if item.owner else certainty,
        ),
    ]
    context = _context(request, row, item=item, form=form, facts=facts)
    return render(request, "people/id_decide.html", context, status=status)


def _decide(request: Request, row: AccountReview, item: ReviewItem, form: DecideForm) -> int:
    chosen = [item.pk]
    if form.cleaned_data["alike"]:
        alike = queries.items_of(row, only_open=True).filter(found=item.found)
        chosen += alike.exclude(pk=item.pk).values_list("pk", flat=True)
    data = {name: form.cleaned_data[name] for name in ("disposition", "reason")}
    return len(decide_items(actor=request.actor, review_id=row.pk, item_ids=chosen, **data))


@require_POST
@allow(IdReviewAction.FINISH)
def finish(request: Request, review_id: UUID) -> HttpResponse:
    """Finish a review in which everything is decided."""
    try:
        finish_review(actor=request.actor, review_id=review_id)
        messages.success(request, _("The review is finished. Its result stands in the register."))
    except Conflict as error:
        messages.error(request, str(error))
    return redirect("people:account-review", review_id)
