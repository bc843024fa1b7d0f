"""What this app keeps under a hash, with the hash of what is there now."""

import hashlib
from collections.abc import Iterator
from typing import Any

from sekisho.network.actions import DeviceAction, NetworkAction
from sekisho.network.models import CollectedBundle, CollectionTicket, KeptConfiguration, NetworkDevice, Sighting
from sekisho.network.rules.bundle import PAYLOAD_TYPE
from sekisho.network.rules.configuration.digest import configuration_digest
from sekisho.register.queries import history
from sekisho.trust.dsse import EnvelopeBroken, SignatureBroken, read_envelope, verify

_AT_ONCE = 200
_EVERY = 10**9
_GONE = "-"
# What cannot be read as a genuine envelope is answered with this: no hash is empty.
_BROKEN = ""


def stored_sightings() -> Iterator[tuple[str, str, str]]:
    """Yield id, stored and computed hash of everything that was seen."""
    rows = Sighting.objects.order_by("id").values_list("id", "sha256", "document")
    for sighting, sha256, document in rows.iterator(_AT_ONCE):
        yield str(sighting), sha256, hashlib.sha256(_text(document).encode()).hexdigest()


def stored_bundles() -> Iterator[tuple[str, str, str]]:
    """Yield id, stored and computed hash of every bundle that is here or that the register knows of.

    One whose ticket did not sign it has the computed hash "", one that is not here "-".
    """
    for bundle in CollectedBundle.objects.select_related("ticket").order_by("sha256").iterator(_AT_ONCE):
        yield bundle.sha256, bundle.sha256, _payload_hash(bundle)
    for ticket in CollectionTicket.objects.order_by("id"):
        here = set(CollectedBundle.objects.filter(ticket=ticket).values_list("pk", flat=True))
        taken = _told("collection_ticket", str(ticket.pk), NetworkAction.IMPORT_BUNDLES)
        known = {str(sha256) for details in taken for sha256 in details["bundles"]}
        yield from ((sha256, sha256, _GONE) for sha256 in sorted(known - here))


def _payload_hash(bundle: CollectedBundle) -> str:
    try:
        envelope = read_envelope(_text(bundle.envelope).encode())
        payload = verify(envelope, bytes.fromhex(bundle.ticket.public_key), PAYLOAD_TYPE)
    except (EnvelopeBroken, SignatureBroken, ValueError):
        return _BROKEN
    return hashlib.sha256(payload).hexdigest()


def stored_configurations() -> Iterator[tuple[str, str, str]]:
    """Yield name, hash in the register and computed hash of every configuration; "-" where one of the two is not there.

    The file itself is not kept, for its secrets: what is compared is what was kept of it.
    """
    for device in NetworkDevice.objects.order_by("id"):
        said = {
            int(details["number"]): str(details["digest"])
            for details in _told("network_device", str(device.pk), DeviceAction.HAND_IN)
        }
        rows = KeptConfiguration.objects.filter(device=device)
        kept = {row.number: _digest(row) for row in rows}
        for number in sorted(said.keys() | kept.keys()):
            yield f"{device.pk}/{number}", said.get(number, _GONE), kept.get(number, _GONE)


def _digest(row: KeptConfiguration) -> str:
    return configuration_digest(row.sha256, _text(row.normalised), _text(row.read_model))


def _told(kind: str, subject_id: str, action: str) -> Iterator[Any]:
    """Yield the details of what the register says of one subject."""
    for found in history(kind, subject_id, _EVERY):
        if found.document["action"] == action:
            yield found.document["details"]


def _text(value: Any) -> str:
    """Return a text. SQLite gives bytes back where somebody put bytes: not what was stored, but no error either."""
    return value.decode("utf8", "backslashreplace") if isinstance(value, bytes) else str(value)
