"""Passkeys, recovery codes, sessions, terminals and the policy of roles."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from sekisho.kernel import clock
from sekisho.people.models import KnownBrowser, Passkey, RecoveryCode, Session, Terminal, TotpSecret, User
from sekisho.people.rules.passkeys import names_a_host
from sekisho.trust.webauthn import KnownKey, Place, bytes_of

PRODUCT = "Sekisho"


def place() -> Place:
    """Return where passkeys of this installation are good. A key belongs to its host name for good."""
    return Place(settings.ALLOWED_HOSTS[0], PRODUCT, settings.ORIGIN)


def place_of(host: str) -> Place:
    """Return where keys of ``host`` are shown: at our present address, whatever name they belong to."""
    return Place(host, PRODUCT, settings.ORIGIN)


def passkeys_are_possible() -> bool:
    """Tell whether browsers can make passkeys for our address: not for a bare IP address."""
    return names_a_host(place().host)


def passkeys_of(user_id: UUID | str) -> Sequence[Passkey]:
    """Return the keys of an account, held ones included, the oldest first."""
    return list(Passkey.objects.filter(user_id=user_id).order_by("created_at", "pk"))


def known_keys(user_id: UUID | str, host: str = "") -> list[KnownKey]:
    """Return the keys of an account that belong to ``host`` (ours if empty) and are not held, as they are asked for."""
    wanted = host or place().host
    return [known_key(key) for key in passkeys_of(user_id) if key.held_at is None and key.host == wanted]


def known_key(key: Passkey) -> KnownKey:
    """Return a stored key as it is checked."""
    return KnownKey(bytes_of(key.credential_id), bytes(key.public_key), tuple(key.transports))


def holders_of_passkeys() -> frozenset[UUID]:
    """Return the accounts with a key that opens our present address and is not held."""
    return frozenset(Passkey.objects.filter(held_at=None, host=place().host).values_list("user_id", flat=True))


def has_totp(user_id: UUID | str) -> bool:
    """Tell whether an account has an authenticator app."""
    return TotpSecret.objects.filter(user_id=user_id).exists()


def codes_left(user_id: UUID | str) -> int:
    """Return how many recovery codes of an account are unused."""
    return RecoveryCode.objects.filter(user_id=user_id, used_at=None).count()


def sessions_of(user_id: UUID | str) -> Sequence[Session]:
    """Return the sessions of an account that are not over, the newest first."""
    return list(Session.objects.filter(user_id=user_id, expire_date__gt=clock.now()).order_by("-created_at", "pk"))


def terminals() -> Sequence[Terminal]:
    """Return the shared terminals in use, by name."""
    return list(Terminal.objects.filter(ended_at=None).order_by("name", "pk"))


def terminal(terminal_id: UUID | str) -> Terminal | None:
    """Return a shared terminal in use, or None."""
    return Terminal.objects.filter(pk=terminal_id, ended_at=None).first()


def other_new_browsers(user: User, token_hash: str) -> Sequence[KnownBrowser]:
    """Return the browsers that first signed in after this one was last used, the newest first."""
    mine = KnownBrowser.objects.filter(user=user, token_hash=token_hash).first()
    if mine is None:
        return ()
    return list(user.browsers.filter(first_at__gt=mine.last_at).exclude(pk=mine.pk).order_by("-first_at")[:10])


def codes_used_since(user: User, token_hash: str) -> int:
    """Return how many recovery codes were used since this browser was last used; 0 for one that is not known."""
    mine = KnownBrowser.objects.filter(user=user, token_hash=token_hash).first()
    return user.recovery_codes.filter(used_at__gt=mine.last_at).count() if mine else 0
