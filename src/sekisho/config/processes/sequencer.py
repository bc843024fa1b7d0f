"""The sequencer: gives waiting register events their place in the log, one leader, exactly once."""

import sqlite3
from collections.abc import Callable

import structlog

from sekisho.config.environment import Environment
from sekisho.config.processes.health import Pulse
from sekisho.config.processes.turns import Stop, serve_turns
from sekisho.register.errors import LogFault
from sekisho.register.services import Sequencer
from sekisho.register.services.indexing import follow_log

log = structlog.get_logger(__name__)
BATCH = 1000
SHORTEST_PAUSE = 0.2
LONGEST_PAUSE = 1.0
FAULT_PAUSE = 15.0


def run(environment: Environment) -> None:
    """Work until asked to stop."""
    serve_turns(environment, "sequencer", sequencing)


def sequencing(_pulse: Pulse, _stop: Stop) -> Callable[[], float]:
    """Return the turn of the sequencer: it comes again at once while there is work, and ever more slowly without.

    While the log cannot be gone on with, it looks again every few seconds: the platform works on, and events wait.
    """
    pause = SHORTEST_PAUSE
    sequencer: Sequencer | None = None

    def turn() -> float:
        nonlocal pause, sequencer
        try:
            sequencer = sequencer or Sequencer()
            done = sequencer.turn(BATCH)
        except (LogFault, OSError) as error:
            log.error("the log of the register stands still", error=str(error), error_code=getattr(error, "code", None))
            return FAULT_PAUSE
        if _follow() or done >= BATCH:
            return 0.0
        pause = SHORTEST_PAUSE if done else min(pause * 1.5, LONGEST_PAUSE)
        return pause

    return turn


def _follow() -> bool:
    """Bring the search index further; tell whether it is behind still. Nothing that happens to it stops the log."""
    try:
        return follow_log()
    except (LogFault, OSError, sqlite3.Error) as error:
        log.error(
            "the search index of the register stands still", error=str(error), error_code=getattr(error, "code", None)
        )
        return False
