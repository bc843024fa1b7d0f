"""Reading the state of the controls: what is due, and how each one's newest run ended."""

from collections.abc import Collection
from dataclasses import dataclass

from sekisho.governance.models import EvidenceRun, RequestedRun, RunState
from sekisho.governance.queries.evidence import newest_runs
from sekisho.governance.rules.schedule import LastRun, due_controls
from sekisho.kernel import clock, registry
from sekisho.kernel.declarations import Control


@dataclass(frozen=True, slots=True)
class ControlState:
    """A control, its newest run, and whether somebody asked for another."""

    control: Control
    newest: EvidenceRun | None
    requested: bool


def controls_due(running: Collection[str]) -> list[str]:
    """Return the controls to start now, those asked for first."""
    periods = [(control.id, control.every) for control in registry.current().controls]
    if not periods:
        return []
    last = {
        control: LastRun(run.started_at, run.state in {RunState.FINISHED, RunState.EMPTY})
        for control, run in newest_runs().items()
    }
    requested = set(RequestedRun.objects.values_list("control", flat=True))
    return due_controls(periods, last, requested, running, clock.now())


def control_states() -> list[ControlState]:
    """Return every declared control with its newest run, by id."""
    newest, requested = newest_runs(), set(RequestedRun.objects.values_list("control", flat=True))
    controls = sorted(registry.current().controls, key=lambda control: control.id)
    return [ControlState(control, newest.get(control.id), control.id in requested) for control in controls]
