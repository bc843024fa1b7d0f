"""The same logs by an independent implementation: the Go project's sumdb/note and sumdb/tlog."""

import base64
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sekisho_verify.cli import main
from sekisho_verify.proofs import parse_proof
from tests.sekisho_verify.asking import KEY, Ask
from tests.sekisho_verify.writer import Log, Signer, entries, path_of, write

DEBIAN = Path(__file__).resolve().parents[2] / ".venv" / "debian"
GOPATH = DEBIAN / "usr" / "share" / "gocode"
COMPILERS = sorted(DEBIAN.glob("usr/lib/go-*/bin/go"))
Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(
        not COMPILERS or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir(),
        reason="no Go: “scripts/debian-tools full” fetches it",
    ),
]


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Build the program once; return a function that runs it."""
    place = tmp_path_factory.mktemp("go")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "GOROOT": str(COMPILERS[-1].parents[1]),
        "GOPATH": str(GOPATH),
        "GOCACHE": str(place / "cache"),
        "GO111MODULE": "off",
        "CGO_ENABLED": "0",
    }
    source = Path(__file__).parent / "go" / "main.go"
    built = subprocess.run(
        [COMPILERS[-1], "build", "-o", place / "check", source],
        env=environment, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [place / "check", *map(str, words)], capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 700, 66_000])
def test_both_agree_on_good_logs(size: int, go: Run, tmp_path: Path, ask: Ask) -> None:
    """Signature, cosignature, entries, root, consistency; and the proof of an entry is the same, hash by hash."""
    witness = Signer("witness.example/w1", bytes([3] * 32), kind=4)
    log = Log(entries(size), witnesses=[witness])
    folder, head, index = write(tmp_path / "log", log.files), tmp_path / "head", size * 2 // 3
    head.write_bytes(log.head(size - size // 3))
    said = go(folder, KEY, head, index, witness.vkey)
    assert said.returncode == 0, said.stdout
    assert ask(folder, "--key", KEY, "--head", head).verdict == "intact"
    proof = tmp_path / "one.tlog-proof"
    assert main([str(folder), "--prove", str(index), "--out", str(proof)]) == 0
    ours = [base64.b64encode(one).decode() for one in parse_proof(proof.read_bytes()).path]
    assert said.stdout.splitlines()[1:] == ours


@pytest.mark.parametrize(
    "name", ["checkpoint", path_of("entries", 1, 256), path_of("0", 2, 188), path_of("0", 0, 256), path_of("1", 0, 2)]
)
def test_both_refuse_what_was_altered(name: str, go: Run, tmp_path: Path, ask: Ask) -> None:
    """One bit in each kind of file."""
    log = Log(entries(700))
    folder, head = write(tmp_path / "log", log.files), tmp_path / "head"
    head.write_bytes(log.head(600))
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 3] ^= 1
    (folder / name).write_bytes(data)
    assert go(folder, KEY, head, 5).returncode != 0
    assert ask(folder, "--key", KEY, "--head", head).code == 1
