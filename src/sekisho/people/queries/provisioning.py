"""Staff, accounts and rights as other systems are told of them. Accounts of emergencies and devices are nobody's."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, QuerySet

from sekisho.people.models import AccessRequest, AccountKind, Staff, User
from sekisho.people.queries.people import held_grants, today
from sekisho.people.rules.provisioning import Listing, Value, is_employed
from sekisho.people.rules.scim import Asked, StaffAccount

_OF_PEOPLE = (AccountKind.STAFF, AccountKind.CONTRACTOR, AccountKind.MAINTENANCE)
_ROLES_SEPARATOR = " "
# Login names are stored in small letters and looked for in any (caseExact is false).
_FIELDS = {"user_name": "login__iexact", "external_id": "staff__staff_number"}
T = TypeVar("T")
Row = tuple[Value, ...]


def rows_of(listing: Listing) -> Sequence[Row]:
    """Return the rows of a list in the order of its columns."""
    return _staff_rows() if listing is Listing.STAFF else _rights_rows()


def count_of(listing: Listing) -> int:
    """Return how many rows a list has."""
    if listing is Listing.RIGHTS:
        return len(_rights_rows())
    people = Staff.objects.exclude(accounts__kind=AccountKind.EMERGENCY)
    accounts = User.objects.filter(kind__in=_OF_PEOPLE)
    return accounts.filter(staff__in=people).count() + people.exclude(pk__in=accounts.values("staff_id")).count()


def _held() -> Prefetch[str, Any, str]:
    return Prefetch("staff__grants", queryset=held_grants(), to_attr="held")


def _roles(staff: Any) -> tuple[str, ...]:
    return tuple(sorted({grant.role for grant in staff.held}))


def _staff_rows() -> list[Row]:
    """Return everybody, also who has left, each account on a line of its own; by staff number, name and login."""
    people: QuerySet[Any] = Staff.objects.exclude(accounts__kind=AccountKind.EMERGENCY).select_related("department")
    people = people.prefetch_related(
        Prefetch("accounts", queryset=User.objects.filter(kind__in=_OF_PEOPLE).order_by("login"), to_attr="own"),
        Prefetch("grants", queryset=held_grants(), to_attr="held"),
    )
    found = people.order_by("staff_number", "kana", "name", "pk")
    return [_staff_row(staff, user) for staff in found for user in (staff.own or [None])]


def _staff_row(staff: Any, user: User | None) -> Row:
    here = is_employed(today(), staff.employed_from, staff.employed_until)
    active = here and user is not None and user.is_active
    return (
        staff.staff_number,
        staff.name,
        staff.kana,
        staff.department.name if staff.department else "",
        staff.profession,
        staff.employed_from,
        staff.employed_until,
        here,
        user.login if user else "",
        user.kind if user else "",
        active if user else None,
        _ROLES_SEPARATOR.join(_roles(staff)) if active else "",
    )


def _rights_rows() -> list[Row]:
    """Return what was granted in the systems and holds today, to people who work here; by system, login and role."""
    day = today()
    rows = AccessRequest.objects.filter(closed_at=None, struck_at=None, withdrawn_on=None, granted_on__lte=day)
    rows = rows.select_related("role__system", "person__department").order_by("role__system__name", "login", "number")
    return [_rights_row(row) for row in rows if _holds(row)]


def _holds(row: Any) -> bool:
    person, day = row.person, today()
    runs = row.from_on <= day and (row.until_on is None or day <= row.until_on)
    return bool(row.is_approved and runs and is_employed(day, person.employed_from, person.employed_until))


def _rights_row(row: Any) -> Row:
    person = row.person
    department = person.department.name if person.department else ""
    names = (row.role.system.name, row.login, row.role.name, person.staff_number, person.name, department)
    return (*names, row.from_on, row.until_on)


def staff_accounts(asked: Asked) -> tuple[Sequence[StaffAccount], int]:
    """Return the accounts of people that are asked for, the oldest first, and how many there are in all."""
    rows: QuerySet[Any] = User.objects.filter(kind__in=_OF_PEOPLE)
    if asked.field == "id":
        rows = rows.filter(pk__in=_ids(asked.value))
    elif asked.field:
        rows = rows.filter(**{_FIELDS[asked.field]: asked.value})
    total = rows.count()
    found = rows.select_related("staff__department").prefetch_related(_held()).order_by("created_at", "pk")
    first = asked.start - 1
    return [_account(user) for user in found[first : first + asked.count]], total


def _ids(text: str) -> tuple[UUID, ...]:
    """Return the id that a text is; what is no id is nobody's."""
    try:
        return (UUID(text),)
    except ValueError:
        return ()


def find_staff_account(account_id: str) -> StaffAccount | None:
    """Return the account of a person with this id, or None."""
    return next(iter(staff_accounts(Asked("id", account_id, 1, 1))[0]), None)


def _account(user: Any) -> StaffAccount:
    staff = user.staff
    active = user.is_active and is_employed(today(), staff.employed_from, staff.employed_until)
    return StaffAccount(
        id=str(user.pk),
        user_name=user.login,
        external_id=staff.staff_number or "",
        name=staff.name,
        title=staff.profession,
        user_type=user.kind,
        active=active,
        roles=_roles(staff) if active else (),
        department=staff.department.name if staff.department else "",
        created_at=user.created_at,
    )


def page_of(rows: Sequence[T], number: int, size: int) -> "Page[T]":
    """Return one page of ``rows``, the nearest one there is."""
    return Paginator(rows, size).get_page(number)
