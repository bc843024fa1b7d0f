"""What the systems say of their accounts, held against the ledger and the staff; and the reviews of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from sekisho.estate.queries import subjects as estate
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.dates import in_facility
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.search import fold
from sekisho.people.models import (
    AccountKind,
    AccountReview,
    AccountSnapshot,
    AccountSource,
    Disposition,
    ReviewItem,
    Staff,
    SystemAccount,
    User,
)
from sekisho.people.queries.access_requests import moved_logins
from sekisho.people.queries.people import held_grants, today
from sekisho.people.rules.account_files import accounts_in
from sekisho.people.rules.owners import Known, Person, Seen
from sekisho.people.rules.reconciling import Fault, Reconciliation, reconcile

PAGE_SIZE = 50
PLATFORM_KIND = "platform"
# A reason to keep an account counts until the next review of the ledger is due.
KEPT_FOR = timedelta(days=180)
_OWN_COLUMNS = ("login", "name", "state", "administrator", "last_used", "expires", "created")
_PERSONAL = {AccountKind.STAFF, AccountKind.CONTRACTOR, AccountKind.MAINTENANCE}


def systems() -> list[Subject]:
    """Return every open system."""
    provider: SubjectProvider = estate.implementation  # type: ignore[assignment]  # the estate's own offer
    return list(provider.subjects(SubjectKind.SYSTEM))


def system(system_id: UUID) -> Subject:
    """Return one open system. Raises NotFound."""
    found = next((one for one in systems() if one.id == str(system_id)), None)
    if found is None:
        raise NotFound
    return found


def source_of(system_id: UUID) -> AccountSource | None:
    """Return how the accounts of a system are read, None before anybody said it."""
    return AccountSource.objects.filter(system_id=system_id).first()


def directory_sources() -> list[AccountSource]:
    """Return the sources that are fetched by themselves, of systems still in use."""
    rows = AccountSource.objects.filter(kind="directory", system__closed_at=None)
    return list(rows.select_related("system").order_by("system_id"))


def newest_snapshots() -> dict[str, AccountSnapshot]:
    """Return the newest snapshot of each system, by its id; the accounts themselves are left in the database."""
    found: dict[str, AccountSnapshot] = {}
    for row in AccountSnapshot.objects.defer("content").order_by("taken_on", "recorded_at"):
        found[str(row.system_id)] = row
    return found


def newest_snapshot(system_id: UUID) -> AccountSnapshot | None:
    """Return the newest snapshot of a system, None before there is one."""
    rows = AccountSnapshot.objects.defer("content").filter(system_id=system_id)
    return rows.order_by("-taken_on", "-recorded_at").first()


def snapshot(snapshot_id: UUID) -> AccountSnapshot:
    """Return one snapshot. Raises NotFound."""
    row: AccountSnapshot | None = AccountSnapshot.objects.select_related("system").filter(pk=snapshot_id).first()
    if row is None:
        raise NotFound
    return row


def snapshots_of(system_id: UUID, page: int) -> "Page[Any]":
    """Return one page of a system's snapshots, the newest first."""
    rows = AccountSnapshot.objects.defer("content").filter(system_id=system_id)
    return Paginator(rows.order_by("-taken_on", "-recorded_at"), PAGE_SIZE).get_page(page)


def everybody() -> list[Person]:
    """Return all staff, leavers too, as accounts are matched with them."""
    rows = Staff.objects.order_by("id").values_list("id", "staff_number", "name", "kana", "employed_until")
    return [Person(str(pk), number or "", name, kana, until) for pk, number, name, kana, until in rows.iterator()]


def known_accounts(system_id: UUID) -> Iterator[Known]:
    """Yield the entries in use that the ID ledger holds for a system."""
    moved = moved_logins(system_id)
    for row in SystemAccount.objects.filter(system_id=system_id, closed_at=None, struck_at=None).iterator():
        yield Known(
            id=str(row.pk),
            login=row.login,
            owner=str(row.owner_id) if row.owner_id else None,
            held=bool(row.owner_id or row.department_id or row.vendor_id),
            personal=row.kind in _PERSONAL,
            administrator=row.administrator,
            shared=row.shared,
            expires=row.expires_on,
            moved=row.login_key in moved,
        )


def unregistered(row: AccountSnapshot, most: int) -> list[tuple[Seen, str | None]]:
    """Return accounts of a snapshot that the ledger lacks, at most ``most``, each with the id of its owner or None."""
    seen = {account.key: account for account in accounts_in(row.documents)}
    lacking = [one for one in reconciled(row).judged if Fault.UNREGISTERED in one.faults]
    return [(seen[fold(one.login)], one.owner) for one in lacking[:most]]


def reconciled(row: AccountSnapshot, people: Sequence[Person] | None = None) -> Reconciliation:
    """Hold a snapshot against the ledger and the staff of today."""
    return reconcile(
        accounts_in(row.documents),
        known_accounts(row.system_id),
        everybody() if people is None else people,
        today=today(),
        columns=row.columns,
    )


def own_accounts() -> tuple[list[Seen], list[Known]]:
    """Return the accounts of this platform: as a system shows them, and as it has granted them itself."""
    operators = set(held_grants().filter(role=Role.SYSTEM_OPERATOR).values_list("staff_id", flat=True))
    seen, known = [], []
    for user in User.objects.select_related("staff").order_by("pk"):
        rules = user.staff_id in operators
        used = in_facility(user.last_login).date() if user.last_login else None
        made = in_facility(user.created_at).date()
        seen.append(Seen(user.login, user.staff.name, "", "", user.is_active, rules, used, None, made))
        personal = user.kind in _PERSONAL
        known.append(Known(str(user.pk), user.login, str(user.staff_id), True, personal, rules, False, None))  # noqa: FBT003
    return seen, known


def own_reconciliation() -> Reconciliation:
    """Hold the accounts of the platform itself against the staff of today."""
    seen, known = own_accounts()
    return reconcile(seen, known, everybody(), today=today(), columns=_OWN_COLUMNS)


def decided_to_keep(system_id: str) -> dict[str, frozenset[str]]:
    """Return for each login of a system the faults with which it may stay, by decisions that still count."""
    rows = ReviewItem.objects.filter(
        review__snapshot__system_id=system_id,
        disposition=Disposition.KEEP,
        decided_at__gte=clock.now() - KEPT_FOR,
    )
    kept: dict[str, frozenset[str]] = {}
    for login, faults in rows.order_by("decided_at").values_list("login_key", "found"):
        kept[login] = frozenset(faults.split())
    return kept


@dataclass(frozen=True, slots=True)
class Open:
    """What of a reconciliation is not settled: the counts by fault, and the logins."""

    counts: Mapping[str, int]
    logins: Sequence[str]


def still_open(found: Reconciliation, kept: Mapping[str, frozenset[str]]) -> Open:
    """Return what nobody decided to keep. A decision covers the faults it was made about, not new ones."""
    counts: Counter[str] = Counter()
    logins = []
    for one in found.faulty:
        left = {fault.value for fault in one.faults} - kept.get(fold(one.login), frozenset())
        counts.update(left)
        logins += [one.login] if left else []
    return Open(dict(sorted(counts.items())), logins)


def reviews(page: int) -> "Page[Any]":
    """Return one page of the reviews, the newest first."""
    rows = AccountReview.objects.select_related("snapshot__system").defer("snapshot__content")
    return Paginator(rows.order_by("-begun_at", "-id"), PAGE_SIZE).get_page(page)


def review(review_id: UUID) -> AccountReview:
    """Return one review. Raises NotFound."""
    rows = AccountReview.objects.select_related("snapshot__system").defer("snapshot__content")
    row = rows.filter(pk=review_id).first()
    if row is None:
        raise NotFound
    return row


def open_review_of(row: AccountSnapshot) -> AccountReview | None:
    """Return the unfinished review of a snapshot, None without one."""
    return AccountReview.objects.filter(snapshot=row, finished_at=None).first()


def items_of(row: AccountReview, *, fault: str = "", only_open: bool = False) -> "QuerySet[ReviewItem]":
    """Return the items of a review, narrowed to a fault and to those without a decision."""
    rows = ReviewItem.objects.filter(review=row).select_related("owner").order_by("place")
    if only_open:
        rows = rows.filter(disposition=Disposition.OPEN)
    return rows.filter(found__contains=f" {fault} ") if fault else rows


def page_of_items(row: AccountReview, fault: str, page: int, *, only_open: bool) -> "Page[Any]":
    """Return one page of the items of a review."""
    return Paginator(items_of(row, fault=fault, only_open=only_open), PAGE_SIZE).get_page(page)


def item(row: AccountReview, item_id: UUID) -> ReviewItem:
    """Return one item of a review. Raises NotFound."""
    found = items_of(row).filter(pk=item_id).first()
    if found is None:
        raise NotFound
    return found
