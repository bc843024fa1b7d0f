"""Reports to the planning manager: what happened in the ledgers, the monthly review of the logs, and sending both."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.reports import MONTHS_OFFERED, AmendForm, LogReviewForm, PeriodForm, SendForm
from sekisho.governance.queries.reports import (
    BookPart,
    book_report,
    log_review_content,
    present_day,
    report_content,
    sent_reports,
)
from sekisho.governance.rules.reports import BOOK_REPORT, LOG_REVIEW, Happening, Period, month_before, month_of
from sekisho.governance.services.reports import amend_report, send_book_report, send_log_review
from sekisho.governance.views.amending import mending_of, not_sent_back
from sekisho.governance.views.papers import XLSX, download
from sekisho.governance.views.report_papers import report_paper, report_workbook
from sekisho.kernel.access import allow
from sekisho.kernel.dates import format_year
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.ledgers.queries import get_application
from sekisho.ledgers.services import NewFile
from sekisho.ledgers.views.book_context import route_of
from sekisho.ledgers.views.context import state_badge
from sekisho.register.views.review_report import report_paper as log_paper
from sekisho.ui.display import Display
from sekisho.ui.forms import offer_again
from sekisho.ui.parts import Align, Cells, Link, TableColumn
from sekisho.ui.request import Request


@require_safe
@allow(GovernanceAction.SEE_REPORTS)
def show_reports(request: Request) -> HttpResponse:
    """Show what happened in every ledger in some days, what was sent, and the forms that send."""
    return _page(request)


@require_safe
@allow(GovernanceAction.SEE_REPORTS)
def books_pdf(request: Request) -> HttpResponse:
    """Return the report about the ledgers on A4. Raises PaperFailed."""
    name, content = report_paper(book_report(request.actor, _asked(request)), request.display)
    return download(content, "application/pdf", name)


@require_safe
@allow(GovernanceAction.SEE_REPORTS)
def books_workbook(request: Request) -> HttpResponse:
    """Return the report about the ledgers as an Excel workbook."""
    name, content = report_workbook(book_report(request.actor, _asked(request)), request.display)
    return download(content, XLSX, name)


@require_POST
@allow(GovernanceAction.SEND_REPORT)
def send_books(request: Request) -> HttpResponse:
    """Send the report about the ledgers for acknowledgement."""
    form = SendForm(request.POST)

    def act() -> UUID:
        report = book_report(request.actor, Period(form.cleaned_data["first"], form.cleaned_data["last"]))
        paper = NewFile(*report_paper(report, request.display))
        return send_book_report(actor=request.actor, report=report, paper=paper, comment=form.cleaned_data["comment"])

    return _sent(request, form, act, send_form=form)


@require_POST
@allow(GovernanceAction.SEND_REPORT)
def send_log(request: Request) -> HttpResponse:
    """Send the review of the logs of a month for acknowledgement."""
    form = LogReviewForm(request.POST, months=_months(request.display))

    def act() -> UUID:
        period = month_of(form.cleaned_data["month"])
        paper = NewFile(*log_paper(period.first, request.display))
        return send_log_review(actor=request.actor, period=period, said=form.cleaned_data["said"], paper=paper)

    return _sent(request, form, act, log_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(GovernanceAction.SEND_REPORT)
def amend(request: Request, application_id: UUID) -> HttpResponse:
    """Make a report that was sent back anew, about the same days, and send it again."""
    mending = mending_of(request, application_id, {BOOK_REPORT, LOG_REVIEW})
    if request.method != "POST" and not mending.is_open:
        return not_sent_back(request, application_id)
    content = mending.content
    period = Period(date.fromisoformat(content["first"]), date.fromisoformat(content["last"]))
    initial = {"said": content.get("said", ""), "version": mending.options["initial"]["version"]}
    form = AmendForm(request.POST if request.method == "POST" else None, says="said" in content, initial=initial)

    def act() -> UUID:
        made = _made_anew(request, mending.workflow, period, form.cleaned_data.get("said", ""))
        given = {name: form.cleaned_data[name] for name in ("version", "comment")}
        try:
            amend_report(actor=request.actor, application_id=application_id, **given, **made)
        except Conflict:
            offer_again(form, get_application(request.actor, application_id).version)
            raise
        return application_id

    context = {"page_title": _("Send the report again"), "form": form, **mending.context}
    return _answered(request, form, act) or render(
        request, "governance/report_amend.html", context, status=_status(form)
    )


def _made_anew(request: Request, workflow: str, period: Period, said: str) -> dict[str, Any]:
    if workflow == LOG_REVIEW:
        content = {**log_review_content(period), "said": said}
        return {"content": content, "paper": NewFile(*log_paper(period.first, request.display))}
    report = book_report(request.actor, period)
    return {"content": report_content(report), "paper": NewFile(*report_paper(report, request.display))}


def _sent(request: Request, form: forms.Form, act: Callable[[], UUID], **shown: Any) -> HttpResponse:
    return _answered(request, form, act) or _page(request, status=_status(form), **shown)


def _answered(request: Request, form: forms.Form, act: Callable[[], UUID]) -> HttpResponse | None:
    """Let ``act`` send the report and go to its application; what is refused is shown on the form."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        application_id = act()
    except (InvalidInput, Conflict) as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
    messages.success(request, _("The report was sent. It counts once it is acknowledged."))
    return redirect("ledgers:application", application_id)


def _status(form: forms.Form) -> int:
    return 422 if form.is_bound else 200


def _asked(request: Request) -> Period:
    return PeriodForm(request.GET).period(present_day())


def _months(display: Display) -> list[tuple[str, str]]:
    """Return the months that are over, the newest first, as the reader writes them."""
    found = [month_before(present_day()).first]
    while len(found) < MONTHS_OFFERED:
        found.append(month_before(found[-1]).first)
    return [(first.isoformat(), _month_words(first, display)) for first in found]


def _month_words(first: date, display: Display) -> str:
    if display.language != "ja":
        return f"{first:%Y-%m}"
    return f"{format_year(first, display.calendar)}{first.month}月"


def _page(request: Request, *, send_form: Any = None, log_form: Any = None, status: int = 200) -> HttpResponse:
    period, display = _asked(request), request.display
    report = book_report(request.actor, period)
    query = urlencode({"first": period.first.isoformat(), "last": period.last.isoformat()})
    days = {"first": period.first, "last": period.last}
    context = {
        "page_title": _("Reports"),
        "period_form": PeriodForm(initial=days, auto_id="period_%s"),
        "columns": [
            TableColumn(_("Ledger"), is_row_heading=True),
            TableColumn(_("In use"), Align.NUMBER),
            *(TableColumn(str(one.label), Align.NUMBER) for one in Happening),
        ],
        "rows": [_row(part) for part in report.parts],
        "excepted": len(report.excepted),
        "pdf_url": f"{reverse('governance:reports-pdf')}?{query}",
        "xlsx_url": f"{reverse('governance:reports-workbook')}?{query}",
        "may_send": request.actor.may(GovernanceAction.SEND_REPORT),
        "send_form": send_form or SendForm(initial=days),
        "log_form": log_form or LogReviewForm(months=_months(display)),
        "sent_columns": [
            TableColumn(_("Report"), is_row_heading=True),
            TableColumn(_("Sent at"), Align.CODE),
            TableColumn(_("Sent by"), Align.NAME),
            TableColumn(_("State"), Align.CODE),
        ],
        "sent_rows": [_sent_row(one) for one in sent_reports(request.actor)],
    }
    return render(request, "governance/reports.html", context, status=status)


def _row(part: BookPart) -> Cells:
    title = Link(str(part.ledger.title), reverse(route_of(part.ledger, "list")))
    return [title, part.in_use, *(part.counts.get(one, 0) for one in Happening)]


def _sent_row(one: Any) -> Cells:
    link = Link(one.title, reverse("ledgers:application", args=[one.pk]))
    return [link, one.applied_at, one.applicant_name, state_badge(one)]
