import os
import stat
import time
from pathlib import Path

import pytest

from sekisho import __version__
from sekisho.config.processes import health
from sekisho.config.processes.health import Pulse, answering, ask_health, ask_unix


@pytest.fixture
def socket_path(home: Path) -> Path:
    home.mkdir()
    return home / "worker.sock"


def test_a_process_says_that_it_is_well(socket_path: Path) -> None:
    with answering(socket_path, Pulse("worker")):
        report = ask_health(socket_path)
        assert report is not None
        assert (report["status"], report["process"], report["pid"]) == ("ok", "worker", os.getpid())
        assert report["version"] == __version__
        assert report["last_turn_at"].endswith("Z")
        assert stat.S_IMODE(socket_path.stat().st_mode) == 0o600
    assert not socket_path.exists()
    assert ask_health(socket_path) is None


def test_a_loop_that_stands_still_is_unwell(socket_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LONGEST_TURN", 0.01)
    pulse = Pulse("worker")
    with answering(socket_path, pulse):
        time.sleep(0.02)  # the passing of time is what is tested
        answer = ask_unix(socket_path, "/healthz")
        assert answer is not None
        assert answer[0] == 503
        assert b"stalled" in answer[1]
        assert ask_health(socket_path) is None
        monkeypatch.setattr(health, "LONGEST_TURN", 60)
        pulse.beat()
        assert ask_health(socket_path) is not None


def test_there_is_nothing_else_to_ask(socket_path: Path) -> None:
    with answering(socket_path, Pulse("worker")):
        answer = ask_unix(socket_path, "/other")
        assert answer is not None
        assert answer[0] == 404


def test_a_stale_socket_is_no_obstacle(socket_path: Path) -> None:
    socket_path.write_bytes(b"")
    with answering(socket_path, Pulse("worker")):
        assert ask_health(socket_path) is not None
