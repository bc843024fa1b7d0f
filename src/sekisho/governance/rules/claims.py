"""Claims of people as facts: attestations, approved documents, and reasons why an item does not apply.

A claim names the edition, the items with the hash of the official wording it judged, its subjects, and its end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sekisho.governance.rules.assessment import WHOLE_FACILITY, Claim
from sekisho.kernel.dates import FACILITY_ZONE


class ClaimKind(StrEnum):
    """The workflows by which people show what no check can see."""

    ATTESTATION = "governance.attestation"
    NOT_APPLICABLE = "governance.not_applicable"
    DOCUMENT = "governance.document"


@dataclass(frozen=True, slots=True)
class ApprovedClaim:
    """An approved claim as it was read. ``requirements`` gives the wording's hash by id, None for none imported then.

    ``subjects`` gives each subject's digest by id; empty for a document of the whole facility.
    """

    kind: ClaimKind
    ref: str
    edition: str
    requirements: Mapping[str, str | None]
    subjects: Mapping[str, str]
    document: str
    reason: str
    since: datetime
    until: datetime
    own: bool


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What claims say, by the keys of :class:`sekisho.governance.rules.assessment.Facts`."""

    documents: dict[tuple[str, str, str], Claim]
    attestations: dict[tuple[str, str], Claim]
    not_applicable: dict[tuple[str, str], Claim]


def end_of(day: date) -> datetime:
    """Return the last moment of ``day`` at the facility: a claim valid to a day holds through it."""
    return datetime.combine(day, time.max, FACILITY_ZONE)


def read_claim(kind: ClaimKind, content: Mapping[str, Any], *, ref: str, since: datetime, own: bool) -> ApprovedClaim:
    """Return the approved claim that ``content`` states. Raises KeyError or ValueError for content of another form."""
    return ApprovedClaim(
        kind=kind,
        ref=ref,
        edition=content["edition"],
        requirements=dict(content["requirements"]),
        subjects={subject["id"]: subject.get("digest", "") for subject in content["subjects"]},
        document=content.get("document", ""),
        reason=content.get("reason", ""),
        since=since,
        until=end_of(date.fromisoformat(content["valid_until"])),
        own=own,
    )


def claim_facts(
    claims: Iterable[ApprovedClaim],
    edition_id: str,
    wording: Mapping[str, str],
    carried: Mapping[tuple[str, str], bool],
) -> ClaimFacts:
    """Return what ``claims``, the newest last, say about an edition.

    ``wording`` is the hash of each item's present official text. A claim about another edition counts only where it was
    carried over: ``carried`` tells by (application, requirement) whether the wording had changed.
    """
    facts = ClaimFacts({}, {}, {})
    for claim in claims:
        for requirement, judged in claim.requirements.items():
            changed = _differs(judged, wording.get(requirement))
            if claim.edition != edition_id:
                if (claim.ref, requirement) not in carried:
                    continue
                changed = carried[claim.ref, requirement] or changed
            _put(facts, claim, requirement, reassess=changed)
    return facts


def _differs(judged: str | None, present: str | None) -> bool:
    """Tell whether the present wording is another than the judged one. One that judged none must be looked at again."""
    return present is not None and judged != present


def _put(facts: ClaimFacts, claim: ApprovedClaim, requirement: str, *, reassess: bool) -> None:
    for subject, judged in (claim.subjects or {WHOLE_FACILITY: ""}).items():
        said = Claim(claim.since, claim.until, claim.ref, reassess, claim.own, claim.reason, judged)
        match claim.kind:
            case ClaimKind.DOCUMENT:
                facts.documents[claim.document, requirement, subject] = said
            case ClaimKind.ATTESTATION:
                facts.attestations[requirement, subject] = said
            case ClaimKind.NOT_APPLICABLE:
                facts.not_applicable[requirement, subject] = said
