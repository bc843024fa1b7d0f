"""People's answers to ports: who is who for other apps, and tables for review rules."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q

from sekisho.kernel.access import Role
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.ports import Person
from sekisho.people.models import Staff, User
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
        for account_id, kana in User.objects.order_by("id").values_list("id", "staff__kana"):
            words = fold_kana(kana).split()
            if len(words) > 1:
                yield str(account_id), words[0]


class AccountsTable:
    """The accounts with their kind and their end, in microseconds since 1970 (0: none), for review rules."""

    name = "accounts"
    columns = ("actor", "kind", "ended_us")

    def rows(self) -> Iterable[tuple[object, ...]]:
        """Return every account; it ends with the last day of its owner's employment."""
        for account_id, kind, last in User.objects.order_by("id").values_list("id", "kind", "staff__employed_until"):
            yield str(account_id), kind, _end_of(last) if last else 0


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
