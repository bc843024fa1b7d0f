"""The ledger of information (4①): which there is, how much it matters, where it lies and how it is handled."""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.assets.actions import INFORMATION_TITLE, InformationAction
from sekisho.assets.ledgers.coverage import registered_systems
from sekisho.assets.ledgers.events import today
from sekisho.assets.models import BackedUp, Information, InformationKind
from sekisho.assets.rules.days import happened
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.keeping import members

_NO_ENTRY = _("An entry of what this system holds")
_OF_SYSTEMS = _("Diagrams, settings and logs of the systems")
_NOT_THERE = _("An entry that says where they are")

INFORMATION = Ledger(
    id="assets.information",
    title=INFORMATION_TITLE,
    model=Information,
    columns=(
        Column("name", _("Kind of information"), _("For example: charts, images, laboratory results."), listed=True),
        Column("kind", _("Group"), listed=True, filtered=True),
        Column("content", _("Content"), _("Which items, of which period.")),
        Column("system", _("System"), _("The system that holds it; none for paper."), listed=True, filtered=True),
        Column("patients", _("Number of patients"), _("Roughly."), listed=True),
        Column("patient_key", _("How patients are told apart"), _("For example by the patient number.")),
        Column("confidentiality", _("Importance: secrecy"), _("What happens if it gets out."), filtered=True),
        Column("integrity", _("Importance: correctness"), _("What happens if it is altered."), filtered=True),
        Column("availability", _("Importance: availability"), _("What happens if it is missing."), filtered=True),
        Column(
            "kept_for", _("Kept by law for"), _("Years and law, for example: 5 years. Write “none” if no law asks.")
        ),
        Column("keeping_checked_on", _("Demands of the law checked on"), _("On keeping it in electronic form.")),
        Column("kept_on", _("Kept on"), listed=True, filtered=True),
        Column(
            "place",
            _("Place"),
            _("Server, path of the shared folder, name of the service, room and cabinet."),
            listed=True,
        ),
        Column("form", _("Form of the data"), _("For example: database, DICOM, Excel files, paper.")),
        Column("users", _("Who uses it"), _("Departments, occupations, vendors.")),
        Column("rights", _("How rights are given"), _("Who decides, by which rule.")),
        Column("taking_out", _("Taking out"), filtered=True),
        Column("limits", _("Limits on handling"), _("No copying, no passing on, no printing.")),
        Column("backed_up", _("Backup"), filtered=True),
        Column("backup", _("Backup: amount, place, form"), _("Where there is none: why.")),
        Column("disposal", _("End of its life"), _("When it is disposed of, and how.")),
        Column("department", _("Department in charge"), filtered=True),
        Column("owner", _("Person in charge"), listed=True),
        Column("risk_assessed_on", _("Risk assessed on"), _("Together with the planning manager.")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-4-1",),
    actions=InformationAction,
    prefix="IN",
    group=Group.CLIENT,
)


def _wanted(row: Information) -> Iterator[tuple[object, Text]]:
    yield row.confidentiality and row.integrity and row.availability, _("Importance")
    yield row.place, _("Place")
    yield row.users, _("Who uses it")
    yield row.rights, _("How rights are given")
    yield row.taking_out, _("Taking out")
    yield row.limits, _("Limits on handling")
    yield row.owner, _("Person in charge")
    yield row.disposal, _("End of its life")
    yield row.backed_up in {BackedUp.YES, BackedUp.NO}, _("Backup")
    yield row.backup, _("Backup: amount, place, form")
    yield happened(row.risk_assessed_on, today()), _("Risk assessed on")
    if row.kind == InformationKind.MEDICAL:
        yield row.patients is not None, _("Number of patients")
        yield row.patient_key, _("How patients are told apart")
        yield row.kept_for, _("Kept by law for")
        yield happened(row.keeping_checked_on, today()), _("Demands of the law checked on")


def known_information() -> Iterator[Member]:
    """Yield every entry; every system with medical information that none speaks of; and what tells of the systems."""
    yield from members(INFORMATION, _wanted, belongs_to=["system"])
    rows = Information.objects.filter(closed_at=None, struck_at=None)
    known = {str(found) for found in rows.exclude(system=None).values_list("system_id", flat=True)}
    for system in registered_systems():
        if system.facts["medical_information"] and system.id not in known:
            yield Member(frozenset({system.id}), system.label, (_NO_ENTRY,))
    if not rows.filter(kind=InformationKind.SYSTEMS).exists():
        yield Member(frozenset(), str(_OF_SYSTEMS), (_NOT_THERE,))


INFORMATION_COVERAGE = Coverage(
    id="assets.information",
    title=_("Importance, place, users and handling of every kind of information"),
    population=_("Registered kinds of information, systems with medical information, and what tells of the systems"),
    measure=known_information,
    route="assets:information",
)
