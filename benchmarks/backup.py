"""Backup of about 1 GB against its floor and against restic, on the same data in the same run.

``python -m benchmarks.backup [--megabytes N] [--restic PROGRAM]``. The floor is tar, zstd -3 and one SHA-256 of the
result, nothing sealed; restic is left out when it is not there. Printed are ratios; everything is removed at the end.
"""

import argparse
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

MB = 1000 * 1000
WORDS = (
    "患者",
    "受付",
    "session.sign_in",
    "check.run",
    "people",
    "register",
    "2026-11-22T03:00:00Z",
    "10.0.0.",
    "成功",
)
PASSPHRASE = "five words nobody would guess"
BOUND = 0.8


def fill(home: Path, megabytes: int) -> None:
    """Make a database of texts like those of a register (three quarters) and dense files (one quarter)."""
    chance = random.Random(7)  # the same data in every run
    with sqlite3.connect(home / "sekisho.sqlite3") as database:
        database.execute("CREATE TABLE bench (id INTEGER PRIMARY KEY, entry TEXT)")
        row = ((" ".join(chance.choice(WORDS) + str(chance.getrandbits(40)) for _ in range(40)),) for _ in iter(int, 1))
        while (home / "sekisho.sqlite3").stat().st_size < megabytes * MB * 3 // 4:
            database.executemany("INSERT INTO bench (entry) VALUES (?)", (next(row) for _ in range(20_000)))
            database.commit()
    (home / "evidence").mkdir()
    for number in range(megabytes // 4):
        (home / "evidence" / f"{number}.jpg").write_bytes(chance.randbytes(MB))


def measured(act: Callable[[], subprocess.CompletedProcess[bytes]]) -> tuple[float, float, float]:
    """Return wall seconds, CPU seconds and the largest memory (MiB) of children so far."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    act().check_returncode()
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss / 1024


def size(folder: Path) -> float:
    """Return the megabytes below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MB


def compare(base: Path, megabytes: int, restic: str | None) -> bool:
    """Measure everything and print it; False when we are slower than the bound."""
    home, target, repository = base / "home", base / "target", base / "restic"
    target.mkdir()
    secret = base / "passphrase"
    secret.write_text(PASSPHRASE)
    secret.chmod(0o600)
    variables = {
        **os.environ,
        "SEKISHO_HOME": str(home),
        "SEKISHO_BACKUP_TARGETS": str(target),
        "SEKISHO_BACKUP_PASSPHRASE_FILE": str(secret),
        "RESTIC_REPOSITORY": str(repository),
        "RESTIC_PASSWORD_FILE": str(secret),
        "RESTIC_CACHE_DIR": str(base / "cache"),
    }
    ours = [sys.executable, "-P", "-m", "sekisho.config.cli"]

    def run(*command: str, **more: Mapping[str, str]) -> Callable[[], subprocess.CompletedProcess[bytes]]:
        return lambda: subprocess.run(
            command, env={**variables, **more.get("env", {})}, capture_output=True, check=False
        )

    run(*ours, "process", "prepare", "--parent", str(os.getpid()))().check_returncode()
    fill(home, megabytes)
    amount = size(home)
    rows = {}
    rows["tar | zstd -3 | sha256sum"] = (
        measured(
            run(
                "sh",
                "-c",
                f"tar -C {home} -c . | zstd -q -3 -T2 | tee {base}/floor.zst | sha256sum; sync {base}/floor.zst",
            )
        ),
        (base / "floor.zst").stat().st_size / MB,
    )
    (base / "floor.zst").unlink()
    if restic:
        run(restic, "init")().check_returncode()
        rows["restic backup"] = measured(run(restic, "backup", str(home))), size(repository)
        rows["restic check --read-data"] = measured(run(restic, "check", "--read-data")), 0.0
        shutil.rmtree(repository)
    rows["sekisho backup create (with reading back)"] = measured(run(*ours, "backup", "create")), size(target)
    newest = str(next(target.glob("sekisho-*")))
    rows["sekisho backup verify"] = measured(run(*ours, "backup", "verify", newest)), 0.0
    elsewhere = {"SEKISHO_HOME": str(base / "new")}
    rows["sekisho backup restore"] = measured(run(*ours, "backup", "restore", newest, env=elsewhere)), 0.0
    print(f"{amount:.0f} MB")
    for name, ((wall, cpu, memory), stored) in rows.items():
        speed = f"{amount / wall:6.0f} MB/s"
        print(f"{name:42} {wall:6.1f} s wall {cpu:6.1f} s CPU {speed}  {stored:6.0f} MB  ({memory:.0f} MiB)")
    theirs = [rows[name][0] for name in ("restic backup", "restic check --read-data") if name in rows]
    wall, cpu, _memory = rows["sekisho backup create (with reading back)"][0]
    if not theirs:
        return True
    by_wall, by_cpu = sum(one[0] for one in theirs) / wall, sum(one[1] for one in theirs) / cpu
    print(f"made and read back, times the speed of restic: {by_wall:.2f} wall, {by_cpu:.2f} CPU (bound {BOUND})")
    return by_wall >= BOUND


def main() -> int:
    """Return 1 when the bound does not hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--restic", default=shutil.which("restic"))
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="skb"))
    try:
        return 0 if compare(base, options.megabytes, options.restic) else 1
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    sys.exit(main())
