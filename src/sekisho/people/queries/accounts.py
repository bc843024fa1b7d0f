"""The accounts of this platform."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor, ActorKind
from sekisho.people.models import TotpSecret, User
from sekisho.people.queries.emergency import emergency_identity, is_emergency, seal_opens
from sekisho.people.queries.people import roles_of, today
from sekisho.people.rules.emergency_rights import withheld_from


def may_sign_in(user: User) -> bool:
    """Tell whether the account is in use and its owner works here today; an emergency account while it is opened."""
    if is_emergency(user):
        return user.is_active and seal_opens(user)
    staff, day = user.staff, today()
    begun = staff.employed_from is None or staff.employed_from <= day
    return user.is_active and begun and (staff.employed_until is None or staff.employed_until >= day)


def actor_of(user: User, *, session: str | None, network: str | None, assurance: int) -> Actor:
    """Return the actor of a signed-in account."""
    withheld: frozenset[str] = frozenset()
    if is_emergency(user):
        name, roles = emergency_identity(user, session)
        withheld = withheld_from(action.value for action in registry.current().actions)
    else:
        name, roles = user.staff.name, roles_of(user.staff_id)
    return Actor(
        kind=ActorKind.PERSON,
        id=str(user.pk),
        name=name,
        roles=roles,
        session=session,
        network=network,
        assurance=assurance,
        withheld=withheld,
    )


def account(user_id: str) -> User | None:
    """Return an account with its person, or None."""
    return User.objects.select_related("staff").filter(pk=user_id).first()


def nobody_has_an_account() -> bool:
    """Tell whether this installation still waits for its first administrator."""
    return not User.objects.exists()


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
    """Return the accounts that can sign in today, each with the sealed seed of its confirmed second factor, or None.

    Emergency accounts are none of them: their one factor is the sealed envelope, and their use has a check of its own.
    """
    confirmed = TotpSecret.objects.filter(confirmed_at__lte=clock.now())
    seeds = {secret.user_id: bytes(secret.sealed_seed) for secret in confirmed}
    accounts = User.objects.select_related("staff").order_by("pk")
    return [(user.pk, seeds.get(user.pk)) for user in accounts if not is_emergency(user) and may_sign_in(user)]
