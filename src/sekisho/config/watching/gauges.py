"""The platform's own state as numbers: for a monitoring system that asks at /metrics, and for the page about it.

Names and units follow Prometheus: base units, ``_seconds`` and ``_bytes``, moments as seconds since 1970. No number
says anything about a person or a patient.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from django.db.models import Count, Max
from django_tasks_db.models import DBTaskResult
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from sekisho import __version__
from sekisho.config.environment import Environment
from sekisho.config.https.serving import is_own
from sekisho.config.models import JobSlot
from sekisho.config.processes.caddy import ADMIN_SOCKET, root_certificate, server_certificate
from sekisho.config.processes.health import ask_health, ask_unix
from sekisho.config.queries import days_left_on_disk, generation_count, last_restored, newest_generation, newest_proof
from sekisho.kernel import clock
from sekisho.register.queries import log_state
from sekisho.register.queries.heads import last_heartbeat, places

_LOOPS = ("supervisor", "sequencer", "worker")


@dataclass(frozen=True, slots=True)
class Gauge:
    """One number: its name after ``sekisho_``, what it means, its value, and what it is about."""

    name: str
    meaning: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def gauges(settings: Environment) -> Iterator[Gauge]:
    """Yield every number. What is not there yields nothing, so a missing number never reads as zero."""
    yield Gauge("info", "Always 1; the label names the version.", 1, {"version": __version__})
    yield from _processes(settings)
    yield from _disk(settings)
    yield from _register()
    yield from _places()
    yield from _backups(settings)
    yield from _certificates(settings)
    yield from _work()


def exposition(found: Iterable[Gauge]) -> bytes:
    """Return the numbers in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(list(found)))
    return generate_latest(registry)


class _Collected(Collector):
    def __init__(self, found: list[Gauge]) -> None:
        self._found = found

    def describe(self) -> list[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for one in self._found:
            name = f"sekisho_{one.name}"
            family = families.setdefault(name, GaugeMetricFamily(name, one.meaning, labels=list(one.labels)))
            family.add_metric(list(one.labels.values()), one.value)
        yield from families.values()


def _processes(settings: Environment) -> Iterator[Gauge]:
    meaning = "1 while the process answers and its loop comes round."
    for name in _LOOPS:
        is_well = ask_health(settings.run / f"{name}.sock") is not None
        yield Gauge("process_well", meaning, is_well, {"process": name})
    caddy = ask_unix(settings.run / ADMIN_SOCKET, "/config/", host="127.0.0.1") is not None
    yield Gauge("process_well", meaning, caddy, {"process": "caddy"})


def _disk(settings: Environment) -> Iterator[Gauge]:
    usage = shutil.disk_usage(settings.home)
    yield Gauge("disk_size_bytes", "Size of the disk with the data directory.", usage.total)
    yield Gauge("disk_free_bytes", "Free space on the disk with the data directory.", usage.free)
    left = days_left_on_disk(usage.free, clock.now())
    if left is not None:
        yield Gauge(
            "disk_days_left", "Days until it is full, going by the last days; 3650 for ten years and more.", left
        )


def _register() -> Iterator[Gauge]:
    state = log_state()
    yield Gauge("register_trouble", "1 while something keeps the log from going on.", state.trouble is not None)
    if state.head:
        yield Gauge("register_entries", "Entries under the signed head of the log.", state.head.size)
    if state.indexed is not None:
        yield Gauge("register_indexed_entries", "Entries that the search index knows.", state.indexed)
    yield Gauge(
        "register_waiting_events", "Events of the database that wait for their place in the log.", state.waiting
    )
    waits = (clock.now() - state.oldest).total_seconds() if state.oldest else 0
    yield Gauge("register_oldest_wait_seconds", "How long the oldest of them has waited.", max(waits, 0))
    for source in state.sources:
        labels = {"source": source.name}
        yield Gauge("register_waiting_parts", "Spool files that wait to be merged.", source.parts, labels)
    yield from _moment("register_heartbeat_seconds", "When the newest heartbeat was recorded.", last_heartbeat())


def _places() -> Iterator[Gauge]:
    for one in places():
        labels = {"place": one.place}
        yield from _moment("head_kept_seconds", "When this place last took a head of the log.", one.held_at, labels)
        failing = "1 while this place fails, or contradicts the log."
        yield Gauge("head_place_failing", failing, bool(one.failure), labels)


def _backups(settings: Environment) -> Iterator[Gauge]:
    for target in settings.backup_places:
        labels = {"target": str(target)}
        number = generation_count(target)
        yield Gauge("backup_generations", "Generations that were ever put on this target.", number, labels)
        newest = newest_generation(target)
        if newest is None:
            continue
        yield from _moment("backup_made_seconds", "When the newest generation was made.", newest.made_at, labels)
        yield Gauge("backup_stored_bytes", "Size of the newest generation.", newest.stored_bytes, labels)
        proof = newest_proof(newest)
        yield Gauge("backup_proof_failed", "1 when its last trial failed.", bool(proof and proof.fault), labels)
        restored = last_restored(target)
        yield from _moment("backup_restored_seconds", "When one was last restored as a test.", restored, labels)


def _certificates(settings: Environment) -> Iterator[Gauge]:
    for kind, path in (("root", root_certificate(settings)), ("server", server_certificate(settings))):
        end = None if kind == "root" and is_own(settings) else _end_of(path)
        yield from _moment("certificate_ends_seconds", "When this certificate ends.", end, {"certificate": kind})


def _end_of(path: Path) -> datetime | None:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc
    except FileNotFoundError:
        return None  # Caddy has not made it yet


def _work() -> Iterator[Gauge]:
    counts = dict(DBTaskResult.objects.values_list("status").annotate(count=Count("pk")))
    for status in ("READY", "RUNNING", "FAILED"):
        labels = {"status": status.lower()}
        yield Gauge("tasks", "Tasks of the worker of the last seven days.", counts.get(status, 0), labels)
    for job, started in JobSlot.objects.values_list("job").annotate(newest=Max("starts_at")).order_by("job"):
        yield from _moment(
            "job_started_seconds", "The newest slot in which this job was started.", started, {"job": job}
        )


def _moment(
    name: str, meaning: str, moment: datetime | None, labels: Mapping[str, str] | None = None
) -> Iterator[Gauge]:
    if moment is not None:
        yield Gauge(name, meaning, moment.timestamp(), labels or {})
