"""Evidence is never changed or deleted: the database itself refuses, whatever asks it."""

from typing import Any

from django.db import migrations

TABLES = ("governance_observation", "governance_evidencerun", "governance_evidencefinding")
_FUNCTION = """
CREATE OR REPLACE FUNCTION sekisho_append_only() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'evidence is append-only'; END $$ LANGUAGE plpgsql
"""


def add_triggers(apps: Any, schema_editor: Any) -> None:
    """Refuse UPDATE and DELETE on every table of evidence."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_FUNCTION)
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            if schema_editor.connection.vendor == "postgresql":
                schema_editor.execute(
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION sekisho_append_only()"
                )
            else:
                schema_editor.execute(
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END"
                )


class Migration(migrations.Migration):
    """Add the triggers after the tables."""

    dependencies = [("governance", "0001_initial")]
    operations = [migrations.RunPython(add_triggers, migrations.RunPython.noop)]
