"""A log in a zip file. Nothing is unpacked: each member is read into memory, up to the length a tile may have."""

import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from sekisho_verify.errors import CannotCheck, Refused

MOST_DIRECTORY_BYTES = 64 * 1024 * 1024
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_ENCRYPTED = 1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_FAILURES = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError, RuntimeError)


class Archive:
    """Reads the members of one zip file, at its top or in the one folder that holds everything."""

    def __init__(self, file: Path) -> None:
        try:
            _check_directory(file)
            self._zip = zipfile.ZipFile(file)
        except _FAILURES as error:
            raise CannotCheck("zip.unreadable", path=str(file), reason=str(error)) from error
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._strange: dict[str, str] = {}
        for member in self._zip.infolist():
            self._take(member)
        self._prefix = self._find_prefix()

    def _take(self, member: zipfile.ZipInfo) -> None:
        name = member.orig_filename
        kind = stat.S_IFMT(member.external_attr >> 16)
        if name.startswith("/") or "\\" in name or "\0" in name or ".." in name.split("/") or ":" in name:
            self._strange[name] = "zip.path"
        elif name in self._members:
            self._strange[name] = "zip.twice"
        elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            self._strange[name] = "file.kind"
        elif member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
            self._strange[name] = "zip.method"
        if not name.endswith("/"):
            self._members[name] = member

    def _find_prefix(self) -> str:
        if "checkpoint" in self._members:
            return ""
        tops = {name.partition("/")[0] for name in self._members}
        top = tops.pop() if len(tops) == 1 else ""
        return f"{top}/" if f"{top}/checkpoint" in self._members else ""

    def read(self, path: str, most: int) -> bytes | None:
        """Return a member's bytes; see Source."""
        name = self._prefix + path
        if name in self._strange:
            raise Refused(self._strange[name], path)
        member = self._members.get(name)
        if member is None:
            return None
        if member.file_size > most:
            raise Refused("file.long", path)
        try:
            with self._zip.open(member) as stream:
                data = stream.read(most + 1)
        except _FAILURES as error:
            raise Refused("zip.damaged", path) from error
        if len(data) > most:
            raise Refused("file.long", path)
        return data

    def listing(self) -> Iterator[str]:
        """Yield every member. Raises Refused at a name that would leave the folder, or that is there twice."""
        for name, code in self._strange.items():
            raise Refused(code, name)
        yield from (name.removeprefix(self._prefix) for name in self._members)

    def close(self) -> None:
        """Close the file."""
        self._zip.close()


def _check_directory(file: Path) -> None:
    """Refuse a zip file whose list of members alone would fill the memory. Raises BadZipFile, CannotCheck."""
    with file.open("rb") as stream:
        length = stream.seek(0, os.SEEK_END)
        begin = max(0, length - _END.size - 0xFFFF)
        stream.seek(begin)
        tail = stream.read(_END.size + 0xFFFF)
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < _END.size:
            raise zipfile.BadZipFile("no end of the list of members: truncated, or no zip file")
        bytes_listed = _END.unpack_from(tail, at)[5]
        where = at - _LOCATOR.size
        if where >= 0 and tail[where : where + 4] == b"PK\x06\x07":
            stream.seek(min(_LOCATOR.unpack_from(tail, where)[2], length))
            end = stream.read(_END64.size)
            bytes_listed = _END64.unpack(end)[8] if len(end) == _END64.size else length
    if bytes_listed > MOST_DIRECTORY_BYTES:
        raise CannotCheck("zip.members", path=str(file))
