"""SSH public keys of one's own: added after the second factor was shown, removed, ended with the employment."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.kernel.wording import require_visible
from sekisho.people.actions import SshKeyAction
from sekisho.people.errors.ssh_keys import SshKeyKnown, SshKeyLeaked, SshKeysFull, SshKeyTaken
from sekisho.people.models import KeyEnd, SshKey, Staff
from sekisho.people.queries.staff_keys import keys_of_leavers
from sekisho.people.rules.ssh_keys import (
    PublicKey,
    SshPrivateKey,
    holds_private_key,
    leaked_fingerprint,
    proven_fingerprint,
    read_public_key,
)
from sekisho.people.services.passkeys import require_proof
from sekisho.people.services.staff import staff_ref
from sekisho.register.rules import EventOutcome
from sekisho.register.services import append

MOST_KEYS = 10
LONGEST_NAME = 100


def add_ssh_key(*, actor: Actor, proved_at: datetime | None, name: str, text: str) -> SshKey:
    """Add a pasted public key to one's own. A private key is refused, recorded, and never takes part any more.

    Raises Forbidden, SshPrivateKey, ProofNeeded, SshCertificate, SshKeyWeak, SshKeyUnreadable, InvisibleCharacters,
    SshKeyLeaked, SshKeyTaken, SshKeyKnown, SshKeysFull.
    """
    actor.require(SshKeyAction.ADD)
    if holds_private_key(text):
        _note_leak(actor, proven_fingerprint(text), leaked_fingerprint(text))
        raise SshPrivateKey(field="key")
    require_proof(proved_at)
    require_visible(name)
    found = read_public_key(text)
    with transaction.atomic():
        staff = Staff.objects.select_for_update().get(accounts=UUID(actor.id))
        _require_free(staff, found)
        key = SshKey.objects.create(
            staff=staff,
            name=name.strip(),
            kind=found.kind,
            bits=found.bits,
            blob=found.blob,
            fingerprint=found.fingerprint,
            added_at=clock.now(),
        )
        append(actor=actor, action=SshKeyAction.ADD, subject=staff_ref(staff), details=_facts(key))
    return key


def _require_free(staff: Staff, found: PublicKey) -> None:
    known = SshKey.objects.filter(fingerprint=found.fingerprint)
    if known.filter(end=KeyEnd.LEAKED).exists():
        raise SshKeyLeaked(field="key")
    if known.exclude(staff=staff).exists():
        raise SshKeyTaken(field="key")
    if known.filter(ended_at=None).exists():
        raise SshKeyKnown(field="key")
    if staff.ssh_keys.filter(ended_at=None).count() >= MOST_KEYS:
        raise SshKeysFull(most=MOST_KEYS)


@transaction.atomic
def _note_leak(actor: Actor, proven: str, named: str) -> None:
    """Write that a private key was handed over; where it was one indeed, end its key for whoever has it, and for good.

    One that cannot be loaded only names a key, and anybody can name another's: of those only one's own key ends.
    """
    staff = Staff.objects.select_for_update().get(accounts=UUID(actor.id))
    if proven:
        _end_leaked(actor, SshKey.objects.filter(fingerprint=proven))
        _remember_leak(staff, proven)
    elif named:
        _end_leaked(actor, staff.ssh_keys.filter(fingerprint=named))
    _record_leak(actor, staff, {"fingerprint": proven or named})


def _end_leaked(actor: Actor, keys: "QuerySet[SshKey]") -> None:
    """End keys as leaked; whoever else had one reads of it in the register under their name."""
    for key in keys.select_related("staff").select_for_update(of=("self",)).order_by("pk"):
        if key.ended_at is None and not key.staff.accounts.filter(pk=UUID(actor.id)).exists():
            _record_leak(actor, key.staff, _facts(key))
        key.ended_at, key.end = key.ended_at or clock.now(), KeyEnd.LEAKED
        key.save(update_fields=["ended_at", "end"])


def _remember_leak(staff: Staff, fingerprint: str) -> None:
    """Remember a leaked key that nobody had, so that it never comes; of one person no more than they may have keys."""
    unlisted = staff.ssh_keys.filter(blob="", end=KeyEnd.LEAKED)
    if SshKey.objects.filter(fingerprint=fingerprint).exists() or unlisted.count() >= MOST_KEYS:
        return
    moment = clock.now()
    SshKey.objects.create(
        staff=staff, bits=0, fingerprint=fingerprint, added_at=moment, ended_at=moment, end=KeyEnd.LEAKED
    )


def _record_leak(actor: Actor, staff: Staff, facts: dict[str, Json]) -> None:
    append(
        actor=actor,
        action=SshKeyAction.ADD,
        subject=staff_ref(staff),
        outcome=EventOutcome.DENIED,
        details={"fault": "private_key", **facts},
    )


@transaction.atomic
def remove_ssh_key(*, actor: Actor, proved_at: datetime | None, key_id: UUID) -> SshKey:
    """Take one's own key out of use; it stays known as this person's. Raises Forbidden, ProofNeeded, NotFound."""
    actor.require(SshKeyAction.REMOVE)
    require_proof(proved_at)
    rows = SshKey.objects.select_related("staff").select_for_update(of=("self",))
    key = rows.filter(pk=key_id, staff__accounts=UUID(actor.id), ended_at=None).first()
    if key is None:
        raise NotFound
    _end(key, KeyEnd.REMOVED)
    append(actor=actor, action=SshKeyAction.REMOVE, subject=staff_ref(key.staff), details=_facts(key))
    return key


@transaction.atomic
def end_keys_of_leavers(*, actor: Actor) -> int:
    """End the SSH keys of people whose last day has passed, and return how many; they are listed nowhere any more."""
    actor.require(SshKeyAction.END_LEAVER)
    gone = list(keys_of_leavers().select_for_update(of=("self",)).order_by("staff_id", "added_at", "pk"))
    for key in gone:
        _end(key, KeyEnd.LEFT)
        details = {**_facts(key), "last_day": str(key.staff.employed_until)}
        append(actor=actor, action=SshKeyAction.END_LEAVER, subject=staff_ref(key.staff), details=details)
    return len(gone)


def _end(key: SshKey, why: KeyEnd) -> None:
    key.ended_at, key.end = clock.now(), why
    key.save(update_fields=["ended_at", "end"])


def _facts(key: SshKey) -> dict[str, Json]:
    return {"ssh_key": str(key.pk), "kind": key.kind, "bits": key.bits, "fingerprint": key.fingerprint}
