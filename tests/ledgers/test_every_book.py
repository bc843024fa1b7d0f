"""Every ledger of the house as it is declared: what is taken out of it and read back changes nothing."""

import itertools
from datetime import date
from typing import Any

import pytest
from django.db import models

from sekisho.kernel import clock
from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.forms.book_rows import RowState, plan_rows
from sekisho.ledgers.queries.book_values import file_headings, rows, text_of
from sekisho.ledgers.queries.books import Look, books
from sekisho.ledgers.rules.book_files import write_table

pytestmark = pytest.mark.django_db
DAY = date(2026, 4, 1)
_numbers = itertools.count(1)


def value_for(field: Any) -> Any:
    """Return something that a column can hold, never twice the same words; what it points to is made."""
    if isinstance(field, models.ForeignKey):
        return make(field.related_model)
    if field.flatchoices:
        return [code for code, _label in field.flatchoices if code][-1]
    match field:
        case models.BooleanField():
            return True
        case models.DateField():
            return DAY
        case models.IntegerField():
            return next(_numbers)
    return f"=１\n髙{next(_numbers)}" if isinstance(field, models.TextField) else f"=１{next(_numbers)}"


def make(model: type[Any], **values: Any) -> Any:
    """Store a row past every rule but the tables' own: what it holds is of no matter here."""
    for field in model._meta.concrete_fields:
        if not (field.name in values or field.has_default() or field.null or field.primary_key):
            values[field.name] = clock.now() if isinstance(field, models.DateTimeField) else value_for(field)
    return model._default_manager.create(**values)


@pytest.mark.parametrize("ledger", books(), ids=lambda ledger: ledger.id)
def test_what_is_taken_out_of_a_ledger_and_read_back_changes_nothing(ledger: Ledger) -> None:
    columns = [ledger.model._meta.get_field(column.field) for column in ledger.columns]
    make(ledger.model, **{field.name: value_for(field) for field in columns})
    make(ledger.model)  # with nothing that may be left out
    table = [file_headings(ledger), *([text_of(value) for value in row] for row in rows(ledger, Look()))]
    assert {len(row) for row in table} == {len(set(table[0]))}, "every heading once, and a cell under each"
    plans = plan_rows(ledger, write_table(table))
    assert [plan.state for plan in plans] == [RowState.UNCHANGED] * 2, [
        plan.differences or plan.faults for plan in plans
    ]
