"""`sekisho check configuration`: remarks with their lines, exit codes, JSON, and no secret on the screen."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sekisho.estate.models import LineKind
from sekisho.network.commands.configuration import LINE_KINDS, configuration
from sekisho.network.queries.configuration_profile import configuration_profile
from sekisho.network.rules.readers.errors import NotText, UnknownConfiguration
from tests.network.configurations import sample
from tests.network.network_devices import SECRET, WEAK, router
from tests.network.test_configuration_services import RUBBISH, SECRETS


def check(folder: Path, content: str | bytes, *options: str) -> Result:
    """Run the command over a file; what it returns is the exit code of the program."""
    file = folder / "config.txt"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return CliRunner().invoke(configuration, [str(file), *options], standalone_mode=False)


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        (sample("wifi_export"), "wireless_lan", 2),
        (router(*WEAK), "ipsec_ikev2", 1),
        (router(), "ipsec_ikev2", 2),
        (sample("hostapd"), "ipsec_ikev2", 2),
        (sample("fortios"), "ssl_vpn_client", 2),
    ],
)
def test_the_exit_code_says_what_it_came_to(tmp_path: Path, text: str, line: str, code: int) -> None:
    """A file alone rarely shows everything: what it leaves open is "cannot tell", never "conforming"."""
    assert check(tmp_path, text, "--line", line).return_value == code


def test_a_file_that_shows_everything_conforms(tmp_path: Path) -> None:
    """Passwords in the clear that nobody knows: nothing is left open."""
    plain = (
        ("login password encrypted $1$kaeru", "login password hoshi-no-kago-77"),
        ("administrator password encrypted $1$tombo", "administrator password kaze-no-machi-88"),
    )
    found = check(tmp_path, router(*plain), "--line", "ipsec_ikev2")
    assert found.return_value == 0, found.output


def test_remarks_name_their_lines(tmp_path: Path) -> None:
    output = check(tmp_path, router(*WEAK), "--line", "ipsec_ikev2").output
    remark = next(line for line in output.splitlines() if "VPN-PSK" in line)
    assert remark.startswith("×")
    assert remark.endswith("(line 44)")
    assert output.splitlines()[-1].endswith("config.txt: not conforming")


def test_the_line_decides_which_rules_speak(tmp_path: Path) -> None:
    """Without one all of them do."""
    text = router(*WEAK)
    assert "VPN-PSK" in check(tmp_path, text).output
    assert "VPN-PSK" not in check(tmp_path, text, "--line", "lan").output


def test_the_kind_may_be_told(tmp_path: Path) -> None:
    """What is not recognised, or what is one of two."""
    text = "ssid=staff\nwpa=2\n"
    assert isinstance(check(tmp_path, "nonsense\n").exception, UnknownConfiguration)
    assert check(tmp_path, text, "--dialect", "hostapd").return_value in {1, 2}
    assert check(tmp_path, text, "--dialect", "toaster").return_value is None


def test_json_for_programs(tmp_path: Path) -> None:
    answer: Any = json.loads(check(tmp_path, router(*WEAK), "--json", "--line", "ipsec_ikev2").output)
    assert answer["outcome"] == "fail"
    psk = next(remark for remark in answer["remarks"] if remark["code"] == "VPN-PSK")
    assert psk["observed"]["authentication"]["lines"] == [44]
    assert "%(what)s" not in json.dumps(answer["remarks"]), "the rule's own message"
    assert answer["observation"]["dialect"] == "yamaha"


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_no_secret_is_printed(tmp_path: Path, options: tuple[str, ...]) -> None:
    output = check(tmp_path, router(*WEAK), *options).output
    assert not any(secret in output for secret in (*SECRETS, SECRET))


@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_is_refused_by_name(tmp_path: Path, name: str) -> None:
    """Exit code 65, as every unusable input has."""
    content, error = RUBBISH[name]
    refused = check(tmp_path, content).exception
    assert isinstance(refused, error)
    assert refused.exit_code == 65


def test_a_terminal_log_is_no_configuration(tmp_path: Path) -> None:
    assert isinstance(check(tmp_path, f"\x1b[1m{router()}").exception, NotText)


def test_the_kinds_of_line_are_those_of_the_table() -> None:
    """A kind that is added to the estate must come to the profile and to the command."""
    table = configuration_profile().table
    assert set(LINE_KINDS) == {kind for row in table.rows for kind in row.lines} | table.inside
    assert set(LINE_KINDS) == set(LineKind)


def test_the_command_works_without_an_installation(tmp_path: Path) -> None:
    """As a program: exit code 1, nothing made in the data directory, no Django loaded."""
    (tmp_path / "config.txt").write_text(router(*WEAK), encoding="utf8")
    environment = {**os.environ, "SEKISHO_HOME": str(tmp_path / "home")}
    program = (
        "import sys\n"
        "from sekisho.config.cli import main\n"
        f"code = main(['check', 'configuration', {str(tmp_path / 'config.txt')!r}])\n"
        "sys.exit(code if 'django' not in sys.modules else 99)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 1, done.stderr
    assert not (tmp_path / "home").exists()
