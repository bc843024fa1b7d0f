"""Events in the reader's words: the log keeps stable codes, the page shows what they mean."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.dates import format_date
from sekisho.ui.display import Display
from sekisho.ui.forms import LONGEST_REASON
from sekisho.ui.parts import Words

_NAMES = {
    "about": _("About"),
    "addresses": _("Addresses"),
    "asked": _("Asked"),
    "assignee": _("Person responsible"),
    "baseline": _("Baseline"),
    "bundles": _("Files of looks"),
    "changed": _("Changed"),
    "changes": _("Changes"),
    "code": _("Error code"),
    "configuration": _("Configuration"),
    "connections": _("Connections"),
    "counts": _("Counts"),
    "days": _("Days"),
    "due_on": _("To be done by"),
    "department": _("Department"),
    "device": _("Device"),
    "dialect": _("Dialect"),
    "digest": _("SHA-256"),
    "disagreed": _("Was wrong"),
    "done": _("Done"),
    "drift": _("Drift"),
    "edition": _("Edition"),
    "employed_from": _("Works here from"),
    "employed_until": _("Works here until"),
    "factor": _("Factor that failed"),
    "factors": _("Factors"),
    "fault": _("Fault"),
    "file": _("File"),
    "findings": _("Findings"),
    "fingerprint": _("Fingerprint"),
    "firmware": _("Firmware"),
    "format": _("Format"),
    "from": _("Taken from"),
    "items": _("Items"),
    "judgements": _("Verdicts"),
    "kana": _("Reading (kana)"),
    "levels": _("Remarks by level"),
    "line": _("Network link"),
    "links": _("Network links"),
    "looks": _("Looks"),
    "name": _("Full name"),
    "network": _("Addresses of the range"),
    "networks": _("Ranges"),
    "number": _("Version"),
    "observed": _("Observed"),
    "origin": _("Log"),
    "own": _("Approved by the applicant"),
    "permit": _("Permit"),
    "place": _("Place"),
    "planned": _("Planned connections"),
    "probe": _("Way of looking"),
    "problem": _("Problem"),
    "profession": _("Profession"),
    "public_key": _("Public key"),
    "purpose": _("Purpose"),
    "renewed": _("New link"),
    "role": _("Role"),
    "roles": _("Roles"),
    "root": _("Root"),
    "run": _("Run"),
    "same": _("Unchanged"),
    "sessions": _("Sessions"),
    "sha256": _("SHA-256"),
    "size": _("Entries in the log"),
    "staff_number": _("Staff number"),
    "state": _("State"),
    "stopped": _("Stopped"),
    "system": _("System"),
    "tool": _("Tool"),
    "until": _("Until"),
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


LONGEST_VALUE = 200
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Labels = Mapping[str, Words]


def details(document: Mapping[str, Any], display: Display, choices: Mapping[str, Labels] | None = None) -> str:
    """Return the reason and the details of an event's document in one line, as this reader wants it.

    ``choices`` gives the labels of a field's codes where no ledger knows them. Long values are cut: the page shows
    what happened, the log has it whole.
    """
    parts = [_cut(document["reason"], LONGEST_REASON)] if document["reason"] else []
    subject = document["subject"]
    for name, value in document["details"].items():
        if name == "changes" and isinstance(value, Mapping):
            parts += _changes(subject["kind"] if subject else "", value, display, choices or {})
        elif value is not None:
            parts.append(f"{_NAMES.get(name, name)}: {_words(value, display, _VALUES)}")
    return " / ".join(parts)


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
            return _g("Yes") if value else _g("No")
        case list():
            return _cut(_g(", ").join(_words(item, display, labels) for item in value))
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
