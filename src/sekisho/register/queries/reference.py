"""Reads of the lists that rules of the review need: which there are, how old, and their rows for the rules."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sekisho.kernel import registry
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import ReferenceTable
from sekisho.register.log.review.rulebook import TABLES
from sekisho.register.models import ListState, ReferenceList
from sekisho.register.rules.reference import LISTS, ListForm, family_reading, is_fresh

_WITH_FAMILIES = {name for name, columns in TABLES.items() if "family" in columns}


@dataclass(frozen=True, slots=True)
class KnownList:
    """A list and how it stands: the version in force, and one that was looked at and waits for a decision."""

    form: ListForm
    current: ReferenceList | None
    waiting: ReferenceList | None
    fresh: bool


def known_lists(today: date) -> list[KnownList]:
    """Return every list that can be handed in, whether it was or not."""
    rows = ReferenceList.objects.filter(state__in=(ListState.CURRENT, ListState.EXAMINED)).defer("content", "faults")
    current = {row.table: row for row in rows if row.state == ListState.CURRENT}
    waiting = {row.table: row for row in rows if row.state == ListState.EXAMINED}
    return [
        KnownList(
            form,
            current.get(table),
            waiting.get(table),
            table in current and is_fresh(form, current[table].as_of, today),
        )
        for table, form in LISTS.items()
    ]


def old_lists(today: date) -> list[str]:
    """Return the lists in force that are too old to be asked."""
    return sorted(one.form.table for one in known_lists(today) if one.current and not one.fresh)


def _fresh_rows(today: date) -> dict[str, tuple[tuple[str, ...], list[list[Any]]]]:
    """Return columns and rows of the lists in force that are not too old, by table."""
    fresh = [one.form for one in known_lists(today) if one.fresh]
    rows = ReferenceList.objects.filter(state=ListState.CURRENT, table__in=[form.table for form in fresh])
    content = dict(rows.values_list("table", "content"))
    return {
        form.table: (tuple(column.name for column in form.columns), json.loads(content[form.table]))
        for form in fresh
        if form.table in content
    }


def rows_for_rules(today: date) -> dict[str, list[list[object]]]:
    """Return the rows of the reference tables that somebody offers and that are not empty, by name.

    Lists that were handed in and are too old by now are not among them.
    """
    found: dict[str, list[list[object]]] = {}
    for table in registry.current().offers(ReferenceTable):  # type: ignore[type-abstract]  # asked for by its protocol
        wanted = TABLES.get(table.name)
        if wanted is not None and set(wanted) <= set(table.columns):
            places = [table.columns.index(column) for column in wanted]
            found.setdefault(table.name, []).extend([row[place] for place in places] for row in table.rows())
    for name, (columns, rows) in _fresh_rows(today).items():
        places = [columns.index(column) for column in TABLES[name] if column in columns]
        found.setdefault(name, []).extend([row[place] for place in places] for row in rows)
    for name in found.keys() & _WITH_FAMILIES:
        place = TABLES[name].index("family")
        for row in found[name]:
            row[place] = family_reading(str(row[place]))
    return {name: rows for name, rows in found.items() if rows}


def list_form(table: str) -> ListForm:
    """Return a list by the name of its table. Raises NotFound."""
    if table not in LISTS:
        raise NotFound
    return LISTS[table]


def reference_list(list_id: UUID) -> ReferenceList:
    """Return one version of a list. Raises NotFound."""
    found = ReferenceList.objects.filter(pk=list_id, table__in=LISTS).first()
    if found is None:
        raise NotFound
    return found


def last_mapping(table: str) -> Mapping[str, str]:
    """Return the headings and the delimiter that were used last, empty before the first time."""
    newest = (
        ReferenceList.objects.filter(table=table).order_by("-handed_in_at", "-id").values_list("mapping", flat=True)
    )
    return newest.first() or {}


def versions_of(table: str, most: int = 20) -> Sequence[ReferenceList]:
    """Return the newest versions of a list, those thrown away too, without their rows."""
    rows = ReferenceList.objects.filter(table=table).defer("content", "faults")
    return list(rows.order_by("-handed_in_at", "-id")[:most])
