"""Whether a ledger is kept: no number missing, nothing run out, everything looked at in time."""

from collections.abc import Iterable

MOST_GAPS = 100


def gaps(numbers: Iterable[int], last: int) -> list[int]:
    """Return the numbers from 1 to ``last`` that no entry has, at most a hundred of them.

    Entries are closed or struck out, never deleted: a missing number is an entry that vanished past the platform.
    """
    there = set(numbers)
    missing: list[int] = []
    for number in range(1, last + 1):
        if number not in there:
            missing.append(number)
            if len(missing) == MOST_GAPS:
                break
    return missing
