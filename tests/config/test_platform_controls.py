"""What the platform says of its own installation: each control passes as it is, and fails when the thing is broken."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sekisho.config.controls import platform_files, platform_settings, platform_tls
from sekisho.config.environment import Environment
from sekisho.config.processes.caddy import caddy_configuration, find_caddy, root_certificate
from sekisho.config.processes.home import prepare_home
from sekisho.config.processes.supervisor import is_trusted
from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_entry, add_platform
from sekisho.kernel import registry, text
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Finding, Outcome
from tests.config.running import free_port, until
from tests.network import servers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _platform_is_a_system(operator: Actor, _same_translator: None) -> None:
    """And another system stands beside it, about which none of these controls may speak."""
    text.set_translator(lambda msgid: msgid)
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    add_entry(actor=operator, ledger=SYSTEMS, values={"name": "電子カルテ", "kind": "emr", "form": "cloud"})


def only(module: ModuleType) -> Finding:
    """Return the one finding, which speaks of the platform."""
    (found,) = list(module.check())
    assert found.subject.facts["kind"] == "platform"
    assert isinstance(found, Finding)
    return found


@pytest.fixture
def installation(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An installation as its first start leaves it, with a port of its own."""
    found = Environment(home=prepared, port=free_port())
    for module in (platform_files, platform_tls):
        monkeypatch.setattr(module, "environment", lambda: found)
    return found


@pytest.mark.processes
def test_a_first_start_leaves_its_files_closed(installation: Environment) -> None:
    """Keys, database, and the folders above them."""
    found = only(platform_files)
    assert found.outcome is Outcome.PASS, found.facts
    assert {"keys/seal.key", "keys/django.key", "keys", ".", "sekisho.sqlite3"} <= set(found.facts["looked_at"])  # type: ignore[arg-type]


def open_to_others(home: Path) -> None:
    (home / "keys/seal.key").chmod(0o644)


def open_folder(home: Path) -> None:
    (home / "keys").chmod(0o750)


def cut_short(home: Path) -> None:
    (home / "keys/django.key").write_bytes(bytes(16))


def lose(home: Path) -> None:
    (home / "keys/seal.key").unlink()


def put_elsewhere(home: Path) -> None:
    key = home / "keys/seal.key"
    key.rename(home / "elsewhere")
    key.symlink_to(home / "elsewhere")


def open_database(home: Path) -> None:
    (home / "sekisho.sqlite3").chmod(0o640)


def open_authority(home: Path) -> None:
    key = home / "caddy/pki/authorities/local/root.key"
    key.parent.mkdir(parents=True)
    key.write_bytes(b"x")
    key.chmod(0o604)


@pytest.mark.processes
@pytest.mark.failing_fixture("config.platform_files")
@pytest.mark.parametrize(
    ("spoil", "name", "fault"),
    [
        (open_to_others, "keys/seal.key", "mode"),
        (open_folder, "keys", "mode"),
        (cut_short, "keys/django.key", "size"),
        (lose, "keys/seal.key", "missing"),
        (put_elsewhere, "keys/seal.key", "link"),
        (open_database, "sekisho.sqlite3", "mode"),
        (open_authority, "caddy/pki/authorities/local/root.key", "mode"),
    ],
)
def test_a_file_that_is_open_or_not_itself_fails(installation: Environment, spoil: Any, name: str, fault: str) -> None:
    """And the finding names it."""
    spoil(installation.home)
    found = only(platform_files)
    assert (found.outcome, found.facts["faults"]) == (Outcome.FAIL, {name: fault})
    assert name in str(found.message)


@pytest.mark.processes
def test_a_database_elsewhere_was_not_looked_at(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file left from before does not stand for it; what is wrong with the keys still fails."""
    found = Environment(home=prepared, database_url="postgresql://sekisho:x@db.example.jp:5432/sekisho")
    monkeypatch.setattr(platform_files, "environment", lambda: found)
    finding = only(platform_files)
    assert (finding.outcome, finding.facts["faults"]) == (Outcome.UNKNOWN, {})
    assert "was not looked at" in str(finding.message)
    assert not [name for name in finding.facts["looked_at"] if "sqlite3" in str(name)]  # type: ignore[union-attr]
    open_to_others(prepared)
    assert only(platform_files).outcome is Outcome.FAIL


def test_somebody_elses_file_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who owns it may change it, whatever its rights say."""
    path = tmp_path / "seal.key"
    path.write_bytes(bytes(32))
    path.chmod(0o600)
    assert platform_files.fault_of(path) is None
    monkeypatch.setattr(platform_files.os, "geteuid", lambda: path.stat().st_uid + 1)
    assert platform_files.fault_of(path) == "owner"


def test_the_settings_of_this_installation_are_sound() -> None:
    found = only(platform_settings)
    assert (found.outcome, found.facts["weak"]) == (Outcome.PASS, []), found.facts


@pytest.mark.failing_fixture("config.platform_settings")
@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"DEBUG": True}, "debug"),
        ({"ALLOWED_HOSTS": ["*"]}, "hosts"),
        ({"ALLOWED_HOSTS": [".example.jp"]}, "hosts"),
        ({"ALLOWED_HOSTS": []}, "hosts"),
        ({"LOGGING": {"root": {"level": "DEBUG"}}}, "log_level"),
        ({"SESSION_COOKIE_SECURE": False}, "cookies"),
        ({"SESSION_COOKIE_HTTPONLY": False}, "cookies"),
        ({"CSRF_COOKIE_SECURE": False}, "cookies"),
        ({"SESSION_COOKIE_NAME": "sekisho"}, "cookies"),
        ({"SESSION_COOKIE_AGE": 14 * 24 * 3600}, "session_age"),
        ({"AUTHENTICATION_BACKENDS": ["django.contrib.auth.backends.ModelBackend"]}, "sign_in"),
        ({"MIDDLEWARE": ["django.middleware.csrf.CsrfViewMiddleware"]}, "sign_in"),
    ],
)
def test_a_weak_setting_fails(values: dict[str, Any], name: str, settings: Any) -> None:
    """Each alone, and by its name."""
    for setting, value in values.items():
        setattr(settings, setting, value)
    found = only(platform_settings)
    assert (found.outcome, found.facts["weak"]) == (Outcome.FAIL, [name])


@pytest.mark.parametrize(
    ("host", "options", "sound"),
    [
        ("", {}, True),
        ("/run/postgresql", {}, True),
        ("localhost", {}, True),
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("db.example.jp", {}, False),
        ("192.0.2.1", {"sslmode": "require"}, False),
        ("db.example.jp", {"sslmode": "verify-ca"}, False),
        ("db.example.jp", {"sslmode": "verify-full"}, True),
    ],
)
def test_a_database_elsewhere_is_reached_over_tls_or_not_safely(
    host: str, options: dict[str, str], sound: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Elsewhere:
        DATABASES = {"default": {"HOST": host, "OPTIONS": options}}

    monkeypatch.setattr(platform_settings, "settings", Elsewhere)
    assert platform_settings.LOOKS["database"]() is sound


@contextmanager
def own_caddy(installation: Environment) -> Iterator[None]:
    """Run the Caddy of an installation as it is configured; nothing needs to stand behind it."""
    configuration = installation.home / "caddy.json"
    configuration.write_text(json.dumps(caddy_configuration(installation, ["127.0.0.1"])))
    command = [find_caddy(installation), "run", "--config", configuration]
    folder = str(installation.home / "caddy")
    environment = {"HOME": folder, "XDG_DATA_HOME": folder}
    with servers.running(command, environment, [installation.port]):
        until(lambda: is_trusted(installation, "127.0.0.1"), what="the certificate")
        yield


@pytest.mark.processes
@pytest.mark.parametrize("host", ["localhost", "sekisho.clinic.example", "192.168.1.10"])
def test_our_own_https_is_of_the_high_security_type(
    installation: Environment, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged by the whole profile, with our own authority and name; the bytes seen go with it."""
    named = installation.model_copy(update={"host": host})
    monkeypatch.setattr(platform_tls, "environment", lambda: named)
    prepare_home(named)
    with own_caddy(named):
        found = only(platform_tls)
    assert found.outcome is Outcome.PASS, found.message
    levels = {remark["code"]: remark["level"] for remark in found.facts["remarks"]}  # type: ignore[union-attr,index,call-overload,misc]
    assert (levels["CA-UNKNOWN"], levels["CERT-NAME"], levels["TLS12"]) == ("ok", "ok", "ok")
    assert found.raw is not None


@pytest.mark.processes
@pytest.mark.failing_fixture("config.platform_tls")
def test_another_https_in_its_place_fails(
    installation: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With TLS 1.2 and a certificate of somebody else."""
    stranger = servers.identity(installation.host)
    sites: dict[str, dict[str, Any]] = {"front": {"protocol_min": "tls1.2", "protocol_max": "tls1.2"}}
    with servers.caddy(tmp_path / "other", sites, stranger) as ports:
        replaced = installation.model_copy(update={"port": ports["front"]})
        monkeypatch.setattr(platform_tls, "environment", lambda: replaced)
        assert only(platform_tls).outcome is Outcome.UNKNOWN, "no authority of ours yet"
        root_certificate(installation).parent.mkdir(parents=True)
        root_certificate(installation).write_text(servers.identity("Sekisho", authority=True).pem)
        found = only(platform_tls)
    assert found.outcome is Outcome.FAIL
    levels = {remark["code"]: remark["level"] for remark in found.facts["remarks"]}  # type: ignore[union-attr,index,call-overload,misc]
    assert (levels["TLS12"], levels["CA-UNKNOWN"]) == ("ng", "ng")


@pytest.mark.processes
def test_nobody_on_the_port_cannot_be_told(installation: Environment) -> None:
    """And never passes."""
    root_certificate(installation).parent.mkdir(parents=True)
    root_certificate(installation).write_text(servers.identity("Sekisho", authority=True).pem)
    assert only(platform_tls).outcome is Outcome.UNKNOWN


def test_the_controls_are_declared() -> None:
    """Found by their files, in this room too."""
    found = {control.id for control in registry.current().controls}
    assert {"config.platform_files", "config.platform_settings", "config.platform_tls"} <= found
