"""What people do with people, accounts and their own session."""

from sekisho.kernel.access import EVERYBODY, REVIEWERS, Action, Role
from sekisho.kernel.text import _

_OPERATOR = {Role.SYSTEM_OPERATOR}


class PeopleAction(Action):
    """Actions of people."""

    HOME = ("home.view", _("Open the first page"), EVERYBODY)
    VIEW = ("person.view", _("Look at people and their roles"), REVIEWERS | {Role.DEPARTMENT_MANAGER})
    INVITE = ("person.invite", _("Invite a person"), _OPERATOR)
    INVITE_FIRST = ("person.invite_first", _("Hand out the first administrator's link"), {Role.PLATFORM, Role.CONSOLE})
    RECOVER = ("person.recover", _("Hand out a recovery link"), {Role.CONSOLE})
    REVOKE_LINK = ("link.revoke", _("Withdraw a one-time link"), _OPERATOR)
    CHANGE = ("person.change", _("Change a person's data"), _OPERATOR)
    GRANT = ("role.grant", _("Grant a role"), _OPERATOR)
    REVOKE = ("role.revoke", _("Take back a role"), _OPERATOR)
    DISABLE = ("account.disable", _("Disable an account"), _OPERATOR)
    ENABLE = ("account.enable", _("Enable an account"), _OPERATOR)
    ENROL = ("account.enrol", _("Set up one's own account with a one-time link"), {Role.ANONYMOUS})
    SIGN_IN = ("session.sign_in", _("Sign in"), {Role.ANONYMOUS})
    SIGN_OUT = ("session.sign_out", _("Sign out"), EVERYBODY)
    CHANGE_PASSWORD = ("account.change_password", _("Change one's own password"), EVERYBODY)
    PURGE = ("session.purge", _("Remove expired sessions"), {Role.PLATFORM})
