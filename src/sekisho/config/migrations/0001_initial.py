"""The first tables of the composition root."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make them."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="BackupGeneration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64)),
                ("target", models.CharField(max_length=1024)),
                ("made_at", models.DateTimeField()),
                ("manifest_sha256", models.CharField(max_length=64)),
                ("stored_bytes", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("name", "target"), name="one_generation_per_target")],
            },
        ),
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
        migrations.CreateModel(
            name="BackupProof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("copied", "Copied"),
                            ("verified", "Verified"),
                            ("opened", "Opened"),
                            ("started", "Started"),
                        ],
                        max_length=16,
                    ),
                ),
                ("fault", models.CharField(blank=True, max_length=64)),
                ("proven_at", models.DateTimeField()),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="proofs", to="config.backupgeneration"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["generation", "-proven_at"], name="backup_proof_newest")],
            },
        ),
    ]
