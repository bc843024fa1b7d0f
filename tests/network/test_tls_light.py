"""The daily look: version, certificate, old clients turned away; never more than a few connections."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sekisho.network.queries.tls_light import look_lightly
from sekisho.network.rules.observation import Glance, StartTls, Version, Why
from tests.network import misbehaving, servers
from tests.network.servers import LOOPBACK, NAME, Site

pytestmark = pytest.mark.processes
needs_nginx = pytest.mark.skipif(servers.find_nginx() is None, reason="nginx: get it with scripts/debian-tools")
GOOD = servers.identity(NAME)


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """Servers of different ages."""
    folder = tmp_path_factory.mktemp("nginx")
    sites = {
        "new": Site(GOOD, "ssl_protocols TLSv1.3;"),
        "middle": Site(GOOD, "ssl_protocols TLSv1.2;"),
        "old": Site(servers.old_identity(), "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;"),
        "oldest": Site(servers.old_identity(), "ssl_protocols TLSv1; ssl_ciphers ALL:@SECLEVEL=0;"),
        "far-curve": Site(GOOD, "ssl_protocols TLSv1.3; ssl_ecdh_curve secp521r1;"),
        "expired": Site(servers.identity(NAME, days=(-30, -2)), "ssl_protocols TLSv1.3;"),
    }
    with servers.nginx(folder, sites) as ports:
        yield ports


def look(port: int, **more: object) -> Glance:
    """Glance at a port of this machine."""
    return look_lightly(LOOPBACK, port, **{"server_name": NAME, **more})  # type: ignore[arg-type]


@needs_nginx
@pytest.mark.parametrize(
    ("site", "version", "refused"),
    [
        ("new", Version.TLS13, True),
        ("middle", Version.TLS12, True),
        ("old", Version.TLS12, False),
        ("oldest", Version.TLS10, False),
        ("far-curve", Version.TLS13, True),
    ],
)
def test_versions(nginx: dict[str, int], site: str, version: Version, refused: bool) -> None:
    seen = look(nginx[site])
    assert seen.why == {}
    assert (seen.reachable, seen.version, seen.legacy_refused) == (True, version, refused)
    assert seen.certificate_requested is False
    assert seen.suite


@needs_nginx
def test_the_certificate_and_its_end(nginx: dict[str, int]) -> None:
    chain = look(nginx["new"]).chain
    assert chain is not None
    assert chain[0].not_after == GOOD.certificate.not_valid_after_utc
    old = look(nginx["old"]).chain
    assert old is not None
    assert (old[0].key_bits, old[0].signature_hash) == (1024, "sha1")
    expired = look(nginx["expired"]).chain
    assert expired is not None
    assert expired[0].not_after is not None
    assert expired[0].not_after < servers.NOW


def test_caddy(tmp_path: Path) -> None:
    with servers.caddy(tmp_path, {"plain": {}}, GOOD) as ports:
        seen = look(ports["plain"])
    assert seen.why == {}
    assert (seen.version, seen.legacy_refused) == (Version.TLS13, True)


@pytest.mark.parametrize("protocol", [StartTls.SMTP, StartTls.POSTGRES])
def test_starttls(tmp_path: Path, protocol: StartTls) -> None:
    context = misbehaving.tls_context(GOOD, tmp_path)
    with misbehaving.listening(misbehaving.starts_tls(protocol, context)) as port:
        seen = look(port, starttls=protocol)
    assert (seen.version, seen.legacy_refused) == (Version.TLS13, True)


@pytest.mark.parametrize(
    "serve",
    [
        misbehaving.never_answers, misbehaving.garbage, misbehaving.trickle, misbehaving.flood,
        misbehaving.huge_record, misbehaving.resets, misbehaving.half_hello, misbehaving.plain_http,
    ],
)  # fmt: skip
def test_nothing_is_made_up(serve: Callable[..., None]) -> None:
    with misbehaving.listening(serve) as port:
        seen = look(port, deadline=2.0, patience=0.5)
    assert seen.reachable is True
    assert (seen.version, seen.chain, seen.certificate_requested, seen.legacy_refused) == (None, None, None, None)
    assert set(seen.why) == {"version", "chain", "certificate_requested", "legacy_refused"}
    assert seen.seconds < 3


def test_nobody_there() -> None:
    seen = look(servers.free_port())
    assert (seen.reachable, seen.why) == (False, {"reachable": Why.REFUSED})
