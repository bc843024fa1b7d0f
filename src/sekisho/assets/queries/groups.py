"""Groups of devices, as they are judged: the devices of one kind in one system, computed from the ledger of devices.

A system on the premises of which the ledger knows no device stands there too, as long as it knows any device at all:
what nobody entered is a gap in what is judged, and takes no item away. From an empty ledger nothing is judged.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from sekisho.assets.models import Equipment, EquipmentKind, EquipmentState, TakeOut
from sekisho.assets.rules.groups import bare_id, group_id
from sekisho.estate.queries import subjects as estate
from sekisho.kernel.declarations import Provider
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.reading import once
from sekisho.kernel.text import _

PLATFORM_KIND = "platform"  # as the estate calls the system that is Sekisho itself
_GONE = [EquipmentState.LOST, EquipmentState.DISPOSED]
_FACTS = ("holds_medical_information", "portable", "wireless", "remote_maintenance", "connected")
_NO_SYSTEM = _("No system")
_ONE, _MANY = _("%(system)s / %(kind)s (1 device)"), _("%(system)s / %(kind)s (%(count)s devices)")


@dataclass(frozen=True, slots=True)
class DeviceGroup:
    """The devices of one kind in one system, or in none; ``facts`` hold for at least one of them.

    ``portable`` are also devices that the ledger of what is taken out names, whatever their entry says. ``of_platform``
    are the devices that Sekisho itself runs on.
    """

    id: str
    system_id: str
    system: str
    kind: str
    count: int
    facts: dict[str, bool]
    of_platform: bool = False


def device_groups() -> list[DeviceGroup]:
    """Return every group of devices that are there, by system and kind; read once in one reading."""
    return once("groups of devices", lambda: [_group(row) for row in _rows()])


def group_ids() -> frozenset[str]:
    """Return the id of every group: what speaks of no device in particular speaks of each."""
    return frozenset(group.id for group in device_groups())


def devices_there() -> "QuerySet[Equipment]":
    """Return every device that is there: what was disposed of, but is connected still, is."""
    return Equipment.objects.filter(closed_at=None, struck_at=None).exclude(state__in=_GONE, connected=False)


def _rows() -> Iterable[Any]:
    """Count in the database."""
    rows = devices_there()
    left = TakeOut.objects.filter(struck_at=None).exclude(device=None).values("device_id")
    numbers = {fact: Count("pk", filter=Q(**{fact: True})) for fact in _FACTS}
    numbers["portable"] = Count("pk", filter=Q(portable=True) | Q(pk__in=left))
    kinds = rows.order_by("system_id", "kind").values("system_id", "system__name", "system__kind", "kind")
    # Not under the names of the columns: in some databases those would be summed up with them.
    named = {f"with_{fact}": number for fact, number in numbers.items()}
    return kinds.annotate(count=Count("pk"), **named)


def _group(row: Mapping[str, Any]) -> DeviceGroup:
    return DeviceGroup(
        id=group_id(row["system_id"], row["kind"]),
        system_id=str(row["system_id"] or ""),
        system=row["system__name"] or "",
        kind=row["kind"],
        count=row["count"],
        facts={fact: row[f"with_{fact}"] > 0 for fact in _FACTS},
        of_platform=row["system__kind"] == PLATFORM_KIND,
    )


class DeviceGroups:
    """The assets' answer to the port SubjectProvider."""

    def kinds(self) -> frozenset[SubjectKind]:
        """Return the one kind."""
        return frozenset({SubjectKind.DEVICE_GROUP})

    def subjects(self, kind: SubjectKind) -> Iterable[Subject]:
        """Return the groups with the facts that applicability rules ask about, then the systems without a device."""
        groups = device_groups() if kind is SubjectKind.DEVICE_GROUP else []
        some_leave = any(group.facts["portable"] for group in groups)
        yield from (_subject(group, some_leave=some_leave) for group in groups)
        if groups:
            yield from _systems_without({group.system_id for group in groups})


def _subject(group: DeviceGroup, *, some_leave: bool) -> Subject:
    words = {"system": group.system or str(_NO_SYSTEM), "kind": EquipmentKind(group.kind).label, "count": group.count}
    label = _ONE if group.count == 1 else _MANY
    facts: dict[str, str | bool | int | None] = {"kind": group.kind, "count": group.count, **group.facts}
    # Where no device may leave, what leaves is information alone, and is judged with every group.
    facts["may_leave"] = group.facts["portable"] if some_leave else None
    if group.of_platform:
        facts["platform"] = True
    return Subject(SubjectKind.DEVICE_GROUP, group.id, str(label.with_params(**words)), facts)


def _systems_without(known: set[str]) -> Iterator[Subject]:
    """Yield what stands for the devices of each system here of which none is known; nor is anything known of them."""
    provider: SubjectProvider = estate.implementation  # type: ignore[assignment]  # the estate's own offer
    for row in provider.subjects(SubjectKind.SYSTEM):
        if row.facts["on_premises"] and row.id not in known:
            label = str(_("%(system)s / no device in the ledger", system=row.label))
            platform = {"platform": True} if row.facts["kind"] == PLATFORM_KIND else {}
            yield Subject(SubjectKind.DEVICE_GROUP, bare_id(row.id), label, {"count": 0, **platform})


subjects = Provider(SubjectProvider, DeviceGroups())
