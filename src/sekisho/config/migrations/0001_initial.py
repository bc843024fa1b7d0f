"""The first table of the composition root."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make JobSlot."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="JobSlot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("job", models.CharField(max_length=100)),
                ("starts_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("job", "starts_at"), name="one_run_per_slot")],
            },
        ),
    )
