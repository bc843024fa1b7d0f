"""Looking through the files of a directory for plain-text secrets: bounded, nothing followed out of it, nothing kept.

What could not be looked at is counted or named, never passed over in silence. A secret leaves this module only as a
keyed fingerprint.
"""

import hashlib
import hmac
import os
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from sekisho.kernel.canonical import Json
from sekisho.people.rules.plaintext_secrets import (
    MOST_IN_FILE,
    RuleSet,
    Sighting,
    decoded,
    find_secrets,
    read_rules,
)

LARGEST_FILE = 2 * 2**20
MOST_FILES = 100_000
MOST_BYTES = 2 * 2**30
MOST_SECONDS = 20 * 60.0
MOST_SIGHTINGS = 5_000
MOST_NAMED = 50
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LONGEST_NAME = 300


@dataclass(slots=True)
class Seen:
    """What came of looking through a directory. ``bound`` names the bound that ended it, "" for none."""

    sightings: list[Sighting] = field(default_factory=list)
    counts: "Counter[str]" = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    bound: str = ""
    is_read_only: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether everything that could hold a setting was looked at."""
        return not self.bound and not self.counts["unreadable"] and self.counts["files"] > 0

    def document(self) -> dict[str, Json]:
        """Return all but the sightings as JSON."""
        return {
            **{
                name: self.counts[name]
                for name in ("files", "bytes", "binary", "huge", "links", "special", "unreadable")
            },
            "unreadable_names": list(self.unreadable),
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


def look_through(root: Path, *, key: bytes, most_seconds: float = MOST_SECONDS) -> Seen:
    """Look through all files below ``root``, a whole path of this machine. Raises OSError if it cannot be opened."""
    seen = Seen()
    # Whatever the last part of the path is: a link instead of a directory is refused.
    handle = os.open(root, _OPEN | os.O_DIRECTORY)
    try:
        seen.is_read_only = bool(os.fstatvfs(handle).f_flag & os.ST_RDONLY)
        until = time.monotonic() + most_seconds
        for name, folder in _files(handle, seen):
            seen.bound = _reached(seen, until)
            if seen.bound:
                break
            _look_at(name, folder, seen, lambda *said: fingerprint_of(key, str(root), *said))
    finally:
        os.close(handle)
    return seen


def _files(handle: int, seen: Seen) -> Iterator[tuple[str, int]]:
    """Yield every name below an open directory with the folder it lies in; links are neither opened nor followed."""

    def note(error: OSError) -> None:
        _unreadable(seen, str(error.filename or "?"))

    for where, folders, names, folder in os.fwalk(".", dir_fd=handle, follow_symlinks=False, onerror=note):
        folders.sort()
        # A folder that is a link stands among the folders, and is not gone into.
        seen.counts["links"] += sum(_is_link(name, folder) for name in folders)
        for name in sorted(names):
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


def _look_at(name: str, folder: int, seen: Seen, mark: Callable[..., str]) -> None:
    try:
        if _is_link(Path(name).name, folder):
            seen.counts["links"] += 1
            return
        data = _read(Path(name).name, folder, seen)
    except FileNotFoundError:
        return  # gone meanwhile: then there is nothing to look at
    except OSError:
        _unreadable(seen, name)
        return
    if data is None:
        return
    text = decoded(data)
    seen.counts["bytes"] += len(data)
    if text is None:
        seen.counts["binary"] += 1
        return
    seen.counts["files"] += 1
    shown = _shown(name)
    hits = find_secrets(Path(shown).name, text, secret_rules())
    for hit in hits:
        seen.sightings.append(Sighting(shown, hit.line, hit.rule, hit.kind.value, mark(shown, hit.rule, hit.secret)))
    if len(hits) >= MOST_IN_FILE:
        seen.counts["crowded"] += 1


def _read(name: str, folder: int, seen: Seen) -> bytes | None:
    """Return the bytes of a file; None for what is none or too large, which is counted. Raises OSError."""
    handle = os.open(name, _OPEN, dir_fd=folder)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            seen.counts["special"] += 1
            return None
        if found.st_size > LARGEST_FILE:
            seen.counts["huge"] += 1
            return None
        return file.read(LARGEST_FILE + 1)


def _unreadable(seen: Seen, name: str) -> None:
    seen.counts["unreadable"] += 1
    if len(seen.unreadable) < MOST_NAMED:
        seen.unreadable.append(_shown(os.path.normpath(name)))


def _shown(name: str) -> str:
    """Return a name as it can be stored: what is no letter is written out, and a long one is cut in front."""
    readable = os.fsencode(name).decode("utf-8", "backslashreplace")
    readable = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in readable)
    return readable if len(readable) <= _LONGEST_NAME else f"…{readable[1 - _LONGEST_NAME :]}"
