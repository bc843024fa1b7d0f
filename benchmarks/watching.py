"""What a look at ``/metrics`` costs, and the look for alarms of each minute: processor time of this process.

``python -m benchmarks.watching`` in the folder of the repository. A fresh database with a log of 2,000 entries, a year
of measured days and 200 generations of backups; no process is running, so that questions to them cost their least. The
floor is the text that the numbers become, without asking for them.
"""

import importlib
import os
import resource
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

ROUNDS = 21
EVENTS = 2_000
MOST_SECONDS = 0.020


def processor_seconds() -> float:
    """Return what this process has used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def cost(work: Callable[[], object]) -> float:
    """Return the processor time of the middle one of the runs, in seconds; the first warms up."""
    work()
    found = []
    for _round in range(ROUNDS):
        before = processor_seconds()
        work()
        found.append(processor_seconds() - before)
    return sorted(found)[ROUNDS // 2]


def fill(target: Path) -> None:
    """Make what is counted: events in the log, days of the disk, generations."""
    transaction = importlib.import_module("django.db.transaction")
    models = importlib.import_module("sekisho.config.models")
    clock = importlib.import_module("sekisho.kernel.clock")
    actor = importlib.import_module("sekisho.kernel.actor").platform("bench")
    services = importlib.import_module("sekisho.register.services")
    action = importlib.import_module("sekisho.config.actions").BackupAction.PROVE
    with transaction.atomic():
        for _number in range(EVENTS):
            services.append(actor=actor, action=action)
    services.integrate()
    now = clock.now()
    days = [models.DiskDay(day=(now - timedelta(days=n)).date(), used_bytes=10**12 - n * 10**8) for n in range(365)]
    models.DiskDay.objects.bulk_create(days)
    for number in range(200):
        row = models.BackupGeneration(
            name=f"g{number}",
            target=str(target),
            made_at=now - timedelta(days=number),
            manifest_sha256="0" * 64,
            stored_bytes=1,
        )
        row.save()


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="skw") as folder:
        home, target = Path(folder) / "home", Path(folder) / "target"
        target.mkdir()
        os.environ |= {"SEKISHO_HOME": str(home), "SEKISHO_BACKUP_TARGETS": str(target)}
        environment = importlib.import_module("sekisho.config.environment").environment()
        importlib.import_module("sekisho.config.processes.home").prepare_home(environment)
        importlib.import_module("sekisho.config.processes.django_start").start_django()
        importlib.import_module("sekisho.config.processes.database").migrate_database()
        fill(target)
        gauges = importlib.import_module("sekisho.config.watching.gauges")
        notices = importlib.import_module("sekisho.governance.services.notices")
        actor = importlib.import_module("sekisho.kernel.actor").platform("bench")
        found = list(gauges.gauges(environment))
        floor = cost(lambda: gauges.exposition(found))
        metrics = cost(lambda: gauges.exposition(gauges.gauges(environment)))
        looked = cost(lambda: notices.look_for_alarms(actor=actor))
        print(f"floor: {len(found)} numbers as text: {floor * 1000:.2f} ms")
        print(f"/metrics: {metrics * 1000:.2f} ms ({metrics / floor:.1f}×); bound {MOST_SECONDS * 1000:.0f} ms")
        print(f"look for alarms, each minute: {looked * 1000:.2f} ms; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
