"""Reading the approved claims of people: attestations, documents, and reasons why an item does not apply."""

import hashlib
import re
from functools import lru_cache
from uuid import UUID

from sekisho.governance.models import CarryOver
from sekisho.governance.queries.official import items_of, newest_text
from sekisho.governance.rules.claims import ApprovedClaim, ClaimFacts, ClaimKind, claim_facts, read_claim
from sekisho.ledgers.queries import approved


def approved_claims() -> list[ApprovedClaim]:
    """Return every claim in force, the newest last."""
    return [
        read_claim(
            ClaimKind(found.workflow), found.content, ref=found.application_id, since=found.approved_at, own=found.own
        )
        for found in approved(*ClaimKind)
    ]


def current_claims(edition_id: str) -> ClaimFacts:
    """Return what the claims in force say about an edition."""
    carried = CarryOver.objects.filter(after=edition_id).values_list("application_id", "requirement", "changed")
    known = {(str(application), requirement): changed for application, requirement, changed in carried}
    return claim_facts(approved_claims(), edition_id, wording(edition_id), known)


def wording(edition_id: str) -> dict[str, str]:
    """Return the SHA-256 of each item's imported official text, white space left out; empty before an import."""
    text = newest_text(edition_id)
    return _wording_of(text.pk) if text else {}


@lru_cache(maxsize=8)
def _wording_of(text_id: UUID) -> dict[str, str]:
    """An imported text never changes, so its hashes are computed once a process."""
    return {name: wording_hash(text) for name, text in items_of(text_id).items()}


def wording_hash(text: str) -> str:
    """Return the SHA-256 of a text without its white space, which comes and goes with page breaks."""
    return hashlib.sha256(re.sub(r"\s+", "", text).encode()).hexdigest()
