"""Time stamps (RFC 3161) over checkpoints, made by an authority of these tests."""

import subprocess
from pathlib import Path

import pytest

from sekisho_verify import tokens
from tests.sekisho_verify.asking import KEY, Ask
from tests.sekisho_verify.writer import Log, entries, write

CONFIGURATION = """
[tsa]
dir = .
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = yes
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[stamping]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
"""
LOG = Log(entries(300))


def openssl(place: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=place, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root and a time-stamp authority below it."""
    pytest.importorskip("rfc3161_client")
    place = tmp_path_factory.mktemp("tsa")
    (place / "conf").write_text(CONFIGURATION)
    (place / "serial").write_text("01\n")
    for name in ("root", "other"):
        openssl(place, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
        openssl(place, "req", "-x509", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-days", "30",
                "-config", "/dev/null", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
                "keyUsage=critical,keyCertSign", "-out", f"{name}.pem")  # fmt: skip
    openssl(place, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "tsa.key")
    openssl(place, "req", "-new", "-key", "tsa.key", "-subj", "/CN=tsa", "-config", "/dev/null", "-out", "tsa.csr")
    openssl(place, "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "2",
            "-days", "30", "-extfile", "conf", "-extensions", "stamping", "-out", "tsa.pem")  # fmt: skip
    return place


def stamp(place: Path, data: bytes, name: str) -> Path:
    """Return a time stamp over ``data``."""
    (place / "data").write_bytes(data)
    openssl(place, "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "query")
    openssl(place, "ts", "-reply", "-config", "conf", "-section", "tsa", "-queryfile", "query", "-signer", "tsa.pem",
            "-inkey", "tsa.key", "-out", name)  # fmt: skip
    return place / name


def test_time_stamps(authority: Path, tmp_path: Path, ask: Ask) -> None:
    """Over the file or over its text, of the log's own head or one kept elsewhere; nothing else counts."""
    folder, head = write(tmp_path / "log", LOG.files), tmp_path / "head"
    head.write_bytes(LOG.head(200))
    asked = (folder, "--key", KEY, "--head", head)
    trusted = (*asked, "--tsa-root", authority / "root.pem")
    own, text = (
        stamp(authority, LOG.checkpoint, "own.tsr"),
        stamp(authority, LOG.head(200).split(b"\n\n")[0] + b"\n", "text.tsr"),
    )
    for token, size in ((own, 300), (text, 200)):
        answer = ask(*trusted, "--token", token)
        assert (answer.verdict, answer.codes, answer.first("token.good")["size"]) == ("intact", ["token.good"], size)
    assert ask(*asked, "--token", own).codes == ["token.roots"]
    assert ask(*asked, "--token", own, "--tsa-root", authority / "other.pem").codes == ["token.none"]
    assert ask(*trusted, "--token", stamp(authority, b"another head", "else.tsr")).codes == ["token.none"]
    (tmp_path / "rubbish").write_bytes(own.read_bytes()[:200])
    assert ask(*trusted, "--token", tmp_path / "rubbish").codes == ["token.form"]
    assert ask(*asked, "--tsa-root", head).codes == ["tsa.roots"]
    flipped = bytearray(own.read_bytes())
    flipped[-1] ^= 1
    (tmp_path / "flipped").write_bytes(flipped)
    assert ask(*trusted, "--token", tmp_path / "flipped").verdict == "cannot_tell"


def test_without_the_extra_it_cannot_tell(tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is checked all the same."""
    monkeypatch.setattr(tokens, "INSTALLED", False)
    folder = write(tmp_path / "log", LOG.files)
    token = tmp_path / "token"
    token.write_bytes(b"0\x03")
    answer = ask(folder, "--key", KEY, "--head", folder / "checkpoint", "--token", token)
    assert (answer.verdict, answer.codes, answer.parts["tree"]) == ("cannot_tell", ["token.extra"], "ok")
