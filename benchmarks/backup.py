"""The platform's own backup against its floor and against restic: ``python -m benchmarks.backup [--megabytes N]``.

The same data, disk and run for all, a third each: a log (bundles of entries full of hashes, each with its hash tile),
a database, and files of evidence that nothing makes smaller. restic backs up to a real repository beside our target,
then reads it back (``check --read-data``), as we do after each backup. The floor is tar, zstd -3 and one SHA-256,
nothing sealed. Before each run the files are put out of the page cache (``--warm`` leaves them there).
SEKISHO_BENCH_FOLDER is where all this lies, four times the megabytes at most; everything is removed at the end.
restic: ``--restic PROGRAM``, else of the PATH or of ``.venv/debian``; without it there is no bound. A restore is held
against 15 minutes for 5 GB.
"""

import argparse
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MB = 1000 * 1000
PASSPHRASE = "five words nobody would guess"
BOUND = 0.8
RESTORE_RATE = 5000 / (15 * 60)
OURS = [sys.executable, "-P", "-m", "sekisho.config.cli"]
ENTRY = (
    b'{"action":"session.sign_in","actor":{"id":"%b","kind":"person"},"commitment":"%b","details":{"way":"passkey"},'
    b'"id":"%b","occurred_at":"2026-11-22T03:%b.%bZ","outcome":"success","patient":"%b","source":"outbox"}'
)
ROWS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
    "INSERT INTO bench (entry) SELECT '患者 受付 check.run 2026-11-22T03:00:00Z 10.0.0.' || (i % 250) || ' 成功 ' || "
    "hex(randomblob(32)) || ' people register session.sign_in ' || lower(hex(randomblob(16))) FROM n"
)
RESTIC = ".venv/debian/usr/bin/restic"


def fill(home: Path, megabytes: int) -> None:
    """Make a log, a database and evidence."""
    bundles, tiles, evidence = (home / name for name in ("register/bench", "register/hashes", "evidence"))
    for folder in (bundles, tiles, evidence):
        folder.mkdir(parents=True)
    written = 0
    while written < megabytes * MB // 3:
        content = b"\n".join(_entry() for _number in range(256))
        (bundles / str(written)).write_bytes(content)
        (tiles / str(written)).write_bytes(os.urandom(8192))
        written += len(content) + 8192
    for number in range(megabytes // 3):
        (evidence / f"{number}.jpg").write_bytes(os.urandom(MB))
    with sqlite3.connect(home / "sekisho.sqlite3") as database:
        database.execute("CREATE TABLE bench (id INTEGER PRIMARY KEY, entry TEXT)")
        while (home / "sekisho.sqlite3").stat().st_size < megabytes * MB // 3:
            database.execute(ROWS)
            database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _entry() -> bytes:
    chance = os.urandom(64).hex().encode()
    return ENTRY % (chance[:32], chance[32:96], chance[96:128], chance[:2], chance[2:5], chance[5:13])


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took, and the load of the machine when it ended."""

    wall: float
    cpu: float
    load: float

    def line(self, name: str, amount: float, stored: float = 0.0) -> str:
        """Return one row of the table."""
        size = f"{stored:7.0f} MB" if stored else " " * 10
        return (
            f"{name:34} {self.wall:7.1f} s wall {self.cpu:7.1f} s CPU {amount / self.wall:6.0f} MB/s {size} "
            f" load {self.load:.1f}"
        )


class Bench:
    """One folder with the data, our target and restic's repository."""

    def __init__(self, base: Path, *, warm: bool) -> None:
        self.base, self.warm = base, warm
        self.home, self.target, self.repository = base / "home", base / "target", base / "restic"
        self.target.mkdir()
        secret = base / "passphrase"
        secret.write_text(PASSPHRASE)
        secret.chmod(0o600)
        self.variables = {
            **os.environ,
            "SEKISHO_HOME": str(self.home),
            "SEKISHO_BACKUP_TARGETS": str(self.target),
            "SEKISHO_BACKUP_PASSPHRASE_FILE": str(secret),
            "RESTIC_REPOSITORY": str(self.repository),
            "RESTIC_PASSWORD_FILE": str(secret),
            "RESTIC_CACHE_DIR": str(base / "cache"),
        }

    def run(self, *command: str, home: Path | None = None) -> Cost:
        """Run a command to its end and return what it took."""
        if not self.warm:
            cool(self.base)
        variables = {**self.variables, **({"SEKISHO_HOME": str(home)} if home else {})}
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, env=variables, capture_output=True, check=True)
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Cost(wall, cpu, os.getloadavg()[0])


def cool(folder: Path) -> None:
    """Put what lies below a folder out of the page cache, as far as the system agrees."""
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def size(folder: Path) -> float:
    """Return the megabytes below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MB


def floor(bench: Bench, amount: float) -> None:
    """Print what tar, a fast compressor and one hash take."""
    file = bench.base / "floor.zst"
    shell = f"tar -C {bench.home} -c . | zstd -q -3 -T2 | tee {file} | sha256sum; sync {file}"
    print(bench.run("sh", "-c", shell).line("tar | zstd -3 | sha256sum", amount, file.stat().st_size / MB), flush=True)
    file.unlink()


def theirs(bench: Bench, restic: str, amount: float) -> tuple[Cost, Cost]:
    """Return what restic takes for a first backup and for reading it back."""
    bench.run(restic, "init")
    made = bench.run(restic, "backup", str(bench.home))
    print(made.line("restic backup", amount, size(bench.repository)), flush=True)
    read = bench.run(restic, "check", "--read-data")
    print(read.line("restic check --read-data", amount), flush=True)
    back = bench.run(restic, "restore", "latest", "--target", str(bench.base / "theirs"))
    print(back.line("restic restore", amount), flush=True)
    for folder in (bench.repository, bench.base / "theirs"):
        shutil.rmtree(folder)
    return made, read


def ours(bench: Bench, amount: float) -> tuple[Cost, Cost, Cost]:
    """Return what we take for a backup with reading it back, for reading it alone, and for a restore."""
    whole = bench.run(*OURS, "backup", "create")
    print(whole.line("sekisho backup create (read back)", amount, size(bench.target)), flush=True)
    newest = str(next(bench.target.glob("sekisho-*")))
    read = bench.run(*OURS, "backup", "verify", newest)
    print(read.line("sekisho backup verify", amount), flush=True)
    back = bench.run(*OURS, "backup", "restore", newest, home=bench.base / "new")
    print(back.line("sekisho backup restore", amount), flush=True)
    return whole, read, back


def compare(bench: Bench, megabytes: int, restic: str | None) -> bool:
    """Measure everything and print it; False when a bound does not hold."""
    bench.run(*OURS, "process", "prepare", "--parent", str(os.getpid()))
    fill(bench.home, megabytes)
    amount = size(bench.home)
    print(f"{amount:.0f} MB, {'warm' if bench.warm else 'cold'} page cache, {os.cpu_count()} cores")
    floor(bench, amount)
    made, checked = theirs(bench, restic, amount) if restic else (None, None)
    whole, read, back = ours(bench, amount)
    rate = amount / back.wall
    print(f"restore: {rate:.0f} MB/s, 5 GB in {5000 / rate / 60:.1f} minutes (bound 15)")
    if made is None or checked is None:
        return rate >= RESTORE_RATE
    both = (made.wall + checked.wall) / whole.wall, (made.cpu + checked.cpu) / whole.cpu
    alone = made.wall / (whole.wall - read.wall), made.cpu / (whole.cpu - read.cpu)
    print(f"times the speed of restic, made and read back: {both[0]:.2f} wall, {both[1]:.2f} CPU (bound {BOUND})")
    print(f"times the speed of restic, made alone:         {alone[0]:.2f} wall, {alone[1]:.2f} CPU (bound {BOUND})")
    return min(both[0], alone[0]) >= BOUND and rate >= RESTORE_RATE


def found_restic() -> str | None:
    """Return the restic to compare with, None where there is none."""
    return shutil.which("restic") or shutil.which(RESTIC)


def main(words: Sequence[str] | None = None) -> int:
    """Return 1 when a bound does not hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--restic", default=found_restic())
    parser.add_argument("--warm", action="store_true")
    options = parser.parse_args(words)
    base = Path(tempfile.mkdtemp(prefix="skb", dir=os.environ.get("SEKISHO_BENCH_FOLDER")))
    try:
        return 0 if compare(Bench(base, warm=options.warm), options.megabytes, options.restic) else 1
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    sys.exit(main())
