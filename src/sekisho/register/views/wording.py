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
from sekisho.register.views.field_names import NAMES
from sekisho.ui.display import Display
from sekisho.ui.forms import LONGEST_REASON
from sekisho.ui.parts import Words

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
    return NAMES.get(name, name)


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
        title = titles[field] if field in titles else NAMES.get(field, field)
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
