"""What can go wrong with looking for plain-text secrets."""

from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.text import _


class PlaceUnusable(InvalidInput):
    """A directory cannot be looked through."""

    code = "people.secret_place_unusable"
    message = _("This directory cannot be looked through: %(reason)s")
    hint = _("Give the whole path of a directory of this machine, best of a share that is mounted read-only.")


class PlaceKnown(Conflict):
    """The directory is looked through for this system already."""

    code = "people.secret_place_known"
    message = _("This directory is looked through for this system already.")


class PlaceEnded(Conflict):
    """The place is looked through no more."""

    code = "people.secret_place_ended"
    message = _("This place is looked through no more.")


class FindingGone(Conflict):
    """The newest looks do not show the finding any more."""

    code = "people.secret_finding_gone"
    message = _("The newest look does not show this finding any more.")
    hint = _("Open the list of findings again.")


class SecondPersonWanted(Conflict):
    """Who said that something is a false alarm, or that a place is gone, cannot confirm it."""

    code = "people.second_person_wanted"
    message = _("You said it yourself: somebody else has to confirm it.")


class SettlementOver(Conflict):
    """What was said of a finding does not count any more."""

    code = "people.secret_settlement_over"
    message = _("What was said of this finding does not count any more.")
    hint = _("Look at the finding again, and decide anew.")
