"""The ledgers about vendors: contracts, the table of responsibilities, what the vendors disclosed."""

from datetime import timedelta

from sekisho.estate import models
from sekisho.estate.actions import (
    CONTRACTS_TITLE,
    DISCLOSURES_TITLE,
    RESPONSIBILITIES_TITLE,
    ContractAction,
    DisclosureAction,
    ResponsibilityAction,
)
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Group, Ledger
from sekisho.kernel.text import _

_YEARLY = timedelta(days=365)
_VENDOR = Column("vendor", _("Vendor"), listed=True, filtered=True)
_SYSTEM = Column(
    "system", _("System"), _("Leave it empty if this holds for all systems of the vendor."), listed=True, filtered=True
)
_KEPT_AT = Column("kept_at", _("Kept at"), _("Cabinet or folder in which the paper is found."))
_NOTE = Column("note", _("Remarks"))

CONTRACTS = Ledger(
    id="estate.contracts",
    title=CONTRACTS_TITLE,
    model=models.Contract,
    columns=(
        Column("title", _("Contract"), _("Its name and date, as on its first page."), listed=True),
        _VENDOR,
        _SYSTEM,
        Column("kind", _("Kind"), listed=True, filtered=True),
        _KEPT_AT,
        Column("signed_on", _("Signed on")),
        Column(
            "valid_until",
            _("Valid until"),
            _("Once it has passed, the entry counts as run out. Leave it empty if there is no end."),
            listed=True,
            expires=True,
        ),
        Column("renewed_by_itself", _("Renewed by itself")),
        Column(
            "personal_data",
            _("Vendor and personal data"),
            _("What the contract says. A vendor who stores only must not be able to look inside."),
            filtered=True,
        ),
        Column("personal_data_ground", _("Where the contract says so about personal data")),
        Column(
            "secrecy_clause",
            _("Secrecy as in the facility: clause"),
            _("From here on: where it is written, such as “article 5”. Empty means that it is not there."),
        ),
        Column("supervision_clause", _("Supervision by the facility: clause")),
        Column("access_clause", _("No access without good reason: clause")),
        Column("take_out_clause", _("No taking out of data: clause")),
        Column(
            "erasure_clause",
            _("Erasing data after maintenance and reporting it: clause"),
            _("Data handed over to find the cause of a fault are meant too."),
        ),
        Column(
            "remote_clause",
            _("Staff and duties in remote maintenance: clause"),
            _("Own accounts of the vendor's people, from where they enter, who watches over them, who answers."),
        ),
        Column("update_clause", _("Security updates: clause")),
        Column(
            "format_clause",
            _("Support of older formats: clause"),
            _("That records stay readable for the whole time they must be kept, whatever changes."),
        ),
        Column("log_clause", _("Logs kept and handed over: clause")),
        Column("subcontracting", _("Subcontracting"), filtered=True),
        Column("subcontractor_clause", _("Same duties for subcontractors: clause")),
        Column("reports", _("Reports on operation"), _("How often they come, and that they cover subcontractors.")),
        Column("return_clause", _("Return and erasure at the end: clause")),
        _NOTE,
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_YEARLY,
    requirements=("SO-5-3", "SO-7-2", "SO-10-1", "SO-10-2", "SO-10-4", "SO-10-7"),
    actions=ContractAction,
    prefix="CT",
    group=Group.SERVER,
)
# “All the rest” stands for lines that nobody wrote, and what else there is, everybody names themselves.
_NO_STANDARD_DUTY = {models.Duty.NORMAL_REST, models.Duty.EMERGENCY_REST, models.Duty.OTHER}
RESPONSIBILITIES = Ledger(
    id="estate.responsibilities",
    title=RESPONSIBILITIES_TITLE,
    model=models.Responsibility,
    columns=(
        _VENDOR,
        _SYSTEM,
        Column("duty", _("Piece of work"), listed=True, filtered=True),
        Column("bearer", _("Borne by"), listed=True, filtered=True),
        Column(
            "description",
            _("Description"),
            _("For shared work who does what; for work that is not needed, why; which records each side provides."),
            listed=True,
        ),
        Column("clause", _("Contract or SLA, clause"), _("Where the vendor promised it.")),
        Column("report_every", _("Report every"), _("How often the vendor reports on it.")),
        Column("agreed_on", _("Agreed with the vendor on"), listed=True),
        Column("reported_on", _("Reported to the planning manager on")),
        _NOTE,
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_YEARLY,
    requirements=("SO-3-3", "SO-3-4"),
    actions=ResponsibilityAction,
    prefix="RS",
    group=Group.SERVER,
    standard_lines=("duty", tuple(duty.value for duty in models.Duty if duty not in _NO_STANDARD_DUTY)),
)
DISCLOSURES = Ledger(
    id="estate.disclosures",
    title=DISCLOSURES_TITLE,
    model=models.Disclosure,
    columns=(
        _VENDOR,
        _SYSTEM,
        Column("kind", _("Kind"), listed=True, filtered=True),
        Column("product", _("Product or service"), _("As written in the paper."), listed=True),
        Column("product_version", _("Version of the product"), _("As written in the paper.")),
        Column("form_version", _("Edition of the form"), _("Such as Ver. 5.0 of the MDS/SDS.")),
        Column("written_on", _("Written on")),
        Column("received_on", _("Received on"), listed=True),
        _KEPT_AT,
        Column("supporting_papers", _("Papers that support it"), _("Test reports, certificates, settings.")),
        Column("version_checked_on", _("Version compared with the one in use on")),
        Column(
            "correct_on",
            _("Vendor confirmed it is correct on"),
            _("Ask whether everything in it is right for the configuration in use here."),
        ),
        Column("open_questions", _("Questions without an answer"), _("0 if all were answered."), listed=True),
        Column("compared_on", _("Compared with our requirements on")),
        Column("gaps", _("Gaps left"), _("Line by line: what is missing, who makes up for it, by when; or “none”.")),
        Column("settled_on", _("Gaps settled with the vendor on")),
        Column("own_settings", _("Settings on our side, and by whom"), _("For a cloud service.")),
        Column("reported_on", _("Reported to the planning manager on")),
        _NOTE,
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_YEARLY,
    requirements=("SO-3-1", "SO-3-2", "SO-4-3"),
    actions=DisclosureAction,
    prefix="DC",
    group=Group.SERVER,
)
