"""Audits and what they found (17④): a plan for every fiscal year, carried out in time, every finding mended."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.db.models import Q

from sekisho.governance.actions import AUDITS_TITLE, FINDINGS_TITLE, AuditAction, AuditFindingAction
from sekisho.governance.models import Audit, AuditFinding, AuditKind
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.dates import fiscal_year, in_facility
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.keeping import members

_YEAR = timedelta(days=365)

AUDITS = Ledger(
    id="governance.audits",
    title=AUDITS_TITLE,
    model=Audit,
    columns=(
        Column("title", _("Theme"), _("One theme a year, part of the whole, is enough to begin with."), listed=True),
        Column("kind", _("Who audits"), listed=True, filtered=True),
        Column("planned_on", _("Planned for"), listed=True),
        Column("scope", _("What is audited")),
        Column("system", _("System"), _("Where the audit is about one system."), filtered=True),
        Column("criteria", _("Measured by"), _("Which rules, items of the guideline or list of questions.")),
        Column("auditor", _("Auditor"), listed=True),
        Column("independent", _("Auditor has no part in what is audited")),
        Column("evidence", _("Evidence put in order"), _("Which records, and where they lie.")),
        Column("reported_on", _("Planning manager told on"), _("Of the technical plan and of its evidence.")),
        Column("carried_out_on", _("Carried out on"), listed=True),
        Column("result", _("Result"), _("In a sentence. What has to be mended goes into the ledger of findings.")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_YEAR,
    requirements=("SO-17-4",),
    actions=AuditAction,
    prefix="AD",
    group=Group.WORK,
)
FINDINGS = Ledger(
    id="governance.audit_findings",
    title=FINDINGS_TITLE,
    model=AuditFinding,
    columns=(
        Column("audit", _("Audit"), listed=True, filtered=True),
        Column("found", _("What the audit found"), listed=True),
        Column("system", _("System"), filtered=True),
        Column("weight", _("Weight"), listed=True, filtered=True),
        Column("owner", _("Person in charge"), listed=True),
        Column("measure", _("What is done about it")),
        Column(
            "due_on",
            _("To be mended by"),
            _("Close the entry once it was mended and checked: an open one whose day has passed counts as run out."),
            listed=True,
            expires=True,
        ),
        Column("corrected_on", _("Mended on"), listed=True),
        Column("checked_by", _("Checked by"), _("Somebody other than who mended it.")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=180),
    requirements=("SO-17-4",),
    actions=AuditFindingAction,
    prefix="AF",
    group=Group.WORK,
)


def _audit_wanted(row: Audit) -> Iterable[tuple[object, Text]]:
    over = row.planned_on < _today()
    independent = row.independent or row.kind == AuditKind.SELF_CHECK
    yield row.scope or row.system_id, _("What is audited")
    yield row.criteria, _("Measured by")
    yield row.auditor, _("Auditor")
    yield independent, _("Auditor has no part in what is audited")
    yield row.reported_on, _("Planning manager told on")
    yield not over or row.carried_out_on, _("Carried out on")
    yield not row.carried_out_on or row.evidence, _("Evidence put in order")
    yield not row.carried_out_on or row.result, _("Result")


def _finding_wanted(row: AuditFinding) -> Iterable[tuple[object, Text]]:
    yield row.owner, _("Person in charge")
    yield row.measure, _("What is done about it")
    yield row.due_on, _("To be mended by")
    yield not row.corrected_on or row.checked_by, _("Checked by")


def _today() -> date:
    return in_facility(clock.now()).date()


def audited() -> Iterator[Member]:
    """Yield the plan of this fiscal year, every audit in use and every finding in use, with what each lacks."""
    yield _plan_of(fiscal_year(_today()))
    yield from members(AUDITS, _audit_wanted, belongs_to=["system"])
    yield from members(FINDINGS, _finding_wanted, belongs_to=["system"])


def _plan_of(year: int) -> Member:
    """Return the plan of a fiscal year: it is missing while no audit is planned, however many there were before.

    One that was closed without being carried out was given up.
    """
    days = date(year, 4, 1), date(year + 1, 3, 31)
    kept = Q(closed_at=None) | Q(carried_out_on__isnull=False)
    planned = Audit.objects.filter(kept, struck_at=None, planned_on__range=days).exists()
    label = _("Audits of the fiscal year from April %(year)s", year=year)
    return Member(frozenset(), str(label), () if planned else (_("An audit planned for this fiscal year"),))


AUDIT_COVERAGE = Coverage(
    id="governance.audits",
    title=_("Audits planned, carried out in time, and their findings mended"),
    population=_("This fiscal year's plan, audits in the ledger, and findings that are open"),
    measure=audited,
    route="governance:audits",
)
