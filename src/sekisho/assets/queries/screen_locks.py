"""How the devices of each group lock their screens, by the settings that were handed in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet
from pydantic import TypeAdapter

from sekisho.assets.models import Equipment, EquipmentKind, KeptLockSettings, LockBound
from sekisho.assets.queries.groups import devices_there, subjects
from sekisho.assets.rules.screen_lock import IDLE_MINUTES, Judged, Level, Reading, judge
from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE, in_facility
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider

# What is older proves nothing for long; it is not even opened, so that years of files cost nothing.
LOOKED_BACK = timedelta(days=120)
READING: TypeAdapter[Reading] = TypeAdapter(Reading)


@dataclass(frozen=True, slots=True)
class LockFile:
    """One file that was handed in, opened; ``observed_at`` is the earliest moment at which it was exported."""

    reading: Reading
    observed_at: datetime
    received_at: datetime
    received_by: str
    sha256: str
    distributed_by: str


@dataclass(frozen=True, slots=True)
class DeviceLock:
    """How one device locks: the files that speak of it, the newest first, and what they come to."""

    device: Equipment
    files: tuple[LockFile, ...]
    judged: Judged

    @property
    def observed_at(self) -> datetime | None:
        """When the oldest of what is relied on was exported."""
        return min((file.observed_at for file in self.files), default=None)


@dataclass(frozen=True, slots=True)
class GroupLock:
    """A group of devices with its bound, in minutes, and how each of its devices locks.

    ``concerned`` tells whether anybody sits before these devices at all: network devices have no screen.
    """

    subject: Subject
    minutes: int
    bound: LockBound | None
    devices: tuple[DeviceLock, ...]

    @property
    def concerned(self) -> bool:
        """Tell whether the item speaks of these devices."""
        return self.subject.facts.get("kind") != EquipmentKind.NETWORK

    def at(self, level: Level) -> list[DeviceLock]:
        """Return the devices that come to ``level``."""
        return [one for one in self.devices if one.judged.level is level]


def device_group(group_id: str) -> Subject:
    """Return a group of devices that are there. Raises NotFound."""
    found = next((subject for subject in _groups() if subject.id == group_id), None)
    if found is None:
        raise NotFound
    return found


def group_locks(group_ids: Iterable[str] | None = None) -> list[GroupLock]:
    """Return how every group of devices locks, or each of ``group_ids``."""
    wanted = None if group_ids is None else set(group_ids)
    groups = [subject for subject in _groups() if wanted is None or subject.id in wanted]
    devices = _devices(groups)
    bounds = {row.group: row for row in LockBound.objects.order_by("decided_at", "id")}
    own, common = _files(devices)
    return [
        _lock(group, bounds.get(group.id), devices.get(group.id, ()), own, common.get(group.id, ())) for group in groups
    ]


def group_lock(group_id: str) -> GroupLock:
    """Return how one group locks. Raises NotFound."""
    found = group_locks([group_id])
    if not found:
        raise NotFound
    return found[0]


def handed_in(group_id: str) -> "QuerySet[KeptLockSettings]":
    """Return what was handed in for a group or a device in it, the newest first."""
    return KeptLockSettings.objects.filter(group=group_id).select_related("device").order_by("-received_at", "-id")


def devices_of(group: Subject) -> list[Equipment]:
    """Return the devices of a group, by name."""
    return list(_devices([group]).get(group.id, ()))


def _groups() -> list[Subject]:
    provider: SubjectProvider = subjects.implementation  # type: ignore[assignment]  # our own offer
    return list(provider.subjects(SubjectKind.DEVICE_GROUP))


def _devices(groups: Sequence[Subject]) -> dict[str, list[Equipment]]:
    found: dict[str, list[Equipment]] = {group.id: [] for group in groups}
    rows = devices_there().only("id", "number", "name", "asset_number", "place", "system_id", "kind")
    for device in rows.order_by("name", "number"):
        if device.group_id in found:
            found[device.group_id].append(device)
    return found


Files = tuple[LockFile, ...]


def _files(devices: Mapping[str, Sequence[Equipment]]) -> tuple[dict[UUID, Files], dict[str, Files]]:
    """Return what was handed in of each device, and of each group as a whole, the newest first."""
    since = in_facility(clock.now() - LOOKED_BACK).date()
    known = {device.pk for rows in devices.values() for device in rows}
    own: dict[UUID, Files] = {}
    common: dict[str, Files] = {}
    rows = KeptLockSettings.objects.filter(taken_on__gte=since)
    for row in rows.order_by("-taken_on", "-received_at", "-id"):
        if row.device_id is None:
            common[row.group] = (*common.get(row.group, ()), _opened(row))
        elif row.device_id in known:
            own[row.device_id] = (*own.get(row.device_id, ()), _opened(row))
    return own, common


def _opened(row: KeptLockSettings) -> LockFile:
    begun = datetime.combine(row.taken_on, time.min, FACILITY_ZONE)
    same_day = in_facility(row.received_at).date() == row.taken_on
    return LockFile(
        reading=READING.validate_json(row.reading),
        observed_at=row.received_at if same_day else begun,
        received_at=row.received_at,
        received_by=row.received_by_name,
        sha256=row.sha256,
        distributed_by=row.distributed_by,
    )


def _lock(
    group: Subject,
    bound: LockBound | None,
    devices: Sequence[Equipment],
    own: Mapping[UUID, Files],
    common: Files,
) -> GroupLock:
    minutes = bound.minutes if bound else IDLE_MINUTES
    locks = tuple(_device_lock(device, own.get(device.pk, ()), common, minutes) for device in devices)
    return GroupLock(group, minutes, bound, locks)


def _device_lock(device: Equipment, own: Files, common: Files, minutes: int) -> DeviceLock:
    """Judge a device by its own files, else by those of its group.

    What its own files show to be broken no policy for all mends; what they show to hold, a newer policy may prove anew.
    """
    judged = judge([file.reading for file in own], minutes)
    of_group = judge([file.reading for file in common], minutes)
    newer = bool(common) and (not own or common[0].observed_at > own[0].observed_at)
    if judged.level is not Level.BREAKS and newer and of_group.level is not Level.UNKNOWN:
        return DeviceLock(device, _relied_on(common), of_group)
    return DeviceLock(device, _relied_on(own or common), judged if own else of_group)


def _relied_on(files: Files) -> Files:
    """Return the files that tell something the newer ones do not: the others are history."""
    family = files[0].reading.family if files else None
    seen: set[str] = set()
    kept: list[LockFile] = []
    for file in files:
        ways = {one.way.value for one in file.reading.mechanisms} if file.reading.family is family else set()
        if ways - seen or not kept:
            kept.append(file)
            seen |= ways
    return tuple(kept)
