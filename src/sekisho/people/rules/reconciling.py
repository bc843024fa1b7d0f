"""What the accounts of a system come to when they are held against the staff and the ID ledger. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from sekisho.kernel.search import fold
from sekisho.kernel.text import Text, _
from sekisho.people.rules.owners import Certainty, Known, Person, Seen, StaffIndex, index_staff, match

UNUSED_AFTER = timedelta(days=90)
# Logins that no one person has, whatever the ledger says: the guideline names the first.
COMMON_LOGINS = frozenset(
    {"administrator", "admin", "root", "guest", "user", "test", "nurse", "doctor", "clinic", "共用", "共有", "外来"}
)


class Fault(StrEnum):
    """What is wrong with an account."""

    LEAVER = "leaver"
    UNUSED = "unused"
    NO_OWNER = "no_owner"
    SHARED = "shared"
    ADMINISTRATOR = "administrator"
    EXPIRED = "expired"
    DUPLICATE = "duplicate"
    UNREGISTERED = "unregistered"
    GONE = "gone"
    MOVED = "moved"

    @property
    def label(self) -> Text:
        """The fault in words."""
        return FAULT_LABELS[self]


FAULT_LABELS: dict[Fault, Text] = {
    Fault.LEAVER: _("Its owner has left, and it still works"),
    Fault.UNUSED: _("Not used for 90 days"),
    Fault.NO_OWNER: _("Nobody owns it"),
    Fault.SHARED: _("Used by several people"),
    Fault.ADMINISTRATOR: _("Administrator rights that were not granted"),
    Fault.EXPIRED: _("Its end has passed, and it still works"),
    Fault.DUPLICATE: _("One of several for the same person or login"),
    Fault.UNREGISTERED: _("In the system, not in the ledger"),
    Fault.GONE: _("In the ledger, no longer in the system"),
    Fault.MOVED: _("Its owner changed department since the rights were approved"),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """An account with everything that is wrong with it, and whose it is."""

    login: str
    name: str
    faults: tuple[Fault, ...]
    owner: str | None
    certainty: Certainty
    active: bool


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What comes out: every account, and the faults that could not be looked for because nothing tells of them."""

    judged: tuple[Judged, ...]
    blind: tuple[Fault, ...] = ()

    @property
    def faulty(self) -> tuple[Judged, ...]:
        """The accounts with something wrong."""
        return tuple(one for one in self.judged if one.faults)

    def counts(self) -> dict[str, int]:
        """Return how many accounts have each fault."""
        found = Counter(fault for one in self.judged for fault in one.faults)
        return {fault.value: found[fault] for fault in Fault}


@dataclass(frozen=True)
class _Frame:
    """What every account of one run is held against."""

    staff: StaffIndex
    known: Mapping[str, Known]
    today: date
    unused_after: timedelta
    logins: Mapping[str, int] = field(default_factory=dict)
    columns: frozenset[str] = frozenset()


def reconcile(
    seen: Iterable[Seen],
    known: Iterable[Known],
    people: Iterable[Person],
    *,
    today: date,
    columns: Iterable[str],
    unused_after: timedelta = UNUSED_AFTER,
) -> Reconciliation:
    """Hold the accounts of one system against its ledger entries and the staff.

    ``columns`` names what the system tells of its accounts. What it does not tell (last use, administrator rights, who
    owns an account) is not taken for fine: the faults that hang on it stand in ``blind``.
    """
    accounts = list(seen)
    registered = {fold(entry.login): entry for entry in known}
    frame = _Frame(
        index_staff(people),
        registered,
        today,
        unused_after,
        Counter(account.key for account in accounts),
        frozenset(columns),
    )
    judged = [_judge(account, frame) for account in accounts]
    judged = _with_doubles(judged, accounts)
    here = {account.key for account in accounts}
    gone = [_gone(entry) for key, entry in registered.items() if key not in here]
    return Reconciliation((*judged, *gone), tuple(_blind(frame.columns)))


def _blind(columns: frozenset[str]) -> Iterable[Fault]:
    if "last_used" not in columns:
        yield Fault.UNUSED
    if "administrator" not in columns:
        yield Fault.ADMINISTRATOR


def _judge(account: Seen, frame: _Frame) -> Judged:
    entry = frame.known.get(account.key)
    person, certainty = match(account, entry, frame.staff)
    faults = [Fault.UNREGISTERED] if entry is None else []
    if frame.logins[account.key] > 1:
        faults.append(Fault.DUPLICATE)
    if account.active:
        faults += _faults_of_use(account, frame) + _faults_of_owner(account, entry, person, frame.today)
        faults += _faults_of_rights(account, entry)
    owner = person.id if person else None
    return Judged(account.login, account.name, tuple(sorted(set(faults), key=_ORDER)), owner, certainty, account.active)


def _faults_of_use(account: Seen, frame: _Frame) -> list[Fault]:
    entry = frame.known.get(account.key)
    ends = [day for day in (account.expires, entry.expires if entry else None) if day is not None]
    faults = [Fault.EXPIRED] if any(day < frame.today for day in ends) else []
    if "last_used" in frame.columns and _is_unused(account, frame):
        faults.append(Fault.UNUSED)
    return faults


def _is_unused(account: Seen, frame: _Frame) -> bool:
    """An account that never was used counts from the day it was made, where the system tells it."""
    since = account.last_used or account.created
    return since is None or frame.today - since > frame.unused_after


def _faults_of_owner(account: Seen, entry: Known | None, person: Person | None, today: date) -> list[Fault]:
    shared = entry is not None and entry.shared
    if shared or (account.key in COMMON_LOGINS and (entry is None or entry.personal)):
        return [Fault.SHARED]
    if person is None:
        return [] if entry is not None and entry.held else [Fault.NO_OWNER]
    return [Fault.LEAVER] if person.until is not None and person.until < today else []


def _faults_of_rights(account: Seen, entry: Known | None) -> list[Fault]:
    granted = entry is not None and entry.administrator
    faults = [Fault.MOVED] if entry is not None and entry.moved else []
    return [*faults, Fault.ADMINISTRATOR] if account.administrator and not granted else faults


def _with_doubles(judged: list[Judged], accounts: Sequence[Seen]) -> list[Judged]:
    """Mark working accounts of one person in one system; one more with administrator rights is good practice."""
    kinds = [(one.owner, bool(account.administrator)) for one, account in zip(judged, accounts, strict=True)]
    held = Counter(kind for kind, one in zip(kinds, judged, strict=True) if one.active and one.owner)
    return [
        _with_fault(one, Fault.DUPLICATE) if one.active and one.owner and held[kind] > 1 else one
        for kind, one in zip(kinds, judged, strict=True)
    ]


def _with_fault(one: Judged, fault: Fault) -> Judged:
    faults = tuple(sorted({*one.faults, fault}, key=_ORDER))
    return Judged(one.login, one.name, faults, one.owner, one.certainty, one.active)


def _gone(entry: Known) -> Judged:
    certainty = Certainty.LEDGER if entry.owner else Certainty.NOBODY
    return Judged(entry.login, "", (Fault.GONE,), entry.owner, certainty, active=False)


_ORDER = {fault: place for place, fault in enumerate(Fault)}.__getitem__
