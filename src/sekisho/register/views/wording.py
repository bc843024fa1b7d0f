"""Events in the reader's words: the log keeps stable codes, the page shows what they mean."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from sekisho.kernel import registry
from sekisho.kernel.access import Role

_NAMES = {
    "code": _("Error code"),
    "factor": _("Factor that failed"),
    "factors": _("Factors"),
    "purpose": _("Purpose"),
    "renewed": _("New link"),
    "role": _("Role"),
    "roles": _("Roles"),
    "sessions": _("Sessions"),
    "staff_number": _("Staff number"),
    "until": _("Until"),
}
_VALUES = {
    "account": _("Account"),
    "first": _("First administrator"),
    "invitation": _("Invitation"),
    "password": _("Password"),
    "recovery": _("Recovery"),
    "totp": _("One-time code"),
    **{role.value: role.label for role in Role},
}


def details(document: Mapping[str, Any]) -> str:
    """Return the reason and the details of an event's document in one line."""
    parts = [document["reason"]] if document["reason"] else []
    subject = document["subject"]
    for name, value in document["details"].items():
        if name == "changes":
            parts += _changes(subject["kind"] if subject else "", value)
        elif value is not None:
            parts.append(f"{_NAMES.get(name, name)}: {_words(value)}")
    return " / ".join(parts)


def _changes(kind: str, changed: Mapping[str, Any]) -> Iterator[str]:
    """Name each field as its ledger does, and each value as its form does."""
    ledger = next((ledger for ledger in registry.current().ledgers if ledger.model.__name__.lower() == kind), None)
    titles = {column.field: column.title for column in ledger.columns} if ledger else {}
    for field, (before, after) in changed.items():
        choices = dict(ledger.model._meta.get_field(field).flatchoices) if ledger and field in titles else {}
        old, new = (_words(choices.get(value, value)) for value in (before, after))
        yield f"{titles.get(field, field)}: {new}" if before is None else f"{titles.get(field, field)}: {old} → {new}"


def _words(value: object) -> str:
    match value:
        case None:
            return "―"
        case bool():
            return _g("Yes") if value else _g("No")
        case list():
            return _g(", ").join(_words(item) for item in value)
    return str(_VALUES.get(str(value), value))
