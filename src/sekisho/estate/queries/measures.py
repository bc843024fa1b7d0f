"""What the lists of the estate cover: every open entry, with what it lacks."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TypeGuard
from uuid import UUID

from sekisho.estate.models import Entry, Layer, LineKind, Link, System, SystemForm, SystemKind, Vendor
from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.declarations import Member
from sekisho.kernel.text import Text, _


def happened(day: date | None) -> TypeGuard[date]:
    """Tell whether a day was entered and is not still to come: what is to be done proves nothing yet."""
    return day is not None and day <= clock.now().astimezone(FACILITY_ZONE).date()


def system_owners() -> Iterator[Member]:
    """Yield every open system; it lacks a department or a vendor. The platform comes without a vendor."""
    for row in System.objects.filter(closed_at=None).order_by("id"):
        vendor = row.vendor_id or row.kind == SystemKind.PLATFORM
        yield _member(row, (row.department_id, _("Department in charge")), (vendor, _("Vendor")))


def system_profiles() -> Iterator[Member]:
    """Yield every open system; it lacks words on what it is if its kind is "other", or the site of what stands here."""
    for row in System.objects.filter(closed_at=None).order_by("id"):
        told = row.kind != SystemKind.OTHER or row.note
        placed = row.form == SystemForm.CLOUD or row.site_id
        yield _member(row, (told, _("Remarks that say what the system is")), (placed, _("Site")))


def layer_products() -> Iterator[Member]:
    """Yield every open layer, for itself and for its system; it lacks its product or the version of it."""
    for row in Layer.objects.filter(closed_at=None).select_related("system").order_by("id"):
        wanted = (row.product, _("Product")), (row.product_version, _("Version"))
        yield _member(row, *wanted, also=(row.system_id,))


def vendor_contacts() -> Iterator[Member]:
    """Yield every open vendor; it lacks a contact person or the number for emergencies."""
    for row in Vendor.objects.filter(closed_at=None).order_by("id"):
        wanted = (row.contact, _("Contact person")), (row.emergency_telephone, _("Emergency telephone"))
        yield _member(row, *wanted)


def vendor_contracts() -> Iterator[Member]:
    """Yield every open vendor; it lacks what contract holds and where it is kept, or one that has not run out."""
    today = clock.now().astimezone(FACILITY_ZONE).date()
    for row in Vendor.objects.filter(closed_at=None).order_by("id"):
        in_force = row.contract_until is None or row.contract_until >= today
        yield _member(row, (row.contract, _("Contract")), (in_force, _("Contract in force")))


def link_particulars() -> Iterator[Member]:
    """Yield every open link; it lacks its other end or its carrier, or its site if it lies inside the facility."""
    for row in Link.objects.filter(closed_at=None).order_by("id"):
        inside = row.line in {LineKind.LAN, LineKind.WIRELESS_LAN}
        outside = (row.peer, _("Connected to")), (row.carrier_id, _("Carrier"))
        yield _member(row, (row.site_id, _("Site"))) if inside else _member(row, *outside)


def _member(row: Entry, *wanted: tuple[object, Text], also: Iterable[UUID] = ()) -> Member:
    """Return ``row`` as a member that lacks whatever is empty or blank."""
    missing = tuple(title for value, title in wanted if not str(value or "").strip())
    return Member(frozenset(map(str, (row.pk, *also))), str(row), missing, row.updated_at)
