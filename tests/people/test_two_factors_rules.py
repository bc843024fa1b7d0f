"""Two factors per layer: the state machine, the substitutes with their preconditions, deferrals; for any entries."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.declarations import Outcome
from sekisho.people.rules.two_factors import (
    LABELS,
    OUTCOMES,
    REFERENCE_DATE,
    Bastion,
    Deferral,
    Entry,
    Judgement,
    MapLayer,
    Standing,
    Way,
    judge,
    of_system,
    substitute_lacks,
    worst,
)

TODAY = date(2026, 11, 21)
RANK = [Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE]
days = st.dates(date(2025, 1, 1), date(2029, 12, 31))
bastions = st.builds(Bastion, **{item.name: st.booleans() for item in fields(Bastion)})
words = st.sampled_from(["", " ", "said"])
deferrals = st.builds(Deferral, words, st.none() | days, words, words)
entries = st.builds(Entry, st.sampled_from(Way), words, st.none() | days, bastions, deferrals, ends_on=st.none() | days)
SOUND = Bastion(*(True for _item in fields(Bastion)))
PUT_OFF = Deferral("the vendor has none yet", date(2027, 9, 1), "Chart 7", "director 2026-10-01")


def said(layer: MapLayer, entry: Entry | None, day: date = TODAY, **more: object) -> Standing:
    return judge(layer, entry, day, **{"medical_information": True, **more}).standing  # type: ignore[arg-type]


@given(st.sampled_from(MapLayer), entries, days)
def test_split_factors_never_count(layer: MapLayer, entry: Entry, day: date) -> None:
    """One at the OS and one at the application fail, whatever else the entry says, while the system is to run."""
    found = judge(layer, replace(entry, way=Way.SPLIT, ends_on=None), day, medical_information=True)
    assert found.outcome is Outcome.FAIL


@given(entries, days, st.sampled_from([item.name for item in fields(Bastion)]))
def test_losing_a_condition_never_helps(entry: Entry, day: date, name: str) -> None:
    """Taking one thing away from the bastion leaves the judgement as it was, or worse."""
    before = judge(MapLayer.SERVER, entry, day, medical_information=True)
    weaker = replace(entry, bastion=replace(entry.bastion, **{name: False}))
    after = judge(MapLayer.SERVER, weaker, day, medical_information=True)
    assert RANK.index(after.outcome) <= RANK.index(before.outcome)


@given(st.sampled_from(MapLayer), entries, days, st.integers(0, 2000))
def test_waiting_turns_no_deferral_good(layer: MapLayer, entry: Entry, day: date, later: int) -> None:
    """A deferral that does not count today counts on no later day."""
    entry = replace(entry, way=Way.ONE, ends_on=None)
    before = judge(layer, entry, day, medical_information=True).outcome
    after = judge(layer, entry, day + timedelta(days=later), medical_information=True).outcome
    assert RANK.index(after) <= RANK.index(before)


@given(st.sampled_from(MapLayer), entries, days)
def test_nothing_passes_without_evidence_or_approval(layer: MapLayer, entry: Entry, day: date) -> None:
    """A pass has a test record or the vendor's paper behind it, or a whole deferral."""
    found = judge(layer, entry, day, medical_information=True)
    if found.standing in {Standing.HELD, Standing.SUBSTITUTE}:
        assert entry.evidence.strip()
        assert entry.tested_on is not None
        assert entry.tested_on <= day
    if found.standing is Standing.DEFERRED:
        assert all(text.strip() for text in (entry.deferral.reason, entry.deferral.product, entry.deferral.approval))
        assert entry.deferral.renewal_on is not None
        assert entry.deferral.renewal_on >= day


@given(st.dictionaries(st.sampled_from(MapLayer), st.sampled_from(Standing).map(Judgement)))
def test_a_system_is_no_better_than_its_layers(layers: dict[MapLayer, Judgement]) -> None:
    """Client and server count, what nobody entered is unknown, and the VPN turns nothing."""
    whole = of_system(layers)
    for layer in (MapLayer.CLIENT, MapLayer.SERVER):
        outcome = layers.get(layer, Judgement(Standing.UNKNOWN)).outcome
        if outcome is not Outcome.NOT_APPLICABLE:
            assert RANK.index(whole.outcome) <= RANK.index(outcome)
    without = {layer: found for layer, found in layers.items() if layer is not MapLayer.VPN}
    assert of_system(without) == whole


@pytest.mark.parametrize("way", [Way.BASTION_1, Way.BASTION_2])
def test_each_precondition_is_asked_for(way: Way) -> None:
    """All three, for both substitutes; and each substitute asks for its own conditions."""
    assert list(substitute_lacks(way, SOUND)) == []
    for name in ("only_way", "no_administrators", "updated", "passwords_differ"):
        assert len(list(substitute_lacks(way, replace(SOUND, **{name: False})))) == 1
    own, other = ("two_factors",), ("notices_strange", "vpn_only")
    if way is Way.BASTION_2:
        own, other = other, own
    assert all(len(list(substitute_lacks(way, replace(SOUND, **{name: False})))) == 1 for name in own)
    assert all(list(substitute_lacks(way, replace(SOUND, **{name: False}))) == [] for name in other)


def test_the_state_machine() -> None:
    """Each state of the map, as a clinic meets it."""
    tested = {"evidence": "TEST-1", "tested_on": TODAY}
    client, server = MapLayer.CLIENT, MapLayer.SERVER
    assert said(client, Entry(Way.ONE), medical_information=False) is Standing.OUT
    assert said(client, None) is Standing.UNKNOWN
    assert said(client, Entry(Way.ONE, ends_on=date(2027, 3, 31))) is Standing.LEAVING
    assert said(client, Entry(Way.ONE, ends_on=REFERENCE_DATE)) is Standing.LACKING
    assert said(client, Entry(Way.TWO, ends_on=date(2026, 11, 1))) is Standing.UNKNOWN
    assert said(client, Entry(Way.TWO)) is Standing.UNKNOWN
    assert said(client, Entry(Way.TWO, **tested)) is Standing.HELD
    assert said(client, Entry(Way.CARRIED, **tested)) is Standing.HELD
    assert said(server, Entry(Way.CARRIED, **tested)) is Standing.LACKING
    assert said(server, Entry(Way.BASTION_1, bastion=SOUND, **tested)) is Standing.SUBSTITUTE
    assert said(client, Entry(Way.BASTION_1, bastion=SOUND, **tested)) is Standing.LACKING
    assert said(server, Entry(Way.EQUIVALENT, **tested)) is Standing.SUBSTITUTE
    assert said(server, Entry(Way.EQUIVALENT)) is Standing.LACKING
    assert said(client, Entry(Way.ONE, deferral=PUT_OFF)) is Standing.DEFERRED
    assert said(client, Entry(Way.ONE, deferral=PUT_OFF), date(2027, 9, 2)) is Standing.LACKING
    assert said(client, Entry(Way.ONE, deferral=PUT_OFF), renewal_on=date(2027, 6, 1)) is Standing.LACKING


def test_every_standing_has_words_and_an_outcome() -> None:
    """And of several entries about one layer the worst counts."""
    assert LABELS.keys() == OUTCOMES.keys() == set(Standing)
    assert worst([Judgement(Standing.HELD), Judgement(Standing.LACKING)]).standing is Standing.LACKING
    assert worst([]).standing is Standing.UNKNOWN
