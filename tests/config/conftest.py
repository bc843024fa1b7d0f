"""A real instance for the tests of this folder: its own data directory, its own free port, its own processes."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.config.running import Instance, free_port


@pytest.fixture
def home() -> Iterator[Path]:
    """A place for a data directory; short, because the path of a unix socket has at most 107 bytes."""
    base = Path(tempfile.mkdtemp(prefix="sk"))
    yield base / "home"
    for folder, _folders, _files in os.walk(base):
        Path(folder).chmod(0o700)
    shutil.rmtree(base)


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
