"""The archive that an export is: the events in the form asked for, a proof for each, and how to check them."""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any

from sekisho.kernel.text import Text, _
from sekisho.register.exports.dicom import audit_message
from sekisho.register.exports.fhir import audit_event
from sekisho.register.exports.tables import BOM, HEADINGS, csv_line, row
from sekisho.ui.sheet import Sheet, SheetColumn, make_workbook

_README = """\
関所の記録簿から取り出した出来事 / Events taken from the register of Sekisho

proofs/N.tlog-proof は、N 番の出来事がログにあることの証明です。出来事そのもの（記録されたままの内容）も入っています。
ほかのパソコンで次のように確かめます。鍵は、この中の log.vkey ではなく、別に受け取ったものと見比べてください。

proofs/N.tlog-proof proves that event N is in the log, and holds the event as it was recorded. To check one on another
computer (compare the key with one that you were given some other way):

    sekisho-verify --proof proofs/N.tlog-proof --key log.vkey
"""


class Format(StrEnum):
    """The forms that events are taken out in."""

    CSV = "csv"
    XLSX = "xlsx"
    FHIR = "fhir"
    DICOM = "dicom"

    @property
    def label(self) -> Text:
        """What it is called on the page."""
        return _LABELS[self]


_LABELS = {
    Format.CSV: _("CSV"),
    Format.XLSX: _("Excel"),
    Format.FHIR: _("FHIR R4 AuditEvent"),
    Format.DICOM: _("DICOM audit messages"),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """An event on its way out: its place, its bytes as logged, and what these say."""

    place: int
    entry: bytes
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """The log that the events are from, and the key to check it with in one line."""

    name: str
    key: str


def write_archive(
    file: IO[bytes],
    form: Format,
    origin: Origin,
    events: Callable[[], Iterable[Exported]],
    prove: Callable[[Exported], bytes],
) -> int:
    """Write the archive and return how many events are in it; no more than one of them is in memory at a time.

    ``events`` is asked twice, for the events and for their proofs, and must yield the same both times. An Excel file
    is made in memory.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README)
        archive.writestr("log.vkey", f"{origin.key}\n")
        _WRITERS[form](archive, origin, events())
        count = 0
        for event in events():
            archive.writestr(f"proofs/{event.place}.tlog-proof", prove(event))
            count += 1
    return count


def _write_csv(archive: zipfile.ZipFile, _origin: Origin, events: Iterable[Exported]) -> None:
    with archive.open("events.csv", "w", force_zip64=True) as member:
        member.write((BOM + csv_line([str(heading) for heading in HEADINGS])).encode())
        for event in events:
            member.write(csv_line(row(event.document, event.place)).encode("utf8", "replace"))


def _write_xlsx(archive: zipfile.ZipFile, origin: Origin, events: Iterable[Exported]) -> None:
    columns = [SheetColumn(str(heading), 16) for heading in HEADINGS]
    rows = (row(event.document, event.place) for event in events)
    sheet = Sheet(str(_("Register")), columns, rows, above=(str(_("Register")), origin.name))
    archive.writestr("events.xlsx", make_workbook([sheet], title=str(_("Register")), author="Sekisho"))


def _write_fhir(archive: zipfile.ZipFile, origin: Origin, events: Iterable[Exported]) -> None:
    with archive.open("events.fhir.json", "w", force_zip64=True) as member:
        member.write(b'{"resourceType":"Bundle","type":"collection"')
        for part in _bundle_entries(origin, events):
            member.write(part)
        member.write(b"}\n")


def _bundle_entries(origin: Origin, events: Iterable[Exported]) -> Iterator[bytes]:
    """Yield the entries of a bundle; none at all where there are no events, as FHIR has no empty lists."""
    sign = b',"entry":['
    for event in events:
        resource = audit_event(event.document, event.place, origin.name)
        entry = {"fullUrl": f"urn:uuid:{event.document['id']}", "resource": resource}
        yield sign + json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf8", "replace")
        sign = b",\n"
    if sign == b",\n":
        yield b"]"


def _write_dicom(archive: zipfile.ZipFile, origin: Origin, events: Iterable[Exported]) -> None:
    for event in events:
        archive.writestr(f"messages/{event.place}.xml", audit_message(event.document, event.place, origin.name))


_WRITERS: Mapping[Format, Callable[[zipfile.ZipFile, Origin, Iterable[Exported]], None]] = {
    Format.CSV: _write_csv,
    Format.XLSX: _write_xlsx,
    Format.FHIR: _write_fhir,
    Format.DICOM: _write_dicom,
}
