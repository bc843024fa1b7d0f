"""Chooses how to read what was named on the command line."""

from pathlib import Path

from sekisho_verify.errors import CannotCheck
from sekisho_verify.sources import Source
from sekisho_verify.sources.archive import Archive
from sekisho_verify.sources.folder import Folder
from sekisho_verify.sources.web import Access, Web


def open_source(name: str, access: Access) -> Source:
    """Return the log in a folder, in a zip file or at an address. Raises CannotCheck."""
    if "://" in name:
        return Web(name, access)
    path = Path(name)
    if path.is_dir():
        return Folder(path)
    if path.is_file():
        return Archive(path)
    raise CannotCheck("source.missing", path=name)


def read_file(path: Path, most: int) -> bytes:
    """Return a file of the auditor's own: key, policy, head, proof, token. Raises CannotCheck."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise CannotCheck("source.unreadable", path=str(path), reason=error.strerror or str(error)) from error
    if len(data) > most:
        raise CannotCheck("source.long", path=str(path))
    return data
