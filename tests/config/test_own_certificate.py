"""The facility's own certificate: what is wrong is named and changes nothing, what is right is shown at once."""

import http.client
import json
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID

from sekisho.config import jobs
from sekisho.config.environment import Environment
from sekisho.config.https.own import CertificateRefused, Refusal, drop_foreign, examine, in_use, keep
from sekisho.config.https.serving import is_own, kept_file, shown_certificate
from sekisho.config.processes.caddy import caddy_configuration, server_certificate
from sekisho.config.processes.home import prepare_home
from sekisho.config.trusting.renewal import CertificateNotShown, take_over
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.errors import Forbidden
from sekisho.register.models import Event
from tests.config.running import free_port
from tests.config.test_caddy import Front, front, upstream
from tests.conftest import actor_with
from tests.network.servers import Identity, ec_key, identity, rsa_key

__all__ = ["front"]
HOST = "localhost"
ROOT = identity("Clinic Root", authority=True)
MIDDLE = identity("Clinic Issuing", issuer=ROOT, authority=True)
GOOD = identity("sekisho", issuer=ROOT, names=(HOST,))
WORKER = platform("worker")


def settings_for(home: Path, **more: Any) -> Environment:
    return Environment(
        home=home, host=HOST, tls_certificate=home.parent / "own.crt", tls_key=home.parent / "own.key", **more
    )


def put(settings: Environment, who: Identity, chain: str | None = None) -> None:
    """Write the files that the settings name, as an administrator should."""
    assert settings.tls_certificate is not None
    assert settings.tls_key is not None
    settings.tls_certificate.write_text(who.pem if chain is None else chain)
    settings.tls_key.write_text(who.key_pem)
    settings.tls_key.chmod(0o600)


def refused(settings: Environment) -> Refusal:
    with pytest.raises(CertificateRefused) as caught:
        examine(settings)
    return caught.value.refusal


def test_a_right_certificate_is_taken_with_its_chain(home: Path) -> None:
    settings = settings_for(home)
    prepare_home(settings)
    leaf = identity("sekisho", issuer=MIDDLE, names=(HOST,), key=rsa_key())
    put(settings, leaf, leaf.pem + ROOT.pem)
    given = examine(settings)
    assert given.leaf == leaf.certificate
    assert given.root == ROOT.certificate
    keep(settings, given)
    assert kept_file(settings).stat().st_mode & 0o777 == 0o600
    assert server_certificate(settings) == kept_file(settings)
    assert in_use(settings) == given
    assert not is_own(Environment(home=home)), "without the setting it is Caddy's own again"


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (identity("x", issuer=ROOT, names=("elsewhere.example",)), Refusal.NAME),
        (identity("x", issuer=ROOT, names=(HOST,), days=(-30, -1)), Refusal.ENDED),
        (identity("x", issuer=ROOT, names=(HOST,), days=(2, 30)), Refusal.ENDED),
        (identity("x", issuer=ROOT, names=(HOST,), purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,)), Refusal.PURPOSE),
        (identity("x", issuer=ROOT, names=(HOST,), key=rsa_key(1024)), Refusal.WEAK),
        (identity("x", issuer=ROOT, names=(HOST,), digest=hashes.SHA224()), Refusal.WEAK),
        (identity("x", issuer=identity("Other", authority=True, key=ROOT.key), names=(HOST,)), None),
    ],
)
def test_what_a_browser_would_not_take_is_refused(home: Path, who: Identity, why: Refusal | None) -> None:
    settings = settings_for(home)
    prepare_home(settings)
    put(settings, who)
    if why is None:
        assert examine(settings).leaf == who.certificate
    else:
        assert refused(settings) is why


def test_files_that_are_wrong_are_named_and_the_former_one_goes_on(home: Path) -> None:
    settings = settings_for(home)
    prepare_home(settings)
    certificate, key = settings.tls_certificate, settings.tls_key
    assert certificate is not None
    assert key is not None
    assert refused(settings) is Refusal.MISSING
    put(settings, GOOD)
    keep(settings, examine(settings))
    kept = kept_file(settings).read_bytes()
    key.chmod(0o640)
    assert refused(settings) is Refusal.RIGHTS
    key.chmod(0o600)
    key.write_text(ec_key_pem())
    assert refused(settings) is Refusal.OTHER_KEY
    for junk in ("", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"):
        key.write_text(junk)
        assert refused(settings) is Refusal.KEY
    put(settings, GOOD, "no certificate")
    assert refused(settings) is Refusal.CERTIFICATE
    put(settings, GOOD, "x" * 300_000)
    assert refused(settings) is Refusal.MISSING
    leaf = identity("sekisho", issuer=MIDDLE, names=(HOST,))
    put(settings, leaf, Identity(leaf.certificate, leaf.key).pem + ROOT.pem)
    assert refused(settings) is Refusal.CHAIN, "the one between is missing"
    put(settings, leaf, Identity(leaf.certificate, leaf.key).pem)
    assert refused(settings) is Refusal.CHAIN, "no authority that this computer knows"
    strange = identity("x", issuer=ROOT, names=(HOST,), key=ed25519.Ed25519PrivateKey.generate())  # type: ignore[arg-type]
    put(settings, strange)
    assert refused(settings) is Refusal.WEAK, "no browser takes such a key"
    assert kept_file(settings).read_bytes() == kept


def ec_key_pem() -> str:
    return Identity(GOOD.certificate, ec_key()).key_pem


def test_a_copy_for_another_host_is_dropped_at_the_start(home: Path) -> None:
    settings = settings_for(home)
    prepare_home(settings)
    drop_foreign(settings)
    put(settings, GOOD)
    keep(settings, examine(settings))
    drop_foreign(settings)
    assert is_own(settings)
    drop_foreign(settings.model_copy(update={"host": "other.example"}))
    assert not is_own(settings)
    kept_file(settings).write_text("half")
    drop_foreign(settings)
    assert not is_own(settings)


@pytest.mark.django_db
@pytest.mark.processes
def test_a_renewed_certificate_is_shown_without_a_break(front: Callable[..., Front], home: Path) -> None:
    """Whoever is in the middle of sending a form is not cut off, and everybody who comes is answered."""
    caddy = front()
    settings = settings_for(home, port=caddy.environment.port)
    assert not take_over(actor=WORKER, settings=caddy.environment), "nothing is set"
    with pytest.raises(Forbidden):
        take_over(actor=actor_with(Role.SYSTEM_OPERATOR), settings=settings)
    with pytest.raises(CertificateRefused):
        take_over(actor=WORKER, settings=settings)
    with upstream(settings):
        trusted = caddy.context()
        renewed = identity("sekisho", issuer=ROOT, names=(HOST,), key=rsa_key())
        for who in (GOOD, renewed):
            put(settings, who)
            long = http.client.HTTPSConnection(HOST, settings.port, context=trusted, timeout=20)
            long.putrequest("POST", "/")
            long.putheader("Content-Length", "10")
            long.endheaders(b"12345")
            assert take_over(actor=WORKER, settings=settings)
            assert not take_over(actor=WORKER, settings=settings), "it is shown already"
            assert (
                ssl.DER_cert_to_PEM_cert(shown_certificate(settings) or b"") == Identity(who.certificate, who.key).pem
            )
            long.send(b"67890")
            assert long.getresponse().status == 200, "who was sending goes on"
            long.close()
            trusted = ssl.create_default_context(cadata=ROOT.pem)
            fresh = http.client.HTTPSConnection(HOST, settings.port, context=trusted, timeout=20)
            fresh.request("GET", "/")
            assert fresh.getresponse().status == 200
            fresh.close()
        put(settings, identity("x", issuer=ROOT, names=("elsewhere.example",)))
        with pytest.raises(CertificateRefused):
            take_over(actor=WORKER, settings=settings)
        assert shown_certificate(settings) is not None, "the former one goes on"
    events = Event.objects.filter(action="platform.take_certificate").order_by("id")
    assert len(events) == 2
    assert json.loads(events[0].entry)["details"]["valid_until"].startswith(
        str(GOOD.certificate.not_valid_after_utc.date())
    )


@pytest.mark.django_db
def test_what_caddy_does_not_show_is_no_success(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(home, port=free_port())
    prepare_home(settings)
    put(settings, GOOD)
    with pytest.raises(CertificateNotShown):
        take_over(actor=WORKER, settings=settings)
    assert not Event.objects.filter(action="platform.take_certificate").exists()
    assert settings.tls_key is not None
    settings.tls_key.unlink()
    monkeypatch.setattr(jobs, "environment", lambda: settings)
    jobs.certificate.run()
    assert jobs.certificate.every == timedelta(minutes=1)


@pytest.mark.processes
def test_plain_http_only_leads_to_https(front: Callable[..., Front]) -> None:
    port = free_port()
    caddy = front(redirect_port=str(port))
    connection = http.client.HTTPConnection("localhost", port, timeout=10)
    for method, host, status in (
        ("GET", "localhost", 308), ("HEAD", "localhost", 308), ("POST", "localhost", 421), ("GET", "evil.example", 421),
    ):  # fmt: skip
        connection.request(method, "/trust/?a=b", headers={"Host": host})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (status, b""), (method, host)
        wanted = f"{caddy.environment.origin}/trust/?a=b" if status == 308 else None
        assert answer.headers["Location"] == wanted
        assert "Server" not in answer.headers
    connection.close()
    assert "plain" not in caddy_configuration(Environment(home=caddy.environment.home), ())["apps"]["http"]["servers"]
