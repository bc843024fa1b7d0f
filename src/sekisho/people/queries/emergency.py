"""Reads of emergency accounts: sealed credentials, their uses, and whether one is in use now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.paginator import Page, Paginator

from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import DeclaredEmergencies
from sekisho.people.models import AccountKind, EmergencySeal, EmergencyUse, SealCheck, User
from sekisho.people.rules.emergency import SealFacts, SealState, review_until, state_of

PAGE_SIZE = 50
SEPARATOR = ","


def seals(page: int) -> "Page[EmergencySeal]":
    """Return one page of the sealed credentials, the newest first."""
    return Paginator(EmergencySeal.objects.order_by("-made_at", "-number"), PAGE_SIZE).get_page(page)


def every_seal() -> Sequence[EmergencySeal]:
    """Return every sealed credential, the oldest first."""
    return list(EmergencySeal.objects.order_by("made_at", "number"))


def find_seal(seal_id: UUID) -> EmergencySeal:
    """Return one sealed credential. Raises NotFound."""
    row = EmergencySeal.objects.select_related("user", "replaces").filter(pk=seal_id).first()
    if row is None:
        raise NotFound
    return row


def uses_of(seal: EmergencySeal) -> Sequence[EmergencyUse]:
    """Return the sign-ins with a credential, the oldest first."""
    return list(seal.uses.order_by("started_at"))


def envelope_checks(seal: EmergencySeal) -> Sequence[SealCheck]:
    """Return the looks at an envelope, the newest first; the last fifty."""
    return list(seal.checks.order_by("-checked_at")[:PAGE_SIZE])


def successor_of(seal: EmergencySeal) -> EmergencySeal | None:
    """Return the credential that took this one's place, or None."""
    return EmergencySeal.objects.filter(replaces=seal).first()


def roles_of_seal(seal: EmergencySeal) -> frozenset[Role]:
    """Return the roles that a session opened with this credential holds."""
    return frozenset(Role(role) for role in seal.roles.split(SEPARATOR) if role)


def facts_of(seal: EmergencySeal) -> SealFacts:
    """Return what the rules ask about a credential."""
    return SealFacts(
        number=seal.number,
        made_at=seal.made_at,
        check_days=seal.check_days,
        checked_at=seal.checked_at,
        opened_at=seal.opened_at,
        limit_at=seal.limit_at,
        returned_at=seal.returned_at,
        reviewed_at=seal.reviewed_at,
        was_justified=seal.was_justified,
        withdrawn_at=seal.withdrawn_at,
        late_at=seal.late_at,
        declared=_was_declared(seal),
    )


def _was_declared(seal: EmergencySeal) -> bool | None:
    """Tell whether every use was in a declared emergency: one that was not counts, one that nobody knows of is none."""
    if seal.opened_at is None:
        return None
    said = set(seal.uses.values_list("declared", flat=True))
    if "" in said:
        return False
    return None if None in said or not said else True


def seal_state(seal: EmergencySeal) -> SealState:
    """Return where a credential stands now."""
    return state_of(facts_of(seal), clock.now())


def opened_seals() -> Sequence[EmergencySeal]:
    """Return the credentials that are in use and not returned to normal, whether or not their time is up."""
    rows = EmergencySeal.objects.filter(opened_at__isnull=False, returned_at=None)
    return list(rows.order_by("opened_at"))


@dataclass(frozen=True, slots=True)
class UsedSeal:
    """A credential that was used and not reviewed yet, for whoever spreads the alarm."""

    id: str
    number: str
    in_use: bool
    since: datetime
    review_until: date
    uses: frozenset[str]


def used_seals() -> Sequence[UsedSeal]:
    """Return the credentials that are in use, or were and wait for their review."""
    rows = EmergencySeal.objects.filter(opened_at__isnull=False, reviewed_at=None).prefetch_related("uses")
    return [
        UsedSeal(
            id=str(seal.pk),
            number=seal.number,
            in_use=seal.returned_at is None,
            since=seal.opened_at,
            review_until=review_until(seal.opened_at),
            uses=frozenset(str(use.pk) for use in seal.uses.all()),
        )
        for seal in rows.order_by("opened_at")
        if seal.opened_at is not None
    ]


def seal_opens(user: User) -> bool:
    """Tell whether the session of an emergency account goes on: in use, and its time is not up."""
    seal = EmergencySeal.objects.filter(user=user).first()
    return seal is not None and seal_state(seal) is SealState.IN_USE


def is_emergency(user: User) -> bool:
    """Tell whether an account is an emergency account of this platform."""
    return user.kind == AccountKind.EMERGENCY


def emergency_identity(user: User, session: str | None) -> tuple[str, frozenset[Role]]:
    """Return how the actor of an emergency session is called, with the name they wrote, and what roles it holds."""
    seal = EmergencySeal.objects.filter(user=user).first()
    if seal is None:
        return user.login, frozenset()
    use = EmergencyUse.objects.filter(seal=seal, session=session).first() if session else None
    return f"{seal.number} ({use.name})" if use else seal.number, roles_of_seal(seal)


def declared_emergency() -> str | None:
    """Return the declared emergency in force, empty if there is none, None where nobody can say."""
    offers = registry.current().offers(DeclaredEmergencies)  # type: ignore[type-abstract]  # a port is asked for by its protocol
    if not offers:
        return None
    return next((name for offer in offers if (name := offer.in_force())), "")
