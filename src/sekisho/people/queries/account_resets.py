"""Reads of accounts that were set up anew, and of the copies of identity documents."""

from collections.abc import Sequence
from uuid import UUID

from django.core.paginator import Page, Paginator

from sekisho.kernel.errors import NotFound
from sekisho.people.models import AccountReset, IdentityCopy
from sekisho.people.queries.people import today

PAGE_SIZE = 50


def resets(page: int) -> "Page[AccountReset]":
    """Return one page of resets, the newest first; the copies themselves stay in the database."""
    rows = AccountReset.objects.select_related("user__staff", "copy", "link").defer("copy__sealed")
    return Paginator(rows.order_by("-done_at", "-pk"), PAGE_SIZE).get_page(page)


def reset_of_link(token_hash: str) -> AccountReset:
    """Return the reset that a link belongs to. Raises NotFound."""
    row = AccountReset.objects.select_related("user__staff", "link").filter(link__token_hash=token_hash).first()
    if row is None:
        raise NotFound
    return row


def copy_of_reset(reset_id: UUID) -> IdentityCopy:
    """Return the copy that belongs to a reset. Raises NotFound."""
    row = IdentityCopy.objects.select_related("reset__user__staff").filter(reset_id=reset_id).first()
    if row is None:
        raise NotFound
    return row


def copies_to_destroy() -> Sequence[IdentityCopy]:
    """Return the copies whose time is over."""
    rows = IdentityCopy.objects.select_related("reset__user__staff").defer("sealed")
    return list(rows.filter(destroyed_at=None, keep_until__lt=today()))
