"""Who was granted which role of which system, as rules, ledgers and controls want it; and who speaks for whom."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils import translation

from sekisho.estate.queries import platform_systems
from sekisho.kernel.access import GRANTABLE, Role
from sekisho.kernel.dates import in_facility
from sekisho.kernel.search import fold
from sekisho.kernel.wording import says_something
from sekisho.people.models import AccessRequest, AccountKind, Duty, SystemRole, User
from sekisho.people.queries.people import held_grants, today
from sekisho.people.rules.access_requests import Request, speaks_for
from sekisho.people.rules.owners import Seen
from sekisho.ui.display import LANGUAGES

OWN_DUTIES = {Role.SYSTEM_OPERATOR: Duty.OPERATE, Role.AUDITOR: Duty.AUDIT}
_IN_USE = Q(closed_at=None, struck_at=None)


def requests_in_use() -> dict[tuple[str, str], list[tuple[Request, datetime]]]:
    """Return every request in use by system and login, with when somebody last confirmed it."""
    found: dict[tuple[str, str], list[tuple[Request, datetime]]] = defaultdict(list)
    for row, request in _requests(_IN_USE):
        found[str(row.role.system_id), row.login_key].append((request, row.confirmed_at))
    return found


def requests_for(system_id: str) -> list[Request]:
    """Return every approved request for a system, those that were closed too."""
    wanted = Q(struck_at=None, role__system_id=system_id, approved_at__isnull=False)
    return [request for _row, request in _requests(wanted)]


def _requests(wanted: Q) -> Iterator[tuple[Any, Request]]:
    own, platform = _own_role_names(), {subject.id for subject in platform_systems()}
    rows = AccessRequest.objects.filter(wanted).select_related("role", "person").order_by("number")
    for row in rows.iterator(chunk_size=1000):
        key = row.role.name_key
        name = own.get(key, key) if str(row.role.system_id) in platform else key
        yield row, _request(row, name)


def _request(row: Any, role: str) -> Request:
    closed = in_facility(row.closed_at).date() if row.closed_at else None
    return Request(
        login=row.login_key,
        person=str(row.person_id),
        role=role,
        administers=row.role.duty == Duty.OPERATE,
        since=max(row.granted_on, row.from_on) if row.granted_on else None,
        until=row.until_on,
        withdrawn=row.withdrawn_on or closed,
        approved=row.is_approved,
        confirmed=row.is_result_confirmed,
        usual=says_something(row.beyond) or row.role.is_usual_for(row.person.profession),
    )


def role_names(system_id: str) -> frozenset[str]:
    """Return the names of the roles that the book has for a system, as they are compared."""
    rows = SystemRole.objects.filter(_IN_USE, system_id=system_id)
    return frozenset(rows.values_list("name_key", flat=True))


def _own_role_names() -> dict[str, str]:
    """Return the word for each role of Sekisho itself by its folded names in every language."""
    known: dict[str, str] = {}
    for language in LANGUAGES:
        with translation.override(language):
            known |= {fold(translation.gettext(role.label.msgid)): role.value for role in GRANTABLE}
    return known


def own_accounts() -> list[tuple[Seen, str]]:
    """Return the accounts of Sekisho itself with the roles held today, and whose they are; none sealed for emergencies.

    No system operator is an administrator apart from that role: the role is the right.
    """
    held: dict[UUID, list[str]] = defaultdict(list)
    for staff_id, role in held_grants().order_by("role").values_list("staff_id", "role"):
        held[staff_id].append(role)
    users = User.objects.filter(is_active=True).exclude(kind=AccountKind.EMERGENCY).order_by("login")
    return [(Seen(user.login, rights=", ".join(held[user.staff_id])), str(user.staff_id)) for user in users]


def people_with_both_duties() -> frozenset[str]:
    """Return the people who operate systems and audit them, here or elsewhere."""
    duties: dict[str, set[str]] = defaultdict(set)
    rows = AccessRequest.objects.filter(_IN_USE, withdrawn_on=None).exclude(role__duty=Duty.USE)
    for person, duty in rows.values_list("person_id", "role__duty"):
        duties[str(person)].add(duty)
    for person, role in held_grants().filter(role__in=OWN_DUTIES).values_list("staff_id", "role"):
        duties[str(person)].add(OWN_DUTIES[Role(role)])
    return frozenset(person for person, found in duties.items() if len(found) > 1)


def moved_logins(system_id: UUID) -> frozenset[str]:
    """Return the logins of a system whose rights were approved while their owner worked in another department."""
    rows = AccessRequest.objects.filter(_IN_USE, role__system_id=system_id, withdrawn_on=None)
    approved = rows.filter(approved_at__isnull=False, department__isnull=False).exclude(login_key="")
    moved = approved.filter(~Q(person__department_id=F("department_id")) | Q(person__department_id=None))
    return frozenset(moved.values_list("login_key", flat=True))


def people_of(*account_ids: str) -> frozenset[UUID]:
    """Return the people behind accounts of Sekisho; the console and the platform itself are nobody's."""
    keys = [found for account in account_ids for found in _account_key(account)]
    return frozenset(User.objects.filter(pk__in=keys).values_list("staff_id", flat=True))


def _account_key(account_id: str) -> Iterable[UUID]:
    try:
        return (UUID(account_id),)
    except ValueError:
        return ()


def speakers(department_id: UUID | None) -> frozenset[UUID]:
    """Return the people who can sign in and may approve and confirm for a department today."""
    roles: dict[UUID, set[Role]] = defaultdict(set)
    departments: dict[UUID, UUID | None] = {}
    for grant in _working_grants().select_related("staff"):
        roles[grant.staff_id].add(Role(grant.role))
        departments[grant.staff_id] = grant.staff.department_id
    return frozenset(who for who, held in roles.items() if speaks_for(held, departments[who], department_id))


def operators() -> frozenset[UUID]:
    """Return the people who can sign in and may grant what was approved."""
    return frozenset(_working_grants().filter(role=Role.SYSTEM_OPERATOR).values_list("staff_id", flat=True))


def _working_grants() -> Any:
    not_over = Q(staff__employed_until=None) | Q(staff__employed_until__gte=today())
    grants: Any = held_grants()
    return grants.filter(not_over, staff__accounts__is_active=True)
