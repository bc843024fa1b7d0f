"""The import contracts hold, and they bite: planted violations of each kind are found."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-cache"]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the copy of the house in ``folder``."""
    command = [*PROGRAM, "--config", str(folder / ".importlinter")]
    code = f"import sys; sys.path.insert(0, {str(folder / 'src')!r}); {PROGRAM[2]}"
    command[2] = code
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the source tree that may be damaged."""
    ignored = shutil.ignore_patterns("__pycache__", "*.css", "*.html", "locale")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=ignored)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_the_contracts_are_kept(house: Path) -> None:
    """As committed, nothing is broken."""
    result = lint(house)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "text", "contract"),
    [
        ("kernel/clock.py", "import sekisho.people.queries\n", "Rooms import downwards only"),
        (
            "register/services.py",
            "\n\ndef hidden() -> None:\n    from sekisho.people import queries\n    queries.head_count()\n",
            "Rooms import downwards only",
        ),
        ("newroom/__init__.py", "", "Rooms import downwards only"),
        ("people/queries.py", "from sekisho.estate.models import System\n", "Only estate touches the tables"),
        ("estate/views.py", "from sekisho.register.models import Event\n", "Only register touches the tables"),
        ("people/rules.py", "from django.conf import settings\n", "Kernel, trust and rules know no framework"),
        ("kernel/ids.py", "import django.utils.timezone\n", "Kernel, trust and rules know no framework"),
        ("estate/queries/rows.py", "import sekisho.estate.views\n", "Inside an app"),
    ],
)
def test_a_planted_violation_is_found(house: Path, file: str, text: str, contract: str) -> None:
    """Upward, hidden in a function, unplaced, foreign tables, a framework in rules, an entrance used from below."""
    target = house / "src" / "sekisho" / file
    target.parent.mkdir(exist_ok=True)
    with target.open("a") as source:
        source.write(text)
    result = lint(house)
    assert result.returncode == 1, result.stdout
    assert any(contract in line and "BROKEN" in line for line in result.stdout.splitlines()), result.stdout
