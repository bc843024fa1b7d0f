"""Passwords that were found in breaches: a file that the operator gives, looked up on this machine without network.

Each line begins with the SHA-1 of a password in hexadecimal, the lines stand in that order, and a count may follow
after a colon: the form in which such lists are given out.
"""

import hashlib
import mmap
from pathlib import Path

from sekisho.people.errors.sign_in import BreachListUnreadable

_HASH_LENGTH = 40


def is_breached(password: str, path: Path) -> bool:
    """Tell whether a password (normalized) stands in the list at ``path``, in some twenty reads however long it is.

    Raises BreachListUnreadable for a file that cannot be read or that is no such list.
    """
    # The list is made of SHA-1 hashes; nothing is protected by it here.
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lines:
            return _search(lines, wanted)
    except (OSError, ValueError) as error:
        raise BreachListUnreadable from error


def _search(lines: mmap.mmap, wanted: bytes) -> bool:
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        start = lines.rfind(b"\n", low, middle) + 1 or low
        found = _hash_at(lines, start)
        if found == wanted:
            return True
        end = lines.find(b"\n", middle)
        if found < wanted:
            low = high if end < 0 else end + 1
        else:
            high = start
    return False


def _hash_at(lines: mmap.mmap, start: int) -> bytes:
    """Return the hash of the line that begins at ``start``. Raises ValueError for what is no hash."""
    found = lines[start : start + _HASH_LENGTH].upper()
    int(found, 16)
    if len(found) != _HASH_LENGTH:
        raise ValueError("no hash")
    return found
