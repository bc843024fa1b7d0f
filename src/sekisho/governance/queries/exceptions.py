"""Reading approved exceptions: for the list, the requirement, the papers, the API. No verdict is computed from them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.rules.exceptions import WORKFLOW, ExceptionState, exception_state
from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.queries import Approved, approved


@dataclass(frozen=True, slots=True)
class ExceptedSubject:
    """What an exception is about, by the name it had when it was applied for."""

    kind: SubjectKind
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class ExceptionEntry:
    """One approved exception that nobody revoked; ``ref`` is the id of its application. It holds through its last day.

    ``own`` tells that the applicant approved it, because nobody else could.
    """

    ref: str
    requirements: tuple[str, ...]
    subjects: tuple[ExceptedSubject, ...]
    reason: str
    substitute: str
    valid_until: date
    applicant: str
    approved_by: str
    approved_at: datetime
    own: bool
    state: ExceptionState

    @property
    def is_in_force(self) -> bool:
        """Tell whether it has not ended."""
        return self.state is not ExceptionState.ENDED

    def speaks_of(self, subject_id: str) -> bool:
        """Tell whether it is about a subject."""
        return any(subject.id == subject_id for subject in self.subjects)


def exceptions(edition_id: str = CURRENT) -> list[ExceptionEntry]:
    """Return every approved exception of an edition, those that ended too, by the day it ends."""
    today = clock.now().astimezone(FACILITY_ZONE).date()
    found = [_entry(one, today) for one in approved(WORKFLOW) if one.content["edition"] == edition_id]
    return sorted(found, key=lambda one: (one.valid_until, one.approved_at))


def exceptions_by_requirement(edition_id: str = CURRENT) -> Mapping[str, Sequence[ExceptionEntry]]:
    """Return every approved exception by the requirements it is about, by the day it ends."""
    found: dict[str, list[ExceptionEntry]] = defaultdict(list)
    for one in exceptions(edition_id):
        for requirement in one.requirements:
            found[requirement].append(one)
    return found


def _entry(one: Approved, today: date) -> ExceptionEntry:
    content = one.content
    valid_until = date.fromisoformat(content["valid_until"])
    return ExceptionEntry(
        ref=one.application_id,
        requirements=tuple(content["requirements"]),
        subjects=tuple(ExceptedSubject(SubjectKind(s["kind"]), s["id"], s["label"]) for s in content["subjects"]),
        reason=content["reason"],
        substitute=content["substitute"],
        valid_until=valid_until,
        applicant=one.applicant,
        approved_by=one.approved_by,
        approved_at=one.approved_at,
        own=one.own,
        state=exception_state(valid_until, today),
    )
