"""SSH keys and passkeys of staff: one's own, everybody's for who looks after them, and those in use for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from sekisho.people.models import AccountKind, Passkey, SshKey, Staff
from sekisho.people.queries.people import today
from sekisho.people.rules.ssh_keys import in_hardware


def own_ssh_keys(staff_id: UUID) -> Sequence[SshKey]:
    """Return the keys of a person that are in use, the oldest first."""
    return list(SshKey.objects.filter(staff_id=staff_id, ended_at=None).order_by("added_at", "pk"))


def ssh_key_count(user_id: UUID | str) -> int:
    """Return how many SSH keys in use the owner of an account has."""
    return SshKey.objects.filter(staff__accounts=UUID(str(user_id)), ended_at=None).count()


def works_here(prefix: str = "") -> Q:
    """Return what holds for people who work here today; ``prefix`` leads to the person from another table."""
    day = today()
    begun = Q(**{f"{prefix}employed_from": None}) | Q(**{f"{prefix}employed_from__lte": day})
    not_over = Q(**{f"{prefix}employed_until": None}) | Q(**{f"{prefix}employed_until__gte": day})
    return begun & not_over


def keys_of_leavers() -> "QuerySet[SshKey]":
    """Return the keys in use of people whose last day has passed."""
    return SshKey.objects.filter(ended_at=None, staff__employed_until__lt=today()).select_related("staff")


@dataclass(frozen=True, slots=True)
class LoginKey:
    """A key in use, under one login of its owner; ``login`` and ``key_id`` are text."""

    login: str
    key_id: str
    kind: str
    bits: int
    blob: str
    fingerprint: str
    added_at: datetime


def keys_in_use(login: str | None = None) -> Sequence[LoginKey]:
    """Return the keys of people who work here and have a working account, by login; of one login where it is given."""
    account = Q(staff__accounts__is_active=True) & ~Q(staff__accounts__kind=AccountKind.EMERGENCY)
    if login is not None:
        account &= Q(staff__accounts__login=login)
    rows = SshKey.objects.filter(works_here("staff__") & account, ended_at=None)
    named = ("staff__accounts__login", "pk", "kind", "bits", "blob", "fingerprint", "added_at")
    found = rows.order_by("staff__accounts__login", "added_at", "pk").values_list(*named)
    return [LoginKey(name, str(key), *rest) for name, key, *rest in found]


def authorized_keys(login: str) -> str:
    """Return the keys of one login as sshd reads them (sshd(8), AUTHORIZED_KEYS); "" for nobody who works here.

    The comment is the key's id here, so that what sshd logs of a key names it.
    """
    return "".join(f"{key.kind} {key.blob} {key.key_id}\n" for key in keys_in_use(login))


@dataclass(frozen=True, slots=True)
class StaffKey:
    """One key of a person as the list of all keys shows it.

    ``model`` is the kind of an SSH key, or the AAGUID of a passkey. ``bound`` tells that it cannot leave its device;
    None where the platform cannot see that. ``used_at`` is None too where it cannot see uses at all (SSH).
    """

    staff_id: UUID
    person: str
    kana: str
    department: str
    is_ssh: bool
    name: str
    model: str
    bits: int | None
    bound: bool | None
    copied: bool
    held: bool
    fingerprint: str
    added_at: datetime
    used_at: datetime | None


def staff_keys() -> Sequence[StaffKey]:
    """Return every key in use of people who work here, by reading and name of the person; SSH keys last."""
    rows = [*map(_of_passkey, _passkeys()), *map(_of_ssh, _ssh_keys())]
    return sorted(rows, key=lambda one: (one.kana, one.person, str(one.staff_id), one.is_ssh, one.added_at, one.name))


def _passkeys() -> "QuerySet[Any]":
    rows = Passkey.objects.filter(works_here("user__staff__"), user__is_active=True)
    return rows.exclude(user__kind=AccountKind.EMERGENCY).select_related("user__staff__department").defer("public_key")


def _ssh_keys() -> "QuerySet[Any]":
    return SshKey.objects.filter(works_here("staff__"), ended_at=None).select_related("staff__department").defer("blob")


def _of_passkey(key: Passkey) -> StaffKey:
    return StaffKey(
        **_owner(key.user.staff),
        is_ssh=False,
        name=key.name,
        model=str(key.aaguid),
        bits=None,
        bound=not key.backup_eligible,
        copied=key.backup_state,
        held=key.held_at is not None,
        fingerprint="",
        added_at=key.created_at,
        used_at=key.last_used_at,
    )


def _of_ssh(key: SshKey) -> StaffKey:
    return StaffKey(
        **_owner(key.staff),
        is_ssh=True,
        name=key.name,
        model=key.kind,
        bits=key.bits,
        bound=True if in_hardware(key.kind) else None,
        copied=False,
        held=False,
        fingerprint=key.fingerprint,
        added_at=key.added_at,
        used_at=None,
    )


def _owner(staff: Staff) -> dict[str, Any]:
    department = staff.department.name if staff.department else ""
    return {"staff_id": staff.pk, "person": staff.name, "kana": staff.kana, "department": department}
