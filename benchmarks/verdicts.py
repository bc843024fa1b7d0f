"""Figures of the stored verdicts on a database: one changed finding, everything anew, the list. ``make bench``.

The estate is that of a large hospital (40 systems, 500 device groups) and every control of the mapping counts as built.
The floor of a change is one durable commit of the same database; the rival's figures are those of CISO Assistant
measured on a machine of this kind (758 ms and 261 KB to list 100 assessments, no change ever recomputed).
"""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

HOME = tempfile.mkdtemp(prefix="sekisho-bench-")
os.environ["SEKISHO_HOME"] = HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "sekisho.config.settings"

import django  # noqa: E402  # the settings are read at import

django.setup()

from django.core.management import call_command  # noqa: E402

from sekisho.estate import ledgers  # noqa: E402
from sekisho.estate.services import add_entry  # noqa: E402
from sekisho.governance.models import JudgedEdition, StoredVerdict  # noqa: E402
from sekisho.governance.queries import editions, world  # noqa: E402
from sekisho.governance.queries.conformance import conformity  # noqa: E402
from sekisho.governance.rules.evidence import RunRecord  # noqa: E402
from sekisho.governance.rules.mapping import ProofKind  # noqa: E402
from sekisho.governance.services.evidence import store_run  # noqa: E402
from sekisho.governance.services.verdicts import is_due, update_verdicts  # noqa: E402
from sekisho.kernel import clock, registry  # noqa: E402
from sekisho.kernel.access import Role  # noqa: E402
from sekisho.kernel.actor import Actor, ActorKind, platform  # noqa: E402
from sekisho.kernel.declarations import Finding, Outcome, Provider  # noqa: E402
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider  # noqa: E402
from sekisho.kernel.text import Text  # noqa: E402

WORKER = platform("worker")
OPERATOR = Actor(ActorKind.PERSON, "bench", "bench", frozenset({Role.SYSTEM_OPERATOR}))
ROUNDS = 9


class Devices:
    """Five hundred device groups, as the assets will offer them."""

    def kinds(self) -> frozenset[SubjectKind]:
        """Return the one kind."""
        return frozenset({SubjectKind.DEVICE_GROUP})

    def subjects(self, _kind: SubjectKind) -> Iterable[Subject]:
        """Return all of them."""
        return [Subject(SubjectKind.DEVICE_GROUP, f"group-{number}", f"機器{number}", {}) for number in range(500)]


def build() -> None:
    """Make the database, the estate, and an edition in which every control is built."""
    call_command("migrate", verbosity=0)
    copy = Path(HOME) / "editions"
    shutil.copytree(editions.EDITIONS, copy)
    path = copy / editions.CURRENT / "mapping.yaml"
    lines = path.read_text(encoding="utf8").splitlines(keepends=True)
    path.write_text(
        "".join(line.replace(" planned: true,", "") if "kind: control" in line else line for line in lines),
        encoding="utf8",
    )
    editions.EDITIONS = copy
    found = registry.current()
    device = Provider(SubjectProvider, Devices())
    registry.install(registry.Registry(**{**_fields(found), "providers": (*found.providers, device)}))
    for number in range(20):
        add_entry(actor=OPERATOR, ledger=ledgers.VENDORS, values={"name": f"事業者{number}"})
        add_entry(actor=OPERATOR, ledger=ledgers.LINKS, values={"name": f"回線{number}", "line": "ip_vpn"})
    for number in range(40):
        values = {"name": f"系統{number}", "kind": "emr", "form": "on_premises", "holds_medical_information": True}
        add_entry(actor=OPERATOR, ledger=ledgers.SYSTEMS, values=values)
    add_entry(actor=OPERATOR, ledger=ledgers.FACILITY, values={"name": "病院", "kind": "hospital", "beds": 400})


def _fields(found: registry.Registry) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__slots__}


def run(control: str, subjects: Iterable[Subject], outcome: Outcome) -> None:
    """Store a run of ``control``; the last subject gets ``outcome``, all others pass."""
    moment = clock.now()
    known = list(subjects)
    findings = tuple(
        Finding(subject, outcome if subject is known[-1] else Outcome.PASS, Text("seen"), moment) for subject in known
    )
    store_run(actor=WORKER, record=RunRecord(control, {"x": 1}, moment, moment, "finished", "", findings))


def timed(work: Callable[[], object]) -> float:
    """Return the seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def control_for(kind: SubjectKind) -> str:
    """Return a control that is a proof of a leaf judged per ``kind``."""
    leaves = {leaf.id: leaf for leaf in editions.edition().leaves}
    return next(
        proof.id
        for leaf, proof in editions.mapping().proofs
        if proof.kind is ProofKind.CONTROL and leaves[leaf].judged_per is kind
    )


def one_change(kind: SubjectKind) -> float:
    """Return the median seconds from a stored run with one changed finding to the stored verdict."""
    control, subjects = control_for(kind), world.subjects_of(kind)
    times = []
    for number in range(ROUNDS):
        run(control, subjects, (Outcome.FAIL, Outcome.PASS)[number % 2])
        times.append(timed(lambda: update_verdicts(actor=WORKER, controls=[control])))
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    build()
    for kind in (SubjectKind.SYSTEM, SubjectKind.DEVICE_GROUP):
        run(control_for(kind), world.subjects_of(kind), Outcome.PASS)
    first = timed(lambda: update_verdicts(actor=WORKER))
    number = StoredVerdict.objects.count()
    again = timed(lambda: update_verdicts(actor=WORKER, whole=True))
    commit = statistics.median(
        timed(lambda: JudgedEdition.objects.update(judged_at=clock.now())) for _ in range(ROUNDS)
    )
    tick = statistics.median(timed(is_due) for _ in range(ROUNDS))
    systems, devices = one_change(SubjectKind.SYSTEM), one_change(SubjectKind.DEVICE_GROUP)
    listing = statistics.median(timed(conformity) for _ in range(ROUNDS))
    print(f"everything judged and stored the first time  {first * 1000:8.1f} ms   {number} verdicts")
    print(f"everything judged again, nothing changed     {again * 1000:8.1f} ms = {again / 2:5.2f} of the bound 2 s")
    print(f"the worker's look whether something changed  {tick * 1000:8.1f} ms")
    for name, seconds in (("40 systems", systems), ("500 device groups", devices)):
        print(
            f"one changed finding among {name:<18} {seconds * 1000:8.1f} ms = {seconds / 0.02:5.2f} of the bound 20 ms "
            f"  {seconds / commit:6.1f} x one durable commit ({commit * 1000:.2f} ms)"
        )
    print(
        f"list of verdicts with n/N from the database  {listing * 1000:8.1f} ms = {listing / 0.05:5.2f} of the bound "
        f"50 ms   {0.758 / listing:6.1f} x faster than the peer's 758 ms"
    )


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(HOME, ignore_errors=True)
