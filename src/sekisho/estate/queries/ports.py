"""The estate's answers to the ports of the kernel: what is judged."""

from collections.abc import Iterable, Sequence

from sekisho.estate.models import Endpoint, Facility, Layer, Link, System, SystemForm, SystemKind, Vendor
from sekisho.kernel.declarations import Provider
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider


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
