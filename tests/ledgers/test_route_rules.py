"""Routes as rules: whatever approvals come in whatever order, no step is got past and nothing is finished twice."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.ledgers.rules.routes import Given, Part, Route, route_of, walk
from tests.ledgers.routing import TAKE_OUT

PEOPLE = ("ito", "kato", "mori", "ueda", "abe")
PARTS: Route = (
    (Part("1.1", 0, 1, frozenset(), frozenset()), Part("1.2", 0, 2, frozenset(), frozenset())),
    (Part("2.1", 1, 2, frozenset(), frozenset()),),
    (Part("3.1", 2, 1, frozenset(), frozenset()),),
)
GIVEN = st.builds(
    Given,
    st.sampled_from(["1.1", "1.2", "2.1", "3.1", "4.1", ""]),
    st.frozensets(st.sampled_from(PEOPLE), min_size=1, max_size=2),
    st.booleans(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(GIVEN, max_size=14))
def test_no_order_of_approvals_bypasses_a_step_or_finishes_twice(given_ones: list[Given]) -> None:
    """Every part that is done has its number of people, all different; a step is open only after the one before."""
    before = 0
    for end in range(len(given_ones) + 1):
        progress = walk(PARTS, given_ones[:end])
        assert before <= progress.step <= len(PARTS)
        before = progress.step
        for place, parts in enumerate(PARTS):
            for part in parts:
                counted = progress.counted.get(part.key, [])
                people = [person for one in counted for person in one.people]
                assert len(people) == len(set(people)), "one person twice in one part"
                assert len(counted) <= part.needed
                assert place >= progress.step or len(counted) == part.needed
                assert place <= progress.step or counted == []
        once = [
            person for every in progress.counted.values() for one in every if not one.alone for person in one.people
        ]
        assert len(once) == len(set(once)), "one person twice on one route, though others were there"
        assert progress.is_finished == (progress.step == len(PARTS))
        if progress.is_finished:
            assert not any(progress.accepts(one) for one in given_ones)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(GIVEN, max_size=10))
def test_what_does_not_count_changes_nothing(given_ones: list[Given]) -> None:
    """Leaving out what was not accepted leads to the same place."""
    progress = walk(PARTS, ())
    counted = [one for one in given_ones if progress.count(one)]
    assert walk(PARTS, counted).step == walk(PARTS, given_ones).step == progress.step


def test_what_no_step_is_for_goes_through_all_of_them() -> None:
    """Steps may depend on the content; a hole between the conditions is no way past."""
    first, second = TAKE_OUT.route
    asked = replace(first, where=lambda content: content["what"] == 1)
    workflow = replace(TAKE_OUT, route=(asked, replace(second, where=lambda _content: False)))
    keys = [[part.key for part in parts] for parts in route_of(workflow)]
    assert [[part.key for part in parts] for parts in route_of(workflow, {"what": 1})] == keys[:1]
    assert [[part.key for part in parts] for parts in route_of(workflow, {"what": 2})] == keys
