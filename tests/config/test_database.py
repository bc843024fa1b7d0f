import os
import secrets
import signal
import sqlite3
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from sekisho.config.environment import Environment
from sekisho.config.keys import read_keys
from tests.config.running import COMMAND, free_port, prepare, run, until, variables

pytestmark = pytest.mark.processes
SERVER = os.environ.get("SEKISHO_DATABASE_URL", "")
Answer = subprocess.CompletedProcess[str]


@pytest.fixture
def database(prepared: Path) -> Path:
    """Return a database file that is up to date."""
    return prepared / "sekisho.sqlite3"


def change(database: Path, *statements: str) -> None:
    with sqlite3.connect(database) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def content(database: Path) -> str:
    connection = sqlite3.connect(database)
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


def refused(answer: Answer, code: int, words: str) -> None:
    assert (answer.returncode, answer.stdout) == (code, "")
    assert words in answer.stderr
    assert "→" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_fresh_database_is_made_and_the_way_in_is_told(home: Path) -> None:
    answer = prepare(home, {"host": "sekisho.example", "port": "9443"})
    assert answer.returncode == 0
    assert "Address: https://sekisho.example:9443" in answer.stdout
    assert str(home / "caddy" / "pki" / "authorities" / "local" / "root.crt") in answer.stdout
    assert "https://sekisho.example:9443/invitation/" in answer.stdout
    assert "invitation" not in answer.stderr
    assert stat.S_IMODE((home / "sekisho.sqlite3").stat().st_mode) == 0o600


def test_a_second_start_changes_no_table(database: Path, home: Path) -> None:
    assert prepare(home).returncode == 0


def test_it_speaks_japanese_by_default(home: Path) -> None:
    answer = prepare(home, {"language": "ja"})
    assert answer.returncode == 0
    assert "https://localhost:8443/invitation/" in answer.stdout


def test_a_table_that_no_change_made_is_half_migrated(database: Path, home: Path) -> None:
    change(database, "DELETE FROM django_migrations WHERE app = 'config' AND name = '0001_initial'")
    before = content(database)
    refused(prepare(home), 65, "only in part")
    assert content(database) == before


def test_a_change_without_what_it_builds_on_is_half_migrated(database: Path, home: Path) -> None:
    change(database, "DELETE FROM django_migrations WHERE app = 'people' AND name = '0001_initial'")
    refused(prepare(home), 65, "only in part")


def test_a_table_that_stands_in_the_way_changes_nothing(home: Path) -> None:
    read_keys(Environment(home=home))  # a database without its keys is refused before anybody looks into it
    change(home / "sekisho.sqlite3", "CREATE TABLE people_user (id integer)")
    before = content(home / "sekisho.sqlite3")
    refused(prepare(home), 65, "people_user")
    assert content(home / "sekisho.sqlite3") == before


def test_a_database_of_a_newer_version_is_named(database: Path, home: Path) -> None:
    change(database, "INSERT INTO django_migrations (app, name, applied) VALUES ('people', '0999_later', '2027-01-01')")
    refused(prepare(home), 65, "people.0999_later")
    answer = run(home, ["doctor"])
    assert answer.returncode == 1
    assert "people.0999_later" in answer.stdout


@pytest.mark.parametrize("damage", ["no database", "broken pages"])
def test_a_damaged_file_is_named(database: Path, home: Path, damage: str) -> None:
    change(database, "PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    if damage == "no database":
        database.write_bytes(b"This is a letter, not a database. " * 1000)
    else:
        with database.open("r+b") as file:
            file.seek(100)
            file.write(secrets.token_bytes(database.stat().st_size - 100))
    refused(prepare(home), 65, str(database))
    answer = run(home, ["doctor"])
    assert answer.returncode == 1
    assert "damaged" in answer.stdout


def test_a_server_that_does_not_answer_is_named_without_the_password(home: Path) -> None:
    url = f"postgresql://sekisho:geheim@127.0.0.1:{free_port()}/sekisho"
    answer = prepare(home, {"database_url": url})
    refused(answer, 69, "cannot be reached")
    assert "geheim" not in answer.stderr


@pytest.mark.parametrize("attempt", [1, *(pytest.param(later, marks=pytest.mark.full) for later in (0, 2, 3, 4))])
def test_a_kill_in_the_middle_leaves_nothing_half(home: Path, attempt: int) -> None:
    process = subprocess.Popen(
        [*COMMAND, "process", "prepare", "--parent", str(os.getpid())],
        env=variables(home, {}),
        stdout=subprocess.DEVNULL,
    )
    journal = home / "sekisho.sqlite3-wal"
    until(lambda: process.poll() is not None or journal.exists())
    time.sleep(attempt * 0.05)  # another moment of the same work each time
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    answer = prepare(home)
    assert answer.returncode == 0, answer.stderr


@pytest.fixture
def server_database() -> Iterator[str]:
    if not SERVER:
        pytest.skip("PostgreSQL: no server in this run")
    name = f"sk_{secrets.token_hex(6)}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield urlsplit(SERVER)._replace(path=f"/{name}").geturl()
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_postgresql_takes_the_same_path(home: Path, server_database: str) -> None:
    settings = {"database_url": server_database}
    for _time in range(2):
        answer = prepare(home, settings)
        assert answer.returncode == 0, answer.stderr
    with psycopg.connect(server_database, autocommit=True) as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'config'")
    refused(prepare(home, settings), 65, "only in part")
    with psycopg.connect(server_database, autocommit=True) as connection:
        connection.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('config', '0999_later', now())")
    refused(prepare(home, settings), 65, "config.0999_later")
