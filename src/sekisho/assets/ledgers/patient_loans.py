"""The ledger of devices lent to patients (7⑧): explained, agreed to, and whom to call when something is wrong."""

from collections.abc import Iterator
from datetime import date, timedelta

from sekisho.assets.actions import PATIENT_LOANS_TITLE, PatientLoanAction
from sekisho.assets.ledgers.events import event_members, no_case, today
from sekisho.assets.models import PatientLoan
from sekisho.assets.rules.days import ahead, happened
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _

_COUNTED_FOR = timedelta(days=365)

PATIENT_LOANS = Ledger(
    id="assets.patient_loans",
    title=PATIENT_LOANS_TITLE,
    model=PatientLoan,
    columns=(
        Column("patient", _("Patient number"), _("The number only, no name: this ledger is printed."), listed=True),
        Column("kind", _("Kind"), listed=True, filtered=True),
        Column("device", _("Device"), _("From the ledger of devices, if it is one."), listed=True),
        Column("product", _("What is lent"), _("Maker and model."), listed=True),
        Column("serial", _("Serial number")),
        Column("explained_on", _("Risks explained on"), _("Before the device is handed over.")),
        Column("explained_by", _("Risks explained by")),
        Column("explained", _("What was explained"), _("Name and edition of the paper: risks, what to take care of.")),
        Column("consented_on", _("Agreed on"), listed=True),
        Column("consent", _("Who agreed"), filtered=True),
        Column("consent_place", _("Where the consent is kept")),
        Column("contact", _("Contact handed over"), _("Telephone and hours for trouble with the device.")),
        Column("lent_on", _("Handed over on"), listed=True),
        Column("lent_by", _("Handed over by")),
        Column("due_on", _("To be back on"), expires=True),
        Column("returned_on", _("Came back on"), listed=True),
        Column("erased_on", _("Data erased on")),
        Column("erased_by", _("Data erased by")),
        Column("trouble", _("Trouble while it was lent"), _("What was reported, and what was done.")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-7-8",),
    actions=PatientLoanAction,
    prefix="PL",
    group=Group.CLIENT,
    happens_on="lent_on",
)


def _wanted(row: PatientLoan) -> Iterator[tuple[object, Text]]:
    day = today()
    yield row.explained_by and _before(row, row.explained_on), _("Explanation before the loan")
    yield row.explained, _("What was explained")
    yield row.consent and _before(row, row.consented_on), _("Consent before the loan")
    yield row.consent_place, _("Where the consent is kept")
    yield row.contact, _("Contact handed over")
    if row.returned_on is None:
        yield row.due_on is None or ahead(row.due_on, day), _("Return: it is overdue")
    else:
        yield row.erased_by and happened(row.erased_on, day), _("Data erased on")


def _before(row: PatientLoan, day: date | None) -> bool:
    """Tell whether something was done by the day of the loan, and that day has come."""
    return day is not None and day <= row.lent_on <= today()


def _is_counted(row: PatientLoan) -> bool:
    """What is with a patient counts however long; what came back, for a year."""
    out = row.returned_on is None and row.closed_at is None
    return out or today() - (row.returned_on or row.lent_on) <= _COUNTED_FOR


def patient_loans() -> Iterator[Member]:
    """Yield every loan of the year or still running, or that somebody stated there was none."""
    found = False
    for member in event_members(PATIENT_LOANS, _wanted, belongs_to=(), only=_is_counted):
        found = True
        yield member
    if not found:
        yield from no_case(PATIENT_LOANS, frozenset())


LOAN_COVERAGE = Coverage(
    id="assets.patient_loans",
    title=_("Explanation, consent and contact for every device lent to a patient"),
    population=_("Devices that are lent or came back within a year"),
    measure=patient_loans,
    route="assets:patient_loans",
)
