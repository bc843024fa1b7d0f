"""What is kept of looks and sweeps, and that registering more never makes a sweep look worse."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.kernel.canonical import canonical_json
from sekisho.kernel.clock import FixedClock
from sekisho.network.commands.answers import plain
from sekisho.network.rules.bundle import one_form
from sekisho.network.rules.exposure_profile import Vantage
from sekisho.network.rules.judged import Level, outcome_of
from sekisho.network.rules.looks import OpenPort, joined, make_look, read_look, write_look
from sekisho.network.rules.reached import Encryption, PortObservation, Reached
from sekisho.network.rules.swept import Answering, SweepLook, judge_sweep, read_sweep, strangers, write_sweep
from tests.network import exposure as here

PORTS = st.builds(
    OpenPort, st.integers(1, 65535), banner=st.text(max_size=9), encryption=st.sampled_from(Encryption),
    names=st.lists(st.text(max_size=9), max_size=2).map(tuple),
)  # fmt: skip
ADDRESSES = st.integers(1, 250).map("10.0.0.{}".format)
SWEEPS = st.builds(
    SweepLook, st.just("10.0.0.0/24"), st.just(Vantage.INTERNAL), st.just((22,)), st.just(254), st.integers(0, 254),
    st.just("done"), st.lists(st.builds(Answering, ADDRESSES, st.tuples(PORTS)), max_size=4).map(tuple),
    st.lists(ADDRESSES, max_size=4).map(tuple),
)  # fmt: skip
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
_ORDER = ("pass", "unknown", "fail")


@given(SWEEPS)
def test_a_sweep_is_read_as_it_was_written(look: SweepLook) -> None:
    assert read_sweep(write_sweep(look)) == look


@given(SWEEPS, st.frozensets(ADDRESSES))
def test_registering_more_never_makes_a_sweep_look_worse(look: SweepLook, known: frozenset[str]) -> None:
    """And with a stranger among those who answered nothing passes."""
    bare, more = outcome_of(judge_sweep(look, ())), outcome_of(judge_sweep(look, known))
    assert _ORDER.index(more) <= _ORDER.index(bare)
    assert not strangers(look, known) or more == "fail"


def test_a_look_is_read_as_it_was_written() -> None:
    with clock.use(FixedClock(clock.now())):
        look = here.look("127.0.0.1", [22, 443])
    assert read_look(write_look(look)) == look


CASES = st.dictionaries(st.integers(1, 20), st.sampled_from(Reached), max_size=9)


@given(CASES, CASES)
def test_two_looks_together_show_what_either_shows(one: dict[int, Reached], two: dict[int, Reached]) -> None:
    """Every port once, and none that one of them found open is shut."""
    own, other = (
        make_look("10.0.0.1", Vantage.INTERNAL, [PortObservation("10.0.0.1", *port) for port in seen.items()], NOW)
        for seen in (one, two)
    )
    both = joined(own, other)
    opened = {port for seen in (one, two) for port, reached in seen.items() if reached is Reached.OPEN}
    assert ({port.port for port in both.open}, both.ports) == (opened, own.ports | other.ports)
    told = [port for ports in both.others.values() for port in ports]
    assert sorted([*told, *opened]) == sorted(both.ports)
    assert joined(own, own).ports == own.ports


def test_an_empty_range_proves_nothing() -> None:
    """Everybody silent: perhaps nobody was reached."""
    look = SweepLook("10.0.0.0/24", Vantage.INTERNAL, (22,), 254, 254, "done")
    assert [remark.level for remark in judge_sweep(look, ())] == [Level.UNKNOWN]


def test_a_look_can_be_carried_in_a_bundle() -> None:
    """Its canonical form is read again, and host and port make the address of the ticket."""
    with clock.use(FixedClock(clock.now())):
        look = here.look("fd00::1", [443])
    carried = read_look(canonical_json({**plain(look), "port": 443}))
    assert (carried.open, one_form(carried.host, carried.port)) == (look.open, "[fd00::1]:443")
