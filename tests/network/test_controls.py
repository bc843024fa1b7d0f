"""The controls over endpoints: each passes on a sound observation and fails on one that breaks its own rule."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry, change_entry
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Control, Finding, Outcome
from sekisho.kernel.errors import Forbidden
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.errors import AppendOnlyViolation
from sekisho.network.controls import mutual_tls, tls, tls_certificates, tls_ciphers
from sekisho.network.models import NewestSighting, Probe, Sighting, Vantage
from sekisho.network.rules.observation import Attempt, Ending, MutualObservation, Observation, Way, Why
from sekisho.network.rules.registration import Particulars
from sekisho.network.services.registration import register_endpoint
from sekisho.network.services.sightings import Seen, keep_sightings
from tests.conftest import actor_with
from tests.network.test_tls_judge import GOOD, LEAF, with_leaf, with_suites, with_versions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
JOB = platform("job")
REFUSES = Attempt(Ending.ALERT, alert="certificate_required")
LET_IN = Attempt(Ending.ANSWERED, status=200)
INSISTS = MutualObservation(
    "ehr.example.jp", 443, reachable=True, requested=True,
    attempts={Way.NONE: REFUSES, Way.FOREIGN: REFUSES, Way.REGISTERED: LET_IN},
)  # fmt: skip
GONE = Observation("ehr.example.jp", 443, reachable=False, why={"reachable": Why.REFUSED})


@pytest.fixture
def endpoint(operator: Actor) -> Entry:
    """An endpoint over an open line."""
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "病院", "kind": "hospital", "beds": 20})
    link = add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": "予約", "line": "open_tls13_mtls"})
    system = add_entry(actor=operator, ledger=ledgers.SYSTEMS, values={"name": "予約", "kind": "emr", "form": "cloud"})
    values = {"system": system, "host": "ehr.example.jp", "port": 443, "protocol": "https", "exposure": "open"}
    return add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values={**values, "link": link})


def see(
    endpoint: Entry, probe: Probe, seen: object, age: timedelta = timedelta(0), vantage: Vantage | None = None
) -> None:
    """Store an observation, made from where the endpoint is reached unless ``vantage`` says otherwise."""
    document = TypeAdapter(type(seen)).dump_json(seen)
    one = Seen(str(endpoint.pk), str(endpoint), clock.now() - age, document)
    place = vantage or Vantage(endpoint.exposure)  # type: ignore[attr-defined]
    keep_sightings(actor=JOB, probe=probe, seen=[one], vantage=place)


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
    see(endpoint, Probe.MUTUAL_TLS, replace(INSISTS, requested=False, attempts=dict.fromkeys(Way, LET_IN)))
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
    weak = replace(with_versions(TLS10=True), host="old.example.jp", server_name="old.example.jp")
    see(other, Probe.TLS, weak)
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


@pytest.mark.parametrize("values", [{"host": "other.example.jp"}, {"port": 8443}])
@pytest.mark.parametrize("module", [tls, tls_ciphers, tls_certificates, mutual_tls])
def test_what_was_seen_at_another_address_says_nothing(
    endpoint: Entry, operator: Actor, module: Any, values: dict[str, object]
) -> None:
    """The entry keeps its id when it moves; what stands at the new address was not looked at."""
    see(endpoint, Probe.TLS, GOOD)
    see(endpoint, Probe.MUTUAL_TLS, INSISTS)
    assert outcomes(module.control) == {Outcome.PASS}
    change_entry(actor=operator, ledger=ledgers.ENDPOINTS, entry_id=endpoint.pk, version=1, values=values)
    assert outcomes(module.control) == {Outcome.UNKNOWN}
    assert str(by_kind(module.control)[SubjectKind.ENDPOINT].message) == "It was not looked at yet."


@pytest.mark.parametrize("module", [tls, tls_ciphers, tls_certificates, mutual_tls])
def test_what_was_asked_by_another_name_says_nothing(endpoint: Entry, operator: Actor, module: Any) -> None:
    """One address may hold many servers; the look counts for the one that is registered now."""
    see(endpoint, Probe.TLS, GOOD, age=timedelta(hours=1))
    see(endpoint, Probe.MUTUAL_TLS, INSISTS, age=timedelta(hours=1))
    given = Particulars(server_name="karte.example.jp")
    register_endpoint(actor=operator, endpoint_id=endpoint.pk, version=0, given=given)
    assert outcomes(module.control) == {Outcome.UNKNOWN}
    see(endpoint, Probe.TLS, replace(GOOD, server_name="karte.example.jp"))
    see(endpoint, Probe.MUTUAL_TLS, replace(INSISTS, server_name="karte.example.jp"))
    assert by_kind(module.control)[SubjectKind.ENDPOINT].facts["seen_from"] == "open"


@pytest.mark.parametrize(("module", "probe"), CONTROLS.items(), ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize("exposure", ["open", "secure"])
def test_what_is_reached_from_outside_is_looked_at_from_outside(
    endpoint: Entry, operator: Actor, module: Any, probe: Probe, exposure: str
) -> None:
    """Until then it cannot be told; the words say what to do, the facts what was seen from inside."""
    values = {"exposure": exposure}
    change_entry(actor=operator, ledger=ledgers.ENDPOINTS, entry_id=endpoint.pk, version=1, values=values)
    good = GOOD if probe is Probe.TLS else INSISTS
    see(endpoint, probe, good, vantage=Vantage.INTERNAL)
    found = by_kind(module.control)[SubjectKind.ENDPOINT]
    assert (found.outcome, found.facts["seen_from_inside"]) == (Outcome.UNKNOWN, "pass")
    assert "Issue a ticket" in str(found.message)
    assert by_kind(module.control)[SubjectKind.LINK].outcome is Outcome.UNKNOWN
    see(endpoint, probe, good, vantage=Vantage(exposure))
    assert by_kind(module.control)[SubjectKind.ENDPOINT].outcome is Outcome.PASS


@pytest.mark.parametrize("inside_first", [True, False])
def test_the_worst_look_counts_whichever_came_first(
    endpoint: Entry, at_nine: clock.FixedClock, inside_first: bool
) -> None:
    """A rule that is broken inside is broken, looked at from outside or not."""
    looks = [(with_versions(TLS10=True), Vantage.INTERNAL), (GOOD, Vantage.OPEN)]
    for seen, vantage in looks if inside_first else reversed(looks):
        see(endpoint, Probe.TLS, seen, vantage=vantage)
        if inside_first and vantage is Vantage.INTERNAL:
            found = by_kind(tls.control)[SubjectKind.ENDPOINT]
            assert (found.outcome, found.facts["seen_from_inside"]) == (Outcome.FAIL, "fail")
        at_nine.moment += timedelta(minutes=1)
    assert outcomes(tls.control) == {Outcome.FAIL}
    assert by_kind(tls.control)[SubjectKind.ENDPOINT].facts["seen_from"] == "internal"


def test_what_passes_is_as_old_as_the_oldest_look(endpoint: Entry) -> None:
    see(endpoint, Probe.TLS, GOOD, age=timedelta(days=2), vantage=Vantage.OPEN)
    see(endpoint, Probe.TLS, GOOD, vantage=Vantage.INTERNAL)
    found = by_kind(tls.control)[SubjectKind.ENDPOINT]
    assert (found.outcome, found.observed_at) == (Outcome.PASS, clock.now() - timedelta(days=2))


def beside(endpoint: Entry, operator: Actor, protocol: str, **more: object) -> Entry:
    """Enter an endpoint of another protocol on the same line."""
    values = {"system": endpoint.system, "host": "pacs.example.jp", "port": 104, "protocol": protocol}  # type: ignore[attr-defined]
    values |= {"exposure": "open", "link": endpoint.link, **more}  # type: ignore[attr-defined]
    return add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values=values)


@pytest.mark.failing_fixture("network.tls")
@pytest.mark.parametrize(
    ("protocol", "outcome"),
    [
        ("dicom", Outcome.FAIL),
        ("hl7", Outcome.FAIL),
        ("ldap", Outcome.FAIL),
        ("database", Outcome.UNKNOWN),
        ("rdp", Outcome.UNKNOWN),
        ("smb", Outcome.UNKNOWN),
        ("ssh", Outcome.UNKNOWN),
        ("other", Outcome.UNKNOWN),
    ],
)
@pytest.mark.parametrize(("module", "probe"), CONTROLS.items(), ids=lambda value: getattr(value, "__name__", value))
def test_a_line_with_something_that_is_no_tls_never_passes(
    endpoint: Entry, operator: Actor, module: Any, probe: Probe, protocol: str, outcome: Outcome
) -> None:
    """What is in the clear by its nature breaks the rule on an open network; the endpoint beside it stays sound."""
    see(endpoint, probe, GOOD if probe is Probe.TLS else INSISTS)
    other = beside(endpoint, operator, protocol)
    found = {(one.subject.kind, one.subject.id): one for one in module.control.check()}
    kinds = {kind: one.outcome for (kind, _id), one in found.items() if kind is not SubjectKind.ENDPOINT}
    assert kinds == {SubjectKind.LINK: outcome, SubjectKind.FACILITY: outcome}
    assert found[SubjectKind.ENDPOINT, str(endpoint.pk)].outcome is Outcome.PASS
    (remark,) = found[SubjectKind.ENDPOINT, str(other.pk)].facts["remarks"]  # type: ignore[misc,union-attr]
    assert remark["code"] == ("PLAIN-PROTOCOL" if outcome is Outcome.FAIL else "NOT-LOOKED-AT")  # type: ignore[index,call-overload]


def test_what_is_in_the_clear_inside_cannot_be_told(endpoint: Entry, operator: Actor) -> None:
    """Nor is it passed over; but on a line that is an open network it breaks the rule, however it is exposed."""
    see(endpoint, Probe.TLS, GOOD)
    lan = add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": "院内", "line": "lan"})
    beside(endpoint, operator, "dicom", exposure="internal", link=lan)
    lines = {one.subject.label: one.outcome for one in tls.control.check() if one.subject.kind is SubjectKind.LINK}
    assert lines == {"予約": Outcome.PASS, "院内": Outcome.UNKNOWN}
    beside(endpoint, operator, "dicom", exposure="internal", port=105)
    lines = {one.subject.label: one.outcome for one in tls.control.check() if one.subject.kind is SubjectKind.LINK}
    assert lines == {"予約": Outcome.FAIL, "院内": Outcome.UNKNOWN}


def test_a_look_dated_in_the_future_wedges_nothing(endpoint: Entry) -> None:
    """It is kept and shows nothing; where a clock ran ahead meanwhile, the next real look takes its place."""
    see(endpoint, Probe.TLS, GOOD, age=-timedelta(days=3650))
    assert (outcomes(tls.control), Sighting.objects.count(), NewestSighting.objects.count()) == (
        {Outcome.UNKNOWN},
        1,
        0,
    )
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=3650))):
        see(endpoint, Probe.TLS, GOOD)
    assert outcomes(tls.control) == {Outcome.UNKNOWN}
    see(endpoint, Probe.TLS, with_versions(TLS10=True))
    assert outcomes(tls.control) == {Outcome.FAIL}
    assert by_kind(tls.control)[SubjectKind.ENDPOINT].observed_at == clock.now()


def test_who_may_store_what_was_seen(operator: Actor) -> None:
    """The operator and the platform."""
    with pytest.raises(Forbidden):
        keep_sightings(actor=actor_with(), probe=Probe.TLS, seen=[])
    assert keep_sightings(actor=operator, probe=Probe.TLS, seen=[]) == 0
