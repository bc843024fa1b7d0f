"""What the ledgers of devices and media must cover, member by member: one good entry proves nothing for the others."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from sekisho.assets.ledgers.equipment import DEVICES
from sekisho.assets.ledgers.media import MEDIA
from sekisho.assets.models import Equipment, EquipmentKind, EquipmentState, Medium, Protection
from sekisho.assets.queries.groups import group_ids
from sekisho.assets.rules.groups import bare_id
from sekisho.estate.queries import subjects as estate
from sekisho.kernel import clock
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Coverage, Member
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.reading import once
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.keeping import Wanted, members

_PLACE = _("Place")
_NO_DEVICE = _("A device of this system in the ledger")
_READ_WITHIN = timedelta(days=365)
_REGISTERED_MEDIA = _("Registered media")
_GONE = {EquipmentState.LOST, EquipmentState.DISPOSED}
Wishes = Iterable[tuple[object, Text]]


def _devices(wanted: Wanted, only: Callable[[Equipment], bool]) -> Callable[[], Iterator[Member]]:
    """Return a measure over the devices for which ``only`` holds, and over the systems of which no device is known."""

    def measure() -> Iterator[Member]:
        for member in members(DEVICES, wanted, belongs_to=["system", "group"], only=only):
            # What vanished may have been a device of any group.
            yield member if member.belongs_to else replace(member, belongs_to=group_ids())
        yield from _systems_without_devices()

    return measure


def _systems_without_devices() -> Iterator[Member]:
    """Yield every system on the premises of which the ledger knows no device: a gap in each population of devices."""
    known = _system_ids()
    for row in systems_here():
        if row.id not in known:
            yield Member(frozenset({row.id, bare_id(row.id)}), row.label, (_NO_DEVICE,))


def _system_ids() -> set[str]:
    return once("systems of devices", _read_system_ids)


def _read_system_ids() -> set[str]:
    rows = Equipment.objects.filter(closed_at=None, struck_at=None).exclude(state__in=_GONE).exclude(system=None)
    return {str(found) for found in rows.values_list("system_id", flat=True)}


def registered_systems() -> list[Subject]:
    """Return every registered system."""
    provider: SubjectProvider = estate.implementation  # type: ignore[assignment]  # the estate's own offer
    # A list: what was read once for several populations must be there for each of them.
    return once("registered systems", lambda: list(provider.subjects(SubjectKind.SYSTEM)))


def systems_here() -> list[Subject]:
    """Return the registered systems that stand on the premises."""
    return [row for row in registered_systems() if row.facts["on_premises"]]


def system_devices() -> Iterator[Member]:
    """Yield every system on the premises; it lacks a device in the ledger."""
    known = _system_ids()
    for row in systems_here():
        yield Member(frozenset({row.id}), row.label, () if row.id in known else (_NO_DEVICE,))


def _is_here(row: Equipment) -> bool:
    return row.state not in _GONE


def _place_wanted(row: Equipment) -> Wishes:
    return (row.place, _PLACE), (row.department_id, _("Department in charge"))


def _loss_wanted(row: Equipment) -> Wishes:
    return (row.encrypted, _("Encryption")), (row.loss_measures, _("Measures against loss"))


def _malware_wanted(row: Equipment) -> Wishes:
    known = row.protection and row.protection != Protection.NONE
    told = row.protection != Protection.SUBSTITUTE or row.protection_note
    return (known, _("Protection against malware")), (told, _("Other measure"))


def _password_wanted(row: Equipment) -> Wishes:
    changed, checked = row.password_changed_on, row.password_checked_by
    return (changed, _("Factory password changed on")), (checked, _("Change checked by"))


def _iot_wanted(row: Equipment) -> Wishes:
    received, analysed = row.security_information_on, row.risk_analysed_on
    return (received, _("Security information received on")), (analysed, _("Risk analysed on"))


def _idle_wanted(row: Equipment) -> Wishes:
    idle = row.state != EquipmentState.IN_USE
    return ((not idle or (row.disconnected_on and not row.connected), _("Disconnected on")),)


def _network_wanted(row: Equipment) -> Wishes:
    version, ground = row.firmware or row.os, row.trust_ground
    end = row.end_of_support_on
    return (ground, _("Ground for trusting it")), (version, _("Firmware version")), (end, _("Support ends on"))


def _wireless_wanted(row: Equipment) -> Wishes:
    return (row.mac, _("MAC address")), (row.department_id, _("Department in charge"))


def _media_place_wanted(row: Medium) -> Wishes:
    return (row.place, _PLACE), (row.keeper, _("Person in charge"))


def _read_in_time(row: Medium) -> bool:
    today = in_facility(clock.now()).date()
    return row.read_on is not None and timedelta(0) <= today - row.read_on <= _READ_WITHIN


def _reading_wanted(row: Medium) -> Wishes:
    reading = _read_in_time(row)
    return (row.content, _("Content")), (row.read_with, _("Read with")), (reading, _("Read within a year"))


def _life_wanted(row: Medium) -> Wishes:
    reading = _read_in_time(row)
    life = (row.used_from, _("In use since")), (row.use_until, _("Use planned until"))
    return *life, (reading, _("Read within a year"))


def _device_coverage(
    name: str, title: Text, population: Text, wanted: Wanted, only: Callable[[Equipment], bool]
) -> Coverage:
    return Coverage(f"assets.{name}", title, population, _devices(wanted, only), "assets:devices")


def _media_coverage(name: str, title: Text, wanted: Wanted, only: Callable[[Medium], bool]) -> Coverage:
    def measure() -> Iterator[Member]:
        return members(MEDIA, wanted, belongs_to=["system"], only=only)

    return Coverage(f"assets.{name}", title, _REGISTERED_MEDIA, measure, "assets:media")


SYSTEM_DEVICES = Coverage(
    id="assets.system_devices",
    title=_("Devices of each system"),
    population=_("Registered systems on the premises"),
    measure=system_devices,
    route="assets:devices",
)
DEVICE_PLACES = _device_coverage(
    "device_places",
    _("Place and department of each device with medical information"),
    _("Registered devices that hold medical information, and systems without a device"),
    _place_wanted,
    lambda row: row.holds_medical_information and row.state != EquipmentState.DISPOSED,
)
LOSS_MEASURES = _device_coverage(
    "loss_measures",
    _("Measures against loss of each portable device"),
    _("Registered devices that may leave the building, and systems without a device"),
    _loss_wanted,
    lambda row: row.portable and _is_here(row),
)
MALWARE_MEASURES = _device_coverage(
    "malware_measures",
    _("Protection of each device against malware"),
    _("Registered servers, terminals and medical devices, and systems without a device"),
    _malware_wanted,
    lambda row: row.kind != EquipmentKind.NETWORK and _is_here(row),
)
FACTORY_PASSWORDS = _device_coverage(
    "factory_passwords",
    _("Factory password of each device changed and checked"),
    _("Registered devices, and systems without a device"),
    _password_wanted,
    _is_here,
)
IOT_RISKS = _device_coverage(
    "iot_risks",
    _("Security information and risk analysis of each IoT and medical device"),
    _("Registered IoT and medical devices, and systems without a device"),
    _iot_wanted,
    lambda row: row.kind == EquipmentKind.IOT_MEDICAL and _is_here(row),
)
IDLE_DEVICES = _device_coverage(
    "idle_devices",
    _("IoT and medical devices out of use are disconnected"),
    _("Registered IoT and medical devices, and systems without a device"),
    _idle_wanted,
    lambda row: row.kind == EquipmentKind.IOT_MEDICAL,
)
NETWORK_EQUIPMENT = _device_coverage(
    "network_equipment",
    _("Ground for trusting each network device, its version and end of support"),
    _("Registered network devices, and systems without a device"),
    _network_wanted,
    lambda row: row.kind == EquipmentKind.NETWORK and _is_here(row),
)
WIRELESS_DEVICES = _device_coverage(
    "wireless_devices",
    _("Devices that may use the wireless network"),
    _("Registered devices that use it, and systems without a device"),
    _wireless_wanted,
    lambda row: row.wireless and _is_here(row),
)
MEDIA_PLACES = _media_coverage(
    "media_places", _("Place and keeper of each portable medium"), _media_place_wanted, lambda row: row.portable
)
MEDIA_READING = _media_coverage(
    "media_reading", _("Content of each medium and the day it was last read"), _reading_wanted, lambda _row: True
)
MEDIA_LIFE = _media_coverage(
    "media_life", _("Planned end of use and reading check of each medium"), _life_wanted, lambda _row: True
)
