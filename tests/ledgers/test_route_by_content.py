"""A route may depend on what is applied for: the steps it asks for, in their order, each part under one key."""

from dataclasses import replace

from sekisho.kernel.access import Role
from sekisho.kernel.declarations import RoutePart, RouteStep
from sekisho.kernel.registry import _wrong_workflow
from sekisho.kernel.text import Text
from sekisho.ledgers.rules.routes import Given, route_of, walk
from tests.ledgers.working import PURCHASE

DEAR = RouteStep(
    Text("院長"), (RoutePart(frozenset({Role.SAFETY_MANAGER})),), where=lambda content: content["price"] == "high"
)
ALWAYS = RouteStep(Text("企画管理者"), (RoutePart(frozenset({Role.PLANNING_MANAGER})),))
WORKFLOW = replace(PURCHASE, route=(DEAR, ALWAYS))


def keys(content: dict[str, str] | None) -> list[str]:
    return [part.key for parts in route_of(WORKFLOW, content) for part in parts]


def test_the_content_decides_which_steps_there_are() -> None:
    """Without a content every step is there: what may wait for somebody is found by the same keys."""
    assert keys(None) == keys({"price": "high"})
    assert keys({"price": "low"}) == keys(None)[1:]


def test_a_step_that_is_left_out_is_not_waited_for_and_cannot_be_given() -> None:
    left_out, only = keys(None)
    route = route_of(WORKFLOW, {"price": "low"})
    assert walk(route, [Given(only, frozenset({"ito"}))]).is_finished
    assert not walk(route, [Given(left_out, frozenset({"ito"}))]).is_finished
    dear = route_of(WORKFLOW, {"price": "high"})
    assert not walk(dear, [Given(only, frozenset({"ito"}))]).counted, "not before its turn"
    assert walk(dear, [Given(left_out, frozenset({"abe"})), Given(only, frozenset({"ito"}))]).is_finished


def test_a_route_that_could_be_without_any_step_is_refused() -> None:
    """It would be approved by nobody."""
    assert list(_wrong_workflow(WORKFLOW)) == []
    (fault,) = _wrong_workflow(replace(PURCHASE, route=(DEAR,)))
    assert "without any step" in fault
