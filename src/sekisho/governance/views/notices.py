"""What wants attention: the list of notices, putting one off, marking them as read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.notices import STATE_ENDED, STATE_SNOOZED, NoticeFilter, SnoozeForm
from sekisho.governance.models import Notice
from sekisho.governance.queries.alarms import loudness
from sekisho.governance.queries.delivery import undelivered
from sekisho.governance.queries.notice_words import number_of, responsible, title_of, url_of
from sekisho.governance.queries.notices import NOTICES_A_PAGE, Seen, ended_notices, get_notice, seen_by
from sekisho.governance.rules.notices import NoticeKind, Urgency
from sekisho.governance.services.notices import look_after_notice, read_notices, snooze_notice
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Badge, Kind, Link
from sekisho.ui.request import Request

URGENCY_BADGES = {
    Urgency.TODAY: Badge(Kind.NG, Urgency.TODAY.label, "！"),
    Urgency.WEEK: Badge(Kind.WARN, Urgency.WEEK.label),
    Urgency.KNOW: Badge(Kind.INFO, Urgency.KNOW.label),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as the list shows it."""

    notice: Notice
    link: Link
    kind: object
    about: str
    responsible: str
    is_new: bool
    mine: bool
    is_alarm: bool
    looked_after: bool


@dataclass(frozen=True, slots=True)
class Part:
    """The notices of one urgency on a page."""

    badge: Badge
    lines: Sequence[Line]


@require_safe
@allow(GovernanceAction.VIEW)
def list_notices(request: Request) -> HttpResponse:
    """Show what wants attention, by urgency; or what was put off; or what is over."""
    form = NoticeFilter(request.GET)
    state, kind, language = form.chosen("state"), form.kind_chosen(), request.display.language
    seen = seen_by(request.actor)
    page = ended_notices(request.actor, kind, page_number(request.GET)) if state == STATE_ENDED else None
    if page is not None:
        lines = [_line(Seen(row, mine=False, read=True, snoozed=False), language) for row in page.object_list]
        position = PagePosition(page.number, page.paginator.num_pages, page.paginator.count)
    else:
        wanted, position = _wanted(seen, form, page_number(request.GET))
        lines = [_line(one, language) for one in wanted]
    context = {
        "page_title": _("Notices"),
        "filters": [form["whose"], form["kind"], form["state"]],
        "narrowed": any(form.chosen(name) for name in form.fields),
        "clear_url": request.path,
        "back": request.get_full_path(),
        "state": state,
        "parts": list(_parts(lines)),
        "counts": [(badge, _number(seen, urgency)) for urgency, badge in URGENCY_BADGES.items()],
        "snoozed": sum(one.snoozed for one in seen),
        "unread": sum(one.mine and not one.read and not one.snoozed for one in seen),
        "page": position,
        "undelivered": bool(undelivered()),
        "may_snooze": request.actor.may(GovernanceAction.SNOOZE_NOTICE) and state != STATE_ENDED,
        "may_look_after": request.actor.may(GovernanceAction.LOOK_AFTER_NOTICE) and state != STATE_ENDED,
        "may_configure": request.actor.may(GovernanceAction.CONFIGURE_DELIVERY),
    }
    return render(request, "governance/notices.html", context)


def _wanted(seen: Sequence[Seen], form: NoticeFilter, number: int) -> tuple[Sequence[Seen], PagePosition]:
    """Return one page of the notices that fit the conditions."""
    kind, is_snoozed = form.kind_chosen(), form.chosen("state") == STATE_SNOOZED
    found = [one for one in seen if one.snoozed is is_snoozed and kind in {None, one.notice.kind}]
    if form.chosen("whose"):
        found = [one for one in found if one.mine]
    page = Paginator(found, NOTICES_A_PAGE).get_page(number)
    return list(page.object_list), PagePosition(page.number, page.paginator.num_pages, page.paginator.count)


def _number(seen: Iterable[Seen], urgency: Urgency) -> int:
    return sum(one.urgency is urgency and not one.snoozed for one in seen)


def _parts(lines: Sequence[Line]) -> Iterable[Part]:
    """Yield the lines by urgency; they come in that order, save those that are over."""
    for urgency, found in groupby(lines, key=lambda line: line.notice.urgency):
        yield Part(URGENCY_BADGES[Urgency(urgency)], list(found))


def _line(seen: Seen, language: str) -> Line:
    notice = seen.notice
    return Line(
        notice=notice,
        link=Link(title_of(notice, language), url_of(notice)),
        kind=NoticeKind(notice.kind).label,
        about=_about(notice),
        responsible=responsible(notice),
        is_new=not seen.read,
        mine=seen.mine,
        is_alarm=loudness(notice) is not None,
        looked_after=notice.looked_after_at is not None and notice.looked_after_at >= notice.worsened_at,
    )


def _about(notice: Notice) -> str:
    """Return what a notice is about by name, and how many there are when not all are named."""
    number = number_of(notice)
    if number <= len(notice.subject.split("、")):
        return notice.subject
    words = ngettext("%(names)s (%(number)s)", "%(names)s and more (%(number)s in all)", number)
    return words % {"names": notice.subject, "number": number} if notice.subject else ""


@require_POST
@allow(GovernanceAction.VIEW)
def read(request: Request) -> HttpResponse:
    """Mark one notice, or all of one's own, as read."""
    said = request.POST.get("notice", "")
    read_notices(actor=request.actor, notice_id=UUID(said) if _is_id(said) else None)
    return redirect(_back(request))


@require_POST
@allow(GovernanceAction.LOOK_AFTER_NOTICE)
def look_after(request: Request, notice_id: UUID) -> HttpResponse:
    """Say that one looks after an alarm: nobody else is called."""
    look_after_notice(actor=request.actor, notice_id=notice_id)
    messages.success(request, _("You look after it. Nobody else is called, unless it turns worse."))
    return redirect(_back(request))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _back(request: Request) -> str:
    """Return the page somebody came from, if it is ours."""
    back = request.POST.get("back", "")
    own = reverse("governance:notices")
    is_ours = url_has_allowed_host_and_scheme(back, None) and back.startswith(own)
    return back if is_ours else own


@require_http_methods(["GET", "HEAD", "POST"])
@allow(GovernanceAction.SNOOZE_NOTICE)
def snooze(request: Request, notice_id: UUID) -> HttpResponse:
    """Say what putting a notice off means, then do it."""
    seen = get_notice(request.actor, notice_id)
    form = SnoozeForm(request.POST if request.method == "POST" else None, initial={"version": seen.notice.version})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                snooze_notice(actor=request.actor, notice_id=notice_id, **form.cleaned_data)
            except Conflict as error:
                messages.error(request, str(error))
                return redirect("governance:notice-snooze", notice_id)
            except InvalidInput as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
            else:
                messages.success(request, _("The notice was put off."))
                return redirect("governance:notices")
    line = _line(seen, request.display.language)
    context = {
        "page_title": _("Put a notice off"),
        "form": form,
        "line": line,
        "badge": URGENCY_BADGES[seen.urgency],
        "consequences": [
            _("It is shown among what was put off, for everybody, and stands in no digest until that day."),
            _("If it turns worse, it is back at once. If its cause ends, it ends."),
            _("Your name and the reason stand in the register."),
        ],
    }
    return render(request, "governance/notices_snooze.html", context, status=status)
