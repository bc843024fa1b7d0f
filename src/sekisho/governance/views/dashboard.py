"""The overview in words: how far, what next and by whom, what cannot be told, what ends, and the trend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.queries.editions import CURRENT, edition, mapping, papers, themes
from sekisho.governance.queries.overview import newest_overview
from sekisho.governance.rules.catalogue import chapter_of
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.rules.priorities import Effort
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.currency import are_old
from sekisho.governance.views.trend import trend_view
from sekisho.governance.views.wording import STATE_BADGES, VERDICT_BADGES
from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role, allow
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.ui.parts import Align, Badge, Link, TableColumn, Words
from sekisho.ui.request import Request

# 14⑤: systems at work on this day need two factors from their introduction or renewal on.
TWO_FACTORS_FROM = date(2027, 4, 1)
MOST_ON_FIRST_PAGE = 7
_Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One piece of work: what to do and where, what it is for, for how many subjects, who does it."""

    action: Link
    badge: Badge
    requirements: Sequence[Link]
    subjects: str
    role: Words
    effort: Words


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """One theme of the first weeks, how far it is, and the next piece of work for it."""

    title: str
    why: str
    numbers: str
    done: bool
    work: WorkLine | None


@dataclass(frozen=True, slots=True)
class UntoldLine:
    """An item that cannot be told for some subjects, and what is in the way."""

    requirement: Link
    subjects: str
    ways: Sequence[Link]


@dataclass(frozen=True, slots=True)
class EndLine:
    """Something that a person has to renew, and by when."""

    until: datetime
    action: Link
    requirements: Sequence[Link]


def dashboard_context(request: Request, most: int = MOST_ON_FIRST_PAGE) -> dict[str, Any]:
    """Return what the dashboard shows; only ``dashboard`` = None before the first judgement."""
    kept = newest_overview()
    if kept is None:
        return {"dashboard": None}
    language, found = request.display.language, kept.document
    counts = {Verdict(name): number for name, number in found["counts"].items()}
    return {
        "dashboard": kept,
        "are_old": are_old(),
        "counts": [(verdict, VERDICT_BADGES[verdict], counts[verdict]) for verdict in VERDICT_BADGES],
        "list_url": reverse("governance:requirements"),
        "conforming": counts[Verdict.CONFORMING],
        "applying": sum(counts.values()) - counts[Verdict.NOT_APPLICABLE],
        "unbuilt": found["unbuilt"],
        "days_left": (TWO_FACTORS_FROM - clock.now().astimezone(FACILITY_ZONE).date()).days,
        "two_factors_from": TWO_FACTORS_FROM,
        "two_factors": [(_requirement(name, language), n, of) for name, n, of in found["two_factors"]],
        "themes": _themes(found["themes"], language),
        "works": [_work(work, language) for work in found["works"][:most]],
        "works_in_all": found["works_in_all"],
        "untold": [_untold(one, language) for one in found["untold"]],
        "ends": [_end(one, language) for one in found["ends"]],
        "trend": trend_view(request) if most else None,
    }


def _themes(stored: Sequence[_Stored], language: str) -> list[ThemeLine]:
    words = {theme.id: theme for theme in themes(CURRENT)}
    return [
        ThemeLine(
            title=words[one["id"]].title.text(language),
            why=words[one["id"]].why.text(language),
            numbers=f"{one['n']}/{one['N']}",
            done=one["n"] == one["N"],
            work=_work(one["work"], language) if one["work"] else None,
        )
        for one in stored
        if one["id"] in words
    ]


def _work(work: _Stored, language: str) -> WorkLine:
    requirements = [name for name in work["requirements"] if name in edition(CURRENT).by_id]
    return WorkLine(
        action=_action(work, requirements, language),
        badge=STATE_BADGES[work["state"]],
        requirements=[_number(name) for name in requirements],
        subjects=_names(work["subjects"], work["subjects_in_all"]),
        role=Role(work["role"]).label,
        effort=Effort[work["effort"].upper()].label,
    )


def _action(work: _Stored, requirements: Sequence[str], language: str) -> Link:
    """Return what to do in a few words, and where it is done."""
    kind, name = ProofKind(work["kind"]), work["proof"]
    fallback = reverse("governance:requirement", args=[requirements[0]]) if requirements else ""
    if kind is ProofKind.DOCUMENT and (paper := papers(CURRENT).get(name)):
        title = _("Hand in: %(paper)s") % {"paper": paper.title.text(language)}
        return Link(title, reverse("governance:hand-in", args=[name]))
    if kind is ProofKind.ATTESTATION and requirements:
        title = _("Look at it and confirm: %(item)s") % {"item": _title(requirements[0], language)}
        return Link(title, reverse("governance:attest", args=[requirements[0]]))
    if kind is ProofKind.CONTROL and (control := registry.current().control(name)):
        return Link(_("Mend: %(control)s") % {"control": control.title}, reverse("governance:check", args=[name]))
    coverage = next((one for one in registry.current().coverages if one.id == name), None)
    if coverage is not None:
        address = reverse(coverage.route) if coverage.route else fallback
        return Link(_("Complete: %(ledger)s") % {"ledger": coverage.title}, address)
    return Link(_what(kind, name, requirements, language), fallback)


def _what(kind: ProofKind, name: str, requirements: Sequence[str], language: str) -> str:
    for requirement in requirements:
        for proof in mapping(CURRENT).leaves[requirement].proofs:
            if (proof.kind, proof.id) == (kind, name):
                return proof.what.text(language)
    return name


def _untold(stored: _Stored, language: str) -> UntoldLine:
    ways = [
        _action({"kind": kind, "proof": name}, [stored["requirement"]], language) for kind, name in stored["proofs"]
    ]
    return UntoldLine(
        requirement=_requirement(stored["requirement"], language),
        subjects=_names(stored["subjects"], stored["subjects_in_all"]),
        ways=ways,
    )


def _end(stored: _Stored, language: str) -> EndLine:
    requirements = [name for name in stored["requirements"] if name in edition(CURRENT).by_id]
    return EndLine(
        until=datetime.fromisoformat(stored["until"]),
        action=_action(stored, requirements, language),
        requirements=[_number(name) for name in requirements],
    )


def _names(names: Sequence[str], number: int) -> str:
    joined = _(", ").join(names)
    return joined if number <= len(names) else _("%(names)s and %(more)s more") % {
        "names": joined, "more": number - len(names),
    }  # fmt: skip


def _title(requirement: str, language: str) -> str:
    row = edition(CURRENT).by_id[requirement]
    return f"{chapter_of(row.id)}{row.printed} {row.title.text(language)}"


def _requirement(requirement: str, language: str) -> Link:
    return Link(_title(requirement, language), reverse("governance:requirement", args=[requirement]))


def _number(requirement: str) -> Link:
    row = edition(CURRENT).by_id[requirement]
    return Link(f"{chapter_of(row.id)}{row.printed}", reverse("governance:requirement", args=[requirement]))


@require_safe
@allow(GovernanceAction.VIEW)
def list_next(request: Request) -> HttpResponse:
    """Show the pieces of work that were found, with everything they serve."""
    kept = newest_overview()
    works = [_work(work, request.display.language) for work in kept.document["works"]] if kept else []
    columns = [
        TableColumn(_("What to do"), is_row_heading=True),
        TableColumn(_("State"), Align.CODE),
        TableColumn(_("Requirements")),
        TableColumn(_("Subjects")),
        TableColumn(_("In charge"), Align.NAME),
        TableColumn(_("Effort"), Align.CODE),
    ]
    context = {
        "page_title": _("What to do next"),
        "columns": columns,
        "rows": [
            (
                work.action,
                work.badge,
                format_html_join(" ", "{}", ((link,) for link in work.requirements)),
                work.subjects,
                work.role,
                work.effort,
            )
            for work in works
        ],
        "works_in_all": kept.document["works_in_all"] if kept else 0,
    }
    return render(request, "governance/next.html", context)
