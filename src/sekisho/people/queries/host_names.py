"""Reads of the host name: what it was at the last start, an open change of it, and who loses which ways in."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db.models import Count

from sekisho.people.models import AccountKind, HostChange, Passkey, RecoveryCode, TotpSecret, User
from sekisho.people.queries.accounts import may_sign_in
from sekisho.people.queries.sign_in import place
from sekisho.people.rules.host_names import WaysIn, bridge_fault


def open_change() -> HostChange | None:
    """Return the change that is prepared or going on, or None."""
    return HostChange.objects.exclude(former="").filter(finished_at=None, dropped_at=None).first()


def earlier_changes() -> Sequence[HostChange]:
    """Return the changes that are over, the newest first; the last fifty."""
    over = HostChange.objects.exclude(former="").exclude(finished_at=None, dropped_at=None)
    return list(over.order_by("-pk")[:50])


def host_at_last_start() -> str | None:
    """Return the host name that the last start found, None before the first one."""
    row = HostChange.objects.exclude(changed_at=None).order_by("-changed_at", "-pk").first()
    return row.host if row else None


def former_host() -> str:
    """Return the former name whose keys browsers can show at our address now, empty if there is none."""
    change = open_change()
    if change is None or change.changed_at is None or change.former != settings.FORMER_HOST:
        return ""
    return "" if bridge_fault(change.former, place().host, settings.PUBLIC_PORT) else change.former


def concerned(former: str, host: str) -> list[tuple[User, WaysIn]]:
    """Return whoever may sign in and has keys of ``former``, by name, with what is left to them at ``host``."""
    keys: defaultdict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for user_id, name, at in Passkey.objects.filter(held_at=None).values_list("user_id", "name", "host"):
        keys[user_id][at].append(name)
    holders = [user_id for user_id, at in keys.items() if former in at]
    apps = set(TotpSecret.objects.filter(user_id__in=holders).values_list("user_id", flat=True))
    unused = RecoveryCode.objects.filter(user_id__in=holders, used_at=None)
    codes = dict(unused.values_list("user_id").annotate(count=Count("pk")))
    users = User.objects.select_related("staff").filter(pk__in=holders).exclude(kind=AccountKind.EMERGENCY)
    return [
        (user, WaysIn(tuple(keys[user.pk][former]), len(keys[user.pk][host]), user.pk in apps, codes.get(user.pk, 0)))
        for user in users.order_by("staff__kana", "staff__name", "pk")
        if may_sign_in(user)
    ]


def ways_of(user_id: UUID | str, change: HostChange) -> WaysIn | None:
    """Return what is left to one account when ``change`` is done, None if it loses nothing."""
    keys = list(Passkey.objects.filter(held_at=None, user_id=user_id).values_list("name", "host"))
    lost = tuple(name for name, host in keys if host == change.former)
    if not lost:
        return None
    kept = sum(host == change.host for _name, host in keys)
    has_app = TotpSecret.objects.filter(user_id=user_id).exists()
    return WaysIn(lost, kept, has_app, RecoveryCode.objects.filter(user_id=user_id, used_at=None).count())
