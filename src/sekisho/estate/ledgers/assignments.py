"""Which vendor answers for which system, and what the books about vendors say of each pair.

One paper about one system of a vendor says nothing of its other systems: each pair is a member of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sekisho.estate.models import Layer, System, Vendor
from sekisho.kernel import clock
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Ledger, Member
from sekisho.kernel.reading import once
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.books import Look, every_entry
from sekisho.ledgers.queries.keeping import expired, members

_VENDOR = _("Vendor")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A vendor and one of its systems; a vendor without any, such as a carrier; a system without a vendor."""

    vendor: Vendor | None
    system: System | None

    @property
    def label(self) -> str:
        """The names of both."""
        return " / ".join(str(one) for one in (self.vendor, self.system) if one is not None)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of both."""
        return frozenset(str(one.pk) for one in (self.vendor, self.system) if one is not None)

    def is_under(self, row: Any) -> bool:
        """Tell whether an entry holds for this pair: one that names no system holds for all of its vendor."""
        if self.vendor is None or row.vendor_id != self.vendor.pk:
            return False
        return self.system is None or row.system_id in {None, self.system.pk}


def by_vendor() -> list[Assignment]:
    """Return every open vendor with each of its systems, those of which it looks after a layer too."""
    return once("assignments by vendor", lambda: list(_by_vendor()))


def _by_vendor() -> Iterator[Assignment]:
    systems = {row.pk: row for row in System.objects.filter(closed_at=None).order_by("id")}
    layers = Layer.objects.filter(closed_at=None, system__closed_at=None).exclude(vendor=None)
    owned = {(row.vendor_id, row.pk) for row in systems.values()}
    owned |= set(layers.values_list("vendor_id", "system_id"))
    for vendor in Vendor.objects.filter(closed_at=None).order_by("id"):
        own = [Assignment(vendor, system) for key, system in systems.items() if (vendor.pk, key) in owned]
        yield from own or [Assignment(vendor, None)]


def by_system(only: Callable[[System], bool] = lambda _system: True) -> list[Assignment]:
    """Return every open system for which ``only`` holds, with each of its vendors, or with none."""
    found: list[Assignment] = []
    known = by_vendor()
    for row in System.objects.filter(closed_at=None).order_by("id"):
        if only(row):
            own = [pair for pair in known if pair.system is not None and pair.system.pk == row.pk]
            found += own or [Assignment(None, row)]
    return found


def in_force(ledger: Ledger) -> list[Any]:
    """Return the entries in use that have not run out and that somebody confirmed in time: the others hold nothing."""
    now = clock.now()
    today, rows = in_facility(now).date(), once(("entries", ledger.id), lambda: list(every_entry(ledger, Look())))
    confirmed = [row for row in rows if timedelta(0) <= now - row.confirmed_at <= ledger.review_every]
    return [row for row in confirmed if not any(True for _title in expired(ledger, row, today))]


Lacks = Callable[[Assignment, Sequence[Any]], Iterable[Text]]


def pairs(ledger: Ledger, over: Callable[[], Iterable[Assignment]], nothing: Text, lacks: Lacks) -> Iterator[Member]:
    """Yield every pair with what ``lacks`` says of its entries in force, ``nothing`` without one; and what vanished."""
    rows = in_force(ledger)
    for pair in over():
        own = [row for row in rows if pair.is_under(row)]
        if pair.vendor is None:
            missing: tuple[Text, ...] = (_VENDOR,)
        else:
            missing = tuple(lacks(pair, own)) if own else (nothing,)
        yield Member(pair.ids, pair.label, missing, min((row.confirmed_at for row in own), default=None))
    yield from members(ledger, lambda _row: (), only=lambda _row: False)
