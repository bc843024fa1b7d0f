"""The ledger of backups is only added to: the database itself refuses to change or delete a row of it."""

from django.db import migrations

from sekisho.ledgers.models.tables import append_only


class Migration(migrations.Migration):
    """Add the triggers after the tables."""

    dependencies = [("config", "0001_initial")]
    operations = [append_only("config_backupgeneration", "config_backupproof")]
