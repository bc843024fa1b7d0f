"""A ward with its manager, another ward, an operator; and how access is asked for, approved, granted, confirmed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.test import Client

from sekisho.estate.ledgers import DEPARTMENTS, SYSTEMS
from sekisho.estate.services import add_entry as add_to_estate
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, ActorKind
from sekisho.ledgers.models import Application
from sekisho.ledgers.services import apply_for_entry, approve
from sekisho.ledgers.services.books import add_entry, change_entry
from sekisho.people.ledgers import ACCESS_COVERAGE, ACCESS_REQUESTS, ACCOUNTS, SYSTEM_ROLES
from sekisho.people.models import AccessRequest, Owner, Staff, SystemRole, User
from sekisho.people.queries import roles_of
from sekisho.people.services.staff import PersonData, add_staff
from tests.conftest import actor_with

CLERK = actor_with(Role.SYSTEM_OPERATOR)  # enters what others decide about; nobody's account
DAY = date(2026, 11, 21)


@dataclass(frozen=True)
class Ward:
    """Two departments with their managers, an operator, a system with its roles, and a nurse of the first."""

    east: Any
    west: Any
    emr: Any
    head: Client
    stranger: Client
    operator: Client
    nurse: Owner
    reader: SystemRole
    admin: SystemRole


def make_ward(signed_in: Callable[..., Client]) -> Ward:
    """Build the ward, by the ways in which everything is entered."""
    east, west = (
        add_to_estate(actor=CLERK, ledger=DEPARTMENTS, values={"name": name}) for name in ("東病棟", "西病棟")
    )
    values = {"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
    emr = add_to_estate(actor=CLERK, ledger=SYSTEMS, values=values)
    head = signed_in(Role.DEPARTMENT_MANAGER, login="head")
    stranger = signed_in(Role.DEPARTMENT_MANAGER, login="stranger")
    operator = signed_in(Role.SYSTEM_OPERATOR, login="operator")
    for client, department in ((head, east), (stranger, west)):
        Staff.objects.filter(accounts=client.user).update(department=department)  # type: ignore[attr-defined]
    nurse = add_staff(PersonData("看護 花子", department_id=east.pk, profession="nurse"))
    return Ward(
        east,
        west,
        emr,
        head,
        stranger,
        operator,
        Owner.objects.get(pk=nurse.pk),
        role(emr, "看護記録", usual_for="看護師、医師"),
        role(emr, "管理者", duty="operate"),
    )


def role(system: Any, name: str, **values: Any) -> Any:
    """Enter a role of a system."""
    return add_entry(actor=CLERK, ledger=SYSTEM_ROLES, values={"system": system, "name": name, **values})


def account(ward: Ward, login: str = "hanako", **values: Any) -> Any:
    """Enter an account of the system, of the nurse unless somebody else is named."""
    given = {"system": ward.emr, "login": login, "owner": ward.nurse, "rights": "看護記録", **values}
    return add_entry(actor=CLERK, ledger=ACCOUNTS, values=given)


def who(client: Any) -> Actor:
    """Return the person of a signed-in client, with the roles they hold."""
    user = User.objects.get(pk=client.user.pk)
    return Actor(ActorKind.PERSON, str(user.pk), user.staff.name, roles_of(user.staff_id), assurance=2)


def ask(ward: Ward, **values: Any) -> Any:
    """Enter a request for the nurse."""
    given = {"person": ward.nurse, "role": ward.reader, "reason": "病棟業務", "from_on": DAY, **values}
    return add_entry(actor=CLERK, ledger=ACCESS_REQUESTS, values=given)


def decide(entry: Any, *people: Client) -> None:
    """Apply for a request as it stands and let people approve it, one after the other."""
    row = stored(entry)
    made = apply_for_entry(actor=CLERK, ledger=ACCESS_REQUESTS, entry_id=row.pk, version=row.version)
    for client in people:
        version = Application.objects.get(pk=made.pk).version
        approve(actor=who(client), application_id=made.pk, version=version)


def note(entry: Any, by: Actor = CLERK, **values: Any) -> AccessRequest:
    """Fill something in and return the request as it stands then."""
    row = stored(entry)
    change_entry(actor=by, ledger=ACCESS_REQUESTS, entry_id=row.pk, version=row.version, values=values)
    return stored(entry)


def granted(ward: Ward, login: str = "hanako", **values: Any) -> AccessRequest:
    """Ask, approve, grant and confirm."""
    entry = ask(ward, **values)
    decide(entry, ward.head, ward.operator)
    note(entry, granted_on=DAY, login=login)
    return note(entry, who(ward.head), result_on=DAY)


def stored(entry: Any) -> AccessRequest:
    """Return a request as it is stored now."""
    return AccessRequest.objects.get(pk=entry.pk)


def lacking() -> dict[str, list[str]]:
    """Return what each member of the population lacks, by its label without the number."""
    members = [(one.label.split(" ", 1)[-1], one) for one in ACCESS_COVERAGE.measure()]
    return {label: [str(text) for text in one.missing] for label, one in members}
