"""Figures of the stand-alone verifier over a million realistic events. ``make bench``.

The floor is raw SHA-256 over the same files in the same run: reading and hashing without looking.
"""

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sekisho_verify.heads import read_checkpoint
from sekisho_verify.notes import parse_key
from sekisho_verify.proofs import check_proof, make_proof, parse_proof
from sekisho_verify.report import Report
from sekisho_verify.sources.folder import Folder
from sekisho_verify.tiles import Tiles
from tests.sekisho_verify.writer import Log, Signer, canonical, event, write

EVENTS = 1_000_000
LEAST_RATE = 250_000
MOST_MEGABYTES = 150.0
MOST_PROOF = 0.002
PROOFS = 300


def bundles(folder: Path) -> Iterator[Path]:
    return (path for path in (folder / "tile" / "entries").rglob("*") if path.is_file())


def floor(folder: Path) -> float:
    """Return the seconds of CPU that reading and hashing every bundle takes, one digest over each."""
    begun = time.process_time()
    for path in bundles(folder):
        hashlib.sha256(path.read_bytes()).digest()
    return time.process_time() - begun


def verify(folder: Path, head: Path, *more: str) -> tuple[float, float, float]:
    """Return the seconds of the check, its seconds of CPU, and the megabytes that its process held at most."""
    words = [sys.executable, "-m", "sekisho_verify", str(folder), "--key", Signer().vkey, "--head", str(head), "--json"]
    process = subprocess.Popen([*words, *more], stdout=subprocess.PIPE, text=True)
    answer = json.loads(process.stdout.read() if process.stdout else "")
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert answer["verdict"] == ("cannot_tell" if more else "intact"), answer
    return answer["facts"]["milliseconds"] / 1000, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def whole(folder: Path, head: Path, count: int) -> None:
    """Print what a whole check costs, and one of the hashes alone, beside the floor."""
    size = sum(path.stat().st_size for path in bundles(folder))
    print(f"{count} events, {size / count:.0f} bytes each, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    raw = min(floor(folder) for _ in range(2))
    print(f"raw SHA-256 of the same files: {raw:.2f} s of CPU, {count / raw:,.0f} events/s")
    for name, more in (("whole check", ()), ("hashes alone", ("--hashes-only",))):
        seconds, cpu, megabytes = min(verify(folder, head, *more) for _ in range(2))
        print(f"{name}: {seconds:.2f} s, {count / seconds:,.0f} events/s ({count / seconds / LEAST_RATE:.2f} of"
              f" {LEAST_RATE:,}); {cpu:.2f} s of CPU with the start of Python, {count / cpu:,.0f} events/s,"
              f" {cpu / raw:.1f} times the floor; {megabytes:.0f} MB ({megabytes / MOST_MEGABYTES:.2f} of"
              f" {MOST_MEGABYTES:.0f})")  # fmt: skip


def proofs(folder: Path, count: int) -> None:
    """Print what making and checking one proof costs."""
    source = Folder(folder)
    key = parse_key(Signer().vkey)
    made, checked = [], []
    for number in range(PROOFS):
        begun = time.perf_counter()
        head = read_checkpoint(source)
        text = make_proof(Tiles(source, head.size), head, number * 7919 % count).text()
        made.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        assert check_proof(parse_proof(text), None, [key], None, Report())
        checked.append(time.perf_counter() - begun)
    for name, seconds in (("made", made), ("checked", checked)):
        median = statistics.median(seconds)
        print(f"one proof {name}: median {median * 1000:.2f} ms ({median / MOST_PROOF:.2f} of 2 ms), {len(text)} bytes")


def make(folder: Path, head: Path, count: int) -> None:
    """Make a log, and a head of two thirds of it, in a process of its own, so that its memory does not count."""
    if not (maker := os.fork()):
        some = (event(number, details={"method": "GET", "path": f"/c/{number}"}) for number in range(count))
        log = Log([canonical(one) for one in some])
        write(folder, log.files)
        head.write_bytes(log.head(count * 2 // 3))
        os._exit(0)
    assert os.waitpid(maker, 0)[1] == 0


def main() -> None:
    """Make the log, then print every figure."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as place:
        folder, head = Path(place) / "log", Path(place) / "head"
        make(folder, head, count)
        whole(folder, head, count)
        proofs(folder, count)


if __name__ == "__main__":
    main()
