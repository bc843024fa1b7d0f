"""Short words for what people do with entries that are approved: apply, approve, state that there was nothing."""

from datetime import date, timedelta
from typing import Any

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.models import Application
from sekisho.ledgers.services import apply_for_entry, approve
from sekisho.ledgers.services.books import change_entry
from sekisho.ledgers.services.no_cases import state_no_case
from tests.conftest import actor_with


def person(role: Role, number: int) -> Actor:
    """Return somebody with a role, another one for each number."""
    return actor_with(role, actor_id=f"00000000-0000-7000-8000-0000000001{number:02}")


HEAD = person(Role.DEPARTMENT_MANAGER, 1)
NURSE_HEAD = person(Role.DEPARTMENT_MANAGER, 2)
OPERATOR = person(Role.SYSTEM_OPERATOR, 3)
PLANNER = person(Role.PLANNING_MANAGER, 4)


def stored(entry: Any) -> Any:
    """Return an entry as it is stored now."""
    return type(entry).objects.get(pk=entry.pk)


def apply_for(ledger: Ledger, entry: Any, by: Actor = HEAD, **more: Any) -> Application:
    """Apply for the approval of an entry as it stands."""
    return apply_for_entry(actor=by, ledger=ledger, entry_id=entry.pk, version=stored(entry).version, **more)


def approve_by(application: Application, *people: Actor) -> None:
    """Let people approve, one after the other."""
    for actor in people:
        version = Application.objects.get(pk=application.pk).version
        approve(actor=actor, application_id=application.pk, version=version)


def note(ledger: Ledger, entry: Any, by: Actor = OPERATOR, **values: Any) -> Any:
    """Fill something in and return the entry as it stands then."""
    return change_entry(actor=by, ledger=ledger, entry_id=entry.pk, version=stored(entry).version, values=values)


def state_nothing(ledger: Ledger) -> None:
    """State that there was nothing to enter in this fiscal year."""
    state_no_case(actor=OPERATOR, ledger=ledger, first_day=date(2026, 4, 1), last_day=date(2027, 3, 31))


def pass_days(fixed: clock.FixedClock, days: int) -> None:
    """Let days go by."""
    fixed.moment += timedelta(days=days)
