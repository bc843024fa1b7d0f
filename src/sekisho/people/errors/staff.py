"""What can go wrong with people, their roles and their one-time links."""

from sekisho.kernel.errors import Conflict, InvalidInput, NotFound
from sekisho.kernel.text import _


class LinkInvalid(NotFound):
    """The one-time link is unknown, used, withdrawn or too old."""

    code = "people.link_invalid"
    message = _("This link is not valid any more.")
    hint = _("Each link works once and for a limited time. Ask the person who gave it to you for a new one.")


class LoginTaken(Conflict):
    """Another account has this login name."""

    code = "people.login_taken"
    message = _("The login name “%(login)s” is taken.")
    hint = _("Choose another one.")


class StaffNumberTaken(Conflict):
    """Another person has this staff number."""

    code = "people.staff_number_taken"
    message = _("The staff number “%(number)s” belongs to somebody else.")
    hint = _("Check the number, or look for the person in the list.")


class RoleHeld(Conflict):
    """The person holds the role already."""

    code = "people.role_held"
    message = _("%(name)s holds the role “%(role)s” already.")
    hint = None


class RoleNotGrantable(InvalidInput):
    """The role stands for the console or the platform, not for a person."""

    code = "people.role_not_grantable"
    message = _("“%(role)s” is not granted to people.")


class BothDuties(Conflict):
    """With this role the person would both operate systems and audit them."""

    code = "people.both_duties"
    message = _("%(name)s would both operate systems and audit them.")
    hint = _("Take the other role back first, or the request for access that gives it, or choose somebody else.")


class EmploymentReversed(InvalidInput):
    """The last day of the employment lies before the first."""

    code = "people.employment_reversed"
    message = _("The last day lies before the first.")


class LastOperator(Conflict):
    """Without this person nobody could administer the platform."""

    code = "people.last_operator"
    message = _("%(name)s is the only system operator with a working account.")
    hint = _("Make somebody else a system operator first.")


class LastOperatorLeaks(Conflict):
    """The means of the only lasting operator may have leaked; stopped by the page, nobody could go on."""

    code = "people.last_operator_leaks"
    message = _("%(name)s is the only system operator for good; stopped from here, nobody could look after Sekisho.")
    hint = _(
        "At the server, run “sekisho people recover” with the login name: the old means end when the link is used. "
        "Or make somebody else a system operator without an end first."
    )


class HasAccount(Conflict):
    """The person has an account and needs no link."""

    code = "people.has_account"
    message = _("%(name)s has an account already.")
    hint = None


class EndsBeforeToday(InvalidInput):
    """A role was to end before it begins."""

    code = "people.ends_before_today"
    message = _("The last day lies before today.")


class PersonInvalid(InvalidInput):
    """A value about a person breaks a rule; ``faults`` maps each field to its messages."""

    code = "people.person_invalid"
    message = _("The person was not stored: %(summary)s")

    def __init__(self, faults: dict[str, list[str]]) -> None:
        super().__init__(summary=" ".join(text for texts in faults.values() for text in texts))
        self.faults = faults
