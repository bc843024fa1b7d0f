"""The list of requirements: verdicts, who looks after them, exceptions, and those that conditions leave."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from sekisho.governance.queries.conformance import Conformity, conformity
from sekisho.governance.queries.editions import CURRENT, edition
from sekisho.governance.queries.exceptions import ExceptionEntry, exceptions_by_requirement
from sekisho.governance.queries.work import Work, person_of, work_by_requirement
from sekisho.governance.rules.catalogue import Edition, Parent, Requirement, chapter_of
from sekisho.governance.rules.filtering import MYSELF, RequirementFilter, Standing, matches, search_key, searched_words
from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.dates import FACILITY_ZONE

Row = Requirement | Parent


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that the list shows, as it was on ``today``; work and exceptions by requirement."""

    state: Conformity
    work: Mapping[str, Work]
    exceptions: Mapping[str, Sequence[ExceptionEntry]]
    today: date

    def shown(self, conditions: RequirementFilter) -> list[Row]:
        """Return the rows that meet the conditions, in printed order. Whoever means themselves was named before."""
        words = searched_words(conditions.text)
        return [row for row in self.state.edition.rows if matches(conditions, self._standing(row), self.today, words)]

    def numbers(self, conditions: RequirementFilter) -> Mapping[Verdict, int]:
        """Return how many leaves stand in each verdict, whatever verdict the conditions ask for."""
        rows = (row for row in self.shown(conditions) if isinstance(row, Requirement))
        return Counter(self.state.summaries[row.id].verdict for row in rows)

    def people(self) -> list[tuple[str, str]]:
        """Return id and name of everybody who looks after something, by name."""
        found = {work.assignee_id: work.assignee_name for work in self.work.values() if work.assignee_id}
        return sorted(found.items(), key=lambda pair: pair[1])

    def _standing(self, row: Row) -> Standing:
        work = self.work.get(row.id)
        return Standing(
            group=group_of(self.state.edition, row.id),
            is_leaf=isinstance(row, Requirement),
            verdict=self.state.summaries[row.id].verdict,
            person=work.assignee_id if work else "",
            due_on=work.due_on if work else None,
            reassess=bool(self.state.reassess.get(row.id)),
            excepted=row.id in self.exceptions,
            searched=_search_keys(self.state.edition.head.id)[row.id],
        )


def listing(edition_id: str = CURRENT) -> Listing:
    """Return the list of an edition. Raises NotFound, EditionInvalid."""
    today = clock.now().astimezone(FACILITY_ZONE).date()
    return Listing(
        conformity(edition_id), work_by_requirement(edition_id), exceptions_by_requirement(edition_id), today
    )


def group_of(wanted: Edition, requirement: str) -> str:
    """Return the group of the guideline's own scheme that a requirement's chapter belongs to."""
    chapter = chapter_of(requirement)
    return next((found.group for found in wanted.head.chapters if found.number == chapter), "")


@cache
def _search_keys(edition_id: str) -> dict[str, str]:
    """Return what each row is searched by; 13⑥ and 13-6 both find SO-13-6, 14-6 what stands below it too."""
    wanted = edition(edition_id)
    return {
        row.id: search_key(
            _with_parents(wanted, row),
            f"{chapter_of(row.id)}{row.printed}",
            (row.title.ja, row.title.en, row.explanation.ja, row.explanation.en),
        )
        for row in wanted.rows
    }


def _with_parents(wanted: Edition, row: Row) -> list[str]:
    above = wanted.by_id.get(row.parent) if row.parent else None
    return [row.id, *(_with_parents(wanted, above) if above else ())]


def with_myself(conditions: RequirementFilter, actor: Actor) -> RequirementFilter:
    """Return the conditions with the one who acts in place of MYSELF; who is no person looks after nothing."""
    if conditions.person != MYSELF:
        return conditions
    person = person_of(actor)
    return replace(conditions, person=person.id if person else MYSELF)
