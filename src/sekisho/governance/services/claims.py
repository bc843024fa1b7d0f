"""Claims of people: a requirement is met, does not apply, a document exists. They count once approved in ledgers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import GroundsMissing, NotShownThisWay, SubjectUnknown, ValidityWrong
from sekisho.governance.queries.claims import wording
from sekisho.governance.queries.editions import CURRENT, edition, mapping, papers
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.rules.assessment import subject_digest
from sekisho.governance.rules.catalogue import Requirement
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.mapping import ProofKind
from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import _
from sekisho.kernel.wording import require_visible, says_something
from sekisho.ledgers.queries import get_application, submissions_of
from sekisho.ledgers.services import NewFile, amend, submit
from sekisho.register.rules import SubjectRef

LONGEST_EXCLUSION = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody claims, as entered.

    ``statement`` is what was looked at and how, or the reason why an item does not apply; ``kept_at`` where the
    evidence lies if it is not attached; ``document`` with its ``document_version`` only where a document is handed in.
    """

    requirements: tuple[str, ...]
    subjects: tuple[str, ...]
    statement: str
    valid_until: date
    kept_at: str = ""
    document: str = ""
    document_version: str = ""
    edition_id: str = CURRENT


def attest(*, actor: Actor, draft: Draft, files: Sequence[NewFile] = (), comment: str = "") -> UUID:
    """Apply for the approval of a statement that a requirement is met; return the application's id.

    Raises Forbidden, NotShownThisWay, SubjectUnknown, GroundsMissing, ValidityWrong and what submitting raises.
    """
    actor.require(GovernanceAction.ATTEST)
    return _submit(actor, ClaimKind.ATTESTATION, draft, files, comment)


def exclude(*, actor: Actor, draft: Draft, files: Sequence[NewFile] = (), comment: str = "") -> UUID:
    """Apply for the approval of a reason why a requirement does not apply. Raises as :func:`attest`."""
    actor.require(GovernanceAction.EXCLUDE)
    return _submit(actor, ClaimKind.NOT_APPLICABLE, draft, files, comment)


def hand_in(*, actor: Actor, draft: Draft, files: Sequence[NewFile] = (), comment: str = "") -> UUID:
    """Apply for the approval of a document and of the items it answers. Raises as :func:`attest`."""
    actor.require(GovernanceAction.HAND_IN)
    return _submit(actor, ClaimKind.DOCUMENT, draft, files, comment)


def amend_claim(
    *,
    actor: Actor,
    application_id: UUID,
    version: int,
    draft: Draft,
    files: Sequence[NewFile] = (),
    keep: Sequence[int] = (),
    comment: str = "",
) -> None:
    """Mend a claim that was sent back; what it is about stays. ``keep`` holds the places of the files to keep.

    Raises NotFound for what is no claim or no longer visible, NotShownThisWay for another item, else as :func:`attest`.
    """
    actor.require(GovernanceAction.ATTEST)
    application = get_application(actor, application_id)
    if application.workflow not in set(ClaimKind):
        raise NotFound
    kind = ClaimKind(application.workflow)
    about = (draft.document,) if kind is ClaimKind.DOCUMENT else draft.requirements
    if about != (application.key,) or draft.edition_id != _edition_of(actor, application_id):
        raise NotShownThisWay(field="requirements", requirement=", ".join(about))
    content = _content(kind, draft, with_files=bool(files or keep))
    amend(
        actor=actor,
        application_id=application_id,
        version=version,
        content=content,
        files=files,
        keep=keep,
        comment=comment,
    )


def _edition_of(actor: Actor, application_id: UUID) -> str:
    newest = submissions_of(get_application(actor, application_id))[0]
    return str(json.loads(newest.content)["edition"])


def workflow(kind: ClaimKind) -> Workflow:
    """Return the declared workflow of a kind of claim. Raises NotFound."""
    found = registry.current().workflow(kind.value)
    if found is None:
        raise NotFound
    return found


def _submit(actor: Actor, kind: ClaimKind, draft: Draft, files: Sequence[NewFile], comment: str) -> UUID:
    content = _content(kind, draft, with_files=bool(files))
    wanted = edition(draft.edition_id)
    if kind is ClaimKind.DOCUMENT:
        paper = papers(draft.edition_id)[draft.document]
        subject = SubjectRef("document", paper.id, paper.title.ja)
    else:
        row = wanted.by_id[draft.requirements[0]]
        subject = SubjectRef("requirement", row.id, row.title.ja)
    application = submit(
        actor=actor,
        workflow=workflow(kind),
        key=subject.id,
        subject=subject,
        title=subject.label if kind is ClaimKind.DOCUMENT else f"{subject.id} {subject.label}",
        content=content,
        files=files,
        comment=comment,
    )
    return application.pk


def _content(kind: ClaimKind, draft: Draft, *, with_files: bool) -> dict[str, Json]:
    """Check a draft and return it as the content of an application."""
    require_visible(draft.statement, draft.kept_at, draft.document_version)
    leaves = _leaves(kind, draft)
    _require_grounds(kind, draft, with_files=with_files)
    _require_validity(kind, draft, leaves)
    subjects = _subjects(kind, draft, leaves)
    present = wording(draft.edition_id)
    content: dict[str, Json] = {
        "edition": draft.edition_id,
        "requirements": {leaf.id: present.get(leaf.id) for leaf in leaves},
        "subjects": [named_subject(found) for found in subjects],
        "statement": draft.statement.strip(),
        "kept_at": draft.kept_at.strip(),
        "valid_until": draft.valid_until.isoformat(),
    }
    if kind is ClaimKind.NOT_APPLICABLE:
        content["reason"] = draft.statement.strip()
    if kind is ClaimKind.DOCUMENT:
        content |= {"document": draft.document, "document_version": draft.document_version.strip()}
    return content


def named_subject(subject: Subject) -> dict[str, Json]:
    """Return a subject as a claim keeps it: by its name of that time and the digest of what it was."""
    digest = subject_digest(subject)
    return {"kind": subject.kind.value, "id": subject.id, "label": subject.label, "digest": digest}


def require_fitting(content: Mapping[str, Any]) -> None:
    """Refuse an approval that comes too late: validity over, subject closed. Raises ValidityWrong, SubjectUnknown."""
    until = date.fromisoformat(content["valid_until"])
    if until <= clock.now().astimezone(FACILITY_ZONE).date():
        raise ValidityWrong(latest=until.isoformat())
    for subject in content["subjects"]:
        present = {found.id for found in subjects_of(SubjectKind(subject["kind"]))}
        if subject["id"] not in present:
            raise SubjectUnknown(requirement=", ".join(content["requirements"]))


def _leaves(kind: ClaimKind, draft: Draft) -> list[Requirement]:
    """Return the leaves of the claim; each must be shown this way by the mapping."""
    known = {leaf.id: leaf for leaf in edition(draft.edition_id).leaves}
    if not draft.requirements:
        raise GroundsMissing(field="requirements", what=_("the items that this is about"))
    if kind is ClaimKind.DOCUMENT and draft.document not in papers(draft.edition_id):
        raise NotFound
    for name in draft.requirements:
        if name not in known:
            raise NotFound
        if not _is_shown(kind, draft, name):
            raise NotShownThisWay(field="requirements", requirement=name)
    return [known[name] for name in dict.fromkeys(draft.requirements)]


def _is_shown(kind: ClaimKind, draft: Draft, leaf_id: str) -> bool:
    if kind is ClaimKind.NOT_APPLICABLE:
        return True
    proofs = mapping(draft.edition_id).leaves[leaf_id].proofs
    if kind is ClaimKind.DOCUMENT:
        return any(proof.kind is ProofKind.DOCUMENT and proof.id == draft.document for proof in proofs)
    return any(proof.kind is ProofKind.ATTESTATION for proof in proofs)


def _require_grounds(kind: ClaimKind, draft: Draft, *, with_files: bool) -> None:
    """Conforming needs evidence and not applicable a reason, whoever asks."""
    if kind is not ClaimKind.DOCUMENT and not says_something(draft.statement):
        reason = kind is ClaimKind.NOT_APPLICABLE
        what = _("the reason why it does not apply") if reason else _("what was looked at, and how")
        raise GroundsMissing(field="statement", what=what)
    if kind is not ClaimKind.NOT_APPLICABLE and not (with_files or says_something(draft.kept_at)):
        raise GroundsMissing(field="kept_at", what=_("a file, or where the evidence is kept"))


def _require_validity(kind: ClaimKind, draft: Draft, leaves: Sequence[Requirement]) -> None:
    today = clock.now().astimezone(FACILITY_ZONE).date()
    latest = today + longest_validity(kind, draft.edition_id, [leaf.id for leaf in leaves], draft.document)
    if not today < draft.valid_until <= latest:
        raise ValidityWrong(field="valid_until", latest=latest.isoformat())


def longest_validity(kind: ClaimKind, edition_id: str, requirements: Sequence[str], document: str = "") -> timedelta:
    """Return how long a claim may stand: as long as the mapping lets the shortest of its proofs stay fresh."""
    if kind is ClaimKind.NOT_APPLICABLE:
        return LONGEST_EXCLUSION
    wanted = ProofKind.DOCUMENT if kind is ClaimKind.DOCUMENT else ProofKind.ATTESTATION
    return min(
        proof.valid_for
        for name in requirements
        for proof in mapping(edition_id).leaves[name].proofs
        if proof.kind is wanted and (not document or proof.id == document)
    )


def _subjects(kind: ClaimKind, draft: Draft, leaves: Sequence[Requirement]) -> list[Subject]:
    """Return the subjects of the claim: present, and of the kind that every item is judged per."""
    if kind is ClaimKind.DOCUMENT and papers(draft.edition_id)[draft.document].per == "facility":
        return []
    if not draft.subjects:
        raise GroundsMissing(field="subjects", what=_("what the claim is about"))
    chosen: dict[str, Subject] = {}
    for leaf in leaves:
        known = {subject.id: subject for subject in subjects_of(leaf.judged_per)}
        for name in draft.subjects:
            if name not in known:
                raise SubjectUnknown(field="subjects", requirement=leaf.id)
            chosen[name] = known[name]
    return list(chosen.values())
