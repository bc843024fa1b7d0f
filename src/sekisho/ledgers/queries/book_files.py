"""The files of a ledger's entries: every version there is, and the bytes of one."""

import hashlib
from uuid import UUID

from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import NotFound
from sekisho.ledgers.errors import FileDamaged
from sekisho.ledgers.models import BookFile


def files_of(ledger: Ledger, entry_id: UUID) -> list[BookFile]:
    """Return every version of every file of an entry, by name, the newest version first; withdrawn ones too."""
    rows = BookFile.objects.filter(ledger=ledger.id, entry_id=entry_id).select_related("end")
    return list(rows.order_by("name", "-version"))


def get_file(ledger: Ledger, entry_id: UUID, file_id: UUID) -> BookFile:
    """Return one version of a file of this entry. Raises NotFound."""
    rows = BookFile.objects.filter(ledger=ledger.id, entry_id=entry_id).select_related("end")
    file: BookFile | None = rows.filter(pk=file_id).first()
    if file is None:
        raise NotFound
    return file


def bytes_of(file: BookFile) -> bytes:
    """Return the bytes of a version. Raises FileDamaged when they are not those that were handed in."""
    data = bytes(file.data.data)
    if hashlib.sha256(data).hexdigest() != file.data_id:
        raise FileDamaged(name=file.name)
    return data
