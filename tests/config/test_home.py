import os
import resource
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from sekisho.config.environment import Environment
from sekisho.config.processes.home import (
    AlreadyRunning,
    HomeBroken,
    HomeExposed,
    HomeFull,
    HomeNotMade,
    HomeNotOurs,
    folders,
    is_locked,
    lock_holder,
    prepare_home,
    take_lock,
)
from tests.config.running import free_port, run

IS_ROOT = os.geteuid() == 0


def own_mounts(*commands: str) -> list[str]:
    """Return a wrapper that runs ``commands`` in a mount namespace of its own before the real one; skips without it."""
    unshare = [shutil.which("unshare") or "", *(["--mount"] if IS_ROOT else ["--user", "--map-root-user", "--mount"])]
    if not unshare[0] or subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("unshare: this computer allows no mount namespaces")
    return [*unshare, "sh", "-c", " && ".join([*commands, 'exec "$@"']), "sh"]


def test_a_new_home_is_private(home: Path) -> None:
    environment = Environment(home=home)
    prepare_home(environment)
    prepare_home(environment)
    for folder in folders(environment):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path for path in home.iterdir() if path.is_file()] == []


def test_a_home_that_others_can_read_is_refused(home: Path) -> None:
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    with pytest.raises(HomeExposed) as caught:
        prepare_home(Environment(home=home))
    assert caught.value.exit_code == 77
    assert f"chmod 700 {home}" in str(caught.value.advice)


def test_a_folder_of_keys_that_others_can_read_is_refused(home: Path) -> None:
    environment = Environment(home=home)
    prepare_home(environment)
    environment.keys.chmod(0o750)
    with pytest.raises(HomeExposed):
        prepare_home(environment)


def test_a_home_of_somebody_else_is_refused(home: Path) -> None:
    if IS_ROOT:
        home.mkdir(mode=0o700)
        os.chown(home, 65534, 65534)
    else:
        home = Path("/usr")
    with pytest.raises(HomeNotOurs) as caught:
        prepare_home(Environment(home=home))
    assert caught.value.exit_code == 77


def test_a_file_in_the_way_is_named(home: Path) -> None:
    home.write_text("")
    with pytest.raises(HomeNotMade) as caught:
        prepare_home(Environment(home=home))
    assert caught.value.exit_code == 73
    assert str(home) in str(caught.value.text)


def test_a_disk_that_fails_is_reported(home: Path) -> None:
    prepare_home(Environment(home=home))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(HomeBroken) as caught:
            prepare_home(Environment(home=home))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.exit_code == 74
    assert not list(home.glob(".probe*"))


def refused(home: Path, wrapper: Sequence[str]) -> subprocess.CompletedProcess[str]:
    answer = run(home, ["up"], {"port": str(free_port())}, wrapper)
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""
    return answer


@pytest.mark.processes
def test_a_read_only_home_is_refused(home: Path) -> None:
    prepare_home(Environment(home=home))
    answer = refused(home, own_mounts(f"mount -t tmpfs -o ro,size=100m,mode=700 x {home}"))
    assert answer.returncode == 77
    assert f"Nothing can be written to the data directory {home}" in answer.stderr


@pytest.mark.processes
def test_a_home_that_cannot_be_made_is_refused(home: Path) -> None:
    parent = home.parent
    answer = refused(home, own_mounts(f"mount -t tmpfs -o size=100m,ro x {parent}"))
    assert answer.returncode == 73
    assert "cannot be made" in answer.stderr


@pytest.mark.processes
def test_a_full_disk_is_refused_and_nothing_is_left_half(home: Path) -> None:
    prepare_home(Environment(home=home))
    answer = refused(home, own_mounts(f"mount -t tmpfs -o size=1m,mode=700 x {home}"))
    assert answer.returncode == 74
    assert "is full" in answer.stderr


def test_little_room_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sekisho.config.processes.home.LEAST_FREE", 1 << 60)
    with pytest.raises(HomeFull):
        prepare_home(Environment(home=home))


def test_the_lock_is_held_by_one(home: Path) -> None:
    environment = Environment(home=home)
    prepare_home(environment)
    assert not is_locked(environment)
    lock = take_lock(environment)
    assert is_locked(environment)
    assert lock_holder(environment) == os.getpid()
    with pytest.raises(AlreadyRunning) as caught:
        take_lock(environment)
    assert caught.value.exit_code == 75
    assert str(os.getpid()) in str(caught.value.text)
    os.close(lock)
    assert not is_locked(environment)
    os.close(take_lock(environment))


def test_a_new_start_waits_for_what_a_dead_supervisor_left(home: Path) -> None:
    environment = Environment(home=home)
    prepare_home(environment)
    lock = take_lock(environment)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock,)) as rest:
        os.close(lock)
        gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
        (environment.run / "up.lock").write_bytes(gone.stdout)
        assert is_locked(environment)
        ending = threading.Timer(0.3, lambda: rest.communicate(b"\n"))
        ending.start()
        started = time.monotonic()
        os.close(take_lock(environment))
        assert time.monotonic() - started >= 0.25
        ending.join()
