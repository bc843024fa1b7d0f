"""The controls over endpoints: each passes on a sound observation and fails on one that breaks its own rule."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Control, Finding, Outcome
from sekisho.kernel.errors import Forbidden
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.errors import AppendOnlyViolation
from sekisho.network.controls import mutual_tls, tls, tls_certificates, tls_ciphers
from sekisho.network.models import NewestSighting, Probe, Sighting
from sekisho.network.rules.observation import Attempt, Ending, MutualObservation, Observation, Way, Why
from sekisho.network.services.sightings import Seen, keep_sightings
from tests.conftest import actor_with
from tests.network.test_tls_judge import GOOD, LEAF, with_leaf, with_suites, with_versions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
JOB = platform("job")
REFUSES = Attempt(Ending.ALERT, alert="certificate_required")
INSISTS = MutualObservation(
    "ehr.example.jp", 443, reachable=True, requested=True, attempts={Way.NONE: REFUSES, Way.FOREIGN: REFUSES}
)
GONE = Observation("ehr.example.jp", 443, reachable=False, why={"reachable": Why.REFUSED})


@pytest.fixture
def endpoint(operator: Actor) -> Entry:
    """An endpoint over an open line."""
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "病院", "kind": "hospital", "beds": 20})
    link = add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": "予約", "line": "open_tls13_mtls"})
    system = add_entry(actor=operator, ledger=ledgers.SYSTEMS, values={"name": "予約", "kind": "emr", "form": "cloud"})
    values = {"system": system, "host": "ehr.example.jp", "port": 443, "protocol": "https", "exposure": "open"}
    return add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values={**values, "link": link})


def see(endpoint: Entry, probe: Probe, seen: object, age: timedelta = timedelta(0)) -> None:
    """Store an observation."""
    document = TypeAdapter(type(seen)).dump_json(seen)
    keep_sightings(actor=JOB, probe=probe, seen=[Seen(str(endpoint.pk), str(endpoint), clock.now() - age, document)])


def by_kind(control: Control) -> dict[SubjectKind, Finding]:
    """Return the finding about the endpoint, its line and the facility."""
    return {finding.subject.kind: finding for finding in control.check()}


def outcomes(control: Control) -> set[Outcome]:
    """Return what the control says; endpoint, line and facility must agree."""
    found = by_kind(control)
    assert set(found) == {SubjectKind.ENDPOINT, SubjectKind.LINK, SubjectKind.FACILITY}
    return {finding.outcome for finding in found.values()}


CONTROLS = {tls: Probe.TLS, tls_ciphers: Probe.TLS, tls_certificates: Probe.TLS, mutual_tls: Probe.MUTUAL_TLS}


@pytest.mark.parametrize(("module", "probe"), CONTROLS.items(), ids=lambda value: getattr(value, "__name__", value))
def test_a_sound_endpoint_passes_and_says_so_for_its_line(endpoint: Entry, module: Any, probe: Probe) -> None:
    """With the bytes that were judged and the moment they were seen."""
    see(endpoint, probe, GOOD if probe is Probe.TLS else INSISTS, age=timedelta(hours=2))
    assert outcomes(module.control) == {Outcome.PASS}
    found = by_kind(module.control)
    assert found[SubjectKind.ENDPOINT].raw == NewestSighting.objects.get().sighting.document.encode()
    assert {finding.observed_at for finding in found.values()} == {clock.now() - timedelta(hours=2)}


@pytest.mark.failing_fixture("network.tls")
@pytest.mark.parametrize("bad", [with_versions(TLS10=True), with_versions(TLS13=False), replace(GOOD, dh_bits=(1024,))])
def test_a_weak_handshake_fails(endpoint: Entry, bad: Observation) -> None:
    see(endpoint, Probe.TLS, bad)
    assert outcomes(tls.control) == {Outcome.FAIL}


@pytest.mark.failing_fixture("network.tls_ciphers")
def test_a_suite_outside_the_list_fails(endpoint: Entry) -> None:
    """SM4 is on no list of ours."""
    see(endpoint, Probe.TLS, with_suites("TLS_AES_256_GCM_SHA384", "TLS_SM4_GCM_SM3"))
    assert outcomes(tls_ciphers.control) == {Outcome.FAIL}


@pytest.mark.failing_fixture("network.tls_certificates")
def test_a_certificate_that_ran_out_fails(endpoint: Entry) -> None:
    """And says nothing about the suites."""
    see(endpoint, Probe.TLS, with_leaf(not_after=LEAF.not_before + timedelta(days=1)))
    assert outcomes(tls_certificates.control) == {Outcome.FAIL}
    assert outcomes(tls_ciphers.control) == {Outcome.PASS}


@pytest.mark.failing_fixture("network.mutual_tls")
def test_an_endpoint_that_lets_anybody_in_fails(endpoint: Entry) -> None:
    let_in = Attempt(Ending.ANSWERED, status=200)
    see(endpoint, Probe.MUTUAL_TLS, replace(INSISTS, requested=False, attempts=dict.fromkeys(Way, let_in)))
    assert outcomes(mutual_tls.control) == {Outcome.FAIL}


@pytest.mark.parametrize("module", [tls, tls_ciphers, tls_certificates, mutual_tls])
def test_what_was_not_seen_is_unknown(endpoint: Entry, module: Any) -> None:
    """Never looked at, or gone."""
    assert outcomes(module.control) == {Outcome.UNKNOWN}
    see(endpoint, Probe.TLS, GONE)
    see(endpoint, Probe.MUTUAL_TLS, MutualObservation("ehr.example.jp", 443, reachable=False))
    assert outcomes(module.control) == {Outcome.UNKNOWN}


def test_a_line_is_as_good_as_its_worst_endpoint(endpoint: Entry, operator: Actor) -> None:
    """And as old as the oldest look; the finding names both."""
    values = {"system": endpoint.system, "host": "old.example.jp", "port": 443, "protocol": "https"}  # type: ignore[attr-defined]
    values |= {"exposure": "secure", "link": endpoint.link}  # type: ignore[attr-defined]
    other = add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values=values)
    see(endpoint, Probe.TLS, GOOD, age=timedelta(days=3))
    see(other, Probe.TLS, with_versions(TLS10=True))
    found = by_kind(tls.control)
    line = found[SubjectKind.LINK]
    assert (line.outcome, line.observed_at) == (Outcome.FAIL, clock.now() - timedelta(days=3))
    assert line.facts == {"endpoints": {"ehr.example.jp:443": "pass", "old.example.jp:443": "fail"}}
    assert found[SubjectKind.FACILITY].outcome is Outcome.PASS, "only what is open to everybody"


def test_what_is_no_tls_is_not_looked_at(operator: Actor, endpoint: Entry) -> None:
    """A remote desktop is another control's."""
    values = {"system": endpoint.system, "host": "rdp.example.jp", "port": 3389, "protocol": "rdp"}  # type: ignore[attr-defined]
    add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values={**values, "exposure": "internal"})
    labels = {finding.subject.label for finding in tls.control.check() if finding.subject.kind is SubjectKind.ENDPOINT}
    assert labels == {"ehr.example.jp:443"}


def test_the_newest_sighting_counts_and_the_older_stays(endpoint: Entry) -> None:
    """What was seen earlier and is carried here late does not count."""
    see(endpoint, Probe.TLS, GOOD)
    see(endpoint, Probe.TLS, with_versions(TLS10=True), age=timedelta(days=1))
    assert outcomes(tls.control) == {Outcome.PASS}
    assert Sighting.objects.count() == 2
    with pytest.raises(AppendOnlyViolation):
        Sighting.objects.all().delete()
    assert json.loads(Sighting.objects.earliest("received_at").document)["host"] == "ehr.example.jp"


def test_who_may_store_what_was_seen(operator: Actor) -> None:
    """The operator and the platform."""
    with pytest.raises(Forbidden):
        keep_sightings(actor=actor_with(), probe=Probe.TLS, seen=[])
    assert keep_sightings(actor=operator, probe=Probe.TLS, seen=[]) == 0
