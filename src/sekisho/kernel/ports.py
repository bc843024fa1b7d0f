"""What lower apps may ask of higher ones without importing them: who is who, what is judged, lookup tables.

An app that knows the answer offers it with a Provider in its ``queries.py``; the asker gets it from
the registry. Nobody offers it: the asker says "unknown", never "fine".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Protocol, runtime_checkable

from sekisho.kernel.access import Action, Role


@dataclass(frozen=True, slots=True)
class Person:
    """One member of staff as other apps need to know them; ``id`` is the staff UUID as text.

    ``active`` tells that they work here today, ``can_sign_in`` that one of their accounts works; ``accounts`` holds the
    ids of all, disabled ones too.
    """

    id: str
    name: str
    kana: str
    department: str | None
    roles: frozenset[Role]
    active: bool
    accounts: frozenset[str] = frozenset()
    can_sign_in: bool = False


@runtime_checkable
class Directory(Protocol):
    """Who is who."""

    def person(self, person_id: str) -> Person | None:
        """Return one person, or None."""
        ...

    def person_of(self, account_id: str) -> Person | None:
        """Return the person an account belongs to, or None."""
        ...

    def person_by_login(self, login: str, system_id: str) -> Person | None:
        """Return who uses ``login`` in another system, in any of them where ``system_id`` is empty.

        None where nobody is known, or where systems know more than one person by it.
        """
        ...

    def holders(self, role: Role) -> Sequence[Person]:
        """Return the active people who hold ``role`` today, by name."""
        ...


class SubjectKind(StrEnum):
    """What a requirement is judged per."""

    FACILITY = "facility"
    SYSTEM = "system"
    LAYER = "layer"
    ENDPOINT = "endpoint"
    LINK = "link"
    VENDOR = "vendor"
    DEVICE_GROUP = "device_group"


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that is judged; ``facts`` are what applicability rules ask about."""

    kind: SubjectKind
    id: str
    label: str
    facts: Mapping[str, str | bool | int | None] = field(default_factory=dict)


@runtime_checkable
class SubjectProvider(Protocol):
    """What is judged."""

    def kinds(self) -> frozenset[SubjectKind]:
        """Return the kinds of subject this provider knows."""
        ...

    def subjects(self, kind: SubjectKind) -> Iterable[Subject]:
        """Return the present subjects of ``kind``, in a stable order."""
        ...


@runtime_checkable
class DeclaredEmergencies(Protocol):
    """The emergencies that management declared, and that did not end yet."""

    def in_force(self) -> str | None:
        """Return the name of the declared emergency that is in force now, or None."""
        ...


@runtime_checkable
class Usage(Protocol):
    """Who uses an entry of a lower room, asked before the entry is closed."""

    def users_of(self, kind: str, entry_id: str) -> Sequence[str]:
        """Return the names of what uses the entry, at most ten; empty when nothing does."""
        ...


@runtime_checkable
class ProgramInterface(Protocol):
    """What programs may be allowed to do through the API."""

    def actions(self) -> Mapping[str, Sequence[Action]]:
        """Return the actions of the API's operations, each once, by the room they belong to."""
        ...


class Trouble(StrEnum):
    """What can be wrong with the platform itself."""

    LOG = "log"
    REGISTER = "register"
    DISK = "disk"
    CERTIFICATE = "certificate"
    CERTIFICATE_REFUSED = "certificate_refused"


class Grade(IntEnum):
    """How soon people hear of a trouble: in the digest, or at once by day, or at once at any hour."""

    KNOW = 0
    WEEK = 1
    DAY = 2
    NOW = 3


@dataclass(frozen=True, slots=True)
class Troubled:
    """A trouble that there is now. ``about`` tells one from another of its kind; a new one of ``parts`` is worse.

    ``until`` is the day it is about, such as the end of a certificate.
    """

    trouble: Trouble
    grade: Grade
    since: datetime
    about: str = ""
    parts: frozenset[str] = frozenset()
    until: date | None = None


@runtime_checkable
class PlatformTroubles(Protocol):
    """How it stands with the platform itself."""

    def troubles(self, now: datetime) -> Sequence[Troubled]:
        """Return what is wrong at ``now``, as far as it can be seen."""
        ...


@runtime_checkable
class ReferenceTable(Protocol):
    """A lookup table for review rules (staff, rosters, patients under special watch)."""

    name: str
    columns: tuple[str, ...]

    def rows(self) -> Iterable[tuple[object, ...]]:
        """Return the rows in the order of ``columns``."""
        ...
