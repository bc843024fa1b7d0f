"""The form of a register entry. Pure: the same event always gives the same bytes.

The field names are final: they are what the log hashes, what the verifier reads and what
exports to FHIR AuditEvent, IHE BALP and DICOM audit messages are made from.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.search import fold

NONCE_BYTES = 16


class EventOutcome(StrEnum):
    """How the action ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """What was acted on: its kind, its id, and its name at that moment."""

    kind: str
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, whole. Times are aware; ``details`` is JSON; ``commitment`` is hex or None.

    A body that may have to be destroyed before its neighbours is not inside: the entry holds
    ``commitment`` = SHA-256(nonce || body), and the body lies apart with its nonce.
    """

    id: str
    occurred_at: datetime
    recorded_at: datetime
    source: str
    source_seq: int
    actor: Actor
    action: str
    subject: SubjectRef | None
    outcome: EventOutcome
    reason: str = ""
    patient: str | None = None
    system: str | None = None
    details: Mapping[str, Json] = field(default_factory=dict)
    commitment: str | None = None

    def document(self) -> dict[str, Json]:
        """Return the entry as JSON with its final field names."""
        return {
            "id": self.id,
            "occurred_at": timestamp(self.occurred_at),
            "recorded_at": timestamp(self.recorded_at),
            "source": self.source,
            "source_seq": self.source_seq,
            "actor": {
                "kind": self.actor.kind.value,
                "id": self.actor.id,
                "name": self.actor.name,
                "roles": sorted(role.value for role in self.actor.roles),
                "assurance": self.actor.assurance,
            },
            "session": self.actor.session,
            "action": self.action,
            "subject": asdict(self.subject) if self.subject else None,
            "patient": self.patient,
            "system": self.system,
            "device": self.actor.device,
            "network": self.actor.network,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "details": dict(self.details),
            "commitment": self.commitment,
        }

    def canonical(self) -> bytes:
        """Return the bytes that are logged (RFC 8785). Raises NotCanonical."""
        return canonical_json(self.document())


def timestamp(moment: datetime) -> str:
    """Return an aware moment as RFC 3339 in UTC with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def commit_to(nonce: bytes, body: bytes) -> str:
    """Return the hex commitment to ``body``; the nonce keeps a short body from being guessed."""
    return hashlib.sha256(nonce + body).hexdigest()


def search_key(entry: Entry) -> str:
    """Return what the list is searched by: who, what, about what."""
    label = entry.subject.label if entry.subject else ""
    return fold(f"{entry.actor.name} {entry.action} {label} {entry.reason}")


def changes(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, Json]:
    """Return the fields that differ, each as ``[before, after]``."""
    names = [*before, *(name for name in after if name not in before)]
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}
