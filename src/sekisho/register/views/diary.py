"""Pages of work diaries: which there are, their entries, writing and correcting."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel.access import allow
from sekisho.register.actions import LogSourceAction
from sekisho.register.forms.sources import DiaryCorrectionForm, DiaryForm
from sekisho.register.models import SourceKind
from sekisho.register.queries import sources as queries
from sekisho.register.services.diary import correct_diary, write_diary
from sekisho.register.views.sources import METHODS, answer, sent, source_context
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Cells, Link, TableColumn
from sekisho.ui.request import Request


@require_safe
@allow(LogSourceAction.WRITE_DIARY)
def list_diaries(request: Request) -> HttpResponse:
    """Show the diaries that may be written into."""
    rows = [
        [Link(source.name, reverse("register:diary-new", args=[source.pk])), _system_of(source.system)]
        for source in queries.open_log_sources(SourceKind.DIARY)
    ]
    columns = [TableColumn(_("Work diary"), is_row_heading=True), TableColumn(_("System"))]
    context = {"page_title": _("Work diary"), "columns": columns, "rows": rows}
    return render(request, "register/sources/diaries.html", context)


def _system_of(system_id: str) -> str:
    return next((system.label for system in queries.systems() if system.id == system_id), "―")


@require_safe
@allow(LogSourceAction.VIEW)
def show_diary(request: Request, source_id: UUID) -> HttpResponse:
    """Show the entries of a diary, newest first; a corrected one stays, beside the one that takes its place."""
    source = queries.get_log_source(source_id)
    documents, page = queries.diary_entries(source, page_number(request.GET))
    may_correct = source.closed_at is None and request.actor.may(LogSourceAction.CORRECT_DIARY)
    context = source_context(
        request,
        source,
        columns=[
            TableColumn(_("From"), Align.CODE, is_row_heading=True),
            TableColumn(_("Until"), Align.CODE),
            TableColumn(_("Who worked"), Align.NAME),
            TableColumn(_("What was done"), Align.WIDE),
            TableColumn(_("Patient"), Align.CODE),
            TableColumn(_("Written by"), Align.NAME),
            TableColumn(_("Remarks")),
        ],
        rows=[_row(source_id, document, may_correct=may_correct) for document in documents],
        page=PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        may_write=source.closed_at is None and request.actor.may(LogSourceAction.WRITE_DIARY),
    )
    return render(request, "register/sources/diary.html", context)


def _row(source_id: UUID, document: Mapping[str, Any], *, may_correct: bool) -> Cells:
    details = document["details"]
    remark: object = "―"
    if "corrects" in details:
        remark = _("Corrects an earlier entry: %(reason)s") % {"reason": document["reason"]}
    elif may_correct:
        remark = Link(_("Correct"), reverse("register:diary-correct", args=[source_id, document["id"]]))
    return [
        datetime.fromisoformat(details["begun_at"]),
        datetime.fromisoformat(details["ended_at"]),
        details["person"],
        details["work"],
        document["patient"] or "―",
        document["actor"]["name"],
        remark,
    ]


@require_http_methods(METHODS)
@allow(LogSourceAction.WRITE_DIARY)
def write_entry(request: Request, source_id: UUID) -> HttpResponse:
    """Write into a diary."""
    source = queries.get_log_source(source_id)
    form = DiaryForm(sent(request), initial={"person": request.actor.name})

    def act() -> str:
        write_diary(actor=request.actor, source_id=source_id, data=form.diary_data())
        messages.success(request, _("It was written into the work diary."))
        return _after(request, source_id)

    context = source_context(request, source, cancel_url=reverse("register:diaries"))
    return answer(request, form, act, "register/sources/diary_form.html", context)


@require_http_methods(METHODS)
@allow(LogSourceAction.CORRECT_DIARY)
def correct_entry(request: Request, source_id: UUID, entry_id: UUID) -> HttpResponse:
    """Write an entry that takes the place of another."""
    source = queries.get_log_source(source_id)
    document = queries.diary_entry(source, entry_id)
    details = document["details"]
    initial = {
        "person": details["person"],
        "begun_at": datetime.fromisoformat(details["begun_at"]),
        "ended_at": datetime.fromisoformat(details["ended_at"]),
        "done": details["work"],
        "patient": document["patient"],
    }
    form = DiaryCorrectionForm(sent(request), initial=initial)

    def act() -> str:
        reason = form.cleaned_data["reason"]
        correct_diary(
            actor=request.actor, source_id=source_id, entry_id=entry_id, data=form.diary_data(), reason=reason
        )
        messages.success(request, _("The correction was written. The entry before it stays readable."))
        return _after(request, source_id)

    context = source_context(request, source, corrects=True, cancel_url=reverse("register:diaries"))
    return answer(request, form, act, "register/sources/diary_form.html", context)


def _after(request: Request, source_id: UUID) -> str:
    if request.actor.may(LogSourceAction.VIEW):
        return reverse("register:diary", args=[source_id])
    return reverse("register:diaries")
