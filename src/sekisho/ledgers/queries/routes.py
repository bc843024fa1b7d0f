"""How far an application has come, who may decide now, and by what right."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.errors import Conflict, Forbidden, NotFound, SekishoError
from sekisho.kernel.ports import Person
from sekisho.ledgers.errors import (
    ApprovedAlready,
    NotYourPart,
    NotYourTurn,
    OwnApplication,
    PartTaken,
    StandsInWrongly,
)
from sekisho.ledgers.models import Application, Decision, Delegation, Submission
from sekisho.ledgers.queries.deciders import Deciders, given_to, others
from sekisho.ledgers.rules.applications import Aside, Step
from sekisho.ledgers.rules.routes import Given, Part, Progress, Route, route_of, walk

_MOST_NAMES = 5
_APPROVALS = (Step.APPROVE.value, Aside.PART.value)


@dataclass(frozen=True, slots=True)
class Right:
    """The right to decide now, for oneself or for somebody (``for_id`` an account, ``for_name`` its person).

    ``part`` is the key of what is approved, empty for sending back; ``people`` are those on whom the decision rests.
    ``own``: the applicant decides because nobody else could. ``again``: so does somebody who approved another part.
    """

    part: str = ""
    people: frozenset[str] = frozenset()
    for_id: str = ""
    for_name: str = ""
    own: bool = False
    again: bool = False

    @property
    def key(self) -> str:
        """What a form sends to choose this right."""
        return f"{self.part}|{self.for_id}"

    @property
    def given(self) -> Given:
        """The approval as the route counts it."""
        return Given(self.part, self.people, self.own or self.again)


def workflow_of(application: Application) -> Workflow:
    """Return the workflow of an application. Raises NotFound when no app declares it any more."""
    found = registry.current().workflow(application.workflow)
    if found is None:
        raise NotFound
    return found


def newest_submission(application: Application) -> Submission:
    """Return the version that is to be decided."""
    submission: Submission = application.submissions.order_by("-number")[:1].get()
    return submission


def route_for(workflow: Workflow, application: Application) -> Route:
    """Return the route of the newest version of an application."""
    if all(step.where is None for step in workflow.route):
        return route_of(workflow)
    return route_of(workflow, json.loads(newest_submission(application).content))


def approvals_of(submission: Submission) -> list[Decision]:
    """Return the approvals that were given for a version, in their order."""
    return list(submission.decisions.filter(step__in=_APPROVALS).order_by("decided_at", "id"))


def progress_of(route: Route, approvals: Iterable[Decision], deciders: Deciders) -> Progress:
    """Return how far the approvals of one version lead."""
    steps = {part.key: part.step for parts in route for part in parts}
    ordered = sorted(approvals, key=lambda row: (row.decided_at, steps.get(row.part, 0), row.own or row.again))
    return walk(route, [_given(row, deciders) for row in ordered])


def _given(row: Decision, deciders: Deciders) -> Given:
    accounts = [row.decided_by, *([row.for_id] if row.for_id else [])]
    return Given(row.part, frozenset(map(deciders.key_of, accounts)), row.own or row.again)


def open_parts_text(progress: Progress) -> str:
    """Return the parts that wait, each on a line of its own, as the application keeps them for the inbox."""
    return "".join(f"\n{part.key}" for part in progress.open_parts) + "\n"


@dataclass(slots=True)
class Question:
    """Whether somebody may approve an application now: everything that the answer rests on."""

    actor: Actor
    application: Application
    workflow: Workflow
    deciders: Deciders = field(default_factory=Deciders)
    approvals: Sequence[Decision] | None = None
    delegations: list[Delegation] | None = None

    @property
    def progress(self) -> Progress:
        """How far the newest version has come."""
        if self.approvals is None:
            self.approvals = approvals_of(newest_submission(self.application))
        return progress_of(route_for(self.workflow, self.application), self.approvals, self.deciders)

    def rights(self) -> list[Right]:
        """Return every right by which the actor may approve now, their own before those they were given."""
        progress = self.progress
        found = [self._own_right(part, progress) for part in progress.open_parts]
        found += [self._given_right(part, row) for part in progress.open_parts for row in self._given()]
        return [right for right in found if right is not None and progress.accepts(right.given)]

    def is_own(self) -> bool:
        """Tell whether the actor applied for it."""
        return self._me == self._applicant

    def require(self, key: str = "") -> Right:
        """Return the right chosen by ``key``, the first for none. Raises what says why there is none."""
        rights = self.rights()
        chosen = [right for right in rights if not key or right.key == key]
        if not chosen:
            raise self._why_not()
        return chosen[0]

    @property
    def _me(self) -> str:
        return self.deciders.key_of(self.actor.id)

    @property
    def _applicant(self) -> str:
        return self.deciders.key_of(self.application.applicant_id)

    def _own_right(self, part: Part, progress: Progress) -> Right | None:
        if not self._has_own(part):
            return None
        me, candidates = self._me, self.deciders.candidates(part)
        own, again = self.is_own(), progress.has_counted(frozenset({me}))
        fresh = others(candidates, me, self._applicant, *progress.people)
        if (own and others(candidates, me)) or (again and len(fresh) >= progress.missing(part)):
            return None
        return Right(part.key, frozenset({me}), own=own, again=again)

    def _given_right(self, part: Part, row: Delegation) -> Right | None:
        """Return the right to stand in for the giver: both are somebody else than the applicant, or there is none."""
        me, giver = self._me, self.deciders.key_of(row.giver_id)
        if self._applicant in {me, giver} or not self._has_given(giver, [part]):
            return None
        return Right(part.key, frozenset({me, giver}), row.giver_id, row.giver_name)

    def _why_not(self) -> SekishoError:
        """Return why the actor may not approve now: the first reason that holds."""
        progress, mine = self.progress, self._mine()
        if not mine:
            return not_your_part(self.workflow)
        if (mine_now := [part for part in mine if part in progress.open_parts]) and self.is_own():
            return OwnApplication(names=self._names(mine_now, self._me))
        if progress.has_counted(frozenset({self._me})):
            return ApprovedAlready(names=self._names(progress.open_parts, self._me, self._applicant))
        if mine_now:
            return StandsInWrongly(names=self._names(mine_now, self._applicant))
        if all(part.step > progress.step for part in mine):
            return NotYourTurn(names=self._names(progress.open_parts))
        return PartTaken(names=", ".join(self._who_gave(mine)))

    def right_to_send_back(self) -> Right:
        """Return for whom the actor sends back. Whoever has a part in the present step may, counted before or not.

        Raises NotYourPart, NotYourTurn, PartTaken.
        """
        progress = self.progress
        open_parts = progress.route[min(progress.step, len(progress.route) - 1)]
        if any(self._has_own(part) for part in open_parts):
            return Right()
        for row in self._given():
            giver = self.deciders.key_of(row.giver_id)
            if self._applicant not in {giver, self._me} and self._has_given(giver, open_parts):
                return Right(for_id=row.giver_id, for_name=row.giver_name)
        raise self._why_not()

    def may_send_back(self) -> bool:
        """Tell whether the actor may send an application back that waits."""
        try:
            self.right_to_send_back()
        except (Forbidden, Conflict):
            return False
        return True

    def names_besides(self, account_id: str) -> list[str]:
        """Return the names of those who may decide now by their own role, one person left out."""
        people: dict[str, Person] = {}
        for part in self.progress.open_parts:
            people |= self.deciders.candidates(part)
        return list(others(people, self.deciders.key_of(account_id), *self.progress.people).values())

    def require_part(self) -> None:
        """Let only who has some part in the workflow go on, whether it is open or not. Raises NotYourPart."""
        if self.actor.roles.isdisjoint(self.workflow.approvers) and not self._mine():
            raise not_your_part(self.workflow)

    def require_approver(self) -> None:
        """Let only the workflow's approvers go on. Raises NotYourPart."""
        if self.actor.roles.isdisjoint(self.workflow.approvers):
            raise not_your_part(self.workflow)

    def _mine(self) -> list[Part]:
        return [part for parts in route_for(self.workflow, self.application) for part in parts if self._has_part(part)]

    def _has_part(self, part: Part) -> bool:
        givers = (self.deciders.key_of(row.giver_id) for row in self._given())
        return self._has_own(part) or any(self._has_given(giver, [part]) for giver in givers)

    def _has_own(self, part: Part) -> bool:
        return self.deciders.can_decide(self.actor.id, self.actor.roles, part)

    def _has_given(self, giver: str, parts: Iterable[Part]) -> bool:
        return any(giver in self.deciders.candidates(part) for part in parts)

    def _given(self) -> list[Delegation]:
        if self.delegations is None:
            self.delegations = given_to(self.deciders, self.actor.id)
        return self.delegations

    def _names(self, parts: Iterable[Part], *left_out: str) -> str:
        people: dict[str, Person] = {}
        for part in parts:
            people |= self.deciders.candidates(part)
        names = list(others(people, *left_out).values())[:_MOST_NAMES]
        return ", ".join(names) or ", ".join(_roles(parts))

    def _who_gave(self, parts: Iterable[Part]) -> list[str]:
        keys = {part.key for part in parts}
        return [row.decided_by_name for row in self.approvals or () if row.part in keys]


def _roles(parts: Iterable[Part]) -> list[str]:
    return [str(role.label) for role in Role if any(role in part.roles for part in parts)]


def not_your_part(workflow: Workflow, roles: Iterable[Role] | None = None) -> NotYourPart:
    """Return the refusal that names whose part it is."""
    wanted = workflow.approvers if roles is None else frozenset(roles)
    return NotYourPart(workflow=workflow.title, roles=", ".join(str(role.label) for role in Role if role in wanted))
