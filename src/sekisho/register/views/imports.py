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
from sekisho.register.forms import OUTCOME_TITLES
from sekisho.register.forms.sources import LogFileForm
from sekisho.register.models import ImportState, LogImport
from sekisho.register.queries import sources as queries
from sekisho.register.rules.sources.encodings import Encoding
from sekisho.register.rules.sources.entries import ACTION
from sekisho.register.rules.sources.rows import ADVICE, ReadRow, RowFault
from sekisho.register.rules.sources.verbs import verb_of
from sekisho.register.services.log_files import first_rows
from sekisho.register.services.log_imports import drop_import, import_decided, request_import
from sekisho.register.services.log_looks import examine_log, hand_in_file
from sekisho.register.views.events import OUTCOME_KINDS
from sekisho.register.views.sources import METHODS, answer, import_badge, sent, source_context
from sekisho.register.views.wording import ELSEWHERE
from sekisho.ui.parts import Align, Badge, Cells, TableColumn
from sekisho.ui.request import Request

# So few bytes are looked at, and so few rows imported, while somebody waits; more is left to the worker.
LOOK_AT_ONCE = 256 * 1024
AT_ONCE = 2000
_PREVIEW = 5
_LOOKING = (ImportState.HANDED_IN, ImportState.LOOKING)


@require_http_methods(METHODS)
@allow(LogSourceAction.EXAMINE)
def hand_in_log(request: Request, source_id: UUID) -> HttpResponse:
    """Take a file and show what it comes to, a large one when the worker has looked at it; nothing is imported yet."""
    source = queries.get_log_source(source_id)
    form = LogFileForm(sent(request), request.FILES if request.method == "POST" else None)

    def act() -> str:
        file = cast("UploadedFile[Any]", form.cleaned_data["file"])
        take = examine_log if (file.size or 0) <= LOOK_AT_ONCE else hand_in_file
        row = take(actor=request.actor, source_id=source_id, name=file.name or "log.csv", pieces=file.chunks())
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
        under_way=row.state in queries.UNDER_WAY,
        progress=_progress(row),
        **_preview(request, row),
        may_import=is_open and row.fresh and not row.wrong and request.actor.may(LogSourceAction.IMPORT),
        may_drop=is_open and request.actor.may(LogSourceAction.DROP),
        fault_columns=[
            TableColumn(_("Line"), Align.NUMBER, is_row_heading=True),
            TableColumn(_("Column")),
            TableColumn(_("Found in the file")),
            TableColumn(_("What is wrong")),
            TableColumn(_("What to do"), Align.WIDE),
        ],
        fault_rows=[_fault_row(*fault) for fault in row.faults],
    )
    return render(request, "register/sources/import.html", context)


def _progress(row: LogImport) -> dict[str, Any]:
    """Return how far the worker is: of a file's bytes while it looks, of its rows while it imports."""
    if row.state in _LOOKING:
        percent = 100 * row.progress // max(1, row.size)
        return {"label": _("Looked at so far"), "value": percent, "max": 100, "text": f"{percent} %"}
    text = _("%(done)s of %(rows)s rows") % {"done": f"{row.progress:,}", "rows": f"{row.rows:,}"}
    return {"label": _("Imported so far"), "value": row.progress, "max": max(1, row.rows), "text": text}


def _preview(request: Request, row: LogImport) -> dict[str, Any]:
    """Return the first rows as they are understood, for whoever handed the file in and nobody else.

    They name patients, and reading them before they are in the register is no event of its own.
    """
    path = queries.kept_file(row)
    if row.state != ImportState.EXAMINED or row.by_id != request.actor.id or not path.exists():
        return {}
    return {
        "preview_columns": [
            TableColumn(_("When"), Align.CODE),
            TableColumn(_("Who"), Align.NAME),
            TableColumn(_("Patient"), Align.CODE),
            TableColumn(_("What was done")),
            TableColumn(_("From where")),
            TableColumn(_("Result"), Align.CODE),
        ],
        "preview_rows": [_preview_row(read) for read in first_rows(path, row.source, Encoding(row.encoding), _PREVIEW)],
    }


def _preview_row(read: ReadRow) -> Cells:
    known = ELSEWHERE[f"{ACTION}{verb_of(read.action).value}"]
    return [
        read.occurred_at,
        " ".join(part for part in (read.person, read.person_name) if part),
        read.patient,
        _("%(known)s (%(written)s)") % {"known": known, "written": read.action},
        read.terminal,
        Badge(OUTCOME_KINDS[read.outcome], OUTCOME_TITLES[read.outcome]),
    ]


def _facts(row: LogImport) -> list[tuple[str, Any]]:
    handed_in = [
        (_("File"), row.file_name),
        (_("Handed in"), row.begun_at),
        (_("By whom"), row.by_name),
        (_("SHA-256 of the file"), row.sha256),
    ]
    if not row.encoding:
        return handed_in
    return [
        *handed_in,
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
