"""Writing what was ticked: everything or nothing, each entry by the estate's own service with its own event."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction

from sekisho.config.wizard.offers import LineOffer, SystemOffer, same_line, same_system
from sekisho.estate.actions import EstateAction
from sekisho.estate.errors import EntryInvalid
from sekisho.estate.ledgers import LINKS, SYSTEMS, VENDORS
from sekisho.estate.queries import entries
from sekisho.estate.services import add_entry
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.search import fold


@dataclass(frozen=True, slots=True)
class SystemPick:
    """A system as ticked and described; ``vendor`` is a name, empty for none."""

    offer: SystemOffer
    name: str
    form: str
    vendor: str
    remote_maintenance: bool


@dataclass(frozen=True, slots=True)
class LinePick:
    """A line as ticked, with its kind."""

    offer: LineOffer
    name: str
    line: str


Pick = TypeVar("Pick", SystemPick, LinePick)


@dataclass(frozen=True, slots=True)
class Entered:
    """What was added, and what stood there already, by name."""

    added: Sequence[str]
    known: Sequence[str]


def open_entries(ledger: Ledger) -> Iterator[Any]:
    """Yield every open entry of a ledger, in the order of its list."""
    number, pages = 1, 1
    while number <= pages:
        page = entries(ledger, page=number)
        yield from page.object_list
        number, pages = number + 1, page.paginator.num_pages


@transaction.atomic
def enter_systems(*, actor: Actor, picks: Sequence[SystemPick]) -> Entered:
    """Add the systems and their vendors; what is registered already is left as it is.

    Raises Forbidden, and EntryInvalid with ``<key of the offer>-<field>`` as fields; then nothing was added.
    """
    actor.require(EstateAction.ADD)
    vendors = {fold(vendor.name): vendor for vendor in open_entries(VENDORS)}

    def add(pick: SystemPick) -> None:
        values = {
            "name": pick.name,
            "kind": pick.offer.key,
            "form": pick.form,
            "vendor": _vendor(actor, pick, vendors),
            "remote_maintenance": pick.remote_maintenance,
        }
        _add(actor, SYSTEMS, pick.offer.key, values)

    registered = list(open_entries(SYSTEMS))
    return _enter(picks, registered, lambda pick: same_system(pick.offer, registered), add)


def _vendor(actor: Actor, pick: SystemPick, vendors: dict[str, Any]) -> Any | None:
    """Return the vendor of that name, however it was typed; a new one is added once."""
    if not pick.vendor:
        return None
    key = fold(pick.vendor)
    if key not in vendors:
        vendors[key] = _add(actor, VENDORS, pick.offer.key, {"name": pick.vendor}, "vendor")
    return vendors[key]


@transaction.atomic
def enter_lines(*, actor: Actor, picks: Sequence[LinePick]) -> Entered:
    """Add the lines; what is registered already is left as it is. Raises as :func:`enter_systems` does."""
    actor.require(EstateAction.ADD)

    def add(pick: LinePick) -> None:
        values = {"name": pick.name, "line": pick.line, "used_for_maintenance": pick.offer.is_maintenance}
        _add(actor, LINKS, pick.offer.key, values)

    registered = list(open_entries(LINKS))
    return _enter(picks, registered, lambda pick: same_line(pick.offer, registered), add)


def _enter(
    picks: Sequence[Pick], registered: Sequence[Any], same: Callable[[Pick], Any | None], add: Callable[[Pick], None]
) -> Entered:
    by_name = {fold(entry.name): entry for entry in registered}
    added, known = [], []
    for pick in picks:
        if found := same(pick) or by_name.get(fold(pick.name)):
            known.append(str(found))
        else:
            add(pick)
            added.append(pick.name)
    return Entered(added, known)


def _add(actor: Actor, ledger: Ledger, key: str, values: Mapping[str, Any], typed_in: str = "name") -> Any:
    """Add an entry; what breaks a rule is named by the row and field in which it was typed."""
    try:
        return add_entry(actor=actor, ledger=ledger, values=values)
    except EntryInvalid as error:
        places = {field: field if field in values and field != "name" else typed_in for field in error.faults}
        raise EntryInvalid({f"{key}-{places[field]}": texts for field, texts in error.faults.items()}) from error
