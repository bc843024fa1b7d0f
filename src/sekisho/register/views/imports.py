"""Pages that take log files: hand one in, see what it comes to, import it or throw it away."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.kernel.access import allow
from sekisho.register.actions import LogSourceAction
from sekisho.register.errors import LogImportOver, LogImportWrong
from sekisho.register.forms.sources import LogFileForm
from sekisho.register.models import ImportState, LogImport
from sekisho.register.queries import sources as queries
from sekisho.register.rules.sources.rows import ADVICE, RowFault
from sekisho.register.services.log_imports import drop_import, examine_log, import_decided, request_import
from sekisho.register.views.sources import METHODS, answer, import_badge, sent, source_context
from sekisho.ui.parts import Align, Cells, TableColumn
from sekisho.ui.request import Request

# So few rows are imported at once; more are left to the worker.
AT_ONCE = 2000
_UNDER_WAY = (ImportState.WAITING, ImportState.RUNNING, ImportState.COMMITTED)


@require_http_methods(METHODS)
@allow(LogSourceAction.EXAMINE)
def hand_in_log(request: Request, source_id: UUID) -> HttpResponse:
    """Take a file and show what it comes to; nothing of it is imported yet."""
    source = queries.get_log_source(source_id)
    form = LogFileForm(sent(request), request.FILES if request.method == "POST" else None)

    def act() -> str:
        file = cast("UploadedFile[Any]", form.cleaned_data["file"])
        row = examine_log(actor=request.actor, source_id=source_id, name=file.name or "log.csv", pieces=file.chunks())
        return reverse("register:source-import", args=[source_id, row.pk])

    return answer(request, form, act, "register/sources/hand_in.html", source_context(request, source))


@require_safe
@allow(LogSourceAction.VIEW)
def show_import(request: Request, source_id: UUID, import_id: UUID) -> HttpResponse:
    """Show what a file comes to and where it stands."""
    row = queries.get_import(source_id, import_id)
    is_open = row.state == ImportState.EXAMINED
    context = source_context(
        request,
        row.source,
        row=row,
        badge=import_badge(row),
        facts=_facts(row),
        under_way=row.state in _UNDER_WAY,
        may_import=is_open and row.fresh and not row.wrong and request.actor.may(LogSourceAction.IMPORT),
        may_drop=is_open and request.actor.may(LogSourceAction.DROP),
        fault_columns=[
            TableColumn(_("Line"), Align.NUMBER, is_row_heading=True),
            TableColumn(_("Column")),
            TableColumn(_("What stands there")),
            TableColumn(_("What is wrong")),
            TableColumn(_("What to do"), Align.WIDE),
        ],
        fault_rows=[_fault_row(*fault) for fault in row.faults],
    )
    return render(request, "register/sources/import.html", context)


def _facts(row: LogImport) -> list[tuple[str, Any]]:
    return [
        (_("File"), row.file_name),
        (_("Handed in"), row.begun_at),
        (_("By"), row.by_name),
        (_("SHA-256 of the file"), row.sha256),
        (_("Characters"), "UTF-8" if row.encoding == "utf-8" else "Shift_JIS (CP932)"),
        (_("Rows"), row.rows),
        (_("New"), row.fresh),
        (_("Already there"), row.known),
        (_("Wrong"), row.wrong),
    ]


def _fault_row(line: int, column: str, fault: str, found: str) -> Cells:
    why, remedy = ADVICE[RowFault(fault)]
    return [line, column or "―", found or "―", str(why), str(remedy)]


@require_POST
@allow(LogSourceAction.IMPORT)
def start_import(request: Request, source_id: UUID, import_id: UUID) -> HttpResponse:
    """Import a file that was looked at: a short one at once, a long one by the worker."""
    try:
        row = request_import(actor=request.actor, source_id=source_id, import_id=import_id)
    except (LogImportOver, LogImportWrong) as error:
        messages.error(request, str(error))
        return redirect("register:source-import", source_id, import_id)
    if row.rows <= AT_ONCE:
        row = import_decided(actor=request.actor, import_id=import_id)
    if row.state == ImportState.DONE:
        messages.success(request, _("%(fresh)s rows were imported.") % {"fresh": row.fresh})
    elif row.state == ImportState.FAILED:
        messages.error(request, row.reason)
    return redirect("register:source-import", source_id, import_id)


@require_POST
@allow(LogSourceAction.DROP)
def discard_import(request: Request, source_id: UUID, import_id: UUID) -> HttpResponse:
    """Throw a file away that was looked at."""
    try:
        drop_import(actor=request.actor, source_id=source_id, import_id=import_id)
        messages.success(request, _("The file was thrown away. Nothing of it was imported."))
    except LogImportOver as error:
        messages.error(request, str(error))
    return redirect("register:source", source_id)
