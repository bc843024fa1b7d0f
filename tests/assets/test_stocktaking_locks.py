"""Two who read the same label at the same moment: one finds the thing, the other finds it again."""

from collections.abc import Iterator

import pytest
from django.db import connection

from sekisho.assets.errors import StocktakeEnded
from sekisho.assets.models import ExpectedThing, StockLine, StockReading, Stocktake
from sekisho.assets.services.stocktaking import cancel_stocktake
from sekisho.kernel.actor import Actor
from tests.assets.counting import begun, counts, device, read
from tests.people.test_locks import while_open

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _rows_can_be_cleared(transactional_db: None) -> Iterator[None]:
    """These tests commit, and SQLite's flush deletes row by row, which the triggers refuse: lift them for it."""
    yield
    if connection.vendor != "sqlite":
        return  # PostgreSQL truncates, which asks no trigger of a row
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'assets!_%' ESCAPE '!'"
        )
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        for model in (StockReading, StockLine, ExpectedThing, Stocktake):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
        for _name, sql in triggers:
            cursor.execute(sql)


@pytest.mark.parametrize("code", ["EQ-00001", "unknown"])
def test_of_two_who_read_at_once_one_finds_it_and_one_finds_it_again(operator: Actor, code: str) -> None:
    device(operator, "受付端末")
    stocktake = begun(operator)
    answer = while_open(lambda: read(operator, stocktake, code), lambda: read(operator, stocktake, code).result)  # type: ignore[arg-type,return-value]
    assert answer == "twice"
    first = {"match": 1} if code == "EQ-00001" else {"missing": 1, "unlisted": 1}
    assert counts(stocktake) == {**first, "twice": 1}


def test_whoever_reads_while_it_is_cancelled_is_told(operator: Actor) -> None:
    device(operator, "受付端末")
    stocktake = begun(operator)

    def end() -> None:
        cancel_stocktake(actor=operator, stocktake_id=stocktake.pk, reason="範囲の誤り")

    with pytest.raises(StocktakeEnded):
        while_open(end, lambda: read(operator, stocktake, "EQ-00001"))
    assert StockReading.objects.count() == 0
