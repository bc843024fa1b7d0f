"""What can go wrong with the accounts and rights of the registered systems."""

from sekisho.kernel.errors import Conflict, InvalidInput, SekishoError
from sekisho.kernel.text import _


class SnapshotInFuture(InvalidInput):
    """The day of an export lies in the future."""

    code = "people.snapshot_in_future"
    message = _("The day on which the accounts were exported lies in the future.")
    hint = _("Enter the day on which the system made the file.")


class SnapshotKnown(Conflict):
    """The same file was read in for the same day before."""

    code = "people.snapshot_known"
    message = _("This file was read in for this day already.")
    hint = _("Export the accounts anew, or enter the right day.")


class ReviewFinished(Conflict):
    """The review is over, or never was."""

    code = "people.review_finished"
    message = _("This review of accounts is finished.")
    hint = _("Begin a new one from the newest list of accounts.")


class ReviewNotDone(Conflict):
    """Not every account of a review has been decided about."""

    code = "people.review_not_done"
    message = _("%(left)s accounts are still without a decision.")
    hint = _("Decide about each, then finish the review.")


class ReasonWanted(InvalidInput):
    """Who lets an account stay says why."""

    code = "people.reason_wanted"
    message = _("Write why the account stays as it is: it is read at the next inspection.")


class DirectoryExtraMissing(SekishoError):
    """The library that speaks with directories is not installed."""

    code = "people.directory_extra_missing"
    message = _("Directories cannot be read: the extra “ldap” of Sekisho is not installed.")
    hint = _("Install “sekisho[ldap]”, or read the accounts in from a CSV file.")
    status = 501
    exit_code = 69


class DirectoryWithoutPassword(SekishoError):
    """No password is stored for the directory as it is named now."""

    code = "people.directory_without_password"
    message = _("No password is stored for this directory.")
    hint = _("Enter it. It is asked for again when the server or the account changes.")
    status = 409
    exit_code = 65


class DirectoryFailed(SekishoError):
    """The directory did not answer, its certificate does not fit, or it refused."""

    code = "people.directory_failed"
    message = _("The directory gave no accounts: %(reason)s")
    hint = _("Compare host, port, certificate authority, account and base with the directory's own settings.")
    status = 502
    exit_code = 69


class DirectoryTooLarge(SekishoError):
    """The directory answered with more entries than are taken."""

    code = "people.directory_too_large"
    message = _("The directory has more than %(most)s entries under its base.")
    hint = _("Name a narrower base or filter.")
    status = 502
    exit_code = 65


class TooLong(InvalidInput):
    """A temporary factor was to work for longer than a day, or not at all."""

    code = "people.factor_too_long"
    message = _("A temporary factor works for one to 24 hours.")


class NotTheirManager(Conflict):
    """Access was approved by somebody who does not speak for the department of the person it is for."""

    code = "people.not_their_manager"
    message = _("%(name)s does not speak for the department of %(person)s, so nothing is granted.")
    hint = _("The manager of that department or the management approves it. If it was approved wrongly, send it back.")


class OwnAccess(Conflict):
    """Somebody decided about access for themselves, and others could have."""

    code = "people.own_access"
    message = _("%(name)s decided about access for themselves, so nothing is granted.")
    hint = _("Send the application back and let somebody else decide.")
