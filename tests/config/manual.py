"""The manual of recovery, read as an operator reads it: what each section says one sees, and the commands to copy.

The commands are run as they stand there. Only the programs of a server that a test must not touch stand aside:
``sudo`` runs the command itself, ``systemctl start`` is the first step of a start, ``install`` gives nothing away.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from tests.config.running import COMMAND, variables

MANUAL = Path(__file__).parents[2] / "docs" / "ja" / "recovery.md"
_HEADING = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^( *)```(sh|text)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_GENERATION = re.compile(r"/mnt/disk1/sekisho/sekisho-\w+-\w+")
_STAND_INS = {
    "sudo": 'while [ "${1-}" = -u ]; do shift 2; done; exec "$@"',
    "systemctl": '[ "$1" != start ] || exec {python} -P -m sekisho.config.cli process prepare --parent {parent}',
    "sekisho": 'exec {command} "$@"',
    "sekisho-verify": 'exec {python} -m sekisho_verify "$@"',
    "install": 'for place; do :; done; exec mkdir -m 700 "$place"',
}


@dataclass(frozen=True, slots=True)
class Section:
    """One section: the lines that are seen, and the blocks of commands, in order."""

    shown: tuple[str, ...]
    commands: tuple[str, ...]


def section(title: str) -> Section:
    """Return the section under the heading ``title``. Raises KeyError."""
    text = MANUAL.read_text()
    marks = [(mark[1], mark.end()) for mark in _HEADING.finditer(text)]
    ends = [*(text.rindex("\n#", 0, end) for _title, end in marks[1:]), len(text)]
    body = {found: text[start:end] for (found, start), end in zip(marks, ends, strict=True)}[title]
    blocks = [(kind, dedent(inner)) for _indent, kind, inner in _BLOCK.findall(body)]
    shown = tuple(line for kind, inner in blocks if kind == "text" for line in inner.splitlines())
    return Section(shown, tuple(inner for kind, inner in blocks if kind == "sh"))


class Operator:
    """Somebody who sits at the server and does what the manual says, in a scratch installation."""

    def __init__(self, home: Path, generation: Path, kept: Path, settings: Mapping[str, str]) -> None:
        self.home, self._generation, self._kept = home, generation, kept
        self._bin = home.parent / "bin"
        self._variables = {**variables(home, {**settings, "language": "ja"})}
        self._variables["PATH"] = f"{self._bin}:{os.environ['PATH']}"
        self._bin.mkdir()
        for name, words in _STAND_INS.items():
            program = self._bin / name
            filled = words.replace("{command}", " ".join(COMMAND)).replace("{python}", sys.executable)
            program.write_text(f"#!/bin/sh\n{filled.replace('{parent}', '$PPID')}\n")
            program.chmod(0o755)

    def here(self, text: str) -> str:
        """Return what the manual says with the places of this test in it."""
        text = _GENERATION.sub(str(self._generation), text.replace("/mnt/usb", str(self._kept)))
        text = text.replace("/opt/sekisho/current/bin/python", sys.executable).replace("/opt/sekisho/current/bin/", "")
        return text.replace("/var/lib/sekisho", str(self.home))

    def do(self, block: str, *, fails: bool = False) -> str:
        """Run one block of commands, stopping at the first that fails; return what was said."""
        script = self.here(block)
        answer = subprocess.run(
            ["sh", "-eu", "-c", script], env=self._variables, cwd="/", text=True, timeout=300, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert fails or answer.returncode == 0, f"{script}\n{answer.stdout}"
        return answer.stdout

    def sees(self, title: str) -> str:
        """Return what ``sekisho doctor`` says; it has to show what the section of the manual says one sees."""
        said = self.do("sekisho doctor", fails=True)
        for line in section(title).shown:
            assert self.here(line) in said, said
        return said

    def does(self, title: str) -> str:
        """Do everything that the section says, in order; return all that was said."""
        return "\n".join(self.do(block) for block in section(title).commands)

    def is_well(self) -> None:
        """Doctor finds nothing wrong."""
        said = self.do("sekisho doctor")
        assert "[異常]" not in said, said
