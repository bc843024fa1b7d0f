"""Disposals (7⑨⑩⑪): applied for, approved, carried out, checked for remains, certified and reported."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sekisho.assets.actions import DISPOSALS_TITLE, DisposalAction
from sekisho.assets.ledgers.equipment import DEVICES
from sekisho.assets.ledgers.events import (
    event_members,
    keep_allowance,
    no_case,
    not_struck,
    noting_first_approval,
    subject_ids,
    today,
)
from sekisho.assets.ledgers.media import MEDIA
from sekisho.assets.models import Disposal, EquipmentState
from sekisho.assets.rules.disposals import counts
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.books import get_entry, number_of
from sekisho.ledgers.services.books import change_entry, close_entry
from sekisho.ledgers.services.entry_approval import entry_workflow

_FINISHED = _("Carried out, checked, certified and reported.")
_NO_DISPOSAL = _("A disposal that was carried out, in the ledger of disposals")


def end_what_is_gone(actor: Actor, entry: Disposal) -> None:
    """Once a disposal was carried out, close the entry of the device or the medium; and its own when all is on record.

    Raises Forbidden for somebody who may not keep that ledger, Conflict when somebody just changed that entry.
    """
    keep_allowance(entry)
    if entry.done_on is None:
        return
    reason = str(_("Disposed of: %(number)s", number=number_of(DISPOSALS, entry.number)))
    if entry.device_id:
        _close(actor, DEVICES, entry.device_id, reason, state=EquipmentState.DISPOSED)
    if entry.medium_id:
        _close(actor, MEDIA, entry.medium_id, reason)
    if entry.is_approved and entry.ending.is_finished:
        close_entry(actor=actor, ledger=DISPOSALS, entry_id=entry.pk, version=entry.version, reason=str(_FINISHED))


def _close(actor: Actor, ledger: Ledger, entry_id: Any, reason: str, **values: Any) -> None:
    gone = get_entry(ledger, entry_id)
    if gone.ended_at is not None:
        return
    if any(getattr(gone, name) != value for name, value in values.items()):
        gone = change_entry(
            actor=actor, ledger=ledger, entry_id=entry_id, version=gone.version, values=values, reason=reason
        )
    close_entry(actor=actor, ledger=ledger, entry_id=entry_id, version=gone.version, reason=reason)


DISPOSALS = Ledger(
    id="assets.disposals",
    title=DISPOSALS_TITLE,
    model=Disposal,
    columns=(
        Column("device", _("Device"), _("Its own entry is closed when the disposal is carried out."), listed=True),
        Column(
            "medium", _("Recording medium"), _("Its own entry is closed when the disposal is carried out."), listed=True
        ),
        Column("what", _("What else"), _("Paper, or information that a vendor stores."), listed=True),
        Column("system", _("System"), _("The system that the information belongs to."), filtered=True),
        Column("information", _("Information on it"), _("Which kind, of which period.")),
        Column("reason", _("Why it may be disposed of"), _("End of the period of keeping, copied to another medium.")),
        Column("method", _("Method of disposal"), listed=True, filtered=True),
        Column("method_note", _("Tool or standard"), _("Name and version of the tool, size of the pieces.")),
        Column("planned_on", _("Planned for"), listed=True, expires=True),
        Column("executor", _("Carried out by"), listed=True),
        Column("qualification", _("Expert knowledge of whoever does it"), _("Qualification, training, profession.")),
        Column("vendor", _("Vendor"), _("If a vendor carries it out."), filtered=True),
        Column("contract", _("Contract with the vendor"), _("Number and clause on the disposal.")),
        Column(
            "done_on",
            _("Carried out on"),
            _("Fill in this and what follows once it is approved and done."),
            listed=True,
            after_approval=True,
        ),
        Column("witness", _("Witness"), _("Who watched, or received the pictures."), after_approval=True),
        Column("residual", _("Check for remains"), filtered=True, after_approval=True),
        Column("residual_checked_by", _("Checked for remains by"), after_approval=True),
        Column("residual_note", _("How it was checked"), after_approval=True),
        Column(
            "certificate",
            _("Certificate"),
            _("Number and place of the certificate; or who of the vendor explained what."),
            after_approval=True,
        ),
        Column("certified_on", _("Date of the certificate"), after_approval=True),
        Column("reported_on", _("Reported to the planning manager on"), after_approval=True),
        Column("note", _("Remarks"), after_approval=True),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-7-9", "SO-7-10", "SO-7-11"),
    workflow="assets.disposals",
    actions=DisposalAction,
    prefix="DS",
    group=Group.CLIENT,
    happens_on="done_on",
    follows=end_what_is_gone,
)


DISPOSAL_APPROVAL = entry_workflow(
    DISPOSALS,
    title=_("Disposal"),
    approvers=(Role.PLANNING_MANAGER,),
    carry_out=noting_first_approval(DISPOSALS),
)


def _wanted(row: Disposal) -> Iterator[tuple[object, Text]]:
    yield row.is_approved, _("Approval")
    yield not row.done_unapproved, _("Approval before it was carried out")
    yield row.information, _("Information on it")
    yield row.reason, _("Why it may be disposed of")
    yield row.qualification, _("Expert knowledge of whoever does it")
    if row.vendor_id:
        yield row.contract, _("Contract with the vendor")
    yield row.done_on, _("Carried out on")
    yield row.ending.checked, _("Check for remains")
    yield row.certificate, _("Certificate")
    yield row.witness, _("Witness")
    yield row.reported_on, _("Reported to the planning manager on")


def disposed_of() -> Iterator[Member]:
    """Yield every disposal that is not finished or of the last year, and everything that is gone without one."""
    day, found = today(), False

    def is_counted(row: Disposal) -> bool:
        return counts(row.ending, day, ended=row.ended_at is not None)

    for member in event_members(DISPOSALS, _wanted, belongs_to=("system",), only=is_counted):
        found = True
        yield member
    for member in gone_without_disposal():
        found = True
        yield member
    if not found:
        yield from no_case(DISPOSALS, subject_ids(SubjectKind.SYSTEM))


def gone_without_disposal() -> Iterator[Member]:
    """Yield every device and medium that held information, is no longer there, and of which no disposal is known.

    What was lost was not disposed of; what should never have been entered was struck out.
    """
    done = [row for row in not_struck(DISPOSALS) if row.done_on is not None]
    known = {getattr(row, name) for row in done for name in ("device_id", "medium_id")}
    for ledger, is_gone in ((DEVICES, _device_is_gone), (MEDIA, _medium_is_gone)):
        for row in not_struck(ledger):
            if is_gone(row) and row.pk not in known:
                ids = frozenset({str(row.system_id)} if row.system_id else ())
                yield Member(ids, f"{number_of(ledger, row.number)} {row}", (_NO_DISPOSAL,), row.confirmed_at)


def _device_is_gone(row: Any) -> bool:
    if row.state in {EquipmentState.DISPOSED, EquipmentState.LOST}:
        return bool(row.state == EquipmentState.DISPOSED)
    return row.closed_at is not None and bool(row.holds_medical_information)


def _medium_is_gone(row: Any) -> bool:
    return row.closed_at is not None


DISPOSAL_COVERAGE = Coverage(
    id="assets.disposals",
    title=_("Approval, expert, check for remains and certificate of every disposal"),
    population=_("Disposals of the last year and unfinished ones, and whatever is gone without one"),
    measure=disposed_of,
    route="assets:disposals",
)
