"""Which page of a long list is shown, and which page numbers are offered."""

from dataclasses import dataclass
from typing import Protocol

from django.http import QueryDict

GAP = None


class Paged(Protocol):
    """What the pager needs to know of a page of rows."""

    @property
    def number(self) -> int:
        """The page shown, from 1."""
        ...

    @property
    def num_pages(self) -> int:
        """How many pages there are."""
        ...

    @property
    def previous(self) -> int | None:
        """The page before, or None on the first."""
        ...

    @property
    def next(self) -> int | None:
        """The page after, or None on the last."""
        ...


@dataclass(frozen=True, slots=True)
class PagePosition:
    """A plain Paged for queries that count for themselves; ``total`` rows are told when known."""

    number: int
    num_pages: int
    total: int | None = None

    @property
    def previous(self) -> int | None:
        """The page before, or None on the first."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The page after, or None on the last."""
        return self.number + 1 if self.number < self.num_pages else None


def page_numbers(number: int, num_pages: int) -> list[int | None]:
    """Return the first, the last and the pages around ``number``; GAP stands for those left out.

    A gap of a single page is filled with that page: a number is no wider than an ellipsis.
    """
    wanted = {1, num_pages, *range(number - 1, number + 2)}
    shown: list[int | None] = []
    for page in range(1, num_pages + 1):
        lonely = page - 1 in wanted and page + 1 in wanted
        if page in wanted or lonely:
            shown.append(page)
        elif not shown or shown[-1] is not GAP:
            shown.append(GAP)
    return shown


def page_number(query: QueryDict, parameter: str = "page") -> int:
    """Return the page asked for, 1 for none or rubbish. A number beyond the end is the paginator's to refuse."""
    text = query.get(parameter) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def page_url(query: QueryDict, number: int, parameter: str = "page") -> str:
    """Return the query string for page ``number``; every other parameter of ``query`` stays."""
    copied = query.copy()
    copied[parameter] = str(number)
    return f"?{copied.urlencode()}"
