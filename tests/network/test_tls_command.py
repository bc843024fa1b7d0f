"""``sekisho check tls`` and ``check mtls`` as a terminal sees them: exit codes, both languages, nothing left behind."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.x509.oid import ExtendedKeyUsageOID

from sekisho.network.commands import check
from sekisho.network.commands.tls import STARTTLS
from sekisho.network.rules.observation import StartTls
from tests.config.running import run
from tests.network import servers
from tests.network.servers import LOOPBACK, Site

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(servers.find_nginx() is None, reason="nginx: get it with scripts/debian-tools"),
]
AUTHORITY = servers.identity("Clinic CA", authority=True)
SERVER = servers.identity("localhost", issuer=AUTHORITY, names=("localhost",))
CLIENT = servers.identity("laptop-1", issuer=AUTHORITY, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("nginx")
    (made / "ca.pem").write_text(AUTHORITY.pem)
    return made


@pytest.fixture(scope="module")
def nginx(folder: Path) -> Iterator[dict[str, int]]:
    asks = f"ssl_client_certificate {folder}/ca.pem; ssl_verify_client on;"
    sites = {
        "good": Site(SERVER, "ssl_protocols TLSv1.3;"),
        "weak": Site(SERVER, "ssl_protocols TLSv1.2; ssl_ciphers HIGH:!aNULL;"),
        "asks": Site(SERVER, f"ssl_protocols TLSv1.3; {asks}"),
    }
    with servers.nginx(folder, sites) as ports:
        yield ports


def test_conforming_is_0(nginx: dict[str, int], folder: Path, tmp_path: Path) -> None:
    """With the authority that signed it; said in the reader's language, and no data directory is made."""
    home = tmp_path / "home"
    address = f"localhost:{nginx['good']}"
    command = ["check", "tls", address, "--ca", str(folder / "ca.pem")]
    answer = run(home, command)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert f"{address}: conforming" in answer.stdout
    assert "○ TLS12" in answer.stdout
    answer = run(home, command, {"language": "ja"})
    assert answer.returncode == 0
    assert "TLS 1.3" in answer.stdout
    assert "conforming" not in answer.stdout
    assert not home.exists()


def test_not_conforming_is_1(nginx: dict[str, int], folder: Path, tmp_path: Path) -> None:
    """The reason stands in its line, and in JSON for programs."""
    command = ["check", "tls", f"localhost:{nginx['weak']}", "--ca", str(folder / "ca.pem")]
    answer = run(tmp_path / "home", command)
    assert answer.returncode == 1
    assert "× TLS13-MISSING" in answer.stdout
    answer = run(tmp_path / "home", [*command, "--json"])
    facts = json.loads(answer.stdout)
    assert (answer.returncode, facts["outcome"]) == (1, "fail")
    assert {"SUITE", "TLS12"} <= {remark["code"] for remark in facts["remarks"] if remark["level"] == "ng"}


def test_cannot_tell_is_2(nginx: dict[str, int], tmp_path: Path) -> None:
    """A private authority that was not named, and nobody at home."""
    answer = run(tmp_path / "home", ["check", "tls", f"localhost:{nginx['good']}"])
    assert answer.returncode == 2
    assert "？ CA-UNKNOWN" in answer.stdout
    answer = run(tmp_path / "home", ["check", "tls", f"{LOOPBACK}:{servers.free_port()}"])
    assert answer.returncode == 2
    assert "？ UNREACHABLE" in answer.stdout
    answer = run(tmp_path / "home", ["check", "tls", f"{LOOPBACK}:{servers.free_port()}"], {"language": "ja"})
    assert answer.returncode == 2
    assert "cannot tell" not in answer.stdout


def test_client_certificates(nginx: dict[str, int], tmp_path: Path) -> None:
    """Whether somebody is let in is told only with a certificate that should be."""
    (tmp_path / "laptop.pem").write_text(CLIENT.pem)
    (tmp_path / "laptop.key").write_text(CLIENT.key_pem)
    command = ["check", "mtls", f"localhost:{nginx['asks']}"]
    given = ["--certificate", str(tmp_path / "laptop.pem"), "--key", str(tmp_path / "laptop.key")]
    answer = run(tmp_path / "home", [*command, *given])
    assert answer.returncode == 0, answer.stdout
    assert CLIENT.key_pem.splitlines()[1] not in run(tmp_path / "home", [*command, *given, "--json"]).stdout
    answer = run(tmp_path / "home", command)
    assert (answer.returncode, "？ MTLS-REGISTERED" in answer.stdout) == (2, True)
    assert "config.missing_part" in run(tmp_path / "home", [*command, *given[:2]]).stderr
    answer = run(tmp_path / "home", ["check", "mtls", f"localhost:{nginx['good']}"])
    assert answer.returncode == 1
    assert "× MTLS-REQUIRED" in answer.stdout
    assert run(tmp_path / "home", ["check", "mtls", f"{LOOPBACK}:{servers.free_port()}"]).returncode == 2


@pytest.mark.parametrize("address", ["localhost", "localhost:0", "localhost:https", "::1:443", "https://localhost:443"])
def test_what_is_no_address(address: str, tmp_path: Path) -> None:
    answer = run(tmp_path / "home", ["check", "tls", address])
    assert (answer.returncode, answer.stdout) == (65, "")
    assert address in answer.stderr
    assert "HOST:PORT" in answer.stderr


def test_a_server_of_several_is_asked_for_by_its_name() -> None:
    """Where the registered name is not that of the address."""
    done = CliRunner().invoke(check, ["tls", "127.0.0.1:1", "--server-name", "ehr.example.jp", "--json"])
    assert json.loads(done.output)["observation"]["server_name"] == "ehr.example.jp"
    done = CliRunner().invoke(check, ["mtls", "127.0.0.1:1", "--server-name", "ehr.example.jp", "--json"])
    assert json.loads(done.output)["observation"]["server_name"] == "ehr.example.jp"


def test_a_protocol_that_nobody_knows_is_named_as_such() -> None:
    """Not as an address that is wrong."""
    assert tuple(StartTls) == STARTTLS
    done = CliRunner().invoke(check, ["tls", "127.0.0.1:1", "--starttls", "gopher"])
    assert "--starttls" in done.output
    assert "smtp" in done.output
