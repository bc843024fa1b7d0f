"""Lines as statements: the words of one line, its number and the blocks it stands in. Secrets are hidden by then."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sekisho.kernel.text import _
from sekisho.network.rules.device_configuration import DeviceConfiguration, Dialect, Fault
from sekisho.network.rules.readers.secrets import Secrets
from sekisho.network.rules.readers.source import UTF8, Source

_WORD = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+))""", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
ANYWHERE = "0.0.0.0"  # noqa: S104  # an address in a configuration, nothing is bound to it


@dataclass(frozen=True, slots=True)
class Statement:
    """One line: where it stands, the blocks around it (outermost first), its words with the secrets replaced."""

    line: int
    path: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words with single spaces between them."""
        return " ".join(self.words)


@dataclass(slots=True)
class Parsed:
    """What parsing a file left: its statements, and what could not be read."""

    statements: list[Statement] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reader:
    """How one kind of file is read: split into statements, then understood."""

    dialect: Dialect
    parse: Callable[[Source, Secrets], Parsed]
    understand: Callable[[Parsed, Secrets], DeviceConfiguration]
    encodings: tuple[str, ...] = (UTF8,)


def split_words(text: str) -> list[str]:
    """Return the words of a line; quotes hold a word together and are taken off. An open quote runs to the end."""
    if '"' not in text and "'" not in text:
        return text.split()
    return list(_quoted_words(text))


def _quoted_words(text: str) -> Iterator[str]:
    position = 0
    while match := _WORD.match(text, position):
        double, single, plain = match.groups()
        position = match.end()
        if plain is None:
            yield _ESCAPED.sub(r"\1", double if double is not None else single)
        elif plain[0] in "\"'":
            yield text[match.start(3) + 1 :]
            return
        else:
            yield plain


def open_block(line: int) -> Fault:
    """Return the fault of a block that the end of the file leaves open."""
    return Fault(line, _("The block that begins here is not closed: the file is cut off or damaged."))


def open_string(line: int) -> Fault:
    """Return the fault of a quoted text without its closing quote."""
    return Fault(line, _("The quoted text that begins here is not closed: the file is cut off or damaged."))


def stray_end(line: int) -> Fault:
    """Return the fault of an end that closes nothing."""
    return Fault(line, _("This line ends a block that was never begun: the file is damaged."))


def unread_include(line: int) -> Fault:
    """Return the fault of a reference to a file that was not handed in."""
    return Fault(line, _("Another file is included here, and it was not handed in."))


def by_path(statements: Iterable[Statement]) -> dict[tuple[str, ...], list[Statement]]:
    """Return the statements gathered by the blocks they stand in, in the order of the file."""
    found: dict[tuple[str, ...], list[Statement]] = {}
    for statement in statements:
        found.setdefault(statement.path, []).append(statement)
    return found


def starting(statements: Iterable[Statement], words: str) -> list[Statement]:
    """Return the statements that begin with these ``words``."""
    wanted = tuple(words.split())
    size = len(wanted)
    return [statement for statement in statements if statement.words[:size] == wanted]


def last(statements: Iterable[Statement], words: str) -> Statement | None:
    """Return the last statement that begins with these ``words``: it is the one in force."""
    found = starting(statements, words)
    return found[-1] if found else None
