"""What must hold of every new password, and what is kept of the old one. Part of services that set a password."""

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.hashers import check_password as is_password
from django.contrib.auth.hashers import identify_hasher, make_password

from sekisho.kernel import clock
from sekisho.people.errors.sign_in import PasswordBreached, PasswordReused, PasswordUsedElsewhere
from sekisho.people.models import FormerPassword, User
from sekisho.people.queries.breached import is_breached
from sekisho.people.queries.password_lists import is_used_elsewhere
from sekisho.people.rules.passwords import check_password

REMEMBERED = 5


def require_good_password(password: str, *, about: Sequence[str], user: User | None) -> None:
    """Refuse a password (normalized) that is weak, breached, or one of ``user``: one of the last, or of another system.

    Raises PasswordTooWeak, PasswordBreached, PasswordReused, PasswordUsedElsewhere, BreachListUnreadable.
    """
    check_password(password, about=tuple(about))
    if settings.BREACHED_PASSWORDS is not None and is_breached(password, settings.BREACHED_PASSWORDS):
        raise PasswordBreached(field="password")
    if user is not None and any(is_password(password, former) for former in _last(user)):
        raise PasswordReused(field="password", count=REMEMBERED)
    if user is not None and is_used_elsewhere(user, password):
        raise PasswordUsedElsewhere(field="password")


def _last(user: User) -> Sequence[str]:
    former = FormerPassword.objects.filter(user=user).order_by("-replaced_at", "-pk")
    kept = list(former.values_list("password", flat=True)[: REMEMBERED - 1])
    return [one for one in (user.password, *kept) if one]


def remember_password(user: User) -> None:
    """Keep the hash of the password that is about to be replaced, and drop those that may come back."""
    if user.password:
        FormerPassword.objects.create(user=user, password=user.password, replaced_at=clock.now())
        former = FormerPassword.objects.filter(user=user).order_by("-replaced_at", "-pk")
        too_old = former.values_list("pk", flat=True)[REMEMBERED - 1 :]
        FormerPassword.objects.filter(pk__in=list(too_old)).delete()


def renew_hash(user: User, password: str) -> None:
    """Hash a password (normalized, just found right) anew if it was hashed with older parameters; sessions stay."""
    if identify_hasher(user.password).must_update(user.password):
        # Only over the hash that was just checked: a password changed meanwhile stays.
        User.objects.filter(pk=user.pk, password=user.password).update(password=make_password(password))
