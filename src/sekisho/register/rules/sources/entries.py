"""The entry that an event of another system becomes. What was received stands in it, every byte, with its SHA-256."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.kernel.canonical import Json
from sekisho.register.rules import EventOutcome, timestamp
from sekisho.register.rules.sources.encodings import Encoding
from sekisho.register.rules.sources.rows import ReadRow
from sekisho.register.rules.sources.verbs import Verb, verb_of

ACTION = "imported."
SUBJECT_KIND = "log_source"
ACTOR_KIND = "external"
LONGEST_ID = 64
NOBODY = "―"


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """Of a source what its entries say: its id and name, the system's id, and the name that its numbers run under."""

    id: str
    name: str
    system: str
    spool: str


@dataclass(frozen=True, slots=True)
class Observed:
    """What is known of an event of another system; ``words`` goes into the details beside the raw bytes."""

    occurred_at: datetime
    verb: Verb
    outcome: EventOutcome = EventOutcome.SUCCESS
    person: str = ""
    person_name: str = ""
    patient: str | None = None
    device: str | None = None
    network: str | None = None
    words: Mapping[str, Json] = field(default_factory=dict)


def observed_in(row: ReadRow) -> Observed:
    """Return what a row of a CSV log says."""
    words: dict[str, Json] = {"external_action": row.action, "line": row.record.line}
    if row.outcome_words:
        words["external_outcome"] = row.outcome_words
    return Observed(
        row.occurred_at,
        verb_of(row.action),
        row.outcome,
        row.person,
        row.person_name,
        row.patient,
        row.terminal,
        words=words,
    )


def entry_document(source: SourceFacts, seen: Observed, raw: bytes, encoding: str) -> dict[str, Json]:
    """Return an entry without id, source, number and ``recorded_at``, which whoever records it adds."""
    return {
        "occurred_at": timestamp(seen.occurred_at),
        "actor": {
            "kind": ACTOR_KIND,
            "id": _short(seen.person),
            "name": seen.person_name or seen.person or NOBODY,
            "roles": [],
            "assurance": 0,
        },
        "session": None,
        "action": f"{ACTION}{seen.verb.value}",
        "subject": {"kind": SUBJECT_KIND, "id": source.id, "label": source.name},
        "patient": _short(seen.patient) if seen.patient else None,
        "system": source.system,
        "device": seen.device,
        "network": seen.network,
        "outcome": seen.outcome.value,
        "reason": "",
        "details": {**seen.words, **raw_details(raw, encoding)},
        "commitment": None,
    }


def raw_details(raw: bytes, encoding: str = Encoding.UTF8) -> dict[str, Json]:
    """Return the fields that hold what was received: as text where it is UTF-8, else in base64."""
    digest = hashlib.sha256(raw).hexdigest()
    try:
        return {"raw": raw.decode(), "raw_form": "text", "raw_encoding": "utf-8", "raw_sha256": digest}
    except UnicodeDecodeError:
        coded = base64.b64encode(raw).decode()
        return {"raw": coded, "raw_form": "base64", "raw_encoding": encoding, "raw_sha256": digest}


def raw_bytes(details: Mapping[str, str]) -> bytes:
    """Return what was received, from the details of an entry. Raises KeyError, ValueError."""
    if details["raw_form"] == "text":
        return details["raw"].encode()
    return base64.b64decode(details["raw"], validate=True)


def _short(text: str) -> str:
    """Return an id that fits; a longer one keeps its beginning and a hash that tells it from others."""
    if len(text) <= LONGEST_ID:
        return text
    return f"{text[:40]}…{hashlib.sha256(text.encode()).hexdigest()[:16]}"
