"""The sequencer: gives waiting register events their place in the log, one leader, exactly once."""

from collections.abc import Callable

from sekisho.config.environment import Environment
from sekisho.config.processes.health import Pulse
from sekisho.config.processes.turns import Stop, serve_turns
from sekisho.register.services import integrate

BATCH = 1000
SHORTEST_PAUSE = 0.2
LONGEST_PAUSE = 1.0


def run(environment: Environment) -> None:
    """Work until asked to stop."""
    serve_turns(environment, "sequencer", sequencing)


def sequencing(_pulse: Pulse, _stop: Stop) -> Callable[[], float]:
    """Return the turn of the sequencer: it comes again at once while there is work, and ever more slowly without."""
    pause = SHORTEST_PAUSE

    def turn() -> float:
        nonlocal pause
        done = integrate(limit=BATCH)
        if done >= BATCH:
            return 0.0
        pause = SHORTEST_PAUSE if done else min(pause * 1.5, LONGEST_PAUSE)
        return pause

    return turn
