"""Pages of the logs of other systems: the sources, one source with its files, adding, changing, closing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.register.actions import LogSourceAction, RegisterAction
from sekisho.register.controls.log_collection import judge
from sekisho.register.forms.sources import KIND_TITLES, CloseLogSourceForm, LogSourceForm, initial_of
from sekisho.register.models import ImportState, LogImport, LogSource, SourceKind
from sekisho.register.queries import sources as queries
from sekisho.register.queries.newest import about, newest
from sekisho.register.services.log_sources import add_log_source, change_log_source, close_log_source
from sekisho.register.views.events import event_table
from sekisho.ui.forms import offer_again
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

METHODS = ["GET", "HEAD", "POST"]
OUTCOME_KINDS = {Outcome.PASS: Kind.OK, Outcome.FAIL: Kind.NG, Outcome.UNKNOWN: Kind.UNKNOWN}


def source_context(request: Request, source: LogSource | None = None, **more: Any) -> dict[str, Any]:
    """Return what the templates of sources need, with ``more`` on top."""
    list_url = reverse("register:sources")
    own_url = reverse("register:source", args=[source.pk]) if source else list_url
    actor, is_open = request.actor, source is not None and source.closed_at is None
    return {
        "page_title": _("Sources of logs"),
        "list_url": list_url,
        "source": source,
        "source_url": own_url,
        "cancel_url": own_url,
        "may_add": actor.may(LogSourceAction.ADD),
        "may_change": is_open and actor.may(LogSourceAction.CHANGE),
        "may_close": is_open and actor.may(LogSourceAction.CLOSE),
        **more,
    }


@require_safe
@allow(LogSourceAction.VIEW)
def list_sources(request: Request) -> HttpResponse:
    """Show every source and when it was heard of last."""
    closed = "closed" in request.GET
    page = queries.log_sources(closed=closed, page=page_number(request.GET))
    labels = {system.id: system.label for system in queries.systems()}
    context = source_context(
        request,
        columns=[
            TableColumn(_("Source"), is_row_heading=True),
            TableColumn(_("System")),
            TableColumn(_("How the log comes")),
            TableColumn(_("Last event"), Align.CODE),
            TableColumn(_("State"), Align.WIDE),
        ],
        rows=[_row(source, labels) for source in page.object_list],
        page=PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        closed=closed,
        silent=[system.label for system, sources in queries.sources_by_system() if not sources],
    )
    return render(request, "register/sources/list.html", context)


def _row(source: LogSource, labels: dict[str, str]) -> Cells:
    seen = queries.last_seen(source)
    return [
        Link(source.name, reverse("register:source", args=[source.pk])),
        labels.get(source.system, "―"),
        KIND_TITLES[SourceKind(source.kind)],
        seen.occurred_at,
        _state(source),
    ]


def _state(source: LogSource) -> Badge:
    outcome, words = judge(source, queries.last_seen(source), clock.now(), {})
    return Badge(OUTCOME_KINDS[outcome], words)


@require_safe
@allow(LogSourceAction.VIEW)
def show_source(request: Request, source_id: UUID) -> HttpResponse:
    """Show a source: what it is, when it was heard of, its files."""
    source = queries.get_log_source(source_id)
    page = queries.imports_of(source, page_number(request.GET, "imports"))
    actor, is_open = request.actor, source.closed_at is None
    context = source_context(
        request,
        source,
        facts=_facts(source),
        is_csv=source.kind == SourceKind.CSV,
        may_import=is_open and source.kind == SourceKind.CSV and actor.may(LogSourceAction.EXAMINE),
        is_diary=source.kind == SourceKind.DIARY,
        import_columns=[
            TableColumn(_("File"), is_row_heading=True),
            TableColumn(_("Handed in"), Align.CODE),
            TableColumn(_("By whom"), Align.NAME),
            TableColumn(_("New"), Align.NUMBER),
            TableColumn(_("Already there"), Align.NUMBER),
            TableColumn(_("State")),
        ],
        import_rows=[_import_row(source, row) for row in page.object_list],
        imports_page=PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        history=_history(request, source),
    )
    return render(request, "register/sources/source.html", context)


def _facts(source: LogSource) -> list[tuple[str, Any]]:
    seen = queries.last_seen(source)
    labels = {system.id: system.label for system in queries.systems()}
    return [
        (_("System"), labels.get(source.system, "―")),
        (_("How the log comes"), KIND_TITLES[SourceKind(source.kind)]),
        (_("Last event"), seen.occurred_at),
        (_("Received"), seen.recorded_at),
        (_("State"), _state(source)),
        (_("What the log records"), source.contents or "―"),
        (_("Who can read and delete it at its source"), source.protection or "―"),
        (_("Sender"), source.peer or "―"),
    ]


IMPORT_KINDS = {
    ImportState.EXAMINED: Kind.WARN,
    ImportState.DONE: Kind.OK,
    ImportState.FAILED: Kind.NG,
    ImportState.DROPPED: Kind.NEUTRAL,
}


def import_badge(row: LogImport) -> Badge:
    """Return where a file stands, in two words."""
    words = {
        ImportState.HANDED_IN: _("Waits to be looked at"),
        ImportState.LOOKING: _("Is being looked at"),
        ImportState.EXAMINED: _("To be decided about"),
        ImportState.WAITING: _("Waits for the import"),
        ImportState.RUNNING: _("Is being imported"),
        ImportState.COMMITTED: _("Is being imported"),
        ImportState.DONE: _("Imported"),
        ImportState.FAILED: _("Not imported"),
        ImportState.DROPPED: _("Thrown away"),
    }
    state = ImportState(row.state)
    return Badge(IMPORT_KINDS.get(state, Kind.INFO), words[state])


def _import_row(source: LogSource, row: LogImport) -> Cells:
    url = reverse("register:source-import", args=[source.pk, row.pk])
    return [Link(row.file_name, url), row.begun_at, row.by_name, row.fresh, row.known, import_badge(row)]


def _history(request: Request, source: LogSource) -> dict[str, Any] | None:
    if not request.actor.may(RegisterAction.VIEW):
        return None
    return event_table(newest(about("log_source", str(source.pk)), 20, complete=False), request.display)


@require_http_methods(METHODS)
@allow(LogSourceAction.ADD)
def add_source(request: Request) -> HttpResponse:
    """Take in a new source."""
    form = LogSourceForm(sent(request))

    def act() -> str:
        source = add_log_source(actor=request.actor, data=form.source_data())
        messages.success(request, _("“%(name)s” was added.") % {"name": source})
        return reverse("register:source", args=[source.pk])

    return answer(request, form, act, "register/sources/form.html", source_context(request))


@require_http_methods(METHODS)
@allow(LogSourceAction.CHANGE)
def change_source(request: Request, source_id: UUID) -> HttpResponse:
    """Change a source; a change made by someone else meanwhile is not overwritten unseen."""
    source = queries.get_log_source(source_id)
    form = LogSourceForm(sent(request), initial=initial_of(source))

    def act() -> str:
        data, version = form.source_data(), form.cleaned_data["version"]
        change_log_source(actor=request.actor, source_id=source_id, version=version, data=data)
        messages.success(request, _("“%(name)s” was changed.") % {"name": data.name})
        return reverse("register:source", args=[source_id])

    def again() -> None:
        offer_again(form, queries.get_log_source(source_id).version)

    return answer(request, form, act, "register/sources/form.html", source_context(request, source), again)


@require_http_methods(METHODS)
@allow(LogSourceAction.CLOSE)
def close_source(request: Request, source_id: UUID) -> HttpResponse:
    """Ask for the reason, then close the source."""
    source = queries.get_log_source(source_id)
    form = CloseLogSourceForm(sent(request), initial={"version": source.version})

    def act() -> str:
        close_log_source(actor=request.actor, source_id=source_id, **form.cleaned_data)
        messages.success(request, _("“%(name)s” was closed.") % {"name": source})
        return reverse("register:sources")

    def again() -> None:
        offer_again(form, queries.get_log_source(source_id).version)

    return answer(request, form, act, "register/sources/close.html", source_context(request, source), again)


def sent(request: Request) -> Any:
    """Return what was posted, None where nothing was."""
    return request.POST if request.method == "POST" else None


def answer(
    request: Request,
    form: forms.Form,
    act: Callable[[], str],
    template: str,
    context: dict[str, Any],
    again: Callable[[], None] = lambda: None,
) -> HttpResponse:
    """Show the form; once it is sent and right, let ``act`` store it and go where it says.

    What the service refuses is shown at the field it speaks of, with the error's status; what was typed stays.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return redirect(act())
            except (InvalidInput, Conflict) as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
                if isinstance(error, Conflict):
                    again()
    return render(request, template, {**context, "form": form}, status=status)
