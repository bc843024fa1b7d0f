"""Reading the work on requirements: who looks after what, what is due, and what people remarked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.paginator import Page, Paginator

from sekisho.governance.actions import WORKERS
from sekisho.governance.models import Assignment, Comment
from sekisho.governance.queries.conformance import conformity
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.rules.catalogue import Edition, chapter_of
from sekisho.governance.rules.filtering import SETTLED
from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Directory, Person

COMMENTS_A_PAGE = 50
SOON = timedelta(days=7)
FACILITY_LANGUAGE = "ja"


@dataclass(frozen=True, slots=True)
class Work:
    """Who looks after a requirement and by when; None and empty where nobody said. ``version`` counts the changes."""

    requirement: str
    assignee_id: str = ""
    assignee_name: str = ""
    assigned_by: str = ""
    assigned_at: datetime | None = None
    due_on: date | None = None
    due_set_by: str = ""
    due_set_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A requirement that somebody has to do something for: it neither conforms nor is it out of account.

    ``assignee_id`` is the id of the person (empty for nobody), ``due_on`` None where no day was set.
    """

    requirement: str
    title: str
    assignee_id: str
    assignee_name: str
    due_on: date | None


def work_by_requirement(edition_id: str = CURRENT) -> Mapping[str, Work]:
    """Return what was settled, by requirement; a requirement that nobody settled anything for is not there."""
    return {row.requirement: _work(row) for row in Assignment.objects.filter(edition=edition_id)}


def work_on(requirement: str, edition_id: str = CURRENT) -> Work:
    """Return who looks after one requirement and by when."""
    row = Assignment.objects.filter(edition=edition_id, requirement=requirement).first()
    return _work(row) if row else Work(requirement)


def _work(row: Assignment) -> Work:
    return Work(
        requirement=row.requirement,
        assignee_id=row.assignee_id,
        assignee_name=row.assignee_name,
        assigned_by=row.assigned_by,
        assigned_at=row.assigned_at,
        due_on=row.due_on,
        due_set_by=row.due_set_by,
        due_set_at=row.due_set_at,
        version=row.version,
    )


def assigned_to_actor(actor: Actor, edition_id: str = CURRENT, language: str = FACILITY_LANGUAGE) -> list[WorkItem]:
    """Return what the person who acts still has to do: what is due first comes first, what has no day last.

    Nothing for who is no person.
    """
    items = _open_items(edition_id, language)
    person = person_of(actor) if items else None
    mine = [item for item in items if person and item.assignee_id == person.id]
    return sorted(mine, key=lambda item: item.due_on or date.max)


def due_items(
    today: date, ahead: timedelta = SOON, edition_id: str = CURRENT, language: str = FACILITY_LANGUAGE
) -> list[WorkItem]:
    """Return what is still to be done and was due before ``today``, or will be within ``ahead``, by day."""
    dated = [(item.due_on, item) for item in _open_items(edition_id, language) if item.due_on is not None]
    return [item for day, item in sorted(dated, key=lambda pair: pair[0]) if day <= today + ahead]


def _open_items(edition_id: str, language: str) -> list[WorkItem]:
    """Return the settled requirements that are not done, in printed order."""
    settled = work_by_requirement(edition_id)
    if not settled:
        return []
    state = conformity(edition_id)
    return [
        WorkItem(leaf.id, title_of(state.edition, leaf.id, language), work.assignee_id, work.assignee_name, work.due_on)
        for leaf in state.edition.leaves
        if (work := settled.get(leaf.id)) and state.summaries[leaf.id].verdict not in SETTLED
    ]


def title_of(edition: Edition, requirement: str, language: str) -> str:
    """Return a requirement as people name it: 13 ⑥ and its title."""
    row = edition.by_id[requirement]
    return f"{chapter_of(row.id)} {row.printed} {row.title.text(language)}"


def workers() -> Sequence[Person]:
    """Return who can be asked to look after a requirement: people who work here and hold a role that can act."""
    found = {
        person.id: person
        for directory in _directories()
        for role in Role
        if role in WORKERS
        for person in directory.holders(role)
    }
    return sorted(found.values(), key=lambda person: (person.kana, person.name))


def worker(person_id: str) -> Person | None:
    """Return a person who can be asked to look after a requirement, None for everybody else."""
    try:
        UUID(person_id)
    except ValueError:
        return None
    found = (person for directory in _directories() if (person := directory.person(person_id)))
    return next((person for person in found if person.active and person.roles & WORKERS), None)


def person_of(actor: Actor) -> Person | None:
    """Return the person who acts, None for the console and the platform."""
    found = (person for directory in _directories() if (person := directory.person_of(actor.id)))
    return next(found, None)


def _directories() -> Sequence[Directory]:
    return registry.current().offers(Directory)  # type: ignore[type-abstract]  # asked for by its protocol


def comments_page(requirement: str, page: int, edition_id: str = CURRENT) -> "Page[Comment]":
    """Return one page of the comments on a requirement, the newest first, each with how it was struck out if it was."""
    rows = Comment.objects.filter(edition=edition_id, requirement=requirement).select_related("struck")
    return Paginator(rows.order_by("-written_at", "-id"), COMMENTS_A_PAGE).get_page(page)


def comment_on(requirement: str, comment_id: UUID, edition_id: str = CURRENT) -> Comment:
    """Return one comment on a requirement. Raises NotFound."""
    rows = Comment.objects.filter(edition=edition_id, requirement=requirement, pk=comment_id)
    found: Comment | None = rows.select_related("struck").first()
    if found is None:
        raise NotFound
    return found
