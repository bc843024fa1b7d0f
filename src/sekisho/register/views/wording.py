"""Events in the reader's words: the log keeps stable codes, the page shows what they mean."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.dates import format_date
from sekisho.register.actions import ImportedAction
from sekisho.register.rules.sources.entries import raw_bytes
from sekisho.ui.display import Display
from sekisho.ui.forms import LONGEST_REASON
from sekisho.ui.parts import Words

_NAMES = {
    "about": _("About"),
    "addresses": _("Addresses"),
    "again": _("Approved twice by one person"),
    "answered_count": _("Counter in the answer"),
    "application": _("Application"),
    "approved_by": _("Approved by"),
    "asked": _("Asked"),
    "assignee": _("Person responsible"),
    "baseline": _("Baseline"),
    "before": _("From before"),
    "bundles": _("Files of looks"),
    "bytes": _("Size in bytes"),
    "changed": _("Changed"),
    "changes": _("Changes"),
    "checked": _("Rows compared"),
    "code": _("Error code"),
    "codes": _("Number of codes"),
    "configuration": _("Configuration"),
    "connections": _("Connections"),
    "counts": _("Counts"),
    "days": _("Days"),
    "destroyed": _("Destroyed"),
    "decided": _("Decision"),
    "declared": _("Emergency declared"),
    "department": _("Department"),
    "device": _("Device"),
    "device_bound_only": _("Only keys bound to a device"),
    "dialect": _("Dialect"),
    "digest": _("SHA-256"),
    "disagreed": _("Was wrong"),
    "document": _("Document checked"),
    "done": _("Done"),
    "done_already": _("Done already in an emergency"),
    "drafts": _("Number of drafts"),
    "drift": _("Drift"),
    "due_on": _("To be done by"),
    "edition": _("Edition"),
    "employed_from": _("Works here from"),
    "employed_until": _("Works here until"),
    "ended": _("Sessions ended"),
    "external_action": _("In its own words"),
    "external_outcome": _("Result in its own words"),
    "factor": _("Factor that failed"),
    "factors": _("Factors"),
    "failures": _("Failed attempts"),
    "fault": _("Fault"),
    "file": _("File"),
    "findings": _("Findings"),
    "fingerprint": _("Fingerprint"),
    "firmware": _("Firmware"),
    "format": _("Format"),
    "from": _("Taken from"),
    "giver": _("Lets others decide"),
    "hours": _("Time limit (hours)"),
    "idle": _("Locked when idle"),
    "idle_minutes": _("Idle limit (minutes)"),
    "intact": _("Seal intact"),
    "items": _("Items"),
    "judgements": _("Verdicts"),
    "justified": _("Use was justified"),
    "kana": _("Reading (kana)"),
    "kept_in": _("Kept in"),
    "leak_suspected": _("Leak suspected"),
    "left": _("Number left"),
    "levels": _("Remarks by level"),
    "limit": _("Usable until"),
    "line": _("Network link"),
    "links": _("Network links"),
    "looks": _("Looks"),
    "name": _("Full name"),
    "network": _("Addresses of the range"),
    "networks": _("Ranges"),
    "new_key": _("New key"),
    "number": _("Version"),
    "observed": _("Observed"),
    "old_key": _("Old key"),
    "origin": _("Log"),
    "own": _("Approved by the applicant"),
    "part": _("Part of the route"),
    "passkey": _("Passkey"),
    "permit": _("Permit"),
    "place": _("Place"),
    "planned": _("Planned connections"),
    "probe": _("Way of looking"),
    "problem": _("Problem"),
    "profession": _("Profession"),
    "proof": _("How the identity was checked"),
    "public_key": _("Public key"),
    "purpose": _("Purpose"),
    "raised": _("Number raised"),
    "raw": _("As received"),
    "receiver": _("Receiver"),
    "renewed": _("New link"),
    "replaces": _("Replaces"),
    "role": _("Role"),
    "roles": _("Roles"),
    "root": _("Root"),
    "rows": _("Number of rows"),
    "rule": _("Rule of the review"),
    "run": _("Run"),
    "same": _("Unchanged"),
    "sealed": _("Rows under a seal"),
    "sessions": _("Sessions"),
    "sha256": _("SHA-256"),
    "size": _("Entries in the log"),
    "staff_number": _("Staff number"),
    "stands_in_for": _("Stands in for"),
    "state": _("State"),
    "stopped": _("Stopped"),
    "stored_count": _("Counter stored"),
    "system": _("System"),
    "tables": _("Tables"),
    "target": _("Place of the backup"),
    "tool": _("Tool"),
    "trouble": _("Trouble"),
    "until": _("Until"),
    "urgency": _("Urgency"),
    "vantage": _("Looked from"),
    "version": _("Version"),
    "without": _("Without an item"),
    "workflow": _("Kind of application"),
    "zone": _("Zone"),
}
_VALUES: Mapping[str, Words] = {
    "account": _("Account"),
    "first": _("First administrator"),
    "invitation": _("Invitation"),
    "password": _("Password"),
    "recovery": _("Recovery"),
    "totp": _("One-time code"),
    **{role.value: role.label for role in Role},
}
# What was done in another system, where a column of its own says in which.
ELSEWHERE: Mapping[str, Words] = {
    str(ImportedAction.SIGN_IN): _("Sign-in"),
    str(ImportedAction.SIGN_OUT): _("Sign-out"),
    str(ImportedAction.READ): _("Looked at the record"),
    str(ImportedAction.SEARCH): _("Searched"),
    str(ImportedAction.CREATE): _("Newly entered"),
    str(ImportedAction.CHANGE): _("Changed"),
    str(ImportedAction.DELETE): _("Deleted"),
    str(ImportedAction.PRINT): _("Printed"),
    str(ImportedAction.EXPORT): _("Took out"),
    str(ImportedAction.OTHER): _("Something else"),
}


LONGEST_VALUE = 200
# How what was received is kept says nothing to a reader. The text itself is shown where nobody took it apart.
_KEPT = {"raw_form", "raw_encoding", "raw_sha256"}
_TAKEN_APART = "external_action"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Labels = Mapping[str, Words]


def details(document: Mapping[str, Any], display: Display, choices: Mapping[str, Labels] | None = None) -> str:
    """Return the reason and the details of an event's document in one line, as this reader wants it.

    ``choices`` gives the labels of a field's codes where no ledger knows them. Long values are cut: the page shows
    what happened, the log has it whole.
    """
    parts = [_cut(document["reason"], LONGEST_REASON)] if document["reason"] else []
    subject = document["subject"]
    hidden = {*_KEPT, "raw"} if _TAKEN_APART in document["details"] else _KEPT
    for name, value in document["details"].items():
        if name == "changes" and isinstance(value, Mapping):
            parts += _changes(subject["kind"] if subject else "", value, display, choices or {})
        elif value is not None and name not in hidden:
            shown = _received(document["details"]) if name == "raw" else value
            parts.append(f"{_title(name, document)}: {_words(shown, display, _VALUES)}")
    return " / ".join(parts)


def _title(name: str, document: Mapping[str, Any]) -> Words:
    if name == "line" and "raw" in document["details"]:
        return _("Line of the file")
    return _NAMES.get(name, name)


def _received(raw: Mapping[str, Any]) -> str:
    """Return what another system wrote as text, whatever its encoding."""
    try:
        return raw_bytes(raw).decode(str(raw["raw_encoding"]), "replace")
    except (KeyError, ValueError, LookupError):
        return str(raw["raw"])  # a field of this name in somebody else's event


def _changes(kind: str, changed: Mapping[str, Any], display: Display, choices: Mapping[str, Labels]) -> Iterator[str]:
    """Name each field as its ledger does, and each value as its form does."""
    ledger = next((ledger for ledger in registry.current().ledgers if ledger.model.__name__.lower() == kind), None)
    titles = {column.field: column.title for column in ledger.columns} if ledger else {}
    for field, (before, after) in changed.items():
        known: Labels = dict(ledger.model._meta.get_field(field).flatchoices) if ledger and field in titles else {}
        labels = known or choices.get(field, {})
        title = titles[field] if field in titles else _NAMES.get(field, field)
        old, new = (_words(value, display, labels) for value in (before, after))
        yield f"{title}: {new}" if before is None else f"{title}: {old} → {new}"


def _words(value: object, display: Display, labels: Labels) -> str:
    match value:
        case None:
            return "―"
        case bool():
            return gettext("Yes") if value else gettext("No")
        case list():
            return _cut(gettext(", ").join(_words(item, display, labels) for item in value))
        case str() if value in labels:
            return str(labels[value])
        case str() if _DAY.fullmatch(value):
            return _day(value, display)
    return _cut(str(value))


def _day(text: str, display: Display) -> str:
    try:
        return format_date(date.fromisoformat(text), display.calendar, display.language)
    except ValueError:
        return text  # looks like a day and is none: somebody's own words


def _cut(text: str, longest: int = LONGEST_VALUE) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
