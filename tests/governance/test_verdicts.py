"""The table of verdicts, row by row, and the properties that no judgement may break."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.governance.rules.verdicts import (
    NOTHING_JUDGED,
    SEVERITY,
    Bound,
    ProofState,
    Verdict,
    combine,
    judge_leaf,
    state_of_coverage,
    state_of_finding,
)
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.text import Text

E, H, P, A, S, U, F = ProofState
NOW = datetime(2026, 11, 21, tzinfo=UTC)
DAY = timedelta(days=1)
STATES = st.lists(st.sampled_from([H, P, A, S, U, F]), max_size=6)
JUDGED = st.lists(st.sampled_from(Verdict), max_size=8)


@pytest.mark.parametrize(
    ("proofs", "verdict"),
    [
        ([], Verdict.NOT_ASSESSED),
        ([A], Verdict.NOT_ASSESSED),
        ([A, A], Verdict.NOT_ASSESSED),
        ([H], Verdict.CONFORMING),
        ([H, H], Verdict.CONFORMING),
        ([H, A], Verdict.PARTIAL),
        ([P], Verdict.PARTIAL),
        ([P, A], Verdict.PARTIAL),
        ([H, P], Verdict.PARTIAL),
        ([H, S], Verdict.EXPIRED),
        ([S], Verdict.EXPIRED),
        ([S, A], Verdict.EXPIRED),
        ([H, U], Verdict.CANNOT_TELL),
        ([S, U], Verdict.CANNOT_TELL),
        ([H, F], Verdict.NONCONFORMING),
        ([U, F, S, A, P, H], Verdict.NONCONFORMING),
    ],
)
def test_the_table_in_every_order(proofs: list[ProofState], verdict: Verdict) -> None:
    """Each row of the design's table, whatever the order of the proofs."""
    for order in permutations(proofs):
        assert judge_leaf(order) is verdict


def test_one_pass_and_89_errors_is_cannot_tell() -> None:
    """The probe that made a rival say 100 percent."""
    assert judge_leaf([H, *[U] * 89]) is Verdict.CANNOT_TELL
    summary = combine([Verdict.CONFORMING, *[Verdict.CANNOT_TELL] * 89])
    assert (summary.verdict, summary.conforming, summary.total) == (Verdict.CANNOT_TELL, 1, 90)


@given(STATES, st.data())
def test_a_worse_proof_never_improves_a_leaf(proofs: list[ProofState], data: st.DataObject) -> None:
    """Turning any one proof worse."""
    if not proofs:
        return
    place = data.draw(st.integers(0, len(proofs) - 1))
    worse = data.draw(st.sampled_from([state for state in ProofState if state >= proofs[place] and state is not E]))
    changed = [*proofs[:place], worse, *proofs[place + 1 :]]
    assert SEVERITY[judge_leaf(changed)] >= SEVERITY[judge_leaf(proofs)]


@given(STATES, st.sampled_from([U, F]))
def test_one_more_bad_proof_never_improves_a_leaf(proofs: list[ProofState], bad: ProofState) -> None:
    """Adding a failing or unknown proof."""
    assert SEVERITY[judge_leaf([*proofs, bad])] >= SEVERITY[judge_leaf(proofs)]


@given(STATES)
def test_conforming_needs_every_proof_to_hold(proofs: list[ProofState]) -> None:
    """And at least one."""
    assert (judge_leaf(proofs) is Verdict.CONFORMING) == (bool(proofs) and set(proofs) == {H})


@given(STATES, st.integers(1, 3))
def test_a_check_that_has_nothing_to_say_changes_nothing(proofs: list[ProofState], times: int) -> None:
    """And alone it proves nothing."""
    assert judge_leaf([E] * times) is Verdict.NOT_ASSESSED
    assert judge_leaf([*proofs, *[E] * times]) is judge_leaf(proofs)


@given(STATES)
def test_what_does_not_apply_is_not_judged(proofs: list[ProofState]) -> None:
    """An approved reason stands above all proofs."""
    assert judge_leaf(proofs, not_applicable=True) is Verdict.NOT_APPLICABLE


@given(JUDGED, st.randoms(use_true_random=False))
def test_the_order_of_subjects_never_matters(verdicts: list[Verdict], dice: object) -> None:
    """Nor how they are counted."""
    shuffled = list(verdicts)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert combine(shuffled) == combine(verdicts)
    assert sum(combine(verdicts).counts.values()) == len(verdicts)


@given(JUDGED, st.sampled_from([Verdict.NONCONFORMING, Verdict.CANNOT_TELL]))
def test_one_more_bad_subject_never_improves_the_whole(verdicts: list[Verdict], bad: Verdict) -> None:
    """A failing or unknown subject cannot hide."""
    before, after = combine(verdicts).verdict, combine([*verdicts, bad]).verdict
    assert after is not Verdict.NOT_APPLICABLE
    assert before is Verdict.NOT_APPLICABLE or SEVERITY[after] >= SEVERITY[before]


@given(JUDGED, st.data())
def test_a_worse_subject_never_improves_the_whole(verdicts: list[Verdict], data: st.DataObject) -> None:
    """Turning any one subject's verdict worse."""
    applying = [place for place, verdict in enumerate(verdicts) if verdict is not Verdict.NOT_APPLICABLE]
    if not applying:
        return
    place = data.draw(st.sampled_from(applying))
    worse = data.draw(st.sampled_from([v for v in SEVERITY if SEVERITY[v] >= SEVERITY[verdicts[place]]]))
    changed = [*verdicts[:place], worse, *verdicts[place + 1 :]]
    assert SEVERITY[combine(changed).verdict] >= SEVERITY[combine(verdicts).verdict]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], Verdict.NOT_ASSESSED),
        ([Verdict.NOT_APPLICABLE], Verdict.NOT_APPLICABLE),
        ([Verdict.NOT_APPLICABLE, Verdict.CONFORMING], Verdict.CONFORMING),
        ([Verdict.CONFORMING, Verdict.NOT_ASSESSED], Verdict.PARTIAL),
        ([Verdict.PARTIAL, Verdict.NOT_ASSESSED], Verdict.PARTIAL),
        ([Verdict.NOT_ASSESSED, Verdict.NOT_ASSESSED], Verdict.NOT_ASSESSED),
        ([Verdict.CONFORMING, Verdict.EXPIRED, Verdict.PARTIAL], Verdict.EXPIRED),
        ([Verdict.EXPIRED, Verdict.CANNOT_TELL], Verdict.CANNOT_TELL),
        ([Verdict.CANNOT_TELL, Verdict.NONCONFORMING], Verdict.NONCONFORMING),
    ],
)
def test_verdicts_add_up(verdicts: list[Verdict], expected: Verdict) -> None:
    """Over subjects and from children to parents."""
    assert combine(verdicts).verdict is expected


@pytest.mark.parametrize(
    ("outcome", "age", "expected"),
    [
        (Outcome.PASS, timedelta(0), H),
        (Outcome.PASS, DAY, H),
        (Outcome.PASS, DAY + timedelta(microseconds=1), S),
        (Outcome.PASS, -timedelta(seconds=1), U),
        (Outcome.FAIL, 400 * DAY, F),
        (Outcome.UNKNOWN, timedelta(0), U),
        (Outcome.ERROR, timedelta(0), U),
        (Outcome.NOT_APPLICABLE, timedelta(0), E),
        (Outcome.NOT_APPLICABLE, DAY + timedelta(microseconds=1), S),
        (Outcome.NOT_APPLICABLE, -timedelta(seconds=1), U),
    ],
)
def test_what_a_finding_proves(outcome: Outcome, age: timedelta, expected: ProofState) -> None:
    """A pass fades; a failure does not; a pass from the future is none."""
    observed = NOW - age
    found = state_of_finding(outcome, observed_at=observed, moment=NOW, valid_for=DAY, parameters={}, bounds=())
    assert found is expected


@pytest.mark.parametrize(
    ("bound", "value", "kept"),
    [
        (Bound("x", at_least=13), 13, True),
        (Bound("x", at_least=13), 12, False),
        (Bound("x", at_least=13), True, False),
        (Bound("x", at_least=13), "13", False),
        (Bound("x", at_most=5), 5, True),
        (Bound("x", at_most=5), 6, False),
        (Bound("x", at_least=4, at_most=8), 3, False),
        (Bound("x", at_least=4, at_most=8), 8, True),
        (Bound("x", one_of=("TLS1.3",)), ["TLS1.3"], True),
        (Bound("x", one_of=("TLS1.3",)), ["TLS1.3", "TLS1.0"], False),
        (Bound("x", one_of=("TLS1.3",)), "TLS1.3", True),
        (Bound("x", one_of=("TLS1.3",)), [], False),
        (Bound("x", equals=False), False, True),
        (Bound("x", equals=False), 0, False),
        (Bound("x", equals="ikev2"), "ikev1", False),
    ],
)
def test_bounds_are_kept_by_runs_at_least_as_strict(bound: Bound, value: object, kept: bool) -> None:
    """A looser run, a missing parameter or another type is not a proof."""
    assert bound.is_kept_by({"x": value}) is kept  # type: ignore[dict-item]
    assert not bound.is_kept_by({})


def test_a_pass_with_loose_parameters_cannot_tell_but_a_failure_fails() -> None:
    """Eight characters where thirteen are asked."""
    options = {
        "observed_at": NOW,
        "moment": NOW,
        "valid_for": DAY,
        "parameters": {"n": 8},
        "bounds": [Bound("n", at_least=13)],
    }
    assert state_of_finding(Outcome.PASS, **options) is U  # type: ignore[arg-type]
    assert state_of_finding(Outcome.FAIL, **options) is F  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("covered", "population", "state"),
    [(0, 0, A), (0, 5, A), (1, 5, P), (4, 5, P), (5, 5, H), (1, 1, H), (1, 0, A), (6, 5, H)],
)
def test_coverage_of_a_known_population(covered: int, population: int, state: ProofState) -> None:
    """One row in a ledger proves nothing unless there is only one to be covered; an empty population neither."""
    assert state_of_coverage(covered, population) is state


def test_n_of_n_counts_what_applies_and_what_conforms() -> None:
    """What does not apply is counted apart; where nothing was judged there is nothing to count."""
    found = combine([Verdict.CONFORMING] * 2 + [Verdict.EXPIRED] * 3 + [Verdict.NOT_APPLICABLE] * 4)
    assert (found.conforming, found.total) == (2, 5)
    assert found.counts == {Verdict.CONFORMING: 2, Verdict.EXPIRED: 3, Verdict.NOT_APPLICABLE: 4}
    assert (NOTHING_JUDGED.verdict, NOTHING_JUDGED.conforming, NOTHING_JUDGED.total) == (Verdict.NOT_ASSESSED, 0, 0)
    aside = combine([Verdict.NOT_APPLICABLE])
    assert (aside.verdict, aside.conforming, aside.total, dict(aside.counts)) == (
        Verdict.NOT_APPLICABLE,
        0,
        0,
        {Verdict.NOT_APPLICABLE: 1},
    )


def test_every_verdict_has_its_words_and_its_place() -> None:
    """What does not apply stands outside the order; what is stored and printed never changes by itself."""
    assert [verdict.value for verdict in sorted(SEVERITY, key=lambda verdict: SEVERITY[verdict])] == [
        "conforming",
        "partial",
        "not_assessed",
        "expired",
        "cannot_tell",
        "nonconforming",
    ]
    assert set(Verdict) - SEVERITY.keys() == {Verdict.NOT_APPLICABLE}
    assert Verdict("not_applicable") is Verdict.NOT_APPLICABLE
    assert len(set(SEVERITY.values())) == len(SEVERITY)
    assert all(isinstance(verdict.label, Text) for verdict in Verdict)
    assert len({str(verdict.label) for verdict in Verdict}) == len(Verdict)
    assert [state.name.lower() for state in sorted(ProofState)] == [
        "excluded",
        "holds",
        "partly",
        "absent",
        "stale",
        "unknown",
        "fails",
    ]


@pytest.mark.parametrize(
    ("bound", "value", "kept"),
    [
        (Bound("x", at_least=13), 13.0, True),
        (Bound("x", at_least=13), 12.999, False),
        (Bound("x", at_least=0), -1, False),
        (Bound("x", at_most=0), 1, False),
        (Bound("x", at_most=5), False, False),
        (Bound("x", at_most=5), None, False),
        (Bound("x", at_most=5), float("nan"), False),
        (Bound("x", at_least=4, at_most=8), 9, False),
        (Bound("x", at_least=4, at_most=8), 4, True),
        (Bound("x", at_least=4, at_most=8), [5], False),
        (Bound("x", one_of=("TLS1.3", "TLS1.2")), ["TLS1.2", "TLS1.3"], True),
        (Bound("x", one_of=("TLS1.3",)), "TLS1.0", False),
        (Bound("x", one_of=("TLS1.3",)), "", False),
        (Bound("x", one_of=("TLS1.3",)), None, False),
        (Bound("x", one_of=("TLS1.3",)), 13, False),
        (Bound("x", one_of=("TLS1.3",)), {"TLS1.3": 1}, False),
        (Bound("x", one_of=()), "TLS1.3", False),
        (Bound("x", equals="ikev2"), "ikev2", True),
        (Bound("x", equals="ikev2"), ["ikev2"], False),
        (Bound("x", equals=0), False, False),
        (Bound("x", equals=0), 0, True),
        (Bound("x", equals=True), 1, False),
    ],
)
def test_a_bound_is_kept_by_a_value_of_its_own_kind(bound: Bound, value: object, kept: bool) -> None:
    """At the edge, beyond it, and where something else stands in its place."""
    assert bound.is_kept_by({"x": value, "y": 13}) is kept  # type: ignore[dict-item]
    assert bound.is_kept_by({"y": value}) is False  # type: ignore[dict-item]


def test_every_bound_must_be_kept() -> None:
    """Not only the first or the last."""
    strict, loose = Bound("n", at_least=8), Bound("n", at_least=13)
    for bounds, state in (
        ([strict], H),
        ([loose], U),
        ([strict, loose], U),
        ([loose, strict], U),
        ([strict, strict], H),
    ):
        found = state_of_finding(
            Outcome.PASS, observed_at=NOW, moment=NOW, valid_for=DAY, parameters={"n": 8}, bounds=iter(bounds)
        )
        assert found is state
