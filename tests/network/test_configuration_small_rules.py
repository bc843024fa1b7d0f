"""The small rules around configurations: kinds of line, lines of evidence, the difference from the baseline."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.declarations import Outcome
from sekisho.network.rules.configuration.baseline import Drift, drift_from, judge_drift
from sekisho.network.rules.drift import normalise
from sekisho.network.rules.evidence_lines import lines_of, shown_line, texts_by_line
from sekisho.network.rules.judged import Level
from sekisho.network.rules.line_types import judge_line
from sekisho.network.rules.readers.secrets import Secrets
from tests.network.configurations import KEY, PROFILE, read, sample

numbers = st.lists(st.integers(1, 9999), max_size=5)


@given(kind=st.text(max_size=12))
def test_a_kind_of_line_that_nobody_encoded_is_unknown(kind: str) -> None:
    known = {each for row in PROFILE.table.rows for each in row.lines} | PROFILE.table.inside
    if kind not in known:
        assert judge_line(PROFILE.table, kind).outcome is Outcome.UNKNOWN


def test_a_line_that_item_7_excludes_says_so_where_the_table_lets_it_pass() -> None:
    for kind, said in (("ipsec_ikev2_psk", True), ("ipsec_ike", True), ("ipsec_ikev2", False), ("leased", False)):
        judged = judge_line(PROFILE.table, kind)
        assert (judged.outcome, "item 7" in judged.message.msgid) == (Outcome.PASS, said), kind


@given(first=numbers, second=numbers, other=st.integers())
def test_every_line_that_is_named_is_evidence(first: list[int], second: list[int], other: int) -> None:
    """However deep it stands; other numbers are none."""
    observed = {"lines": [*first], "values": [{"lines": [*second], "value": [other]}], "port": other}
    assert lines_of(observed) == tuple(sorted({*first, *second}))  # type: ignore[arg-type]


@given(secret=st.text(max_size=30))
def test_a_secret_is_shown_as_dots_that_change_with_it(secret: str) -> None:
    token = Secrets(KEY).hide(secret)
    shown = shown_line(f"set psksecret {token} end")
    assert token not in shown
    if token.startswith("hmac"):
        assert "●●●●" in shown
        assert len(shown) < len(token)


def test_the_lines_of_a_file_are_found_by_their_number() -> None:
    texts = texts_by_line(normalise(read(sample("yamaha"))))
    assert texts[34] == "ipsec ike version 1 2"


def test_what_differs_weighs_a_warning_whatever_it_is() -> None:
    """Nothing approved, another device, a line: none of them is fine, and none breaks a rule."""
    present = normalise(read(sample("yamaha")))
    other, changed = normalise(read(sample("fortios"))), normalise(read(sample("yamaha", ("1454", "1400"))))
    assert judge_drift(PROFILE, None).level is Level.WARN
    assert drift_from(other, present) == Drift(comparable=False)
    for baseline in (other, changed):
        assert judge_drift(PROFILE, drift_from(baseline, present)).level is Level.WARN
    assert judge_drift(PROFILE, drift_from(present, replace(present))).level is Level.OK
