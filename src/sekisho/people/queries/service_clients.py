"""Programs that use the API, their secrets and tokens; who could release one; and what the API has to grant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import F, Q

from sekisho.kernel import clock, registry
from sekisho.kernel.access import Action
from sekisho.kernel.actor import Actor, ActorKind
from sekisho.kernel.dates import FACILITY_ZONE, in_facility
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import ProgramInterface
from sekisho.kernel.text import Text
from sekisho.ledgers.actions import LedgersAction
from sekisho.people.actions import ServiceClientAction
from sekisho.people.models import AccountKind, ServiceClient, ServiceSecret, ServiceToken, Staff, User
from sekisho.people.queries.accounts import account, may_sign_in
from sekisho.people.queries.people import held_grants, today
from sekisho.people.rules.service_clients import (
    ClientState,
    Need,
    Period,
    Standing,
    attention,
    client_state,
    needs,
)

PAGE_SIZE = 50
_RELATED = ("responsible", "department", "system")


def service_clients(page: int) -> "Page[ServiceClient]":
    """Return one page of the programs: those that are not closed first, then by name."""
    rows = ServiceClient.objects.select_related(*_RELATED).prefetch_related("secrets")
    rows = rows.order_by(F("closed_at").desc(nulls_first=True), "name", "pk")
    return Paginator(rows, PAGE_SIZE).get_page(page)


def find_client(client_id: UUID) -> ServiceClient:
    """Return one program. Raises NotFound."""
    row = ServiceClient.objects.select_related(*_RELATED).filter(pk=client_id).first()
    if row is None:
        raise NotFound
    return row


def period_of(client: ServiceClient) -> Period:
    """Return what the rules ask about a program."""
    return Period(client.starts_on, client.ends_on, client.released_at, client.closed_at)


def state_of_client(client: ServiceClient) -> ClientState:
    """Return where a program stands today."""
    return client_state(period_of(client), today())


def attention_to(client: ServiceClient) -> Text | None:
    """Return what is to be said of a program today, or None."""
    return attention(_standing(client), today())


def _standing(client: ServiceClient) -> Standing:
    """Return how a program is used; of its secrets those count that nothing ends."""
    lasting = [in_facility(row.made_at).date() for row in client.secrets.all() if row.ends_at is None]
    return Standing(
        period_of(client),
        last_used_on=in_facility(client.last_used_at).date() if client.last_used_at else None,
        employed_until=client.responsible.employed_until,
        secret_since=min(lasting, default=None),
    )


@dataclass(frozen=True, slots=True)
class ProgramNeed:
    """One thing that somebody has to do about a program; ``until`` is its last day, where that is the matter."""

    id: str
    name: str
    need: str
    since: datetime
    until: date | None


def programs_in_need() -> Sequence[ProgramNeed]:
    """Return what is to be done about the programs that are let in, by name."""
    rows = ServiceClient.objects.select_related("responsible").prefetch_related("secrets").filter(closed_at=None)
    rows = rows.order_by("name", "pk")
    return [_need(client, need, since) for client in rows for need, since in needs(_standing(client), today()).items()]


def _need(client: ServiceClient, need: Need, since: date) -> ProgramNeed:
    moment = datetime.combine(since, time.min, tzinfo=FACILITY_ZONE)
    until = client.ends_on if need is Need.ENDS else None
    return ProgramNeed(str(client.pk), client.name, need.value, moment, until)


def secrets_of(client: ServiceClient) -> Sequence[ServiceSecret]:
    """Return the secrets of a program that work now, the oldest first."""
    return working_secrets(client.pk)


def working_secrets(client_id: UUID) -> list[ServiceSecret]:
    """Return the secrets that work now of the program with this id, the oldest first; none for an unknown id."""
    now = clock.now()
    rows = ServiceSecret.objects.filter(client_id=client_id).order_by("made_at", "pk")
    return [row for row in rows if row.ends_at is None or row.ends_at > now]


def tokens_of(client: ServiceClient) -> Sequence[ServiceToken]:
    """Return the last twenty tokens of a program, the newest first."""
    return list(client.tokens.order_by("-issued_at", "-pk")[:20])


def service_actor(client: ServiceClient, *, token: ServiceToken, network: str | None) -> Actor:
    """Return the actor of a program: no role, exactly what its token was given.

    What every ledger asks besides its own action is given to all: alone it opens no ledger.
    """
    return Actor(
        ActorKind.SERVICE,
        str(client.pk),
        client.name,
        frozenset(),
        session=str(token.pk),
        network=network,
        actions=frozenset({*token.actions.split(), LedgersAction.KEEP.value}),
    )


def other_releasers(account_id: str) -> Sequence[str]:
    """Return the names of those who could release a program besides the person of this account."""
    own = account(account_id)
    grants = held_grants().filter(role__in=[role.value for role in ServiceClientAction.RELEASE.roles])
    users = User.objects.select_related("staff").filter(staff_id__in=grants.values("staff_id"))
    mine = own.staff_id if own else None
    return sorted({user.staff.name for user in users if user.staff_id != mine and _may_release(user)})


def _may_release(user: User) -> bool:
    return user.kind != AccountKind.EMERGENCY and may_sign_in(user)


def same_person(one: str, other: str) -> bool:
    """Tell whether two accounts belong to one person."""
    first, second = account(one), account(other)
    return one == other or (first is not None and second is not None and first.staff_id == second.staff_id)


def grantable_actions() -> Mapping[str, Sequence[Action]]:
    """Return what the API offers to programs, by its rooms; nothing where there is no API."""
    offers = registry.current().offers(ProgramInterface)  # type: ignore[type-abstract]  # asked for by its protocol
    return {room: actions for offer in offers for room, actions in offer.actions().items()}


@dataclass(frozen=True, slots=True)
class Granted:
    """One action that a program may do, with its label; the label is the id where the API has it no more."""

    id: str
    label: Text | str


def granted(ids: str) -> Sequence[Granted]:
    """Return what the stored ids of actions mean, in their order."""
    declared = registry.current()
    found = [(name, declared.action(name)) for name in ids.split()]
    return [Granted(name, action.label if action else name) for name, action in found]


def responsible_people() -> Sequence[tuple[UUID, str]]:
    """Return the people who work here today and are no emergency account, by reading and name."""
    over = Q(employed_until__lt=today()) | Q(accounts__kind=AccountKind.EMERGENCY)
    return list(Staff.objects.exclude(over).order_by("kana", "name", "pk").values_list("pk", "name"))
