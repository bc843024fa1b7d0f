"""No room writes the list, form or export of a ledger by hand: a model and a declaration are all there is."""

from pathlib import Path

import pytest
from django.urls import get_resolver, reverse
from django.utils.translation import override

import sekisho
from sekisho.config.api import api
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.search import fold
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.queries.book_values import headings
from sekisho.ledgers.queries.books import action_of, books
from sekisho.ledgers.views.book_context import route_of
from sekisho.ui.display import LANGUAGES
from tests.architecture.test_access_table import patterns

HOUSE = Path(sekisho.__path__[0])
BY_HAND = ("sekisho.ui.sheet", "sekisho.ui.paper", "ModelForm", "modelform_factory", "Paginator", "import csv")


@pytest.mark.parametrize("ledger", books(), ids=lambda ledger: ledger.id)
def test_a_book_is_a_model_and_a_declaration(ledger: Ledger) -> None:
    """Its room holds no views, forms or services of its own for it, and names nothing that such code would need."""
    assert issubclass(ledger.model, BookEntry)
    room = HOUSE / ledger.id.split(".")[0]
    for name in ("views", "forms", "services"):
        hand_written = [path for path in (room / name).glob("*.py") if ledger.model.__name__ in path.read_text("utf8")]
        assert hand_written == []
    declared = [*room.glob("ledgers/*.py"), *room.glob("*.py")]
    assert [path.name for path in declared if any(word in path.read_text("utf8") for word in BY_HAND)] == []


def test_below_the_address_of_a_book_there_is_only_the_machinery() -> None:
    """No room puts a page or an operation of its own where a list, a form or a file of a book would be looked for."""
    own = tuple(f"{ledger.id.replace('.', '/')}/" for ledger in books())
    pages = [(route, view.callback) for route, view in patterns(get_resolver()) if route.startswith(own)]
    assert len(pages) >= 20 * len(own)
    assert {route for route, view in pages if view.__module__ != "sekisho.ledgers.views.books"} == set()
    operations = [
        ("/".join(filter(None, f"{prefix}/{path}/".split("/"))) + "/", operation.view_func)
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
    ]
    kept = [(path, view) for path, view in operations if path.startswith(own)]
    assert {start for start in own if sum(path.startswith(start) for path, _view in kept) != 6} == set()
    assert {path for path, view in kept if view.__module__ != "sekisho.ledgers.views.book_api"} == set()
    templates = [path for path in HOUSE.glob("*/templates/**/*.html") if "ledgers" not in path.parts]
    assert [path.name for path in templates if "ledgers/book" in path.read_text("utf8")] == []


@pytest.mark.parametrize("ledger", books(), ids=lambda ledger: ledger.id)
def test_a_book_has_every_address_and_every_right(ledger: Ledger) -> None:
    """The list, the form, the files and the import are where the navigation and the templates look for them."""
    for name in ("list", "new", "import", "xlsx", "csv", "pdf"):
        assert reverse(route_of(ledger, name)).startswith(f"/{ledger.id.replace('.', '/')}/")
    assert len({action_of(ledger, verb) for verb in Verb}) == len(Verb)
    assert ledger.owner_role in action_of(ledger, Verb.ADD).roles
    assert ledger.prefix


@pytest.mark.parametrize("ledger", books(), ids=lambda ledger: ledger.id)
def test_the_headings_of_a_book_tell_its_columns_apart(ledger: Ledger) -> None:
    """In every language, however they are typed: a file that is read back is understood by its headings."""
    for language in LANGUAGES:
        with override(language):
            assert len({fold(title) for title in headings(ledger)}) == len(ledger.columns) + 1


def test_there_are_books_and_their_numbers_do_not_look_alike() -> None:
    """Two ledgers with one prefix would print the same number on two papers."""
    prefixes = [ledger.prefix for ledger in books()]
    assert len(prefixes) >= 2
    assert len(set(prefixes)) == len(prefixes)
