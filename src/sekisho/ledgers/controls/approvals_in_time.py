"""Applications are decided in time, and what an emergency forced somebody to do was approved afterwards."""

from datetime import timedelta

from sekisho.kernel.declarations import Control, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.ledgers.queries.in_time import findings
from sekisho.ledgers.rules.in_time import LONGEST_WAIT, REMEMBERED

control = Control(
    id="ledgers.approvals_in_time",
    title=_("Applications are decided in time"),
    subject_kind=SubjectKind.FACILITY,
    check=findings,
    every=timedelta(days=1),
    severity=Severity.MEDIUM,
    remedy=_(
        "Open the applications and decide about those that wait. What was withdrawn after it had been done needs an "
        "application of its own that is approved."
    ),
    parameters={"waiting_days": LONGEST_WAIT.days, "remembered_days": REMEMBERED.days},
)
