"""The index of evidence: which check said what when, what was approved by whom, each with its SHA-256."""

from django.utils.translation import gettext as _

from sekisho.governance.models import RunState
from sekisho.governance.queries.evidence import newest_runs
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.views.check_wording import check_titles
from sekisho.kernel import registry
from sekisho.ledgers.queries import approved
from sekisho.ui.sheet import Sheet, SheetColumn


def evidence_sheets() -> tuple[Sheet, Sheet]:
    """Return the newest run of every check, and every approval in force."""
    return _runs(), _approvals()


def _runs() -> Sheet:
    runs = newest_runs()
    titles = check_titles(runs.keys())
    columns = (
        SheetColumn(_("Check"), 40),
        SheetColumn(_("Id"), 30),
        SheetColumn(_("Ended"), 17),
        SheetColumn(_("State"), 14),
        SheetColumn(_("Run"), 38),
        SheetColumn(_("SHA-256"), 68),
    )
    rows = [
        (str(titles[name]), name, run.ended_at, str(RunState(run.state).label), str(run.pk), run.digest)
        for name, run in sorted(runs.items())
    ]
    return Sheet(_("Checks"), columns, rows, above=(_("Index of evidence: checks"),))


def _approvals() -> Sheet:
    columns = (
        SheetColumn(_("Kind of application"), 18),
        SheetColumn(_("Item or document"), 30),
        SheetColumn(_("Subject"), 30),
        SheetColumn(_("Applicant"), 16),
        SheetColumn(_("Approved by"), 16),
        SheetColumn(_("Approved at"), 17),
        SheetColumn(_("SHA-256"), 68),
    )
    titles = {workflow.id: str(workflow.title) for workflow in registry.current().workflows}
    rows = [
        (
            titles[one.workflow], one.key, one.subject_label, one.applicant, one.approved_by, one.approved_at,
            one.digest,
        )
        for one in approved(*ClaimKind)
    ]  # fmt: skip
    return Sheet(_("Approvals"), columns, rows, above=(_("Index of evidence: approvals"),))
