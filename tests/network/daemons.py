"""Real programs as counterparts: chronyd, smbd and nft, where Debian's are at hand, on loopback and without root.

They are looked for where scripts/debian-tools unpacks them and on the path. A group whose program is missing is skipped
by name.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.network.listeners import PATIENCE
from tests.network.servers import LOOPBACK, ROOT

DEBIAN = ROOT / ".venv" / "debian"


def find_program(name: str) -> str | None:
    """Return a program that starts here, from .venv/debian or the path."""
    places = [DEBIAN / "usr/sbin" / name, DEBIAN / "usr/bin" / name]
    for place in (*(str(path) for path in places if path.is_file()), shutil.which(name)):
        if place:
            with contextlib.suppress(OSError):
                tried = subprocess.run([place, "--version"], capture_output=True, env=beside(place), check=False)
                if tried.returncode == 0:
                    return place
    return None


def beside(program: str) -> dict[str, str]:
    """Return the environment in which an unpacked program finds the libraries unpacked beside it."""
    if program.startswith("/usr/"):
        return dict(os.environ)
    libraries = [str(path) for path in Path(program).resolve().parents[1].glob("lib/*-linux-gnu")]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}


def find_faketime() -> str | None:
    """Return libfaketime, which shows a program another time of day."""
    folders = [DEBIAN / "usr", *(Path(folder).parent for folder in os.get_exec_path())]
    found = (path for folder in folders for path in folder.glob("lib/*/faketime/libfaketime.so.1"))
    return next(map(str, found), None)


CHRONYD = find_program("chronyd")
SMBD = find_program("smbd")
NFT = find_program("nft")
FAKETIME = find_faketime()
needs_chrony = pytest.mark.skipif(CHRONYD is None, reason="chrony: no chronyd here")
needs_faketime = pytest.mark.skipif(FAKETIME is None, reason="libfaketime: no shifted clock here")
needs_smbd = pytest.mark.skipif(SMBD is None, reason="samba: no smbd here")


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM, host: str = LOOPBACK) -> int:
    """Return a port that nobody uses at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def daemon(command: list[str], ready: Callable[[], bool], env: dict[str, str]) -> Iterator[None]:
    """Run a program until the end of the block; it must become ready."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=env, start_new_session=True)
        try:
            deadline = time.monotonic() + PATIENCE
            while not ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    output.seek(0)
                    raise AssertionError(f"{command[0]} did not start: {output.read().decode(errors='replace')}")
                time.sleep(0.05)
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def shifted(env: dict[str, str], seconds: int) -> dict[str, str]:
    """Return an environment whose programs see a clock that is ``seconds`` ahead."""
    return {**env, "LD_PRELOAD": str(FAKETIME), "FAKETIME": f"{seconds:+d}s"} if seconds else env


@contextlib.contextmanager
def chronyd(folder: Path, shift: int = 0, *, local: bool = True) -> Iterator[int]:
    """Run a real chronyd as a server on a high port, without touching any clock; give its port."""
    assert CHRONYD is not None
    port = free_port()
    lines = [
        "local stratum 3" if local else "", f"port {port}", f"bindaddress {LOOPBACK}", f"allow {LOOPBACK}", "cmdport 0",
        "bindcmdaddress /", f"pidfile {folder}/chronyd.pid",
    ]  # fmt: skip
    configuration = folder / "chrony.conf"
    configuration.write_text("\n".join(lines) + "\n")
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()

    def ready() -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.5)
            probe.connect((LOOPBACK, port))
            with contextlib.suppress(OSError):
                probe.send(bytes([0x23]) + bytes(39) + b"areyouup")
                return bool(probe.recv(512))
        return False

    # -x: the clock is left alone; -U: no root needed.
    command = [CHRONYD, "-d", "-x", "-U", "-u", user, "-f", str(configuration)]
    with daemon(command, ready, shifted(beside(CHRONYD), shift)):
        yield port


@contextlib.contextmanager
def smbd(folder: Path, shift: int = 0, *settings: str) -> Iterator[int]:
    """Run a real smbd on a high port; give its port."""
    assert SMBD is not None
    port = free_port(socket.SOCK_STREAM)
    kept = ("state directory", "cache directory", "lock directory", "pid directory", "private dir", "ncalrpc dir")
    lines = [
        "[global]", "workgroup = TEST", "server role = standalone server", "interfaces = lo",
        "bind interfaces only = yes", f"smb ports = {port}", "disable netbios = yes", "disable spoolss = yes",
        "load printers = no", *settings,
    ]  # fmt: skip
    for number, name in enumerate(kept):
        (folder / str(number)).mkdir(mode=0o755)
        lines.append(f"{name} = {folder}/{number}")
    configuration = folder / "smb.conf"
    configuration.write_text("\n".join(lines) + "\n")

    def ready() -> bool:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
            return True
        return False

    command = [SMBD, "--foreground", "--no-process-group", "--debug-stdout", f"--configfile={configuration}"]
    with daemon(command, ready, shifted(beside(SMBD), shift)):
        yield port


def namespaces() -> bool:
    """Tell whether this computer lets us have a network of our own."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0
