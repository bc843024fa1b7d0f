"""Looking through the files of a directory for plain-text secrets: bounded, nothing followed out of it, nothing kept.

What could not be looked at is counted or named, never passed over in silence. A secret leaves this module only as a
keyed fingerprint.
"""

import errno
import hashlib
import hmac
import os
import stat
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from sekisho.kernel.canonical import Json
from sekisho.people.rules.plaintext_secrets import (
    MOST_IN_FILE,
    Hit,
    RuleSet,
    Sighting,
    decoded,
    find_secrets,
    read_rules,
)

LARGEST_FILE = 32 * 2**20
PIECE = 2 * 2**20
OVERLAP = 8 * 2**10
MOST_FILES = 100_000
MOST_BYTES = 2 * 2**30
MOST_SECONDS = 20 * 60.0
MOST_SIGHTINGS = 5_000
MOST_NAMED = 50
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PASS = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_HEAD = 8 * 2**10
_LONGEST_NAME = 300
_COUNTED = ("files", "bytes", "binary", "huge", "links", "outside", "special", "unreadable", "crowded")


@dataclass(slots=True)
class Seen:
    """What came of looking through a directory. ``bound`` names the bound that ended it, "" for none.

    ``unseen`` names, as far as there is room, what could hold a setting and was not looked at, or not to its end.
    """

    sightings: list[Sighting] = field(default_factory=list)
    counts: "Counter[str]" = field(default_factory=Counter)
    unseen: list[str] = field(default_factory=list)
    bound: str = ""
    is_read_only: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether everything that could hold a setting was looked at."""
        left_out = sum(self.counts[name] for name in ("unreadable", "huge", "outside", "crowded"))
        return not self.bound and not left_out and self.counts["files"] > 0

    def document(self) -> dict[str, Json]:
        """Return all but the sightings as JSON."""
        return {
            **{name: self.counts[name] for name in _COUNTED},
            "unseen_names": list(self.unseen),
            "bound": self.bound,
            "read_only": self.is_read_only,
        }


@cache
def secret_rules() -> RuleSet:
    """Return the rules that are delivered; compiled when they are first needed, never while pages are served."""
    return read_rules(files("sekisho.people").joinpath("profiles/plaintext-secrets.toml").read_text("utf-8"))


def fingerprint_of(key: bytes, *said: str) -> str:
    """Return 32 hexadecimal signs by which the same secret in the same file is known again; they tell nothing more."""
    return hmac.new(key, "\0".join(said).encode("utf-8", "backslashreplace"), hashlib.sha256).hexdigest()[:32]


def look_through(root: Path, *, key: bytes, most_seconds: float = MOST_SECONDS, never: Sequence[Path] = ()) -> Seen:
    """Look through all files below ``root``, a whole path of this machine without a link in any part of it.

    The directories ``never`` are not gone into, by whatever way they are reached. Raises OSError if it cannot be
    opened.
    """
    seen = Seen()
    kept_out = frozenset(_identity(one.stat()) for one in never if one.exists())
    handle = _opened(root, kept_out)
    try:
        seen.is_read_only = bool(os.fstatvfs(handle).f_flag & os.ST_RDONLY)
        until = time.monotonic() + most_seconds
        look = _Look(os.path.realpath(f"/proc/self/fd/{handle}"), seen, until, str(root), key)
        for name, folder in _files(handle, seen, kept_out):
            seen.bound = seen.bound or _reached(seen, until)
            if seen.bound:
                break
            look.at(name, folder)
    finally:
        os.close(handle)
    return seen


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _opened(root: Path, kept_out: frozenset[tuple[int, int]]) -> int:
    """Return the open directory, every part of whose path is a directory and no link. Raises OSError."""
    handle = os.open("/", _PASS)
    try:
        for part in root.parts[1:]:
            inner = os.open(part, _PASS, dir_fd=handle)
            os.close(handle)
            handle = inner
            if _identity(os.fstat(handle)) in kept_out:
                raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(root))
        return os.open(".", _OPEN | os.O_DIRECTORY, dir_fd=handle)
    finally:
        os.close(handle)


def _files(handle: int, seen: Seen, kept_out: frozenset[tuple[int, int]]) -> Iterator[tuple[str, int]]:
    """Yield every name below an open directory with the folder it lies in, links too; none is opened or followed."""

    def note(error: OSError) -> None:
        _unseen(seen, "unreadable", str(error.filename or "?"))

    for where, folders, names, folder in os.fwalk(".", dir_fd=handle, follow_symlinks=False, onerror=note):
        if _identity(os.fstat(folder)) in kept_out:
            _unseen(seen, "unreadable", where)
            folders.clear()
            continue
        folders.sort()
        # A folder that is a link stands among the folders, and is not gone into.
        linked = [name for name in folders if _is_link(name, folder)]
        for name in sorted([*names, *linked]):
            yield os.path.normpath(f"{where}/{name}"), folder


def _is_link(name: str, folder: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False  # gone meanwhile: then there is nothing to look at


def _reached(seen: Seen, until: float) -> str:
    counts = seen.counts
    bounds = {
        "files": counts["files"] + counts["binary"] + counts["huge"] >= MOST_FILES,
        "bytes": counts["bytes"] >= MOST_BYTES,
        "time": time.monotonic() >= until,
        "findings": len(seen.sightings) >= MOST_SIGHTINGS,
    }
    return next((name for name, is_reached in bounds.items() if is_reached), "")


@dataclass(frozen=True, slots=True)
class _Look:
    """Looking at one file after the other. ``real`` is the directory as links are compared with it."""

    real: str
    seen: Seen
    until: float
    root: str
    key: bytes

    def at(self, name: str, folder: int) -> None:
        """Look at what has a name in an open folder."""
        base = Path(name).name
        try:
            if _is_link(base, folder):
                self._note_link(name, folder)
                return
            pieces = _read(base, folder, self.seen)
            if pieces is None:
                return
            with pieces:
                self._through(name, pieces)
        except FileNotFoundError:
            return  # gone meanwhile: then there is nothing to look at
        except OSError:
            _unseen(self.seen, "unreadable", name)

    def _note_link(self, name: str, folder: int) -> None:
        """Count a link; one to a file or directory that is not looked at under its own name leaves something out."""
        self.seen.counts["links"] += 1
        target = Path(os.path.realpath(f"/proc/self/fd/{folder}/{Path(name).name}"))
        if not target.is_relative_to(self.real) and (target.is_file() or target.is_dir()):
            _unseen(self.seen, "outside", name)

    def _through(self, name: str, file: BinaryIO) -> None:
        """Look through an open file piece by piece, each beginning a little before the last one's end."""
        seen, shown = self.seen, _shown(name)
        base = Path(shown).name
        is_named_so = secret_rules().is_for_settings(base)
        if decoded(file.read(_HEAD), is_named_so=is_named_so) is None:
            seen.counts["binary"] += 1
            return
        if os.fstat(file.fileno()).st_size > LARGEST_FILE:
            _unseen(seen, "huge", name)
            return
        seen.counts["files"] += 1
        file.seek(0)
        found: dict[tuple[int, str], Hit] = {}
        for line, text, size in _pieces(file):
            seen.counts["bytes"] += size
            for hit in find_secrets(base, text, secret_rules(), self._is_over):
                found.setdefault((hit.line + line, hit.secret), replace(hit, line=hit.line + line))
            if self._is_over():
                seen.bound = "time"
                break
        hits = sorted(found.values(), key=lambda hit: (hit.line, hit.rule))
        if len(hits) >= MOST_IN_FILE:
            _unseen(seen, "crowded", name)
        seen.sightings += [self._sighting(shown, hit) for hit in hits[:MOST_IN_FILE]]

    def _is_over(self) -> bool:
        return time.monotonic() >= self.until

    def _sighting(self, shown: str, hit: Hit) -> Sighting:
        mark = fingerprint_of(self.key, self.root, shown, hit.rule, hit.secret)
        return Sighting(shown, hit.line, hit.rule, hit.kind.value, mark)


def _pieces(file: BinaryIO) -> Iterator[tuple[int, str, int]]:
    """Yield the pieces of a file as text, each with the number of lines before it and its bytes.

    Pieces end with a line where there is one, so that no letter of several bytes is cut.
    """
    before, kept, mark, total = 0, b"", b"", 0
    while total <= LARGEST_FILE and (new := file.read(PIECE)):
        mark = mark if total else next((one for one in _MARKS if new.startswith(one)), b"")
        total += len(new)
        data = kept + new
        cut = len(data) if mark else data.rfind(b"\n") + 1 or len(data)
        whole = data[:cut] if not mark or data.startswith(mark) else mark + data[:cut]
        yield before, decoded(whole, is_named_so=True) or "", len(new)
        # UTF-16 is cut between two bytes of a letter never: pieces and what is kept are even.
        least = max(cut - OVERLAP, 0)
        begin = least if mark else data.find(b"\n", least, cut) + 1 or least
        before += data.count(b"\n", 0, begin)
        kept = data[begin:]


_MARKS = (b"\xff\xfe", b"\xfe\xff")


def _read(name: str, folder: int, seen: Seen) -> BinaryIO | None:
    """Return an open file; None for what is none, which is counted. Raises OSError."""
    file = os.fdopen(os.open(name, _OPEN, dir_fd=folder), "rb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    seen.counts["special"] += 1
    return None


def _unseen(seen: Seen, why: str, name: str) -> None:
    seen.counts[why] += 1
    if len(seen.unseen) < MOST_NAMED:
        seen.unseen.append(_shown(os.path.normpath(name)))


def _shown(name: str) -> str:
    """Return a name as it can be stored: what is no letter is written out, and a long one is cut in front."""
    readable = os.fsencode(name).decode("utf-8", "backslashreplace")
    readable = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in readable)
    return readable if len(readable) <= _LONGEST_NAME else f"…{readable[1 - _LONGEST_NAME :]}"
