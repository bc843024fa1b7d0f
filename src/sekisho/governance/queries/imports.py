"""Reading what was taken over from other tools."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.core.paginator import Page, Paginator

from sekisho.governance.models import EvidenceRun

PREFIX = "imported."
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """A run that another tool made: which tool, and the name that its system had then."""

    run: EvidenceRun
    tool: str
    system: str


def imported_control(results_format: str, system_id: str) -> str:
    """Return the id under which the runs of one kind of tool about one system stand."""
    return f"{PREFIX}{results_format}.{system_id}"


def imported_runs(page: int = 1) -> "Page[EvidenceRun]":
    """Return one page of the runs that were taken over from other tools, the newest first."""
    rows = EvidenceRun.objects.filter(control__startswith=PREFIX).defer("trace")
    return Paginator(rows.order_by("-received_at", "-id"), PAGE_SIZE).get_page(page)


def is_imported(control_id: str) -> bool:
    """Tell whether runs under this id were made by another tool."""
    return control_id.startswith(PREFIX)


def newest_imported(control_ids: Collection[str]) -> Mapping[str, ImportedRun]:
    """Return the newest run of another tool under each of these ids; what is no such id is left out."""
    wanted = [control for control in control_ids if is_imported(control)]
    rows = EvidenceRun.objects.filter(control__in=wanted).defer("trace").order_by("received_at", "id") if wanted else ()
    return {run.control: as_imported(run) for run in rows}


def as_imported(run: EvidenceRun) -> ImportedRun:
    """Return what stands in the parameters of such a run."""
    said = json.loads(run.parameters)
    return ImportedRun(run, f"{said['tool']} {said['version']}".strip(), said["system_name"])
