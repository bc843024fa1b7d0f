"""The ledger of exceptions: what is not met yet, why, what is done instead, until when, and who approved it.

It is their one home. What is applied for on the page of a requirement is entered here with its approval; what is
entered here is applied for as an entry. An exception stands beside a verdict and turns none.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from sekisho.governance.actions import APPROVERS, EXCEPTIONS_TITLE, ExceptedCaseAction
from sekisho.governance.models import ExceptedCase
from sekisho.governance.rules.exceptions import ENTRY_WORKFLOW
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Column, Group, Ledger
from sekisho.kernel.text import _
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.services.books import add_entry, close_entry
from sekisho.ledgers.services.entry_approval import entry_workflow

_APPROVED = _("The exception was approved.")
_REVOKED = _("The approval of the exception was revoked.")
_LONGEST_NAME = 300

EXCEPTIONS = Ledger(
    id="governance.exception_ledger",
    title=EXCEPTIONS_TITLE,
    model=ExceptedCase,
    columns=(
        Column("requirement", _("Requirement"), _("Its number, such as SO-8-3."), listed=True, filtered=True),
        Column("about", _("What it is about"), _("System, device or place."), listed=True),
        Column("system", _("System"), _("Then it stands beside the verdict of this system too."), filtered=True),
        Column("reason", _("Why it is not met yet"), _("For example: stopped at the vendor's request, since when.")),
        Column("substitute", _("What is done instead"), listed=True),
        Column(
            "until",
            _("Until"),
            _("Close the entry when it is done. An open one whose day has passed counts as run out."),
            listed=True,
            expires=True,
        ),
        Column("owner", _("Person in charge"), listed=True, after_approval=True),
        Column("note", _("Remarks"), after_approval=True),
    ),
    owner_role=Role.PLANNING_MANAGER,
    review_every=timedelta(days=180),
    actions=ExceptedCaseAction,
    prefix="EX",
    group=Group.WORK,
    workflow=ENTRY_WORKFLOW,
)
exception_entry = entry_workflow(EXCEPTIONS, approvers=APPROVERS)


@transaction.atomic
def keep_exception(*, actor: Actor, application_id: UUID, content: Mapping[str, Any]) -> None:
    """Enter an exception that ``actor`` just approved. Raises Forbidden, NotFound, EntryInvalid."""
    actor.require(LedgersAction.APPROVE)
    for requirement in content["requirements"]:
        for subject in content["subjects"]:
            values = {
                "requirement": requirement,
                "about": subject["label"][:_LONGEST_NAME],
                "reason": content["reason"],
                "substitute": content["substitute"],
                "until": date.fromisoformat(content["valid_until"]),
            }
            entry = add_entry(actor=actor, ledger=EXCEPTIONS, values=values, reason=str(_APPROVED))
            ExceptedCase.objects.filter(pk=entry.pk).update(
                application=str(application_id),
                subject_id=subject["id"],
                approved_at=clock.now(),
                approved_by=actor.name,
            )


@transaction.atomic
def end_exception(*, actor: Actor, application_id: UUID) -> None:
    """Close the entries of an exception whose approval was revoked. Raises Forbidden, Conflict."""
    actor.require(LedgersAction.REVOKE)
    rows = ExceptedCase.objects.filter(application=str(application_id), closed_at=None, struck_at=None)
    for entry in rows.order_by("number"):
        close_entry(actor=actor, ledger=EXCEPTIONS, entry_id=entry.pk, version=entry.version, reason=str(_REVOKED))
