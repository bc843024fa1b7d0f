"""What applications may ask, by rule: addresses, freshness, rights, and which key signs when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.access import GRANTABLE, Role
from sekisho.people.rules.oidc import (
    ACR,
    KEY_SHOWN_AFTER,
    KEY_SHOWN_BEFORE,
    AddressesInvalid,
    Fault,
    KeyFacts,
    PartyState,
    Shown,
    Step,
    Wish,
    key_plan,
    methods_of,
    next_step,
    party_state,
    read_addresses,
    read_wish,
    right_fault,
)

NOW = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
SECONDS = st.integers(0, 20_000).map(lambda number: timedelta(seconds=number))
MOMENTS = SECONDS.map(lambda ago: NOW - ago)
WISHES = st.builds(
    Wish,
    asked_at=MOMENTS,
    silent=st.booleans(),
    anew=st.booleans(),
    max_age=st.none() | SECONDS,
    levels=st.lists(st.integers(1, 3), max_size=2).map(tuple),
)
SHOWN = st.builds(Shown, proved_at=MOMENTS, assurance=st.integers(1, 2))


@pytest.mark.parametrize(
    "line",
    [
        "http://ehr.example.jp/back",
        "https://ehr.example.jp/back#part",
        "https://*.example.jp/back",
        "https://user@ehr.example.jp/back",
        "https:///back",
        "https://ehr.example.jp:99999/back",
        "https://ehr.example.jp\\@evil.example/",
        "https://ehr.example.jp/a b",
        "https://例え.jp/back",
        "javascript:alert(1)",
        "data:text/html,x",
        "/back",
        "http://127.0.0.1.evil.example/back",
        f"https://ehr.example.jp/{'x' * 500}",
    ],
)
def test_an_address_that_nobody_is_led_to(line: str) -> None:
    """Plain https to one host, whatever the kind of the application."""
    for loopback in (False, True):
        with pytest.raises(AddressesInvalid):
            read_addresses(line, field="redirects", loopback=loopback)


def test_addresses_stay_as_they_were_written() -> None:
    """One a line, each once, compared by the letter later; the computer itself only for programs without a server."""
    text = " https://ehr.example.jp/back?a=b \n\nhttps://EHR.example.jp:8443/\nhttps://ehr.example.jp/back?a=b\n"
    assert read_addresses(text, field="redirects") == (
        "https://ehr.example.jp/back?a=b",
        "https://EHR.example.jp:8443/",
    )
    local = ("http://127.0.0.1:8765/back", "http://[::1]/back")
    assert read_addresses("\n".join(local), field="redirects", loopback=True) == local
    with pytest.raises(AddressesInvalid):
        read_addresses(local[0], field="redirects")
    with pytest.raises(AddressesInvalid):
        read_addresses("\n".join(f"https://a.example/{number}" for number in range(11)), field="redirects")


@given(st.text(max_size=80))
def test_whatever_is_typed_ends_as_plain_https_or_is_refused(text: str) -> None:
    """What is stored is ASCII, https, without what leads elsewhere."""
    try:
        found = read_addresses(text, field="redirects")
    except AddressesInvalid:
        return
    assert all(line.startswith(("https://", "HTTPS://")) or line.lower().startswith("https:") for line in found)
    assert all(line.isascii() and "#" not in line and "@" not in line.split("/")[2] for line in found)
    assert read_addresses("\n".join(found), field="redirects") == found


@given(WISHES, SHOWN, st.integers(1, 2))
def test_who_goes_on(wish: Wish, shown: Shown, required: int) -> None:
    """On goes only who reached the level and is as fresh as was asked; nobody is asked silently."""
    step = next_step(wish, shown, required, NOW)
    fresh = wish.max_age is None or NOW - shown.proved_at <= wish.max_age or shown.proved_at >= wish.asked_at
    if step is Step.GO:
        assert shown.assurance >= max(required, min(wish.levels, default=1))
        assert fresh
    assert not (wish.silent and step in {Step.PROVE, Step.SIGN_IN})
    if step is Step.PROVE:  # showing it now is always enough
        assert next_step(wish, Shown(NOW, shown.assurance), required, NOW) is Step.GO
    nobody = next_step(wish, None, required, NOW)
    assert nobody is (Fault.LOGIN if wish.silent else Step.SIGN_IN)


@given(WISHES, SHOWN, st.integers(1, 2))
def test_asking_for_more_never_lets_more_in(wish: Wish, shown: Shown, required: int) -> None:
    """A stricter request, a higher level, or an older proof never turns a refusal into a way on."""
    if next_step(wish, shown, required, NOW) is Step.GO:
        return
    stricter = Wish(NOW, wish.silent, anew=True, max_age=timedelta(0), levels=(2,))
    older = Shown(shown.proved_at - timedelta(hours=1), shown.assurance)
    assert next_step(stricter, older, 2, NOW) is not Step.GO
    assert next_step(wish, older, required, NOW) is not Step.GO
    assert next_step(wish, shown, 2, NOW) is not Step.GO


@given(
    st.frozensets(st.sampled_from(GRANTABLE)),
    st.frozensets(st.sampled_from([role.value for role in GRANTABLE])),
    st.booleans(),
    st.booleans(),
)
def test_deny_first(held: frozenset[Role], roles: frozenset[str], by_ledger: bool, in_ledger: bool) -> None:
    """Only who holds a named role, and is in the ledger where that is asked, may sign in."""
    fault = right_fault(held, roles, by_ledger=by_ledger, in_ledger=in_ledger)
    assert (fault == "") == (any(role.value in roles for role in held) and (in_ledger or not by_ledger))


def test_what_a_request_asks_for() -> None:
    """The parameters in our terms; what we do not know of levels is no wish that could be met."""
    values = {"prompt": "login consent", "max_age": "300", "acr_values": f"urn:x {ACR}2 {ACR}9"}
    assert read_wish(values, NOW) == Wish(NOW, anew=True, max_age=timedelta(minutes=5), levels=(2,))
    assert read_wish({}, NOW) == Wish(NOW)
    assert read_wish({"prompt": "none"}, NOW) == Wish(NOW, silent=True)
    for wrong in ({"prompt": "create"}, {"max_age": "1e9"}, {"max_age": "9" * 9}, {"response_mode": "fragment"}):
        assert read_wish(wrong, NOW) == "invalid_request"
    assert methods_of(("passkey",), 2) == ("pop", "user", "mfa")
    assert methods_of((), 1) == ()
    assert party_state(NOW, NOW) is PartyState.CLOSED


@given(st.lists(st.integers(0, 300), unique=True, max_size=6))
def test_a_key_is_known_before_and_after_it_signs(ages: list[int]) -> None:
    """Whatever keys there are, one signs, it is kept, and nothing that signed in the last week is thrown away."""
    keys = [KeyFacts(str(days), NOW - timedelta(days=days)) for days in ages]
    plan = key_plan(keys, NOW)
    assert (plan.signs is None) == (not keys)
    assert plan.signs not in plan.drop
    for moment in (NOW, NOW - KEY_SHOWN_AFTER / 2):
        known = [key for key in keys if key.made_at <= moment]
        assert not known or key_plan(known, moment).signs not in plan.drop
    older = [key for key in keys if NOW - key.made_at >= KEY_SHOWN_BEFORE]
    if older:
        assert plan.signs == max(older, key=lambda key: key.made_at).id
