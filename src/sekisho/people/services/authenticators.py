"""What keys must be: the rule of each role, and the list of authenticators that the operator brings along as a file."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.access import GRANTABLE, Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.people.actions import SignInAction
from sekisho.people.models import AuthenticatorModel, MetadataList, RolePolicy
from sekisho.people.queries.authenticators import metadata_list
from sekisho.people.services.passkeys import require_proof
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services import append
from sekisho.trust.authenticators import LIST_ROOT, ListRefused, MetadataFacts, read_list, root_of

UNREADABLE, OLDER = "people.authenticator_list_unreadable", "people.authenticator_list_older"
_LARGEST = 64 * 1024 * 1024  # bytes; the list has about five million


@dataclass(frozen=True, slots=True)
class WantedKeys:
    """Which roles ask for keys of one device, which for attested hardware, and the models that all of these take."""

    device_bound: frozenset[Role] = frozenset()
    hardware: frozenset[Role] = frozenset()
    models: frozenset[UUID] = frozenset()


@transaction.atomic
def change_policy(*, actor: Actor, proved_at: datetime | None, wanted: WantedKeys) -> None:
    """Say what the keys of roles must be. Raises Forbidden, ProofNeeded."""
    actor.require(SignInAction.KEEP_POLICY)
    require_proof(proved_at)
    models = sorted(map(str, wanted.models))
    for role in GRANTABLE:
        asks = role in wanted.device_bound | wanted.hardware
        values = {
            "device_bound_only": role in wanted.device_bound,
            "hardware_only": role in wanted.hardware,
            "allowed_models": models if asks else [],
        }
        RolePolicy.objects.update_or_create(role=role.value, defaults=values)
    details: dict[str, Json] = {"device_bound_only": sorted(wanted.device_bound)}
    if wanted.hardware:
        details["hardware_only"] = sorted(wanted.hardware)
    if models:
        details["models"] = [*models]
    subject = SubjectRef("sign_in_policy", "device_bound_only", "device_bound_only")
    append(actor=actor, action=SignInAction.KEEP_POLICY, subject=subject, details=details)


def read_metadata(*, actor: Actor) -> bool:
    """Take over the list of the settings when its file is another one than before; tell whether that was so.

    A file that cannot be read or trusted, or is older than what we have, changes nothing but is named and recorded.
    """
    actor.require(SignInAction.READ_LIST)
    known = metadata_list()
    if settings.FIDO_METADATA is None:
        return known is not None and _forget(actor)
    digest, found, fault = _look(settings.FIDO_METADATA, known)
    if known is not None and (known.digest, known.fault) == (digest, fault):
        return False
    if found is None:
        _record_fault(actor, known, digest, fault)
    else:
        _store(actor, digest, found)
    return True


def _look(path: Path, known: MetadataList | None) -> tuple[str, MetadataFacts | None, str]:
    """Return the digest of the file, what it says, and the code of what is wrong with it."""
    try:
        with path.open("rb") as file:
            blob = file.read(_LARGEST)
        chosen = settings.FIDO_ROOT
        root = root_of(chosen.read_bytes() if chosen else LIST_ROOT.encode())
    except OSError:
        return "", None, UNREADABLE
    except ListRefused as error:
        return "", None, error.code
    digest = hashlib.sha256(blob + root).hexdigest()
    if known is not None and known.digest == digest:
        return digest, None, known.fault
    try:
        found = read_list(blob, root, clock.now())
    except ListRefused as error:
        return digest, None, error.code
    is_older = known is not None and known.number is not None and found.number < known.number
    return (digest, None, OLDER) if is_older else (digest, found, "")


@transaction.atomic
def _store(actor: Actor, digest: str, found: MetadataFacts) -> None:
    AuthenticatorModel.objects.all().delete()
    MetadataList.objects.all().delete()
    AuthenticatorModel.objects.bulk_create(
        AuthenticatorModel(aaguid=model.aaguid, name=model.name, entry=model.entry, refused=model.refused)
        for model in {model.aaguid: model for model in found.models}.values()
    )
    MetadataList.objects.create(
        digest=digest,
        number=found.number,
        next_update=found.next_update,
        read_at=clock.now(),
        size=len(found.models),
    )
    details: dict[str, Json] = {
        "number": found.number,
        "next_update": found.next_update.isoformat(),
        "models": len(found.models),
        "sha256": digest,
    }
    append(actor=actor, action=SignInAction.READ_LIST, details=details)


@transaction.atomic
def _record_fault(actor: Actor, known: MetadataList | None, digest: str, fault: str) -> None:
    row = known or MetadataList()
    row.digest, row.fault, row.read_at = digest, fault, clock.now()
    row.save()
    append(actor=actor, action=SignInAction.READ_LIST, outcome=EventOutcome.FAILURE, details={"code": fault})


@transaction.atomic
def _forget(actor: Actor) -> bool:
    AuthenticatorModel.objects.all().delete()
    MetadataList.objects.all().delete()
    append(actor=actor, action=SignInAction.READ_LIST, details={"models": 0})
    return True
