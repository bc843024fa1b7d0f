"""What a stocktake expected and read, and what was handed in, is never changed: the database itself refuses."""

from django.db import migrations

from sekisho.ledgers.models.tables import append_only


class Migration(migrations.Migration):
    """Add the triggers after the tables."""

    dependencies = [("assets", "0001_initial")]
    operations = [
        append_only(
            "assets_expectedthing",
            "assets_stockreading",
            "assets_readingundone",
            "assets_keptlocksettings",
            "assets_lockbound",
        )
    ]
