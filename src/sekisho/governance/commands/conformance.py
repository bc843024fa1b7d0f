"""Commands about how far the facility conforms."""

import json
from typing import Any

import click
from django.utils.translation import get_language

from sekisho.governance.queries import editions
from sekisho.governance.queries.conformance import Conformity, SubjectVerdict, conformity, verdicts_of
from sekisho.governance.queries.exceptions import ExceptionEntry, exceptions_by_requirement
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel.actor import console
from sekisho.kernel.errors import NotFound
from sekisho.kernel.text import _


@click.group("conformance", help=_("How far the facility conforms.").msgid)
def conformance() -> None:
    """Hold the commands about conformity together."""


@conformance.command(
    "status", help=_("Show the verdict of every requirement with n/N, or of one with its proofs.").msgid
)
@click.option("--requirement", default="", help=_("Only this requirement, with what each proof says.").msgid)
@click.option("--subject", default="", help=_("Only this subject (its id).").msgid)
@click.option("--edition", "edition_id", default=editions.CURRENT, help=_("The edition.").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def status(requirement: str, subject: str, edition_id: str, as_json: bool) -> None:
    """Bring the verdicts up to date and print them."""
    update_verdicts(actor=console(), edition_id=edition_id)
    found = conformity(edition_id)
    if requirement and requirement not in found.summaries:
        raise NotFound
    names = [requirement] if requirement else list(found.summaries)
    excepted = exceptions_by_requirement(edition_id)
    rows = [
        {
            **_row(found, name, subject, detailed=bool(requirement or subject)),
            "exceptions": [
                _exception(entry) for entry in excepted.get(name, ()) if not subject or entry.speaks_of(subject)
            ],
        }
        for name in names
    ]
    if as_json:
        click.echo(json.dumps({"edition": edition_id, "requirements": rows}, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['id']:<12} {row['n']}/{row['N']} {row['label']}  {row['title']}")
        for entry in row["exceptions"]:
            click.echo(
                f"    {_('Exception')}: {', '.join(entry['subjects'])} → {entry['valid_until']} ({entry['state']})"
            )
        for line in row.get("subjects", ()):
            proofs = "; ".join(f"{proof['kind']} {proof['id']}: {proof['state']}" for proof in line["proofs"])
            click.echo(f"    {line['label']}: {line['verdict']}  {proofs}{line['reason']}")


@conformance.command("judge", help=_("Compute the verdicts; with --all every one, and say what differed.").msgid)
@click.option("--all", "whole", is_flag=True, help=_("All verdicts, not only where something changed.").msgid)
@click.option("--edition", "edition_id", default=editions.CURRENT, help=_("The edition.").msgid)
def judge(whole: bool, edition_id: str) -> int:
    """Compute and print the numbers; exit code 1 when stored verdicts were wrong."""
    update = update_verdicts(actor=console(), edition_id=edition_id, whole=whole)
    facts = {"judged": update.judged, "changed": update.changed, "disagreed": len(update.disagreed)}
    click.echo(json.dumps(facts))
    return 1 if update.disagreed else 0


def _row(found: Conformity, name: str, subject: str, *, detailed: bool) -> dict[str, Any]:
    summary = found.summaries[name]
    row: dict[str, Any] = {
        "id": name,
        "title": found.edition.by_id[name].title.text(_language()),
        "verdict": summary.verdict.value,
        "label": str(summary.verdict.label),
        "n": summary.conforming,
        "N": summary.total,
        "counts": {verdict.value: number for verdict, number in summary.counts.items()},
        "reassess": found.reassess.get(name, 0),
    }
    if detailed and not found.edition.children(name):
        row["subjects"] = [_judged(verdict) for verdict in verdicts_of(found.edition.head.id, name, subject)]
    return row


def _judged(found: SubjectVerdict) -> dict[str, Any]:
    reason = found.reason
    return {
        "id": found.subject_id,
        "label": found.subject_label,
        "verdict": found.verdict.value,
        "reason": (reason.get("said") or reason[_language()]) if reason else "",
        "reassess": found.reassess,
        "since": found.since.isoformat(),
        "proofs": list(found.proofs),
    }


def _exception(entry: ExceptionEntry) -> dict[str, Any]:
    """It stands beside the verdict and is no part of it."""
    return {
        "application": entry.ref,
        "subjects": [subject.label for subject in entry.subjects],
        "reason": entry.reason,
        "substitute": entry.substitute,
        "valid_until": entry.valid_until.isoformat(),
        "approved_by": entry.approved_by,
        "state": entry.state.value,
    }


def _language() -> str:
    return "en" if get_language() == "en" else "ja"
