"""Every declared ledger is kept: nothing ran out, everything was confirmed in time, no entry vanished."""

from datetime import timedelta

from sekisho.kernel.declarations import Control, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.ledgers.queries.keeping import findings

control = Control(
    id="ledgers.books_kept",
    title=_("The ledgers are kept"),
    subject_kind=SubjectKind.FACILITY,
    check=findings,
    every=timedelta(days=1),
    severity=Severity.MEDIUM,
    remedy=_("Open the ledger, correct or confirm the entries named, and find out what became of a missing number."),
)
