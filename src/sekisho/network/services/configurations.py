"""Handing in the configuration of a device, and applying for its approval as the baseline.

Nothing of an upload is kept between looking and confirming: whoever confirms hands in the same file once more, and its
hash says that it is the same.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.kernel.wording import require_visible, says_something
from sekisho.ledgers.queries import get_application
from sekisho.ledgers.services import amend, submit
from sekisho.network.actions import DeviceAction
from sekisho.network.errors import AnotherFile, DeviceClosed, NoConfiguration, ReasonMissing
from sekisho.network.models import KeptConfiguration, NetworkDevice
from sekisho.network.queries.configurations import (
    BASELINE_WORKFLOW,
    READ_MODEL,
    Kept,
    Standing,
    get_device,
    line_kinds_of,
    looked_at,
    read_handed_in,
    remark_about_drift,
    remarks_about,
    standing_of,
)
from sekisho.network.rules.configuration.digest import configuration_digest
from sekisho.network.rules.device_configuration import Dialect
from sekisho.network.rules.judged import Level
from sekisho.network.services.devices import open_device, subject_of
from sekisho.register.services import append

LONGEST_REASON = 2000


def hand_in_configuration(
    *, actor: Actor, device_id: UUID, content: bytes, sha256: str, dialect: Dialect | None = None
) -> KeptConfiguration:
    """Keep what a configuration says, without its secrets; ``sha256`` is that of the file that was looked at.

    Raises Forbidden, NotFound, DeviceClosed, AnotherFile, and what reading raises: ConfigurationTooLarge, NotText,
    UnknownConfiguration or UnreadableTable. Nothing is stored then.
    """
    actor.require(DeviceAction.HAND_IN)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise AnotherFile(field="file")
    reading = read_handed_in(content, dialect)
    present = looked_at(content, reading)
    # Whatever takes its time is done before the transaction begins.
    device = get_device(device_id)
    details = _told(Standing(device, present, standing_of(device).baseline))
    normalised = canonical_json(present.normalised.document()).decode()
    with transaction.atomic():
        device = open_device(device_id)
        kept = KeptConfiguration(
            device=device,
            number=KeptConfiguration.objects.filter(device=device).count() + 1,
            dialect=reading.dialect,
            encoding=reading.encoding,
            received_at=clock.now(),
            received_by=actor.id,
            received_by_name=actor.name,
            sha256=sha256,
            size=len(content),
            normalised=normalised,
            read_model=READ_MODEL.dump_json(reading.configuration).decode(),
        )
        kept.save()
        digest = configuration_digest(sha256, kept.normalised, kept.read_model)
        details = {"number": kept.number, "sha256": sha256, "digest": digest, "dialect": kept.dialect, **details}
        append(actor=actor, action=DeviceAction.HAND_IN, subject=subject_of(device), details=details)
    return kept


def _told(standing: Standing) -> dict[str, Json]:
    """Return what the register says of a configuration: what it came to, and what differs from the approved one."""
    details: dict[str, Json] = {"levels": [f"{level} {number}" for level, number in _levels(standing).items()]}
    drift = standing.drift()
    if standing.baseline is not None and drift is not None:
        details["baseline"] = standing.baseline.kept.number
        details["drift"] = len(drift.changes) if drift.comparable else "another kind of device"
    return details


def _levels(standing: Standing) -> dict[str, Json]:
    newest = standing.newest
    found = remarks_about(newest.configuration, line_kinds_of(standing.device)) if newest else ()
    levels = [remark.level for remark in (*found, remark_about_drift(standing))]
    return {level.value: levels.count(level) for level in Level}


def apply_for_baseline(*, actor: Actor, device_id: UUID, number: int, reason: str) -> UUID:
    """Apply for the approval of configuration ``number``, the newest; return the application's id.

    Raises Forbidden, NotFound, DeviceClosed, NoConfiguration, ReasonMissing, Conflict if another one came in meanwhile,
    and what submitting raises.
    """
    actor.require(DeviceAction.APPLY)
    device = get_device(device_id)
    application = submit(
        actor=actor,
        workflow=_workflow(),
        key=str(device.pk),
        subject=subject_of(device),
        title=device.name,
        content=_content(device, number, reason),
    )
    return application.pk


def amend_baseline(*, actor: Actor, application_id: UUID, version: int, number: int, reason: str) -> None:
    """Apply again after an application was sent back, for the configuration that is the newest by now.

    Raises NotFound for what is no application of a baseline or not visible, else as :func:`apply_for_baseline`.
    """
    actor.require(DeviceAction.APPLY)
    application = get_application(actor, application_id)
    if application.workflow != BASELINE_WORKFLOW:
        raise NotFound
    device = get_device(UUID(application.key))
    amend(actor=actor, application_id=application_id, version=version, content=_content(device, number, reason))


def _workflow() -> Workflow:
    found = registry.current().workflow(BASELINE_WORKFLOW)
    if found is None:
        raise NotFound
    return found


def _content(device: NetworkDevice, number: int, reason: str) -> dict[str, Json]:
    if device.closed_at is not None:
        raise DeviceClosed(name=device.name)
    require_visible(reason)
    if not says_something(reason) or len(reason) > LONGEST_REASON:
        raise ReasonMissing(field="reason", most=LONGEST_REASON)
    standing = standing_of(device)
    if standing.newest is None:
        raise NoConfiguration(name=device.name)
    if standing.newest.number != number:
        raise Conflict
    drift = standing.drift()
    return {
        "device": str(device.pk),
        "name": device.name,
        **_named(standing.newest),
        "levels": _levels(standing),
        "replaces": standing.baseline.kept.number if standing.baseline else None,
        "changes": len(drift.changes) if drift else None,
        "reason": reason.strip(),
    }


def _named(kept: Kept) -> dict[str, Json]:
    return {
        "configuration": kept.id,
        "number": kept.number,
        "received_at": kept.received_at.isoformat(),
        "sha256": kept.sha256,
        "fingerprint": kept.normalised.fingerprint(),
        "firmware": kept.configuration.firmware.value,
    }


def require_standing(content: Mapping[str, Any]) -> None:
    """Refuse to approve what is gone: the device was closed since. Raises DeviceClosed, NotFound."""
    device = get_device(UUID(content["device"]))
    if device.closed_at is not None:
        raise DeviceClosed(name=device.name)
