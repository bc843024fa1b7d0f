"""Pages by which people claim that a requirement is met, or that it does not apply."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import NotShownThisWay
from sekisho.governance.forms.claims import ClaimForm
from sekisho.governance.queries.editions import CURRENT, mapping
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.rules.catalogue import Requirement
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.services.claims import attest, exclude, longest_validity
from sekisho.governance.views.sending import answer_claim, latest_day, leaf_of, leaf_title, sent
from sekisho.governance.views.wording import SUBJECT_KINDS
from sekisho.kernel.access import allow
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]
CLAIM_TEMPLATE = "governance/claim.html"


@require_http_methods(_METHODS)
@allow(GovernanceAction.ATTEST)
def attest_requirement(request: Request, requirement_id: str) -> HttpResponse:
    """Apply for the approval of a statement that a requirement is met."""
    leaf = leaf_of(CURRENT, requirement_id)
    if not any(proof.kind is ProofKind.ATTESTATION for proof in mapping(CURRENT).leaves[leaf.id].proofs):
        raise NotShownThisWay(requirement=leaf.id)
    return _claim(request, leaf, ClaimKind.ATTESTATION, attest)


@require_http_methods(_METHODS)
@allow(GovernanceAction.EXCLUDE)
def exclude_requirement(request: Request, requirement_id: str) -> HttpResponse:
    """Apply for the approval of a reason why a requirement does not apply."""
    return _claim(request, leaf_of(CURRENT, requirement_id), ClaimKind.NOT_APPLICABLE, exclude)


def _claim(request: Request, leaf: Requirement, kind: ClaimKind, service: Callable[..., UUID]) -> HttpResponse:
    initial = {
        "subjects": request.GET.getlist("subject"),
        "valid_until": latest_day(longest_validity(kind, CURRENT, [leaf.id])),
    }
    form = claim_form(request, CURRENT, leaf, kind, initial)

    def act() -> UUID:
        draft = form.draft([leaf.id], CURRENT)
        return service(actor=request.actor, draft=draft, files=form.new_files(), comment=form.cleaned_data["comment"])

    return answer_claim(request, form, act, CLAIM_TEMPLATE, claim_context(request, leaf, kind), drafts=kind)


def claim_form(
    request: Request, edition_id: str, leaf: Requirement, kind: ClaimKind, initial: Mapping[str, Any], **options: Any
) -> ClaimForm:
    """Return the form of a claim about one requirement; the statement's box says what must be shown."""
    words = _what(edition_id, leaf, request.display.language) if kind is ClaimKind.ATTESTATION else _why_help()
    return ClaimForm(
        *sent(request),
        kind=kind,
        subjects=subjects_of(leaf.judged_per),
        help_text=words,
        initial=dict(initial),
        **options,
    )


def _what(edition_id: str, leaf: Requirement, language: str) -> str:
    """Return what the attestation of a requirement must show."""
    proofs = mapping(edition_id).leaves[leaf.id].proofs
    shown = [proof.what.text(language) for proof in proofs if proof.kind is ProofKind.ATTESTATION]
    return _("To be shown: %(what)s") % {"what": _(", ").join(shown)}


def _why_help() -> str:
    return _("Write it so that an inspector who does not know your facility can follow and check it.")


def claim_context(request: Request, leaf: Requirement, kind: ClaimKind) -> dict[str, Any]:
    """Return what the page of a claim says around the form."""
    language = request.display.language
    return {
        "requirement": leaf,
        "title": leaf_title(leaf, language),
        "explanation": leaf.explanation.text(language),
        "excluding": kind is ClaimKind.NOT_APPLICABLE,
        "nothing_to_judge": not subjects_of(leaf.judged_per),
        "judged_per": SUBJECT_KINDS[leaf.judged_per],
        "cancel_url": reverse("governance:requirement", args=[leaf.id]),
    }
