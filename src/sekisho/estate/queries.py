"""Every read of the estate that pages and other apps need."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, ForeignKey, QuerySet, Value

from sekisho.estate.models import (
    Department,
    Endpoint,
    Entry,
    Facility,
    Layer,
    LineKind,
    Link,
    System,
    SystemForm,
    SystemKind,
    Vendor,
)
from sekisho.kernel import clock, registry
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.declarations import Ledger, Member, Provider
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider, Usage
from sekisho.kernel.search import search_words
from sekisho.kernel.text import Text, _
from sekisho.register.rules import SubjectRef

PAGE_SIZE = 50


def facility() -> Facility | None:
    """Return the facility, None before it was entered."""
    return Facility.objects.first()


def entries(ledger: Ledger, text: str = "", *, closed: bool = False, page: int = 1) -> "Page[Any]":
    """Return one page of a ledger's open (or closed) entries that hold every word of ``text``, by name."""
    rows = _related(ledger).filter(closed_at__isnull=not closed)
    for word in search_words(text):
        rows = rows.filter(search_key__contains=word)
    return Paginator(rows.order_by(*_order(ledger)), PAGE_SIZE).get_page(page)


def open_entries(ledger: Ledger) -> Sequence[Any]:
    """Return every open entry of a ledger, by name: for what is printed whole."""
    return list(_related(ledger).filter(closed_at=None).order_by(*_order(ledger)))


def get_entry(ledger: Ledger, entry_id: UUID) -> Entry:
    """Return one entry of ``ledger``. Raises NotFound."""
    entry: Entry | None = _related(ledger).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    return entry


def _related(ledger: Ledger) -> "QuerySet[Any]":
    rows: QuerySet[Any] = ledger.model._default_manager.all()
    names = reference_fields(ledger.model)
    return rows.select_related(*names) if names else rows


def reference_fields(entry: Entry | type[Entry]) -> list[str]:
    """Return the names of the fields that point to other entries."""
    return [field.name for field in entry._meta.concrete_fields if isinstance(field, ForeignKey)]


def _order(ledger: Ledger) -> tuple[str, ...]:
    names = {field.name for field in ledger.model._meta.concrete_fields}
    return ("kana", "name") if "kana" in names else ("name",) if "name" in names else ("id",)


def snapshot(ledger: Ledger, entry: Entry) -> dict[str, Json]:
    """Return the entry's columns as JSON: what the register writes before and after a change."""
    return {column.field: _plain(getattr(entry, column.field)) for column in ledger.columns}


def _plain(value: Any) -> Json:
    match value:
        case "":
            return None  # an empty text and none at all are the same to a reader
        case None | bool() | int() | str():
            return value
        case date():
            return value.isoformat()
    return str(value)


def subject_ref(ledger: Ledger, entry: Entry) -> SubjectRef:
    """Return how the register names the entry."""
    return SubjectRef(type(entry).__name__.lower(), str(entry.pk), str(entry))


def users_of(entry: Entry) -> Sequence[str]:
    """Return the names of what still uses ``entry``: open entries that point to it, and what higher rooms know of.

    A system's own layers do not count: they close with it.
    """
    kind = type(entry).__name__.lower()
    offers = registry.current().offers(Usage)  # type: ignore[type-abstract]  # a port is asked for by its protocol
    names = [name for usage in offers for name in usage.users_of(kind, str(entry.pk))]
    for relation in entry._meta.related_objects:
        model = relation.related_model
        if issubclass(model, Entry) and not (isinstance(entry, System) and model is Layer):
            rows = model._default_manager.filter(**{relation.field.name: entry}, closed_at=None)
            names += [str(row) for row in rows[:10]]
    return names


def layers_of(system: System) -> Sequence[Layer]:
    """Return the layers of a system, from the user's side to the network."""
    return list(system.layers.select_related("vendor", "system").order_by("id"))


def endpoints_of(system: System) -> Sequence[Endpoint]:
    """Return the open endpoints of a system."""
    return list(system.endpoints.filter(closed_at=None).order_by("host", "port"))


def department_names() -> Sequence[tuple[UUID, str]]:
    """Return the open departments for choosing one."""
    return [(row.pk, row.name) for row in Department.objects.filter(closed_at=None).order_by("kana", "name")]


def counts() -> dict[str, int]:
    """Return how many open entries each ledger of the estate holds, by slug; one read."""
    models = {"systems": System, "endpoints": Endpoint, "links": Link, "vendors": Vendor, "departments": Department}
    open_rows = [
        model._default_manager.filter(closed_at=None).order_by().values(slug=Value(name)).annotate(number=Count("pk"))
        for name, model in models.items()
    ]
    found = open_rows[0].union(*open_rows[1:], all=True)  # a ledger without entries gives no row
    return dict.fromkeys(models, 0) | {row["slug"]: row["number"] for row in found}


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


class EstateSubjects:
    """The estate's answer to the port SubjectProvider."""

    def kinds(self) -> frozenset[SubjectKind]:
        """Return every kind but device groups, which belong to the assets."""
        return frozenset(SubjectKind) - {SubjectKind.DEVICE_GROUP}

    def subjects(self, kind: SubjectKind) -> Iterable[Subject]:
        """Return the open subjects of ``kind`` with the facts that applicability rules ask about."""
        return _SUBJECTS[kind]() if kind in _SUBJECTS else ()


def _facilities() -> Iterable[Subject]:
    for row in Facility.objects.all():
        yield Subject(SubjectKind.FACILITY, str(row.pk), row.name, {"kind": row.kind, "beds": row.beds})


def _system_facts(row: System) -> dict[str, str | bool | int | None]:
    return {
        "kind": row.kind,
        "form": row.form,
        "on_premises": row.form != SystemForm.CLOUD,
        "medical_information": row.holds_medical_information,
        "remote_maintenance": row.remote_maintenance,
        "renewal_on": row.renewal_on.isoformat() if row.renewal_on else None,
    }


def _systems() -> Iterable[Subject]:
    for row in System.objects.filter(closed_at=None).order_by("id"):
        yield Subject(SubjectKind.SYSTEM, str(row.pk), row.name, _system_facts(row))


def platform_systems() -> Sequence[Subject]:
    """Return the open entries that stand for this platform itself, as subjects."""
    rows = System.objects.filter(closed_at=None, kind=SystemKind.PLATFORM).order_by("id")
    return [Subject(SubjectKind.SYSTEM, str(row.pk), row.name, _system_facts(row)) for row in rows]


def _layers() -> Iterable[Subject]:
    for row in Layer.objects.filter(closed_at=None).select_related("system").order_by("id"):
        facts = {**_system_facts(row.system), "layer": row.kind, "system": str(row.system_id)}
        yield Subject(SubjectKind.LAYER, str(row.pk), str(row), facts)


def _endpoints() -> Iterable[Subject]:
    for row in Endpoint.objects.filter(closed_at=None).order_by("id"):
        facts: dict[str, str | bool | int | None] = {
            "host": row.host,
            "port": row.port,
            "protocol": row.protocol,
            "exposure": row.exposure,
        }
        facts |= {"system": str(row.system_id), "link": str(row.link_id) if row.link_id else None}
        yield Subject(SubjectKind.ENDPOINT, str(row.pk), str(row), facts)


def _links() -> Iterable[Subject]:
    for row in Link.objects.filter(closed_at=None).order_by("id"):
        facts: dict[str, str | bool | int | None] = {"line": row.line, "maintenance": row.used_for_maintenance}
        yield Subject(SubjectKind.LINK, str(row.pk), row.name, facts)


def _vendors() -> Iterable[Subject]:
    for row in Vendor.objects.filter(closed_at=None).order_by("id"):
        yield Subject(SubjectKind.VENDOR, str(row.pk), row.name)


_SUBJECTS = {
    SubjectKind.FACILITY: _facilities,
    SubjectKind.SYSTEM: _systems,
    SubjectKind.LAYER: _layers,
    SubjectKind.ENDPOINT: _endpoints,
    SubjectKind.LINK: _links,
    SubjectKind.VENDOR: _vendors,
}
subjects = Provider(SubjectProvider, EstateSubjects())
