"""Keys are made once, together, and never in the place of lost ones."""

import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sekisho.config.environment import Environment
from sekisho.config.keys import KeyDamaged, KeyExposed, KeyMissing, read_keys
from tests.config.running import free_port, run, variables

KEYS = ("seal.key", "django.key", "register.key")


def read_in_processes(home: Path, count: int) -> list[str]:
    """Read the keys in several processes that begin at the same moment; return what each got."""
    program = (
        "import sys; from sekisho.config.environment import environment; from sekisho.config.keys import read_keys\n"
        "print(flush=True); sys.stdin.readline(); print(*(key.hex() for key in read_keys(environment())))"
    )
    made = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env=variables(home, {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _number in range(count)
    ]
    for process in made:
        assert process.stdout
        process.stdout.readline()
    for process in made:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate(timeout=30)[0].strip() for process in made]


def test_all_are_made_on_an_empty_home(home: Path) -> None:
    """Different from each other, private, and the same ever after."""
    keys = read_keys(Environment(home=home))
    assert len(set(keys)) == 3
    assert {len(key) for key in keys} == {32}
    assert sorted(path.name for path in (home / "keys").iterdir()) == sorted(KEYS)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (home / "keys").iterdir()} == {0o600}
    assert read_keys(Environment(home=home)) == keys


def test_two_first_starts_at_once_get_the_same_keys(home: Path) -> None:
    """Whoever comes second takes what the first one made."""
    answers = read_in_processes(home, 4)
    assert len(answers[0].split()) == 3
    assert len(set(answers)) == 1
    assert sorted(path.name for path in (home / "keys").iterdir()) == sorted(KEYS)


@pytest.mark.parametrize(
    ("lost", "database"),
    [
        (["seal.key"], True),
        (["django.key"], True),
        (KEYS, True),
        (["seal.key"], False),
        (["django.key"], False),
        (["register.key"], True),
    ],
)
def test_a_lost_key_is_not_replaced(home: Path, lost: Sequence[str], database: bool) -> None:
    """The rest of the installation stays as it is."""
    environment = Environment(home=home)
    read_keys(environment)
    if database:
        environment.database_file.touch()
    for name in lost:
        (home / "keys" / name).unlink()
    with pytest.raises(KeyMissing) as caught:
        read_keys(environment)
    assert caught.value.exit_code == 78
    assert str(home / "keys" / lost[0]) in str(caught.value.text)
    assert caught.value.advice is not None
    assert "backup" in caught.value.advice.msgid
    assert {path.name for path in (home / "keys").iterdir()} == set(KEYS) - set(lost)


@pytest.mark.parametrize("placed", [(), ("seal.key",)])
def test_a_first_start_that_was_cut_short_is_finished(home: Path, placed: Sequence[str]) -> None:
    """All drafts are whole before the first key gets its name; before that they may be half."""
    folder = home / "keys"
    folder.mkdir(parents=True, mode=0o700)
    for name in KEYS:
        path = folder / (name if name in placed else f".{name}.new")
        path.write_bytes(bytes([7]) * (32 if placed else 3))
        path.chmod(0o600)
    keys = read_keys(Environment(home=home))
    assert keys == (bytes([7]) * 32,) * 3 if placed else len(set(keys)) == 3
    assert sorted(path.name for path in folder.iterdir()) == sorted(KEYS)


def test_a_key_that_is_open_or_cut_is_refused(home: Path) -> None:
    """Both are worse than none."""
    environment = Environment(home=home)
    read_keys(environment)
    (home / "keys" / "seal.key").chmod(0o640)
    with pytest.raises(KeyExposed):
        read_keys(environment)
    (home / "keys" / "seal.key").chmod(0o600)
    (home / "keys" / "seal.key").write_bytes(b"short")
    with pytest.raises(KeyDamaged):
        read_keys(environment)


@pytest.mark.processes
@pytest.mark.parametrize("name", KEYS)
def test_every_entrance_says_that_a_key_is_missing(prepared: Path, home: Path, name: str) -> None:
    """The start, the commands and the doctor; none of them makes a new one."""
    (home / "keys" / name).unlink()
    for arguments in (["up"], ["people", "recover", "yamada"]):
        answer = run(home, arguments, {"port": str(free_port())})
        assert answer.returncode == 78
        assert "config.key_missing" in answer.stderr
        assert str(home / "keys" / name) in answer.stderr
    answer = run(home, ["doctor"], {"port": str(free_port())})
    assert answer.returncode == 1
    assert f"[wrong] Keys: The key file {home / 'keys' / name} is missing." in answer.stdout
    assert not (home / "keys" / name).exists()
