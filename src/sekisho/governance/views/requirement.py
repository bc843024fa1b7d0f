"""What the page of one requirement shows: its texts, its verdict for each subject, what is under way, its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.governance.forms.work import CommentForm
from sekisho.governance.queries.conformance import Change, Conformity, SubjectVerdict, history_page, verdicts_of
from sekisho.governance.queries.editions import mapping
from sekisho.governance.queries.exceptions import ExceptionEntry, exceptions_by_requirement
from sekisho.governance.queries.matrix import parts_of
from sekisho.governance.queries.official import newest_text, verbatim
from sekisho.governance.rules.catalogue import Condition, Edition, Parent, Requirement, chapter_of
from sekisho.governance.rules.mapping import MappedLeaf, ProofKind
from sekisho.governance.views.bounds import bound_words
from sekisho.governance.views.seen import seen_behind
from sekisho.governance.views.steps import attest_url, next_steps
from sekisho.governance.views.wording import (
    LEVELS,
    REASSESS,
    SUBJECT_KINDS,
    VERDICT_BADGES,
    ProofLine,
    Seen,
    application_url,
    cause_lines,
    exception_badge,
    exceptions_badge,
    proof_lines,
    reason_words,
    whats,
)
from sekisho.governance.views.work_wording import work_context
from sekisho.kernel.actor import Actor
from sekisho.ledgers.queries import applications, visible_to
from sekisho.ledgers.rules import State
from sekisho.ledgers.views.context import state_badge
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Link, TableColumn
from sekisho.ui.request import Request

SUBJECTS_A_PAGE = 50
UNDER_WAY = (State.SUBMITTED, State.SENT_BACK)
Row = Requirement | Parent


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """One subject with its verdict and why."""

    id: str
    label: str
    badge: Badge
    reassess: Badge | None
    exceptions: Sequence[tuple[Badge, str]]
    since: datetime
    reason: str
    proofs: Sequence[ProofLine]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change of a verdict; None where there was, or is, no verdict."""

    changed_at: datetime
    label: str
    before: Badge | None
    after: Badge | None
    causes: Sequence[tuple[str, Badge | None, Badge | None]]


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """One approved exception of the item."""

    badge: Badge
    url: str
    labels: str
    entry: ExceptionEntry


def requirement_context(
    request: Request, state: Conformity, row: Row, comment: CommentForm | None = None
) -> dict[str, Any]:
    """Return everything that the page of a requirement, leaf or parent, shows.

    ``comment`` is one that was written and refused.
    """
    language = request.display.language
    context: dict[str, Any] = {
        "row": row,
        "chapter": chapter_of(row.id),
        "title": row.title.text(language),
        "explanation": row.explanation.text(language),
        "badge": VERDICT_BADGES[state.summaries[row.id].verdict],
        "summary": state.summaries[row.id],
        "reassess": REASSESS if state.reassess.get(row.id) else None,
        "judged_at": state.judged_at,
        **official_context(state.edition.head.id, row.id),
        **_neighbours(state.edition, row, language),
    }
    if not isinstance(row, Requirement):
        return context
    work = work_context(request, row, state.summaries[row.id].verdict, comment)
    return context | _leaf_context(request, state, row) | work


def official_context(edition_id: str, requirement_id: str) -> dict[str, Any]:
    """Return the imported official text of an item and where it came from; nothing before an import."""
    return {"official": verbatim(edition_id).get(requirement_id, ""), "source": newest_text(edition_id)}


def _neighbours(edition: Edition, row: Row, language: str) -> dict[str, Link | None]:
    names = [found.id for found in edition.rows]
    place = names.index(row.id)
    around = {"previous": place - 1, "next": place + 1}
    return {
        side: _link(edition.rows[there], language) if 0 <= there < len(names) else None
        for side, there in around.items()
    }


def _link(row: Row, language: str) -> Link:
    words = f"{chapter_of(row.id)} {row.printed} {row.title.text(language)}"
    return Link(words, reverse("governance:requirement", args=[row.id]))


def _leaf_context(request: Request, state: Conformity, leaf: Requirement) -> dict[str, Any]:
    language, edition_id = request.display.language, state.edition.head.id
    verdict = state.summaries[leaf.id].verdict
    mapped = mapping(edition_id).leaves[leaf.id]
    what = whats(mapped.proofs, language)
    verdicts = verdicts_of(edition_id, leaf.id)
    shown, only = _chosen(verdicts, request.GET.get("system", ""))
    found = Paginator(shown, SUBJECTS_A_PAGE).get_page(page_number(request.GET))
    seen = seen_behind(request.actor, list(found.object_list))
    excepted = exceptions_by_requirement(edition_id).get(leaf.id, ())
    return {
        "clinic": leaf.clinic.text(language),
        "conditions": [(_condition(found, language), LEVELS[found.level]) for found in leaf.conditions],
        "facts": _facts(leaf, language),
        "planned": any(proof.planned for proof in mapped.proofs),
        "exempt": mapped.exempt.text(language) if mapped.exempt else "",
        "note": mapped.note.text(language) if mapped.note else "",
        "subjects": [_subject_line(verdict, what, seen, excepted, request) for verdict in found.object_list],
        "only_some": only,
        "all_url": reverse("governance:requirement", args=[leaf.id]),
        "page": PagePosition(found.number, found.paginator.num_pages, found.paginator.count),
        "judged_per": SUBJECT_KINDS[leaf.judged_per],
        "attest_url": attest_url(request.actor, edition_id, leaf),
        "steps": next_steps(request.actor, edition_id, leaf, verdicts, language),
        "exceptions": [_exception_line(entry, request) for entry in reversed(excepted)],
        "marks": [badge for badge in [exceptions_badge(excepted, verdict, request.display)] if badge],
        "columns": application_columns(),
        "applications": _under_way(request.actor, leaf, mapped),
        **_history(request, edition_id, leaf.id, what),
    }


def _chosen(verdicts: Sequence[SubjectVerdict], system_id: str) -> tuple[Sequence[SubjectVerdict], bool]:
    """Return the verdicts of a system and its parts where the address asks for one, else all; and whether it does."""
    if not system_id:
        return verdicts, False
    parts = parts_of(system_id)
    return [found for found in verdicts if found.subject_id in parts], True


def _history(
    request: Request, edition_id: str, requirement_id: str, what: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    changes, shown = history_page(edition_id, requirement_id, page_number(request.GET, "history"))
    return {
        "history": [_history_line(change, what) for change in changes],
        "history_page": PagePosition(shown.number, shown.paginator.num_pages, shown.paginator.count),
    }


def _exception_line(entry: ExceptionEntry, request: Request) -> ExceptionLine:
    labels = _(", ").join(subject.label for subject in entry.subjects)
    return ExceptionLine(exception_badge(entry, request.display), application_url(entry.ref), labels, entry)


def _condition(condition: Condition, language: str) -> str:
    return condition.ja if language == "ja" else condition.en


def _facts(leaf: Requirement, language: str) -> list[tuple[str, object]]:
    """Return what is short enough for a list of terms; a bound keeps its own row."""
    evidence = leaf.evidence.ja if language == "ja" else leaf.evidence.en
    facts: list[tuple[str, object]] = [
        (_("Number"), leaf.id),
        (_("Judged per"), SUBJECT_KINDS[leaf.judged_per]),
        (_("Expected evidence"), _(", ").join(evidence)),
        (_("In charge"), leaf.role.label),
        (_("Level"), LEVELS[leaf.level]),
    ]
    return facts + [(_("Bound: %(name)s") % {"name": name}, limit) for name, limit in map(bound_words, leaf.parameters)]


def _subject_line(
    found: SubjectVerdict,
    what: Mapping[tuple[str, str], str],
    seen: Mapping[tuple[str, str], Sequence[Seen]],
    excepted: Sequence[ExceptionEntry],
    request: Request,
) -> SubjectLine:
    lines = zip(found.proofs, proof_lines(found.proofs, what), strict=True)
    mine = [entry for entry in excepted if entry.speaks_of(found.subject_id)]
    return SubjectLine(
        id=found.subject_id,
        label=found.subject_label,
        badge=VERDICT_BADGES[found.verdict],
        reassess=REASSESS if found.reassess else None,
        exceptions=[(exception_badge(entry, request.display), application_url(entry.ref)) for entry in mine],
        since=found.since,
        reason=reason_words(found.reason, request.display.language),
        proofs=[replace(line, seen=seen.get((proof["ref"], found.subject_id), ())) for proof, line in lines],
    )


def _under_way(actor: Actor, leaf: Requirement, mapped: MappedLeaf) -> list[Sequence[object]]:
    """Return the applications about the item or its documents that wait, of those that the reader may see."""
    about = [leaf.id, *(proof.id for proof in mapped.proofs if proof.kind is ProofKind.DOCUMENT)]
    rows = visible_to(actor).filter(state__in=UNDER_WAY, key__in=about)
    return [
        (
            Link(row.title, reverse("ledgers:application", args=[row.pk])),
            state_badge(row),
            row.applicant_name,
            row.changed_at,
        )
        for row in applications(rows).object_list
    ]


def application_columns() -> list[TableColumn]:
    """Return the columns of a table of applications."""
    return [
        TableColumn(_("Application"), is_row_heading=True),
        TableColumn(_("State"), Align.CODE),
        TableColumn(_("Applicant"), Align.NAME),
        TableColumn(_("Last change"), Align.CODE),
    ]


def _history_line(change: Change, what: Mapping[tuple[str, str], str]) -> HistoryLine:
    before, after = (VERDICT_BADGES[found] if found else None for found in (change.before, change.after))
    causes = cause_lines(change.cause, what, after=change.after)
    return HistoryLine(change.changed_at, change.subject_label, before, after, causes)
