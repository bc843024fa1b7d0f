"""Holding back repeated failures, durably.

An attempt is counted before it is judged, so parallel guesses gain nothing.
"""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.dates import Calendar, format_moment
from sekisho.people.actions import PeopleAction
from sekisho.people.errors.sign_in import HeldBack
from sekisho.people.models import Softlock
from sekisho.people.rules.softlocks import SoftlockPolicy, failures_after, locked_until
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services import append


def charge_attempt(*, actor: Actor, key: str, policy: SoftlockPolicy) -> None:
    """Count one attempt to sign in against ``key`` as failed until :func:`clear` says otherwise.

    Raises HeldBack while the wait lasts; the first refusal of each wait is recorded.
    """
    until = _charge(actor, key, policy)
    if until is not None:
        raise HeldBack(until=format_moment(until, Calendar.SEIREKI, seconds=True))


@transaction.atomic
def _charge(actor: Actor, key: str, policy: SoftlockPolicy) -> datetime | None:
    """Count the attempt and return None, or the end of the wait that refuses it."""
    moment = clock.now()
    Softlock.objects.bulk_create([Softlock(key=key, last_failure=moment)], ignore_conflicts=True)
    lock = Softlock.objects.select_for_update().get(key=key)
    until = locked_until(policy, lock.failures, lock.last_failure)
    if until is None or until <= moment:
        lock.failures = failures_after(policy, lock.failures, lock.last_failure, moment)
        lock.last_failure, lock.reported = moment, False
        lock.save(update_fields=["failures", "last_failure", "reported"])
        return None
    if not lock.reported:
        lock.reported = True
        lock.save(update_fields=["reported"])
        _record(actor, key, lock.failures)
    return until


def _record(actor: Actor, key: str, failures: int) -> None:
    """Write that a wait has begun to refuse. A name that was typed may be a password: the key is kept apart."""
    kind = key.split(":", 1)[0]
    append(
        actor=actor,
        action=PeopleAction.SIGN_IN,
        subject=SubjectRef("softlock", kind, kind),
        outcome=EventOutcome.DENIED,
        details={"code": HeldBack.code, "failures": failures},
        private={"key": key},
    )


def clear(*keys: str) -> None:
    """Forget the failures against ``keys``."""
    Softlock.objects.filter(key__in=keys).delete()


def clear_login(login: str) -> None:
    """Forget the failures against ``login`` from wherever they came."""
    Softlock.objects.filter(Q(key=login_key(login)) | Q(key__startswith=password_key(login, ""))).delete()


def refund(key: str, attempts: int) -> None:
    """Take back the charge of ``attempts`` that turned out right; what others failed stays counted."""
    Softlock.objects.filter(key=key).update(failures=Greatest(F("failures") - attempts, 0))


def forget(moment: datetime, longest: timedelta) -> int:
    """Delete rows whose last failure is older than ``longest`` before ``moment``; return how many."""
    return Softlock.objects.filter(last_failure__lt=moment - longest).delete()[0]


def login_key(login: str) -> str:
    """Return the key under which passwords for ``login`` are counted from everywhere together."""
    return f"password:{login}"


def password_key(login: str, network: str | None) -> str:
    """Return the key under which passwords for ``login`` from one address are counted; the account need not exist.

    Counted per address, so that a stranger elsewhere cannot keep the owner out. The bar is in no login name.
    """
    return f"password:{login}|{network_group(network)}"


def code_key(user_id: object) -> str:
    """Return the key under which one-time codes of an account are counted."""
    return f"code:{user_id}"


def network_key(network: str | None) -> str:
    """Return the key under which attempts from one address are counted."""
    return f"network:{network_group(network)}"


def network_group(network: str | None) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 that one IPv6 household or ward has."""
    try:
        address = ip_address(network or "")
    except ValueError:
        return network or ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, 64), strict=False))
    return str(address.ipv4_mapped if isinstance(address, IPv6Address) else address)
