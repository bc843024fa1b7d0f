"""Evidence, texts, history and locked rounds are never changed: the database itself refuses, whatever asks it."""

from django.db import migrations

from sekisho.ledgers.models.base import append_only


class Migration(migrations.Migration):
    """Add the triggers after the tables."""

    dependencies = [("governance", "0001_initial")]
    operations = [
        append_only("governance_observation", "governance_evidencerun", "governance_evidencefinding"),
        append_only("governance_officialtext", "governance_officialitem", "governance_carryover"),
        append_only("governance_verdictchange", "governance_rounditem", "governance_roundjudgement"),
        append_only("governance_round", when="OLD.locked_at IS NOT NULL"),
    ]
