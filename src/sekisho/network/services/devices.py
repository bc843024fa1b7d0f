"""Network devices: adding, changing, closing."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.kernel.search import fold
from sekisho.kernel.wording import require_visible, says_something
from sekisho.network.actions import DeviceAction
from sekisho.network.errors import DeviceClosed, DeviceIncomplete, DeviceNameTaken, LinkUnknown
from sekisho.network.models import DeviceKind, NetworkDevice
from sekisho.network.models.configurations import LONGEST_NAME, LONGEST_NOTE
from sekisho.network.queries.configurations import links
from sekisho.register.rules import SubjectRef, changes
from sekisho.register.services import append


@dataclass(frozen=True, slots=True)
class DeviceData:
    """What is entered about a device; ``links`` are ids of the estate's links."""

    name: str
    kind: str
    links: Sequence[str] = ()
    note: str = ""


@transaction.atomic
def add_device(*, actor: Actor, data: DeviceData) -> NetworkDevice:
    """Store a new device. Raises Forbidden, DeviceIncomplete, DeviceNameTaken, LinkUnknown, InvisibleCharacters."""
    actor.require(DeviceAction.ADD)
    device = NetworkDevice(created_at=clock.now())
    _fill(device, data)
    device.save(force_insert=True)
    append(
        actor=actor,
        action=DeviceAction.ADD,
        subject=subject_of(device),
        details={"changes": changes({}, _snapshot(device))},
    )
    return device


@transaction.atomic
def change_device(*, actor: Actor, device_id: UUID, version: int, data: DeviceData) -> NetworkDevice:
    """Store ``data`` over version ``version`` of a device. Raises as :func:`add_device`, DeviceClosed, Conflict."""
    actor.require(DeviceAction.CHANGE)
    device = open_device(device_id)
    before = _snapshot(device)
    _fill(device, data)
    _save_over(device, version)
    append(
        actor=actor,
        action=DeviceAction.CHANGE,
        subject=subject_of(device),
        details={"changes": changes(before, _snapshot(device))},
    )
    return device


@transaction.atomic
def close_device(*, actor: Actor, device_id: UUID, version: int, reason: str) -> NetworkDevice:
    """Close a device: its configurations are judged no more and stay. Raises Forbidden, DeviceClosed, Conflict."""
    actor.require(DeviceAction.CLOSE)
    require_visible(reason)
    device = open_device(device_id)
    device.closed_at, device.closed_reason = clock.now(), reason
    _save_over(device, version)
    append(actor=actor, action=DeviceAction.CLOSE, subject=subject_of(device), details={}, reason=reason)
    return device


def open_device(device_id: UUID) -> NetworkDevice:
    """Return an open device with its row locked. Raises NotFound, DeviceClosed."""
    device = NetworkDevice.objects.select_for_update().filter(pk=device_id).first()
    if device is None:
        raise NotFound
    if device.closed_at is not None:
        raise DeviceClosed(name=device.name)
    return device


def subject_of(device: NetworkDevice) -> SubjectRef:
    """Return how the register names a device."""
    return SubjectRef("network_device", str(device.pk), device.name)


def _fill(device: NetworkDevice, data: DeviceData) -> None:
    name, note = data.name.strip(), data.note.strip()
    require_visible(name, note)
    if not says_something(name) or len(name) > LONGEST_NAME or data.kind not in set(DeviceKind):
        raise DeviceIncomplete(field="name", most=LONGEST_NAME)
    if len(note) > LONGEST_NOTE:
        raise DeviceIncomplete(field="note", most=LONGEST_NAME)
    if NetworkDevice.objects.filter(name=name, closed_at=None).exclude(pk=device.pk).exists():
        raise DeviceNameTaken(field="name")
    # What already names a line that was closed since may stay so; nothing new may.
    chosen, known = set(data.links), {link.id: link.label for link in links()}
    if chosen - known.keys() - set(device.links):
        raise LinkUnknown(field="links")
    device.name, device.kind, device.note, device.links = name, data.kind, note, sorted(chosen)
    device.updated_at = clock.now()
    labels = [known[link] for link in device.links if link in known]
    device.search_key = fold(" ".join([name, str(DeviceKind(data.kind).label), note, *labels]))


def _snapshot(device: NetworkDevice) -> dict[str, Json]:
    """Return what the register writes of a device, its lines by name."""
    labels = {link.id: link.label for link in links()}
    lines: list[Json] = [labels.get(link, link) for link in device.links]
    return {"name": device.name, "kind": device.kind, "links": lines or None, "note": device.note or None}


def _save_over(device: NetworkDevice, version: int) -> None:
    """Write every field if the stored row still has ``version``; lose nobody's change otherwise."""
    device.version = version + 1
    names = [field.attname for field in NetworkDevice._meta.concrete_fields if not field.primary_key]
    rows = NetworkDevice.objects.filter(pk=device.pk, version=version)
    if not rows.update(**{name: getattr(device, name) for name in names}):
        raise Conflict
