"""A new ledger as somebody adds one: one model and one declaration, and the addresses that follow from them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

from django.db import connection, models
from django.test import Client

from sekisho.config import urls
from sekisho.kernel import registry
from sekisho.kernel.access import REVIEWERS, Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Column, Group, Ledger
from sekisho.kernel.text import Text
from sekisho.ledgers.actions import book_actions
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.services.books import add_entry
from sekisho.ledgers.views.books import book_addresses

LIST = "/trial/keys/"


class Place(models.TextChoices):
    """Where a key hangs."""

    BOX = "box", "鍵箱"
    SAFE = "safe", "金庫"


class Key(BookEntry):
    """A key of the house."""

    name = models.CharField(max_length=100)
    place = models.CharField(max_length=10, choices=Place)
    copies = models.IntegerField(default=1)
    spare = models.BooleanField(default=False)
    due_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta(BookEntry.Meta):
        app_label = "trial"

    def __str__(self) -> str:
        return self.name


TITLE = Text("鍵台帳")
KEYS = Ledger(
    id="trial.keys",
    title=TITLE,
    model=Key,
    columns=(
        Column("name", Text("鍵の名称"), Text("札のとおり"), listed=True),
        Column("place", Text("保管場所"), listed=True, filtered=True),
        Column("copies", Text("本数"), listed=True),
        Column("spare", Text("予備"), filtered=True),
        Column("due_on", Text("返却期限"), listed=True, expires=True),
        Column("note", Text("備考")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    actions=book_actions("key", TITLE, readers=REVIEWERS, keepers={Role.SYSTEM_OPERATOR}, module=__name__),
    prefix="KY",
    group=Group.CLIENT,
)


@contextmanager
def declared(settings: Any) -> Iterator[None]:
    """Let the ledger be one of the house's while the block runs: its table, its actions, its addresses."""
    make_table()
    before = registry.current()
    registry.install(replace(before, ledgers=(*before.ledgers, KEYS), actions=(*before.actions, *KEYS.actions)))  # type: ignore[misc]
    settings.ROOT_URLCONF = url_module()
    yield
    registry.install(before)


def enter(actor: Actor, **values: Any) -> Any:
    """Add a key, to the box unless something else is said."""
    return add_entry(actor=actor, ledger=KEYS, values={"place": "box", **values})


def page(client: Client, address: str) -> str:
    """Return a page that opens."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def make_table() -> None:
    """Create the table inside the test's transaction; it goes with it."""
    with connection.cursor() as cursor:
        statement, parameters = connection.schema_editor().table_sql(Key)
        cursor.execute(statement, parameters or None)


def url_module() -> Any:
    """Return a root of addresses with the new ledger's own beside those of the house."""
    from django.urls import include, path

    module = ModuleType("tests.ledgers.trial_urls")
    trial = (book_addresses([KEYS]), "trial")
    found: dict[str, Any] = {**vars(urls), "urlpatterns": [*urls.urlpatterns, path("", include(trial))]}
    vars(module).update({name: value for name, value in found.items() if not name.startswith("__")})
    return module
