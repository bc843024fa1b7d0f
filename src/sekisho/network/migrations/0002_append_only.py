"""What was seen is never changed: the database itself refuses, whatever asks it."""

from django.db import migrations

from sekisho.ledgers.models.tables import append_only


class Migration(migrations.Migration):
    """Add the trigger after the tables."""

    dependencies = [("network", "0001_initial")]
    operations = [append_only("network_sighting", "network_keptconfiguration", "network_collectedbundle")]
