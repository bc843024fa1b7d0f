"""Probes that run in a process of their own: bounded in time and memory, without an environment.

``run_child`` is the side of the platform, ``answer_request`` that of the probe.
"""

import json
import logging
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

MOST_MEMORY = 512 * 2**20  # address space; a probe holds some 40 MB of it in memory
_MOST_ANSWER = 2 * 2**20
_START = 5.0  # seconds that starting Python may take on a busy machine
_log = logging.getLogger(__name__)


def run_child(program: Path, request: dict[str, Any], seconds: float) -> bytes | None:
    """Let ``program`` answer ``request`` (JSON in, JSON out) and return its answer.

    None when it broke off: it took longer than ``seconds``, hit its bound on memory, or failed. That is written to the
    log; to the caller it means that nothing was seen.
    """
    command = [sys.executable, "-I", str(program)]
    data = json.dumps(request).encode()
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds + _START, check=True, env={})
    except subprocess.TimeoutExpired:
        _log.warning("%s took too long", program.stem)
        return None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace")[-2000:]
        _log.error("%s failed (%s): %s", program.stem, error.returncode, said)
        return None
    return done.stdout if len(done.stdout) <= _MOST_ANSWER else None


def answer_request(work: Callable[[dict[str, Any]], Any]) -> None:
    """Bound this process, read the request from standard input and write the dataclass that ``work`` returns."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(asdict(work(json.load(sys.stdin))), sys.stdout, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value))
