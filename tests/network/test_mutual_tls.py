"""Whether client certificates are really insisted on, at servers that say so in every way there is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from sekisho.kernel.canonical import canonical_json
from sekisho.kernel.declarations import Outcome
from sekisho.network.queries.mutual_tls import probe_mutual_tls
from sekisho.network.rules.judged import Judged, Level, outcome_of
from sekisho.network.rules.mutual_tls import Reading, judge_mutual_tls, reading, required
from sekisho.network.rules.observation import (
    Attempt,
    Certificate,
    Ending,
    MutualObservation,
    StartTls,
    Version,
    Way,
    Why,
)
from tests.network import misbehaving, servers
from tests.network.servers import LOOPBACK, NAME, Site

needs_nginx = pytest.mark.skipif(servers.find_nginx() is None, reason="nginx: get it with scripts/debian-tools")
AUTHORITY = servers.identity("Clinic CA", authority=True)
SERVER = servers.identity(NAME, issuer=AUTHORITY)
CLIENT = servers.identity("laptop-1", issuer=AUTHORITY, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))
STRANGER = servers.identity("laptop-1", purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """One server for each way that nginx knows of asking, in both versions."""
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "ca.pem").write_text(AUTHORITY.pem)
    sites = {}
    for version in ("1.2", "1.3"):
        start = f"ssl_protocols TLSv{version}; ssl_client_certificate {folder}/ca.pem; ssl_verify_client"
        sites |= {
            f"on-{version}": Site(SERVER, f"{start} on;"),
            f"optional-{version}": Site(SERVER, f"{start} optional;"),
            f"any-{version}": Site(SERVER, f"{start} optional_no_ca;"),
            f"none-{version}": Site(SERVER, f"ssl_protocols TLSv{version};"),
            f"forbidden-{version}": Site(SERVER, f"{start} optional;", status=403),
            f"page-{version}": Site(SERVER, f"{start} on; error_page 495 496 =403 /; ", status=200),
        }
    with servers.nginx(folder, sites) as ports:
        yield ports


def probe(port: int, *, registered: bool = True, **more: object) -> MutualObservation:
    """Probe a port of this machine, with the registered certificate."""
    certificate = {"certificate_pem": CLIENT.pem, "key_pem": CLIENT.key_pem} if registered else {}
    return probe_mutual_tls(LOOPBACK, port, **{"server_name": NAME, **certificate, **more})  # type: ignore[arg-type]


def levels(seen: MutualObservation) -> dict[str, Level]:
    """Return the level of each remark by its code."""
    return {remark.code.removeprefix("MTLS-"): remark.level for remark in judge_mutual_tls(seen)}


@needs_nginx
@pytest.mark.processes
@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize(
    ("site", "requested", "expected", "foreign", "outcome"),
    [
        ("on", True, True, Reading.REFUSED, Outcome.PASS),
        ("optional", True, False, Reading.REFUSED, Outcome.FAIL),
        ("any", True, False, Reading.LET_IN, Outcome.FAIL),
        ("none", False, False, Reading.LET_IN, Outcome.FAIL),
        # A page that is forbidden to everybody says nothing about certificates.
        ("forbidden", True, None, Reading.REFUSED, Outcome.UNKNOWN),
    ],
)
def test_nginx(
    nginx: dict[str, int],
    version: str,
    site: str,
    requested: bool,
    expected: bool | None,
    foreign: Reading,
    outcome: Outcome,
) -> None:
    seen = probe(nginx[f"{site}-{version}"])
    assert seen.version == f"TLS {version}"
    assert seen.requested is requested
    assert required(seen) is expected
    assert reading(seen, Way.FOREIGN) is foreign
    assert outcome_of(judge_mutual_tls(seen)) is outcome, seen


@needs_nginx
@pytest.mark.processes
def test_without_a_registered_certificate_nginx_can_still_be_told(nginx: dict[str, int]) -> None:
    seen = probe(nginx["on-1.3"], registered=False)
    assert levels(seen) == {"REQUIRED": Level.OK, "FOREIGN": Level.OK, "REGISTERED": Level.UNKNOWN}
    assert seen.attempts[Way.NONE].status == 400
    assert "No required SSL certificate was sent" in seen.attempts[Way.NONE].said
    seen = probe(nginx["forbidden-1.3"], registered=False)
    assert levels(seen)["REQUIRED"] is Level.UNKNOWN


@pytest.mark.processes
def test_caddy(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(AUTHORITY.pem)
    authority = {"ca": {"provider": "file", "pem_files": [str(tmp_path / "ca.pem")]}}
    sites = {
        "plain": {},
        "required": {"client_authentication": {"mode": "require_and_verify", **authority}},
        "required12": {
            "protocol_max": "tls1.2",
            "client_authentication": {"mode": "require_and_verify", **authority},
        },
        "given": {"client_authentication": {"mode": "verify_if_given", **authority}},
        "any": {"client_authentication": {"mode": "require"}},
    }
    with servers.caddy(tmp_path / "caddy", sites, SERVER) as ports:
        seen = {name: probe(port) for name, port in ports.items()}
    assert {name: required(one) for name, one in seen.items()} == {
        "plain": False,
        "required": True,
        "required12": True,
        "given": False,
        "any": True,
    }
    assert seen["required"].attempts[Way.NONE].alert == "certificate_required"
    assert levels(seen["required"]) == {
        "REQUIRED": Level.OK,
        "FOREIGN": Level.OK,
        "REGISTERED": Level.OK,
        "SERVER-CERT-AS-CLIENT": Level.OK,
    }
    assert levels(seen["any"])["FOREIGN"] is Level.NG
    assert outcome_of(judge_mutual_tls(seen["any"])) is Outcome.FAIL


@pytest.mark.processes
def test_a_registered_certificate_that_is_refused_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(AUTHORITY.pem)
    authority = {"ca": {"provider": "file", "pem_files": [str(tmp_path / "ca.pem")]}}
    sites = {"required": {"client_authentication": {"mode": "require_and_verify", **authority}}}
    with servers.caddy(tmp_path / "caddy", sites, SERVER) as ports:
        seen = probe(ports["required"], certificate_pem=STRANGER.pem, key_pem=STRANGER.key_pem)
    assert levels(seen)["REGISTERED"] is Level.UNKNOWN
    assert outcome_of(judge_mutual_tls(seen)) is Outcome.UNKNOWN
    with servers.caddy(tmp_path / "caddy", sites, SERVER) as ports:
        seen = probe(ports["required"], certificate_pem="nothing", key_pem="of the kind")
    assert seen.attempts[Way.REGISTERED] == Attempt(Ending.FAILED, why=Why.UNREADABLE)
    assert levels(seen)["REGISTERED"] is Level.UNKNOWN


@pytest.mark.processes
@pytest.mark.parametrize("protocol", [StartTls.SMTP, StartTls.IMAP])
def test_protocols_that_start_tls(tmp_path: Path, protocol: StartTls) -> None:
    import ssl

    (tmp_path / "ca.pem").write_text(AUTHORITY.pem)
    for mode, expected in ((ssl.CERT_REQUIRED, None), (ssl.CERT_OPTIONAL, False)):
        context = misbehaving.tls_context(SERVER, tmp_path)
        context.load_verify_locations(tmp_path / "ca.pem")
        context.verify_mode = mode
        serve = misbehaving.starts_tls(protocol.value, context, answer=b"250 fine\r\n")
        with misbehaving.listening(serve) as port:
            seen = probe(port, starttls=protocol)
        assert seen.requested is True
        assert required(seen) is (True if expected is None else expected), seen.attempts
        assert reading(seen, Way.FOREIGN) is Reading.REFUSED
        assert reading(seen, Way.REGISTERED) is Reading.LET_IN


@pytest.mark.processes
def test_a_protocol_that_waits_for_the_client(tmp_path: Path) -> None:
    """DICOM and the like say nothing until they are spoken to; the ticket of TLS 1.3 shows that one is in."""
    context = misbehaving.tls_context(SERVER, tmp_path)
    with misbehaving.listening(misbehaving.only_tls(context)) as port:
        seen = probe(port, http=False, patience=0.7)
    assert {attempt.ending for attempt in seen.attempts.values()} == {Ending.KEPT}
    assert required(seen) is False


@pytest.mark.processes
@pytest.mark.parametrize(
    "serve",
    [misbehaving.never_answers, misbehaving.garbage, misbehaving.trickle, misbehaving.resets, misbehaving.flood],
)
def test_hostile_servers_prove_nothing(serve: Callable[..., None]) -> None:
    with misbehaving.listening(serve) as port:
        seen = probe(port, deadline=8.0, patience=0.6)
    assert required(seen) is None
    assert outcome_of(judge_mutual_tls(seen)) is Outcome.UNKNOWN
    assert Level.OK not in {level for code, level in levels(seen).items() if code != "SERVER-CERT-AS-CLIENT"}
    assert Why.BROKEN_OFF not in seen.why.values(), "it came to its end and says what it saw"


@pytest.mark.processes
def test_nobody_there() -> None:
    seen = probe(servers.free_port())
    assert seen.reachable is False
    (remark,) = judge_mutual_tls(seen)
    assert (remark.code, remark.level) == ("MTLS-REACHED", Level.UNKNOWN)


NGINX = Attempt(Ending.ANSWERED, status=400, said="400 Bad Request No required SSL certificate was sent")
ALERT = Attempt(Ending.ALERT, alert="certificate_required")
LET_IN = Attempt(Ending.ANSWERED, status=200, said="fine")
FORBIDDEN = Attempt(Ending.ANSWERED, status=403)
GOOD = MutualObservation(
    LOOPBACK, 443, reachable=True, version=Version.TLS13, requested=True,
    attempts={Way.NONE: ALERT, Way.FOREIGN: Attempt(Ending.ALERT, alert="unknown_ca"), Way.REGISTERED: LET_IN},
)  # fmt: skip


def with_attempt(way: Way, attempt: Attempt, seen: MutualObservation = GOOD) -> MutualObservation:
    """Return the observation with one attempt replaced."""
    return replace(seen, attempts={**seen.attempts, way: attempt})


@pytest.mark.parametrize(
    ("attempt", "requested", "expected"),
    [
        (ALERT, True, True),
        (Attempt(Ending.ALERT, alert="handshake_failure"), True, True),
        (Attempt(Ending.ALERT, alert="handshake_failure"), False, None),
        (Attempt(Ending.ALERT, alert="protocol_version"), True, None),
        (ALERT, None, None),
        (NGINX, True, True),
        (NGINX, False, None),
        (Attempt(Ending.ANSWERED, status=496), True, True),
        (FORBIDDEN, True, True),  # the registered certificate is let in at the same moment
        (FORBIDDEN, False, None),
        (Attempt(Ending.CLOSED), True, True),
        (Attempt(Ending.CLOSED), False, None),
        (Attempt(Ending.ANSWERED, status=401), True, False),
        (Attempt(Ending.ANSWERED, status=302), False, False),
        (Attempt(Ending.ANSWERED, status=502), True, False),
        (Attempt(Ending.ANSWERED, said="250 fine"), True, False),
        (Attempt(Ending.KEPT), True, False),
        (Attempt(Ending.FAILED, why=Why.SILENT), True, None),
    ],
)
def test_what_an_attempt_without_certificate_means(
    attempt: Attempt, requested: bool | None, expected: bool | None
) -> None:
    assert required(replace(with_attempt(Way.NONE, attempt), requested=requested)) is expected


def test_a_refusal_that_could_have_other_causes_needs_the_contrast() -> None:
    for attempt in (FORBIDDEN, Attempt(Ending.CLOSED), Attempt(Ending.ANSWERED, status=400, said="bad host")):
        seen = with_attempt(Way.NONE, attempt)
        assert required(seen) is True
        assert required(replace(seen, attempts={Way.NONE: attempt, Way.FOREIGN: attempt})) is None
        assert required(with_attempt(Way.REGISTERED, attempt, seen)) is None


def test_what_nginx_says_needs_no_contrast() -> None:
    bare = replace(GOOD, attempts={Way.NONE: NGINX, Way.FOREIGN: NGINX})
    assert required(bare) is True
    assert required(replace(bare, attempts={Way.NONE: replace(NGINX, status=403)})) is None
    assert required(replace(bare, attempts={Way.NONE: replace(NGINX, said="Bad Request")})) is None


def test_a_remark_says_what_was_expected() -> None:
    found = {one.code: one.document() for one in judge_mutual_tls(GOOD)}
    assert found["MTLS-REQUIRED"]["expected"] == "refused"
    assert found["MTLS-REGISTERED"]["expected"] == "let_in"
    assert canonical_json(list(found.values()))


def remark(seen: MutualObservation, code: str) -> Judged:
    """Return the remark with ``code``."""
    return next(one for one in judge_mutual_tls(seen) if one.code == code)


@pytest.mark.parametrize(
    ("purposes", "public", "level"),
    [
        (("clientAuth",), None, Level.OK),
        (("clientAuth",), True, Level.OK),
        ((), False, Level.OK),
        (("serverAuth", "clientAuth"), True, Level.NG),
        (("serverAuth", "clientAuth"), False, Level.WARN),
        (("serverAuth", "clientAuth"), None, Level.UNKNOWN),
        (("serverAuth",), False, Level.NG),
        (("serverAuth",), True, Level.NG),
        ((), True, Level.OK),
        (None, False, Level.UNKNOWN),
    ],
)
def test_a_public_server_certificate_is_not_for_clients(
    purposes: tuple[str, ...] | None, public: bool | None, level: Level
) -> None:
    seen = replace(GOOD, certificate=Certificate("00", purposes=purposes), public=public)
    found = remark(seen, "SERVER-CERT-AS-CLIENT")
    assert found.level is level
    assert (level is Level.WARN) is ("as well" in found.message.msgid)


def test_nothing_seen_is_never_fine() -> None:
    bare = MutualObservation(LOOPBACK, 443, reachable=True)
    assert outcome_of(judge_mutual_tls(bare)) is Outcome.UNKNOWN
    assert all(one.level is Level.UNKNOWN for one in judge_mutual_tls(bare))
    assert outcome_of(judge_mutual_tls(GOOD)) is Outcome.PASS


def test_who_was_never_let_in_proves_nothing() -> None:
    """A server that refuses everybody looks the same, unless the registered one was let in at another look."""
    bare = replace(GOOD, attempts={way: GOOD.attempts[way] for way in (Way.NONE, Way.FOREIGN)})
    assert outcome_of(judge_mutual_tls(bare)) is Outcome.UNKNOWN
    assert remark(bare, "MTLS-REGISTERED").level is Level.UNKNOWN
    assert outcome_of(judge_mutual_tls(bare, let_in_elsewhere=True)) is Outcome.PASS
    refused = with_attempt(Way.REGISTERED, ALERT)
    assert outcome_of(judge_mutual_tls(refused, let_in_elsewhere=True)) is Outcome.UNKNOWN


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("ending", list(Ending))
def test_no_ending_turns_a_bad_endpoint_good(way: Way, ending: Ending) -> None:
    for bad in (with_attempt(Way.NONE, LET_IN), with_attempt(Way.FOREIGN, LET_IN)):
        other = with_attempt(way, Attempt(ending), bad)
        if all(
            other.attempts[key] == bad.attempts[key] for key in (Way.NONE, Way.FOREIGN) if bad.attempts[key] == LET_IN
        ):
            assert outcome_of(judge_mutual_tls(other)) is Outcome.FAIL
    assert outcome_of(judge_mutual_tls(with_attempt(way, Attempt(Ending.FAILED)))) is Outcome.UNKNOWN
