"""Every read of people that pages and other apps need."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, ActorKind
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.declarations import Provider
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Directory, Person, ReferenceTable, Usage
from sekisho.kernel.search import search_words
from sekisho.people.models import OneTimeLink, RoleGrant, Staff, TotpSecret, User

PAGE_SIZE = 50


def today() -> date:
    """Return the day it is at the facility."""
    return clock.now().astimezone(FACILITY_ZONE).date()


def _in_force(day: date) -> Q:
    return Q(revoked_at=None, valid_from__lte=day) & (Q(valid_until=None) | Q(valid_until__gte=day))


def held_grants() -> "QuerySet[RoleGrant]":
    """Return the grants that are in force today."""
    return RoleGrant.objects.filter(_in_force(today()))


def roles_of(staff_id: UUID) -> frozenset[Role]:
    """Return the roles a person holds today."""
    return frozenset(Role(role) for role in held_grants().filter(staff_id=staff_id).values_list("role", flat=True))


def may_sign_in(user: User) -> bool:
    """Tell whether the account is in use and its owner works here today."""
    staff, day = user.staff, today()
    begun = staff.employed_from is None or staff.employed_from <= day
    return user.is_active and begun and (staff.employed_until is None or staff.employed_until >= day)


def actor_of(user: User, *, session: str | None, network: str | None, assurance: int) -> Actor:
    """Return the actor of a signed-in account."""
    return Actor(
        kind=ActorKind.PERSON,
        id=str(user.pk),
        name=user.staff.name,
        roles=roles_of(user.staff_id),
        session=session,
        network=network,
        assurance=assurance,
    )


def account(user_id: str) -> User | None:
    """Return an account with its person, or None."""
    return User.objects.select_related("staff").filter(pk=user_id).first()


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list of people."""

    staff: Staff
    roles: Sequence[Role]
    account: User | None
    invited: bool


def people(text: str, page: int) -> tuple[Sequence[PersonRow], "Page[Any]"]:
    """Return the people on one page of those that match every word of ``text``, by reading and name, and the page."""
    rows: QuerySet[Any] = Staff.objects.select_related("department").prefetch_related(
        "accounts",
        Prefetch("grants", queryset=held_grants(), to_attr="held"),
        Prefetch("links", queryset=OneTimeLink.objects.filter(_open_link()), to_attr="open_links"),
    )
    for word in search_words(text):
        rows = rows.filter(search_key__contains=word)
    found = Paginator(rows.order_by("kana", "name", "id"), PAGE_SIZE).get_page(page)
    return [_row(staff) for staff in found.object_list], found


def _row(staff: Any) -> PersonRow:
    held = {grant.role for grant in staff.held}
    roles = [role for role in Role if role in held]
    return PersonRow(staff, roles, next(iter(staff.accounts.all()), None), bool(staff.open_links))


def _open_link() -> Q:
    return Q(used_at=None, revoked_at=None, expires_at__gt=clock.now())


def person(staff_id: UUID) -> Staff:
    """Return one person with department. Raises NotFound."""
    staff = Staff.objects.select_related("department").filter(pk=staff_id).first()
    if staff is None:
        raise NotFound
    return staff


def grants_of(staff: Staff) -> Sequence[RoleGrant]:
    """Return every grant of a person, the newest first."""
    return list(staff.grants.order_by("-granted_at"))


def accounts_of(staff: Staff) -> Sequence[User]:
    """Return the accounts of a person."""
    return list(staff.accounts.order_by("created_at"))


def open_links_of(staff: Staff) -> Sequence[OneTimeLink]:
    """Return the links of a person that still work."""
    return list(staff.links.filter(_open_link()).order_by("-created_at"))


def nobody_has_an_account() -> bool:
    """Tell whether this installation still waits for its first administrator."""
    return not User.objects.exists()


def working_operators() -> "QuerySet[RoleGrant]":
    """Return the grants that make someone with a working account a system operator today."""
    day = today()
    begun = Q(staff__employed_from=None) | Q(staff__employed_from__lte=day)
    not_over = Q(staff__employed_until=None) | Q(staff__employed_until__gte=day)
    return held_grants().filter(begun, not_over, role=Role.SYSTEM_OPERATOR, staff__accounts__is_active=True)


def roles_in_use() -> frozenset[Role]:
    """Return the roles that somebody holds today."""
    return frozenset(Role(role) for role in held_grants().values_list("role", flat=True).distinct())


def lasting_operators() -> "QuerySet[RoleGrant]":
    """Return the grants that make someone a system operator with no end in sight."""
    return working_operators().filter(valid_until=None, staff__employed_until=None)


def stored_password_kinds() -> list[str]:
    """Return how each stored password is hashed (``argon2id``), never anything of the hash or its salt.

    "!" stands for an account without a password, "?" for what is no hash at all.
    """
    return [_password_kind(value) for value in User.objects.values_list("password", flat=True)]


def _password_kind(stored: str) -> str:
    if stored.startswith(UNUSABLE_PASSWORD_PREFIX):
        return UNUSABLE_PASSWORD_PREFIX
    algorithm, *rest = stored.split("$")
    if algorithm == "argon2" and rest[:1] in (["argon2id"], ["argon2i"], ["argon2d"]):
        return rest[0]
    return algorithm if rest else "?"


def sealed_second_factors() -> Sequence[tuple[UUID, bytes | None]]:
    """Return the accounts that can sign in today, each with the sealed seed of its confirmed second factor, or None."""
    confirmed = TotpSecret.objects.filter(confirmed_at__lte=clock.now())
    seeds = {secret.user_id: bytes(secret.sealed_seed) for secret in confirmed}
    accounts = User.objects.select_related("staff").order_by("pk")
    return [(user.pk, seeds.get(user.pk)) for user in accounts if may_sign_in(user)]


def head_count() -> int:
    """Return how many people are known."""
    return Staff.objects.count()


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


staff_usage = Provider(Usage, StaffUsage())
directory = Provider(Directory, StaffDirectory())
staff_table = Provider(ReferenceTable, StaffTable())
staff_kana = Provider(ReferenceTable, StaffKana())
accounts_table = Provider(ReferenceTable, AccountsTable())
