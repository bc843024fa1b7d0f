"""The database of a hospital after a year: 40 systems, 500 groups of devices, every built check run each day.

Importing this makes a data directory of its own and sets Django up for it; whoever imports it removes ``HOME``.
"""

import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

HOME = tempfile.mkdtemp(prefix="skyear")
os.environ |= {"SEKISHO_HOME": HOME, "SEKISHO_LOG_LEVEL": "warning"}
os.environ["DJANGO_SETTINGS_MODULE"] = "sekisho.config.settings"

import django  # noqa: E402  # the settings are read at import

django.setup()

from django.core.management import call_command  # noqa: E402

from sekisho.estate import ledgers  # noqa: E402
from sekisho.estate.services import add_entry  # noqa: E402
from sekisho.governance.models import DailyOverview, EvidenceFinding, EvidenceRun, StoredVerdict  # noqa: E402
from sekisho.governance.queries import editions  # noqa: E402
from sekisho.governance.queries.world import subjects_of  # noqa: E402
from sekisho.governance.rules.evidence import RunRecord  # noqa: E402
from sekisho.governance.rules.mapping import ProofKind  # noqa: E402
from sekisho.governance.services.currency import keep_current  # noqa: E402
from sekisho.governance.services.evidence import store_run  # noqa: E402
from sekisho.governance.services.overview import make_overview  # noqa: E402
from sekisho.governance.services.verdicts import is_due  # noqa: E402
from sekisho.kernel import clock, registry  # noqa: E402
from sekisho.kernel.access import Role  # noqa: E402
from sekisho.kernel.actor import Actor, ActorKind, platform  # noqa: E402
from sekisho.kernel.canonical import canonical_json  # noqa: E402
from sekisho.kernel.declarations import Finding, Outcome, Provider  # noqa: E402
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider  # noqa: E402
from sekisho.kernel.text import Text  # noqa: E402

DAYS, SYSTEMS, GROUPS, VENDORS = 365, 40, 500, 20
WORKER = platform("worker")
OPERATOR = Actor(ActorKind.PERSON, "bench", "bench", frozenset({Role.SYSTEM_OPERATOR}))
_BATCH = 2000
_OUTCOMES = (*[Outcome.PASS] * 7, Outcome.FAIL, Outcome.UNKNOWN)


class Devices:
    """Five hundred groups of devices, as the assets offer them."""

    def kinds(self) -> frozenset[SubjectKind]:
        """Return the one kind."""
        return frozenset({SubjectKind.DEVICE_GROUP})

    def subjects(self, _kind: SubjectKind) -> Iterable[Subject]:
        """Return all of them."""
        return [Subject(SubjectKind.DEVICE_GROUP, f"group-{number}", f"機器{number}", {}) for number in range(GROUPS)]


@contextmanager
def with_devices() -> Iterator[None]:
    """Let the groups be known inside the block; their verdicts stay."""
    before = registry.current()
    fields = {name: getattr(before, name) for name in before.__slots__}
    devices = Provider(SubjectProvider, Devices())
    registry.install(registry.Registry(**{**fields, "providers": (*before.providers, devices)}))
    try:
        yield
    finally:
        registry.install(before)


def build() -> dict[str, float]:
    """Make everything; return how many there are of each, and the milliseconds of one look whether anything changed."""
    call_command("migrate", verbosity=0)
    _build_estate()
    with with_devices():
        _build_runs()
        _build_days()
        started = time.perf_counter()
        is_due()
        look = time.perf_counter() - started
    return {
        "runs": EvidenceRun.objects.count(),
        "findings": EvidenceFinding.objects.count(),
        "verdicts": StoredVerdict.objects.count(),
        "days": DailyOverview.objects.count(),
        "look": look * 1000,
    }


def _add(ledger: Any, **values: Any) -> Any:
    return add_entry(actor=OPERATOR, ledger=ledger, values=values)


def _build_estate() -> None:
    """Enter the facility with its vendors, lines, systems and endpoints, as the operator would."""
    _add(ledgers.FACILITY, name="関所総合病院", kind="hospital", beds=400)
    vendors = [_add(ledgers.VENDORS, name=f"事業者{number}") for number in range(VENDORS)]
    for number, vendor in enumerate(vendors):
        _add(ledgers.LINKS, name=f"回線{number}", line="ip_vpn", carrier=vendor)
    for number in range(SYSTEMS):
        values = {"kind": "emr", "form": "on_premises", "holds_medical_information": True}
        system = _add(ledgers.SYSTEMS, name=f"部門システム{number}", vendor=vendors[number % VENDORS], **values)
        for port in (443, 8443):
            place = {"host": f"10.0.{number}.1", "port": port, "protocol": "https", "exposure": "internal"}
            _add(ledgers.ENDPOINTS, system=system, **place)


def _build_runs() -> None:
    """Store a run of every built check on each day: the newest through the service, those before as rows like it."""
    now = clock.now()
    for control, kind in _built_controls().items():
        _store_run(control, subjects_of(kind), now)
    rows = [(run, list(EvidenceFinding.objects.filter(run=run))) for run in EvidenceRun.objects.all()]
    for day in range(1, DAYS):
        back = timedelta(days=day)
        runs = [
            _copied(run, started_at=run.ended_at - back, ended_at=run.ended_at - back, received_at=run.ended_at - back)
            for run, _findings in rows
        ]
        EvidenceRun.objects.bulk_create(runs)
        found = [
            _copied(finding, run_id=run.pk, observed_at=run.ended_at)
            for run, (_run, findings) in zip(runs, rows, strict=True)
            for finding in findings
        ]
        EvidenceFinding.objects.bulk_create(found, batch_size=_BATCH)


def _built_controls() -> dict[str, SubjectKind]:
    """Return the controls of the mapping that exist, each with the kind of subject it speaks of."""
    declared = {control.id for control in registry.current().controls}
    leaves = {leaf.id: leaf for leaf in editions.edition().leaves}
    return {
        proof.id: leaves[leaf].judged_per
        for leaf, proof in editions.mapping().proofs
        if proof.kind is ProofKind.CONTROL and proof.id in declared
    }


def _store_run(control: str, subjects: Iterable[Subject], now: datetime) -> None:
    """Store a run in which most subjects pass, some fail and some cannot be told."""
    facts = {"version": "TLSv1.3", "checked": 12, "missing": []}
    findings = tuple(
        Finding(subject, _OUTCOMES[number % len(_OUTCOMES)], Text("Seen"), now, facts)
        for number, subject in enumerate(subjects)
    )
    if findings:
        store_run(actor=WORKER, record=RunRecord(control, {}, now, now, "finished", "", findings))


def _copied(row: Any, **changed: Any) -> Any:
    """Return a new row with the values of another one."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    del values["id"]
    return type(row)(**{**values, **changed})


def _build_days() -> None:
    """Judge everything, and keep an overview for each day of the year before, fewer items conforming further back."""
    keep_current(actor=WORKER)
    make_overview(actor=WORKER)
    newest = DailyOverview.objects.get()
    days = []
    for back in range(1, DAYS):
        counts = json.loads(newest.counts)
        moved = min(counts["conforming"], back // 9)
        counts["conforming"] -= moved
        counts["not_assessed"] += moved
        days.append(_copied(newest, day=newest.day - timedelta(days=back), counts=canonical_json(counts).decode()))
    DailyOverview.objects.bulk_create(days)
