"""A declared workflow, an applicant and two who may approve."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from django.test import Client

from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.people.models import User
from tests.ledgers.working import PURCHASE, acting


@pytest.fixture(autouse=True)
def _purchase_is_declared() -> Iterator[None]:
    before = registry.current()
    registry.install(replace(before, workflows=(*before.workflows, PURCHASE)))
    yield
    registry.install(before)


@pytest.fixture
def applicant(make_person: Callable[..., User]) -> Actor:
    """A nurse who applies."""
    return acting(make_person("sato", Role.STAFF, name="佐藤 花子"))


@pytest.fixture
def approver(make_person: Callable[..., User]) -> Actor:
    """A planning manager."""
    return acting(make_person("suzuki", Role.PLANNING_MANAGER, name="鈴木 一郎"))


@pytest.fixture
def other_approver(make_person: Callable[..., User]) -> Actor:
    """A safety manager."""
    return acting(make_person("tanaka", Role.SAFETY_MANAGER, name="田中 次郎"))


@pytest.fixture
def nurse(signed_in: Callable[..., Client]) -> Client:
    """A nurse who is signed in."""
    return signed_in(Role.STAFF)


@pytest.fixture
def manager(signed_in: Callable[..., Client]) -> Client:
    """A planning manager who is signed in."""
    return signed_in(Role.PLANNING_MANAGER)
