"""What a reader can do for a requirement: hand in its papers, attest it, say that it does not apply or not yet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.queries.conformance import SubjectVerdict
from sekisho.governance.queries.editions import mapping, papers
from sekisho.governance.rules.catalogue import Requirement
from sekisho.governance.rules.mapping import Proof, ProofKind
from sekisho.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class NextStep:
    """One button; ``is_first`` on the first one that something is lacking for."""

    title: str
    url: str
    is_first: bool


def next_steps(
    actor: Actor, edition_id: str, leaf: Requirement, verdicts: Iterable[SubjectVerdict], language: str
) -> Sequence[NextStep]:
    """Return the steps that are open to the reader, in the order of the proofs; exclusion and exception come last."""
    mapped = mapping(edition_id).leaves[leaf.id]
    lacking = _lacking(verdicts)
    found: list[NextStep] = []
    for proof in mapped.proofs:
        for title, url in _step(actor, edition_id, leaf, proof, language):
            is_first = (proof.kind.value, proof.id) in lacking and not any(step.is_first for step in found)
            found.append(NextStep(title, url, is_first))
    if mapped.exempt is None and actor.may(GovernanceAction.EXCLUDE):
        found.append(
            NextStep(_("Apply as not applicable"), reverse("governance:exclude", args=[leaf.id]), is_first=False)
        )
    if mapped.exempt is None and actor.may(GovernanceAction.EXCEPT):
        title, url = _("Apply for an exception"), reverse("governance:except", args=[leaf.id])
        found.append(NextStep(title, url, is_first=False))
    return found


def attest_url(actor: Actor, edition_id: str, leaf: Requirement) -> str:
    """Return where the reader attests a requirement, empty where it is not shown that way or not theirs to do."""
    kinds = {proof.kind for proof in mapping(edition_id).leaves[leaf.id].proofs}
    open_to = ProofKind.ATTESTATION in kinds and actor.may(GovernanceAction.ATTEST)
    return reverse("governance:attest", args=[leaf.id]) if open_to else ""


def _lacking(verdicts: Iterable[SubjectVerdict]) -> set[tuple[str, str]]:
    proofs = [proof for verdict in verdicts for proof in verdict.proofs]
    return {(proof["kind"], proof["id"]) for proof in proofs if proof["state"] != "holds"}


def _step(actor: Actor, edition_id: str, leaf: Requirement, proof: Proof, language: str) -> Iterator[tuple[str, str]]:
    """Yield the title and address of what one can do for a proof; nothing for what only Sekisho looks at."""
    if proof.kind is ProofKind.ATTESTATION and (address := attest_url(actor, edition_id, leaf)):
        yield _("Apply for an attestation"), address
    paper = papers(edition_id).get(proof.id) if proof.kind is ProofKind.DOCUMENT else None
    if paper is not None and actor.may(GovernanceAction.HAND_IN):
        query = urlencode({"requirement": leaf.id})
        title = _("Hand in: %(paper)s") % {"paper": paper.title.text(language)}
        yield title, f"{reverse('governance:hand-in', args=[paper.id])}?{query}"
