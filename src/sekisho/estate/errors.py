"""What can go wrong in the estate."""

from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.text import _


class EntryInvalid(InvalidInput):
    """A value breaks a rule of its ledger; ``faults`` maps each field to its messages."""

    code = "estate.entry_invalid"
    message = _("The entry was not stored: %(summary)s")

    def __init__(self, faults: dict[str, list[str]]) -> None:
        super().__init__(summary=" ".join(text for texts in faults.values() for text in texts))
        self.faults = faults


CLOSED_TARGET = _("This entry has been closed. Choose another, or reopen it first.")


class Closed(Conflict):
    """A closed entry is not changed; it is reopened first."""

    code = "estate.closed"
    message = _("“%(name)s” has been closed.")
    hint = _("Reopen it before you change it.")


class InUse(Conflict):
    """Open entries still point to the one that was to be closed."""

    code = "estate.in_use"
    message = _("“%(name)s” is still used by: %(users)s")
    hint = _("Close these or point them elsewhere first.")


class Fixed(Conflict):
    """The entry belongs to something else and cannot be added or closed by itself."""

    code = "estate.fixed"
    message = _("Entries of “%(ledger)s” are not added or closed by hand.")
    hint = None
