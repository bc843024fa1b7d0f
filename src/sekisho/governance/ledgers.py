"""What people show by claims that somebody approves: attestations, documents, reasons why an item does not apply."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sekisho.governance.actions import APPROVERS, CLAIMANTS
from sekisho.governance.queries.editions import edition_ids
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.services.claims import require_fitting
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel.actor import platform
from sekisho.kernel.dates import Calendar, format_date
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.text import Text, _

_STATEMENT = {
    ClaimKind.ATTESTATION: _("What was looked at, and how"),
    ClaimKind.NOT_APPLICABLE: _("Why it does not apply"),
    ClaimKind.DOCUMENT: _("Remarks"),
}


def _facts(kind: ClaimKind, content: Mapping[str, Any]) -> list[tuple[Text, str]]:
    """Return a claim heading by heading; what is empty is left out."""
    labels = "、".join(subject["label"] for subject in content["subjects"])
    valid_until = format_date(date.fromisoformat(content["valid_until"]), Calendar.SEIREKI)
    said = [
        (_("Edition"), content["edition"]),
        (_("Requirements"), ", ".join(content["requirements"])),
        (_("About"), labels or str(_("The whole facility"))),
        (_("Version of the document"), content.get("document_version", "")),
        (_STATEMENT[kind], content["statement"]),
        (_("Where the evidence is kept"), content["kept_at"]),
        (_("Valid until"), valid_until),
    ]
    return [(title, value) for title, value in said if value]


def _judge_anew() -> None:
    """What was just decided is seen at once, not at the next minute."""
    for edition_id in edition_ids():
        update_verdicts(actor=platform("web"), edition_id=edition_id)


def _workflow(kind: ClaimKind, title: Text) -> Workflow:
    return Workflow(
        id=kind.value,
        title=title,
        submitters=CLAIMANTS,
        approvers=APPROVERS,
        facts=lambda content: _facts(kind, content),
        amend_route="governance:amend",
        fits=require_fitting,
        after=_judge_anew,
    )


attestation = _workflow(ClaimKind.ATTESTATION, _("Attestation"))
not_applicable = _workflow(ClaimKind.NOT_APPLICABLE, _("Not applicable (application)"))
document = _workflow(ClaimKind.DOCUMENT, _("Document"))
