"""Destroying personal data of people whose time has run out. It is recorded, without saying who it was."""

from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q, QuerySet

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.dates import in_facility
from sekisho.kernel.search import fold
from sekisho.people.actions import PeopleAction
from sekisho.people.models import (
    FormerPassword,
    KnownBrowser,
    OneTimeLink,
    Passkey,
    RecoveryCode,
    Session,
    SshKey,
    Staff,
    Terminal,
    TotpSecret,
    User,
)
from sekisho.people.services.staff import staff_ref
from sekisho.register.services import append

# What lets somebody in, or tells from where they came: nothing of it serves anybody once they are gone.
_OF_ACCOUNT = (Passkey, TotpSecret, RecoveryCode, FormerPassword, KnownBrowser, Session)


def former_staff(before: datetime) -> QuerySet[Staff]:
    """Return who left before that day and is still known by name."""
    return Staff.objects.filter(employed_until__lt=in_facility(before).date(), forgotten_at=None)


@transaction.atomic
def forget_former_staff(*, actor: Actor, before: datetime) -> int:
    """Destroy names, numbers, logins and keys of everybody who left before that day; return how many people.

    The rows stay, so that what they approved or were granted keeps its place. Raises Forbidden.
    """
    actor.require(PeopleAction.FORGET)
    people = list(former_staff(before).select_for_update())
    for staff in people:
        _forget(staff)
        append(actor=actor, action=PeopleAction.FORGET, subject=staff_ref(staff))
    return len(people)


def _forget(staff: Staff) -> None:
    staff.name, staff.kana, staff.staff_number = f"退職者 {staff.pk.hex[-8:]}", "", None
    staff.search_key, staff.forgotten_at = fold(staff.name), clock.now()
    staff.version += 1
    staff.save()
    SshKey.objects.filter(staff=staff).update(name="")
    for account in User.objects.filter(staff=staff):
        for table in _OF_ACCOUNT:
            table.objects.filter(user=account).delete()
        account.login, account.password = f"former-{account.pk.hex}", make_password(None)
        account.is_active = False
        account.revision += 1
        account.save()


def old_traces(before: datetime) -> tuple[QuerySet[Any], ...]:
    """Return browsers unused since then, links that ended before, and terminals that were given up before.

    A link by which an operator let somebody set up an account anew is evidence and stays with it.
    """
    ended = Q(expires_at__lt=before) | Q(used_at__lt=before) | Q(revoked_at__lt=before)
    return (
        KnownBrowser.objects.filter(last_at__lt=before),
        OneTimeLink.objects.filter(ended, reset=None),
        RecoveryCode.objects.filter(used_at__lt=before),
        Terminal.objects.filter(ended_at__lt=before),
    )


@transaction.atomic
def forget_traces(*, actor: Actor, before: datetime) -> int:
    """Destroy old traces of signing in and return how many there were. Raises Forbidden."""
    actor.require(PeopleAction.FORGET_TRACES)
    count = sum(rows.delete()[0] for rows in old_traces(before))
    if count:
        append(
            actor=actor, action=PeopleAction.FORGET_TRACES, details={"destroyed": count, "before": before.isoformat()}
        )
    return count
