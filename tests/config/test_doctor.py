import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.config.doctor import LOOKS, State, run_checks
from sekisho.kernel import clock
from tests.config.running import free_port, prepare, run

NAMES = ["python", "clock", "settings", *(name for name, _title, _look in LOOKS)]


def examine(home: Path, **settings: str) -> tuple[int, dict[str, dict[str, Any]]]:
    answer = run(home, ["doctor", "--json"], {"port": str(free_port()), **settings})
    assert "Traceback" not in answer.stderr
    rows = json.loads(answer.stdout)
    assert [row["name"] for row in rows] == NAMES
    return answer.returncode, {row["name"]: row for row in rows}


def test_before_the_first_start_it_says_so_and_makes_nothing(home: Path) -> None:
    code, rows = examine(home)
    assert code == 0
    assert {name for name, row in rows.items() if row["state"] == "warn"} == {
        "backup", "home", "keys", "database", "digest", "host_name", "register", "running", "door", "certificate",
    }  # fmt: skip
    assert "sekisho up" in rows["home"]["advice"]
    assert not home.exists()


def test_a_healthy_installation_at_rest(prepared: Path, home: Path) -> None:
    code, rows = examine(home)
    assert code == 0
    assert rows["database"]["state"] == "ok"
    assert "complete and undamaged" in rows["database"]["found"]
    assert "MiB free" in rows["home"]["found"]
    assert rows["caddy"]["found"].startswith("v2.")
    assert rows["running"]["state"] == "warn"


def test_wrong_settings_leave_the_rest_unchecked(home: Path) -> None:
    code, rows = examine(home, log_level="loud")
    assert code == 1
    assert rows["settings"]["state"] == "bad"
    assert "SEKISHO_LOG_LEVEL: debug, info" in rows["settings"]["found"]
    assert rows["database"]["found"].startswith("Not checked")


def test_keys_that_others_can_read(prepared: Path, home: Path) -> None:
    (home / "keys" / "django.key").chmod(0o644)
    code, rows = examine(home)
    assert code == 1
    assert rows["keys"]["state"] == rows["database"]["state"] == "bad"
    assert "chmod 600" in rows["keys"]["advice"]
    answer = prepare(home)
    assert answer.returncode == 77
    assert str(home / "keys" / "django.key") in answer.stderr


def test_a_home_that_others_can_read(home: Path) -> None:
    home.mkdir()
    home.chmod(0o755)
    code, rows = examine(home)
    assert code == 1
    assert "chmod 700" in rows["home"]["advice"]


def test_a_missing_caddy(home: Path) -> None:
    code, rows = examine(home, caddy="/nowhere/caddy")
    assert code == 1
    assert "/nowhere/caddy" in rows["caddy"]["found"]


def test_a_taken_port(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, rows = examine(home, port=str(other.getsockname()[1]))
    assert code == 1
    assert "another program" in rows["port"]["found"]


def test_a_database_server_that_is_away(prepared: Path, home: Path) -> None:
    code, rows = examine(home, database_url=f"postgresql://a:geheim@127.0.0.1:{free_port()}/b")
    assert code == 1
    assert rows["database"]["state"] == "bad"
    assert "geheim" not in json.dumps(rows)


def test_a_wrong_clock() -> None:
    with clock.use(clock.FixedClock(datetime(1970, 1, 1, tzinfo=UTC))):
        found = next(check for check in run_checks() if check.name == "clock")
    assert found.state is State.BAD


@pytest.mark.skipif(os.geteuid() != 0, reason="root: needs another user's data directory")
def test_root_is_told_that_the_home_is_not_its_own(prepared: Path, home: Path) -> None:
    os.chown(home, 65534, 65534)
    code, rows = examine(home)
    assert code == 1
    assert "65534" in rows["home"]["found"]
    assert rows["database"]["state"] == "bad"


def test_people_get_a_list(home: Path) -> None:
    answer = run(home, ["doctor"], {"port": "0"})
    assert answer.returncode == 1
    assert "[wrong] Settings: These settings are not valid:" in answer.stdout
    assert "    → " in answer.stdout
