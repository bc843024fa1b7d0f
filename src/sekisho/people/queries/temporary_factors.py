"""Reads of temporary factors."""

from collections.abc import Sequence
from uuid import UUID

from sekisho.kernel import clock
from sekisho.people.models import AccountReset, Staff, TemporaryFactor

LONGEST_LIST = 50


def open_factor(user_id: UUID | str) -> TemporaryFactor | None:
    """Return the temporary factor of an account that works now, or None."""
    return TemporaryFactor.objects.filter(user_id=user_id, withdrawn_at=None, expires_at__gt=clock.now()).first()


def factors_of(staff: Staff) -> Sequence[TemporaryFactor]:
    """Return the temporary factors a person ever got, the newest first; the last fifty."""
    rows = TemporaryFactor.objects.filter(user__staff=staff).select_related("user")
    return list(rows.order_by("-issued_at")[:LONGEST_LIST])


def every_factor() -> Sequence[TemporaryFactor]:
    """Return every temporary factor, the oldest first."""
    return list(TemporaryFactor.objects.select_related("user").order_by("issued_at"))


def every_reset() -> Sequence[AccountReset]:
    """Return every account that an operator let somebody set up anew, the oldest first."""
    rows = AccountReset.objects.select_related("user", "copy").defer("copy__sealed")
    return list(rows.order_by("done_at"))
