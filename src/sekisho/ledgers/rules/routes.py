"""How far an application has come on its route, from the approvals that were given. Pure.

Nothing is believed that was counted before: the approvals are walked through again, and one that does not belong where
the route stands then, or that the same person gave already, counts for nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Content, RouteStep, Workflow


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a step. ``key`` names it with who may decide it: approvals for other people count for nothing."""

    key: str
    step: int
    needed: int
    roles: frozenset[Role]
    people: frozenset[str]


Route = Sequence[Sequence[Part]]


@dataclass(frozen=True, slots=True)
class Given:
    """An approval: for which part, and everybody it rests on: who decided, and whom they stood in for.

    ``alone`` tells that nobody else could have given it, so that somebody who approved another part gave this one too.
    """

    part: str
    people: frozenset[str]
    alone: bool = False


def route_of(workflow: Workflow, content: Content | None = None) -> Route:
    """Return the parts of a workflow, step by step. Without a route it is one approval by one of the approvers.

    Of the steps that depend on what is applied for, those that ``content`` asks for; every one without it.
    """
    if not workflow.route:
        return ((_part("1.1", 0, workflow.approvers, frozenset(), 1),),)
    return tuple(
        tuple(
            _part(f"{place}.{number}", at, part.roles, part.people, part.needed)
            for number, part in enumerate(step.parts, start=1)
        )
        for at, (place, step) in enumerate(steps_of(workflow, content))
    )


def steps_of(workflow: Workflow, content: Content | None) -> list[tuple[int, RouteStep]]:
    """Return the steps that ``content`` asks for, each with its place in the whole route; every one without it.

    What no step is for goes through all of them: a hole between the conditions lets nothing pass.
    """
    steps = list(enumerate(workflow.route, start=1))
    asked = [(at, step) for at, step in steps if content is None or step.where is None or step.where(content)]
    return asked or steps


def _part(place: str, step: int, roles: frozenset[Role], people: frozenset[str], needed: int) -> Part:
    """``place`` is that in the whole route, so that a part has one key whatever the content asks for."""
    who = "+".join(sorted([*(role.value for role in roles), *people]))
    return Part(f"{place}/{who}/{needed}", step, needed, roles, people)


@dataclass(slots=True)
class Progress:
    """How far a route is walked. ``step`` is the place of the present step, the number of steps when it is finished.

    ``counted`` holds the approvals that count, by part.
    """

    route: Route
    step: int = 0
    counted: dict[str, list[Given]] = field(default_factory=dict)

    @property
    def is_finished(self) -> bool:
        """Tell whether every step has all it needs."""
        return self.step >= len(self.route)

    @property
    def open_parts(self) -> tuple[Part, ...]:
        """The parts of the present step that need somebody yet."""
        if self.is_finished:
            return ()
        return tuple(part for part in self.route[self.step] if self.missing(part))

    def missing(self, part: Part) -> int:
        """Return how many people a part needs yet."""
        return max(0, part.needed - len(self.counted.get(part.key, ())))

    @property
    def people(self) -> frozenset[str]:
        """Everybody who stands behind an approval that counts."""
        return frozenset().union(*(given.people for every in self.counted.values() for given in every))

    def has_counted(self, people: frozenset[str]) -> bool:
        """Tell whether one of ``people`` stands behind an approval that counts."""
        return not self.people.isdisjoint(people)

    def accepts(self, given: Given) -> bool:
        """Tell whether an approval would count here and now."""
        if given.part not in {part.key for part in self.open_parts}:
            return False
        if any(one.people & given.people for one in self.counted.get(given.part, ())):
            return False  # within one part it is always another person, whoever else there is or is not
        return given.alone or not self.has_counted(given.people)

    def count(self, given: Given) -> bool:
        """Take an approval in, and go on to the next step if that was the last it needed. Return whether it counts."""
        if not self.accepts(given):
            return False
        self.counted.setdefault(given.part, []).append(given)
        while not self.is_finished and not self.open_parts:
            self.step += 1
        return True


def walk(route: Route, given: Iterable[Given]) -> Progress:
    """Return how far ``given``, in the order in which they were given, lead along ``route``."""
    progress = Progress(route)
    for one in given:
        progress.count(one)
    return progress
