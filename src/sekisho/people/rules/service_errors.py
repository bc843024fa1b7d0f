"""What can go wrong with programs at the API. Nothing here tells an attacker which part was wrong."""

from sekisho.kernel.errors import Conflict, Forbidden, InvalidInput, SekishoError, Unauthenticated
from sekisho.kernel.text import _


class ClientRefused(Unauthenticated):
    """A program's id, secret, network or period does not let it in; which of them, only the register says."""

    code = "people.client_refused"
    message = _("This program is not let in.")
    hint = _("The register says why, under the name of the program.")


class TokenRequestWrong(SekishoError):
    """A request for a token, or to end one, is malformed."""

    code = "people.token_request_wrong"
    message = _("This is no request for a token.")
    hint = _("Send a form with grant_type=client_credentials, and the id and secret by HTTP Basic, without a cookie.")


class GrantUnsupported(SekishoError):
    """A program asked for a token in another way than with its own credentials."""

    code = "people.grant_unsupported"
    message = _("Only grant_type=client_credentials is answered.")


class ScopeRefused(SekishoError):
    """A program asked for an action that was not granted to it."""

    code = "people.scope_refused"
    message = _("This was not granted to the program.")
    hint = _("Ask for what stands on its page, or leave the scope out.")


class TokenRefused(Unauthenticated):
    """The token is unknown, has run out, was given back, comes from elsewhere, or its program was closed."""

    code = "people.token_refused"
    message = _("This token is not valid.")
    hint = _("Get a new one. If that is refused too, the register says why.")


class BearerWithCookie(SekishoError):
    """A request carries both a token and the session of a person: it is unclear who asks."""

    code = "people.bearer_with_cookie"
    message = _("A request carries either a token or the cookie of a session, never both.")


class BeyondOwnRights(Forbidden):
    """Somebody wanted to let a program do what they may not do themselves."""

    code = "people.beyond_own_rights"
    message = _("You may not grant what you may not do yourself: %(action_title)s")
    hint = _("Ask somebody who may do it, or leave it out.")


class OwnClient(Conflict):
    """Whoever entered a program wanted to release it, although somebody else could."""

    code = "people.own_client"
    message = _("Whoever entered the program does not release it.")
    hint = _("Ask one of these: %(names)s")


class AloneWithoutReason(InvalidInput):
    """The only person who could release a program entered it too, and gave no reason."""

    code = "people.alone_without_reason"
    message = _("Nobody else can release it: write why the program is needed and how you checked it.")


class ClientNotReady(Conflict):
    """The program is not in the state for this."""

    code = "people.client_not_ready"
    message = _("This cannot be done with a program that is: %(state)s.")
    hint = _("Look at the present state of the program.")


class EmergencyGrants(Conflict):
    """A session of an emergency account wanted to let a program in."""

    code = "people.emergency_grants"
    message = _("An emergency account lets no program in.")
    hint = _("Sign in with your own account.")


class ClientInvalid(InvalidInput):
    """What was entered of a program breaks a rule; the field says which."""

    code = "people.client_invalid"
    message = _("%(reason)s")
