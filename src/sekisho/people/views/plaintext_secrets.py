"""Pages of plain-text passwords: the systems, what was looked through, and what was found there."""

from collections.abc import Sequence
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
from sekisho.kernel.ports import Subject
from sekisho.people.actions import PlaintextSecretAction
from sekisho.people.forms.people import RequiredReasonForm
from sekisho.people.forms.plaintext_secrets import PlaceForm
from sekisho.people.queries import plaintext_secrets as queries
from sekisho.people.queries.id_review import PLATFORM_KIND, systems
from sekisho.people.queries.id_review import system as open_system
from sekisho.people.queries.plaintext_secrets import Finding, Looked, State
from sekisho.people.rules.plaintext_secrets import Kind as SecretKind
from sekisho.people.services import plaintext_secrets as services
from sekisho.people.views.rights import Question
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@allow(PlaintextSecretAction.VIEW)
def list_systems(request: Request) -> HttpResponse:
    """Show for every system how much of it was looked through, and what was found."""
    places = queries.places()
    context = {
        "page_title": _("Plain-text passwords"),
        "columns": [
            TableColumn(_("System"), is_row_heading=True),
            TableColumn(_("Places looked through"), Align.NUMBER),
            TableColumn(_("Longest not looked through"), Align.CODE),
            TableColumn(_("Findings left"), Align.NUMBER),
            TableColumn(_("State"), Align.CODE),
        ],
        "rows": [_system_row(one, queries.looked(places.get(one.id, []))) for one in systems()],
    }
    return render(request, "people/secret_systems.html", context)


def _system_row(system: Subject, seen: Sequence[Looked]) -> Cells:
    system_id, label = system.id, system.label
    left = sum(one.is_open for one in queries.findings(system_id, seen))
    moments = [one.look.looked_at for one in seen if one.look is not None]
    name = Link(label, reverse("people:secrets", args=[system_id]))
    own = system.facts["kind"] == PLATFORM_KIND and not seen
    state = Badge(Kind.NEUTRAL, _("By checks of its own")) if own else _state(seen, left)
    return [name, len(seen), min(moments) if len(moments) == len(seen) and moments else None, left, state]


def _state(seen: Sequence[Looked], left: int) -> Badge:
    if left:
        return Badge(Kind.NG, _("Some were found"))
    if not seen:
        return Badge(Kind.UNKNOWN, _("Not looked through"))
    return Badge(Kind.OK, _("None found")) if all(map(_is_known, seen)) else Badge(Kind.UNKNOWN, _("Cannot tell"))


def _is_known(one: Looked) -> bool:
    return one.look is not None and one.is_fresh and one.look.is_whole and not one.place.trouble


@require_safe
@allow(PlaintextSecretAction.VIEW)
def show_system(request: Request, system_id: UUID) -> HttpResponse:
    """Show where one system was looked through and what was found there."""
    return _page(request, system_id, PlaceForm())


@require_POST
@allow(PlaintextSecretAction.KEEP_PLACES)
def add_place(request: Request, system_id: UUID) -> HttpResponse:
    """Have a directory looked through."""
    form = PlaceForm(request.POST)
    if form.is_valid():
        try:
            services.add_place(actor=request.actor, system_id=system_id, **form.cleaned_data)
        except (Conflict, InvalidInput) as error:
            form.add_error("path", " ".join(filter(None, (str(error), str(error.hint or "")))))
        else:
            messages.success(request, _("The directory is looked through within minutes, and then every day."))
            return redirect("people:secrets", system_id)
    return _page(request, system_id, form, 422)


@require_POST
@allow(PlaintextSecretAction.KEEP_PLACES)
def look_again(request: Request, place_id: UUID) -> HttpResponse:
    """Have a directory looked through now."""
    row = services.ask_for_look(actor=request.actor, place_id=place_id)
    messages.success(request, _("The directory is looked through within minutes. Open this page again then."))
    return redirect("people:secrets", row.system_id)


@require_http_methods(_METHODS)
@allow(PlaintextSecretAction.KEEP_PLACES)
def end_place(request: Request, place_id: UUID) -> HttpResponse:
    """Ask for the reason, then look through a place no more."""
    row, form, status = queries.place(place_id), RequiredReasonForm(_sent(request)), 200
    question = Question(
        title=_("Look through this place no more"),
        text=_(
            "Do this only when the files themselves are gone. If something was found there that is not settled, a "
            "second person has to confirm it; until then the place is looked through and counts."
        ),
        submit=_("Look through it no more"),
        done=_("The place is looked through no more."),
        danger=True,
    )
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                row = services.end_place(actor=request.actor, place_id=place_id, **form.cleaned_data)
            except (Conflict, InvalidInput) as error:
                form.add_error(None, str(error))
                status = error.status
            else:
                waits = _("It ends when a second person confirms it, since something was found there.")
                messages.success(request, question.done if row.ended_at else waits)
                return redirect("people:secrets", row.system_id)
    context = {"place": row, "question": question, "form": form, "page_title": question.title}
    return render(request, "people/secret_place_end.html", context, status=status)


@require_POST
@allow(PlaintextSecretAction.CONFIRM)
def confirm_end(request: Request, place_id: UUID) -> HttpResponse:
    """Confirm as a second person that a place is looked through no more."""
    row = queries.place(place_id)
    try:
        services.confirm_end(actor=request.actor, place_id=place_id)
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The place is looked through no more."))
    return redirect("people:secrets", row.system_id)


def _sent(request: Request) -> Any:
    return request.POST if request.method == "POST" else None


def _page(request: Request, system_id: UUID, form: PlaceForm, status: int = 200) -> HttpResponse:
    system = open_system(system_id)
    seen = queries.looked(queries.places().get(system.id, []))
    found = queries.findings(system.id, seen)
    page = queries.page_of(found, page_number(request.GET))
    left = sum(one.is_open for one in found)
    context = {
        "page_title": _("Plain-text passwords"),
        "system": system,
        "state": _state(seen, left),
        "places": [_place(request, one) for one in seen],
        "may_keep": request.actor.may(PlaintextSecretAction.KEEP_PLACES),
        "form": form,
        "columns": [
            TableColumn(_("File"), Align.WIDE, is_row_heading=True),
            TableColumn(_("Line"), Align.NUMBER),
            TableColumn(_("What it is"), Align.NAME),
            TableColumn(_("State"), Align.CODE),
        ],
        "rows": [_finding_row(system.id, one) for one in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "left": left,
    }
    return render(request, "people/secret_system.html", context, status=status)


def _place(request: Request, one: Looked) -> dict[str, Any]:
    """Return a place as its card shows it."""
    counts = one.look.counts if one.look else {}
    facts: list[tuple[str, object]] = [(_("Looked through"), one.look.looked_at if one.look else _("Not yet"))]
    if one.place.is_own:
        facts += [(title, counts[name]) for name, title in _titles() if counts.get(name)]
        facts += [(_("Mounted read-only"), counts["read_only"])] if "read_only" in counts else []
    else:
        facts.append((_("Looked through by"), f"{one.place.tool} {one.look.version if one.look else ''}".strip()))
    if counts.get("bound"):
        facts.append((_("Not finished"), Badge(Kind.UNKNOWN, _bound(counts["bound"]))))
    if one.place.trouble:
        facts.append((_("Not opened"), Badge(Kind.NG, one.place.trouble)))
    if one.place.end_asked_at is not None:
        facts.append((_("End asked for, waits for a second person"), one.place.end_asked_at))
    may_end = one.place.end_asked_at is not None and request.actor.may(PlaintextSecretAction.CONFIRM)
    return {
        "row": one.place,
        "facts": facts,
        "unseen": counts.get("unseen_names", ()),
        "may_confirm": may_end and not queries.same_person(request.actor.id, one.place.end_asked_by),
    }


def _titles() -> tuple[tuple[str, str], ...]:
    return (
        ("files", _("Files looked through")),
        ("binary", _("Left out: no text")),
        ("huge", _("Left out: larger than 32 MiB")),
        ("links", _("Left out: links")),
        ("outside", _("Of these, links that lead elsewhere")),
        ("special", _("Left out: no files")),
        ("unreadable", _("Could not be read")),
        ("crowded", _("Not to their end: too many findings in one file")),
    )


def _bound(name: str) -> str:
    return {
        "files": _("too many files"),
        "bytes": _("too many bytes"),
        "time": _("too slow"),
        "findings": _("too many findings"),
    }[name]


def _finding_row(system_id: str, one: Finding) -> Cells:
    url = reverse("people:secret", args=[system_id, one.sighting.fingerprint])
    return [Link(one.sighting.file, url), one.sighting.line, kind_label(one), finding_badge(one)]


def kind_label(one: Finding) -> str:
    """Return what a finding is, in words."""
    kind = SecretKind(one.sighting.kind)
    return f"{kind.label}: {one.sighting.rule}" if kind is SecretKind.OTHER else str(kind.label)


def finding_badge(one: Finding) -> Badge:
    """Return what is said of a finding, as a badge."""
    words = {
        State.OPEN: (Kind.NG, _("To be changed")),
        State.RUN_OUT: (Kind.NG, _("False alarm, but run out")),
        State.WAITING: (Kind.NG, _("False alarm said again, counts once a second person confirms")),
        State.SETTLED: (Kind.WARN, _("False alarm, waits for a second person")),
        State.CONFIRMED: (Kind.OK, _("False alarm, confirmed")),
    }
    return Badge(*words[one.state])
