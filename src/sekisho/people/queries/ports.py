"""People's answers to ports: who is who for other apps, and tables for review rules."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain
from uuid import UUID

from django.db.models import Q

from sekisho.kernel.access import Role
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.ports import Person
from sekisho.kernel.search import fold
from sekisho.people.models import Staff, SystemAccount, User
from sekisho.people.queries.people import held_grants, roles_of, today


class StaffDirectory:
    """People's answer to the port Directory."""

    def person(self, person_id: str) -> Person | None:
        """Return one person, or None."""
        staff = Staff.objects.select_related("department").filter(pk=person_id).first()
        return _person(staff) if staff else None

    def person_of(self, account_id: str) -> Person | None:
        """Return the person an account belongs to, or None."""
        try:
            account = UUID(account_id)
        except ValueError:
            return None  # the console and the platform itself are nobody's account
        staff = Staff.objects.select_related("department").filter(accounts=account).first()
        return _person(staff) if staff else None

    def person_by_login(self, login: str, system_id: str) -> Person | None:
        """Return who the ID ledger says uses a login, None for nobody or for more than one person."""
        rows = SystemAccount.objects.filter(login_key=fold(login), struck_at=None).exclude(owner=None)
        owners = {row.owner_id for row in rows if not system_id or str(row.system_id) == system_id}
        return self.person(str(owners.pop())) if len(owners) == 1 else None

    def holders(self, role: Role) -> Sequence[Person]:
        """Return the people who hold ``role`` today and work here, by reading and name."""
        staff_ids = held_grants().filter(role=role).values_list("staff_id", flat=True)
        rows = Staff.objects.select_related("department").prefetch_related("accounts").filter(pk__in=staff_ids)
        rows = rows.order_by("kana", "name")
        return [found for found in map(_person, rows) if found.active]


def _person(staff: Staff) -> Person:
    day, accounts = today(), list(staff.accounts.all())
    begun = staff.employed_from is None or staff.employed_from <= day
    return Person(
        id=str(staff.pk),
        name=staff.name,
        kana=staff.kana,
        department=staff.department.name if staff.department else None,
        roles=roles_of(staff.pk),
        active=begun and (staff.employed_until is None or staff.employed_until >= day),
        accounts=frozenset(str(account.pk) for account in accounts),
        can_sign_in=any(account.is_active for account in accounts),
    )


class StaffTable:
    """The staff as a lookup table for review rules (family names, departments)."""

    name = "staff"
    columns = ("id", "name", "kana", "department", "profession")

    def rows(self) -> Iterable[tuple[object, ...]]:
        """Return every person in the order of ``columns``."""
        return Staff.objects.values_list("id", "name", "kana", "department__name", "profession").order_by("id")


class StaffKana:
    """The reading of the family name of each account's owner, as far as readings were entered, for review rules."""

    name = "staff_kana"
    columns = ("actor", "family")

    def rows(self) -> Iterable[tuple[object, ...]]:
        """Return account and family name; a reading without a space has no family name that could be told."""
        own = User.objects.order_by("id").values_list("id", "staff__kana")
        others = ((login, owner.kana) for login, owner in _owners_by_login().items())
        for actor, kana in chain(own, others):
            words = fold_kana(kana).split()
            if len(words) > 1:
                yield str(actor), words[0]


class AccountsTable:
    """The accounts with their kind and their end, in microseconds since 1970 (0: none), for review rules.

    Those of other systems are known by their login, as their logs have it.
    """

    name = "accounts"
    columns = ("actor", "kind", "ended_us")

    def rows(self) -> Iterable[tuple[object, ...]]:
        """Return every account; it ends with the last day of its owner's employment, or with its own."""
        for account_id, kind, last in User.objects.order_by("id").values_list("id", "kind", "staff__employed_until"):
            yield str(account_id), kind, _end_of(last) if last else 0
        for login, rows in _by_login().items():
            ends = [_last_day(row) for row in rows]
            last_of_all = max((day for day in ends if day), default=None) if all(ends) else None
            yield login, rows[0].kind, _end_of(last_of_all) if last_of_all else 0


def _by_login() -> dict[str, list[SystemAccount]]:
    """Return what the ID ledger holds of other systems, by login: logs often tell no more than that."""
    found: dict[str, list[SystemAccount]] = {}
    for row in SystemAccount.objects.select_related("owner").filter(struck_at=None).order_by("number"):
        found.setdefault(row.login, []).append(row)
    return found


def _owners_by_login() -> dict[str, Staff]:
    """Return the one owner of each login; one that systems give to more than one person is nobody's here."""
    owners = {login: {row.owner for row in rows if row.owner} for login, rows in _by_login().items()}
    return {login: found.pop() for login, found in owners.items() if len(found) == 1}


def _last_day(row: SystemAccount) -> date | None:
    """Return the day an account ends with: the first of its own, its closing, and its owner's last day of work."""
    closed = row.closed_at.astimezone(FACILITY_ZONE).date() if row.closed_at else None
    left = row.owner.employed_until if row.owner else None
    return min((day for day in (row.expires_on, closed, left) if day), default=None)


def fold_kana(kana: str) -> str:
    """Return a reading in one form, however it was typed: full width, and with plain spaces."""
    return unicodedata.normalize("NFKC", kana)


def _end_of(day: date) -> int:
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=FACILITY_ZONE)
    return int(end.timestamp()) * 1_000_000


class StaffUsage:
    """People's answer to the port Usage: a department with staff who work here is in use."""

    def users_of(self, kind: str, entry_id: str) -> Sequence[str]:
        """Return the names of present staff of a department."""
        if kind != "department":
            return ()
        present = Q(employed_until=None) | Q(employed_until__gte=today())
        return list(Staff.objects.filter(present, department_id=entry_id).values_list("name", flat=True)[:10])
