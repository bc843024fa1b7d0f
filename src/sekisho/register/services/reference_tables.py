"""Lists for the rules of the review: looked at first, then taken whole or not at all, each in place of the one before.

The register holds that it was done, by whom, and the digest of the file; never a row of it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import in_facility
from sekisho.kernel.errors import NotFound
from sekisho.kernel.text import Text, _
from sekisho.register.actions import ReferenceAction
from sekisho.register.errors import ListInvalid, LogTooLarge
from sekisho.register.models import ListState, ReferenceList
from sekisho.register.queries.reference import list_form
from sekisho.register.rules import SubjectRef
from sekisho.register.rules.reference import LISTS, MOST_BYTES, MOST_ROWS
from sekisho.register.rules.reference_files import Reading, read_list
from sekisho.register.services.outbox import append

LONGEST_FILE_NAME = 200
KEPT_FOR = timedelta(days=1)  # while nobody has decided


@dataclass(frozen=True, slots=True)
class ListFile:
    """What is handed in: the file, the day it was right on, and the heading of each column."""

    name: str
    raw: bytes
    as_of: date
    headings: Mapping[str, str]
    delimiter: str = ","


def examine_list(*, actor: Actor, table: str, file: ListFile) -> ReferenceList:
    """Look at a list; no rule asks it yet. One of the same kind that nobody decided about is thrown away.

    Raises Forbidden, NotFound, ListInvalid, LogTooLarge, and what reading raises: LogNotText, LogHeadingWrong,
    LogLineBroken.
    """
    actor.require(ReferenceAction.EXAMINE)
    form = list_form(table)
    if file.as_of > in_facility(clock.now()).date():
        _refuse("as_of", _("The day lies in the future."))
    if len(file.raw) > MOST_BYTES:
        raise LogTooLarge(most=f"{MOST_BYTES // 1024**2} MiB")
    reading = read_list(form, file.headings, file.delimiter, file.raw)
    if not reading.rows and not reading.wrong:
        _refuse("file", _("It holds no row."))
    if len(reading.rows) > MOST_ROWS:
        raise LogTooLarge(most=f"{MOST_ROWS:,}")
    return _store(actor, table, file, reading)


def _refuse(name: str, reason: Text) -> None:
    raise ListInvalid(field=name, reason=reason)


@transaction.atomic
def _store(actor: Actor, table: str, file: ListFile, reading: Reading) -> ReferenceList:
    for row in ReferenceList.objects.select_for_update().filter(table=table, state=ListState.EXAMINED):
        _end(row, ListState.DROPPED)
    row = ReferenceList(
        table=table,
        state=ListState.EXAMINED,
        as_of=file.as_of,
        file_name=Path(file.name).name[:LONGEST_FILE_NAME],
        sha256=hashlib.sha256(file.raw).hexdigest(),
        encoding=reading.encoding.value,
        mapping={**file.headings, "delimiter": file.delimiter},
        rows=len(reading.rows),
        wrong=reading.wrong,
        faults=[[one.line, one.column, one.fault.value, one.found] for one in reading.faults],
        content="" if reading.wrong else json.dumps(reading.rows, ensure_ascii=False),
        by_id=actor.id,
        by_name=actor.name,
        handed_in_at=clock.now(),
    )
    row.save(force_insert=True)
    append(actor=actor, action=ReferenceAction.EXAMINE, subject=subject_of(row), details=facts_of(row))
    return row


@transaction.atomic
def take_list(*, actor: Actor, list_id: UUID) -> ReferenceList:
    """Let rules ask a list that was looked at, in place of the one before. Raises Forbidden, NotFound, ListInvalid."""
    actor.require(ReferenceAction.TAKE)
    row = _locked(list_id)
    if row.state != ListState.EXAMINED:
        _refuse("", _("It was decided about already."))
    if row.wrong:
        _refuse("", _("Some of its rows are wrong."))
    before = ReferenceList.objects.select_for_update().filter(table=row.table, state=ListState.CURRENT).first()
    if before is not None:
        _end(before, ListState.REPLACED)
    row.state, row.taken_at = ListState.CURRENT, clock.now()
    row.version = 1 + ReferenceList.objects.filter(table=row.table, version__gt=0).count()
    row.save(update_fields=["state", "taken_at", "version"])
    append(actor=actor, action=ReferenceAction.TAKE, subject=subject_of(row), details=facts_of(row))
    return row


@transaction.atomic
def drop_list(*, actor: Actor, list_id: UUID, reason: str) -> ReferenceList:
    """Throw a list away, one in force too; its rows are deleted. Raises Forbidden, NotFound, ListInvalid."""
    actor.require(ReferenceAction.DROP)
    row = _locked(list_id)
    if row.state not in {ListState.EXAMINED, ListState.CURRENT}:
        _refuse("", _("It was decided about already."))
    _end(row, ListState.DROPPED)
    append(actor=actor, action=ReferenceAction.DROP, subject=subject_of(row), reason=reason, details=facts_of(row))
    return row


@transaction.atomic
def forget_lists(*, actor: Actor) -> int:
    """Throw away what nobody decided about within a day; return how many these were. Raises Forbidden."""
    actor.require(ReferenceAction.DROP)
    old = ReferenceList.objects.select_for_update().filter(
        state=ListState.EXAMINED, handed_in_at__lt=clock.now() - KEPT_FOR
    )
    for row in (found := list(old)):
        _end(row, ListState.DROPPED)
        append(actor=actor, action=ReferenceAction.DROP, subject=subject_of(row), details=facts_of(row))
    return len(found)


def _locked(list_id: UUID) -> ReferenceList:
    row = ReferenceList.objects.select_for_update().filter(pk=list_id, table__in=LISTS).first()
    if row is None:
        raise NotFound
    return row


def _end(row: ReferenceList, state: ListState) -> None:
    """Keep that there was a list, and none of its rows."""
    row.state, row.content, row.faults, row.ended_at = state, "", [], clock.now()
    row.save(update_fields=["state", "content", "faults", "ended_at"])


def subject_of(row: ReferenceList) -> SubjectRef:
    """Return a list as the register names it."""
    return SubjectRef("reference_list", str(row.pk), row.table)


def facts_of(row: ReferenceList) -> dict[str, Json]:
    """Return what the register says of a list."""
    return {
        "table": row.table,
        "version": row.version,
        "file": row.file_name,
        "sha256": row.sha256,
        "as_of": row.as_of.isoformat(),
        "rows": row.rows,
        "wrong": row.wrong,
    }
