"""When an attempt to sign in is held back. Pure; the time is passed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class SoftlockPolicy:
    """How failures hold back further attempts: ``free`` attempts, then a wait that doubles up to ``longest``."""

    free: int
    first: timedelta
    longest: timedelta
    forget: timedelta


PASSWORD_SOFTLOCK = SoftlockPolicy(5, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24))
# From everywhere together: high enough that a stranger cannot keep the owner out for good, low enough against a swarm.
LOGIN_SOFTLOCK = SoftlockPolicy(50, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=24))
CODE_SOFTLOCK = SoftlockPolicy(5, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24))
# A whole ward sits behind one address, so an address gets many more attempts than an account.
NETWORK_SOFTLOCK = SoftlockPolicy(60, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1))


def locked_until(policy: SoftlockPolicy, failures: int, last_failure: datetime) -> datetime | None:
    """Return the moment until which attempts are refused after ``failures`` in a row, or None."""
    excess = failures - policy.free
    if excess < 0:
        return None
    return last_failure + min(policy.first * (1 << min(excess, 20)), policy.longest)


def failures_after(policy: SoftlockPolicy, failures: int, last_failure: datetime | None, moment: datetime) -> int:
    """Return the count after one more failure at ``moment``; old failures are forgotten."""
    fresh = last_failure is not None and moment - last_failure < policy.forget
    return (failures if fresh else 0) + 1
