"""Everything that is kept about one person, for the person themselves (a request for disclosure)."""

import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db import models, transaction

from sekisho.config.actions import PersonalDataAction
from sekisho.kernel import registry
from sekisho.kernel.actor import Actor
from sekisho.people.queries import accounts_of, person
from sekisho.people.services.staff import staff_ref
from sekisho.register.queries import all_events
from sekisho.register.rules.searching import Search
from sekisho.register.services import append
from sekisho.ui.sheet import Cell, Sheet, SheetColumn, make_workbook

MOST_EVENTS = 10_000
# Whoever has these could sign in as the person, or try to: they are nobody's to read.
_SECRET = frozenset({"password", "token_hash", "code_hash", "secret_hash", "hash", "credential_id", "login_key"})


@transaction.atomic
def export_person(*, actor: Actor, staff_id: UUID) -> bytes:
    """Return a ZIP file with a workbook, a sheet for each table that names the person, and what they did as JSON.

    Raises Forbidden, NotFound.
    """
    actor.require(PersonalDataAction.EXPORT)
    staff = person(staff_id)
    accounts = [account.pk for account in accounts_of(staff)]
    sheets = [sheet for table in _tables() if (sheet := _sheet(table, staff.pk, accounts)) is not None]
    events = [event.document for account in accounts for event in all_events(Search(person=str(account)), MOST_EVENTS)]
    book = make_workbook(sheets, title=staff.name, author="Sekisho")
    content = _packed({"data.xlsx": book, "events.json": json.dumps(events, ensure_ascii=False, indent=1).encode()})
    append(
        actor=actor,
        action=PersonalDataAction.EXPORT,
        subject=staff_ref(staff),
        details={"tables": len(sheets), "bytes": len(content)},
    )
    return content


def _tables() -> Iterator[type[models.Model]]:
    for holding in registry.current().holdings:
        yield from holding.tables


def _sheet(table: type[models.Model], staff: UUID, accounts: list[UUID]) -> Sheet | None:
    """Return the rows of a table that point to the person or to one of their accounts; None without any."""
    wanted = models.Q(pk__in=[])
    for field in table._meta.concrete_fields:
        wanted |= _points(field, staff, accounts)
    if table._meta.db_table in {"people_staff", "people_user"}:
        wanted |= models.Q(pk__in=[staff, *accounts])
    rows = list(table._default_manager.filter(wanted).order_by("pk"))
    if not rows:
        return None
    fields = [field for field in table._meta.concrete_fields if not _is_secret(field)]
    return Sheet(
        table._meta.db_table,
        [SheetColumn(field.name, 18) for field in fields],
        [[_cell(getattr(row, field.attname)) for field in fields] for row in rows],
    )


def _points(field: Any, staff: UUID, accounts: list[UUID]) -> models.Q:
    target = field.related_model._meta.concrete_model._meta.db_table if field.is_relation else ""
    values = {"people_staff": [staff], "people_user": accounts}.get(target, [])
    return models.Q(**{f"{field.name}__in": values}) if values else models.Q(pk__in=[])


def _is_secret(field: Any) -> bool:
    return isinstance(field, models.BinaryField) or field.name in _SECRET


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float | date | datetime):
        return value
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


def _packed(files: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
