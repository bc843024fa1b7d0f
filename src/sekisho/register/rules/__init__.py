"""The form of a register entry. Pure: the same event always gives the same bytes.

The field names are final: they are what the log hashes, what the verifier reads and what
exports to FHIR AuditEvent, IHE BALP and DICOM audit messages are made from.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, NotCanonical, canonical_json
from sekisho.kernel.search import fold
from sekisho.kernel.strict_json import DEEPEST, read_json

NONCE_BYTES = 16
_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_LARGEST_INTEGER = 2**53 - 1
_LEAVES = frozenset({str, bool, type(None)})
_MOST_PLAIN = 1000  # values; no cycle and no depth goes beyond it
_PLAIN = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False, allow_nan=False
)
# The fields of an entry that are columns of a table as well, and how long they may be there.
_LONGEST = {"id": 36, "occurred_at": 40, "recorded_at": 40, "source": 64, "action": 64, "outcome": 16, "reason": None}
_NEEDED = _LONGEST.keys() | {"source_seq", "actor", "subject", "patient"}
_ACTOR = {"id": 64, "name": None}
_SUBJECT = {"kind": 32, "id": 64, "label": None}
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
        return encode_entry(self.document())


def encode_entry(document: Mapping[str, Json]) -> bytes:
    """Return a document as canonical JSON (RFC 8785). Raises NotCanonical.

    An entry of texts, whole numbers, lists and ASCII names needs nothing of what makes that form hard, and Python's own
    encoder writes the same bytes several times as fast.
    """
    if not _is_plain(document):
        return canonical_json(document)
    try:
        return _PLAIN.encode(document).encode()
    except UnicodeEncodeError as error:
        raise NotCanonical(reason=str(error)) from error


def _is_plain(document: Mapping[str, Json]) -> bool:
    waiting: list[Any] = [document] if type(document) is dict else []
    size = 0
    for value in waiting:  # it grows while it is walked, and ends where it is larger than any entry
        inner = _inner(value)
        size += len(value)
        if inner is None or size > _MOST_PLAIN:
            return False
        waiting += inner
    return bool(waiting)


def _inner(value: dict[Any, Any] | list[Any]) -> list[Any] | None:
    """Return the objects and lists in one; None where it holds what is not plain."""
    if type(value) is dict and not _has_plain_names(value):
        return None
    found = []
    for one in value.values() if type(value) is dict else value:
        kind = type(one)
        if kind in _LEAVES:
            continue
        if kind is dict or kind is list:
            found.append(one)
        elif kind is not int or not -_LARGEST_INTEGER <= one <= _LARGEST_INTEGER:
            return None
    return found


def _has_plain_names(value: dict[Any, Any]) -> bool:
    try:
        return "".join(value).isascii()
    except TypeError:  # a name that is no text
        return False


def timestamp(moment: datetime) -> str:
    """Return an aware moment as RFC 3339 in UTC with microseconds."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def commit_to(nonce: bytes, body: bytes) -> str:
    """Return the hex commitment to ``body``; the nonce keeps a short body from being guessed."""
    return hashlib.sha256(nonce + body).hexdigest()


def search_key(document: Mapping[str, Any]) -> str:
    """Return what the list is searched by: who, what, about what."""
    label = document["subject"]["label"] if document["subject"] else ""
    words = f"{document['actor']['name']} {document['action']} {label} {document['reason']}"
    return fold(words.replace("\0", " "))  # a database may refuse to keep it, the entry itself holds it escaped


def read_entry(entry: bytes) -> Any:
    """Return what the bytes of an entry say. Raises NotJson.

    Bytes that our own encoder writes again from what was read hold nothing of what :func:`read_json` refuses: no name
    twice, no NaN, no half letter. That is several times as fast as looking for it.
    """
    try:
        if entry.count(b"{") + entry.count(b"[") <= DEEPEST:
            document = json.loads(entry.decode())
            if _PLAIN.encode(document).encode() == entry:
                return document
    except ValueError:
        pass  # it is looked at closely, which says what is wrong
    return read_json(entry)


def is_document(value: object) -> bool:
    """Tell whether ``value``, read from JSON that others may have touched, has what an event is found by."""
    if not isinstance(value, dict) or not value.keys() >= _NEEDED:
        return False
    return (
        _has_texts(value, _LONGEST)
        and _has_texts(value["actor"], _ACTOR)
        and (value["subject"] is None or _has_texts(value["subject"], _SUBJECT))
        and (value["patient"] is None or _has_texts(value, {"patient": 64}))
        and _is_dated(value)
    )


def _has_texts(value: object, longest: Mapping[str, int | None]) -> bool:
    if not isinstance(value, dict):
        return False
    for name, most in longest.items():
        text = value.get(name)
        if not isinstance(text, str) or (most is not None and (len(text) > most or "\0" in text)):
            return False
    return True


def _is_dated(value: Mapping[str, Any]) -> bool:
    try:
        read_timestamp(value["occurred_at"])
        read_timestamp(value["recorded_at"])
    except ValueError:
        return False
    number = value["source_seq"]
    return _ID.fullmatch(value["id"]) is not None and type(number) is int and number > 0


def read_timestamp(text: str) -> datetime:
    """Return the moment that :func:`timestamp` wrote. Raises ValueError."""
    if not _STAMP.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def changes(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, Json]:
    """Return the fields that differ, each as ``[before, after]``."""
    names = [*before, *(name for name in after if name not in before)]
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}
