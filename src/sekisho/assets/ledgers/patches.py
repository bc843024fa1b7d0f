"""The ledger of updates (8③, 8⑥(2)): which came out, for what, and what was decided and done about each."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from sekisho.assets.actions import PATCHES_TITLE, PatchAction
from sekisho.assets.ledgers.coverage import systems_here
from sekisho.assets.ledgers.events import event_members, today
from sekisho.assets.models import Equipment, EquipmentKind, EquipmentState, Patch, PatchDecision
from sekisho.assets.queries.groups import device_groups
from sekisho.assets.rules.days import ahead, happened
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _

_LOOKED_WITHIN = timedelta(days=90)
_COUNTED_FOR = timedelta(days=365)
_DECIDED = _("A decision on an update, or a look that found none, within 90 days")

PATCHES = Ledger(
    id="assets.patches",
    title=PATCHES_TITLE,
    model=Patch,
    columns=(
        Column("name", _("Update"), _("Number and title, or for example: monthly look."), listed=True),
        Column("kind", _("Kind"), filtered=True),
        Column("system", _("System"), listed=True, filtered=True),
        Column("device", _("Device"), _("An IoT or medical device needs entries of its own."), listed=True),
        Column("source", _("Where it was read"), _("Maker, vendor, JVN, IPA.")),
        Column("found_on", _("Known since"), listed=True),
        Column("urgency", _("Urgency"), listed=True, filtered=True),
        Column("vendor_asked_on", _("Vendor asked on"), _("Whether it may be applied.")),
        Column("vendor_answer", _("Vendor's answer")),
        Column("decision", _("Decision"), listed=True, filtered=True),
        Column("decided_on", _("Judged on")),
        Column("decided_by", _("Judged by")),
        Column("apply_by", _("To be applied by")),
        Column("tried", _("Tried out before"), _("Where and with what result.")),
        Column("applied_on", _("Applied on"), listed=True),
        Column("applied_by", _("Applied by")),
        Column("works_on", _("Seen to work on"), _("Medical systems run as before.")),
        Column("reason", _("Reason for not applying it")),
        Column("substitute", _("Substitute measure"), _("Taken off the network, traffic limited, watched.")),
        Column("put_off_until", _("Putting off ends on")),
        Column("delay_approved_on", _("Putting off approved on")),
        Column("delay_approved_by", _("Putting off approved by")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-8-3", "SO-8-6-2"),
    actions=PatchAction,
    prefix="PT",
    group=Group.SERVER,
)


def _wanted(row: Patch) -> Iterator[tuple[object, Text]]:
    day = today()
    yield row.system_id or row.device_id, _("System or device")
    yield row.decided_by and happened(row.decided_on, day), _("Decision")
    yield row.source, _("Where it was read")
    yield from _follow_up(row, day)


def _follow_up(row: Patch, day: date) -> Iterable[tuple[object, Text]]:
    """Return what each decision asks for; without one nothing is in order."""
    match row.decision:
        case PatchDecision.APPLY:
            return _applied(row, day)
        case PatchDecision.PUT_OFF:
            approved = row.delay_approved_by and happened(row.delay_approved_on, day)
            reasons = (row.reason, _("Reason for not applying it")), (row.substitute, _("Substitute measure"))
            return [*reasons, (ahead(row.put_off_until, day), _("Putting off ends on")), (approved, _("Approval"))]
        case PatchDecision.NOT_CONCERNED:
            return [(row.reason, _("Reason for not applying it"))]
        case PatchDecision.NONE_NEW:
            return []
    return [(False, _("Decision"))]


def _applied(row: Patch, day: date) -> Iterable[tuple[object, Text]]:
    if row.applied_on is None:
        return [(ahead(row.apply_by, day), _("Applied by the day set"))]
    seen = row.works_on is not None and row.applied_on <= row.works_on <= day
    return [(happened(row.applied_on, day), _("Applied on")), (seen, _("Seen to work on"))]


def _is_counted(row: Patch) -> bool:
    """What is open counts however old it is; what was settled, for a year."""
    settled = row.applied_on is not None or row.decision in {PatchDecision.NOT_CONCERNED, PatchDecision.NONE_NEW}
    return not (row.closed_at or settled) or today() - row.found_on <= _COUNTED_FOR


def patches() -> Iterator[Member]:
    """Yield every entry that counts, and every system here and IoT or medical device nothing was decided about.

    What was decided for a system counts for each group of its devices, and for a device for its group alone.
    """
    of_system: dict[str, frozenset[str]] = {}
    for group in device_groups():
        of_system[group.system_id] = of_system.get(group.system_id, frozenset()) | {group.id}
    every_group = frozenset[str]().union(*of_system.values())

    def groups(row: Patch | None) -> frozenset[str]:
        if row and row.device:
            return frozenset({row.device.group_id})
        return of_system.get(str(row.system_id), frozenset()) if row and row.system_id else every_group

    yield from event_members(PATCHES, _wanted, belongs_to=["system"], only=_is_counted, groups=groups)
    rows = Patch.objects.filter(struck_at=None, decided_on__range=(today() - _LOOKED_WITHIN, today()))
    decided = rows.exclude(decision=PatchDecision.OPEN)
    systems = {str(found) for found in decided.values_list("system_id", flat=True)}
    for system in systems_here():
        if system.id not in systems:
            yield Member(of_system.get(system.id, frozenset()) | {system.id}, system.label, (_DECIDED,))
    devices = Equipment.objects.filter(closed_at=None, struck_at=None, kind=EquipmentKind.IOT_MEDICAL)
    used = devices.exclude(state__in=[EquipmentState.LOST, EquipmentState.DISPOSED])
    for device in used.exclude(pk__in=decided.exclude(device=None).values("device_id")).order_by("number"):
        ids = {str(device.system_id)} if device.system_id else set()
        yield Member(frozenset({device.group_id, *ids}), str(device), (_DECIDED,))


PATCH_COVERAGE = Coverage(
    id="assets.patches",
    title=_("Decision, application or approved putting-off of every update, for every system and medical device"),
    population=_("Registered updates, systems on the premises, and IoT and medical devices"),
    measure=patches,
    route="assets:patches",
)
