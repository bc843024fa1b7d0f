"""What the files of a ledger say of the approval of its entries: read by people, never read back."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.models import Application
from sekisho.ledgers.rules.applications import State
from sekisho.ui.display import LANGUAGES

Standing = tuple[str, str | None, date | None]
_OPEN = (State.SUBMITTED, State.SENT_BACK)


def approval_headings(ledger: Ledger) -> list[str]:
    """Return what stands over :func:`approval_reader`, in the reader's language; nothing where nobody approves."""
    return [_("State of the approval"), _("Approvers"), _("Approved on")] if ledger.workflow else []


def approval_words(ledger: Ledger) -> set[str]:
    """Return these headings in every language of the house."""
    found: set[str] = set()
    for language in LANGUAGES:
        with translation.override(language):
            found |= set(approval_headings(ledger))
    return found


def approval_reader(ledger: Ledger) -> Callable[[Any], Standing | tuple[()]]:
    """Return what tells how an entry's approval stands, who gave it and on which day.

    What is applied for is read once for all entries: only open applications, so there are few of them.
    """
    if not ledger.workflow:
        return lambda _entry: ()
    rows = Application.objects.filter(workflow=ledger.workflow, state__in=_OPEN)
    waiting = {key: str(State(state).label) for key, state in rows.values_list("key", "state")}
    approved, not_approved = _("Approved"), _("Not approved")

    def read(entry: Any) -> Standing:
        if entry.approved_at is not None:
            return approved, entry.approved_by, in_facility(entry.approved_at).date()
        return waiting.get(str(entry.pk), not_approved), None, None

    return read
