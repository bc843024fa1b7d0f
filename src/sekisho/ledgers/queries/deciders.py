"""Who could decide what today, and who stands in for whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.ports import Directory, Person
from sekisho.ledgers.models import Delegation
from sekisho.ledgers.rules.routes import Part


def _directories() -> tuple[Directory, ...]:
    return registry.current().offers(Directory)  # type: ignore[type-abstract]  # asked for by its protocol


@dataclass(slots=True)
class Deciders:
    """The people of the house, each asked for once however many questions a page has."""

    _of: dict[str, Person | None] = field(default_factory=dict)
    _holders: dict[Role, list[Person]] = field(default_factory=dict)

    def person_of(self, account_id: str) -> Person | None:
        """Return the person an account belongs to, or None."""
        if account_id not in self._of:
            found = (directory.person_of(account_id) for directory in _directories())
            self._of[account_id] = next((person for person in found if person is not None), None)
        return self._of[account_id]

    def key_of(self, account_id: str) -> str:
        """Return what all accounts of one person have in common; without a person the account stands for itself."""
        person = self.person_of(account_id)
        return person.id if person else account_id

    def accounts_of(self, account_id: str) -> frozenset[str]:
        """Return the ids of all accounts of the person behind one."""
        person = self.person_of(account_id)
        return frozenset({account_id}) | (person.accounts if person else frozenset())

    def holders(self, roles: Iterable[Role]) -> dict[str, Person]:
        """Return the people who hold one of ``roles`` today and can sign in, by the ids of the people."""
        wanted = frozenset(roles)
        for role in wanted - self._holders.keys():
            found = [person for directory in _directories() for person in directory.holders(role)]
            self._holders[role] = [person for person in found if person.can_sign_in]
        return {person.id: person for role in Role if role in wanted for person in self._holders[role]}

    def candidates(self, part: Part) -> dict[str, Person]:
        """Return the people who could decide a part today, by their ids."""
        named = [person for account in sorted(part.people) if (person := self.person_of(account))]
        found = {person.id: person for person in named if person.active and person.can_sign_in}
        return self.holders(part.roles) | found

    def can_decide(self, account_id: str, roles: frozenset[Role], part: Part) -> bool:
        """Tell whether an account with ``roles`` has a part."""
        return not roles.isdisjoint(part.roles) or not self.accounts_of(account_id).isdisjoint(part.people)


def delegations_in_force() -> "QuerySet[Delegation]":
    """Return who stands in for whom today."""
    today = in_facility(clock.now()).date()
    return Delegation.objects.filter(starts_on__lte=today, ends_on__gte=today, ended_at=None).order_by("made_at", "id")


def given_to(deciders: Deciders, account_id: str) -> list[Delegation]:
    """Return the delegations in force to the person behind an account."""
    return list(delegations_in_force().filter(receiver_id__in=deciders.accounts_of(account_id)))


def other_approvers(workflow: Workflow, account_id: str) -> list[str]:
    """Return the names of those who could approve in a workflow today, the person behind ``account_id`` left out.

    Who holds the role but cannot sign in (only invited, account disabled) could not.
    """
    deciders = Deciders()
    return list(others(deciders.holders(workflow.approvers), deciders.key_of(account_id)).values())


def others(people: Mapping[str, Person], *left_out: str) -> dict[str, str]:
    """Return the names of ``people``, by their ids, without those left out."""
    return {key: person.name for key, person in people.items() if key not in left_out}


def same_person(one_account: str, other_account: str) -> bool:
    """Tell whether two accounts belong to one person."""
    if one_account == other_account:
        return True
    deciders = Deciders()
    one, other = deciders.person_of(one_account), deciders.person_of(other_account)
    return one is not None and other is not None and one.id == other.id
