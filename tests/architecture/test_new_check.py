"""What a new check costs: one file and one line of the mapping. Tried on a copy of the house, with the real runner."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.config.running import COMMAND, variables

SOURCE = Path(__file__).resolve().parents[2] / "src"
REQUIREMENT, CONTROL = "SO-2-1", "people.door"
CHECK = '''"""2①: the door is shut."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _


def check() -> Iterator[Finding]:
    """Look at the door."""
    is_shut = Path("{door}").exists()
    for subject in platform_systems():
        yield Finding(subject, Outcome.PASS if is_shut else Outcome.FAIL, _("The door"), clock.now())


control = Control(
    id="people.door",
    title=_("The door is shut"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(hours=1),
    severity=Severity.LOW,
    remedy=_("Shut it."),
)
'''
LINE = "      - {kind: control, id: people.door, what: {ja: 戸が閉まっている, en: The door is shut}}\n"
# What the worker does in its turns, until the run of the new check is stored: the real runner, the real processes.
TURNS = """
import dataclasses, json, sys, time
from sekisho.config.processes.django_start import start_django
start_django()
from sekisho.config.processes.apart import Apart
from sekisho.governance.models import EvidenceRun
from sekisho.governance.queries.checks import controls_due
from sekisho.governance.queries.conformance import verdicts_of
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.services.checks import request_run
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import registry
from sekisho.kernel.actor import console, platform
control, requirement = sys.argv[1:]
runs = EvidenceRun.objects.filter(control=control)
if runs.exists():
    request_run(actor=console(), control_id=control)
update_verdicts(actor=platform("test"))
verdict = lambda: [found.verdict.value for found in verdicts_of(CURRENT, requirement)]
due = lambda: control in controls_due(())
everything, before = registry.current(), runs.count()
said = {"discovered": everything.control(control) is not None, "due": due(), "before": verdict()}
# The others have their own tests and take their time: only the new one is left to be run.
registry.install(dataclasses.replace(everything, controls=(everything.control(control),)))
apart, until = Apart(), time.monotonic() + 240
while runs.count() == before or apart.processes:
    assert time.monotonic() < until, "the check has not run, or has not ended"
    apart.turn()
    time.sleep(0.05)
run = runs.latest("ended_at")
said |= {"state": run.state, "trace": run.trace, "after": verdict(), "due_again": due()}
print(json.dumps(said))
"""


@pytest.fixture
def house() -> Iterator[Path]:
    """A copy of the house in which the check and its line are added, and nothing else."""
    base = Path(tempfile.mkdtemp(prefix="sk"))
    shutil.copytree(SOURCE / "sekisho", base / "sekisho", ignore=shutil.ignore_patterns("__pycache__"))
    check = base / "sekisho" / "people" / "controls" / "door.py"
    assert not check.exists()
    check.write_text(CHECK.replace("{door}", str(base / "shut")), encoding="utf8")
    mapping = next((base / "sekisho" / "governance" / "editions").glob("*/mapping.yaml"))
    place = f"  {REQUIREMENT}:\n    proofs:\n"
    text = mapping.read_text(encoding="utf8")
    assert text.count(place) == 1
    mapping.write_text(text.replace(place, place + LINE), encoding="utf8")
    yield base
    shutil.rmtree(base)


def start(house: Path, *arguments: str) -> str:
    """Run something of the copied house to its end."""
    environment = variables(house / "home", {}) | {"PYTHONPATH": str(house)}
    done = subprocess.run(arguments, env=environment, cwd="/", capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def turns(house: Path) -> Any:
    """Let the worker come round until the new check has run once more."""
    return json.loads(start(house, sys.executable, "-P", "-c", TURNS, CONTROL, REQUIREMENT).splitlines()[-1])


@pytest.mark.processes
@pytest.mark.timeout(900)  # it starts Django seven times; on a busy machine each takes its time
def test_a_new_check_is_one_file_and_one_line(house: Path) -> None:
    """Found, due, run in a process of its own, stored, and it turns the verdict of its requirement both ways."""
    start(house, *COMMAND, "process", "prepare", "--parent", str(os.getpid()))
    first = turns(house)
    assert (first["discovered"], first["due"]) == (True, True)
    assert (first["state"], first["trace"]) == ("finished", "")
    assert (first["before"], first["after"]) == (["not_assessed"], ["nonconforming"])
    assert not first["due_again"]
    (house / "shut").touch()
    second = turns(house)
    assert second["due"], "asked for"
    assert (second["before"], second["after"]) == (["nonconforming"], ["partial"])
    listed = json.loads(start(house, *COMMAND, "evidence", "list", "--control", CONTROL, "--json"))
    assert [run["counts"] for run in listed] == [{"pass": 1}, {"fail": 1}]
    assert "does not match" not in start(house, *COMMAND, "evidence", "verify")
