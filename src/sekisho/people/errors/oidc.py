"""What can go wrong with applications that take our sign-in. Nothing here tells an attacker which part was wrong."""

from sekisho.kernel.errors import Conflict, Forbidden, InvalidInput, SekishoError
from sekisho.kernel.text import _


class PartyUnknown(SekishoError):
    """A request for a sign-in names no application that is let in, or an address that was not entered for it."""

    code = "people.party_unknown"
    message = _("This application cannot use our sign-in: it is not let in, or the address it gave was not entered.")
    hint = _("Nothing was sent to it. Show this to the system operator, who compares its settings with its page here.")


class PartyRequestWrong(SekishoError):
    """A request of an application is malformed, so that nothing can be answered to it."""

    code = "people.party_request_wrong"
    message = _("The application did not ask for a sign-in in the right form.")
    hint = _("Go back to the application and begin there again. If it stays, its settings are wrong.")


class PartyInvalid(InvalidInput):
    """What was entered of an application breaks a rule; the field says which."""

    code = "people.party_invalid"
    message = _("%(reason)s")


class OwnParty(Conflict):
    """Whoever entered an application wanted to release it, although somebody else could."""

    code = "people.own_party"
    message = _("Whoever entered the application does not release it.")
    hint = _("Ask one of these: %(names)s")


class PartyAloneWithoutReason(InvalidInput):
    """The only person who could release an application entered it too, and gave no reason."""

    code = "people.party_alone_without_reason"
    message = _("Nobody else can release it: write why the application is needed and how you checked it.")


class PartyNotReady(Conflict):
    """The application is not in the state for this, or keeps no secret."""

    code = "people.party_not_ready"
    message = _("This cannot be done with this application at present.")
    hint = _("Look at its state and its kind.")


class EmergencyLetsIn(Forbidden):
    """A session of an emergency account wanted to let an application in."""

    code = "people.emergency_lets_in"
    message = _("An emergency account lets no application in.")
    hint = _("Sign in with your own account.")
