"""Who is here, and who holds which role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.errors import NotFound
from sekisho.kernel.search import search_words
from sekisho.people.models import AccountKind, OneTimeLink, RoleGrant, Staff, User

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


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list of people."""

    staff: Staff
    roles: Sequence[Role]
    account: User | None
    invited: bool

    @property
    def is_emergency(self) -> bool:
        """Tell whether the line stands for an emergency account and not for a person."""
        return self.account is not None and self.account.kind == AccountKind.EMERGENCY


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


def head_count() -> int:
    """Return how many people are known; an emergency account is none."""
    return Staff.objects.exclude(accounts__kind=AccountKind.EMERGENCY).count()
