"""What was submitted and decided is never changed: the database itself refuses, whatever asks it."""

from django.db import migrations

from sekisho.ledgers.models.tables import append_only


class Migration(migrations.Migration):
    """Add the triggers after the tables."""

    dependencies = [("ledgers", "0001_initial")]
    operations = [
        append_only("ledgers_submission", "ledgers_filedata", "ledgers_submissionfile", "ledgers_decision"),
        append_only("ledgers_delegation", when="OLD.ended_at IS NOT NULL"),
        append_only("ledgers_bookfile", "ledgers_bookfileend"),
        append_only("ledgers_nocase"),
    ]
