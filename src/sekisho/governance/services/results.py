"""Taking over what another tool found: its bytes as they are, its rows as facts, and never better than its worst."""

import hashlib
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import EvidenceRun, Observation, RunState
from sekisho.governance.queries.imports import imported_control
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.rules.evidence import RunRecord
from sekisho.governance.rules.results.detection import read_results
from sekisho.governance.rules.results.errors import (
    ResultsFromTheFuture,
    ResultsReplayed,
    ResultsScopeWanted,
    ResultsUndated,
    SystemUnknown,
)
from sekisho.governance.rules.results.shape import EARLIEST, Results, ResultsFile
from sekisho.governance.services.evidence import CLOCK_TOLERANCE, store_run
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.declarations import Finding
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import _
from sekisho.kernel.wording import require_visible
from sekisho.people.rules.plaintext_secrets import Kind, Sighting
from sekisho.people.services.plaintext_secrets import LookData, marked, take_over_look
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

_SAID = _(
    "%(tool)s: %(failed)s failed, %(passed)s passed, %(unknown)s cannot be told, %(not_applicable)s do not apply."
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file says, about which system, seen when; ``run`` is None where it was only looked at."""

    results: Results
    system: Subject
    ran_at: datetime
    sha256: str
    run: EvidenceRun | None = None


@transaction.atomic
def import_results(
    *,
    actor: Actor,
    file: ResultsFile,
    system: str,
    wanted: str | None = None,
    ran_at: datetime | None = None,
    scanned: str = "",
    dry_run: bool = False,
) -> Imported:
    """Store the results in ``file`` as a run of ``imported.<format>.<id of the system>``, given by its name or id.

    Each system has a newest run of its own: what a tool found in one says nothing of another, and hides nothing of it.

    ``wanted`` is the format if it is not to be told from the content; ``ran_at`` counts where the file does not say it.
    ``scanned`` says what a tool that looks for secrets looked through. Of such a file its bytes are not stored, since
    they hold the secrets, but what is left without them, and ``people.plaintext_secrets`` judges it.

    A file by which nothing was looked at becomes an empty run, which proves nothing. Raises Forbidden, SystemUnknown,
    ResultsReplayed, ResultsUndated, ResultsFromTheFuture, ResultsScopeWanted and what ``read_results`` raises.
    """
    actor.require(GovernanceAction.IMPORT_RESULTS)
    results = read_results(file, wanted)
    moment = _moment(file, results, ran_at)
    scope = _scope(file, results, scanned)
    kept = file.data if results.secrets is None else _without_secrets(results, system, scope, moment)
    found = Imported(results, _system(system), moment, hashlib.sha256(kept).hexdigest())
    _refuse_replay(file, found)
    if dry_run:
        return found
    row = Observation(sha256=found.sha256, data=kept, received_at=clock.now())
    row.save()
    run = store_run(actor=actor, record=_record(file, found, kept))
    if results.secrets is not None:
        _hand_on(actor, found, scope)
    details: dict[str, Json] = {
        "run": str(run.pk),
        "file": file.name,
        "sha256": found.sha256,
        "format": results.format,
        "tool": results.tool,
        "version": results.version,
        "counts": results.counts(),
        "system": found.system.id,
    }
    subject = SubjectRef("system", found.system.id, found.system.label)
    append(actor=actor, action=GovernanceAction.IMPORT_RESULTS, subject=subject, details=details)
    return Imported(results, found.system, moment, found.sha256, run)


def _scope(file: ResultsFile, results: Results, scanned: str) -> str:
    require_visible(scanned)
    scope = scanned.strip()
    if results.secrets is not None and not scope:
        raise ResultsScopeWanted(name=file.name)
    return scope


def _sightings(results: Results, scope: str) -> list[Sighting]:
    """Return what was found, each with a keyed fingerprint in the place of the secret."""
    found = []
    before: Counter[tuple[str, str, int]] = Counter()
    for one in results.secrets or ():
        where = (one.file, one.rule, one.line)
        # Where the report hides the value, the line has to do, and which of those in the line it is.
        said = ("value", one.value) if one.value else ("line", str(one.line), str(before[where]))
        before[where] += not one.value
        mark = marked(results.format, scope, one.file, one.rule, *said)
        found.append(Sighting(one.file, one.line, one.rule, Kind.OTHER.value, mark, by_value=bool(one.value)))
    return found


def _without_secrets(results: Results, system: str, scope: str, moment: datetime) -> bytes:
    rows: list[Json] = [one.document() for one in _sightings(results, scope)]
    said: dict[str, Json] = {"format": results.format, "tool": results.tool, "version": results.version}
    return canonical_json({**said, "system": system, "scanned": scope, "ran_at": moment.isoformat(), "rows": rows})


def _hand_on(actor: Actor, found: Imported, scope: str) -> None:
    results = found.results
    rows = _sightings(results, scope)
    data = LookData(found.ran_at, rows, is_whole=True, counts={"evidence": found.sha256}, version=results.version)
    take_over_look(actor=actor, system_id=UUID(found.system.id), tool=results.tool, scope=scope, data=data)


def _moment(file: ResultsFile, results: Results, said: datetime | None) -> datetime:
    """Return when the tool ran: as the file says, else as somebody said."""
    moment = results.ran_at or said
    if moment is None:
        raise ResultsUndated(name=file.name)
    if moment < EARLIEST:
        raise file.unreadable("time", f"{moment:%Y-%m-%d} < {EARLIEST:%Y-%m-%d}")
    if moment > clock.now() + CLOCK_TOLERANCE:
        raise ResultsFromTheFuture(name=file.name, moment=f"{moment.astimezone(FACILITY_ZONE):%Y-%m-%d %H:%M}")
    return moment


def _system(name: str) -> Subject:
    systems = subjects_of(SubjectKind.SYSTEM)
    found = [one for one in systems if one.id == name or _folded(one.label) == _folded(name)]
    if len(found) != 1:
        raise SystemUnknown(name=name, names=", ".join(one.label for one in systems) or "―")
    return found[0]


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _refuse_replay(file: ResultsFile, found: Imported) -> None:
    known = Observation.objects.filter(pk=found.sha256).first()
    if known is not None:
        raise ResultsReplayed(name=file.name, moment=f"{known.received_at.astimezone(FACILITY_ZONE):%Y-%m-%d %H:%M}")


def _record(file: ResultsFile, found: Imported, kept: bytes) -> RunRecord:
    results, counts = found.results, found.results.counts()
    parameters: dict[str, Json] = {"tool": results.tool, "version": results.version}
    parameters |= {"system": found.system.id, "system_name": found.system.label}
    control, started = imported_control(results.format, found.system.id), found.ran_at
    if results.is_empty:
        trace = f"{file.name} (SHA-256 {found.sha256}): {len(results.rows)} rows, and by none of them was looked."
        return RunRecord(control, parameters, started, started, RunState.EMPTY.value, trace, ())
    message = _SAID.with_params(
        tool=results.tool,
        failed=counts["fail"],
        passed=counts["pass"],
        unknown=counts["unknown"] + counts["error"],
        not_applicable=counts["not_applicable"],
    )
    facts = {**results.facts(), "file": file.name, "sha256": found.sha256}
    finding = Finding(found.system, results.outcome, message, started, facts, kept)
    return RunRecord(control, parameters, started, started, RunState.FINISHED.value, "", (finding,))
