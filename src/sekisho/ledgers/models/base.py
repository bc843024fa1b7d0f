"""What is written once: a base for the tables of every room, and the triggers that hold it in the database itself."""

from typing import Any

from django.db import migrations, models, router
from django.db.migrations.state import StateApps

from sekisho.ledgers.errors import AppendOnlyViolation


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows are added and read. Changing and deleting are refused here, and by triggers in the database."""

    def update(self, **_values: Any) -> int:
        """Refuse. Raises AppendOnlyViolation."""
        raise AppendOnlyViolation

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse. Raises AppendOnlyViolation."""
        raise AppendOnlyViolation

    def bulk_update(self, *_arguments: Any, **_options: Any) -> int:
        """Refuse. Raises AppendOnlyViolation."""
        raise AppendOnlyViolation


class AppendOnly(models.Model):
    """Base of evidence: a row is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *arguments: Any, **options: Any) -> None:
        """Store a new row. Raises AppendOnlyViolation for one that is stored."""
        if not self._state.adding:
            raise AppendOnlyViolation
        super().save(*arguments, **{**options, "force_insert": True})

    def delete(self, *_arguments: Any, **_options: Any) -> tuple[int, dict[str, int]]:
        """Refuse. Raises AppendOnlyViolation."""
        raise AppendOnlyViolation


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
