"""Trust policies (C2SP tlog-policy): which logs, which witnesses, and how many of them must have cosigned. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sekisho_verify.errors import Malformed
from sekisho_verify.notes import Key, Kind, parse_key

MOST_POLICY_BYTES = 1024 * 1024
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
NONE = "none"


@dataclass(frozen=True, slots=True)
class Group:
    """So many of these members must have cosigned."""

    least: int
    members: tuple[str, ...]


@dataclass(slots=True)
class Policy:
    """Logs, witnesses by name, groups by name; ``quorum`` names a witness, a group or ``none``."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = ""

    def reached(self, cosigned: set[str]) -> bool:
        """Tell whether these witnesses are enough."""
        return self.quorum == NONE or self._holds(self.quorum, cosigned)

    def _holds(self, name: str, cosigned: set[str]) -> bool:
        if name in self.witnesses:
            return name in cosigned
        group = self.groups[name]
        return sum(self._holds(member, cosigned) for member in group.members) >= group.least


def parse_policy(data: bytes) -> Policy:
    """Read a policy file. Raises Malformed."""
    text = data.decode("utf8", "surrogateescape")
    if len(data) > MOST_POLICY_BYTES or _FORBIDDEN.search(text):
        raise Malformed("policy.form")
    policy = Policy()
    used: set[str] = set()
    for line in text.split("\n"):
        words = re.findall(r"[^ \t]+", line)
        if words and not words[0].startswith("#"):
            _LINES.get(words[0], _unknown)(policy, words[1:], used)
    if not policy.quorum:
        raise Malformed("policy.quorum")
    return policy


def _unknown(_policy: Policy, _words: list[str], _used: set[str]) -> None:
    raise Malformed("policy.form")


def _log(policy: Policy, words: list[str], _used: set[str]) -> None:
    if len(words) not in (1, 2):
        raise Malformed("policy.form")
    key = parse_key(words[0])
    if key.kind != Kind.ED25519:
        raise Malformed("key.kind")
    if key.public in {one.public for one in policy.logs}:
        raise Malformed("policy.twice")
    policy.logs.append(key)


def _witness(policy: Policy, words: list[str], _used: set[str]) -> None:
    if len(words) not in (2, 3):
        raise Malformed("policy.form")
    key = parse_key(words[1])
    if key.kind != Kind.COSIGNATURE:
        raise Malformed("key.kind")
    if key.public in {one.public for one in policy.witnesses.values()}:
        raise Malformed("policy.twice")
    policy.witnesses[_new_name(policy, words[0])] = key


def _group(policy: Policy, words: list[str], used: set[str]) -> None:
    if len(words) < 3:
        raise Malformed("policy.form")
    name, least, members = words[0], words[1], words[2:]
    if used & set(members) or len(set(members)) < len(members):
        raise Malformed("policy.twice")
    if not all(_defined(policy, member) for member in members):
        raise Malformed("policy.name")
    used.update(members)
    counts = {"any": 1, "all": len(members)}
    if least not in counts and not re.fullmatch(r"[1-9][0-9]{0,3}", least):
        raise Malformed("policy.form")
    number = counts.get(least) or int(least)
    if number > len(members):
        raise Malformed("policy.form")
    policy.groups[_new_name(policy, name)] = Group(number, tuple(members))


def _quorum(policy: Policy, words: list[str], _used: set[str]) -> None:
    if len(words) != 1 or policy.quorum:
        raise Malformed("policy.quorum")
    if words[0] != NONE and not _defined(policy, words[0]):
        raise Malformed("policy.name")
    policy.quorum = words[0]


def _defined(policy: Policy, name: str) -> bool:
    return name in policy.witnesses or name in policy.groups


def _new_name(policy: Policy, name: str) -> str:
    if name == NONE or _defined(policy, name):
        raise Malformed("policy.twice")
    return name


_LINES: dict[str, Callable[[Policy, list[str], set[str]], None]] = {
    "log": _log,
    "witness": _witness,
    "group": _group,
    "quorum": _quorum,
}
