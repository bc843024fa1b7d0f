import os
import signal
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.db import OperationalError

from sekisho.config.processes import turns
from sekisho.config.processes.health import Pulse
from sekisho.config.processes.sequencer import BATCH, LONGEST_PAUSE, SHORTEST_PAUSE, sequencing
from sekisho.config.processes.turns import Stop, run_turns


@pytest.fixture(autouse=True)
def _keep_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "close_old_connections", lambda: None)
    monkeypatch.setattr(turns.connections, "close_all", lambda: None)


class FakeStop(Stop):
    """Counts the waits instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


def test_it_turns_until_stopped() -> None:
    stop, done = FakeStop(), []

    def turn() -> float:
        done.append(1)
        if len(done) == 3:
            stop.wish()
        return 0.5

    run_turns(Pulse("worker"), turn, stop)
    assert stop.waits == [0.5, 0.5, 0.5]


def test_it_waits_for_the_database_ever_longer_and_goes_on() -> None:
    stop, answers = FakeStop(), [*([OperationalError("away")] * 6), None]

    def turn() -> float:
        answer = answers.pop(0)
        if answer is not None:
            raise answer
        stop.wish()
        return 1.0

    run_turns(Pulse("worker"), turn, stop)
    assert stop.waits == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 1.0]


def test_a_fault_of_the_program_ends_it() -> None:
    def turn() -> float:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_turns(Pulse("worker"), turn, FakeStop())


@pytest.fixture
def signals() -> Iterator[None]:
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    yield
    for number, handler in before:
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
def test_a_signal_ends_a_wait_at_once() -> None:
    stop = Stop()
    stop.listen()
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
    started = time.monotonic()
    stop.wait(30)
    assert stop.wished
    assert time.monotonic() - started < 5
    stop.wish()  # once more does no harm


def test_the_sequencer_comes_again_at_once_while_there_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    done = iter([BATCH, BATCH, 7, *([0] * 20), 1])
    monkeypatch.setattr(
        "sekisho.config.processes.sequencer.Sequencer", lambda: SimpleNamespace(turn=lambda _limit: next(done))
    )
    turn = sequencing(Pulse("sequencer"), Stop())
    assert [turn(), turn(), turn()] == [0.0, 0.0, SHORTEST_PAUSE]
    idle = [turn() for _ in range(20)]
    assert idle == sorted(idle)
    assert idle[-1] == LONGEST_PAUSE
    assert turn() == SHORTEST_PAUSE
