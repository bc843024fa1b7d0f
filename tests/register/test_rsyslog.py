"""rsyslog sends over TLS: to the receiver alone, and to the process under the supervisor, which is killed meanwhile."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho.config.processes.health import ask_health
from sekisho.register.log.files import Disk
from sekisho.register.log.tree import Tree
from sekisho.register.rules.sources.entries import raw_bytes
from sekisho.register.services.receiving import Patience, tls_context
from sekisho.trust.notes import read_checkpoint, read_note
from tests.config.conftest import a_home
from tests.config.running import Instance, free_port, until, variables
from tests.register.certificates import Make, maker
from tests.register.rsyslog import needs_rsyslog, sending
from tests.register.test_syslog import NAME, Server

ROOT = Path(__file__).resolve().parents[2]
ADD_SOURCE = f"""
from sekisho.config.processes.django_start import start_django
start_django()
from sekisho.register.services.log_sources import SourceData, add_log_source
from tests.register.log_files import OPERATOR, add_system
data = SourceData("画像サーバ", add_system("画像"), "syslog", 24, peer="{NAME}")
add_log_source(actor=OPERATOR, data=data)
"""


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Certificates."""
    folder = tmp_path / "certificates"
    folder.mkdir()
    return maker(folder)


@needs_rsyslog
def test_rsyslog_sends_what_a_system_logs(tmp_path: Path, make: Make) -> None:
    """Each line as it was written, Japanese too; a sender with a certificate of others is not heard."""
    authority = make("clinic", "clinic")[0]
    server = Server(tmp_path / "inbox", tls_context(*make("clinic", "localhost"), authority), Patience())
    lines = [f"閲覧 患者={number:07} 職員=D001" for number in range(20)]
    try:
        with sending(tmp_path / "stranger", server.port, authority, make("others", NAME)) as stranger:
            stranger.write("よそから")
            with sending(tmp_path / "sender", server.port, authority, make("clinic", NAME)) as sender:
                sender.write(*lines)
                found = server.documents(len(lines))
    finally:
        server.close()
    raw = [raw_bytes(one["details"]).decode() for one in found]
    assert [words_of(one) for one in raw] == lines, raw[0]
    assert {(one["device"], one["details"]["app"], one["details"]["facility"]) for one in found} == {
        ("pacs", "viewer", 21)
    }


@pytest.fixture
def receiving(make: Make) -> Iterator[Instance]:
    """An installation that receives syslog, and knows one sender."""
    with a_home() as home:
        folder, (certificate, key) = home / "syslog", make("clinic", "localhost")
        instance = Instance(home, {"port": str(free_port()), "syslog_port": str(free_port())})
        folder.mkdir(parents=True, mode=0o700)
        home.chmod(0o700)
        shutil.copy(certificate, folder / "server.pem")
        shutil.copy(key, folder / "server.key")
        shutil.copy(make("clinic", "clinic")[0], folder / "clients.pem")
        try:
            instance.start().ready(60)
            environment = {**variables(home, instance.settings), "PYTHONPATH": str(ROOT)}
            subprocess.run([sys.executable, "-c", ADD_SOURCE], env=environment, cwd=ROOT, check=True, timeout=60)
            yield instance
        finally:
            instance.destroy()


def logged(home: Path) -> list[str]:
    """Return what the sender said, as it stands in the log, in its order."""
    note = (home / "register" / "checkpoint").read_bytes()
    size = read_checkpoint(read_note(note).text).size
    documents: Any = map(json.loads, Tree(Disk(home / "register"), size).entries(0, size))
    raw = (raw_bytes(one["details"]).decode() for one in documents if one["action"].startswith("imported."))
    return [words_of(one) for one in raw]


def words_of(message: str) -> str:
    """Return what the system wrote; rsyslog puts a line feed behind it, which stays in the log."""
    return message.partition("viewer - - - ")[2].removesuffix("\n")


@pytest.mark.full
@pytest.mark.processes
@needs_rsyslog
def test_the_process_is_killed_and_nothing_that_was_durable_is_lost_or_doubled(
    receiving: Instance, make: Make, tmp_path: Path
) -> None:
    """Three times rsyslog sends, the receiver is killed, the supervisor starts it again, and rsyslog goes on."""
    port = int(receiving.settings["syslog_port"])
    said, durable = [], list[str]()
    with sending(tmp_path / "sender", port, make("clinic", "clinic")[0], make("clinic", NAME)) as sender:
        for turn in range(4):
            lines = [f"{turn}-{number:03}" for number in range(200)]
            sender.write(*lines)
            said += lines
            until(lambda: logged(receiving.home)[-1:] == said[-1:], 60, "the last line in the log")  # noqa: B023
            found = logged(receiving.home)
            assert found[: len(durable)] == durable
            durable = found
            if turn < 3:
                kill_receiver(receiving)
    assert len(set(durable)) == len(durable)
    assert [line for line in said if line in set(durable)] == durable
    # What rsyslog wrote into the connection that had just ended is lost: the protocol has no acknowledgement.
    assert len(durable) >= 400
    assert receiving.stop() == 0


def kill_receiver(instance: Instance) -> None:
    """End the process at once, and wait until the supervisor has another one at work."""
    before = instance.children()["syslog"]
    os.kill(before, signal.SIGKILL)
    until(lambda: instance.children().get("syslog", before) != before, 30, "started again")
    until(lambda: ask_health(instance.home / "run" / "syslog.sock"), 30, "well again")
    instance.remember()
