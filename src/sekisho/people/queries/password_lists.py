"""Reads of lists of other systems' passwords. Nothing here hands out a mark, only whether one fits."""

import hashlib
import hmac
import json
import logging
import zlib
from collections.abc import Mapping
from uuid import UUID

from django.conf import settings

from sekisho.people.models import PasswordList, SystemAccount, User
from sekisho.people.queries.people import today
from sekisho.people.rules.password_lists import verifiers_of
from sekisho.trust.derivation import derive_key
from sekisho.trust.sealing import SealBroken, seal, unseal

_log = logging.getLogger(__name__)
_PURPOSE = "sekisho.people.password_lists"
Marks = Mapping[str, list[str]]


def mark(kind: str, value: str) -> str:
    """Return the keyed mark of a hash."""
    key = derive_key(settings.SEAL_KEY, _PURPOSE)
    return hmac.new(key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()


def sealed_marks(system_id: UUID, marks: Marks) -> bytes:
    """Return marks as they are stored."""
    return seal(settings.SEAL_KEY, zlib.compress(json.dumps(marks).encode()), _context(system_id))


def marks_of(row: PasswordList) -> Marks:
    """Return the marks of a list. Raises SealBroken."""
    opened = unseal(settings.SEAL_KEY, bytes(row.sealed), _context(row.system_id))
    return json.loads(zlib.decompress(opened))  # type: ignore[no-any-return]  # a mapping was written


def readable_marks(row: PasswordList) -> Marks:
    """Return the marks of a list, none where they were sealed with another key: then nothing can be compared."""
    try:
        return marks_of(row)
    except SealBroken:
        # After a restore with other keys everybody must still be able to choose a password.
        _log.warning("The marks of passwords of the system %s cannot be opened; hand in its file again", row.system_id)
        return {}


def unreadable_lists() -> frozenset[str]:
    """Return the ids of the systems whose marks cannot be opened with the key of this installation."""
    return frozenset(str(row.system_id) for row in PasswordList.objects.only("system_id", "sealed") if not _opens(row))


def _opens(row: PasswordList) -> bool:
    try:
        unseal(settings.SEAL_KEY, bytes(row.sealed), _context(row.system_id))
    except SealBroken:
        return False
    return True


def _context(system_id: UUID) -> str:
    return f"password-list:{system_id}"


def lists() -> dict[str, PasswordList]:
    """Return the lists that are kept, without their marks, by the id of their system."""
    rows = PasswordList.objects.select_related("system").defer("sealed")
    return {str(row.system_id): row for row in rows.order_by("taken_at")}


def owners_of(system_id: UUID) -> dict[str, str]:
    """Return whose each account of a system is, by its login as it is compared."""
    rows = SystemAccount.objects.filter(system_id=system_id, closed_at=None, struck_at=None, owner__isnull=False)
    return {login: str(owner) for login, owner in rows.values_list("login_key", "owner_id")}


def is_used_elsewhere(user: User, password: str) -> bool:
    """Tell whether a password (normalized) is that of another account of the same person, by what is kept."""
    rows = list(PasswordList.objects.filter(delete_on__gte=today()))
    if not rows:
        return False
    own = SystemAccount.objects.filter(owner_id=user.staff_id, closed_at=None, struck_at=None)
    logins: dict[UUID, list[str]] = {}
    for system_id, login in own.values_list("system_id", "login_key"):
        logins.setdefault(system_id, []).append(login)
    wanted = verifiers_of(password, mark)
    own_rows = [row for row in rows if row.system_id in logins]
    return any(_fits(readable_marks(row), logins[row.system_id], wanted) for row in own_rows)


def _fits(marks: Marks, logins: list[str], wanted: Mapping[str, str]) -> bool:
    kept = [marks[login] for login in logins if login in marks]
    return any(hmac.compare_digest(value, wanted[kind]) for kind, value in kept)
