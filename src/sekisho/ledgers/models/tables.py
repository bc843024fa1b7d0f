"""Steps of migrations: tables made at once, and the triggers that hold in the database what is written once."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import migrations, router
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState, StateApps


class CreateTogether(Operation):
    """The tables of a room in one step.

    Django builds the models of all rooms anew after each table that is made while they stand built; with two hundred
    tables that was three quarters of a first start. Here they are built once, when all tables of the room are known.
    """

    category = OperationCategory.ADDITION
    serialization_expand_args: ClassVar[list[str]] = ["tables"]

    def __init__(self, tables: Sequence[migrations.CreateModel]) -> None:
        self.tables = tables

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add all tables to what is known; whoever asks for the models next has them built."""
        state.__dict__.pop("apps", None)
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make the tables in their order."""
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop the tables, those that point to others first."""
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say how many tables come."""
        return f"Create {len(self.tables)} tables"


_FUNCTION = """
CREATE OR REPLACE FUNCTION sekisho_append_only() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'evidence is append-only'; END $$ LANGUAGE plpgsql
"""


class OnTables(migrations.RunPython):
    """A step that speaks to the database alone, so the models of that moment are not built for it.

    Building all of them for each of twenty steps took a third of a first start.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Run the code without any models."""
        if router.allow_migrate(schema_editor.connection.alias, app_label):
            self.code(StateApps([], {}), schema_editor)


def append_only(*tables: str, when: str = "") -> OnTables:
    """Return the migration step after which the database refuses to change or delete rows of ``tables``.

    ``when`` is a condition over ``OLD`` in plain SQL, for tables whose rows become final only later.
    """

    def add(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(_FUNCTION)
        for table in tables:
            for verb in ("UPDATE", "DELETE"):
                schema_editor.execute(_trigger(schema_editor.connection.vendor, table, verb, when))

    return OnTables(add, migrations.RunPython.noop)


def _trigger(vendor: str, table: str, verb: str, when: str) -> str:
    """Table, verb and condition are constants of migrations, never anything that was entered."""
    condition = f"WHEN ({when}) " if when else ""
    head = f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
    if vendor == "postgresql":
        return f"{head}FOR EACH ROW {condition}EXECUTE FUNCTION sekisho_append_only()"
    return f"{head}FOR EACH ROW {condition}BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END"
