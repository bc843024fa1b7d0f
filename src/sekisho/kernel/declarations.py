"""What an app declares about itself, as plain data: controls, ledgers, jobs, pages, personal data and offers to ports.

Declared once at module level in the app's ``controls/<name>.py``, ``ledgers.py``, ``jobs.py``, ``urls.py``,
``holdings.py`` and ``queries.py``; found by :mod:`sekisho.kernel.registry`. Nothing here is registered by hand.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sekisho.kernel.access import Action, Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _


class Outcome(StrEnum):
    """What a check says about one subject."""

    PASS = "pass"  # noqa: S105  # a verdict, no password
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result about one subject: the observed facts and when; ``raw`` the bytes they were read from."""

    subject: Subject
    outcome: Outcome
    message: Text
    observed_at: datetime
    facts: dict[str, Json] = field(default_factory=dict)
    raw: bytes | None = None


class Severity(StrEnum):
    """How much it hurts when the control does not hold."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Control:
    """Something the platform enforces or looks at. ``id`` is ``<app>.<file name>``.

    ``check`` reads and judges, writes nothing, and yields one Finding per subject of
    ``subject_kind``; ``parameters`` are recorded with every run. It runs in a process of its own, every ``every``, and
    is ended after ``timeout``. The facts of its findings are shown to whoever may do ``facts_for`` (None: whoever may
    see checks); everybody else who sees checks gets outcome and message.
    """

    id: str
    title: Text
    subject_kind: SubjectKind
    check: Callable[[], Iterable[Finding]]
    every: timedelta
    severity: Severity
    remedy: Text
    parameters: dict[str, Json] = field(default_factory=dict)
    timeout: timedelta = timedelta(minutes=5)
    facts_for: Action | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a ledger: the model's field, its heading, and a help text for the form.

    ``listed`` columns stand in the list, ``filtered`` ones narrow it; ``expires`` is a day after which an entry in use
    has run out. What is ``after_approval`` is filled in once the entry is approved, such as the day of return: it is no
    part of what is applied for, and changing it leaves the approval standing.
    """

    field: str
    title: Text
    help: Text | None = None
    listed: bool = False
    filtered: bool = False
    expires: bool = False
    after_approval: bool = False


@dataclass(frozen=True, slots=True)
class Ledger:
    """A table people keep. ``requirements`` are ids such as ``SO-7-1``; ``review_every`` the period of its review.

    With ``actions`` (made by ``sekisho.ledgers.actions.book_actions``) it is a whole working book: list, form, history,
    exports, import, API and control come from this declaration. ``prefix`` begins the numbers of its entries and of its
    printed paper; ``group`` is where the page of all ledgers shows it, and the navigation where it is
    ``in_navigation``.

    ``may_be_empty``: there may be nothing to enter, and somebody may state so for a period. ``happens_on`` names the
    column with the day of what happened, in a ledger of events: it may be empty too, and what happened is entered once
    and not confirmed anew.

    ``follows`` runs in the transaction in which an entry was added or changed, with who did it and the entry: what
    follows from it elsewhere in the books. What it raises undoes the change.

    ``standard_lines`` names a column and those of its values of which each thing in the book has a line: they can be
    laid out all at once, to be filled in.
    """

    id: str
    title: Text
    model: type[Any]
    columns: tuple[Column, ...]
    owner_role: Role
    review_every: timedelta
    requirements: tuple[str, ...] = ()
    workflow: str | None = None
    print_layout: str = "a4-landscape"
    actions: type[Action] | None = None
    prefix: str = ""
    group: "Group | None" = None
    may_be_empty: bool = False
    happens_on: str = ""
    follows: Callable[[Actor, Any], None] | None = None
    in_navigation: bool = False
    standard_lines: tuple[str, tuple[str, ...]] = ("", ())


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a population: the ids of the subjects it belongs to, its name, and what the ledger lacks of it.

    ``confirmed_at`` is when somebody last entered or confirmed what the ledger says of it.
    """

    belongs_to: frozenset[str]
    label: str
    missing: tuple[Text, ...] = ()
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a named population a ledger covers: n/N, never a row count.

    ``measure`` yields every member of the population; one with nothing missing is covered. A facility owns all members,
    any other subject those that belong to it. ``route`` is the URL name of the page on which it is completed.
    """

    id: str
    title: Text
    population: Text
    measure: Callable[[], Iterable[Member]]
    route: str = ""


@dataclass(frozen=True, slots=True)
class RoutePart:
    """Who decides: holders of one of ``roles`` and the people behind the accounts ``people``; ``needed`` of them."""

    roles: frozenset[Role] = frozenset()
    people: frozenset[str] = frozenset()
    needed: int = 1


Content = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class RouteStep:
    """One step of a route: all its parts, side by side, before the next step begins.

    With ``where`` it is a step only for what was applied for with a content for which that holds.
    """

    title: Text
    parts: tuple[RoutePart, ...]
    where: Callable[[Content], bool] | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """Something that is applied for, and counts once it is approved.

    ``submitters`` may apply, ``approvers`` approve, send back and revoke. ``facts`` returns the content of an
    application as people read it, heading by heading; ``amend_route`` is the URL name of the form that mends one that
    was sent back. ``fits`` raises when what was applied for can no longer be approved; ``after`` runs when a decision
    is stored, and what it raises does not undo the decision.

    ``route`` holds the steps in their order; without one, a single approval by one of the ``approvers`` is enough. The
    roles of a route are among the approvers. ``carry_out`` runs in the transaction of the last approval, ``on_part`` in
    that of each before it and ``take_back`` in that of its revocation, each with who decided, the application and what
    was applied for: what they raise undoes the decision. With ``after_the_fact`` one may apply in an emergency for what
    was done already; it is to be approved within that time.
    """

    id: str
    title: Text
    submitters: frozenset[Role]
    approvers: frozenset[Role]
    facts: Callable[[Content], Sequence[tuple[Text, str]]]
    amend_route: str
    fits: Callable[[Content], None] | None = None
    after: Callable[[], None] | None = None
    route: tuple[RouteStep, ...] = ()
    carry_out: Callable[[Actor, UUID, Content], None] | None = None
    take_back: Callable[[Actor, UUID, Content], None] | None = None
    on_part: Callable[[Actor, UUID, Content], None] | None = None
    after_the_fact: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Recurring work of the worker, at most once per slot of length ``every`` (a second or more).

    ``apart`` runs it in a process of its own, which is ended after ``timeout``: for what waits on the network, or takes
    long. Such a job may be ``wanted``: asked often and cheaply whether somebody waits for it; then it runs beside its
    slots. A ``prompt`` one waits for no other: it is short, and watching or calling must go on while others take long.
    """

    id: str
    title: Text
    run: Callable[[], None]
    every: timedelta
    apart: bool = False
    timeout: timedelta = timedelta(hours=1)
    wanted: Callable[[], bool] | None = None
    prompt: bool = False


class Group(StrEnum):
    """The groups of the navigation: four as the guideline groups its chapters (SO-6-1), and the daily work."""

    WORK = "work"
    CLIENT = "client"
    SERVER = "server"
    INFRASTRUCTURE = "infrastructure"
    SECURITY = "security"
    SETTINGS = "settings"

    @property
    def label(self) -> Text:
        """The group's heading."""
        return GROUP_LABELS[self]


GROUP_LABELS: dict[Group, Text] = {
    Group.WORK: _("Work"),
    Group.CLIENT: _("Client side"),
    Group.SERVER: _("Server side"),
    Group.INFRASTRUCTURE: _("Infrastructure"),
    Group.SECURITY: _("Security"),
    Group.SETTINGS: _("Settings"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """An entry of the navigation. ``route`` is a URL name; shown only to who may do ``action``.

    ``count`` tells how many things wait there for whoever looks; nothing is shown beside the entry for none.
    """

    id: str
    title: Text
    route: str
    group: Group
    action: Action
    order: int = 100
    count: Callable[[Actor], int] | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """An app's offer to answer a port of :mod:`sekisho.kernel.ports`."""

    port: type[Any]
    implementation: object


@dataclass(frozen=True, slots=True)
class Expiry:
    """When the personal data of a holding goes: so many days after the moment from which they count.

    The facility may set other days, from ``least`` to ``most``. ``due`` counts what ``before`` has run out, ``destroy``
    destroys it and returns how many there were; it is a service, so it records what it did. ``by_hand``: not before a
    named person has said so, because it cannot be undone.
    """

    days: int
    least: int
    most: int
    counted: Text
    due: Callable[[datetime], int]
    destroy: Callable[[Actor, datetime], int]
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """Personal data that a room keeps: in which tables, whose they are, what for, and how long.

    Without an ``expiry`` they are kept for as long as the reason in ``kept`` says. What the documents say of it is in
    ``docs/ja/personal-data.md``, held against these declarations by a test.
    """

    id: str
    title: Text
    tables: tuple[type[Any], ...]
    whose: Text
    purpose: Text
    kept: Text
    expiry: Expiry | None = None
