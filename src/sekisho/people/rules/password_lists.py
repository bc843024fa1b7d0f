"""Files of another system's password hashes: who has the same one as somebody else, or as themselves elsewhere. Pure.

Only hashes without a salt can be compared: equal passwords have equal ones. Salted ones are counted and thrown away.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.search import fold
from sekisho.kernel.text import _
from sekisho.trust.nt_hash import nt_hash

LARGEST = 5 * 2**20
MOST_ACCOUNTS = 50_000
SALTED = "salted"
_EMPTY_NT = nt_hash("")
_LONGEST_LOGIN = 200
# user:rid:lm:nt::: as tools for Active Directory and Windows write it.
_WINDOWS = re.compile(r"([^:]{1,200}):\d{1,10}:[0-9a-fA-F]{32}:([0-9a-fA-F]{32}):")
_PAIR = re.compile(r"([^:,\t]{1,200})[:,\t][ \t]*(\S{1,300})\s*$")
_HEXADECIMAL = {32: "md5", 40: "sha1", 64: "sha256"}
_SALTED = re.compile(
    r"\$(?:2[abxy]|5|6|y|gy|7|1|apr1|argon2(?:id|i|d))\$\S{4,}|argon2\$argon2\S{4,}|(?:pbkdf2_sha\d+|bcrypt(?:_sha256)?|scrypt)\$\S{4,}"
)


class ListUnreadable(InvalidInput):
    """A file is no list of logins with their hashes."""

    code = "people.password_list_unreadable"
    message = _("This is no list of password hashes: %(reason)s Nothing was stored.")
    hint = _("One account a line: “login:hash”, or “login:number:LM:NT:::” of Windows. At most 5 MiB.")


@dataclass(frozen=True, slots=True)
class Hashed:
    """One account: its login, the kind of its hash, and the hash, which is never stored or shown."""

    login: str
    kind: str
    value: str = field(repr=False)


def read_list(data: bytes) -> list[Hashed]:
    """Return the accounts of a file. Raises ListUnreadable; no line of the file stands in the error."""
    if len(data) > LARGEST:
        raise ListUnreadable(field="file", reason=_("it is too large."))
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ListUnreadable(field="file", reason=_("it is no text in UTF-8.")) from error
    rows = [_row(number, line) for number, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
    if not rows or len(rows) > MOST_ACCOUNTS:
        raise ListUnreadable(field="file", reason=_("it holds no account, or too many."))
    return rows


def _row(number: int, line: str) -> Hashed:
    windows = _WINDOWS.match(line)
    if windows:
        return Hashed(_login(windows[1]), "nt", windows[2].lower())
    pair = _PAIR.match(line)
    if pair and _SALTED.fullmatch(pair[2]):
        return Hashed(_login(pair[1]), SALTED, pair[2])
    kind = _HEXADECIMAL.get(len(pair[2])) if pair and re.fullmatch(r"[0-9a-fA-F]+", pair[2]) else None
    if pair is None or kind is None:
        raise ListUnreadable(field="file", reason=_("line %(number)s holds no known hash.", number=number))
    return Hashed(_login(pair[1]), kind, pair[2].lower())


def _login(text: str) -> str:
    """Return a login without the domain that Windows puts before it."""
    return text.rpartition("\\")[2].strip()[:_LONGEST_LOGIN]


def counts(rows: Iterable[Hashed]) -> dict[str, int]:
    """Return how many accounts have a hash of each kind."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[row.kind] += 1
    return dict(sorted(found.items()))


def coverage(rows: Iterable[Hashed], owners: Mapping[str, str]) -> dict[str, int]:
    """Return how many accounts of people a list names, how many of them can be compared, and whose owner is known.

    ``owners`` tell by login, as it is compared, whose it is. Computers are no people.
    """
    people = [row for row in rows if not row.login.endswith("$")]
    compared = [row for row in people if row.kind != SALTED]
    owned = sum(fold(row.login) in owners for row in compared)
    return {"accounts": len(people), "compared": len(compared), "owned": owned}


def sharing(rows: Iterable[Hashed]) -> list[list[str]]:
    """Return the groups of logins of one list that have one password; computers and empty passwords are left out."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        if row.kind != SALTED and row.value != _EMPTY_NT and not row.login.endswith("$"):
            groups[row.kind, row.value].append(row.login)
    return sorted(sorted(logins) for logins in groups.values() if len(logins) > 1)


def verifiers(rows: Iterable[Hashed], mark: Callable[[str, str], str]) -> dict[str, list[str]]:
    """Return what may be kept: for each login, as it is compared, kind and keyed mark of its hash without a salt."""
    return {fold(row.login): [row.kind, mark(row.kind, row.value)] for row in rows if row.kind != SALTED}


def verifiers_of(password: str, mark: Callable[[str, str], str]) -> Mapping[str, str]:
    """Return the mark of a password for each kind of hash."""
    data = password.encode("utf-8", "surrogatepass")
    values = {
        "nt": nt_hash(password),
        "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "sha1": hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return {kind: mark(kind, value) for kind, value in values.items()}


def same_in_both(
    one: Mapping[str, Sequence[str]],
    other: Mapping[str, Sequence[str]],
    owners: Mapping[str, str],
    other_owners: Mapping[str, str],
) -> list[tuple[str, str]]:
    """Return the pairs of logins of two systems that one person owns and that have one password.

    ``owners`` tell by login whose it is.
    """
    of_person: dict[str, list[str]] = defaultdict(list)
    for login, owner in other_owners.items():
        of_person[owner].append(login)
    return sorted(
        (login, elsewhere)
        for login, owner in owners.items()
        for elsewhere in of_person.get(owner, ())
        if login in one and one[login] == other.get(elsewhere)
    )
