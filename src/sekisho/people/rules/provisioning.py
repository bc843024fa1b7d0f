"""The lists of people that other systems are given: their columns, which never change their names or order. Pure.

A column that is added comes last. Nothing of patients, no address and no telephone stands in them.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from sekisho.kernel.text import Text, _

Value = str | bool | date | None


class Listing(StrEnum):
    """Which list."""

    STAFF = "staff"
    RIGHTS = "rights"

    @property
    def label(self) -> Text:
        """The list in words."""
        return _LABELS[self]

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns as programs know them."""
        return tuple(TITLES[self])


_LABELS: dict[Listing, Text] = {
    Listing.STAFF: _("Staff and accounts"),
    Listing.RIGHTS: _("Rights granted in the systems"),
}
# By list, in order: the name for programs, and the heading for people.
TITLES: dict[Listing, dict[str, Text]] = {
    Listing.STAFF: {
        "staff_number": _("Staff number"),
        "name": _("Full name"),
        "kana": _("Reading (kana)"),
        "department": _("Department"),
        "profession": _("Profession"),
        "employed_from": _("Works here from"),
        "employed_until": _("Works here until"),
        "employed": _("Works here today"),
        "login": _("Login name"),
        "account_kind": _("Kind of account"),
        "account_active": _("Account works"),
        "roles": _("Roles"),
    },
    Listing.RIGHTS: {
        "system": _("System"),
        "login": _("Login name"),
        "role": _("Role in the system"),
        "staff_number": _("Staff number"),
        "name": _("Full name"),
        "department": _("Department"),
        "from": _("From"),
        "until": _("Until"),
    },
}


def is_employed(day: date, first: date | None, last: date | None) -> bool:
    """Tell whether somebody works here on ``day``; both days of the employment are included, None leaves it open."""
    return (first is None or first <= day) and (last is None or day <= last)


def plain(value: Value) -> str:
    """Return a value as programs read it: true and false in words, days in the form of ISO 8601."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else value or ""
