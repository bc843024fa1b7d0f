"""The commands about evidence: what ran, what it found, and whether everything is still what was stored."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.db import connection
from django.utils.translation import override

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.governance.commands.evidence import evidence
from sekisho.governance.models import EvidenceFinding, EvidenceRun
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.services.rounds import lock_round, open_round
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ids import new_id
from sekisho.network.models import Probe
from sekisho.network.services.bundles import import_bundles
from sekisho.network.services.sightings import Seen, keep_sightings
from sekisho.network.services.tickets import issue_ticket
from tests.conftest import MORNING, actor_with
from tests.governance.checking import FAIL, PASS, control, found, many, only, ran
from tests.governance.conftest import OLD
from tests.governance.working import OPERATOR, PAPER, PLANNER, approved, draft, system
from tests.network.network_devices import device_for, hand_in, router
from tests.network.test_bundles import file as bundle_file

__all__ = ["only"]
pytestmark = pytest.mark.django_db
Only = Callable[..., None]
TLS, LOCK = "network.tls", "people.lockout"


def command(*arguments: str) -> Result:
    """Run a command in English; what it raises is raised."""
    with override("en"):
        return CliRunner().invoke(evidence, arguments, standalone_mode=False, catch_exceptions=False)


def ask(*arguments: str) -> Any:
    """Return what a command says to programs."""
    return json.loads(command(*arguments, "--json").stdout)


def code(result: Result) -> int:
    """Return what a command returned: its exit code."""
    return int(result.return_value or 0)


def test_the_newest_run_of_every_check(only: Only, at_nine: clock.FixedClock) -> None:
    only(control(TLS), control(LOCK))
    ran(TLS, found("A", PASS), at=MORNING - timedelta(hours=1))
    run = ran(TLS, found("A", PASS), found("B", FAIL))
    one, other = ask("list")
    assert (one["id"], one["counts"], one["ended_at"]) == (str(run.pk), {"pass": 1, "fail": 1}, MORNING.isoformat())
    assert other == {"id": None, "state": None, "control": LOCK}
    lines = command("list").stdout.splitlines()
    assert lines[0].endswith("fail=1 pass=1")
    assert "never run" in lines[1]


def test_the_runs_of_one_check(only: Only, at_nine: clock.FixedClock) -> None:
    only(control(TLS))
    runs = [ran(TLS, *many(1), at=MORNING - timedelta(hours=hours)) for hours in (3, 2, 1)]
    assert [row["id"] for row in ask("list", "--control", TLS)] == [str(run.pk) for run in reversed(runs)]
    assert len(command("list", "--control", TLS).stdout.splitlines()) == 3
    with pytest.raises(NotFound):
        command("list", "--control", "network.nothing")


def test_one_run_with_everything_it_found() -> None:
    run = ran(TLS, *many(60), found("B", FAIL), parameters={"minimum": 13})
    shown = ask("show", str(run.pk))
    assert (shown["matches"], shown["parameters"], len(shown["findings"])) == (True, {"minimum": 13}, 61)
    result = command("show", str(run.pk))
    assert code(result) == 0
    assert "matches" in result.stdout
    assert "fail           B: seen" in result.stdout
    crashed = ran(TLS, state="crashed", trace="Traceback: inside")
    assert "Traceback: inside" in command("show", str(crashed.pk)).stdout
    with pytest.raises(NotFound):
        command("show", str(new_id()))


@pytest.fixture
def everything(gate_editions: Path, at_nine: clock.FixedClock) -> dict[str, str]:
    """Store one of everything that carries a hash, and return the ids."""
    emr = system("電子カルテ")
    run = ran(TLS, found("A", PASS, raw=b"read"), found("B", FAIL, raw=None, facts={"deep": [1.5, {"x": None}]}))
    ran(LOCK, state="crashed", trace="Traceback\n  in 関所")
    approved(ClaimKind.ATTESTATION, draft("SO-1-2", str(emr.pk)))
    approved(ClaimKind.DOCUMENT, draft("SO-2-1-2", document="documents.rules", kept_at=""), [PAPER])
    opened = open_round(actor=OPERATOR, year=2026, edition_id=OLD)
    locked = lock_round(actor=PLANNER, round_id=opened.pk, version=1, comment="令和8年度の評価")
    _seen_by_the_network(emr)
    return {"run": str(run.pk), "round": str(locked.pk)}


def _seen_by_the_network(system_here: Any) -> None:
    """A look of our own and one that was carried here, and the configuration of a device."""
    values = {"system": system_here, "host": "ehr.example.jp", "port": 443, "protocol": "https", "exposure": "open"}
    endpoint = add_entry(actor=OPERATOR, ledger=ledgers.ENDPOINTS, values=values)
    seen = Seen(str(endpoint.pk), "ehr", MORNING, b'{"host":"ehr.example.jp"}')
    keep_sightings(actor=actor_with(Role.SYSTEM_OPERATOR), probe=Probe.TLS, seen=[seen])
    ticket = issue_ticket(actor=OPERATOR, vantage="open", days=3)
    import_bundles(actor=OPERATOR, files=[bundle_file(ticket)])
    hand_in(device_for(), router())


def test_what_nobody_touched_matches(everything: dict[str, str]) -> None:
    """Runs, what they read, what the register said of them, rounds, applications and files."""
    said = ask("verify")
    assert said["mismatches"] == []
    assert said["checked"] == {
        "run": 2, "registered": 2, "observation": 1, "round": 1, "submission": 2, "file": 1,
        "sighting": 2, "bundle": 1, "configuration": 1,
    }  # fmt: skip
    result = command("verify")
    assert code(result) == 0
    assert "Everything is what was stored." in result.stdout
    assert all(one["matches"] for one in [ask("show", everything["run"])])


def tamper(table: str, statement: str) -> None:
    """Change evidence as somebody would who owns the database: the triggers are taken away first."""
    with connection.cursor() as cursor:
        for verb in ("update", "delete"):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")
        cursor.execute(statement)


BYTES = {"sqlite": "x'00'", "postgresql": "'\\x00'::bytea"}


@pytest.mark.parametrize(
    ("table", "change", "kinds"),
    [
        ("governance_evidencefinding", "SET outcome = 'pass'", ["run"]),
        ("governance_evidencefinding", "SET subject_label = 'C' WHERE place = 1", ["run"]),
        ("governance_evidencefinding", "SET facts = '{broken'", ["run"]),
        ("governance_evidencefinding", "SET message = 'NaN' WHERE place = 0", ["run"]),
        ("governance_evidencefinding", "SET observation_id = NULL", ["run"]),
        ("governance_evidencerun", "SET trace = '' WHERE control = 'people.lockout'", ["run"]),
        ("governance_evidencerun", "SET parameters = '{\"minimum\":1}'", ["run", "run"]),
        ("governance_evidencerun", "SET digest = 'ff' WHERE control = 'network.tls'", ["run", "registered"]),
        ("governance_observation", "SET data = BYTES", ["observation"]),
        ("governance_rounditem", "SET verdict = 'conforming'", ["round"]),
        ("governance_roundjudgement", "SET verdict = 'conforming'", ["round"]),
        ("governance_round", "SET comment = 'x'", ["round"]),
        ("ledgers_submission", "SET content = '{}'", ["submission", "submission"]),
        ("ledgers_submission", "SET content = '{'", ["submission", "submission"]),
        ("ledgers_submissionfile", "SET name = 'y.pdf'", ["submission"]),
        ("ledgers_filedata", "SET data = BYTES", ["file"]),
        ("network_sighting", "SET document = '{}'", ["sighting", "sighting"]),
        ("network_sighting", "SET sha256 = 'ff' WHERE bundle_id IS NULL", ["sighting"]),
        ("network_collectedbundle", "SET envelope = '{}'", ["bundle"]),
        ("network_collectedbundle", 'SET envelope = replace(envelope, \'"sig":"\', \'"sig":"A\')', ["bundle"]),
        ("network_keptconfiguration", "SET read_model = '{}'", ["configuration"]),
        ("network_keptconfiguration", "SET normalised = '{}'", ["configuration"]),
        ("network_keptconfiguration", "SET sha256 = 'ff'", ["configuration"]),
    ],
)
def test_whatever_was_changed_is_named(
    everything: dict[str, str], table: str, change: str, kinds: Sequence[str]
) -> None:
    tamper(table, f"UPDATE {table} {change.replace('BYTES', BYTES[connection.vendor])}")
    result = command("verify", "--json")
    said = json.loads(result.stdout)["mismatches"]
    assert [one["kind"] for one in said] == kinds
    assert code(result) == 1
    assert all(one["stored"] != one["found"] for one in said)
    shown = command("verify")
    assert code(shown) == 1
    assert all(one["id"] in shown.stderr for one in said)
    assert "Everything" not in shown.stdout


def test_a_run_that_was_taken_away_is_missed(everything: dict[str, str], only: Only) -> None:
    """The register still knows of it, even when nothing else of the check is left."""
    only(control(TLS), control(LOCK))
    for table in ("governance_newestrun", "governance_evidencefinding", "governance_evidencerun"):
        tamper(table, f"DELETE FROM {table}")
    assert (EvidenceRun.objects.count(), EvidenceFinding.objects.count()) == (0, 0)
    said = ask("verify")["mismatches"]
    assert [(one["kind"], one["found"]) for one in said] == [("registered", "-")] * 2
    assert everything["run"] in [one["id"] for one in said]


def test_what_was_taken_away_of_the_network_is_missed(everything: dict[str, str]) -> None:
    """The register still knows of the bundle and of the configuration."""
    tamper("network_newestsighting", "DELETE FROM network_newestsighting")
    for table in ("network_sighting", "network_collectedbundle", "network_keptconfiguration"):
        tamper(table, f"DELETE FROM {table}")
    said = ask("verify")["mismatches"]
    assert [(one["kind"], one["found"]) for one in said] == [("bundle", "-"), ("configuration", "-")]


def test_a_changed_run_is_shown_as_such() -> None:
    run = ran(TLS, found("A", FAIL))
    tamper("governance_evidencefinding", "UPDATE governance_evidencefinding SET outcome = 'pass'")
    result = command("show", str(run.pk))
    assert code(result) == 1
    assert "does not match" in result.stdout
    assert ask("show", str(run.pk))["matches"] is False
