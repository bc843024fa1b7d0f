"""What a locked round kept of one requirement: the texts it judged, and each verdict with its proofs."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import RoundJudgement
from sekisho.governance.queries.claims import wording_hash
from sekisho.governance.queries.official import verbatim
from sekisho.governance.queries.rounds import get_round, kept_item
from sekisho.governance.rules.catalogue import chapter_of
from sekisho.governance.rules.verdicts import Summary, Verdict
from sekisho.governance.views.rounds import locked_by_whom, round_context
from sekisho.governance.views.wording import REASSESS, VERDICT_BADGES, proof_lines, reason_words
from sekisho.kernel.access import allow
from sekisho.ui.request import Request

_Row = Mapping[str, Any]


@require_safe
@allow(GovernanceAction.VIEW)
def show_kept(request: Request, round_id: UUID, requirement_id: str) -> HttpResponse:
    """Show one requirement as a locked round kept it, and whether the official wording is another one today."""
    found = get_round(round_id)
    item, judgements = kept_item(found, requirement_id)
    language = request.display.language
    what = {
        (proof["kind"], proof["id"]): proof["what"][language] for proof in item.row.get("mapping", {}).get("proofs", ())
    }
    now = verbatim(found.edition).get(requirement_id, "")
    context = {
        **round_context(request, found),
        "locked": locked_by_whom(found, request.display),
        "name": f"{chapter_of(requirement_id)} {item.row['printed']} {item.row['title'][language]}",
        "explanation": item.row["explanation"][language],
        "clinic": item.row.get("clinic", {}).get(language, ""),
        "official": item.official,
        "wording": _wording(item.official, now),
        "badge": VERDICT_BADGES[item.verdict],
        "summary": Summary(item.verdict, item.counts),
        "subjects": [_judged(row, what, language) for row in judgements],
    }
    return render(request, "governance/kept.html", context)


def _wording(kept: str, now: str) -> str:
    """Say how today's official wording stands to the one that was judged."""
    if not kept:
        return _("The official text had not been imported when the round was locked.")
    if not now:
        return _("No official text is imported today to compare it with.")
    if wording_hash(kept) == wording_hash(now):
        return _("The official wording is the same today.")
    return _("The official wording is another one today.")


def _judged(row: RoundJudgement, what: Mapping[tuple[str, str], str], language: str) -> dict[str, Any]:
    return {
        "label": row.subject_label,
        "badge": VERDICT_BADGES[Verdict(row.verdict)],
        "reassess": REASSESS if row.reassess else None,
        "reason": reason_words(json.loads(row.reason), language),
        "proofs": proof_lines(json.loads(row.proofs), what),
    }
