"""Controls in processes of their own: stored when they end well, given up when they hang or die."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from sekisho.config.processes.apart import AT_ONCE, NICENESS, Apart, Work, begin, fork, run_check, run_job
from sekisho.governance.models import EvidenceRun, RequestedRun
from sekisho.governance.queries.checks import control_states, controls_due
from sekisho.governance.services.checks import check_control, request_run
from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Control, Job, Severity
from sekisho.kernel.errors import Forbidden, NotFound
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import Text
from tests.config.running import until
from tests.conftest import actor_with

pytestmark = pytest.mark.django_db
SLEEPS = "import time; time.sleep(60)"
HANGS = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPS!r}]); {SLEEPS}"


def declared(name: str, timeout: float = 60.0) -> Control:
    """Return a control that speaks of nobody."""
    return Control(
        id=f"tests.{name}",
        title=Text(name),
        subject_kind=SubjectKind.SYSTEM,
        check=lambda: iter(()),
        every=timedelta(hours=1),
        severity=Severity.LOW,
        remedy=Text("x"),
        timeout=timedelta(seconds=timeout),
    )


@pytest.fixture
def only() -> Iterator[Callable[..., None]]:
    """Return a function that makes some controls the only ones."""
    before = registry.current()
    yield lambda *controls: registry.install(replace(before, controls=controls))
    registry.install(before)


def python(code: str) -> Callable[[Work], BaseProcess]:
    """Return how to start a process that runs ``code`` whatever the control."""
    return lambda _work: fork(run_code, code)


def run_code(code: str) -> None:
    """Run a few lines."""
    exec(code)


def turn_until(apart: Apart, done: Callable[[], bool]) -> None:
    """Let the worker come round until something is so."""

    def turned() -> bool:
        apart.turn()
        return done()

    until(turned, what="the turn that takes it in")


def test_a_control_that_hangs_is_ended_with_all_it_started(only: Callable[..., None], tmp_path: Path) -> None:
    """The run is stored as timed out with the reason, and no process is left."""
    only(declared("hangs", timeout=3))
    fork(run_code, "pass").join()  # whoever forks has loaded everything then
    note = tmp_path / "pids"
    code = f"import os; open({str(note)!r}, 'w').write(str(os.getpgid(0))); {HANGS}"
    apart = Apart(python(code))
    turn_until(apart, EvidenceRun.objects.exists)
    run = EvidenceRun.objects.get()
    assert (run.control, run.state) == ("tests.hangs", "timed_out")
    assert "longer than it may" in run.trace
    group = int(note.read_text())
    until(lambda: not _alive(group), what="the end of the group")


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    found = subprocess.run(["ps", "-o", "stat=", "-g", str(group)], capture_output=True, text=True, check=False)
    return any(not line.startswith("Z") for line in found.stdout.split())


def test_a_process_that_dies_without_a_word_is_a_broken_run(only: Callable[..., None]) -> None:
    """Killed from outside, out of memory: never a silence, and not tried again at once."""
    only(declared("dies"))
    apart = Apart(python("import os; os.kill(os.getpid(), 9)"))
    turn_until(apart, EvidenceRun.objects.exists)
    assert "ended with -9" in EvidenceRun.objects.get().trace
    assert controls_due(()) == []


def test_only_a_few_run_at_once(only: Callable[..., None]) -> None:
    """And all of them end with the worker."""
    only(*(declared(f"c{number}") for number in range(AT_ONCE + 2)))
    apart = Apart(python("import time; time.sleep(60)"))
    apart.turn()
    processes = apart.processes
    assert len(processes) == AT_ONCE
    for process in processes:
        until(lambda pid=process.pid: os.getpriority(os.PRIO_PROCESS, pid) >= NICENESS, what="a lower priority")
    apart.turn()
    assert len(apart.processes) == AT_ONCE
    apart.stop()
    assert all(process.exitcode is not None for process in processes)
    assert not EvidenceRun.objects.exists(), "the next start runs them again"


def test_a_control_s_own_process_stores_its_run(only: Callable[..., None]) -> None:
    """What the process does: run, store, judge."""
    only(declared("empty"))
    run_check("tests.empty")
    assert EvidenceRun.objects.get().state == "empty"
    assert [state.newest is not None for state in control_states()] == [True]


def test_asking_for_a_run_makes_it_due_once(only: Callable[..., None]) -> None:
    """By who may; the request is gone when the run is stored."""
    only(declared("asked"))
    check_control(actor=platform("check"), control_id="tests.asked")
    assert controls_due(()) == []
    time.sleep(0.01)
    with pytest.raises(Forbidden):
        request_run(actor=actor_with(Role.AUDITOR), control_id="tests.asked")
    with pytest.raises(NotFound):
        request_run(actor=actor_with(Role.SYSTEM_OPERATOR), control_id="tests.other")
    for _ in range(2):
        request_run(actor=actor_with(Role.SYSTEM_OPERATOR), control_id="tests.asked")
    assert controls_due(()) == ["tests.asked"]
    check_control(actor=platform("check"), control_id="tests.asked")
    assert not RequestedRun.objects.exists()
    assert controls_due(()) == []


def test_a_job_runs_apart_when_there_is_room(only: Callable[..., None], tmp_path: Path) -> None:
    """Once, although it was asked for twice; one that hangs is ended and nothing is stored about it."""
    only()
    note = tmp_path / "note"
    job = Job("tests.job", Text("x"), lambda: None, timedelta(hours=1), apart=True, timeout=timedelta(seconds=30))
    apart = Apart(python(f"open({str(note)!r}, 'a').write('x')"))
    apart.add_job(job)
    apart.add_job(job)
    turn_until(apart, lambda: note.exists() and not apart.processes)
    assert note.read_text() == "x"
    slow = Apart(python(SLEEPS))
    slow.add_job(replace(job, timeout=timedelta(seconds=0.2)))
    slow.turn()
    (process,) = slow.processes
    turn_until(slow, lambda: not slow.processes)
    assert process.exitcode == -9
    assert not EvidenceRun.objects.exists()


def test_what_nobody_declares_ends_with_a_fault() -> None:
    """A real process of its own: forked, loaded, tied to who started it."""
    control, job = declared("nobody"), Job("tests.nobody", Text("x"), lambda: None, timedelta(hours=1), apart=True)
    processes = [begin(control), begin(job)]
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [1, 1]


def test_a_job_s_own_process_runs_it() -> None:
    """What the process does; an unknown job is said so."""
    run_job("people.purge_sessions")
    with pytest.raises(NotFound):
        run_job("tests.nobody")


def test_what_is_prompt_begins_while_all_the_room_is_taken() -> None:
    """Watching and calling go on while long work holds every place, and take no place from it."""
    apart = Apart(python(SLEEPS))
    long = [Job(f"tests.long{number}", Text("x"), lambda: None, timedelta(hours=1), apart=True) for number in range(3)]
    prompt = Job("tests.prompt", Text("x"), lambda: None, timedelta(minutes=1), apart=True, prompt=True)
    try:
        for job in long:
            apart.add_job(job)
        apart.turn()
        assert len(apart.processes) == AT_ONCE
        apart.add_job(prompt)
        apart.add_job(prompt)
        assert len(apart.processes) == AT_ONCE + 1, "at once, and one of it"
        apart.turn()
        assert len(apart.processes) == AT_ONCE + 1, "the third long one waits still"
        jobs = {job.id: job for job in registry.current().jobs}
        assert jobs["network.watch"].prompt
        assert jobs["governance.alarm"].prompt
    finally:
        apart.stop()
