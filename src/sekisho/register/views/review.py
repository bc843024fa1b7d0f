"""The review's pages: what the rules raised, one item with the events of its day, and the decision about it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.dates import in_facility
from sekisho.kernel.errors import InvalidInput, SekishoError
from sekisho.register.actions import RegisterAction
from sekisho.register.errors import OwnItem
from sekisho.register.forms.review import DecisionForm, ReviewFilterForm
from sekisho.register.log.review.rulebook import Rule, load
from sekisho.register.models import Decided, ReviewItem, ReviewRun
from sekisho.register.queries import StoredEvent
from sekisho.register.queries.review import decisions_on, newest_run, old_tables, results_of, review_item, review_items
from sekisho.register.rules import read_timestamp
from sekisho.register.services.review import Reading, decide_item, read_item
from sekisho.register.views.events import event_table
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Kind, Link, TableColumn
from sekisho.ui.request import Request

DECIDED_KINDS = {Decided.TO_INVESTIGATE: Kind.WARN, Decided.EXPLAINED: Kind.OK, Decided.IMPROPER: Kind.NG}
STATES = {
    "ran": Badge(Kind.OK, gettext_lazy("Was run")),
    "missing": Badge(Kind.UNKNOWN, gettext_lazy("Cannot tell")),
    "waits": Badge(Kind.NEUTRAL, gettext_lazy("When the day is over")),
    "failed": Badge(Kind.NG, gettext_lazy("Failed")),
}
TABLE_TITLES = {
    "accounts": gettext_lazy("the accounts with their end"),
    "care": gettext_lazy("who treats which patient"),
    "patient_ends": gettext_lazy("the patients who died or have long not come"),
    "patient_kana": gettext_lazy("the readings of the patients' family names"),
    "roster": gettext_lazy("the rosters"),
    "staff_kana": gettext_lazy("the readings of the staff's family names"),
    "staff_patients": gettext_lazy("the members of staff who are patients"),
    "vendor_windows": gettext_lazy("the planned times of vendors' work"),
    "watched_patients": gettext_lazy("the patients under special watch"),
}
EVENTS_PAGE = 50


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule as the page shows it."""

    title: str
    why: str
    state: Badge
    count: int
    missing: str
    old: str
    try_url: str


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """Return the rules by their id; they only change with the version."""
    return {rule.id: rule for rule in load()}


def rule_title(rule_id: str, language: str) -> str:
    """Return how a rule is called; one that is gone keeps its id."""
    found = rules().get(rule_id)
    return found.title[language] if found else rule_id


def table_words(tables: list[str] | tuple[str, ...]) -> str:
    """Return the names of reference tables in words."""
    return _(", ").join(str(TABLE_TITLES.get(name, name)) for name in tables)


@require_safe
@allow(RegisterAction.SEE_REVIEW)
def list_items(request: Request) -> HttpResponse:
    """Show what the rules raised, with a filter, and which rules could judge."""
    language = request.display.language
    form = ReviewFilterForm(request.GET, rules=[(one.id, one.title[language]) for one in rules().values()])
    page = review_items(form.chosen(), page_number(request.GET))
    run, month = newest_run(), in_facility(clock.now()).date()
    context = {
        "page_title": _("Review of the register"),
        "filters": [form[name] for name in ("state", "rule", "since", "until")],
        "text": request.GET.get("q", ""),
        "searched": any(request.GET.values()),
        "columns": [
            TableColumn(_("Day"), Align.CODE),
            TableColumn(_("Rule"), is_row_heading=True),
            TableColumn(_("Who"), Align.NAME),
            TableColumn(_("Patient"), Align.CODE),
            TableColumn(_("Measured"), Align.NUMBER),
            TableColumn(_("Decision"), Align.CODE),
        ],
        "rows": [_row(item, language) for item in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "run": run,
        "rule_lines": _rule_lines(run, language),
        "may_try": request.actor.may(RegisterAction.TRY_RULE),
        "report_url": reverse("register:review-report", args=[month.year, month.month]),
    }
    return render(request, "register/review_list.html", context)


def _row(item: Any, language: str) -> list[object]:
    title = Link(rule_title(item.rule, language), reverse("register:review-item", args=[item.pk]))
    return [item.day, title, item.actor_name or None, item.patient or None, item.measured, _badge(item)]


def _badge(item: Any) -> Badge:
    if item.state:
        return decided_badge(item.state)
    return Badge(Kind.NG, _("Urgent")) if item.urgent else Badge(Kind.WARN, _("Nobody yet"))


def decided_badge(decided: str) -> Badge:
    """Return a decision as a badge."""
    return Badge(DECIDED_KINDS[Decided(decided)], Decided(decided).label)


def _rule_lines(run: ReviewRun | None, language: str) -> list[RuleLine]:
    results, old = (results_of(run), old_tables(run)) if run else ({}, frozenset())
    lines = []
    for rule in rules().values():
        fared = results.get(rule.id)
        lines.append(
            RuleLine(
                title=rule.title[language],
                why=rule.why[language],
                state=STATES[fared["state"]] if fared else Badge(Kind.NEUTRAL, _("Not yet")),
                count=fared["count"] if fared else 0,
                missing=table_words([one for one in fared["missing"] if one not in old]) if fared else "",
                old=table_words(sorted(old & {*rule.needs, *rule.wants})),
                try_url=f"{reverse('register:review-try')}?rule={rule.id}",
            )
        )
    return lines


@require_http_methods(["GET", "HEAD", "POST"])
@allow(RegisterAction.READ_REVIEWED)
def show_item(request: Request, item_id: UUID) -> HttpResponse:
    """Show an item with the events of its day, and take the decision about it."""
    item, form, status = review_item(item_id), DecisionForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        request.actor.require(RegisterAction.DECIDE_REVIEW)
        status = 422
        if form.is_valid():
            try:
                decided, comment = Decided(form.cleaned_data["decided"]), form.cleaned_data["comment"]
                decide_item(actor=request.actor, item_id=item_id, decided=decided, comment=comment)
            except (InvalidInput, OwnItem) as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
            else:
                messages.success(request, _("The decision was kept."))
                return redirect("register:review-item", item_id)
    return render(request, "register/review_item.html", _item_context(request, item, form), status=status)


def _item_context(request: Request, item: ReviewItem, form: DecisionForm) -> dict[str, Any]:
    language, number = request.display.language, page_number(request.GET)
    reading, fault = _reading(request, item, number)
    page = Paginator(range(reading.count), EVENTS_PAGE).get_page(number)
    events = [
        StoredEvent(index, read_timestamp(document["occurred_at"]), document) for index, document in reading.entries
    ]
    rule = rules().get(item.rule)
    return {
        "page_title": rule_title(item.rule, language),
        "why": rule.why[language] if rule else "",
        "item": item,
        "facts": [
            (_("Day"), item.day),
            (_("Who"), item.actor_name or "―"),
            (_("Patient"), item.patient or "―"),
            (_("System"), item.system or "―"),
            (_("Measured"), item.measured),
            (_("Events"), item.events),
            (_("In the log"), f"{item.first_index} – {item.last_index}"),
            (_("Raised at"), item.found_at),
        ],
        "decisions": [(decided_badge(one.decided), one) for one in decisions_on(item)],
        "table": event_table(events, request.display),
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "fault": fault,
        "form": form if request.actor.may(RegisterAction.DECIDE_REVIEW) else None,
    }


def _reading(request: Request, item: ReviewItem, number: int) -> tuple[Reading, SekishoError | None]:
    """Return the events; where they cannot be trusted the page says so, and the decision stays possible."""
    start = (max(1, number) - 1) * EVENTS_PAGE
    try:
        return read_item(actor=request.actor, item_id=item.pk, start=start, most=EVENTS_PAGE), None
    except SekishoError as error:
        return Reading(0, ()), error
