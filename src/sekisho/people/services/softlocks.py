"""Holding back repeated failures, durably.

An attempt is counted before it is judged, so parallel guesses gain nothing.
"""

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.dates import Calendar, format_moment
from sekisho.people.errors import HeldBack
from sekisho.people.models import Softlock
from sekisho.people.rules import SoftlockPolicy, failures_after, locked_until


@transaction.atomic
def charge_attempt(key: str, policy: SoftlockPolicy) -> None:
    """Count one attempt against ``key`` as failed until :func:`clear` says otherwise. Raises HeldBack."""
    moment = clock.now()
    Softlock.objects.bulk_create([Softlock(key=key, last_failure=moment)], ignore_conflicts=True)
    lock = Softlock.objects.select_for_update().get(key=key)
    until = locked_until(policy, lock.failures, lock.last_failure)
    if until is not None and until > moment:
        raise HeldBack(until=format_moment(until, Calendar.SEIREKI, seconds=True))
    lock.failures = failures_after(policy, lock.failures, lock.last_failure, moment)
    lock.last_failure = moment
    lock.save(update_fields=["failures", "last_failure"])


def clear(*keys: str) -> None:
    """Forget the failures against ``keys``."""
    Softlock.objects.filter(key__in=keys).delete()


def password_key(login: str) -> str:
    """Return the key under which passwords for ``login`` are counted, whether or not such an account exists."""
    return f"password:{login}"


def code_key(user_id: object) -> str:
    """Return the key under which one-time codes of an account are counted."""
    return f"code:{user_id}"


def network_key(network: str | None) -> str:
    """Return the key under which attempts from one address are counted."""
    return f"network:{network or '-'}"
