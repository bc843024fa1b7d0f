"""What is taken out of the building (7①②③⑤): applied for, approved, taken out, brought back and checked."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from sekisho.assets.actions import TAKE_OUT_TITLE, TakeOutAction
from sekisho.assets.ledgers.events import (
    event_members,
    keep_allowance,
    no_case,
    noting_first_approval,
    subject_ids,
    today,
)
from sekisho.assets.models import ReturnCheck, TakeOut, TakeOutLock, Wifi
from sekisho.assets.queries.groups import group_ids
from sekisho.assets.rules.take_out import Stage, counts, stage
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Column, Content, Coverage, Group, Ledger, Member, RoutePart, RouteStep
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.ledgers.services.books import close_entry
from sekisho.ledgers.services.entry_approval import entry_workflow

_BACK = _("Came back and was checked.")
_LOST = _("Lost; the loss was reported.")


def end_what_is_done(actor: Actor, entry: TakeOut) -> None:
    """Close an approved entry that needs nothing more: it came back and was checked, or its loss was reported.

    Raises Forbidden, Conflict.
    """
    keep_allowance(entry)
    if entry.is_approved and stage(entry.course, today()) is Stage.DONE:
        reason = str(_BACK if entry.returned_on else _LOST)
        close_entry(actor=actor, ledger=TAKE_OUT, entry_id=entry.pk, version=entry.version, reason=reason)


TAKE_OUT = Ledger(
    id="assets.take_out",
    title=TAKE_OUT_TITLE,
    model=TakeOut,
    columns=(
        Column("device", _("Device"), _("From the ledger of devices, if it is one."), listed=True),
        Column("medium", _("Recording medium"), _("From the ledger of media, if it is one."), listed=True),
        Column("what", _("What else"), _("Paper, a file, something that is in no ledger."), listed=True),
        Column(
            "information",
            _("Information on it"),
            _("Whose, which items, of how many people. Write “none” if it holds none."),
        ),
        Column("purpose", _("Purpose"), _("For a vendor also: why it cannot be avoided.")),
        Column("destination", _("Where to")),
        Column("way", _("How it leaves")),
        Column("carrier", _("Carried by"), _("Who answers for it while it is out."), listed=True),
        Column("department", _("Department"), filtered=True),
        Column(
            "vendor",
            _("Vendor that takes it out"),
            _("Only where a vendor does. As a rule vendors take out no personal data; the planning manager decides."),
            filtered=True,
        ),
        Column("kept_there", _("How it is kept there"), _("Locked, alone in its room, who else gets at it.")),
        Column("out_from", _("To leave on")),
        Column("due_on", _("To be back on"), _("From the next day it is overdue."), listed=True, expires=True),
        Column("lock", _("Encryption"), filtered=True),
        Column("measures", _("Measures against loss"), _("Never left in a car, remote wipe, start-up password.")),
        Column(
            "out_on",
            _("Left on"),
            _("Fill in this and what follows once it is approved and happens."),
            listed=True,
            after_approval=True,
        ),
        Column("returned_on", _("Came back on"), after_approval=True),
        Column("wifi", _("Public Wi-Fi"), _("Ask who carried it."), after_approval=True),
        Column(
            "check_result",
            _("Check on return"),
            _("Everything there, nothing installed, scanned for malware, after public Wi-Fi before it is connected."),
            filtered=True,
            after_approval=True,
        ),
        Column("checked_by", _("Checked on return by"), after_approval=True),
        Column("check_note", _("What the check found"), after_approval=True),
        Column("lost_on", _("Lost on"), _("Loss, theft, suspected leak: follow the procedure."), after_approval=True),
        Column("loss_reported_on", _("Loss reported on"), _("To the planning manager."), after_approval=True),
        Column("note", _("Remarks"), after_approval=True),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=90),
    requirements=("SO-7-1", "SO-7-2", "SO-7-3", "SO-7-5"),
    workflow="assets.take_out",
    actions=TakeOutAction,
    prefix="TO",
    group=Group.CLIENT,
    happens_on="out_on",
    follows=end_what_is_done,
)


def _by_vendor(content: Content) -> bool:
    points_to: Any = content["points_to"]
    return points_to["vendor"] is not None


def _one_of(*roles: Role) -> tuple[RoutePart, ...]:
    return (RoutePart(frozenset(roles)),)


# 7.1: the system operator permits; 7②: what a vendor takes out, the planning manager approves.
TAKE_OUT_APPROVAL = entry_workflow(
    TAKE_OUT,
    title=_("Taking something out of the building"),
    route=(
        RouteStep(
            _("Head of the department"),
            _one_of(Role.DEPARTMENT_MANAGER, Role.DEVICE_SAFETY_MANAGER, Role.SAFETY_MANAGER, Role.MANAGEMENT),
            where=lambda content: not _by_vendor(content),
        ),
        RouteStep(_("System operator"), _one_of(Role.SYSTEM_OPERATOR, Role.SAFETY_MANAGER)),
        RouteStep(_("Planning manager"), _one_of(Role.PLANNING_MANAGER), where=_by_vendor),
    ),
    approvers=(),
    after_the_fact=timedelta(days=3),
    carry_out=noting_first_approval(TAKE_OUT),
)


def _wanted(row: TakeOut) -> Iterator[tuple[object, Text]]:
    yield row.is_approved, _("Approval")
    yield not row.left_unapproved, _("Approval before it left")
    yield row.information, _("Information on it")
    yield row.lock not in {TakeOutLock.UNKNOWN, TakeOutLock.NONE}, _("Encryption")
    yield row.measures, _("Measures against loss")
    if row.vendor_id:
        yield row.kept_there, _("How it is kept there")
    yield from _way_back(row, today())


def _way_back(row: TakeOut, day: date) -> Iterable[tuple[object, Text]]:
    at = stage(row.course, day)
    yield at is not Stage.INSIDE, _("Left on")
    yield at is not Stage.OVERDUE, _("Return: it is overdue")
    yield at is not Stage.UNCHECKED, _("Check on return")
    yield at is not Stage.LOST, _("Loss reported on")
    if row.returned_on is not None and row.device_id:
        yield row.wifi, _("Public Wi-Fi")
    if row.wifi == Wifi.YES or row.check_result == ReturnCheck.MENDED:
        yield row.check_note, _("What the check found")


def taken_out() -> Iterator[Member]:
    """Yield everything that left the building and is not done, or left within the year; or that nothing did.

    That nothing left holds for every vendor and group of devices. Where something did, the ledger says nothing of a
    vendor or a group that it does not name; what is no device that is still there counts for each group.
    """
    day, found, every_group = today(), False, group_ids()

    def is_counted(row: TakeOut) -> bool:
        return counts(row.course, day, ended=row.ended_at is not None)

    def groups(row: TakeOut | None) -> frozenset[str]:
        named = {row.device.group_id} if row and row.device else set()
        return every_group & named or every_group

    for member in event_members(TAKE_OUT, _wanted, belongs_to=("vendor",), only=is_counted, groups=groups):
        found = True
        yield member
    if not found:
        yield from no_case(TAKE_OUT, subject_ids(SubjectKind.VENDOR) | every_group)


TAKE_OUT_COVERAGE = Coverage(
    id="assets.take_out",
    title=_("Approval, protection, return and check of everything taken out"),
    population=_("Everything that is out, came back unchecked or left within a year"),
    measure=taken_out,
    route="assets:take_out",
)
