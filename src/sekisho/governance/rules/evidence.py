"""What a run of a control is, as bytes that can be hashed, carried to another machine, and compared."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.declarations import Finding
from sekisho.kernel.text import Text, _
from sekisho.register.rules import timestamp

FINISHED = "finished"
LONGEST_ID = 64
LONGEST_LABEL = 300


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run: when, with which parameters, how it ended, and everything it found. Times are aware."""

    control: str
    parameters: Mapping[str, Json]
    started_at: datetime
    ended_at: datetime
    state: str
    trace: str
    findings: tuple[Finding, ...]

    def canonical(self) -> bytes:
        """Return the run as canonical JSON; a raw observation stands in it by its hash. Raises NotCanonical."""
        return self.canonical_of([_document(finding) for finding in self.findings])

    def canonical_of(self, findings: Sequence[Json]) -> bytes:
        """Return the run with ``findings`` as documents: so it is rebuilt from what was stored. Raises NotCanonical."""
        return canonical_json(
            {
                "control": self.control,
                "parameters": dict(self.parameters),
                "started_at": timestamp(self.started_at),
                "ended_at": timestamp(self.ended_at),
                "state": self.state,
                "trace": self.trace,
                "findings": findings,
            }
        )


def _document(finding: Finding) -> Json:
    message: Json = {
        "msgid": finding.message.msgid,
        "params": {name: str(value) for name, value in finding.message.params.items()},
    }
    raw = hashlib.sha256(finding.raw).hexdigest() if finding.raw is not None else None
    subject = {"kind": finding.subject.kind.value, "id": finding.subject.id, "label": finding.subject.label}
    return finding_document(subject, finding.outcome.value, message, finding.facts, finding.observed_at, raw)


def finding_document(
    subject: Mapping[str, str], outcome: str, message: Json, facts: Json, observed_at: datetime, raw: str | None
) -> Json:
    """Return one finding as it stands in the canonical form of its run; ``raw`` is the SHA-256 of what was read."""
    return {
        "subject": subject,
        "outcome": outcome,
        "message": message,
        "facts": facts,
        "observed_at": timestamp(observed_at),
        "raw": raw,
    }


def faults(record: RunRecord, states: Collection[str]) -> Iterator[Text]:
    """Yield every reason why a run cannot be stored as it is: what the tables cannot hold, they must not be given.

    ``states`` are the known ways in which a run may end; only a finished one speaks of anybody.
    """
    if record.state not in states:
        yield _("its state “%(state)s” is not known", state=record.state)
    elif record.findings and record.state != FINISHED:
        yield _("only a finished run has findings")
    yield from _unfit(record.control, _("the id of the control"), LONGEST_ID)
    yield from _unfit(record.trace or "-", _("the trace"), None)
    for finding in record.findings:
        yield from _unfit(finding.subject.id, _("the id of a subject"), LONGEST_ID)
        yield from _unfit(finding.subject.label or "-", _("the name of a subject"), LONGEST_LABEL)


def _unfit(text: str, what: Text, longest: int | None) -> Iterator[Text]:
    if not text:
        yield _("%(what)s is missing", what=what)
    elif longest is not None and len(text) > longest:
        yield _("%(what)s is longer than %(longest)s characters", what=what, longest=longest)
    elif "\0" in text:
        yield _("%(what)s holds a character that cannot be stored", what=what)


def said(message: Any) -> str:
    """Return a stored message in the reader's language, as its id where it no longer fits its values."""
    if not isinstance(message, Mapping) or not message.get("msgid"):
        return ""
    msgid, params = str(message["msgid"]), message.get("params")
    try:
        return str(Text(msgid, **params)) if isinstance(params, Mapping) else str(Text(msgid))
    except (KeyError, TypeError, ValueError):
        return msgid


def printable(text: str) -> str:
    """Return a text that every database takes: a NUL and lone surrogates are written out."""
    return text.encode("utf8", "backslashreplace").decode().replace("\0", "\\x00")
