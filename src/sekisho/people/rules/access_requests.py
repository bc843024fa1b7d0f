"""Which rights were asked for, approved, granted and confirmed, held against accounts as they are. Pure."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sekisho.kernel.access import Role
from sekisho.kernel.search import fold
from sekisho.kernel.text import Text, _
from sekisho.people.rules.account_files import LONGEST_CELL
from sekisho.people.rules.owners import Seen

# They speak for every department; a department manager speaks for the own one.
FOR_ALL = frozenset({Role.MANAGEMENT, Role.SAFETY_MANAGER})
_SEPARATORS = re.compile(r"[、，,；;|｜／/\n]")

NO_REQUEST = _("A granted request")
APPROVAL = _("Approval")
GRANTED = _("Granted on")
CONFIRMED = _("Confirmation of the result by the department")
NOT_PASSED = _("A date that has not passed")
FOR_ITS_OWNER = _("A request for its owner, not for somebody else")
BEYOND = _("Why it is more than is usual")
EACH_RIGHT = _("A request for each of its rights")
ADMINISTRATION = _("A request for its administrator rights")
SEPARATION = _("Operating and auditing in different hands")


@dataclass(frozen=True, slots=True)
class Request:
    """One role asked for one person; ``login`` and ``role`` as they are compared.

    ``since`` is the day from which it was granted, None before; ``usual`` tells that the role is usual for the
    profession, or that somebody wrote why it is needed all the same.
    """

    login: str
    person: str
    role: str
    administers: bool
    since: date | None
    until: date | None
    withdrawn: date | None
    approved: bool = True
    confirmed: bool = True
    usual: bool = True

    def may_hold(self, day: date) -> bool:
        """Tell whether the right may be there on ``day``; on the day of granting and of withdrawing it may."""
        begun = self.approved and self.since is not None and self.since <= day
        return begun and (self.until is None or day <= self.until) and (self.withdrawn is None or day <= self.withdrawn)

    def must_hold(self, day: date) -> bool:
        """Tell whether the right must be there on ``day``."""
        return self.may_hold(day) and day not in {self.since, self.withdrawn}


@dataclass(frozen=True, slots=True)
class Account:
    """An account in use as the ID ledger, or Sekisho itself, has it."""

    login: str
    owner: str | None
    rights: str
    administrator: bool


def rights_in(text: str, names: Collection[str]) -> frozenset[str]:
    """Return the rights that a system names, folded; ``names`` are known roles that may hold a separator."""
    whole = fold(text)
    if whole in names:
        return frozenset({whole})
    return frozenset(word for part in _SEPARATORS.split(text) if (word := fold(part)))


def account_lacks(account: Account, requests: Sequence[Request], day: date) -> tuple[Text, ...]:
    """Return what is missing for an account to rest on requests that were granted, confirmed and still hold."""
    if not requests:
        return (NO_REQUEST,)
    faults = {request: tuple(_request_lacks(request, account, day)) for request in requests}
    good = [request for request in requests if not faults[request]]
    if not good:
        return tuple(dict.fromkeys(fault for found in faults.values() for fault in found))
    names = {request.role for request in good}
    missing = [] if rights_in(account.rights, names) <= names else [EACH_RIGHT]
    if account.administrator and not any(request.administers for request in good):
        missing.append(ADMINISTRATION)
    return tuple(missing)


def _request_lacks(request: Request, account: Account, day: date) -> Iterator[Text]:
    if not request.approved:
        yield APPROVAL
    if request.since is None or request.since > day:
        yield GRANTED
    if not request.confirmed:
        yield CONFIRMED
    if request.until is not None and request.until < day:
        yield NOT_PASSED
    if account.owner is not None and request.person != account.owner:
        yield FOR_ITS_OWNER
    if not request.usual:
        yield BEYOND


class Difference(StrEnum):
    """How the rights of an account differ from what was granted."""

    UNGRANTED = "ungranted"
    MORE = "more"
    LESS = "less"
    ADMINISTRATOR = "administrator"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Drift:
    """The accounts that differ, by login; ``blind`` tells that of some accounts the rights could not be seen."""

    found: Mapping[str, tuple[Difference, ...]]
    blind: bool


def drift(
    seen: Iterable[Seen], requests: Iterable[Request], *, names: Collection[str], columns: Collection[str], day: date
) -> Drift:
    """Hold the working accounts that a system showed on ``day`` against what was granted then.

    ``names`` are the roles that the system is known to have, ``columns`` what it tells of its accounts.
    """
    by_login: dict[str, list[Request]] = defaultdict(list)
    for request in requests:
        by_login[request.login].append(request)
    found: dict[str, tuple[Difference, ...]] = {}
    here, blind = set(), "rights" not in columns
    for account in seen:
        here.add(account.key)
        if not account.active:
            continue
        cut = len(account.rights) >= LONGEST_CELL
        blind = blind or cut
        told = None if cut or "rights" not in columns else rights_in(account.rights, names)
        if differs := tuple(_differences(account, told, by_login.get(account.key, ()), day)):
            found[account.login] = differs
    for login, held in by_login.items():
        if login not in here and any(request.must_hold(day) for request in held):
            found[login] = (Difference.MISSING,)
    return Drift(found, blind)


def _differences(
    account: Seen, told: frozenset[str] | None, requests: Iterable[Request], day: date
) -> Iterator[Difference]:
    """``told`` are the rights that the system shows, None where it shows none or not all of them."""
    may = [request for request in requests if request.may_hold(day)]
    if not may:
        yield Difference.UNGRANTED
        return
    if told is not None and told - {request.role for request in may}:
        yield Difference.MORE
    if told is not None and {request.role for request in may if request.must_hold(day)} - told:
        yield Difference.LESS
    if account.administrator and not any(request.administers for request in may):
        yield Difference.ADMINISTRATOR


def speaks_for(roles: Collection[Role], own: object, department: object) -> bool:
    """Tell whether somebody with ``roles`` who works in ``own`` approves and confirms for ``department``."""
    if not FOR_ALL.isdisjoint(roles):
        return True
    return Role.DEPARTMENT_MANAGER in roles and department is not None and own == department


def read_professions(text: str, known: Mapping[str, str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the professions that a text names, and the words that name none; ``known`` is folded name to code."""
    words = [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
    unknown = tuple(word for word in words if fold(word) not in known)
    return frozenset(known[fold(word)] for word in words if fold(word) in known), unknown
