"""Finding passwords that stand in plain text in configuration files and scripts. The rules are data; this applies them.

What was found leaves this module as a hit that still holds the secret, for its fingerprint only: nothing stores,
shows or logs it. Pure.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatch
from typing import Any

from sekisho.kernel.text import Text, _

MOST_IN_FILE = 200
ALONE_FOR = timedelta(days=30)
CONFIRMED_FOR = timedelta(days=365)
_FLAGS = re.IGNORECASE | re.MULTILINE
_COMMENT = re.compile(r"\s*(?:#|//|;|--|\*|<!--|'|rem\b|@rem\b|::)", re.IGNORECASE)
_MIXED = re.compile(r"[^A-Za-z.]")
# Closing signs that were written behind a value, not in it.
_TRAILING = "\"'`)]}」』>,;"
# What ends the comparison of hosts' names, not their values: a value cannot begin so.
_NO_BEGINNING = tuple(" ,)>+&|")


class Kind(StrEnum):
    """What a finding is."""

    ASSIGNMENT = "assignment"
    CONNECTION_STRING = "connection_string"
    COMMAND_LINE = "command_line"
    POWERSHELL = "powershell"
    CREDENTIAL_FILE = "credential_file"
    COMMENT = "comment"
    NETWORK_DEVICE = "network_device"
    PRIVATE_KEY = "private_key"
    TOKEN = "token"  # noqa: S105  # a kind of finding
    REVERSIBLE = "reversible"
    OTHER = "other"

    @property
    def label(self) -> Text:
        """What people call it."""
        return _LABELS[self]


_LABELS = {
    Kind.ASSIGNMENT: _("Password in a setting"),
    Kind.CONNECTION_STRING: _("Password in a connection string"),
    Kind.COMMAND_LINE: _("Password in a command"),
    Kind.POWERSHELL: _("Password in a PowerShell script"),
    Kind.CREDENTIAL_FILE: _("File of passwords"),
    Kind.COMMENT: _("Password in a comment or note"),
    Kind.NETWORK_DEVICE: _("Password of a network device"),
    Kind.PRIVATE_KEY: _("Private key without a password"),
    Kind.TOKEN: _("Key or token of a program"),
    Kind.REVERSIBLE: _("Password that anyone can turn back"),
    Kind.OTHER: _("By a rule of another tool"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: tried where a hint stands in the text and the file is of its kind or its names."""

    id: str
    kind: Kind
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    classes: frozenset[str]
    files: tuple[str, ...]
    near: re.Pattern[str] | None
    hash_ok: bool
    careful: bool


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules, which names make which kind of file, and what is no secret where one would stand."""

    rules: tuple[Rule, ...]
    files: Mapping[str, tuple[str, ...]]
    harmless: re.Pattern[str]
    hashes: re.Pattern[str]

    def kind_of_file(self, name: str) -> str:
        """Return ``code``, ``prose`` or ``config`` for a file's name without folders."""
        lowered = name.lower()
        for kind, names in self.files.items():
            if any(fnmatch(lowered, one) for one in names):
                return kind
        return "config"

    def is_for_settings(self, name: str) -> bool:
        """Tell whether a file is named, without folders, as one in which programs look for settings, or one to read."""
        return any(fnmatch(name.lower(), one) for names in self.files.values() for one in names)


@dataclass(frozen=True, slots=True)
class Hit:
    """One secret: the number of its line, the rule, and itself, which only a fingerprint is made of."""

    line: int
    rule: str
    kind: Kind
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is kept of a secret; its keyed fingerprint is ``by_value``, or else of its place, where another may come."""

    file: str
    line: int
    rule: str
    kind: str
    fingerprint: str
    by_value: bool = True

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in ("file", "line", "rule", "kind", "fingerprint", "by_value")}


def sighting_of(document: Mapping[str, Any]) -> Sighting:
    """Return what ``document`` wrote."""
    return Sighting(**document)


def read_rules(data: str) -> RuleSet:
    """Return the rules that a TOML text holds. Raises ValueError, KeyError or re.error for rules that are none."""
    found = tomllib.loads(data)
    values = found["values"]
    harmless = [rf"(?:{one})\Z" for one in values["placeholders"]] + list(values["references"])
    return RuleSet(
        rules=tuple(_rule(row) for row in found["rule"]),
        files={kind: tuple(names) for kind, names in found["files"].items()},
        harmless=_any_of(harmless),
        hashes=_any_of([rf"(?:{one})\Z" for one in values["hashes"]]),
    )


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in patterns), re.IGNORECASE)


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        id=row["id"],
        kind=Kind(row["kind"]),
        hints=tuple(row["hints"]),
        pattern=re.compile(row["pattern"], _FLAGS),
        classes=frozenset(row.get("in", ("config", "code", "prose"))),
        files=tuple(row.get("files", ())),
        near=re.compile(row["near"], re.IGNORECASE) if "near" in row else None,
        hash_ok=row.get("hash_ok", False),
        careful=row.get("careful", False),
    )


def find_secrets(name: str, text: str, rules: RuleSet, is_over: Callable[[], bool] = lambda: False) -> list[Hit]:
    """Return the secrets in the text of a file, at most ``MOST_IN_FILE``, by line; one value in one line counts once.

    ``name`` is the file's, without folders. ``is_over`` is asked before each rule; then what was found so far is all.
    """
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)
    lowered, kind, seen = text.lower(), rules.kind_of_file(name), _Lines(text)
    found: dict[tuple[int, str], Hit] = {}
    for rule in rules.rules:
        if is_over():
            break
        if not _applies(rule, name, kind, lowered):
            continue
        for match in rule.pattern.finditer(text):
            group = next(group for group, value in match.groupdict().items() if value and group.startswith("secret"))
            secret = match[group].rstrip(_TRAILING)
            if _counts(rule, rules, kind, match, secret, seen):
                hit = Hit(seen.number(match.start(group)), rule.id, rule.kind, secret)
                found.setdefault((hit.line, secret), hit)
                if len(found) >= MOST_IN_FILE:
                    break
    return sorted(found.values(), key=lambda hit: (hit.line, hit.rule))[:MOST_IN_FILE]


def _applies(rule: Rule, name: str, kind: str, lowered: str) -> bool:
    if rule.files and not any(fnmatch(name.lower(), one) for one in rule.files):
        return False
    return kind in rule.classes and any(hint in lowered for hint in rule.hints)


def _counts(rule: Rule, rules: RuleSet, kind: str, match: "re.Match[str]", secret: str, lines: "_Lines") -> bool:
    """Tell whether what stands there is a secret: no placeholder, reference or hash, and not a word of a sentence."""
    if len(secret) < 2 or secret.startswith(_NO_BEGINNING) or rules.harmless.match(secret):
        return False
    if rule.hash_ok and rules.hashes.match(secret):
        return False
    if rule.near is not None and not lines.has_near(rule.near, match.start()):
        return False
    return not (
        rule.careful and _in_a_sentence(kind, lines.text_of(match.start()), match) and not _MIXED.search(secret)
    )


def _in_a_sentence(kind: str, line: str, match: "re.Match[str]") -> bool:
    """Tell whether a value without quotes may be a word of prose: in notes and comments, unless ``=`` stands close."""
    return match["sep"] != "=" and (kind == "prose" or _COMMENT.match(line) is not None)


class _Lines:
    """Where the lines of a text begin, found once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position, self._number = 0, 1
        self._near: dict[tuple[re.Pattern[str], int, int], bool] = {}

    def number(self, position: int) -> int:
        """Return the number of the line at a position, counted from 1."""
        if position < self._position:
            self._position, self._number = 0, 1
        self._number += self._text.count("\n", self._position, position)
        self._position = position
        return self._number

    def text_of(self, position: int) -> str:
        """Return the line at a position, without its end; of a long one what stands near."""
        begin, end = self._around(position)
        return self._text[begin:end]

    def has_near(self, pattern: "re.Pattern[str]", position: int) -> bool:
        """Tell whether a pattern stands in the line at a position; of a long one near it. Each part is asked once."""
        key = (pattern, *self._around(position))
        if key not in self._near:
            self._near[key] = pattern.search(self._text[key[1] : key[2]]) is not None
        return self._near[key]

    def _around(self, position: int) -> tuple[int, int]:
        """Return begin and end of the line; of a long one those of a block with its neighbours."""
        block = position - position % _NEAR
        least, most = max(block - _NEAR, 0), min(block + 2 * _NEAR, len(self._text))
        begin, end = self._text.rfind("\n", least, position), self._text.find("\n", position, most)
        return (least if begin < 0 else begin + 1), (most if end < 0 else end)


_NEAR = 1000


def decoded(data: bytes, *, is_named_so: bool = False) -> str | None:
    """Return the text of a file as Windows and Unix write it in Japan; None for what is no text.

    UTF-8, UTF-16 with its mark, CP932, EUC-JP; what remains unreadable in one of them is replaced, never dropped. Zero
    bytes do not hide a text: one that is text for the most part, or ``is_named_so``, is read without them.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" in data[:8192]:
        return data.decode("utf-16", "replace")
    if b"\0" in data[:8192]:
        text = _without_mark(data)
        # Of packed or compiled data every ninth byte is a control sign, of a text few are.
        is_text = is_named_so or len(data[:8192].translate(None, _CONTROLS)) >= len(data[:8192]) * 0.95
        if text is not None or not is_text:
            return text
        # Every second byte: letters of two bytes each. Else something stands between words.
        data = data.replace(b"\0", b"" if data.count(0) > len(data) * 0.25 else b" ")
    for encoding in ("utf-8-sig", _japanese(data)):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp932", "replace")


def _japanese(data: bytes) -> str:
    """Return whether Japanese in it is EUC-JP: its katakana, read as CP932, would be rows of half-width signs."""
    return "euc_jp" if data.count(b"\xa5") > 2 and b"\x83" not in data and b"\x82" not in data else "cp932"


_CONTROLS = bytes(sign for sign in range(32) if sign not in b"\t\n\f\r\x1b")


def _without_mark(data: bytes) -> str | None:
    """Return the text of UTF-16 without its mark, which is ASCII for the greater part; else it is binary."""
    head = data[:8192]
    if len(head) >= 4 and head[1::2].count(0) > len(head) * 0.4 and 0 not in head[::2]:
        return data.decode("utf-16-le", "replace")
    return None


def counted(sightings: Sequence[Sighting]) -> Iterator[tuple[str, int]]:
    """Yield each kind with how often it was found, the kinds in their order."""
    for kind in Kind:
        number = sum(one.kind == kind for one in sightings)
        if number:
            yield kind.value, number
