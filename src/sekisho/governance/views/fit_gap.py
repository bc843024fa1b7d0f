"""The Fit&Gap in words: what the Excel workbook and the PDF show, line by line."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sekisho.governance.queries.conformance import SubjectVerdict
from sekisho.governance.queries.exceptions import ExceptionEntry
from sekisho.governance.queries.fit_gap import FitGap
from sekisho.governance.rules.catalogue import Requirement, chapter_of
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.views.wording import LEVELS, SUBJECT_KINDS, proof_lines, reason_words, whats
from sekisho.kernel.dates import format_date
from sekisho.ui.display import Display

MOST_GAPS = 6
# What is no gap: a proof that holds, and one that says nothing about a subject.
_NO_GAP = frozenset({"holds", "excluded"})


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list; ``gaps`` are what is missing, the most frequent first. A parent has no level or role.

    ``exceptions`` are those in force, each with its subjects, its last day and what is done instead.
    """

    id: str
    printed: str
    title: str
    is_parent: bool
    level: str
    judged_per: str
    verdict: Verdict
    conforming: int
    total: int
    gaps: Sequence[str]
    exceptions: Sequence[str]
    in_charge: str


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """One leaf for one subject, with what each proof says about it."""

    id: str
    printed: str
    title: str
    subject: str
    found: SubjectVerdict
    proofs: str
    reason: str
    exceptions: str


def lines(state: FitGap, display: Display) -> Iterator[Line]:
    """Yield every row of the edition in printed order."""
    language = display.language
    for row in state.edition.rows:
        summary = state.summaries[row.id]
        leaf = row if isinstance(row, Requirement) else None
        yield Line(
            id=row.id,
            printed=f"{chapter_of(row.id)}{row.printed}",
            title=row.title.text(language),
            is_parent=leaf is None,
            level=str(LEVELS[leaf.level]) if leaf else "",
            judged_per=str(SUBJECT_KINDS[leaf.judged_per]) if leaf else "",
            verdict=summary.verdict,
            conforming=summary.conforming,
            total=summary.total,
            gaps=_gaps(state, leaf, language) if leaf else (),
            exceptions=[exception_words(one, display) for one in state.exceptions.get(row.id, ())],
            in_charge=str(leaf.role.label) if leaf else "",
        )


def _gaps(state: FitGap, leaf: Requirement, language: str) -> list[str]:
    """Return what is missing: each proof that does not hold, its state, and for how many subjects."""
    what = whats(state.mapping.leaves[leaf.id].proofs, language)
    if not state.subjects.get(leaf.id):
        return [_("Nothing that this item is judged for is registered yet")]
    subjects = [one for one in state.subjects.get(leaf.id, ()) if one.verdict is not Verdict.NOT_APPLICABLE]
    missing: Counter[tuple[str, str]] = Counter()
    for alike in _alike(subjects):
        for proof, line in zip(alike[0].proofs, proof_lines(alike[0].proofs, what), strict=True):
            if proof["state"] not in _NO_GAP:
                missing[str(line.badge.text), line.what] += len(alike)
    words = [
        _("%(state)s: %(what)s (%(number)s/%(total)s)")
        % {"state": badge, "what": name, "number": number, "total": len(subjects)}
        for (badge, name), number in missing.most_common(MOST_GAPS)
    ]
    if len(missing) > MOST_GAPS:
        words.append(_("and %(number)s more") % {"number": len(missing) - MOST_GAPS})
    return words


def _alike(subjects: Iterable[SubjectVerdict]) -> Iterable[Sequence[SubjectVerdict]]:
    """Return the subjects put together by what their proofs say; a leaf has hundreds of subjects and few such ways."""
    groups: dict[int, list[SubjectVerdict]] = {}
    for one in subjects:
        groups.setdefault(id(one.proofs), []).append(one)
    return groups.values()


def subject_lines(state: FitGap, display: Display) -> Iterator[SubjectLine]:
    """Yield every leaf for every one of its subjects, in printed order and by name."""
    language = display.language
    for leaf in state.edition.leaves:
        what = whats(state.mapping.leaves[leaf.id].proofs, language)
        printed, title = f"{chapter_of(leaf.id)}{leaf.printed}", leaf.title.text(language)
        subjects = state.subjects.get(leaf.id, ())
        said = {id(alike[0].proofs): _said(alike[0], what) for alike in _alike(subjects)}
        for found in subjects:
            yield SubjectLine(
                id=leaf.id,
                printed=printed,
                title=title,
                subject=found.subject_label,
                found=found,
                proofs=said[id(found.proofs)],
                reason=reason_words(found.reason, language),
                exceptions="\n".join(
                    _until(one, display) for one in state.exceptions.get(leaf.id, ()) if one.speaks_of(found.subject_id)
                ),
            )


def exception_words(one: ExceptionEntry, display: Display) -> str:
    """Return an exception in one line: its subjects, its last day, what is done instead."""
    subjects = _(", ").join(subject.label for subject in one.subjects)
    return _("%(subjects)s: %(exception)s") % {"subjects": subjects, "exception": _until(one, display)}


def _until(one: ExceptionEntry, display: Display) -> str:
    day = format_date(one.valid_until, display.calendar, display.language)
    return _("until %(day)s, instead: %(substitute)s") % {"day": day, "substitute": one.substitute}


def _said(found: SubjectVerdict, what: Mapping[tuple[str, str], str]) -> str:
    return "\n".join(f"{line.what}: {line.badge.text}" for line in proof_lines(found.proofs, what))


def counts(state: FitGap) -> list[tuple[Verdict, int]]:
    """Return how many leaves stand in each verdict, every verdict named."""
    found = state.leaves_by_verdict()
    return [(verdict, found.get(verdict, 0)) for verdict in Verdict]
