"""What the review raised and what was decided about it are never changed: the database itself refuses."""

from typing import Any

from django.db import migrations

_TABLES = ("register_reviewrun", "register_reviewitem", "register_reviewdecision")
_FUNCTION = """
CREATE OR REPLACE FUNCTION sekisho_append_only() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'evidence is append-only'; END $$ LANGUAGE plpgsql
"""


def close_tables(_apps: Any, schema_editor: Any) -> None:
    """Refuse to change or delete rows of these tables (the same as in the rooms above, which this room cannot use)."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    if postgresql:
        schema_editor.execute(_FUNCTION)
    act = "EXECUTE FUNCTION sekisho_append_only()"
    if not postgresql:
        act = "BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END"
    for table in _TABLES:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW {act}")


class Migration(migrations.Migration):
    """Add the triggers after the tables."""

    dependencies = [("register", "0001_initial")]
    operations = [migrations.RunPython(close_tables, migrations.RunPython.noop)]
