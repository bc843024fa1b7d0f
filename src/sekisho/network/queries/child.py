"""Probes that run in processes of their own: bounded in time and memory, without an environment.

``run_child`` is the side of the platform; ``answer_request`` and ``answer_requests`` are that of the probe.
"""

import json
import logging
import os
import resource
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

MOST_MEMORY = 512 * 2**20  # address space; a probe holds some 40 MB of it in memory
START = 5.0  # seconds that starting Python may take on a busy machine
_MOST_ANSWER = 2 * 2**20  # bytes, for one request
_log = logging.getLogger(__name__)
Work = Callable[[dict[str, Any]], Any]


def run_child(program: Path, request: object, seconds: float) -> bytes | None:
    """Let ``program`` answer ``request`` (JSON in, JSON out) and return its answer.

    None when it broke off: it took longer than ``seconds``, hit its bound on memory, or failed. That is written to the
    log; to the caller it means that nothing was seen.
    """
    command = [sys.executable, "-I", "-W", "ignore", str(program)]
    data = json.dumps(request).encode()
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds + START, check=True, env={})
    except subprocess.TimeoutExpired:
        _log.warning("%s took too long", program.stem)
        return None
    except subprocess.CalledProcessError as error:
        _log.error("%s failed (%s): %s", program.stem, error.returncode, _last(error.stderr))
        return None
    if done.stderr:
        _log.error("%s: %s", program.stem, _last(done.stderr))
    return done.stdout


def _last(said: bytes) -> str:
    return said.decode(errors="replace")[-2000:]


def answer_request(work: Work) -> None:
    """Bound this process, read the request from standard input and write the dataclass that ``work`` returns."""
    _bound()
    sys.stdout.buffer.write(_answer(work, json.load(sys.stdin)))


def answer_requests(work: Work, at_once: int) -> None:
    """Answer a list of requests with a list of answers in the same order, null where one broke off.

    Each is answered by a process of its own, forked from this one, which has loaded everything and spoken with nobody.
    A request's ``seconds`` are all that its process gets.
    """
    _bound()
    requests: list[dict[str, Any]] = json.load(sys.stdin)
    answers = _Forks(work, requests).run(at_once)
    sys.stdout.buffer.write(b"[" + b",".join(answers) + b"]")


class _Forks:
    """The processes that are at work; ``running`` by the pipe that each answers on: place, process, end, answer."""

    def __init__(self, work: Work, requests: Sequence[dict[str, Any]]) -> None:
        self.work = work
        self.requests = requests
        self.answers = [b"null"] * len(requests)
        self.running: dict[int, tuple[int, int, float, bytearray]] = {}

    def run(self, at_once: int) -> list[bytes]:
        """Answer every request, ``at_once`` at a time."""
        for place in range(len(self.requests)):
            while len(self.running) >= at_once:
                self._collect()
            self._start(place)
        while self.running:
            self._collect()
        return self.answers

    def _start(self, place: int) -> None:
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            _answer_and_end(self.work, self.requests[place], writing)
        os.close(writing)
        end = time.monotonic() + self.requests[place]["seconds"] + START
        self.running[reading] = (place, process, end, bytearray())

    def _collect(self) -> None:
        """Wait for some of an answer, or for the end of somebody's time."""
        wait = min(end for _place, _process, end, _answer in self.running.values()) - time.monotonic()
        ready, _writable, _failed = select.select(list(self.running), [], [], max(0.0, wait))
        for pipe in ready:
            answer = self.running[pipe][3]
            answer += (part := os.read(pipe, 65536))
            if not part or len(answer) > _MOST_ANSWER:
                self._end(pipe, whole=not part)
        now = time.monotonic()
        for pipe in [pipe for pipe, (_place, _process, end, _answer) in self.running.items() if end <= now]:
            self._end(pipe, whole=False)

    def _end(self, pipe: int, *, whole: bool) -> None:
        place, process, _end, answer = self.running.pop(pipe)
        os.close(pipe)
        if not whole:
            os.kill(process, signal.SIGKILL)
        _process, status = os.waitpid(process, 0)
        if whole and status == 0:
            self.answers[place] = bytes(answer)


def _answer_and_end(work: Work, request: dict[str, Any], pipe: int) -> None:
    status = 1
    try:
        with os.fdopen(pipe, "wb") as file:
            file.write(_answer(work, request))
        status = 0
    except BaseException:  # noqa: BLE001  # nothing may get back into the code of the process that forked
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _answer(work: Work, request: dict[str, Any]) -> bytes:
    return json.dumps(asdict(work(request)), default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value))


def _bound() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
