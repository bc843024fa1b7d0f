"""Reading approved exceptions: for the list, the requirement, the papers, the API. No verdict is computed from them."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sekisho.governance.models import ExceptedCase
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.rules.exceptions import ENTRY_WORKFLOW, WORKFLOW, ExceptionState, exception_state
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

    @property
    def places(self) -> list[tuple[str, str]]:
        """What it is about, by requirement and subject; what is about no registered subject stands for itself."""
        return [(name, subject.id or self.ref) for name in self.requirements for subject in self.subjects]

    def speaks_of(self, subject_id: str) -> bool:
        """Tell whether it is about a subject."""
        return any(subject.id == subject_id for subject in self.subjects)


def exceptions(edition_id: str = CURRENT) -> list[ExceptionEntry]:
    """Return every approved exception of an edition, those whose day has passed too, by the day it ends.

    What the ledger says of an exception counts: one that was closed or struck out there, or corrected and not approved
    again, is none any more.
    """
    today = clock.now().astimezone(FACILITY_ZONE).date()
    rows = ExceptedCase.objects.filter(closed_at=None, struck_at=None).exclude(approved_at=None)
    standing = {str(row.pk): row for row in rows.select_related("system").order_by("number")}
    if not standing:
        return []
    known = approved(WORKFLOW, ENTRY_WORKFLOW)
    newest = {one.content["entry"]: one for one in known if one.workflow == ENTRY_WORKFLOW}
    entered = {key: one for key, one in newest.items() if _is_as_approved(standing.get(key), one)}
    applied = [row for key, row in standing.items() if key not in entered]
    subjects = {(row.application, row.requirement, row.subject_id) for row in applied}
    whole = [one for one in known if one.workflow == WORKFLOW and one.content["edition"] == edition_id]
    found = [_entry(one, today) for one in whole]
    kept = [left for one in found if (left := _standing(one, subjects)).subjects]
    if edition_id == CURRENT:
        kept += [_entered(standing[key], one, today) for key, one in entered.items()]
    return sorted(kept, key=lambda one: (one.valid_until, one.approved_at))


def _standing(one: ExceptionEntry, subjects: Container[tuple[str, str, str]]) -> ExceptionEntry:
    """Return an exception with the subjects whose entries stand as they were approved."""
    known = [subject for subject in one.subjects if (one.ref, one.requirements[0], subject.id) in subjects]
    return replace(one, subjects=tuple(known))


def _is_as_approved(row: ExceptedCase | None, one: Approved) -> bool:
    return row is not None and row.approved_at == one.approved_at


def _entered(row: ExceptedCase, one: Approved, today: date) -> ExceptionEntry:
    return ExceptionEntry(
        ref=one.application_id,
        requirements=(row.requirement,),
        subjects=(_subject_of(row),),
        reason=row.reason,
        substitute=row.substitute,
        valid_until=row.until,
        applicant=one.applicant,
        approved_by=row.approved_by,
        approved_at=one.approved_at,
        own=one.own,
        state=exception_state(row.until, today),
    )


def _subject_of(row: ExceptedCase) -> ExceptedSubject:
    if row.subject_id:
        return ExceptedSubject(SubjectKind.FACILITY, row.subject_id, row.about)
    if row.system is not None:
        return ExceptedSubject(SubjectKind.SYSTEM, str(row.system_id), f"{row.system} {row.about}")
    return ExceptedSubject(SubjectKind.FACILITY, "", row.about)


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
