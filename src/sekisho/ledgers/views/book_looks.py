"""What an address asks a ledger to show, read and written."""

from django.http import QueryDict

from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.queries.book_conditions import Attention
from sekisho.ledgers.queries.books import Look, Shelf
from sekisho.ledgers.rules.book_years import read_year


def look_of(ledger: Ledger, query: QueryDict) -> Look:
    """Return what an address asks for; words that mean nothing ask for the usual."""
    shelf, attention = query.get("shelf", ""), query.get("attention", "")
    return Look(
        text=query.get("q", ""),
        shelf=Shelf(shelf) if shelf in set(Shelf) else Shelf.IN_USE,
        narrowed={column.field: query.get(column.field, "") for column in ledger.columns if column.filtered},
        order=query.get("order", "number"),
        year=read_year(query.get("fy", "")),
        attention=Attention(attention) if attention in set(Attention) else None,
    )


def query_of(look: Look) -> str:
    """Return what stands behind the question mark for a look, and nothing for the usual one."""
    said = {
        "q": look.text,
        "shelf": "" if look.shelf is Shelf.IN_USE else look.shelf.value,
        **look.narrowed,
        "fy": "" if look.year is None else str(look.year),
        "attention": look.attention.value if look.attention else "",
        "order": "" if look.order == "number" else look.order,
    }
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in said.items() if value})
    return query.urlencode()


def is_narrowed(look: Look) -> bool:
    """Tell whether a look leaves anything out of what is in use."""
    chosen = look.shelf is not Shelf.IN_USE or look.year is not None or look.attention is not None
    return chosen or bool(look.text) or any(look.narrowed.values())
