"""The one source of the time. Rules get times as arguments; everything else asks here."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Something that tells the time."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """Return the computer's time in UTC."""
        return datetime.now(UTC)  # noqa: TID251  # the one place


class FixedClock:
    """A clock that stands still until it is moved; for tests and for replaying records."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """Return the moment the clock was set to."""
        return self.moment


_clock: Clock = SystemClock()


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _clock.now()


@contextmanager
def use(clock: Clock) -> Iterator[Clock]:
    """Let ``clock`` tell the time inside the block."""
    global _clock
    before, _clock = _clock, clock
    try:
        yield clock
    finally:
        _clock = before
