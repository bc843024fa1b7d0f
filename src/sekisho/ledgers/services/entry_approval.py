"""Entries of a ledger that count once they are approved: the workflow of such a ledger, and applying for an entry."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Content, Ledger, RouteStep, Workflow
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.kernel.text import Text, _
from sekisho.ledgers.actions import LedgersAction, Verb
from sekisho.ledgers.errors import AppliedAlready, EntryApproved, EntryEnded
from sekisho.ledgers.models import Application, BookEntry, Decision
from sekisho.ledgers.queries.books import action_of, get_entry, number_of, subject_ref
from sekisho.ledgers.queries.deciders import same_person
from sekisho.ledgers.queries.entry_approval import (
    applied_content,
    applied_entry,
    applied_facts,
    open_application,
    require_unchanged,
)
from sekisho.ledgers.queries.routes import approvals_of, newest_submission
from sekisho.ledgers.rules.applications import State, Step
from sekisho.ledgers.services.applications import NewFile
from sekisho.ledgers.services.submitting import amend, submit
from sekisho.register.services import append

Follow = Callable[[Actor, UUID, Content], None]
_TITLE = _("Entry of “%(ledger)s”")


def entry_workflow(
    ledger: Ledger,
    *,
    approvers: Iterable[Role] = (Role.PLANNING_MANAGER, Role.SAFETY_MANAGER),
    submitters: Iterable[Role] = (),
    title: Text | None = None,
    route: tuple[RouteStep, ...] = (),
    after_the_fact: timedelta | None = None,
    carry_out: Follow | None = None,
    take_back: Follow | None = None,
    on_part: Follow | None = None,
) -> Workflow:
    """Return the workflow, to be declared beside it, by which the entries of ``ledger`` are approved.

    ``ledger.workflow`` is its id. Who may correct entries may apply, unless ``submitters`` says otherwise. The last
    approval marks the entry as approved and then runs ``carry_out``, each before it ``on_part``; a revocation takes the
    mark away and runs ``take_back``, all in the transaction of the decision. Raises NotFound for a ledger without
    workflow or actions.
    """
    if ledger.workflow is None:
        raise NotFound
    return Workflow(
        id=ledger.workflow,
        title=title or _TITLE.with_params(ledger=ledger.title),
        submitters=frozenset(submitters) or action_of(ledger, Verb.CHANGE).roles,
        approvers=frozenset(approvers) | {role for step in route for part in step.parts for role in part.roles},
        facts=lambda content: applied_facts(ledger, content),
        amend_route="ledgers:amend-entry",
        fits=lambda content: require_unchanged(ledger, content, applied_entry(ledger, content)),
        route=route,
        carry_out=_marking(ledger, carry_out),
        take_back=_unmarking(ledger, take_back),
        on_part=on_part,
        after_the_fact=after_the_fact,
    )


def _marking(ledger: Ledger, follow: Follow | None) -> Follow:
    def mark(actor: Actor, application_id: UUID, content: Content) -> None:
        entry = _locked(ledger, content)
        require_unchanged(ledger, content, entry)
        application = Application.objects.get(pk=application_id)
        given = approvals_of(newest_submission(application))
        names = ", ".join(dict.fromkeys(row.decided_by_name for row in given))[:500]
        _set_approval(entry, approved_at=application.changed_at, approved_by=names)
        _record(actor, LedgersAction.APPROVE_ENTRY, ledger, entry, application_id, [None, names])
        if follow is not None:
            follow(actor, application_id, content)

    return mark


def _unmarking(ledger: Ledger, follow: Follow | None) -> Follow:
    def unmark(actor: Actor, application_id: UUID, content: Content) -> None:
        entry = _locked(ledger, content)
        approval = Decision.objects.get(submission__application=application_id, step=Step.APPROVE)
        if entry.approved_at == approval.decided_at:  # a later approval of the entry stands for itself
            before = entry.approved_by
            _set_approval(entry, approved_at=None, approved_by="")
            _record(actor, LedgersAction.UNAPPROVE_ENTRY, ledger, entry, application_id, [before, None])
        if follow is not None:
            follow(actor, application_id, content)

    return unmark


def _locked(ledger: Ledger, content: Content) -> BookEntry:
    """Return the entry that was applied for; whoever changes it at the same moment waits, or finds it changed."""
    ledger.model._default_manager.select_for_update().filter(pk=UUID(str(content["entry"]))).first()
    return applied_entry(ledger, content)


def _set_approval(entry: BookEntry, **values: Any) -> None:
    """Write the approval, as a new version: a form that was opened before does not take it away unseen."""
    rows = type(entry)._default_manager.filter(pk=entry.pk, version=entry.version)
    if not rows.update(version=entry.version + 1, **values):
        raise Conflict


def _record(
    by: Actor,
    action: LedgersAction,
    ledger: Ledger,
    entry: BookEntry,
    application_id: UUID,
    change: Sequence[str | None],
) -> None:
    details: dict[str, Json] = {"application": str(application_id), "changes": {"approved_by": list(change)}}
    append(actor=by, action=action, subject=subject_ref(ledger, entry), details=details)


def workflow_of_ledger(ledger: Ledger) -> Workflow | None:
    """Return the workflow by which the entries of a ledger are approved, None where they are not."""
    return registry.current().workflow(ledger.workflow) if ledger.workflow else None


@transaction.atomic
def apply_for_entry(
    *,
    actor: Actor,
    ledger: Ledger,
    entry_id: UUID,
    version: int,
    comment: str = "",
    done_reason: str = "",
    files: Sequence[NewFile] = (),
) -> Application:
    """Apply for the approval of an entry as it stands in ``version``; one's own that was sent back is mended by it.

    Raises Forbidden, NotFound, EntryEnded, EntryApproved, AppliedAlready, Conflict, and what submitting raises.
    """
    actor.require(LedgersAction.SUBMIT)
    actor.require(action_of(ledger, Verb.VIEW))
    workflow = workflow_of_ledger(ledger)
    if workflow is None:
        raise NotFound
    entry = _to_apply_for(ledger, entry_id, version)
    content = applied_content(ledger, entry)
    before = open_application(ledger, entry)
    if before is not None and before.state == State.SUBMITTED:
        raise AppliedAlready(name=str(entry), applicant=before.applicant_name)
    if before is not None and same_person(actor.id, before.applicant_id):
        return amend(
            actor=actor,
            application_id=before.pk,
            version=before.version,
            content=content,
            files=files,
            comment=comment,
        )
    return submit(
        actor=actor,
        workflow=workflow,
        key=str(entry.pk),
        subject=subject_ref(ledger, entry),
        title=f"{number_of(ledger, entry.number)} {entry}",
        content=content,
        files=files,
        comment=comment,
        done_reason=done_reason,
    )


def _to_apply_for(ledger: Ledger, entry_id: UUID, version: int) -> BookEntry:
    """Return the entry with its row locked: of two who apply at once the second is told of the first."""
    ledger.model._default_manager.select_for_update().filter(pk=entry_id).first()
    entry = get_entry(ledger, entry_id)
    if entry.ended_at is not None:
        raise EntryEnded(name=str(entry))
    if entry.version != version:
        raise Conflict
    if entry.is_approved:
        raise EntryApproved(name=str(entry))
    return entry
