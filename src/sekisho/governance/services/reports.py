"""Sending a report to the planning manager: an application whose approval says that it was read."""

import json
from collections.abc import Mapping
from uuid import UUID

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import GroundsMissing, ReportPeriodWrong
from sekisho.governance.queries.reports import BookReport, log_review_content, present_day, report_content
from sekisho.governance.rules.reports import BOOK_REPORT, LOG_REVIEW, Period
from sekisho.kernel import registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import require_visible, says_something
from sekisho.ledgers.queries import get_application, submissions_of
from sekisho.ledgers.services import NewFile, amend, submit
from sekisho.register.rules import SubjectRef

BOOKS_TITLE = _("Report about the ledgers")
LOG_REVIEW_TITLE = _("Monthly review of the logs")


def send_book_report(*, actor: Actor, report: BookReport, paper: NewFile, comment: str = "") -> UUID:
    """Ask for the acknowledgement of a report with its ``paper``; return the application's id.

    What is approved is the digest of the figures and of the paper. Raises Forbidden, ReportPeriodWrong and what
    submitting raises.
    """
    actor.require(GovernanceAction.SEND_REPORT)
    _require_told(report.period)
    return _send(actor, BOOK_REPORT, BOOKS_TITLE, report.period, report_content(report), paper, comment)


def send_log_review(*, actor: Actor, period: Period, said: str, paper: NewFile, comment: str = "") -> UUID:
    """Ask for the acknowledgement of a month's review of the logs; ``said`` is what the sender looked at and found.

    Raises Forbidden, GroundsMissing, ReportPeriodWrong, InvisibleCharacters and what submitting raises.
    """
    actor.require(GovernanceAction.SEND_REPORT)
    _require_told(period)
    content = {**log_review_content(period), "said": _said(said)}
    return _send(actor, LOG_REVIEW, LOG_REVIEW_TITLE, period, content, paper, comment)


def amend_report(
    *, actor: Actor, application_id: UUID, version: int, content: Mapping[str, Json], paper: NewFile, comment: str = ""
) -> None:
    """Send a report anew that was sent back, about the same days. Raises NotFound, NotShownThisWay and as amending."""
    actor.require(GovernanceAction.SEND_REPORT)
    application = get_application(actor, application_id)
    before = json.loads(submissions_of(application)[0].content)
    if application.workflow not in {BOOK_REPORT, LOG_REVIEW}:
        raise NotFound
    if any(content[name] != before[name] for name in ("first", "last")):
        raise ReportPeriodWrong(field="comment", reason=_("it must be about the same days."))
    if "said" in before:
        content = {**content, "said": _said(str(content.get("said", "")))}
    amend(
        actor=actor,
        application_id=application_id,
        version=version,
        content=content,
        files=[paper],
        comment=comment,
    )


def _send(
    actor: Actor, name: str, title: Text, period: Period, content: Mapping[str, Json], paper: NewFile, comment: str
) -> UUID:
    workflow = registry.current().workflow(name)
    if workflow is None:
        raise NotFound
    days = f"{period.first.isoformat()}/{period.last.isoformat()}"
    application = submit(
        actor=actor,
        workflow=workflow,
        key=days,
        subject=SubjectRef("report", name, f"{title} {days}"),
        title=f"{title} {days}",
        content=content,
        files=[paper],
        comment=comment,
    )
    return application.pk


def _require_told(period: Period) -> None:
    if fault := period.fault(present_day()):
        raise ReportPeriodWrong(field="last", reason=fault)


def _said(text: str) -> str:
    require_visible(text)
    if not says_something(text):
        raise GroundsMissing(field="said", what=_("what was looked at, and how"))
    return text.strip()
