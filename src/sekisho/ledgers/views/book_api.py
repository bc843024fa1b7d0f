"""The API operations of every ledger: list, one entry, add, change, confirm, close; the services of the pages."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status
from ninja.utils import check_csrf
from pydantic import BaseModel, ConfigDict, Field, create_model

from sekisho.kernel.access import Action, allow
from sekisho.kernel.actor import ActorKind
from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.errors import NotFromOurPages
from sekisho.ledgers.forms.book_json import Plain, read_values
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.queries.books import action_of, get_entry, number_of, page_of, slug_of, snapshot
from sekisho.ledgers.services.books import add_entry, change_entry, close_entry, confirm_entry
from sekisho.ledgers.views.book_looks import look_of
from sekisho.ui.request import Request

_ONE = "{uuid:entry_id}"


class BookPage(Schema):
    """One page of a ledger's entries."""

    count: int
    page: int
    pages: int
    entries: list[dict[str, Any]]


class Looked(Schema):
    """The version of the entry that was looked at: nobody's newer change is overwritten."""

    version: int


class Closing(Looked):
    """Why an entry is closed."""

    reason: str


class _Values(BaseModel):
    """Base of a ledger's columns as a program writes them; what is not of the ledger is refused."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


def book_router(room: str, books: Iterable[Ledger]) -> Router:
    """Return the operations of a room's ledgers, each open to whom that ledger's own action names."""
    router = Router(tags=[room])
    for ledger in books:
        _add_operations(router, room, ledger)
    return router


def api_rights_of(ledger: Ledger) -> list[tuple[str, str, Verb]]:
    """Return method, address and verb of every operation of a ledger, for the table of who gets in where."""
    room, slug = ledger.id.split(".")
    start = f"/api/v1/{room}/{slug}"
    return [(method.upper(), f"{start}{tail}", verb) for method, tail, _name, verb, _make in _OPERATIONS]


def writes(action: Action) -> Callable[[Any], bool]:
    """Return what looks at a write before its body is read: may the reader, and does it come from our own pages.

    The session is a cookie, which a browser sends along by itself whatever site asked it to; a program's token is not.
    The check raises what ``require`` raises, and NotFromOurPages.
    """

    def check(request: Any) -> bool:
        request.actor.require(action)
        if request.actor.kind is not ActorKind.SERVICE and check_csrf(request) is not None:
            raise NotFromOurPages(action=str(action), action_title=action.label)
        return True

    return check


def _add_operations(router: Router, room: str, ledger: Ledger) -> None:
    slug = slug_of(ledger)
    for method, tail, name, verb, make in _OPERATIONS:
        action, view = action_of(ledger, verb), make(ledger)
        options: dict[str, Any] = {"operation_id": f"{room}_{slug}{name}", "response": dict[str, Any]}
        if not tail and method == "get":
            options["response"] = BookPage
        if method != "get":
            options["auth"] = writes(action)
        if verb is Verb.ADD:
            options["response"] = {201: dict[str, Any]}
        router.api_operation([method.upper()], f"/{slug}{tail}", **options)(allow(action)(view))


def _list(ledger: Ledger) -> Callable[..., BookPage]:
    def entries(request: Request, page: int = 1) -> BookPage:
        """List the entries of a ledger; ``q``, ``shelf``, ``fy``, ``attention``, ``order``, filters as on its page."""
        found = page_of(ledger, look_of(ledger, request.GET), page)
        rows = [_entry(ledger, row) for row in found.object_list]
        return BookPage(count=found.paginator.count, page=found.number, pages=found.paginator.num_pages, entries=rows)

    return entries


def _show(ledger: Ledger) -> Callable[..., dict[str, Any]]:
    def entry(request: Request, entry_id: UUID) -> dict[str, Any]:
        """Return one entry, one that is no longer in use too."""
        return _entry(ledger, get_entry(ledger, entry_id))

    return entry


def _add(ledger: Ledger) -> Callable[..., Status[dict[str, Any]]]:
    def add(request: Request, values: Any) -> Status[dict[str, Any]]:
        """Add an entry under the next number."""
        given = read_values(ledger, values.model_dump(exclude_unset=True))
        return Status(201, _entry(ledger, add_entry(actor=request.actor, ledger=ledger, values=given)))

    add.__annotations__["values"] = _values_of(ledger)
    return add


def _change(ledger: Ledger) -> Callable[..., dict[str, Any]]:
    def change(request: Request, entry_id: UUID, changing: Any) -> dict[str, Any]:
        """Change what ``values`` names over ``version``; 409 when somebody else did since."""
        given = read_values(ledger, changing.values.model_dump(exclude_unset=True))
        changed = change_entry(
            actor=request.actor,
            ledger=ledger,
            entry_id=entry_id,
            version=changing.version,
            values=given,
            confirms=False,
        )
        return _entry(ledger, changed)

    name = f"{ledger.model.__name__}Change"
    change.__annotations__["changing"] = create_model(name, __base__=Looked, values=(_values_of(ledger), ...))
    return change


def _confirm(ledger: Ledger) -> Callable[..., dict[str, Any]]:
    def confirm(request: Request, entry_id: UUID, looked: Looked) -> dict[str, Any]:
        """Note that the entry holds as it stands in ``version``."""
        confirmed = confirm_entry(actor=request.actor, ledger=ledger, entry_id=entry_id, version=looked.version)
        return _entry(ledger, confirmed)

    return confirm


def _close(ledger: Ledger) -> Callable[..., dict[str, Any]]:
    def close(request: Request, entry_id: UUID, closing: Closing) -> dict[str, Any]:
        """Close an entry that is no longer in use; its history stays."""
        closed = close_entry(
            actor=request.actor,
            ledger=ledger,
            entry_id=entry_id,
            version=closing.version,
            reason=closing.reason,
        )
        return _entry(ledger, closed)

    return close


# Method, address behind that of the ledger, end of the operation's id, what one must be allowed, and what it does.
_OPERATIONS: tuple[tuple[str, str, str, Verb, Callable[[Ledger], Callable[..., Any]]], ...] = (
    ("get", "", "", Verb.VIEW, _list),
    ("post", "", "_add", Verb.ADD, _add),
    ("get", f"/{_ONE}", "_entry", Verb.VIEW, _show),
    ("patch", f"/{_ONE}", "_change", Verb.CHANGE, _change),
    ("post", f"/{_ONE}/confirm", "_confirm", Verb.CONFIRM, _confirm),
    ("post", f"/{_ONE}/close", "_close", Verb.CLOSE, _close),
)


def _values_of(ledger: Ledger) -> type[BaseModel]:
    """Return the columns of a ledger as the body of a request, each with its heading for the OpenAPI document."""
    columns: dict[str, Any] = {
        column.field: (Plain, Field(default=None, description=column.title.msgid)) for column in ledger.columns
    }
    return create_model(f"{ledger.model.__name__}Values", __base__=_Values, **columns)


def _entry(ledger: Ledger, entry: BookEntry) -> dict[str, Any]:
    ended = entry.ended_at.isoformat() if entry.ended_at else None
    own = {"id": str(entry.pk), "number": number_of(ledger, entry.number), "version": entry.version, "ended_at": ended}
    approved = entry.approved_at.isoformat() if entry.approved_at else None
    when = {"confirmed_at": entry.confirmed_at.isoformat(), "approved_at": approved}
    return {**own, **when, **snapshot(ledger, entry)}
