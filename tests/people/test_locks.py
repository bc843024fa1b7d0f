"""What two at the same moment may not both do: the row that the first has changed decides for the second.

Each test holds the first one's transaction open until the second is under way, so it does not depend on luck.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import connections, transaction

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, anonymous
from sekisho.people.errors.staff import LastOperator, LinkInvalid
from sekisho.people.models import OneTimeLink, TotpSecret, User
from sekisho.people.services import links, roles, sign_in
from sekisho.people.services.operators import lock_operators
from sekisho.trust.totp import STEP_SECONDS
from tests.conftest import code_now
from tests.people.test_links import fill_in, first_token

pytestmark = pytest.mark.django_db(transaction=True)
HEAD_START = 0.5  # seconds that the second has to reach the row before the first commits


def while_open(first: Callable[[], None], second: Callable[[], Any]) -> Any:
    """Do ``first`` in a transaction, begin ``second`` beside it, commit, and return what ``second`` gives."""

    def elsewhere() -> Any:
        try:
            return second()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            answer: Future[Any] = pool.submit(elsewhere)
            with suppress(TimeoutError):
                answer.exception(HEAD_START)
        return answer.result(30)


def test_a_code_that_is_being_used_is_not_used_again(make_person: Callable[..., User]) -> None:
    """Both typed the same six digits; the second is refused."""
    user, code = make_person("suzuki", Role.STAFF), code_now()

    def use_it_up() -> None:
        secret = TotpSecret.objects.select_for_update().get(user=user)
        secret.last_step = int(clock.now().timestamp()) // STEP_SECONDS + 1
        secret.save()

    assert while_open(use_it_up, lambda: sign_in.use_code(user, code)) is False


def test_a_link_that_is_being_used_is_not_used_again(platform_actor: Actor) -> None:
    """Both opened it; the second makes no account."""
    token = first_token(platform_actor)

    def use_it_up() -> None:
        link = OneTimeLink.objects.select_for_update().get()
        link.used_at = clock.now()
        link.save()

    with pytest.raises(LinkInvalid):
        while_open(use_it_up, lambda: links.enrol(actor=anonymous(), token=token, enrolment=fill_in()))
    assert User.objects.count() == 0


def test_an_operator_who_is_being_disabled_keeps_nobody_else_from_staying(
    make_person: Callable[..., User], operator: Actor
) -> None:
    """The other one is the last by then."""
    one, other = make_person("yamada", Role.SYSTEM_OPERATOR), make_person("suzuki", Role.SYSTEM_OPERATOR)

    def disable_the_other() -> None:
        lock_operators()
        User.objects.filter(pk=other.pk).update(is_active=False)

    with pytest.raises(LastOperator):
        while_open(disable_the_other, lambda: roles.disable_account(actor=operator, user_id=one.pk))
    assert User.objects.get(pk=one.pk).is_active
