"""The ledger of staff's own devices (8⑧): asked for, approved, set up, checked, and clean when their use ends."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q

from sekisho.assets.actions import PRIVATE_DEVICES_TITLE, PrivateDeviceAction
from sekisho.assets.ledgers.events import today
from sekisho.assets.models import PrivateDevice, Protection
from sekisho.assets.rules.days import happened, within
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.books import number_of
from sekisho.ledgers.queries.keeping import members
from sekisho.ledgers.services.entry_approval import entry_workflow

_CHECKED_WITHIN = timedelta(days=180)
_ENDED_WITHIN = timedelta(days=365)
_CLEANED = _("Data and access removed on")

PRIVATE_DEVICES = Ledger(
    id="assets.private_devices",
    title=PRIVATE_DEVICES_TITLE,
    model=PrivateDevice,
    columns=(
        Column("person", _("Owner of the device"), listed=True),
        Column("department", _("Department"), listed=True, filtered=True),
        Column("kind", _("Kind"), listed=True, filtered=True),
        Column("product", _("Model"), listed=True),
        Column("serial", _("Serial number")),
        Column("os", _("OS and version")),
        Column("purpose", _("Purpose"), _("Why a device of the facility would not do.")),
        Column("system", _("System used"), filtered=True),
        Column("applications", _("Applications used")),
        Column("requested_on", _("Asked for on")),
        Column("allowed_until", _("Allowed until"), listed=True, expires=True),
        Column("separation", _("How work is kept apart"), _("One of these is needed."), filtered=True),
        Column("protection", _("Protection against malware")),
        Column("protection_note", _("Other measure")),
        Column("encrypted", _("Encrypted")),
        Column("screen_lock", _("Locks its screen")),
        Column("loss_measures", _("Measures against loss"), _("Remote wipe, whom to call.")),
        Column("pledge_on", _("Rules accepted on"), _("Signed by the owner.")),
        Column(
            "checked_on",
            _("Settings checked on"),
            _("Version, settings and applications looked at; every half year."),
            listed=True,
            after_approval=True,
        ),
        Column("checked_by", _("Settings checked by"), after_approval=True),
        Column("check_note", _("What the check found"), after_approval=True),
        Column("ended_on", _("Use ended on"), _("Also when somebody leaves."), listed=True, after_approval=True),
        Column("erased_on", _("Data and access removed on"), after_approval=True),
        Column("erased_by", _("Data and access removed by"), after_approval=True),
        Column("note", _("Remarks"), after_approval=True),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=180),
    requirements=("SO-8-8",),
    workflow="assets.private_devices",
    actions=PrivateDeviceAction,
    prefix="BY",
    group=Group.CLIENT,
    may_be_empty=True,
)
PRIVATE_DEVICE_APPROVAL = entry_workflow(
    PRIVATE_DEVICES, title=_("Use of a private device"), approvers=(Role.PLANNING_MANAGER,)
)


def _wanted(row: PrivateDevice) -> Iterator[tuple[object, Text]]:
    day = today()
    if row.ended_on is not None:
        yield row.erased_by and happened(row.erased_on, day), _CLEANED
        return
    yield row.is_approved, _("Approval")
    yield row.separation, _("How work is kept apart")
    yield _is_protected(row), _("Protection against malware")
    yield row.encrypted, _("Encryption")
    yield row.screen_lock, _("Locks its screen")
    yield row.loss_measures, _("Measures against loss")
    yield happened(row.pledge_on, day), _("Rules accepted on")
    yield row.checked_by and within(row.checked_on, day, _CHECKED_WITHIN), _("Settings checked within half a year")


def _is_protected(row: PrivateDevice) -> bool:
    if row.protection == Protection.SUBSTITUTE:
        return bool(row.protection_note)
    return row.protection not in {Protection.UNKNOWN, Protection.NONE}


def private_devices() -> Iterator[Member]:
    """Yield every private device in use, or that somebody stated there is none; and what was ended but not cleaned."""
    yield from members(PRIVATE_DEVICES, _wanted)
    since = clock.now() - _ENDED_WITHIN
    ended = PrivateDevice.objects.filter(closed_at__gte=since, struck_at=None).order_by("number")
    for row in ended.filter(Q(erased_on=None) | Q(erased_by="")):
        yield Member(frozenset(), f"{number_of(PRIVATE_DEVICES, row.number)} {row}", (_CLEANED,), row.confirmed_at)


PRIVATE_DEVICE_COVERAGE = Coverage(
    id="assets.private_devices",
    title=_("Approval and checked settings of every private device"),
    population=_("Registered private devices"),
    measure=private_devices,
    route="assets:private_devices",
)
