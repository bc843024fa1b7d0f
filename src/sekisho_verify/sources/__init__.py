"""Where a log is read from: a folder, a zip file, an address. Nothing read here is believed."""

from collections.abc import Iterator
from typing import Protocol


class Source(Protocol):
    """Reads the resources of one log; holds at most one of them in memory."""

    def read(self, path: str, most: int) -> bytes | None:
        """Return a resource's bytes, or None where there is none.

        Raises Refused where it is longer than ``most`` bytes or no plain file, CannotCheck where
        nothing can be read any more.
        """

    def listing(self) -> Iterator[str] | None:
        """Yield the paths of everything that lies there, or return None where nobody can know. Raises Refused."""

    def close(self) -> None:
        """Let go of files and connections."""
