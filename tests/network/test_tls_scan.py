"""What is seen of real servers and of servers that misbehave; nothing of what they do makes a scan long or large."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from sekisho.network.queries import tls_scan
from sekisho.network.queries.tls_scan import SCANNER, Address, scan, scan_all, sni_name
from sekisho.network.rules.observation import Observation, StartTls, Version, Why
from tests.network import servers
from tests.network.servers import LOOPBACK, NAME, Site

V = Version
needs_nginx = pytest.mark.skipif(servers.find_nginx() is None, reason="nginx: get it with scripts/debian-tools")
pytestmark = pytest.mark.processes
AUTHORITY = servers.identity("Clinic CA", authority=True)
GOOD = servers.identity(NAME, issuer=AUTHORITY)


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """The servers of one facility, from good to very bad."""
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "ca.pem").write_text(AUTHORITY.pem)
    made = subprocess.run(["openssl", "dhparam", "-dsaparam", "1024"], capture_output=True, check=True)
    (folder / "dh.pem").write_bytes(made.stdout)
    verify = f"ssl_protocols TLSv1.3; ssl_client_certificate {folder}/ca.pem;"
    rsa = servers.identity(NAME, issuer=AUTHORITY, key=servers.rsa_key())
    second = rsa.write(folder, "second")
    both = f"ssl_certificate {second[0]}; ssl_certificate_key {second[1]};"
    sites = {
        "good": Site(GOOD, "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM; ssl_prefer_server_ciphers on;"),
        "required": Site(GOOD, f"{verify} ssl_verify_client on;"),
        "optional": Site(GOOD, f"{verify} ssl_verify_client optional;"),
        "high": Site(rsa, "ssl_protocols TLSv1.2; ssl_ciphers HIGH;"),
        "old": Site(
            servers.old_identity(),
            f"ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:COMPLEMENTOFALL:@SECLEVEL=0;"
            f" ssl_dhparam {folder}/dh.pem; ssl_prefer_server_ciphers on;",
        ),
        "expired": Site(servers.identity(NAME, issuer=AUTHORITY, days=(-30, -2)), "ssl_protocols TLSv1.3;"),
        "two": Site(GOOD, f"{both} ssl_protocols TLSv1.2 TLSv1.3;"),
    }
    with servers.nginx(folder, sites) as ports:
        yield ports


def look(port: int, **more: object) -> Observation:
    """Scan a port of this machine under the clinic's name."""
    return scan(LOOPBACK, port, **{"server_name": NAME, "ca_pem": AUTHORITY.pem, **more})  # type: ignore[arg-type]


def openssl_names(words: str) -> set[str]:
    """Return the names of what OpenSSL takes ``words`` for, without those that need more than a certificate."""
    command = ["openssl", "ciphers", "-s", "-v", "-stdname", "-tls1_2", f"{words}:!PSK:!SRP:!aDSS:@SECLEVEL=0"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in listed.splitlines()}


@needs_nginx
def test_a_good_server(nginx: dict[str, int]) -> None:
    seen = look(nginx["good"])
    assert seen.why == {}
    assert (seen.reachable, seen.tls, seen.address) == (True, True, LOOPBACK)
    assert seen.offered() == (V.TLS12, V.TLS13)
    assert all(seen.versions[old] is False for old in (V.SSL2, V.SSL3, V.TLS10, V.TLS11))
    assert seen.suites[V.TLS12] == (
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    )
    assert seen.suites[V.TLS13] is not None
    assert seen.suites[V.TLS13][0] == "TLS_AES_256_GCM_SHA384"
    assert dict(seen.server_order) == {V.TLS12: True, V.TLS13: True}
    assert {"x25519", "secp256r1", "ffdhe2048"} <= set(seen.groups[V.TLS13] or ())
    assert seen.dh_bits == ()
    assert (seen.compression, seen.secure_renegotiation, seen.downgrade_protection) == (False, True, True)
    assert seen.certificate_requested is False
    assert seen.names == {"none": "same", "other": "same"}
    assert seen.trust is not None
    assert (seen.trust.trusted, seen.trust.against) == (True, "registered")


@needs_nginx
def test_the_facts_of_a_certificate(nginx: dict[str, int]) -> None:
    (chain,) = look(nginx["good"]).chains or ()
    leaf, authority = chain
    certificate = GOOD.certificate
    assert leaf.not_after == certificate.not_valid_after_utc
    assert leaf.not_before == certificate.not_valid_before_utc
    assert (leaf.subject, leaf.issuer) == (f"CN={NAME}", "CN=Clinic CA")
    assert leaf.names == (f"DNS:{NAME}", "DNS:localhost")
    assert (leaf.key_type, leaf.key_bits, leaf.curve) == ("ec", 256, "secp256r1")
    assert (leaf.signature_algorithm, leaf.signature_hash) == ("ecdsa-with-SHA256", "sha256")
    assert (leaf.purposes, leaf.is_authority, leaf.self_signed) == (("serverAuth",), False, False)
    assert (authority.is_authority, authority.self_signed) == (True, True)


@needs_nginx
def test_both_certificates_of_a_server_are_seen(nginx: dict[str, int]) -> None:
    chains = look(nginx["two"]).chains or ()
    assert {chain[0].key_type for chain in chains} == {"ec", "rsa"}


@needs_nginx
def test_every_suite_of_the_high_class(nginx: dict[str, int]) -> None:
    seen = look(nginx["high"])
    assert seen.offered() == (V.TLS12,)
    wanted = openssl_names("HIGH")
    # This server has an RSA certificate and no Diffie-Hellman parameters.
    wanted = {name for name in wanted if "_ECDSA_" not in name and "_DHE_" not in name and "_DH_anon_" not in name}
    assert set(seen.suites[V.TLS12] or ()) == wanted
    assert seen.server_order[V.TLS12] is False
    assert seen.certificate_requested is False


@needs_nginx
def test_what_openssl_alone_would_not_see(nginx: dict[str, int]) -> None:
    seen = look(nginx["old"])
    assert seen.offered() == (V.TLS10, V.TLS11, V.TLS12)
    wanted = {name for name in openssl_names("ALL:COMPLEMENTOFALL") if "_ECDSA_" not in name}
    assert set(seen.suites[V.TLS12] or ()) == wanted
    assert "TLS_RSA_WITH_NULL_SHA" in (seen.suites[V.TLS10] or ())
    assert "TLS_DH_anon_WITH_AES_256_CBC_SHA" in (seen.suites[V.TLS10] or ())
    assert seen.dh_bits == (1024,)
    (chain,) = seen.chains or ()
    assert (chain[0].key_type, chain[0].key_bits, chain[0].signature_hash) == ("rsa", 1024, "sha1")
    assert seen.trust is not None
    assert (seen.trust.trusted, seen.trust.code) == (False, 18)


@needs_nginx
@pytest.mark.parametrize("site", ["required", "optional"])
def test_a_request_for_a_client_certificate_is_seen_in_tls_13(nginx: dict[str, int], site: str) -> None:
    seen = look(nginx[site])
    assert seen.offered() == (V.TLS13,)
    assert seen.certificate_requested is True
    assert seen.trust is not None
    assert seen.trust.trusted is True


@needs_nginx
def test_expiry_does_not_hide_whom_the_certificate_is_from(nginx: dict[str, int]) -> None:
    seen = look(nginx["expired"])
    assert seen.chains is not None
    assert seen.chains[0][0].not_after is not None
    assert seen.chains[0][0].not_after < servers.NOW
    assert seen.trust is not None
    assert seen.trust.trusted is True


@needs_nginx
def test_an_authority_that_is_not_the_registered_one(nginx: dict[str, int]) -> None:
    other = servers.identity("Other CA", authority=True)
    trust = look(nginx["good"], ca_pem=other.pem).trust
    assert trust is not None
    assert (trust.trusted, trust.code) == (False, 19)
    trust = look(nginx["good"], ca_pem="no certificate").trust
    assert trust is not None
    assert (trust.trusted, trust.why) == (None, Why.NO_STORE)
    trust = look(nginx["good"], ca_pem=None).trust
    assert trust is not None
    assert trust.against == "system"
    assert not trust.trusted


def test_caddy_as_it_comes_and_with_client_certificates(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(AUTHORITY.pem)
    authority = {"provider": "file", "pem_files": [str(tmp_path / "ca.pem")]}
    sites = {
        "plain": {},
        "required": {"client_authentication": {"mode": "require_and_verify", "ca": authority}},
        "old": {"protocol_min": "tls1.2", "protocol_max": "tls1.2", "client_authentication": {"mode": "require"}},
    }
    with servers.caddy(tmp_path / "caddy", sites, GOOD) as ports:
        seen = {name: look(port) for name, port in ports.items()}
    assert all(one.why == {} for one in seen.values()), [one.why for one in seen.values()]
    assert seen["plain"].offered() == (V.TLS12, V.TLS13)
    assert (seen["plain"].groups[V.TLS13] or ())[0] == "X25519MLKEM768"
    assert {name: one.certificate_requested for name, one in seen.items()} == {
        "plain": False,
        "required": True,
        "old": True,
    }
    # Caddy has no certificate for strangers' names.
    assert seen["plain"].names == {"none": "refused", "other": "refused"}
    # Go hangs up on a client without a certificate; the chain has been looked at by then.
    assert [one.trust.trusted for one in seen.values() if one.trust] == [True, True, True]


HOSTILE: dict[str, tuple[Callable[..., None], bool | None, Why | None]] = {
    "never answers": (servers.never_answers, None, Why.SILENT),
    "garbage": (servers.garbage, False, Why.NOT_TLS),
    "plain http": (servers.plain_http, False, Why.NOT_TLS),
    "trickle": (servers.trickle, None, Why.SILENT),
    "flood": (servers.flood, None, Why.TOO_MUCH),
    "huge record": (servers.huge_record, None, Why.UNREADABLE),
    "reset": (servers.resets, None, Why.HUNG_UP),
    "half a hello": (servers.half_hello, None, Why.SILENT),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server_costs_little_and_passes_nothing(name: str) -> None:
    serve, tls, why = HOSTILE[name]
    begun = time.monotonic()
    with servers.listening(serve) as port:
        seen = look(port, deadline=10.0, patience=0.7)
    assert time.monotonic() - begun < 8
    assert (seen.reachable, seen.tls) == (True, tls)
    assert seen.offered() == ()
    if tls is None:
        assert set(seen.versions.values()) == {None}
    assert why in {seen.why[f"versions.{version}"] for version in V}, seen.why
    assert seen.chains is None
    assert seen.trust is None
    assert "chains" in seen.why


def test_what_a_server_that_is_no_tls_says_can_be_shown() -> None:
    with servers.listening(servers.plain_http) as port:
        assert (look(port).plain or "").startswith("HTTP/1.1 400")
    with servers.listening(servers.garbage) as port:
        plain = look(port).plain or ""
    assert "READY" in plain
    assert plain.isprintable()


def test_nobody_there() -> None:
    refused = look(servers.free_port())
    assert (refused.reachable, refused.why) == (False, {"reachable": Why.REFUSED})
    nameless = scan("no-such-host.invalid", 443)
    assert (nameless.reachable, nameless.why) == (False, {"reachable": Why.NO_NAME})


def test_a_port_that_swallows_everything() -> None:
    """A full queue stands for a firewall that drops: no answer at all to the first packet."""
    with servers.swallowing() as port:
        begun = time.monotonic()
        seen = look(port, deadline=8.0, patience=1.0)
    assert time.monotonic() - begun < 8
    assert (seen.reachable, seen.why) == (False, {"reachable": Why.SILENT})


@needs_nginx
def test_the_deadline_holds_and_says_what_is_missing(nginx: dict[str, int]) -> None:
    seen = look(nginx["old"], deadline=0.02)
    assert seen.trust is None
    assert Why.OUT_OF_TIME in seen.why.values() or seen.why == {"reachable": Why.OUT_OF_TIME}


@pytest.mark.parametrize(("serve", "version"), [(servers.ssl2_server, V.SSL2), (servers.ssl3_server, V.SSL3)])
def test_the_oldest_versions(serve: Callable[..., None], version: Version) -> None:
    with servers.listening(serve) as port:
        seen = look(port)
    assert seen.offered() == (version,)
    if version is V.SSL3:
        assert seen.suites[version] == ("TLS_RSA_WITH_RC4_128_SHA",)
        assert seen.secure_renegotiation is False


# GCM and CBC with RSA, common; SEED, rare enough to be asked for in another hello.
PICKS = [0x009D, 0x0096, 0x002F]
PICKED = ("TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_SEED_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA")


@pytest.mark.parametrize("alert", [True, False])
def test_a_server_that_hangs_up_instead_of_saying_no(alert: bool) -> None:
    with servers.listening(servers.picky(PICKS, alert=alert)) as port:
        seen = look(port)
    assert seen.offered() == (V.TLS12,)
    assert {seen.versions[version] for version in V if version is not V.TLS12} == {False}
    assert seen.suites[V.TLS12] == PICKED
    assert seen.server_order[V.TLS12] is True
    assert not [field for field in seen.why if field.startswith(("suites", "groups", "versions"))]
    assert seen.secure_renegotiation is False
    assert seen.downgrade_protection is True  # there is nothing to force anybody down to


@pytest.mark.parametrize("most", [1, 2, 3, 8, 10, 15, 20, 25])
def test_a_server_that_has_had_enough_is_not_taken_for_one_that_refuses(most: int) -> None:
    with servers.listening(servers.picky(PICKS, most=most)) as port:
        seen = look(port)
    assert seen.offered() in {(), (V.TLS12,)}
    if most <= 2:
        assert False not in seen.versions.values()
    incomplete = [field for field in seen.why if field.startswith(("suites", "versions"))]
    assert incomplete or seen.suites[V.TLS12] == PICKED
    assert Why.HUNG_UP in seen.why.values()


@pytest.mark.parametrize("protocol", list(StartTls))
def test_starttls(tmp_path: Path, protocol: StartTls) -> None:
    context = servers.tls_context(GOOD, tmp_path)
    with servers.listening(servers.starts_tls(protocol, context)) as port:
        seen = look(port, starttls=protocol)
    assert seen.why == {}
    assert seen.offered() == (V.TLS12, V.TLS13)
    assert seen.trust is not None
    assert seen.trust.trusted is True


def test_a_protocol_that_does_not_start_tls() -> None:
    with servers.listening(lambda connection: connection.sendall(b"554 go away\r\n")) as port:
        seen = look(port, starttls=StartTls.SMTP)
    assert seen.tls is None
    assert Why.NO_STARTTLS in seen.why.values()
    assert seen.offered() == ()


def test_many_are_scanned_in_order(tmp_path: Path) -> None:
    context = servers.tls_context(GOOD, tmp_path)
    with servers.listening(servers.only_tls(context)) as port, servers.listening(servers.garbage) as other:
        addresses = [Address(LOOPBACK, port, ca_pem=AUTHORITY.pem), Address(LOOPBACK, other)] * 2
        seen = list(scan_all(addresses))
    assert [one.port for one in seen] == [port, other, port, other]
    assert [one.tls for one in seen] == [True, False, True, False]


def test_a_scanner_that_breaks_off_has_seen_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("raise SystemExit(3)", "print('[]')", "print('[null]')", "print('{')", "import time; time.sleep(60)"):
        program = tmp_path / "broken.py"
        program.write_text(text)
        monkeypatch.setattr(tls_scan, "SCANNER", program)
        monkeypatch.setattr("sekisho.network.queries.child.START", 0.2)
        monkeypatch.setattr(tls_scan, "START", 0.2)
        seen = scan(LOOPBACK, 1, deadline=0.2)
        assert (seen.reachable, seen.why) == (None, {"reachable": Why.BROKEN_OFF})


BROKEN = """
import os, time
from sekisho.network.queries import child
from sekisho.network.rules.observation import Observation
child.START = 0.3
def work(request):
    match request["host"]:
        case "slow": time.sleep(60)
        case "dead": os.kill(os.getpid(), 9)
        case "fails": raise ValueError("no")
        case "large": bytearray(2**30)
        case "talks": return Observation("x" * 3_000_000, 1)
    return Observation(request["host"], 1, reachable=True)
child.answer_requests(work, 2)
"""


def test_one_that_breaks_off_does_not_take_the_others_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "scanner.py"
    program.write_text(BROKEN)
    monkeypatch.setattr(tls_scan, "SCANNER", program)
    names = ["a", "slow", "dead", "b", "fails", "large", "talks", "c"]
    seen = list(scan_all([Address(name, 1) for name in names], deadline=0.3))
    assert [one.host for one in seen if one.reachable] == ["a", "b", "c"]
    assert all(one.why == {"reachable": Why.BROKEN_OFF} for one in seen if not one.reachable)
    assert [one.host for one in seen] == names
    assert list(scan_all([])) == []


def test_the_scanner_is_a_program_of_its_own() -> None:
    nothing = dict.fromkeys(("starttls", "server_name", "ca_pem"))
    request = json.dumps([{"host": LOOPBACK, "port": servers.free_port(), "seconds": 5, "patience": 1, **nothing}])
    command = [sys.executable, "-I", SCANNER]
    done = subprocess.run(command, input=request, capture_output=True, text=True, env={}, check=True)
    assert json.loads(done.stdout)[0]["reachable"] is False


def test_names_that_may_be_asked_for() -> None:
    assert [sni_name(host) for host in ("10.0.0.1", "::1", "fe80::1%eth0", "a.example.", "診療所.example", "a..b")] == [
        None, None, None, "a.example", "xn--8ou585bfso.example", None,
    ]  # fmt: skip


def test_a_client_certificate_authority_is_no_server(tmp_path: Path) -> None:
    """A certificate for another purpose does not stand for a server, whoever issued it."""
    client = servers.identity(NAME, issuer=AUTHORITY, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))
    context = servers.tls_context(client, tmp_path)
    with servers.listening(servers.only_tls(context)) as port:
        trust = look(port).trust
    assert trust is not None
    assert (trust.trusted, trust.code) == (False, 26)
