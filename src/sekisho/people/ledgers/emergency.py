"""Emergency accounts and functions of every system (11①(1)–(3)): what the ledger asks, and what it must cover."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sekisho.estate.queries import platform_systems
from sekisho.estate.queries import subjects as estate
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.ports import SubjectKind, SubjectProvider
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.keeping import members
from sekisho.people.actions import EMERGENCY_ACCESS_TITLE, EmergencyAccessAction
from sekisho.people.models import EmergencyAccess, EmergencyKind
from sekisho.people.queries.emergency import every_seal, seal_state
from sekisho.people.rules.emergency import WAITING, SealState

_INSPECTED_WITHIN = timedelta(days=180)
_NO_ENTRY = _("An entry of this system in the ledger, if only that it has none")
_NOTHING_READY = _("A sealed credential that is ready")

EMERGENCY_ACCESS = Ledger(
    id="people.emergency_access",
    title=EMERGENCY_ACCESS_TITLE,
    model=EmergencyAccess,
    columns=(
        Column("system", _("System"), listed=True, filtered=True),
        Column("kind", _("Kind"), listed=True, filtered=True),
        Column(
            "name", _("Name"), _("The account or function; where there is none, what is done instead."), listed=True
        ),
        Column("place", _("Place of the envelope"), _("Where the sealed password lies."), listed=True),
        Column("keeper", _("Person in charge")),
        Column("noticed_by", _("How a use is noticed"), _("For example: the seal is broken, a message of the system.")),
        Column("inspected_on", _("Last inspected on"), _("Envelope intact, function tried."), listed=True),
        Column("used_on", _("Last used on"), listed=True),
        Column("returned_on", _("Returned to normal on")),
        Column("changed_on", _("Changed and sealed again on"), _("So that what was used works no longer.")),
        Column("reviewed_on", _("Use reviewed on")),
        Column("reviewed_by", _("Use reviewed by"), _("Somebody other than whoever used it.")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=180),
    requirements=("SO-11-1-1", "SO-11-1-2", "SO-11-1-3"),
    actions=EmergencyAccessAction,
    prefix="EM",
    group=Group.SECURITY,
)


def _wanted(row: EmergencyAccess) -> Iterable[tuple[object, Text]]:
    if row.kind == EmergencyKind.NONE:
        return
    today = in_facility(clock.now()).date()
    inspected = row.inspected_on is not None and timedelta(0) <= today - row.inspected_on <= _INSPECTED_WITHIN
    yield inspected, _("Inspected within half a year")
    yield row.noticed_by, _("How a use is noticed")
    if row.kind == EmergencyKind.ACCOUNT:
        yield row.place, _("Place of the envelope")
    if row.used_on is not None:
        yield from _after_use(row)


def _after_use(row: EmergencyAccess) -> Iterator[tuple[object, Text]]:
    """Yield what must have followed the last use; what is older than the use did not follow it."""
    steps = (
        (row.returned_on, _("Returned to normal on")),
        (row.changed_on, _("Changed and sealed again on")),
        (row.reviewed_on, _("Use reviewed on")),
    )
    for day, title in steps:
        yield day is not None and row.used_on is not None and day >= row.used_on, title
    yield row.reviewed_by, _("Use reviewed by")


def emergency_accounts() -> Iterator[Member]:
    """Yield every entry, every system without one, and the sealed credentials of the platform itself."""
    yield from members(EMERGENCY_ACCESS, _wanted, belongs_to=["system"])
    rows = EmergencyAccess.objects.filter(closed_at=None, struck_at=None)
    known = {str(found) for found in rows.order_by().values_list("system_id", flat=True).distinct()}
    own = {subject.id for subject in platform_systems()}
    for system_id in own:
        yield from _own(system_id)
    provider: SubjectProvider = estate.implementation  # type: ignore[assignment]  # the estate's own offer
    for system in provider.subjects(SubjectKind.SYSTEM):
        if system.id not in known | own:
            yield Member(frozenset({system.id}), system.label, (_NO_ENTRY,))


def _own(system_id: str) -> Iterator[Member]:
    belongs, ready = frozenset({system_id}), False
    for seal in every_seal():
        state = seal_state(seal)
        ready |= state in WAITING
        if state not in {SealState.DONE, SealState.WITHDRAWN}:
            missing = () if state is SealState.READY else (state.label,)
            yield Member(belongs, seal.number, missing, seal.checked_at or seal.made_at)
    if not ready:
        yield Member(belongs, str(EMERGENCY_ACCESS_TITLE.msgid), (_NOTHING_READY,))


EMERGENCY_COVERAGE = Coverage(
    id="people.emergency_accounts",
    title=_("Emergency account or function of every system: sealed, inspected, reviewed after use"),
    population=_("Registered systems, and the sealed credentials of Sekisho itself"),
    measure=emergency_accounts,
    route="people:emergency_access",
)
