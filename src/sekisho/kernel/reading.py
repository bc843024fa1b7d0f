"""One reading of the present state: what is asked for again within it is read only once."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """Let ``once`` keep what it reads until the end of this block."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once(key: Hashable, read: Callable[[], T]) -> T:
    """Return what ``read`` returns; within one reading the same ``key`` is read once. Outside of one, each time.

    Raises TypeError for an iterator: it would be empty for everybody but the first who asks.
    """
    kept = _kept.get()
    if kept is None:
        return _lasting(key, read())
    if key not in kept:
        kept[key] = _lasting(key, read())
    found: T = kept[key]
    return found


def _lasting(key: Hashable, found: T) -> T:
    if isinstance(found, Iterator):
        raise TypeError(f"what is read once is there for everybody, and an iterator is not: {key!r}")
    return found
