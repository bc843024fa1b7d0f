"""Clocks: the time sources, the clocks of the registered hosts, and adding and removing a source."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.estate.actions import EstateAction
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.search import fold, search_words
from sekisho.network.actions import NetworkAction
from sekisho.network.forms.clocks import TimeSourceForm
from sekisho.network.queries.clock_findings import remarks_of
from sekisho.network.queries.clocks import ReadClocks, ReadHost, ReadSource, get_time_source, read_clocks
from sekisho.network.rules.clocks import judge
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.readings import Answer, ClockObservations, HostReading, Method, SourceReading
from sekisho.network.services.clocks import add_time_source, remove_time_source
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn, Words
from sekisho.ui.request import Request

PAGE_SIZE = 50
METHODS: Mapping[Method, Words] = {
    Method.NTP: "NTP",
    Method.SMB2: gettext_lazy("SMB (file sharing)"),
    Method.HTTP_DATE: gettext_lazy("Date of its web page"),
}
_KINDS = {Level.OK: Kind.OK, Level.WARN: Kind.WARN, Level.NG: Kind.NG, Level.UNKNOWN: Kind.UNKNOWN}
_NOT_ASKED = gettext_lazy("Not asked yet")
_CANNOT_BE_USED = Badge(Kind.WARN, gettext_lazy("Cannot be used"), "！")


@require_safe
@allow(NetworkAction.VIEW)
def list_clocks(request: Request) -> HttpResponse:
    """Show the time sources and the hosts with what they last said, and a form that adds a source."""
    return _list_page(request, TimeSourceForm())


@require_POST
@allow(NetworkAction.ADD_TIME_SOURCE)
def add_source(request: Request) -> HttpResponse:
    """Add a time source."""
    form = TimeSourceForm(request.POST)
    if not form.is_valid():
        return _list_page(request, form, 422)
    try:
        source = add_time_source(actor=request.actor, **form.cleaned_data)
    except (Conflict, InvalidInput) as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _list_page(request, form, error.status)
    messages.success(request, _("“%(name)s” was added. It is asked within an hour.") % {"name": source})
    return redirect("network:clocks")


@require_http_methods(["GET", "HEAD", "POST"])
@allow(NetworkAction.REMOVE_TIME_SOURCE)
def remove_source(request: Request, source_id: UUID) -> HttpResponse:
    """Say what removing a source means, then remove it."""
    source = get_time_source(source_id)
    if request.method == "POST":
        remove_time_source(actor=request.actor, source_id=source_id)
        messages.success(request, _("“%(name)s” was removed.") % {"name": source})
        return redirect("network:clocks")
    return render(request, "network/clocks_remove.html", {"source": source})


def _list_page(request: Request, form: forms.Form, status: int = 200) -> HttpResponse:
    read = read_clocks()
    may_remove = request.actor.may(NetworkAction.REMOVE_TIME_SOURCE)
    text = request.GET.get("q", "")
    hosts = [host for host in read.hosts if all(word in fold(host.clock.host) for word in search_words(text))]
    page = Paginator(hosts, PAGE_SIZE).get_page(page_number(request.GET))
    context = {
        "page_title": _("Clocks"),
        "remarks": _remarks(read) if read.sources else [],
        "source_columns": _source_columns(may_remove=may_remove),
        "source_rows": [_source_row(source, read, may_remove=may_remove) for source in read.sources],
        "form": form,
        "may_add": request.actor.may(NetworkAction.ADD_TIME_SOURCE),
        "may_register": request.actor.may(EstateAction.ADD),
        "host_columns": _host_columns(),
        "host_rows": [_host_row(host) for host in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "searchable": len(read.hosts) > PAGE_SIZE or bool(text),
        "text": text,
    }
    return render(request, "network/clocks.html", context, status=status)


def _remarks(read: ReadClocks) -> Sequence[tuple[Badge, Words]]:
    """Return what the sources say of the platform's own clock, and what is wrong with a source."""
    found = remarks_of(ReadClocks(read.sources))
    return [(Badge(_KINDS[remark.level], remark.level.label), remark.message) for remark in found]


def _source_columns(*, may_remove: bool) -> Sequence[TableColumn]:
    columns = [
        TableColumn(_("Time source"), is_row_heading=True),
        TableColumn(_("State"), Align.CODE),
        *_reading_columns(),
        TableColumn(_("Remarks")),
    ]
    return [*columns, TableColumn(_("Operation"), Align.ACTIONS)] if may_remove else columns


def _reading_columns() -> Sequence[TableColumn]:
    return (
        TableColumn(_("Offset (s)"), Align.CODE),
        TableColumn(_("Asked at"), Align.NAME),
    )


def _source_row(one: ReadSource, read: ReadClocks, *, may_remove: bool) -> Cells:
    title = _title(str(one.source), str(one.source.pk), asked=one.seen is not None)
    state = _CANNOT_BE_USED if one.fault else _source_state(one.reading, read)
    cells = [title, state, *_figures(one), one.fault or one.source.note]
    remove = Link(_("Remove"), reverse("network:remove-time-source", args=[one.source.pk]))
    return [*cells, remove] if may_remove else cells


def _source_state(reading: SourceReading | None, read: ReadClocks) -> Badge:
    if reading is None:
        return Badge(Kind.NEUTRAL, _NOT_ASKED, "…")
    _platform, *others = remarks_of(ReadClocks(read.sources))
    level = next((one.level for one in others if _is_about(one, reading)), Level.OK)
    return Badge(_KINDS[level], level.label)


def _is_about(remark: Judged, reading: SourceReading) -> bool:
    return isinstance(remark.observed, Mapping) and remark.observed.get("source") == reading.name


def _host_columns() -> Sequence[TableColumn]:
    return [
        TableColumn(_("Host"), is_row_heading=True),
        TableColumn(_("Read by"), Align.CODE),
        TableColumn(_("State"), Align.CODE),
        *_reading_columns(),
        TableColumn(_("What is wrong"), Align.WIDE),
    ]


def _host_row(one: ReadHost) -> Cells:
    badge, words = (_CANNOT_BE_USED, one.fault) if one.fault else _host_state(one.reading)
    title = _title(one.clock.host, one.clock.subject_id, asked=one.seen is not None)
    return [title, METHODS[one.clock.method], badge, *_figures(one), words]


def _host_state(reading: HostReading | None) -> tuple[Badge, Words]:
    if reading is None:
        return Badge(Kind.NEUTRAL, _NOT_ASKED, "…"), ""
    remark = judge(ClockObservations((), (reading,)))[-1]
    words: Words = "" if remark.level is Level.OK else remark.message
    return Badge(_KINDS[remark.level], remark.level.label), words


def _title(name: str, subject_id: str, *, asked: bool) -> Link | str:
    return Link(name, reverse("network:clock", args=[subject_id])) if asked else name


def _figures(one: ReadSource | ReadHost) -> Cells:
    reading = one.reading
    moment = one.seen.observed_at if one.seen else None
    if reading is None or reading.answer is not Answer.TIME or reading.offset is None:
        return [None, moment]
    return [f"{reading.offset:+.3f} ± {reading.uncertainty or 0:.3f}", moment]
