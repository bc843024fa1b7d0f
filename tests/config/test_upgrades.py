"""What every released version left behind is brought up to the code of today: tests/upgrades/VERSION.

Before the release of a version its first migrations are written anew again and again, and its fixture with them
(scripts/upgrade_fixture.py). From the tag on neither may ever change.
"""

import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import sekisho
from scripts.upgrade_fixture import digests
from tests.config.running import COMMAND, until, variables

pytestmark = pytest.mark.processes
KEPT = Path(__file__).parents[1] / "upgrades"
VERSIONS = sorted(path.parent for path in KEPT.glob("*/expected.json"))
ROOMS = Path(sekisho.__file__).parent
STALE = (
    "{version} is not released yet, and its migrations are others than when its fixture was made ({names}): "
    "make it again with scripts/upgrade_fixture.py before the release; after the tag never"
)
CHANGED = "{version} is released, and a migration of it was changed: {names}. Add a new one instead."
# Of this computer and moment only.
PASSING = {"people_session", "people_softlock", "django_tasks_db_dbtaskresult", "config_jobslot", "sqlite_sequence"}
SLOW = """import time
from django.db import migrations
def each(apps, schema_editor):
    for row in apps.get_model("estate", "System").objects.all():
        row.name += "+"
        row.save()
        time.sleep(0.1)
class Migration(migrations.Migration):
    dependencies = [("estate", "{last}")]
    operations = [migrations.RunSQL("CREATE TABLE of_the_new_version (id INTEGER)"), migrations.RunPython(each)]
"""


def facts_of(kept: Path) -> dict[str, Any]:
    """Return what is known of a fixture. Fails when its migrations are not those of today."""
    facts: dict[str, Any] = json.loads((kept / "expected.json").read_text())
    today = digests(ROOMS)
    names = [name for name, digest in facts["migrations"].items() if today.get(name) != digest]
    if names:
        words = CHANGED if facts["released"] else STALE
        pytest.fail(words.format(version=kept.name, names=", ".join(names)))
    return facts


def unpack(kept: Path, home: Path) -> Path:
    with tarfile.open(kept / "home.tar.xz") as tar:
        tar.extractall(home.parent, filter="data")
    for folder, _folders, files in os.walk(home):
        Path(folder).chmod(0o700)
        for name in files:
            (Path(folder) / name).chmod(0o600)
    return home / "sekisho.sqlite3"


def ask(database: Path, question: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def counts(database: Path) -> dict[str, int]:
    tables = [row[0] for row in ask(database, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {table: ask(database, f'SELECT count(*) FROM "{table}"')[0][0] for table in tables}


def shape(database: Path) -> dict[str, set[tuple[Any, ...]]]:
    """Return the columns of every table, in no order, and the indexes by what they are made of."""
    tables = [row[0] for row in ask(database, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {table: {row[1:4] for row in ask(database, f'PRAGMA table_info("{table}")')} for table in tables}


def test_there_is_a_fixture() -> None:
    """Of the version of today too, so that it is there when it is released."""
    assert sekisho.__version__ in {path.name for path in VERSIONS}
    assert all((path / "home.tar.xz").stat().st_size < 300_000 for path in VERSIONS)


@pytest.mark.parametrize("kept", VERSIONS, ids=lambda path: path.name)
def test_an_installation_of_then_works_today(kept: Path, home: Path, first_start: Path) -> None:
    facts = facts_of(kept)
    database = unpack(kept, home)
    head = home.parent / "head"
    head.write_text(facts["head"])
    program = [sys.executable, "-m", "tests.config.upgraded", str(kept / "expected.json"), str(head)]
    answer = subprocess.run(
        program, env=variables(home, {}), cwd=KEPT.parents[1], capture_output=True, text=True, timeout=180, check=False
    )
    said = json.loads(answer.stderr.splitlines()[-1])
    assert said == {"prepare": 0, "signed_in": True, "judged": 0, "head": 0}, answer.stdout
    now = counts(database)
    lost = {table: count for table, count in facts["counts"].items() if now.get(table, 0) < count}
    assert lost.keys() <= PASSING
    assert shape(database) == shape(first_start / "sekisho.sqlite3")
    verify = [sys.executable, "-m", "sekisho_verify", str(home / "register"), "--head", str(head), "--lang", "en"]
    checked = subprocess.run(verify, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode != 1, checked.stdout  # 2: who signed it is not known there, and it says so


def newer(to: Path) -> Path:
    """Return the sources of a version that has one more step, which takes a while."""
    shutil.copytree(ROOMS, to / "sekisho", ignore=shutil.ignore_patterns("__pycache__"))
    folder = to / "sekisho" / "estate" / "migrations"
    last = max(path.stem for path in folder.glob("0*.py"))
    (folder / "9998_one.py").write_text(SLOW.format(last=last))
    return to


@pytest.mark.full
@pytest.mark.parametrize("kept", VERSIONS, ids=lambda path: path.name)
def test_killed_in_the_middle_it_is_as_before_or_done(kept: Path, home: Path, tmp_path: Path) -> None:
    """Twelve moments, drawn anew each time: nothing is half, and the older program never touches the newer data."""
    facts_of(kept)
    sources = newer(tmp_path / "newer")
    for attempt in range(12):
        shutil.rmtree(home, ignore_errors=True)
        database = unpack(kept, home)
        assert start(home, {}) == 0
        before = (systems(database), counts(database))
        killed_at = secrets.randbelow(500) / 1000
        kill_while_it_works(home, sources, killed_at)
        is_done = bool(ask(database, "SELECT 1 FROM django_migrations WHERE name = '9998_one'"))
        if is_done:
            assert start(home, {}) == 65, (attempt, killed_at)
        else:
            assert (systems(database), counts(database)) == before, (attempt, killed_at)
            assert start(home, {}) == 0, (attempt, killed_at)
        assert start(home, {"PYTHONPATH": str(sources)}) == 0, (attempt, killed_at)
        assert systems(database) == [f"{name}+" for name in before[0]], (attempt, killed_at)


def systems(database: Path) -> list[str]:
    return [row[0] for row in ask(database, "SELECT name FROM estate_system ORDER BY id")]


def prepare_command() -> list[str]:
    return [*COMMAND, "process", "prepare", "--parent", str(os.getpid())]


def start(home: Path, more: Mapping[str, str]) -> int:
    environment = {**variables(home, {}), **more}
    return subprocess.run(prepare_command(), env=environment, capture_output=True, timeout=120, check=False).returncode


def kill_while_it_works(home: Path, sources: Path, after: float) -> None:
    """Kill the newer version ``after`` seconds after it began to write."""
    environment = {**variables(home, {}), "PYTHONPATH": str(sources)}
    process = subprocess.Popen(prepare_command(), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal = home / "sekisho.sqlite3-wal"
    until(lambda: process.poll() is not None or (journal.exists() and journal.stat().st_size > 0))
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
