"""From what is registered to what the controls say, at a real nginx with a private authority."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from pydantic import TypeAdapter

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry, change_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Control, Finding, Outcome
from sekisho.kernel.ports import SubjectKind
from sekisho.network.controls import mutual_tls, tls, tls_certificates
from sekisho.network.models import Probe, Sighting
from sekisho.network.rules.observation import Chain, Glance, MutualObservation, Observation, Version, Way, Why
from sekisho.network.rules.registration import Allowance, Particulars
from sekisho.network.rules.tls_light import differs, with_newer
from sekisho.network.services.registration import allow_exception, register_client_certificate, register_endpoint
from sekisho.network.services.sightings import Seen, keep_sightings
from sekisho.network.services.tls import WHOLE_AGAIN, look_at_tls, observe_mutual_tls, observe_tls
from tests.conftest import actor_with
from tests.network import servers
from tests.network.servers import LOOPBACK, NAME, Identity, Site
from tests.network.test_tls_judge import GOOD, LEAF, with_leaf, with_versions

pytestmark = pytest.mark.django_db
needs_nginx = pytest.mark.skipif(servers.find_nginx() is None, reason="nginx: get it with scripts/debian-tools")
AUTHORITY = servers.identity("Clinic CA", authority=True, days=(-1, 3650))
SERVER = servers.identity(NAME, issuer=AUTHORITY)
CLIENT = servers.identity("sekisho-probe", issuer=AUTHORITY, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))
ELSEWHERE = servers.identity("Somebody else's CA", authority=True)
OTHER_CLIENT = servers.identity("sekisho-probe", issuer=ELSEWHERE, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))
JOB = platform("job")
MANAGER = actor_with(Role.PLANNING_MANAGER)
MODERN = "ssl_protocols TLSv1.3;"


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """One that asks for client certificates, one that does not, one that still knows TLS 1.2."""
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "ca.pem").write_text(AUTHORITY.pem)
    asks = f"ssl_client_certificate {folder}/ca.pem; ssl_verify_client on;"
    both = "ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on; ssl_ciphers ECDHE+AESGCM;"
    sites = {
        "asks": Site(SERVER, f"{MODERN} {asks}"),
        "page": Site(SERVER, f"{MODERN} {asks} error_page 495 496 =403 /;"),
        "open": Site(SERVER, MODERN),
        "both": Site(SERVER, both),
        "weak": Site(SERVER, "ssl_protocols TLSv1.2; ssl_ciphers HIGH:!aNULL;"),
    }
    with servers.nginx(folder, sites) as ports:
        yield ports


@pytest.fixture
def now() -> Iterator[clock.FixedClock]:
    """A clock that stands at the moment the certificates were made, until it is moved."""
    with clock.use(clock.FixedClock(servers.NOW)) as fixed:
        assert isinstance(fixed, clock.FixedClock)
        yield fixed


@pytest.fixture
def enter(operator: Actor) -> Callable[[int], Entry]:
    """Return a function that enters an endpoint of this machine."""
    system = add_entry(actor=operator, ledger=ledgers.SYSTEMS, values={"name": "予約", "kind": "emr", "form": "cloud"})

    def make(port: int) -> Entry:
        values = {"system": system, "host": LOOPBACK, "port": port, "protocol": "https", "exposure": "internal"}
        return add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values=values)

    return make


def register(
    operator: Actor, endpoint: Entry, version: int = 0, authority: Identity | None = AUTHORITY, **more: object
) -> None:
    """Register an endpoint by its name, with an authority."""
    given = Particulars(server_name=NAME, **more)  # type: ignore[arg-type]
    pem = authority.pem.encode() if authority else None
    register_endpoint(actor=operator, endpoint_id=endpoint.pk, version=version, given=given, authorities=pem)


def permit(endpoint: Entry, version: int, **given: object) -> None:
    """Let a manager allow the endpoint something."""
    allowed = Allowance(**given)  # type: ignore[arg-type]
    allow_exception(actor=MANAGER, endpoint_id=endpoint.pk, version=version, given=allowed)


def about(control: Control, endpoint: Entry) -> Finding:
    """Return what a control says of an endpoint."""
    kinds = {SubjectKind.ENDPOINT}
    (found,) = [one for one in control.check() if one.subject.kind in kinds and one.subject.id == str(endpoint.pk)]
    return found


def levels(found: Finding) -> dict[str, str]:
    """Return the level of each remark by its code."""
    return {remark["code"]: remark["level"] for remark in found.facts["remarks"]}  # type: ignore[union-attr,index,call-overload,misc]


@needs_nginx
@pytest.mark.processes
def test_a_private_authority_counts_once_it_is_registered(
    nginx: dict[str, int], enter: Callable[[int], Entry], operator: Actor
) -> None:
    """Until then nobody can tell whose certificate it is, and the finding says what to do; a wrong one is wrong."""
    endpoint = enter(nginx["open"])
    observe_tls(actor=JOB)
    found = about(tls_certificates.control, endpoint)
    assert found.outcome is Outcome.UNKNOWN
    assert levels(found)["CA-UNKNOWN"] == "unknown"
    assert "register its certificate for this endpoint" in str(found.message)
    register(operator, endpoint)
    observe_tls(actor=JOB)
    found = about(tls_certificates.control, endpoint)
    assert (found.outcome, levels(found)["CERT-NAME"]) == (Outcome.PASS, "ok"), found.message
    assert about(tls.control, endpoint).outcome is Outcome.PASS
    register(operator, endpoint, 1, ELSEWHERE)
    observe_tls(actor=JOB)
    assert levels(about(tls_certificates.control, endpoint))["CA-UNKNOWN"] == "ng"


@needs_nginx
@pytest.mark.processes
def test_a_registered_authority_excuses_no_weak_suite(
    nginx: dict[str, int], enter: Callable[[int], Entry], operator: Actor
) -> None:
    endpoint = enter(nginx["weak"])
    register(operator, endpoint)
    observe_tls(actor=JOB)
    assert levels(about(tls_certificates.control, endpoint))["CA-UNKNOWN"] == "ok"
    found = about(tls.control, endpoint)
    assert (found.outcome, levels(found)["SUITE"]) == (Outcome.FAIL, "ng")


@needs_nginx
@pytest.mark.processes
def test_a_reason_excuses_tls_12_to_its_end(
    nginx: dict[str, int], enter: Callable[[int], Entry], operator: Actor, now: clock.FixedClock
) -> None:
    """And not a day longer: what was seen is judged again with the reason that counts now."""
    endpoint = enter(nginx["both"])
    register(operator, endpoint)
    observe_tls(actor=JOB)
    assert about(tls.control, endpoint).outcome is Outcome.FAIL
    permit(endpoint, 1, tls12_reason="検査装置", tls12_until=clock.now().date() + timedelta(days=9))
    found = about(tls.control, endpoint)
    assert (found.outcome, levels(found)["TLS12"]) == (Outcome.PASS, "warn"), found.message
    until = (clock.now().date() + timedelta(days=9)).isoformat()
    assert found.facts["registered"] == {"tls12_until": until, "allowed_by": MANAGER.name}
    now.moment += timedelta(days=10)
    assert about(tls.control, endpoint).outcome is Outcome.FAIL


@needs_nginx
@pytest.mark.processes
@pytest.mark.parametrize("site", ["asks", "page"])
def test_three_ways_with_the_registered_certificate(
    nginx: dict[str, int], enter: Callable[[int], Entry], operator: Actor, site: str
) -> None:
    """A bare 403 is told by the contrast with who is let in; a certificate that is not let in tells nothing."""
    endpoint = enter(nginx[site])
    register(operator, endpoint)
    register_client_certificate(
        actor=operator, endpoint_id=endpoint.pk, version=1, certificate=OTHER_CLIENT.pem.encode(),
        key=OTHER_CLIENT.key_pem.encode(),
    )  # fmt: skip
    observe_mutual_tls(actor=JOB)
    assert about(mutual_tls.control, endpoint).outcome is Outcome.UNKNOWN
    register_client_certificate(
        actor=operator, endpoint_id=endpoint.pk, version=2, certificate=CLIENT.pem.encode(),
        key=CLIENT.key_pem.encode(),
    )  # fmt: skip
    observe_mutual_tls(actor=JOB)
    found = about(mutual_tls.control, endpoint)
    assert found.outcome is Outcome.PASS, found.message
    assert set(levels(found)) == {"MTLS-REQUIRED", "MTLS-FOREIGN", "MTLS-REGISTERED", "SERVER-CERT-AS-CLIENT"}
    for sighting in Sighting.objects.all():
        assert CLIENT.key_pem.splitlines()[1] not in sighting.document


@needs_nginx
@pytest.mark.processes
def test_several_at_once_each_with_its_own(
    nginx: dict[str, int], enter: Callable[[int], Entry], operator: Actor
) -> None:
    """What is registered for one is not used for another."""
    asks, open_ = enter(nginx["asks"]), enter(nginx["open"])
    gone = [enter(port) for port in servers.free_ports("abcdefgh").values()]
    register(operator, asks)
    register_client_certificate(
        actor=operator, endpoint_id=asks.pk, version=1, certificate=CLIENT.pem.encode(), key=CLIENT.key_pem.encode()
    )
    assert observe_mutual_tls(actor=JOB) == 10
    seen = {row.subject_id: _mutual.validate_json(row.document) for row in Sighting.objects.all()}
    assert Way.REGISTERED in seen[str(asks.pk)].attempts
    assert Way.REGISTERED not in seen[str(open_.pk)].attempts
    assert {seen[str(one.pk)].reachable for one in gone} == {False}
    assert about(mutual_tls.control, open_).outcome is Outcome.FAIL


_mutual: TypeAdapter[MutualObservation] = TypeAdapter(MutualObservation)


def test_devices_told_apart_in_another_way_are_not_tried(enter: Callable[[int], Entry], operator: Actor) -> None:
    """The line is then not judged by certificates either; together with one that is, only that one counts."""
    link = add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": "予約", "line": "open_tls13_mtls"})
    endpoint = enter(servers.free_port())
    rows = type(endpoint)._default_manager
    rows.filter(pk=endpoint.pk).update(link=link.pk)
    permit(endpoint, 0, restriction="other", restricted_by="端末の機体番号")
    assert observe_mutual_tls(actor=JOB) == 0
    found = {one.subject.kind: one for one in mutual_tls.control.check()}
    assert {one.outcome for kind, one in found.items() if kind is not SubjectKind.FACILITY} == {Outcome.NOT_APPLICABLE}
    assert "端末の機体番号" in str(found[SubjectKind.ENDPOINT].message)
    second = enter(servers.free_port())
    rows.filter(pk=second.pk).update(link=link.pk)
    found = {one.subject.kind: one for one in mutual_tls.control.check()}
    assert found[SubjectKind.LINK].outcome is Outcome.UNKNOWN


@needs_nginx
@pytest.mark.processes
def test_the_daily_look_looks_wholly_only_where_that_is_due(
    nginx: dict[str, int], enter: Callable[[int], Entry], operator: Actor, now: clock.FixedClock
) -> None:
    """At first, after a change of what is registered, and again in time before the evidence runs out."""
    endpoint = enter(nginx["open"])
    assert look_at_tls(actor=JOB) == 1
    now.moment += timedelta(days=1)
    assert look_at_tls(actor=JOB) == 0
    assert Sighting.objects.filter(probe=Probe.TLS_LIGHT).count() == 2
    register(operator, endpoint)
    assert look_at_tls(actor=JOB) == 1, "registered since"
    assert about(tls_certificates.control, endpoint).outcome is Outcome.PASS
    now.moment += WHOLE_AGAIN - timedelta(days=1)
    assert look_at_tls(actor=JOB) == 0
    now.moment += timedelta(days=1)
    assert look_at_tls(actor=JOB) == 1


@needs_nginx
@pytest.mark.processes
def test_an_endpoint_that_moved_is_looked_at_wholly_at_once(
    nginx: dict[str, int], enter: Callable[[int], Entry], operator: Actor, now: clock.FixedClock
) -> None:
    """What was seen at its old address says nothing; and nothing is known until it was looked at."""
    endpoint = enter(nginx["open"])
    register(operator, endpoint)
    assert look_at_tls(actor=JOB) == 1
    assert about(tls.control, endpoint).outcome is Outcome.PASS
    now.moment += timedelta(hours=1)
    values = {"port": nginx["weak"]}
    change_entry(actor=operator, ledger=ledgers.ENDPOINTS, entry_id=endpoint.pk, version=1, values=values)
    assert about(tls.control, endpoint).outcome is Outcome.UNKNOWN
    assert look_at_tls(actor=JOB) == 1
    assert about(tls.control, endpoint).outcome is Outcome.FAIL


@needs_nginx
@pytest.mark.processes
def test_a_look_from_the_future_is_due_at_once(
    nginx: dict[str, int], enter: Callable[[int], Entry], now: clock.FixedClock
) -> None:
    """The clock had jumped ahead and came back; the look made then blocks none that follows."""
    endpoint = enter(nginx["weak"])
    now.moment += timedelta(days=3650)
    keep(endpoint, Probe.TLS, GOOD)
    now.moment -= timedelta(days=3650)
    assert about(tls.control, endpoint).outcome is Outcome.UNKNOWN
    assert look_at_tls(actor=JOB) == 1
    found = about(tls.control, endpoint)
    assert (found.outcome, found.observed_at) == (Outcome.FAIL, clock.now())


def test_the_whole_look_comes_before_its_evidence_runs_out() -> None:
    """Every slot of a day has its look somewhere; one slot may be missed altogether."""
    assert WHOLE_AGAIN + timedelta(days=2) <= timedelta(days=7)


@needs_nginx
@pytest.mark.processes
def test_a_new_certificate_is_looked_at_wholly_the_same_day(
    nginx: dict[str, int], enter: Callable[[int], Entry], at_nine: clock.FixedClock
) -> None:
    """The last whole look saw another one, by the ledger of sightings."""
    endpoint = enter(nginx["open"])
    keep(endpoint, Probe.TLS, GOOD)
    at_nine.moment += timedelta(hours=1)
    assert look_at_tls(actor=JOB) == 1
    assert about(tls_certificates.control, endpoint).observed_at == clock.now()


GLANCE = Glance(
    "ehr.example.jp", 443, reachable=True, version=Version.TLS13, chain=GOOD.chains[0] if GOOD.chains else None,
    certificate_requested=False, legacy_refused=True,
)  # fmt: skip
RENEWED: Chain = (replace(LEAF, fingerprint="f" * 64),)


def keep(endpoint: Entry, probe: Probe, seen: Observation | Glance) -> None:
    """Store an observation as one of the endpoint where it stands."""
    seen = replace(seen, host=endpoint.host, port=endpoint.port, server_name=None)  # type: ignore[attr-defined]
    document = TypeAdapter(type(seen)).dump_json(seen)
    keep_sightings(actor=JOB, probe=probe, seen=[Seen(str(endpoint.pk), str(endpoint), clock.now(), document)])


@pytest.mark.parametrize(
    ("scan", "glance", "expected"),
    [
        (GOOD, GLANCE, False),
        (GOOD, replace(GLANCE, chain=RENEWED), True),
        (GOOD, replace(GLANCE, version=Version.TLS12), True),
        (GOOD, replace(GLANCE, legacy_refused=False), True),
        (GOOD, replace(GLANCE, legacy_refused=None, chain=None), False),
        (with_versions(TLS10=True), replace(GLANCE, legacy_refused=False), False),
        # What does not answer shows nothing that a whole look would tell.
        (GOOD, replace(GLANCE, reachable=False, version=None, chain=None), False),
        (GOOD, replace(GLANCE, version=None, chain=None), False),
        (Observation("ehr.example.jp", 443, reachable=False), GLANCE, True),
        (Observation("ehr.example.jp", 443, reachable=True, tls=False), GLANCE, True),
    ],
)
def test_when_a_light_look_calls_for_a_whole_one(scan: Observation, glance: Glance, expected: bool) -> None:
    assert differs(scan, glance) is expected


def test_what_a_newer_light_look_leaves_standing() -> None:
    """Nothing new: the very same. What may have changed is unknown, never as it was."""
    assert with_newer(GOOD, GLANCE) == GOOD
    newer = with_newer(GOOD, replace(GLANCE, chain=RENEWED))
    assert (newer.chains, newer.trust, newer.why["trust"]) == ((RENEWED,), None, Why.NOT_TRIED)
    newer = with_newer(GOOD, replace(GLANCE, chain=None, why={"chain": Why.OUT_OF_TIME}))
    assert (newer.chains, newer.why["chains"]) == (None, Why.OUT_OF_TIME)
    newer = with_newer(GOOD, replace(GLANCE, reachable=False, why={"reachable": Why.REFUSED}))
    assert (newer.reachable, newer.why["reachable"]) == (False, Why.REFUSED)
    assert with_newer(GOOD, replace(GLANCE, legacy_refused=False)).versions[Version.TLS11] is True
    blind = Observation("ehr.example.jp", 443, reachable=False)
    assert with_newer(blind, GLANCE).chains == GOOD.chains


@pytest.mark.failing_fixture("network.tls_certificates")
@pytest.mark.parametrize(
    ("glance", "outcome"),
    [
        (GLANCE, Outcome.PASS),
        (replace(GLANCE, chain=(replace(RENEWED[0], not_after=LEAF.not_before),)), Outcome.FAIL),
        (replace(GLANCE, legacy_refused=False), Outcome.FAIL),
        (replace(GLANCE, chain=RENEWED), Outcome.UNKNOWN),
        (replace(GLANCE, reachable=False, why={"reachable": Why.REFUSED}), Outcome.UNKNOWN),
    ],
)
def test_the_newer_of_both_looks_counts_for_certificates(
    enter: Callable[[int], Entry], at_nine: clock.FixedClock, glance: Glance, outcome: Outcome
) -> None:
    """With its own bytes and its own moment, where it shows something new."""
    endpoint = enter(443)
    keep(endpoint, Probe.TLS, GOOD)
    at_nine.moment += timedelta(hours=1)
    keep(endpoint, Probe.TLS_LIGHT, glance)
    found = about(tls_certificates.control, endpoint)
    assert found.outcome is outcome, found.message
    new = outcome is not Outcome.PASS
    assert (found.observed_at == clock.now()) is new
    assert found.raw == Sighting.objects.get(probe=Probe.TLS_LIGHT if new else Probe.TLS).document.encode()


def test_an_older_light_look_changes_nothing(enter: Callable[[int], Entry], at_nine: clock.FixedClock) -> None:
    endpoint = enter(443)
    keep(endpoint, Probe.TLS_LIGHT, replace(GLANCE, legacy_refused=False))
    at_nine.moment += timedelta(hours=1)
    keep(endpoint, Probe.TLS, with_leaf(subject="CN=new"))
    assert about(tls_certificates.control, endpoint).outcome is Outcome.PASS
