"""Commands about evidence: what was found, and whether it is still what was stored."""

import json
from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from sekisho.governance.models import EvidenceFinding, EvidenceRun
from sekisho.governance.queries.check_rows import Row, finding_row, run_row
from sekisho.governance.queries.checks import WORST_FIRST, control_states, counts_of, runs_of
from sekisho.governance.queries.evidence import digest_of, findings_of, get_run
from sekisho.governance.services.integrity import Kept, Recomputed, recompute
from sekisho.kernel.actor import console
from sekisho.kernel.errors import NotFound
from sekisho.kernel.text import _

_EVERY = 10**6
_JSON = click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)


@click.group("evidence", help=_("Evidence: what the checks found, and whether it is still what was stored.").msgid)
def evidence() -> None:
    """Hold the commands about evidence together."""


@evidence.command("list", help=_("List the newest run of every check, or the latest runs of one.").msgid)
@click.option("--control", "control_id", default="", help=_("Only this check (its id).").msgid)
@_JSON
def list_runs(control_id: str, as_json: bool) -> None:
    """Print runs, the newest first; a check that never ran is said so."""
    rows = _runs_of(control_id) if control_id else _newest()
    if as_json:
        click.echo(_json(rows))
        return
    for row in rows:
        click.echo(_line(row) if row["id"] else f"{row['control']:<32} {_('never run')}")


def _newest() -> list[Row]:
    never = {"id": None, "state": None}
    return [
        run_row(state.newest, state.counts) if state.newest else {**never, "control": state.control.id}
        for state in control_states()
    ]


def _runs_of(control_id: str) -> list[Row]:
    runs = list(runs_of(control_id).object_list)
    if not runs:
        raise NotFound
    return _rows(runs)


def _rows(runs: list[EvidenceRun]) -> list[Row]:
    counts = counts_of(runs)
    return [run_row(run, counts.get(run.pk, {})) for run in runs]


def _line(row: Row) -> str:
    counts = " ".join(f"{name.value}={row['counts'][name.value]}" for name in WORST_FIRST if name in row["counts"])
    return f"{row['control']:<32} {row['ended_at'].isoformat()} {row['state']:<10} {row['id']}  {counts}"


@evidence.command("show", help=_("Show one run with everything it found, and compute its digest anew.").msgid)
@click.argument("run_id", metavar="RUN", type=click.UUID)
@_JSON
def show_run(run_id: UUID, as_json: bool) -> int:
    """Print a run; exit code 1 when what is stored is no longer what was found."""
    run = get_run(run_id)
    found = [finding_row(row) for row in _findings(run)]
    (row,) = _rows([run])
    matches = digest_of(run) == run.digest
    whole = {**row, "parameters": json.loads(run.parameters), "trace": run.trace, "matches": matches, "findings": found}
    if as_json:
        click.echo(_json(whole))
        return 0 if matches else 1
    click.echo(_line(row))
    click.echo(f"SHA-256 {run.digest}: {_('matches') if matches else _('does not match')}")
    if run.trace:
        click.echo(run.trace)
    for line in found:
        click.echo(f"{line['outcome']:<14} {line['label']}: {line['message']}")
    return 0 if matches else 1


def _findings(run: EvidenceRun) -> list[EvidenceFinding]:
    return list(findings_of(run.pk, size=_EVERY).object_list)


@evidence.command("verify", help=_("Compute every stored hash anew and name what no longer matches.").msgid)
@_JSON
def verify(as_json: bool) -> int:
    """Recompute; exit code 1 when something is not what was stored."""
    numbers: Counter[Kept] = Counter()
    wrong: list[Recomputed] = []
    for one in recompute(actor=console()):
        numbers[one.kind] += 1
        wrong += [] if one.matches else [one]
    if as_json:
        checked = {kind.value: numbers[kind] for kind in Kept}
        named = [{"kind": one.kind.value, "id": one.id, "stored": one.stored, "found": one.found} for one in wrong]
        click.echo(_json({"checked": checked, "mismatches": named}))
        return 1 if wrong else 0
    for kind in Kept:
        click.echo(f"{kind.label}: {numbers[kind]}")
    if not wrong:
        click.echo(_("Everything is what was stored."))
    for one in wrong:
        click.echo(_("%(what)s %(id)s does not match.", what=one.kind.label, id=one.id), err=True)
        click.echo(f"  - {one.stored}\n  + {one.found or '―'}", err=True)
    return 1 if wrong else 0


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_moment)


def _moment(value: datetime) -> str:
    return value.isoformat()
