"""Two who decide one part of a route at the same moment: the first one counts, the second is told whose it was."""

from collections.abc import Callable

import pytest

from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.ledgers.errors import DecidedAlready, PartTaken
from sekisho.ledgers.models import Application, Decision
from sekisho.people.models import User
from tests.ledgers.routing import TAKE_OUT, apply_to_take_out, approve, declare
from tests.ledgers.test_locks import _rows_can_be_cleared  # noqa: F401  # what is append-only is cleared for these too
from tests.ledgers.working import acting, stored
from tests.people.test_locks import while_open

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_part_is_given_once_and_two_parts_side_by_side_both(
    applicant: Actor, approver: Actor, make_person: Callable[..., User]
) -> None:
    """The same part: one wins, the other is told. Parts side by side: neither is in the other's way. Then the last."""
    declare()
    deputy = acting(make_person("deputy", Role.PLANNING_MANAGER, name="次席"))
    department = acting(make_person("department", Role.DEPARTMENT_MANAGER, name="部門長"))
    application = apply_to_take_out(applicant)
    with pytest.raises(PartTaken, match=approver.name):
        while_open(lambda: _give(approver, application), lambda: approve(deputy, application, version=1))
    assert Decision.objects.count() == 1
    other = apply_to_take_out(applicant)
    while_open(lambda: _give(approver, other), lambda: approve(department, other, version=1))
    assert (stored(other).stage, Decision.objects.filter(submission__application=other).count()) == (1, 2)
    declare(route=TAKE_OUT.route[:1])
    approve_last = apply_to_take_out(applicant)
    approve(department, approve_last)
    with pytest.raises(DecidedAlready, match=approver.name):
        while_open(lambda: _give(approver, approve_last), lambda: approve(deputy, approve_last, version=1))
    assert stored(approve_last).state == "approved"


def _give(actor: Actor, application: Application) -> None:
    approve(actor, application, version=1)
