"""What is seen of real servers and of servers that misbehave; nothing of what they do makes a scan long or large."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from sekisho.network.queries.tls_scan import Address, scan, scan_all, sni_name
from sekisho.network.rules.observation import Observation, StartTls, Version, Why
from tests.network import misbehaving, servers
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


@needs_nginx
def test_the_deadline_holds_and_says_what_is_missing(nginx: dict[str, int]) -> None:
    seen = look(nginx["old"], deadline=0.02)
    assert seen.trust is None
    assert Why.OUT_OF_TIME in seen.why.values() or seen.why == {"reachable": Why.OUT_OF_TIME}


@pytest.mark.parametrize("protocol", list(StartTls))
def test_starttls(tmp_path: Path, protocol: StartTls) -> None:
    context = misbehaving.tls_context(GOOD, tmp_path)
    with misbehaving.listening(misbehaving.starts_tls(protocol, context)) as port:
        seen = look(port, starttls=protocol)
    assert seen.why == {}
    assert seen.offered() == (V.TLS12, V.TLS13)
    assert seen.trust is not None
    assert seen.trust.trusted is True


def test_a_protocol_that_does_not_start_tls() -> None:
    with misbehaving.listening(lambda connection: connection.sendall(b"554 go away\r\n")) as port:
        seen = look(port, starttls=StartTls.SMTP)
    assert seen.tls is None
    assert Why.NO_STARTTLS in seen.why.values()
    assert seen.offered() == ()


def test_many_are_scanned_in_order(tmp_path: Path) -> None:
    context = misbehaving.tls_context(GOOD, tmp_path)
    with (
        misbehaving.listening(misbehaving.only_tls(context)) as port,
        misbehaving.listening(misbehaving.garbage) as other,
    ):
        addresses = [Address(LOOPBACK, port, ca_pem=AUTHORITY.pem), Address(LOOPBACK, other)] * 2
        seen = list(scan_all(addresses))
    assert [one.port for one in seen] == [port, other, port, other]
    assert [one.tls for one in seen] == [True, False, True, False]


def test_names_that_may_be_asked_for() -> None:
    assert [sni_name(host) for host in ("10.0.0.1", "::1", "fe80::1%eth0", "a.example.", "診療所.example", "a..b")] == [
        None, None, None, "a.example", "xn--8ou585bfso.example", None,
    ]  # fmt: skip


def test_a_client_certificate_authority_is_no_server(tmp_path: Path) -> None:
    """A certificate for another purpose does not stand for a server, whoever issued it."""
    client = servers.identity(NAME, issuer=AUTHORITY, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))
    context = misbehaving.tls_context(client, tmp_path)
    with misbehaving.listening(misbehaving.only_tls(context)) as port:
        trust = look(port).trust
    assert trust is not None
    assert (trust.trusted, trust.code) == (False, 26)
