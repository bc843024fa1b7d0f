import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from django.db import InterfaceError, OperationalError

from sekisho import __version__
from sekisho.config import cli
from sekisho.config.commands import PROCESSES
from sekisho.config.commands import commands as own_commands
from sekisho.config.processes.entry import NAMES
from sekisho.config.terminal import explain_usage
from sekisho.kernel.errors import Conflict
from tests.config.running import COMMAND, prepare, run


def test_the_version_needs_nothing(home: Path) -> None:
    answer = run(home, ["version"], {"port": "not a number"})
    assert answer.returncode == 0
    assert answer.stdout.startswith(f"sekisho {__version__}\npython 3.")
    facts = json.loads(run(home, ["version", "--json"]).stdout)
    assert facts["sekisho"] == __version__
    assert not home.exists()


def test_an_unknown_command_gets_a_suggestion(home: Path) -> None:
    answer = run(home, ["dcotor"])
    assert (answer.returncode, answer.stdout) == (64, "")
    assert "dcotor" in answer.stderr
    assert "Did you mean: doctor?" in answer.stderr
    answer = run(home, ["zzz"])
    assert answer.returncode == 64
    assert "sekisho --help" in answer.stderr
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["version", "--jsno"], "--jsno"),
        (["version", "extra"], "too many arguments (extra)"),
        (["process", "nothing", "--parent", "1"], "choose from prepare, sequencer"),
        (["process", "web"], "--parent"),
        (["process"], "NAME"),
    ],
)
def test_a_wrong_command_line_is_explained(home: Path, arguments: list[str], words: str) -> None:
    answer = run(home, arguments)
    assert answer.returncode == 64
    assert words in answer.stderr
    assert "--help" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_no_command_shows_the_help(home: Path) -> None:
    answer = run(home, [])
    assert answer.returncode == 64
    assert "Commands:" in answer.stderr
    helped = run(home, ["--help"])
    assert not home.exists()
    assert helped.returncode == 0
    assert helped.stdout == answer.stderr
    assert "process" not in {line.split()[0] for line in helped.stdout.splitlines() if line.strip()}


def test_the_commands_of_the_apps_are_found(home: Path) -> None:
    assert prepare(home).returncode == 0
    own = {command.name for command in own_commands}
    listed = {line.split()[0] for line in run(home, ["--help"]).stdout.split("Commands:")[1].splitlines() if line}
    assert listed > own - {"process"}


def test_help_is_shown_even_when_the_settings_are_wrong(home: Path) -> None:
    answer = run(home, ["--help"], {"port": "0"})
    assert answer.returncode == 0
    assert "doctor" in answer.stdout


def test_every_wrong_setting_is_named_with_what_is_allowed(home: Path) -> None:
    url = "mysql://root:geheim@db/x"
    answer = run(home, ["up"], {"port": "abc", "host": "https://x", "database_url": url, "log_level": "loud"})
    assert answer.returncode == 78
    for name in ("SEKISHO_PORT", "SEKISHO_HOST", "SEKISHO_DATABASE_URL", "SEKISHO_LOG_LEVEL"):
        assert name in answer.stderr
    assert "1 to 65535" in answer.stderr
    assert "geheim" not in answer.stderr
    assert not home.exists()


def test_an_unknown_setting_stops_nothing_but_the_doctor_sees_it(home: Path) -> None:
    answer = run(home, ["doctor", "--json"], {"prot": "9000"})
    rows = {row["name"]: row for row in json.loads(answer.stdout)}
    assert rows["settings"]["state"] == "warn"
    assert "SEKISHO_PROT" in rows["settings"]["found"]


def failing(error: BaseException) -> click.Command:
    def fail() -> None:
        raise error

    return click.Command("fail", callback=fail)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (Conflict(), 75, "Somebody else"),
        (ZeroDivisionError("inside"), 70, "reference"),
        (KeyboardInterrupt(), 130, ""),
        (click.Abort(), 130, ""),
        (click.FileError("x.csv", "gone"), 64, "x.csv"),
        (OperationalError("database or disk is full"), 75, "kernel.unavailable"),
        (InterfaceError("connection already closed"), 75, "kernel.unavailable"),
        (OSError(errno.ENOSPC, "No space left on device"), 75, "kernel.unavailable"),
        (OSError(errno.EROFS, "Read-only file system"), 75, "kernel.unavailable"),
        (OSError(errno.ECONNRESET, "reset"), 70, "reference"),
    ],
)
def test_each_end_has_its_exit_code(
    error: BaseException,
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(cli, "own_commands", (failing(error),))
    monkeypatch.setattr(cli, "_configure_logging", lambda: None)
    monkeypatch.setenv("SEKISHO_LANGUAGE", "en")
    assert cli.main(["fail"]) == code
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err


def test_the_details_of_a_fault_are_in_the_debug_log(home: Path) -> None:
    program = (
        "import sys, click\nfrom sekisho.config import cli\n"
        "def fail(): raise ZeroDivisionError('inside')\n"
        "cli.own_commands = (click.Command('fail', callback=fail),)\nsys.exit(cli.main(['fail']))"
    )
    script = home.parent / "fault.py"
    script.write_text(program)
    wrapper = ["sh", "-c", f"exec {COMMAND[0]} {script}", "sh"]
    assert "Traceback" not in run(home, [], {}, wrapper).stderr
    answer = run(home, [], {"log_level": "debug"}, wrapper)
    assert answer.returncode == 70
    assert "ZeroDivisionError: inside" in answer.stderr


def test_the_processes_are_those_that_exist() -> None:
    assert NAMES == PROCESSES
    assert {command.name for command in own_commands} == {
        "up", "update", "doctor", "version", "process", "check", "backup", "witness",
    }  # fmt: skip


def test_every_help_is_a_message_id() -> None:
    for command in own_commands:
        assert command.help
        for option in command.params:
            assert not isinstance(option, click.Option) or option.help


def test_bad_usage_in_a_group_suggests_its_commands() -> None:
    group = click.Group("people", commands=[click.Command("recover")])
    context = click.Context(group, info_name="people")
    error = click.exceptions.NoSuchCommand("recovr", ctx=context)
    assert "recover" in str(explain_usage(error).advice)


def test_a_process_dies_without_the_parent_it_was_made_for(home: Path) -> None:
    answer = run(home, ["process", "worker", "--parent", str(os.getppid())])
    assert answer.returncode == -9


def test_a_terminal_without_unicode_still_gets_an_answer(home: Path) -> None:
    wrapper = ["env", "-u", "PYTHONUTF8", "PYTHONIOENCODING=ascii"]
    answer = run(home, ["doctor"], {"language": "ja"}, wrapper)
    assert answer.returncode in {0, 1}
    assert "[fine] Python: 3." in answer.stdout


@pytest.mark.parametrize("module", ["processes.supervisor", "cli", "doctor", "processes.web", "processes.entry"])
def test_what_must_hold_out_loads_no_django(module: str) -> None:
    program = f"import sys, sekisho.config.{module}; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=30).returncode == 0


@pytest.mark.parametrize(
    "command",
    [["people", "recover", "yamada"], ["conformance", "status"], ["guideline", "stats"], ["evidence", "verify"]],
)
def test_a_command_of_an_app_says_when_there_is_no_installation(home: Path, command: list[str]) -> None:
    """And makes none by asking."""
    result = run(home, command)
    assert result.returncode == 66
    assert str(home) in result.stderr
    assert "config.not_installed" in result.stderr
    assert not home.exists()
