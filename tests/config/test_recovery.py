"""docs/ja/recovery.md, walked: the installation is really damaged, and the manual's own commands make it well."""

import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.config.keys import KeyMissing
from sekisho.config.processes.database import DatabaseDamaged
from sekisho.config.processes.home import HomeFull
from sekisho.config.processes.preflight import ClockWrong
from sekisho.config.translation import install_translator
from sekisho.kernel.errors import SekishoError
from sekisho.register.errors import LogDamaged
from tests.config.manual import MANUAL, Operator, section
from tests.config.running import Instance, free_port, prepare, run, variables

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]
PASSPHRASE = "harbour lantern seven copper meadow"
HOME = "/var/lib/sekisho"
POWER = "停電や強制終了の後"
FULL = "ディスクがいっぱいになったとき"
DATABASE = "データベースが壊れたとき"
LOG = "記録簿のログが壊れたとき"
KEY = "鍵をなくしたとき"
NEW_KEY = "バックアップにも鍵がないとき"
CLOCK = "時計が違っていたとき"
SEEN: dict[str, SekishoError] = {
    FULL: HomeFull(path=HOME, free=3, least=64),
    DATABASE: DatabaseDamaged(path=f"{HOME}/sekisho.sqlite3", reason="…"),
    LOG: LogDamaged(path="tile/entries/000"),
    KEY: KeyMissing(path=f"{HOME}/keys/seal.key"),
    CLOCK: ClockWrong(now="1999-12-31 15:00 UTC"),
}
EVENTS = """import os
from sekisho.config.processes.django_start import start_django
start_django()
from sekisho.kernel.actor import console
from sekisho.people.services.links import offer_recovery
for number in range(300):
    offer_recovery(actor=console(), login="yamada")
"""


@pytest.mark.parametrize("title", SEEN)
def test_the_manual_names_what_is_seen(title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words in which the program says it."""
    monkeypatch.setenv("SEKISHO_LANGUAGE", "ja")
    install_translator()
    for line in section(title).shown:
        assert line in str(SEEN[title].text)
    assert section(title).shown


def test_every_section_says_what_to_do() -> None:
    for title in (POWER, FULL, DATABASE, LOG, KEY, NEW_KEY):
        assert section(title).commands, title
    assert "sekisho people recover" in MANUAL.read_text()


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory, first_start: Path) -> Path:
    """A place with an installation that has worked: people, a log longer than one tile, a backup, heads outside."""
    base = tmp_path_factory.mktemp("worked")
    home = base / "home"
    shutil.copytree(first_start, home)
    (home / "inbox").mkdir(mode=0o700, exist_ok=True)
    (base / "target").mkdir()
    (base / "kept").mkdir()
    (base / "passphrase").write_text(PASSPHRASE)
    (base / "passphrase").chmod(0o600)
    fill = [sys.executable, str(MANUAL.parents[2] / "scripts" / "upgrade_fixture.py"), "--fill"]
    for command in (fill, [sys.executable, "-c", EVENTS]):
        subprocess.run(command, env=variables(home, {}), check=True, capture_output=True, timeout=120)
    assert prepare(home).returncode == 0
    for words in (["backup", "create"], ["people", "recover", "yamada"]):
        assert run(home, words, settings_of(base)).returncode == 0, words
    assert prepare(home).returncode == 0
    assert run(home, ["register", "export-head", str(base / "kept" / "head")]).returncode == 0
    assert prepare(home).returncode == 0
    status = json.loads(run(home, ["register", "status", "--json"]).stdout)
    (base / "kept" / "register.key").write_text(f"{status['key']}\n")
    return base


def settings_of(base: Path) -> dict[str, str]:
    return {
        "backup_targets": str(base / "target"),
        "backup_passphrase_file": str(base / "passphrase"),
        "port": str(free_port()),
    }


@pytest.fixture
def operator(home: Path, worked: Path) -> Callable[[], Operator]:
    """Return a function that sits down at a copy of it."""
    shutil.copytree(worked / "home", home)
    (generation,) = (worked / "target").iterdir()
    return lambda: Operator(home, generation, worked / "kept", settings_of(worked))


def events(home: Path) -> set[str]:
    connection = sqlite3.connect(home / "sekisho.sqlite3")
    try:
        return {str(row[0]) for row in connection.execute("SELECT id FROM register_event")}
    finally:
        connection.close()


@pytest.mark.full
def test_a_lost_key_comes_back_from_the_backup(operator: Callable[[], Operator], home: Path) -> None:
    (home / "keys" / "seal.key").unlink()
    somebody = operator()
    somebody.sees(KEY)
    before = events(home)
    somebody.does(KEY)
    somebody.is_well()
    assert before <= events(home)


@pytest.mark.full
def test_a_new_key_where_there_is_no_other(operator: Callable[[], Operator], home: Path) -> None:
    """Then the only administrator gets a link, as the manual says, which is recorded."""
    (home / "keys" / "seal.key").unlink()
    somebody = operator()
    somebody.sees(KEY)
    somebody.does(NEW_KEY)
    somebody.is_well()
    (command,) = section("パスワードを忘れた、スマートフォンをなくした").commands
    count = len(actions(home))
    assert "/invitation/" in somebody.do(command.replace("yamada.hanako", "yamada"))
    assert actions(home)[count:] == ["person.recover"]


def actions(home: Path) -> list[str]:
    connection = sqlite3.connect(home / "sekisho.sqlite3")
    try:
        return [str(row[0]) for row in connection.execute("SELECT action FROM register_event ORDER BY source_seq")]
    finally:
        connection.close()


@pytest.mark.full
def test_a_damaged_database_loses_nothing_of_the_register(operator: Callable[[], Operator], home: Path) -> None:
    before = events(home)
    connection = sqlite3.connect(home / "sekisho.sqlite3")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = connection.execute("SELECT rootpage FROM sqlite_master WHERE name IN ('people_staff', 'estate_system')")
    found = [row[0] for row in pages]
    connection.close()
    with (home / "sekisho.sqlite3").open("r+b") as file:
        for page in found:
            file.seek(4096 * (page - 1))
            file.write(secrets.token_bytes(4096))
    somebody = operator()
    somebody.sees(DATABASE)
    said = somebody.does(DATABASE)
    somebody.is_well()
    assert before <= events(home)
    assert "backup.restore" in actions(home)
    readable = list((home.parent / "home.damaged" / "readable").glob("*.csv"))
    assert len(readable) > 50
    assert "読めません" in said


@pytest.mark.full
def test_a_damaged_log_is_named_and_mended(operator: Callable[[], Operator], home: Path) -> None:
    tile = home / "register" / "tile" / "entries" / "000"
    content = bytearray(tile.read_bytes())
    content[len(content) // 2] ^= 1
    tile.write_bytes(content)
    somebody = operator()
    said = somebody.does(LOG)
    somebody.is_well()
    assert "改ざんされています" in said
    assert bytes(content) != tile.read_bytes()


@pytest.mark.full
def test_a_log_cut_short_is_seen_by_doctor(operator: Callable[[], Operator], home: Path) -> None:
    entries = (path for path in (home / "register" / "tile" / "entries").rglob("*") if path.is_file())
    newest = max(entries, key=lambda path: path.stat().st_mtime)
    newest.write_bytes(newest.read_bytes()[:-30])
    operator().sees(LOG)


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """A disk of its own below the data directory's place."""
    home.mkdir(mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", "size=120m,mode=700", "tmpfs", home]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount")
    try:
        yield home
    finally:
        subprocess.run(["umount", home], check=True)


@pytest.mark.full
def test_a_full_disk(small_disk: Path, worked: Path) -> None:
    shutil.copytree(worked / "home", small_disk, dirs_exist_ok=True)
    (small_disk / "before-update").mkdir()
    (small_disk / "before-update" / "sekisho.sqlite3").write_bytes(bytes(70 * 1024**2))
    somebody = Operator(small_disk, worked / "target", worked / "kept", settings_of(worked))
    somebody.sees(FULL)
    somebody.does(FULL)
    somebody.is_well()


@pytest.mark.full
def test_after_a_power_cut_nothing_is_to_be_done(
    operator: Callable[[], Operator], home: Path, instance: Callable[..., Instance]
) -> None:
    running = instance().start().ready()
    before = events(home)
    for pid in running.remember():
        os.kill(pid, signal.SIGKILL)
    running.destroy()
    somebody = operator()
    somebody.does(POWER)
    somebody.is_well()
    assert before <= events(home)


@pytest.mark.full
def test_a_start_with_a_clock_years_off(home: Path, prepared: Path) -> None:
    """Before 2026 nothing starts, in the words of the manual; a clock that ran ahead and was set right goes on."""
    answer = start_at(home, datetime(1999, 12, 31, 15, tzinfo=UTC), "up")
    assert answer.returncode == 78
    assert all(line in answer.stderr for line in section(CLOCK).shown)
    before = events(home)
    first_step = ("process", "prepare", "--parent", str(os.getpid()))
    assert start_at(home, datetime(2040, 1, 1, tzinfo=UTC), *first_step).returncode == 0
    assert run(home, ["people", "first-link"]).returncode == 0
    assert prepare(home).returncode == 0
    found = json.loads(run(home, ["register", "status", "--json"]).stdout)
    assert found["fault"] is None
    assert before < events(home)


def start_at(home: Path, moment: datetime, *words: str) -> "subprocess.CompletedProcess[str]":
    program = f"""import sys
from datetime import datetime
from sekisho.config.cli import main
from sekisho.kernel import clock
with clock.use(clock.FixedClock(datetime.fromisoformat({moment.isoformat()!r}))):
    sys.exit(main({list(words)!r}))"""
    return subprocess.run(
        [sys.executable, "-c", program], env=variables(home, {"language": "ja", "port": str(free_port())}),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
