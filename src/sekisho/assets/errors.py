"""What can go wrong in a stocktake."""

from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.text import _


class NothingExpected(InvalidInput):
    """The scope of a stocktake holds no entry in use."""

    code = "assets.nothing_expected"
    message = _("The ledger has no entry in use within this scope, so there is nothing to count.")
    hint = _("Name a wider scope, or fill the ledger first.")


class NotCounted(InvalidInput):
    """The book is not one that can be counted."""

    code = "assets.not_counted"
    message = _("This ledger cannot be counted.")
    hint = None


class PeriodInvalid(InvalidInput):
    """A stocktake would end before it begins."""

    code = "assets.period_invalid"
    message = _("The last day lies before the first.")
    hint = None


class StocktakeEnded(Conflict):
    """The stocktake has been closed or cancelled; nothing of it changes any more."""

    code = "assets.stocktake_ended"
    message = _("The stocktake “%(name)s” has ended.")
    hint = _("What was found since then belongs to the next one.")


class CodeUnreadable(InvalidInput):
    """Nothing was read, or something that no label holds."""

    code = "assets.code_unreadable"
    message = _("No number was read.")
    hint = _("Read the label again, or type the control number, asset number or serial number.")


class PlaceUnsaid(InvalidInput):
    """Without the place nobody can tell whether a thing is where it should be."""

    code = "assets.place_unsaid"
    message = _("Say first where you are.")
    hint = _("The place is kept until you change it.")


class CodeAmbiguous(InvalidInput):
    """One code names several entries."""

    code = "assets.code_ambiguous"
    message = _("“%(code)s” names several entries: %(entries)s.")
    hint = _("Read or type the control number instead.")


class ReadingGone(Conflict):
    """A reading cannot be taken back: it was already, or what came of it has been settled, or it was read again."""

    code = "assets.reading_gone"
    message = _("This reading can no longer be taken back.")
    hint = _("It was taken back already, or settled, or the same thing was read again since: take that back first.")


class SettlementUnfit(InvalidInput):
    """A difference cannot be settled in this way."""

    code = "assets.settlement_unfit"
    message = _("“%(result)s” cannot be settled with “%(settlement)s”.")
    hint = _("Choose one of the ways that the page offers.")


class ReasonUnsaid(InvalidInput):
    """Each settlement and each cancelling needs words."""

    code = "assets.reason_unsaid"
    message = _("Write why: the others read it, and it is kept.")
    hint = None


class NumberUnknown(InvalidInput):
    """The control number that was given is of no entry in use."""

    code = "assets.number_unknown"
    message = _("The ledger has no entry in use with the control number “%(number)s”.")
    hint = _("Enter the thing in the ledger first, then give its control number.")


class DifferencesOpen(Conflict):
    """A stocktake is closed only when every difference is settled."""

    code = "assets.differences_open"
    message = _("%(count)s differences are not settled yet.")
    hint = _("Say of each what is done about it, then close the stocktake.")


class TooManyLabels(InvalidInput):
    """One file holds only so many labels."""

    code = "assets.too_many_labels"
    message = _("These are %(count)s labels; one file holds at most %(most)s.")
    hint = _("Narrow the choice, for example to a department, and print several files.")


class LockScopeUnsaid(InvalidInput):
    """Settings of neither one device nor of all, or of a device of another group."""

    code = "assets.lock_scope_unsaid"
    message = _("Choose one device of this group, or say how the settings reach all of them.")
    hint = _("For example: group policy of the domain, the profile of the device management, the same master image.")


class LockSettingsFromTheFuture(InvalidInput):
    """The day of the export has not come yet."""

    code = "assets.lock_settings_from_the_future"
    message = _("The day of the export lies in the future.")
    hint = None


class LockBoundUnfit(InvalidInput):
    """A time that nothing could justify."""

    code = "assets.lock_bound_unfit"
    message = _("Between 1 and %(most)s minutes can be settled.")
    hint = _("The guideline names no number; beyond this a screen stands open for long.")
