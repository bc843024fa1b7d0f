"""Which applications somebody may see, and which wait for them: for their own decision or for one they stand in for."""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Any, Protocol

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from sekisho.kernel import registry
from sekisho.kernel.access import REVIEWERS
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Workflow
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.models import Application, Decision, Submission
from sekisho.ledgers.queries.deciders import Deciders, given_to, others
from sekisho.ledgers.queries.routes import Question, workflow_of
from sekisho.ledgers.rules.applications import Aside, State
from sekisho.ledgers.rules.routes import Part, route_of

_NOTHING = Q(pk__in=[])


def own_accounts(actor: Actor) -> frozenset[str]:
    """Return the ids of all accounts of the person who acts; what one applied for, the person applied for."""
    return Deciders().accounts_of(actor.id)


def visible_to(actor: Actor) -> "QuerySet[Application]":
    """Return the applications the actor may see: reviewers all, others their own and what they may decide."""
    if not actor.roles.isdisjoint(REVIEWERS):
        return Application.objects.all()
    deciders = Deciders()
    givers = [row.giver_id for row in given_to(deciders, actor.id)]
    decidable = [
        workflow.id
        for workflow in registry.current().workflows
        if not actor.roles.isdisjoint(workflow.approvers) or _has_a_part(actor, workflow, deciders, givers)
    ]
    return Application.objects.filter(Q(applicant_id__in=deciders.accounts_of(actor.id)) | Q(workflow__in=decidable))


def _has_a_part(actor: Actor, workflow: Workflow, deciders: Deciders, givers: Iterable[str]) -> bool:
    parts = [part for parts in route_of(workflow) for part in parts]
    keys = {deciders.key_of(giver) for giver in givers}
    return any(
        (part.people and deciders.can_decide(actor.id, actor.roles, part))
        or (keys and not keys.isdisjoint(deciders.candidates(part)))
        for part in parts
    )


def waiting_for(actor: Actor) -> "QuerySet[Application]":
    """Return what waits for the actor: to be decided by them or for somebody, or sent back to them.

    Their own application, and one that they approved a part of, waits for them only where nobody else could decide.
    """
    deciders = Deciders()
    own = deciders.accounts_of(actor.id)
    to_mend = Q(state=State.SENT_BACK, applicant_id__in=own)
    if not actor.may(LedgersAction.APPROVE):
        return Application.objects.filter(to_mend)
    rows = Application.objects.alias(decided=Exists(_decided_by(own)))
    mine = reduce(or_, _own_parts(actor, deciders), _NOTHING) & Q(state=State.SUBMITTED)
    given = reduce(or_, _given_parts(actor, deciders), _NOTHING) & Q(state=State.SUBMITTED)
    again = [row.pk for row in rows.filter(mine, decided=True) if _may_again(actor, row, deciders)]
    return rows.filter(((mine | given) & Q(decided=False)) | Q(pk__in=again) | to_mend)


def _may_again(actor: Actor, application: Application, deciders: Deciders) -> bool:
    return bool(Question(actor, application, workflow_of(application), deciders).rights())


def _decided_by(accounts: frozenset[str]) -> "QuerySet[Decision]":
    """Return the approvals of the newest version that rest on one of ``accounts``."""
    newest = Submission.objects.filter(application=OuterRef(OuterRef("pk"))).order_by("-number").values("pk")[:1]
    rows = Decision.objects.filter(submission=Subquery(newest), step=Aside.PART)
    return rows.filter(Q(decided_by__in=accounts) | Q(for_id__in=accounts))


def _all_parts() -> Iterator[tuple[Workflow, Part]]:
    for workflow in registry.current().workflows:
        for parts in route_of(workflow):
            yield from ((workflow, part) for part in parts)


def _waits(workflow: Workflow, part: Part) -> Q:
    return Q(workflow=workflow.id, open_parts__contains=f"\n{part.key}\n")


def _own_parts(actor: Actor, deciders: Deciders) -> Iterator[Q]:
    """Yield what waits for the actor by their own role."""
    me, own = deciders.key_of(actor.id), deciders.accounts_of(actor.id)
    for workflow, part in _all_parts():
        if deciders.can_decide(actor.id, actor.roles, part):
            alone = not others(deciders.candidates(part), me)
            yield _waits(workflow, part) & (Q() if alone else ~Q(applicant_id__in=own))


def _given_parts(actor: Actor, deciders: Deciders) -> Iterator[Q]:
    """Yield what waits for the actor because they stand in for somebody who has neither applied nor approved."""
    own = deciders.accounts_of(actor.id)
    for row in given_to(deciders, actor.id):
        giver = deciders.accounts_of(row.giver_id)
        free = ~Q(applicant_id__in=own | giver) & ~Q(pk__in=_by_giver(giver))
        for workflow, part in _all_parts():
            if deciders.key_of(row.giver_id) in deciders.candidates(part):
                yield _waits(workflow, part) & free


def _by_giver(accounts: frozenset[str]) -> "QuerySet[Any, Any]":
    """Return the ids of the open applications whose newest version the giver approved a part of."""
    rows = Application.objects.filter(state=State.SUBMITTED).alias(decided=Exists(_decided_by(accounts)))
    return rows.filter(decided=True).values("pk")


class Waited(Protocol):
    """An application, as other rooms ask whose turn it is."""

    workflow: str
    open_parts: str


def waiting_parts(application: Waited) -> list[Part]:
    """Return the parts of the route that an application waits for now; empty when no app declares its workflow."""
    workflow = registry.current().workflow(application.workflow)
    parts = [part for parts in route_of(workflow) for part in parts] if workflow else []
    return [part for part in parts if f"\n{part.key}\n" in application.open_parts]
