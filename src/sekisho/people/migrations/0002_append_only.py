"""What systems told of their accounts, and uses of emergency accounts, are never changed: the database refuses."""

from django.db import migrations

from sekisho.ledgers.models.tables import append_only


class Migration(migrations.Migration):
    """Add the triggers after the tables."""

    dependencies = [("people", "0001_initial")]
    operations = [
        append_only("people_emergencyuse", "people_sealcheck", "people_accountreset"),
        append_only("people_accountsnapshot", "people_secretlook"),
    ]
