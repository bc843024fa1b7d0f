"""Reading what programs send of themselves, and where and when they may. Pure."""

import base64
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.people.rules.service_clients import (
    ClientState,
    NetworksInvalid,
    Period,
    asked_actions,
    bearer_in,
    client_state,
    credentials_in,
    is_inside,
    read_networks,
)

HOME = "192.168.10.5"


@given(st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_never_more_than_was_granted(asked: set[str], had: set[str]) -> None:
    granted = frozenset(had)
    given_actions = asked_actions(" ".join(sorted(asked)), granted)
    assert given_actions is None or given_actions <= granted
    assert (given_actions is None) == (not asked <= had)


@given(st.text())
def test_nothing_sent_as_a_header_breaks_reading_it(text: str) -> None:
    for header in (text, f"Bearer {text}", f"Basic {text}"):
        token, pair = bearer_in(header), credentials_in(header)
        assert token is None or token.isascii()
        assert pair is None or len(pair) == 2
    encoded = base64.b64encode(f"id:{text}".encode(errors="replace")).decode()
    assert credentials_in(f"basic {encoded}") is None or credentials_in(f"basic {encoded}")[0] == "id"  # type: ignore[index]


@pytest.mark.parametrize(
    "text", ["", "0.0.0.0/0", "10.0.0.0/7", "::/0", "2001::/16", "192.168.1.1/24", "host", "1/2/3"]
)
def test_a_network_is_one_of_our_own(text: str) -> None:
    with pytest.raises(NetworksInvalid):
        read_networks(text)


def test_what_lies_inside() -> None:
    networks = read_networks("192.168.10.0/24、2001:db8:1::/48\n192.168.20.7 192.168.20.7")
    assert networks == ("192.168.10.0/24", "2001:db8:1::/48", "192.168.20.7/32")
    for address in (HOME, "::ffff:192.168.10.9", "2001:db8:1:2::3", "192.168.20.7"):
        assert is_inside(address, networks)
    for address in (None, "", "x", "192.168.11.1", "2001:db8:2::1", "192.168.20.8", f"{HOME}, 1.2.3.4"):
        assert not is_inside(address, networks)
    day = date(2026, 11, 21)
    waiting = Period(day, day, None, None)
    assert client_state(waiting, day) is ClientState.WAITING
    assert client_state(waiting, day + timedelta(days=1)) is ClientState.OVER
