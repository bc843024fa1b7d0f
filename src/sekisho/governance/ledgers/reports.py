"""Reports to the planning manager, who acknowledges them; and the monthly review of the logs that they show (17①)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sekisho.governance.actions import APPROVERS, REPORTERS
from sekisho.governance.queries.reports import log_review_members
from sekisho.governance.rules.exceptions import ExceptionState
from sekisho.governance.rules.reports import BOOK_REPORT, LOG_REVIEW, Happening
from sekisho.governance.services.reports import BOOKS_TITLE, LOG_REVIEW_TITLE
from sekisho.kernel import registry
from sekisho.kernel.dates import Calendar, format_date
from sekisho.kernel.declarations import Coverage, Workflow
from sekisho.kernel.text import Text, _

_EXCEPTIONS = {
    ExceptionState.IN_FORCE: _("In force"),
    ExceptionState.ENDING: _("Ends soon"),
    ExceptionState.ENDED: _("Ended"),
}


def _period(content: Mapping[str, Any]) -> tuple[Text, str]:
    days = (format_date(date.fromisoformat(content[name]), Calendar.SEIREKI) for name in ("first", "last"))
    return _("Period"), " – ".join(days)


def _book_facts(content: Mapping[str, Any]) -> list[tuple[Text, str]]:
    """Return the period and what happened ledger by ledger; one in which nothing happened says so."""
    titles = {ledger.id: ledger.title for ledger in registry.current().ledgers}
    rows = [(titles.get(one["ledger"], Text(one["ledger"])), _counts(one["counts"])) for one in content["books"]]
    return [_period(content), *rows, (_("Exceptions"), _states(content["exceptions"]))]


def _counts(counts: Mapping[str, int]) -> str:
    found = [f"{Happening(name).label} {number}" for name, number in counts.items()]
    return "、".join(found) or str(_("Nothing happened"))


def _states(counts: Mapping[str, int]) -> str:
    found = [f"{_EXCEPTIONS[ExceptionState(name)]} {number}" for name, number in counts.items() if number]
    return "、".join(found) or str(_("None"))


def _log_facts(content: Mapping[str, Any]) -> list[tuple[Text, str]]:
    open_items = content["raised"] - content["explained"] - content["improper"]
    return [
        _period(content),
        (_("Raised"), str(content["raised"])),
        (_("Explained"), str(content["explained"])),
        (_("Improper"), str(content["improper"])),
        (_("Not settled"), str(open_items)),
        (_("Rules that did not run"), str(content["silent"])),
        (_("What was looked at, and how"), content["said"]),
    ]


book_report = Workflow(
    id=BOOK_REPORT,
    title=BOOKS_TITLE,
    submitters=REPORTERS,
    approvers=APPROVERS,
    facts=_book_facts,
    amend_route="governance:amend-report",
)
log_review = Workflow(
    id=LOG_REVIEW,
    title=LOG_REVIEW_TITLE,
    submitters=REPORTERS,
    approvers=APPROVERS,
    facts=_log_facts,
    amend_route="governance:amend-report",
)
LOG_REVIEWS = Coverage(
    id="register.log_reviews",
    title=_("Logs looked through every month, and reported"),
    population=_("Registered systems"),
    measure=log_review_members,
    route="governance:reports",
)
