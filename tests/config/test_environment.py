"""The settings that need more than one look: the address of a PostgreSQL server."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from sekisho.config.environment import Environment, postgres_parameters
from tests.config.running import run

WRONG = [
    "postgresql://u:geheim@h:notaport/x",
    "postgresql://u:geheim@h:70000/x",
    "postgresql://u:geheim@h",
    "postgresql://u:geheim@[::1/x",
    "postgresql://u:ge#heim@h/x",
    "mysql://u:geheim@h/x",
    "postgresql://u:geheim@h/x?sslmode=verify_full",
    "postgresql://u:geheim@h/x?ssl_mode=require",
    "postgresql://u:geheim@h/x?sslmode=require&sslmode=disable",
    "postgresql://u:geheim@h/x?sslmode",
    "postgresql://u:geheim@h/x?sslrootcert=relative.crt",
    "postgresql://u:geheim@h/x?connect_timeout=0",
    "postgresql://u:geheim@h/x?options=-csession_replication_role%3Dreplica",
    "postgresql://u:geheim@h/x?host=elsewhere",
]


@pytest.mark.parametrize("url", WRONG)
def test_an_address_we_do_not_understand_is_refused(url: str) -> None:
    """Whatever is wrong with it: no value passes by being ignored."""
    with pytest.raises(ValidationError) as caught:
        Environment(database_url=url)
    assert [fault["loc"] for fault in caught.value.errors()] == [("database_url",)]


@pytest.mark.parametrize("command", ["up", "doctor"])
def test_a_wrong_address_is_named_and_not_shown(home: Path, command: str) -> None:
    """It may hold a password."""
    answer = run(home, [command], {"database_url": WRONG[0]})
    assert answer.returncode == (78 if command == "up" else 1)
    said = answer.stdout + answer.stderr
    assert "SEKISHO_DATABASE_URL: empty for SQLite" in said
    assert "geheim" not in said
    assert "Traceback" not in said


def test_an_address_becomes_djangos_settings() -> None:
    """With what TLS needs, and a waiting time in any case."""
    found = postgres_parameters(
        "postgresql://sek%40isho:p%2Fw@db.example:5433/reg?sslmode=verify-full&sslrootcert=/etc/ca%20x.crt"
    )
    assert found == {
        "NAME": "reg",
        "USER": "sek@isho",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"connect_timeout": "5", "sslmode": "verify-full", "sslrootcert": "/etc/ca x.crt"},
    }
    assert postgres_parameters("postgres://h/x?connect_timeout=20")["OPTIONS"] == {"connect_timeout": "20"}
    assert Environment(database_url="").database_url == ""
