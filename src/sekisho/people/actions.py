"""What people do with people, accounts and their own session."""

from sekisho.kernel.access import EVERYBODY, MANAGERS, REVIEWERS, Action, Role
from sekisho.kernel.text import _
from sekisho.ledgers.actions import book_actions

_OPERATOR = {Role.SYSTEM_OPERATOR}
_KEEPERS = {Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, Role.SAFETY_MANAGER}
_READERS = REVIEWERS | {Role.DEPARTMENT_MANAGER}
_PLANNERS = {Role.PLANNING_MANAGER, Role.SAFETY_MANAGER}
_GRANTORS = {Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER}
ACCOUNTS_TITLE = _("ID ledger")

SystemAccountAction = book_actions("systemaccount", ACCOUNTS_TITLE, readers=_READERS, keepers=_KEEPERS, module=__name__)
SURVEY_TITLE = _("Authentication of the systems")
AuthenticationAction = book_actions("authentication", SURVEY_TITLE, readers=_READERS, keepers=_KEEPERS, module=__name__)
RESETS_TITLE = _("Ledger of changed and temporary credentials")
ResetAction = book_actions("reset", RESETS_TITLE, readers=_READERS, keepers=_KEEPERS, module=__name__)
TWO_FACTORS_TITLE = _("Entries of the two-factor map")
TwoFactorAction = book_actions("twofactor", TWO_FACTORS_TITLE, readers=_READERS, keepers=_KEEPERS, module=__name__)
EMERGENCY_ACCESS_TITLE = _("Emergency accounts and functions")
EmergencyAccessAction = book_actions(
    "emergencyaccess", EMERGENCY_ACCESS_TITLE, readers=_READERS, keepers=_KEEPERS, module=__name__
)

SYSTEM_ROLES_TITLE = _("Roles of the systems")
SystemRoleAction = book_actions("systemrole", SYSTEM_ROLES_TITLE, readers=_READERS, keepers=_KEEPERS, module=__name__)
ACCESS_REQUESTS_TITLE = _("Requests for access")
AccessRequestAction = book_actions(
    "accessrequest",
    ACCESS_REQUESTS_TITLE,
    readers=_READERS | {Role.MANAGEMENT},
    keepers=_KEEPERS | {Role.DEPARTMENT_MANAGER, Role.MANAGEMENT},
    module=__name__,
)
TRAININGS_TITLE = _("Ledger of trainings")
TrainingAction = book_actions("training", TRAININGS_TITLE, readers=_READERS, keepers=_KEEPERS, module=__name__)


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
    FORGET = ("person.forget", _("Destroy what tells who a former member of staff was"), _PLANNERS)
    FORGET_TRACES = ("sign_in.forget", _("Destroy old traces of signing in"), {Role.PLATFORM})
    PURGE = ("session.purge", _("Remove expired sessions"), {Role.PLATFORM})


class EmergencyAction(Action):
    """Actions of emergency accounts."""

    VIEW = ("emergency.view", _("Look at emergency accounts"), _READERS)
    MAKE = ("emergency.make", _("Make a sealed emergency credential"), _OPERATOR)
    CHECK = ("emergency.check", _("Confirm that a sealed envelope is intact"), MANAGERS | {Role.DEPARTMENT_MANAGER})
    WITHDRAW = ("emergency.withdraw", _("Withdraw a sealed emergency credential"), _OPERATOR)
    USE = ("emergency.use", _("Sign in with a sealed emergency credential"), {Role.ANONYMOUS})
    RETURN = ("emergency.return", _("Return to normal after an emergency"), _KEEPERS)
    REVIEW = ("emergency.review", _("Review the use of an emergency account"), MANAGERS)


class IdReviewAction(Action):
    """Actions of looking after the accounts of every system: reading them in, reconciling, reviewing."""

    VIEW = ("account_snapshot.view", _("Look at the accounts of the systems"), _READERS)
    SET_SOURCE = ("account_source.change", _("Say how the accounts of a system are read"), _KEEPERS)
    STORE = ("account_snapshot.store", _("Read in the accounts of a system"), _KEEPERS)
    FETCH = ("account_snapshot.fetch", _("Fetch accounts from a directory"), {Role.PLATFORM})
    BEGIN = ("account_review.begin", _("Begin a review of accounts"), _KEEPERS)
    DECIDE = ("account_review.decide", _("Decide about an account in a review"), _KEEPERS | {Role.DEPARTMENT_MANAGER})
    FINISH = ("account_review.finish", _("Finish a review of accounts"), _KEEPERS)
    END_LEAVER = ("account.end_leaver", _("Disable the account of somebody who left"), {Role.PLATFORM})


class SignInAction(Action):
    """What people do with their own ways of signing in, and what the operator keeps of everybody's."""

    VIEW_WAYS = ("sign_in.view", _("Look at one's own ways of signing in"), EVERYBODY)
    PROVE = ("session.prove", _("Show a second factor again"), EVERYBODY)
    ADD_PASSKEY = ("passkey.add", _("Add a passkey or security key of one's own"), EVERYBODY)
    RENAME_PASSKEY = ("passkey.rename", _("Rename a passkey or security key of one's own"), EVERYBODY)
    REMOVE_PASSKEY = ("passkey.remove", _("Remove a passkey or security key of one's own"), EVERYBODY)
    HOLD_PASSKEY = ("passkey.hold", _("Hold a passkey that may have been copied"), EVERYBODY | {Role.ANONYMOUS})
    SET_APP = ("authenticator_app.set", _("Set up one's own authenticator app"), EVERYBODY)
    REMOVE_APP = ("authenticator_app.remove", _("Remove one's own authenticator app"), EVERYBODY)
    RENEW_CODES = ("recovery_code.renew", _("Make one's own recovery codes"), EVERYBODY)
    USE_CODE = ("recovery_code.use", _("Use a recovery code"), EVERYBODY | {Role.ANONYMOUS})
    ELSEWHERE = ("session.elsewhere", _("Show a session's cookie from another browser"), {Role.ANONYMOUS})
    LOCK = ("session.lock", _("Lock one's own session"), EVERYBODY)
    UNLOCK = ("session.unlock", _("Unlock one's own session"), EVERYBODY)
    END_SESSION = ("session.end", _("End one's own sessions"), EVERYBODY)
    END_SESSIONS_OF = ("session.end_of_person", _("End somebody's sessions"), _OPERATOR)
    KEEP_POLICY = ("sign_in.change_policy", _("Change what a role's sign-in asks for"), _OPERATOR)
    READ_LIST = ("authenticator_list.read", _("Read in the list of authenticators"), {Role.PLATFORM})
    KEEP_TERMINALS = ("terminal.change", _("Make a browser a shared terminal, or end that"), _OPERATOR)


class TemporaryFactorAction(Action):
    """Actions of second factors for a day."""

    ISSUE = ("temporary_factor.issue", _("Issue a temporary second factor"), _OPERATOR)
    WITHDRAW = ("temporary_factor.withdraw", _("End a temporary second factor"), _OPERATOR)
    USE = ("temporary_factor.use", _("Sign in with a temporary second factor"), {Role.ANONYMOUS})


class AccountResetAction(Action):
    """Actions of resets by an operator."""

    RESET = ("account.reset", _("Let somebody set up their account anew"), _OPERATOR)
    VIEW = ("account_reset.view", _("Look at the accounts that were set up anew"), _READERS)
    OPEN_COPY = ("identity_copy.open", _("Open the copy of an identity document"), _KEEPERS)
    DESTROY_COPY = ("identity_copy.destroy", _("Destroy the copy of an identity document"), {Role.PLATFORM})


class HostNameAction(Action):
    """Actions of changing the host name, which passkeys belong to."""

    VIEW = ("host_name.view", _("Look at the host name and who its change concerns"), _OPERATOR)
    PREPARE = ("host_name.prepare", _("Prepare a change of the host name"), _OPERATOR)
    DROP = ("host_name.drop", _("Take back a prepared change of the host name"), _OPERATOR)
    FINISH = ("host_name.finish", _("Finish a change of the host name"), _OPERATOR)
    CHANGE = ("host_name.change", _("Start under another host name"), {Role.PLATFORM})


class ServiceClientAction(Action):
    """Actions of programs that use the API: letting one in, its secrets, its tokens."""

    VIEW = ("service_client.view", _("Look at the programs that use the API"), REVIEWERS)
    ENTER = ("service_client.enter", _("Enter a program that is to use the API"), _GRANTORS)
    RELEASE = ("service_client.release", _("Release a program for the API"), _GRANTORS)
    CLOSE = ("service_client.close", _("Close the API to a program"), _KEEPERS)
    MAKE_SECRET = ("service_secret.make", _("Make a secret for a program"), _GRANTORS)
    END_SECRET = ("service_secret.end", _("End a secret of a program"), _KEEPERS)
    ISSUE = ("service_token.issue", _("Get a token for the API"), {Role.ANONYMOUS})
    USE = ("service_token.use", _("Use a token at the API"), {Role.ANONYMOUS})
    REVOKE = ("service_token.revoke", _("Give a token back"), {Role.ANONYMOUS})


class SshKeyAction(Action):
    """Actions of SSH public keys of staff."""

    ADD = ("ssh_key.add", _("Add an SSH public key of one's own"), EVERYBODY)
    REMOVE = ("ssh_key.remove", _("Remove an SSH public key of one's own"), EVERYBODY)
    END_LEAVER = ("ssh_key.end_leaver", _("End the SSH key of somebody who left"), {Role.PLATFORM})
    VIEW = ("staff_keys.view", _("Look at the keys of all staff"), REVIEWERS)
    FETCH = ("staff_keys.fetch", _("Fetch the SSH public keys of staff"), _GRANTORS)


class RelyingAction(Action):
    """Actions of applications that take our sign-in: letting one in, its secrets, signing in there, our keys."""

    VIEW = ("relying_party.view", _("Look at the applications that use this sign-in"), REVIEWERS)
    ENTER = ("relying_party.enter", _("Enter an application that is to use this sign-in"), _GRANTORS)
    RELEASE = ("relying_party.release", _("Release an application for this sign-in"), _GRANTORS)
    CLOSE = ("relying_party.close", _("Close this sign-in to an application"), _KEEPERS)
    MAKE_SECRET = ("relying_secret.make", _("Make a secret for an application"), _GRANTORS)
    END_SECRET = ("relying_secret.end", _("End a secret of an application"), _KEEPERS)
    SIGN_IN = ("relying_party.sign_in", _("Sign in to an application"), EVERYBODY | {Role.ANONYMOUS})
    REDEEM = ("relying_party.redeem", _("Learn who signed in, as an application"), {Role.ANONYMOUS})
    READ = ("relying_party.read", _("Ask about who signed in, as an application"), {Role.ANONYMOUS})
    NOTIFY = ("relying_party.notify", _("Tell an application that a session is over"), {Role.PLATFORM})
    RENEW_KEYS = ("signing_key.renew", _("Make and throw away keys that sign for applications"), {Role.PLATFORM})


class PlaintextSecretAction(Action):
    """Actions of looking for plain-text secrets in the files of the systems. Where they lie is for few to know."""

    VIEW = ("plaintext_secret.view", _("Look at where plain-text secrets were found"), _KEEPERS | {Role.AUDITOR})
    KEEP_PLACES = ("secret_place.change", _("Say where plain-text secrets are looked for"), _OPERATOR)
    LOOK = ("secret_place.look", _("Look for plain-text secrets"), {Role.PLATFORM})
    TAKE_OVER = (
        "secret_place.take_over",
        _("Take over what another tool found of plain-text secrets"),
        {Role.SYSTEM_OPERATOR, Role.CONSOLE},
    )
    SETTLE = ("plaintext_secret.settle", _("Say that a finding is no plain-text secret"), _KEEPERS)
    CONFIRM = (
        "plaintext_secret.confirm",
        _("Confirm as a second person that it is none, or that its place is gone"),
        _KEEPERS,
    )
    REOPEN = ("plaintext_secret.reopen", _("Take back that a finding is no plain-text secret"), _KEEPERS)


class ProvisioningAction(Action):
    """Actions of telling other systems who works here and what they may do."""

    HAND_OUT = ("staff_accounts.hand_out", _("Take the list of staff and accounts out for other systems"), _GRANTORS)
    FETCH = ("staff_accounts.fetch", _("Fetch staff and accounts for other systems (also SCIM)"), _GRANTORS)


class PasswordListAction(Action):
    """Actions of comparing other systems' password hashes. Nobody can look at what is kept of them."""

    VIEW = ("password_list.view", _("Look at which passwords are reused"), _KEEPERS)
    TAKE = ("password_list.take", _("Hand in the password hashes of a system"), _OPERATOR)
    DELETE = ("password_list.delete", _("Delete what is kept of a system's passwords"), _KEEPERS | {Role.PLATFORM})
