"""Evidence, texts, history and locked rounds are never changed: the database itself refuses, whatever asks it."""

from typing import Any

from django.db import migrations

from sekisho.ledgers.models.tables import OnTables, append_only

_LOCKED = "EXISTS (SELECT 1 FROM governance_round WHERE id = NEW.round_id AND locked_at IS NOT NULL)"
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION sekisho_round_is_locked() RETURNS trigger AS $$
BEGIN IF {_LOCKED} THEN RAISE EXCEPTION 'the round is locked'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql
"""


def close_locked_rounds(_apps: Any, schema_editor: Any) -> None:
    """Nothing is added to a round once it is locked."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    if postgresql:
        schema_editor.execute(_FUNCTION)
    for table in ("governance_rounditem", "governance_roundjudgement"):
        act = "EXECUTE FUNCTION sekisho_round_is_locked()"
        if not postgresql:
            act = f"WHEN {_LOCKED} BEGIN SELECT RAISE(ABORT, 'the round is locked'); END"
        schema_editor.execute(f"CREATE TRIGGER {table}_closed BEFORE INSERT ON {table} FOR EACH ROW {act}")


class Migration(migrations.Migration):
    """Add the triggers after the tables."""

    dependencies = [("governance", "0001_initial")]
    operations = [
        append_only("governance_observation", "governance_evidencerun", "governance_evidencefinding"),
        append_only("governance_officialtext", "governance_officialitem", "governance_carryover"),
        append_only("governance_verdictchange", "governance_rounditem", "governance_roundjudgement"),
        append_only("governance_checklistanswer", "governance_checklistfile", "governance_checklistproposal"),
        append_only("governance_officialchecklist", "governance_officialchecklistitem"),
        append_only("governance_comment", "governance_struckcomment"),
        append_only("governance_round", when="OLD.locked_at IS NOT NULL"),
        OnTables(close_locked_rounds, migrations.RunPython.noop),
    ]
