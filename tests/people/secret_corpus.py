"""A labelled corpus of the files in which hospitals keep passwords, made anew from a seed.

Whoever wrote the rules wrote the corpus too: it shows that what is promised holds and what was found out stays found
out, not how often a real clinic's files are read rightly. In ``secret_corpus.txt`` a file begins with ``=== NAME``;
``@`` stands for a secret that is made (``@@``: before a real ``@``), ``~`` for a value that is none.
"""

import hashlib
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_WORDS = ("karte", "Sakura", "byouin", "Admin", "Lab", "Midori", "Pass", "welcome", "root", "kango")
_SIGNS = "!#-_.+~^"
_LETTERS = string.ascii_letters + string.digits
_CP932 = (".bat", ".txt", ".vbs", ".cmd")
HARMLESS = (
    "${DB_PASSWORD}",
    "%DB_PW%",
    "{{ vault_pw }}",
    "<password>",
    "********",
    "xxxxxxxx",
    "your_password",
    "changeme_here",
    "ENC(Zm9vYmFy)",
    "$2y$10$abcdefghijklmnopqrstuv",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "vault:secret/data/db",
    "{SSHA}0123456789abcdef",
    "@DB_PW@",
    "$6$saltsalt$0123456789abcdef",
    "pbkdf2_sha256$600000$salt$hash",
    "#{ENV}",
    "*2470C0C06DEE42FD1618BBB99005ADCA2EC9D1E1",
)


class Chance:
    """Choices that a seed decides."""

    def __init__(self, seed: int) -> None:
        self._seed, self._number = seed, 0

    def below(self, most: int) -> int:
        """Return a number from 0 to below ``most``."""
        self._number += 1
        return int.from_bytes(hashlib.sha256(f"{self._seed}:{self._number}".encode()).digest()[:8]) % most

    def one(self, of: Sequence[str]) -> str:
        """Return one of several."""
        return of[self.below(len(of))]

    def text(self, signs: str, length: int) -> str:
        """Return a text of some signs."""
        return "".join(self.one(signs) for _place in range(length))

    def password(self) -> str:
        """Return a password as people choose them, weak ones too."""
        made = self.one(_WORDS) + self.text(string.digits, (1, 2, 4)[self.below(3)])
        return made + ("" if self.below(3) else self.one(_SIGNS) + self.one(string.ascii_letters))


@dataclass(frozen=True)
class Labelled:
    """A file: its name, its bytes, the lines that hold a secret (from 1), and the secrets."""

    name: str
    data: bytes
    lines: frozenset[int]
    secrets: tuple[str, ...]


def corpus(seed: int, rounds: int) -> Iterator[Labelled]:
    """Yield every file ``rounds`` times, each time with other secrets, as Windows writes them too."""
    chance = Chance(seed)
    for number in range(rounds):
        for name, pattern in files():
            text, lines, secrets = _filled(pattern, chance)
            yield Labelled(f"{number}/{name}", _encoded(name, text, number), frozenset(lines), tuple(secrets))


def files() -> Iterator[tuple[str, str]]:
    """Yield name and pattern of every file."""
    whole = Path(__file__).with_suffix(".txt").read_text("utf-8")
    for part in whole.split("=== ")[1:]:
        name, _end, pattern = part.partition("\n")
        yield name, pattern


def _encoded(name: str, text: str, number: int) -> bytes:
    text = text.replace("\n", "\r\n") if name.endswith((*_CP932, ".reg")) else text
    if name.endswith((".reg", ".xml")) and number % 2:
        return text.encode("utf-16")
    return text.encode("cp932" if name.endswith(_CP932) or number % 3 == 2 else "utf-8")


def _filled(pattern: str, chance: Chance) -> tuple[str, list[int], list[str]]:
    lines, secrets, written = [], [], []
    for place, line in enumerate(pattern.split("\n"), 1):
        filled, made = _line(line, chance)
        written.append(filled)
        secrets += made
        lines += [place] if made else []
    return "\n".join(written), lines, secrets


def _line(line: str, chance: Chance) -> tuple[str, list[str]]:
    """Return a line with its secrets, and them. NUL keeps the place of an ``@`` that is one."""
    made: list[str] = []
    line = line.replace("clinic@isp", "clinic\0isp").replace("@echo", "\0echo")
    line = line.replace("~", chance.one(HARMLESS).replace("@", "\0"), 1)
    if 'cpassword="@' in line:
        line = line.replace("@", "@@@", 1)
    marks = (
        ("@@@", lambda: chance.text(_LETTERS, 32), ""),
        ("@7", lambda: chance.text("0123456789ABCDEF", 14), ""),
        ("@K", lambda: chance.text(_LETTERS, 64), ""),
        ("@@", chance.password, "\0"),
        ("@", chance.password, ""),
    )
    for mark, make, after in marks:
        while mark in line:
            made.append(make())
            line = line.replace(mark, made[-1] + after, 1)
    return line.replace("\0", "@"), made
