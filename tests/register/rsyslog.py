"""Debian's rsyslog as the system that sends: it follows a file and forwards its lines by RFC 5425."""

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.network.daemons import DEBIAN
from tests.register.certificates import Certificate

_LIBRARIES = next(iter(DEBIAN.glob("usr/lib/*-linux-gnu")), DEBIAN)
PROGRAM = DEBIAN / "usr/sbin/rsyslogd"
MODULES = _LIBRARIES / "rsyslog"
needs_rsyslog = pytest.mark.skipif(
    not (PROGRAM.exists() and (MODULES / "lmnsd_ossl.so").exists()), reason="rsyslog: get it with scripts/debian-tools"
)
_CONFIGURATION = """\
global(workDirectory="{folder}" defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="{authority}"
       defaultNetstreamDriverCertFile="{certificate}" defaultNetstreamDriverKeyFile="{key}" maxMessageSize="64k"
       localHostname="pacs")
module(load="imfile" mode="inotify")
input(type="imfile" File="{log}" Tag="viewer:" Severity="info" Facility="local5" reopenOnTruncate="on")
action(type="omfwd" target="localhost" port="{port}" protocol="tcp" TCP_Framing="octet-counted"
       template="RSYSLOG_SyslogProtocol23Format" StreamDriver="ossl" StreamDriverMode="1"
       StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost"
       action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList" queue.size="10000")
"""


@dataclass(frozen=True, slots=True)
class Sender:
    """A running rsyslog; what is written into its file is sent."""

    log: Path
    errors: Path

    def write(self, *lines: str) -> None:
        """Let the system log something."""
        with self.log.open("a", encoding="utf8") as file:
            file.writelines(f"{line}\n" for line in lines)


@contextlib.contextmanager
def sending(folder: Path, port: int, authority: Path, own: Certificate) -> Iterator[Sender]:
    """Run rsyslog with a certificate of its own; end it after."""
    folder.mkdir()
    log, errors = folder / "viewer.log", folder / "errors"
    log.touch()
    configuration = folder / "rsyslog.conf"
    configuration.write_text(
        _CONFIGURATION.format(folder=folder, authority=authority, certificate=own[0], key=own[1], log=log, port=port)
    )
    command = [PROGRAM, "-n", "-f", configuration, "-i", folder / "pid", "-M", MODULES]
    with errors.open("wb") as heard:
        environment = {"LD_LIBRARY_PATH": str(_LIBRARIES), "PATH": "/usr/bin"}
        running = subprocess.Popen(list(map(str, command)), stdout=heard, stderr=heard, env=environment)
        try:
            yield Sender(log, errors)
        finally:
            running.terminate()
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
