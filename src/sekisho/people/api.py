"""API operations of people."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Router, Schema

from sekisho.kernel.access import allow
from sekisho.ledgers.views.book_api import book_router
from sekisho.ledgers.views.books import declared_books
from sekisho.people import ledgers
from sekisho.people.actions import PeopleAction, ProvisioningAction, SshKeyAction
from sekisho.people.queries.provisioning import page_of, rows_of
from sekisho.people.queries.staff_keys import LoginKey, authorized_keys, keys_in_use
from sekisho.people.rules.provisioning import Listing
from sekisho.people.rules.ssh_keys import in_hardware
from sekisho.ui.request import Request

_PAGE_SIZE = 100
_LISTED_AT_ONCE = 1000  # a list is made as a whole, whichever page of it is asked for
router = Router(tags=["people"])
router.add_router("", book_router("people", declared_books(ledgers)))


class Me(Schema):
    """Who is asking."""

    id: str
    name: str
    roles: list[str]
    assurance: int


@router.get("/me", response=Me, operation_id="me")
@allow(PeopleAction.HOME)
def me(request: Request) -> Me:
    """Return the signed-in person with today's roles and the assurance level of the sign-in."""
    actor = request.actor
    return Me(id=actor.id, name=actor.name, roles=sorted(actor.roles), assurance=actor.assurance)


class LoginKeyOut(Schema):
    """An SSH public key of somebody who works here; ``in_hardware`` tells that a security key holds its private half.

    ``line`` is the key as ``authorized_keys`` has it, ``key_id`` its comment there.
    """

    login: str
    key_id: str
    kind: str
    bits: int
    fingerprint: str
    in_hardware: bool
    added_at: datetime
    line: str


class LoginKeys(Schema):
    """One page of keys."""

    count: int
    page: int
    pages: int
    keys: list[LoginKeyOut]


@router.get("/keys", response=LoginKeys, operation_id="people_keys")
@allow(SshKeyAction.FETCH)
def list_keys(
    request: Request, login: str | None = None, form: Literal["json", "authorized_keys"] = "json", page: int = 1
) -> Any:
    """List the SSH public keys of people who work here and whose account works, of one login where it is given.

    With ``form=authorized_keys`` the answer is text, as sshd wants it of an AuthorizedKeysCommand.
    """
    if form == "authorized_keys":
        return HttpResponse(authorized_keys(login or ""), content_type="text/plain; charset=utf-8")
    found = page_of(keys_in_use(login), page, _PAGE_SIZE)
    keys = [_key_out(key) for key in found.object_list]
    return LoginKeys(count=found.paginator.count, page=found.number, pages=found.paginator.num_pages, keys=keys)


def _key_out(key: LoginKey) -> LoginKeyOut:
    return LoginKeyOut(
        login=key.login,
        key_id=key.key_id,
        kind=key.kind,
        bits=key.bits,
        fingerprint=key.fingerprint,
        in_hardware=in_hardware(key.kind),
        added_at=key.added_at,
        line=f"{key.kind} {key.blob} {key.key_id}",
    )


class Listed(Schema):
    """A list for other systems, page by page; the keys of a row are the columns of the CSV."""

    count: int
    page: int
    pages: int
    rows: list[dict[str, Any]]


@router.get("/provisioning/{listing}", response=Listed, operation_id="people_provisioning")
@allow(ProvisioningAction.FETCH)
def list_provisioning(request: Request, listing: Listing, page: int = 1) -> Listed:
    """Return staff and accounts, or the rights granted in the systems, as the CSV of the page has them."""
    found = page_of(rows_of(listing), page, _LISTED_AT_ONCE)
    rows = [dict(zip(listing.columns, row, strict=True)) for row in found.object_list]
    return Listed(count=found.paginator.count, page=found.number, pages=found.paginator.num_pages, rows=rows)
