"""A real instance for the tests of this folder: its own data directory, its own free port, its own processes."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.config.running import Instance, free_port, prepare


@contextmanager
def a_home() -> Iterator[Path]:
    """A place for a data directory; short, because the path of a unix socket has at most 107 bytes."""
    base = Path(tempfile.mkdtemp(prefix="sk"))
    yield base / "home"
    for folder, _folders, _files in os.walk(base):
        Path(folder).chmod(0o700)
    shutil.rmtree(base)


@pytest.fixture
def home() -> Iterator[Path]:
    """The data directory of this test; nothing is there yet."""
    with a_home() as home:
        yield home


@pytest.fixture(scope="module")
def shared(first_start: Path) -> Iterator[Instance]:
    """An instance that runs for all tests of a module that leave it as healthy as they found it."""
    with a_home() as home:
        shutil.copytree(first_start, home)
        one = Instance(home, {"port": str(free_port())}).start()
        try:
            yield one.ready()
        finally:
            one.destroy()


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory after its first start: made once, copied for every test that needs no other."""
    made = tmp_path_factory.mktemp("first") / "home"
    answer = prepare(made)
    assert answer.returncode == 0, answer.stderr
    return made


@pytest.fixture
def prepared(home: Path, first_start: Path) -> Path:
    """The data directory of this test, as a first start leaves it."""
    shutil.copytree(first_start, home)
    return home


@pytest.fixture
def instance(home: Path) -> Iterator[Callable[..., Instance]]:
    """Make instances on the data directory of this test; whatever still runs at its end is killed."""
    made: list[Instance] = []

    def make(**settings: str) -> Instance:
        made.append(Instance(home, {"port": str(free_port()), **settings}))
        return made[-1]

    yield make
    for one in made:
        one.destroy()
