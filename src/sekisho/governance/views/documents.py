"""The papers that the proofs ask for, and handing one in."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.claims import DocumentForm
from sekisho.governance.queries.claims import current_claims
from sekisho.governance.queries.editions import CURRENT, edition, mapping, papers
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.rules.assessment import WHOLE_FACILITY, Facts, assess_leaf
from sekisho.governance.rules.catalogue import Requirement
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.mapping import MappedLeaf, Proof, ProofKind
from sekisho.governance.rules.papers import Paper
from sekisho.governance.rules.verdicts import ProofState, Summary, Verdict, summarise
from sekisho.governance.services.claims import hand_in, longest_validity
from sekisho.governance.views.requirement import UNDER_WAY
from sekisho.governance.views.sending import answer_claim, latest_day, leaf_title, sent
from sekisho.governance.views.wording import SUBJECT_KINDS
from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.ledgers.queries import visible_to
from sekisho.ledgers.views.context import state_badge
from sekisho.ui.parts import Badge, Kind, Link, Words
from sekisho.ui.request import Request

_PER: Mapping[str, Words] = {"facility": _("One for the whole facility"), "subject": _("One for each subject")}
_STATES: Mapping[Verdict, Badge] = {
    Verdict.CONFORMING: Badge(Kind.OK, _("Approved")),
    Verdict.PARTIAL: Badge(Kind.WARN, _("Approved in part")),
    Verdict.EXPIRED: Badge(Kind.WARN, Verdict.EXPIRED.label),
    Verdict.NOT_ASSESSED: Badge(Kind.NEUTRAL, _("No approved version"), "…"),
    Verdict.NOT_APPLICABLE: Badge(Kind.NEUTRAL, Verdict.NOT_APPLICABLE.label),
}
HAND_IN_TEMPLATE = "governance/hand_in.html"
Asking = Sequence[tuple[Requirement, Proof]]
Subjects = Mapping[SubjectKind, Sequence[Subject]]


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One paper of the list: what it answers, how far it was approved, and what waits."""

    title: str
    per: Words
    items: Sequence[Link]
    badge: Badge
    summary: Summary
    until: datetime | None
    waiting: Sequence[tuple[Badge, str]]
    hand_in_url: str


@require_safe
@allow(GovernanceAction.VIEW)
def list_documents(request: Request) -> HttpResponse:
    """Show every paper that some requirement asks for, and how far it was approved."""
    claims = current_claims(CURRENT)
    subjects = {kind: subjects_of(kind) for kind in SubjectKind}
    facts = Facts(documents=claims.documents, not_applicable=claims.not_applicable)
    waiting = _waiting(request.actor)
    lines = [
        _line(paper, subjects, facts, waiting.get(paper.id, ()), request.display.language)
        for paper in papers(CURRENT).values()
    ]
    context = {
        "page_title": _("Documents"),
        "papers": lines,
        "approved": sum(line.summary.verdict is Verdict.CONFORMING for line in lines),
        "may_hand_in": request.actor.may(GovernanceAction.HAND_IN),
    }
    return render(request, "governance/documents.html", context)


def _waiting(actor: Actor) -> dict[str, list[tuple[Badge, str]]]:
    """Return the open applications that the reader may see, by paper."""
    found: dict[str, list[tuple[Badge, str]]] = defaultdict(list)
    rows = visible_to(actor).filter(workflow=ClaimKind.DOCUMENT.value, state__in=UNDER_WAY)
    for row in rows.order_by("-changed_at", "-id"):
        found[row.key].append((state_badge(row), reverse("ledgers:application", args=[row.pk])))
    return found


def _line(
    paper: Paper, subjects: Subjects, facts: Facts, waiting: Sequence[tuple[Badge, str]], language: str
) -> PaperLine:
    asking = asking_for(paper.id, CURRENT)
    summary, until = _approved(paper, asking, subjects, facts)
    return PaperLine(
        title=paper.title.text(language),
        per=_PER[paper.per],
        items=[
            Link(leaf_title(leaf, language), reverse("governance:requirement", args=[leaf.id]))
            for leaf, _proof in asking
        ],
        badge=_STATES[summary.verdict],
        summary=summary,
        until=until,
        waiting=waiting,
        hand_in_url=reverse("governance:hand-in", args=[paper.id]),
    )


def asking_for(document_id: str, edition_id: str) -> Asking:
    """Return the requirements that ask for a paper, each with the proof that says what it must show."""
    proofs = mapping(edition_id).leaves
    names = set(mapping(edition_id).leaves_shown_by(ProofKind.DOCUMENT, document_id))
    return [
        (leaf, proof)
        for leaf in edition(edition_id).leaves
        if leaf.id in names
        for proof in proofs[leaf.id].proofs
        if proof.kind is ProofKind.DOCUMENT and proof.id == document_id
    ]


def _approved(paper: Paper, asking: Asking, subjects: Subjects, facts: Facts) -> tuple[Summary, datetime | None]:
    """Return how far the paper alone shows what is asked of it, by the same rule that judges, and its first end."""
    counts: Counter[Verdict] = Counter()
    ends: list[datetime] = []
    whole = [Subject(SubjectKind.FACILITY, WHOLE_FACILITY, "")]
    for leaf, proof in asking:
        about = whole if paper.per == "facility" else subjects[leaf.judged_per]
        judged = assess_leaf(leaf, MappedLeaf(proofs=(proof,)), about, facts, clock.now()).judgements
        counts.update(judgement.verdict for judgement in judged)
        results = [result for judgement in judged for result in judgement.proofs]
        ends += [result.until for result in results if result.state is ProofState.HOLDS and result.until]
    return summarise(counts), min(ends, default=None)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(GovernanceAction.HAND_IN)
def hand_in_document(request: Request, document_id: str) -> HttpResponse:
    """Apply for the approval of a paper and of the items it answers."""
    paper = papers(CURRENT).get(document_id)
    if paper is None:
        raise NotFound
    asking = asking_for(paper.id, CURRENT)
    wanted = request.GET.get("requirement", "")
    per = _chosen_kind(paper, asking, wanted, request.GET.get("per", ""))
    items = [pair for pair in asking if per in {None, pair[0].judged_per}]
    ticked = [leaf.id for leaf, _proof in items if leaf.id == wanted or len(items) == 1]
    longest = longest_validity(ClaimKind.DOCUMENT, CURRENT, [leaf.id for leaf, _proof in items], paper.id)
    initial = {
        "requirements": ticked,
        "subjects": request.GET.getlist("subject"),
        "valid_until": latest_day(longest),
    }
    form = document_form(request, items, per, initial)

    def act() -> UUID:
        draft = form.draft((), CURRENT, document=paper.id)
        return hand_in(actor=request.actor, draft=draft, files=form.new_files(), comment=form.cleaned_data["comment"])

    context = {**paper_context(request, paper, per), "kinds": _kinds(paper, asking, per)}
    return answer_claim(request, form, act, HAND_IN_TEMPLATE, context, drafts=ClaimKind.DOCUMENT)


def _chosen_kind(paper: Paper, asking: Asking, requirement_id: str, per: str) -> SubjectKind | None:
    """Return the kind of subject that this copy of the paper speaks of; None for the whole facility."""
    if paper.per == "facility":
        return None
    known = {leaf.id: leaf.judged_per for leaf, _proof in asking}
    kinds = list(known.values())
    return known.get(requirement_id) or next((kind for kind in kinds if kind.value == per), kinds[0])


def _kinds(paper: Paper, asking: Asking, chosen: SubjectKind | None) -> list[tuple[Words, str, bool]]:
    """Return the kinds of subject that the paper is asked for, where there is a choice."""
    kinds = dict.fromkeys(leaf.judged_per for leaf, _proof in asking)
    if paper.per == "facility" or len(kinds) == 1:
        return []
    return [(SUBJECT_KINDS[kind], f"?per={kind.value}", kind is chosen) for kind in kinds]


def document_form(
    request: Request, items: Asking, per: SubjectKind | None, initial: Mapping[str, Any], **options: Any
) -> DocumentForm:
    """Return the form of a paper for one kind of subject."""
    language = request.display.language
    return DocumentForm(
        *sent(request),
        kind=ClaimKind.DOCUMENT,
        subjects=subjects_of(per) if per else (),
        items=[(leaf.id, _item(leaf, proof, language)) for leaf, proof in items],
        initial=dict(initial),
        **options,
    )


def _item(leaf: Requirement, proof: Proof, language: str) -> str:
    words = {"title": leaf_title(leaf, language), "what": proof.what.text(language)}
    return gettext("%(title)s (%(what)s)") % words


def paper_context(request: Request, paper: Paper, per: SubjectKind | None) -> dict[str, Any]:
    """Return what the page of a paper says around the form."""
    language = request.display.language
    return {
        "title": paper.title.text(language),
        "hint": paper.hint.text(language),
        "nothing_to_judge": per is not None and not subjects_of(per),
        "judged_per": SUBJECT_KINDS[per] if per else "",
        "cancel_url": reverse("governance:documents"),
    }
