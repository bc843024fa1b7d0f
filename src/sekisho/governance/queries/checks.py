"""Reading the state of the controls: what is due, how each one's newest run ended, and every run before it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count

from sekisho.governance.models import EvidenceFinding, EvidenceRun, RequestedRun, RunState
from sekisho.governance.queries.evidence import newest_runs, require_id
from sekisho.governance.rules.schedule import Due, LastRun, due_controls, standing
from sekisho.kernel import clock, registry
from sekisho.kernel.declarations import Control, Outcome
from sekisho.kernel.errors import NotFound
from sekisho.register.queries import history

RUNS_A_PAGE = 50
Counts = Mapping[Outcome, int]
# From what hurts most to what says least: one order for lists, badges and counts.
WORST_FIRST = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class ControlState:
    """A control, its newest run with how many findings of each outcome, and since when another one is asked for.

    ``due_at`` is when the next run is due, None before the first.
    """

    control: Control
    newest: EvidenceRun | None
    due: Due
    due_at: datetime | None
    requested_at: datetime | None
    counts: Counts = field(default_factory=dict)

    @property
    def requested(self) -> bool:
        """Tell whether somebody asked for a run that is not stored yet."""
        return self.requested_at is not None

    @property
    def worst(self) -> Outcome | None:
        """Return the worst that the newest run found, None where it found nothing."""
        return worst_of(self.counts)


def worst_of(counts: Counts) -> Outcome | None:
    """Return the worst outcome that was counted, None for no finding at all."""
    return next((outcome for outcome in WORST_FIRST if counts.get(outcome)), None)


def controls_due(running: Collection[str]) -> list[str]:
    """Return the controls to start now, those asked for first."""
    periods = [(control.id, control.every) for control in registry.current().controls]
    if not periods:
        return []
    last = {control: _last(run) for control, run in newest_runs().items()}
    return due_controls(periods, last, set(_requested()), running, clock.now())


def control_states() -> list[ControlState]:
    """Return every declared control with its newest run, by id: in three reads, however many there are."""
    newest, requested = newest_runs(), _requested()
    counts = counts_of(newest.values())
    controls = sorted(registry.current().controls, key=lambda control: control.id)
    return [_state(control, newest.get(control.id), requested, counts) for control in controls]


def control_state(control_id: str) -> ControlState:
    """Return one declared control. Raises NotFound."""
    control = registry.current().control(control_id)
    if control is None:
        raise NotFound
    newest = newest_runs({control_id}).get(control_id)
    return _state(control, newest, _requested(), counts_of([newest] if newest else []))


def _state(
    control: Control, run: EvidenceRun | None, requested: Mapping[str, datetime], counts: Mapping[UUID, Counts]
) -> ControlState:
    due, due_at = standing(_last(run) if run else None, control.every, clock.now())
    found = counts.get(run.pk, {}) if run else {}
    return ControlState(control, run, due, due_at, requested.get(control.id), found)


def _last(run: EvidenceRun) -> LastRun:
    return LastRun(run.started_at, run.state in {RunState.FINISHED, RunState.EMPTY})


def _requested() -> dict[str, datetime]:
    return dict(RequestedRun.objects.values_list("control", "requested_at"))


def counts_of(runs: Iterable[EvidenceRun]) -> dict[UUID, Counts]:
    """Return how many findings of each outcome each of ``runs`` has."""
    found: dict[UUID, dict[Outcome, int]] = defaultdict(dict)
    rows = EvidenceFinding.objects.filter(run__in=[run.pk for run in runs]).values_list("run", "outcome")
    for run, outcome, number in rows.annotate(number=Count("id")).order_by():
        found[run][Outcome(outcome)] = number
    return dict(found)


def runs_of(control_id: str, page: int = 1) -> "Page[EvidenceRun]":
    """Return one page of the runs of a control, the newest first, of one that is no longer declared too.

    Raises NotFound for what can be no id.
    """
    require_id(control_id)
    rows = EvidenceRun.objects.filter(control=control_id).defer("trace", "parameters")
    return Paginator(rows.order_by("-ended_at", "-received_at", "-id"), RUNS_A_PAGE).get_page(page)


def recorded_by(control_id: str, page: int = 1) -> dict[str, str]:
    """Return who stored the runs on one page of a control's history, by the id of the run, as the register says."""
    seen: Sequence[Mapping[str, object]] = [
        found.document
        for found in history("control", control_id, limit=3 * RUNS_A_PAGE * page)
        if found.document["action"] == "evidence.record"
    ]
    return {row["details"]["run"]: row["actor"]["name"] for row in seen}  # type: ignore[index]  # our own document
