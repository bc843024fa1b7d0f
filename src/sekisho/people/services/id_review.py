"""Reading in what a system says of its accounts, and the reviews of it. Nothing here changes an account elsewhere."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import Conflict
from sekisho.kernel.search import fold
from sekisho.kernel.wording import require_visible, says_something
from sekisho.ledgers.services.books import add_entry
from sekisho.people.actions import IdReviewAction
from sekisho.people.errors.accounts import ReasonWanted, ReviewFinished, ReviewNotDone, SnapshotInFuture, SnapshotKnown
from sekisho.people.models import (
    AccountReview,
    AccountSnapshot,
    AccountSource,
    Disposition,
    Owner,
    ReviewItem,
    SourceKind,
)
from sekisho.people.queries import id_review as queries
from sekisho.people.queries import today
from sekisho.people.rules.account_files import account_document
from sekisho.people.rules.directories import read_settings
from sekisho.people.rules.owners import Seen
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services import append

AT_ONCE = 500
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class SourceData:
    """How the accounts of a system are read. ``sealed_password`` None leaves the stored one as it is."""

    kind: str = SourceKind.CSV
    columns: Mapping[str, Any] = field(default_factory=dict)
    directory: Mapping[str, Any] = field(default_factory=dict)
    interval_days: int = 31
    sealed_password: bytes | None = None


@dataclass(frozen=True, slots=True)
class SnapshotData:
    """The accounts of a system on ``taken_on``; ``origin`` names the file or directory they were read from."""

    taken_on: date
    accounts: Sequence[Seen]
    columns: Iterable[str]
    origin: str
    origin_sha256: str = ""


def system_ref(system_id: UUID, label: str) -> SubjectRef:
    """Return how the register names the system whose accounts are looked at."""
    return SubjectRef("system", str(system_id), label)


@transaction.atomic
def set_source(*, actor: Actor, system_id: UUID, version: int, data: SourceData) -> AccountSource:
    """Say how the accounts of a system are read. Raises Forbidden, NotFound, Conflict."""
    actor.require(IdReviewAction.SET_SOURCE)
    system = queries.system(system_id)
    row = AccountSource.objects.select_for_update().filter(system_id=system_id).first()
    if (row.version if row else 0) != version:
        raise Conflict
    row = row or AccountSource(system_id=system_id, version=0)
    if data.sealed_password is not None or not _same_place(row.directory, data.directory):
        row.sealed_password = data.sealed_password  # what was entered for one server is never sent to another
    row.kind, row.interval_days, row.updated_at = data.kind, data.interval_days, clock.now()
    row.columns, row.directory, row.version = dict(data.columns), dict(data.directory), version + 1
    row.save()
    details: dict[str, Json] = {
        "kind": row.kind,
        "columns": row.columns,
        "directory": row.directory,
        "interval_days": row.interval_days,
        "password_changed": data.sealed_password is not None,
    }
    subject = system_ref(system_id, system.label)
    append(actor=actor, action=IdReviewAction.SET_SOURCE, subject=subject, details=details)
    return row


def _same_place(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return bool(old and new) and read_settings(old).endpoint == read_settings(new).endpoint


@transaction.atomic
def store_snapshot(*, actor: Actor, system_id: UUID, data: SnapshotData) -> AccountSnapshot:
    """Keep what a system says of its accounts, whole. Raises Forbidden, NotFound, SnapshotInFuture, SnapshotKnown."""
    actor.require(IdReviewAction.STORE)
    return _store(actor, IdReviewAction.STORE, system_id, data)


@transaction.atomic
def store_fetched(*, actor: Actor, source_id: UUID, data: SnapshotData) -> AccountSnapshot:
    """Keep what a directory answered, and that it answered. Raises Forbidden, NotFound."""
    actor.require(IdReviewAction.FETCH)
    source = AccountSource.objects.get(pk=source_id)
    row = _store(actor, IdReviewAction.FETCH, source.system_id, data)
    AccountSource.objects.filter(pk=source_id).update(tried_at=clock.now(), trouble="")
    return row


@transaction.atomic
def note_trouble(*, actor: Actor, source_id: UUID, trouble: str) -> None:
    """Note why a directory gave nothing; what it gave before stays. Raises Forbidden."""
    actor.require(IdReviewAction.FETCH)
    source = AccountSource.objects.select_related("system").get(pk=source_id)
    AccountSource.objects.filter(pk=source_id).update(tried_at=clock.now(), trouble=trouble[:500])
    details: dict[str, Json] = {"trouble": trouble[:500]}
    subject = system_ref(source.system_id, source.system.name)
    append(actor=actor, action=IdReviewAction.FETCH, subject=subject, outcome=EventOutcome.FAILURE, details=details)


def _store(actor: Actor, action: IdReviewAction, system_id: UUID, data: SnapshotData) -> AccountSnapshot:
    system = queries.system(system_id)
    if data.taken_on > today():
        raise SnapshotInFuture(field="taken_on")
    require_visible(data.origin)
    known = AccountSnapshot.objects.filter(system_id=system_id, taken_on=data.taken_on)
    if data.origin_sha256 and known.filter(origin_sha256=data.origin_sha256).exists():
        raise SnapshotKnown
    documents = [account_document(account) for account in data.accounts]
    content = json.dumps(documents, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    row = AccountSnapshot(
        system_id=system_id,
        taken_on=data.taken_on,
        recorded_at=clock.now(),
        recorded_by=actor.name,
        origin=data.origin[:255],
        origin_sha256=data.origin_sha256,
        accounts=len(documents),
        columns=sorted(data.columns),
        content=zlib.compress(content),
        content_sha256=hashlib.sha256(content).hexdigest(),
    )
    row.save()
    details: dict[str, Json] = {
        "snapshot": str(row.pk),
        "taken_on": data.taken_on.isoformat(),
        "accounts": row.accounts,
        "origin": row.origin,
        "origin_sha256": row.origin_sha256 or None,
        "content_sha256": row.content_sha256,
    }
    append(actor=actor, action=action, subject=system_ref(system_id, system.label), details=details)
    return row


@transaction.atomic
def register_accounts(*, actor: Actor, ledger: Ledger, snapshot_id: UUID) -> int:
    """Enter up to ``AT_ONCE`` accounts of a snapshot that the ID ledger lacks; return how many.

    What the system says is entered, and whose it is as far as that was found; administrator rights are not entered as
    granted, since nobody has granted them yet. Raises Forbidden, NotFound.
    """
    actor.require(IdReviewAction.SET_SOURCE)
    row = queries.snapshot(snapshot_id)
    lacking = queries.unregistered(row, AT_ONCE)
    owners = Owner.objects.in_bulk([owner for _account, owner in lacking if owner])
    for account, owner in lacking:
        values: dict[str, Any] = {
            "system": row.system,
            "login": account.login,
            "owner": owners.get(UUID(owner)) if owner else None,
            "rights": account.rights,
            "issued_on": account.created,
            "expires_on": account.expires,
            "last_used_on": account.last_used,
            "state": "active" if account.active else "disabled",
        }
        add_entry(actor=actor, ledger=ledger, values=values)
    return len(lacking)


@transaction.atomic
def begin_review(*, actor: Actor, snapshot_id: UUID) -> AccountReview:
    """Begin a look through what was found in a snapshot; one at a time for each. Raises Forbidden, NotFound."""
    actor.require(IdReviewAction.BEGIN)
    snapshot = queries.snapshot(snapshot_id)
    present = queries.open_review_of(snapshot)
    if present is not None:
        return present
    found = queries.reconciled(snapshot)
    row = AccountReview(
        snapshot=snapshot,
        begun_at=clock.now(),
        begun_by=actor.name,
        blind=[fault.value for fault in found.blind],
    )
    row.save(force_insert=True)
    ReviewItem.objects.bulk_create(
        (
            ReviewItem(
                review=row,
                place=place,
                login=one.login,
                login_key=fold(one.login),
                name=one.name,
                found=f" {' '.join(fault.value for fault in one.faults)} ",
                owner_id=UUID(one.owner) if one.owner else None,
                certainty=one.certainty.value,
            )
            for place, one in enumerate(found.faulty, start=1)
        ),
        batch_size=_BATCH,
    )
    details: dict[str, Json] = {
        "review": str(row.pk),
        "content_sha256": snapshot.content_sha256,
        "accounts": snapshot.accounts,
        "found": dict(found.counts()),
    }
    subject = system_ref(snapshot.system_id, snapshot.system.name)
    append(actor=actor, action=IdReviewAction.BEGIN, subject=subject, details=details)
    return row


def _unfinished(review_id: UUID) -> AccountReview:
    row = AccountReview.objects.select_for_update().filter(pk=review_id).first()
    if row is None or row.finished_at is not None:
        raise ReviewFinished
    return queries.review(review_id)


@transaction.atomic
def decide_items(
    *, actor: Actor, review_id: UUID, item_ids: Sequence[UUID], disposition: str, reason: str
) -> Sequence[ReviewItem]:
    """Say what is done about accounts of a review; who keeps one says why.

    Raises Forbidden, ReviewFinished, ReasonWanted.
    """
    actor.require(IdReviewAction.DECIDE)
    row = _unfinished(review_id)
    if disposition == Disposition.KEEP and not says_something(reason):
        raise ReasonWanted(field="reason")
    require_visible(reason)
    chosen = list(queries.items_of(row).filter(pk__in=item_ids))
    now = clock.now()
    ReviewItem.objects.filter(pk__in=[one.pk for one in chosen]).update(
        disposition=Disposition(disposition), reason=reason, decided_at=now, decided_by=actor.name
    )
    decided: list[Json] = [{"login": one.login, "faults": list(one.faults)} for one in chosen]
    details: dict[str, Json] = {"review": str(row.pk), "disposition": disposition, "accounts": decided}
    subject = system_ref(row.snapshot.system_id, row.snapshot.system.name)
    append(actor=actor, action=IdReviewAction.DECIDE, subject=subject, details=details, reason=reason)
    return chosen


@transaction.atomic
def finish_review(*, actor: Actor, review_id: UUID) -> AccountReview:
    """Finish a review in which everything has its disposition. Raises Forbidden, ReviewFinished, ReviewNotDone."""
    actor.require(IdReviewAction.FINISH)
    row = _unfinished(review_id)
    left = queries.items_of(row, only_open=True).count()
    if left:
        raise ReviewNotDone(left=left)
    row.finished_at, row.finished_by = clock.now(), actor.name
    row.save(update_fields=["finished_at", "finished_by"])
    lines = queries.items_of(row).values_list("login", "found", "disposition", "reason", "decided_by")
    written = json.dumps(list(map(list, lines)), ensure_ascii=False, separators=(",", ":")).encode()
    details: dict[str, Json] = {
        "review": str(row.pk),
        "items": lines.count(),
        "items_sha256": hashlib.sha256(written).hexdigest(),
        "content_sha256": row.snapshot.content_sha256,
    }
    subject = system_ref(row.snapshot.system_id, row.snapshot.system.name)
    append(actor=actor, action=IdReviewAction.FINISH, subject=subject, details=details)
    return row
