"""What people apply for about requirements: attestations, documents, reasons why one does not apply, exceptions."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sekisho.governance.actions import APPROVERS, CLAIMANTS
from sekisho.governance.ledgers.excepted import end_exception, keep_exception
from sekisho.governance.ledgers.kept_documents import keep_document, revoke_document
from sekisho.governance.queries.editions import edition_ids
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.exceptions import WORKFLOW
from sekisho.governance.services.claims import require_fitting
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel.actor import Actor, platform
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
    said = [
        *_about(content),
        (_("Version of the document"), content.get("document_version", "")),
        (_STATEMENT[kind], content["statement"]),
        (_("Where the evidence is kept"), content["kept_at"]),
        _end(content),
    ]
    return [(title, value) for title, value in said if value]


def _about(content: Mapping[str, Any]) -> list[tuple[Text, str]]:
    labels = "、".join(subject["label"] for subject in content["subjects"])
    return [
        (_("Edition"), content["edition"]),
        (_("Requirements"), ", ".join(content["requirements"])),
        (_("About"), labels or str(_("The whole facility"))),
    ]


def _end(content: Mapping[str, Any]) -> tuple[Text, str]:
    return _("Valid until"), format_date(date.fromisoformat(content["valid_until"]), Calendar.SEIREKI)


def _exception_facts(content: Mapping[str, Any]) -> list[tuple[Text, str]]:
    """Return an exception heading by heading."""
    return [
        *_about(content),
        (_("Why it is not met yet"), content["reason"]),
        (_("What is done instead"), content["substitute"]),
        _end(content),
    ]


def _judge_anew() -> None:
    """What was just decided is seen at once, not at the next minute."""
    for edition_id in edition_ids():
        update_verdicts(actor=platform("web"), edition_id=edition_id)


def _keep(actor: Actor, application_id: UUID, content: Mapping[str, Any]) -> None:
    keep_document(actor=actor, application_id=application_id, content=content)


def _unkeep(actor: Actor, application_id: UUID, _content: Mapping[str, Any]) -> None:
    revoke_document(actor=actor, application_id=application_id)


def _except(actor: Actor, application_id: UUID, content: Mapping[str, Any]) -> None:
    keep_exception(actor=actor, application_id=application_id, content=content)


def _end_exception(actor: Actor, application_id: UUID, _content: Mapping[str, Any]) -> None:
    end_exception(actor=actor, application_id=application_id)


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
document = replace(_workflow(ClaimKind.DOCUMENT, _("Document")), carry_out=_keep, take_back=_unkeep)
# Nothing is judged anew after it: an exception stands beside the verdicts.
exception = Workflow(
    id=WORKFLOW,
    title=_("Exception"),
    submitters=CLAIMANTS,
    approvers=APPROVERS,
    facts=_exception_facts,
    amend_route="governance:amend-exception",
    fits=require_fitting,
    carry_out=_except,
    take_back=_end_exception,
)
