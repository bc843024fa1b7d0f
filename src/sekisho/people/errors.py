"""What can go wrong with people and sign-in. Nothing here tells an attacker which part was wrong."""

from sekisho.kernel.errors import Conflict, InvalidInput, NotFound, SekishoError, Unauthenticated
from sekisho.kernel.text import _


class SignInRefused(Unauthenticated):
    """Login name, password or the account's state do not allow the sign-in."""

    code = "people.sign_in_refused"
    message = _("Login name or password is wrong, or the account is not in use.")


class CodeRefused(Unauthenticated):
    """The one-time code is wrong, too old, or was used already."""

    code = "people.code_refused"
    message = _("The code is wrong or was used already.")
    hint = _("Wait for the next code in your authenticator app. If it is never right, check the clock of the phone.")


class HeldBack(SekishoError):
    """Too many failed attempts; further ones are refused for a while, the right password included."""

    code = "people.held_back"
    message = _("Too many failed attempts. Try again after %(until)s.")
    status = 429
    exit_code = 75


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


class EmploymentReversed(InvalidInput):
    """The last day of the employment lies before the first."""

    code = "people.employment_reversed"
    message = _("The last day lies before the first.")


class LastOperator(Conflict):
    """Without this person nobody could administer the platform."""

    code = "people.last_operator"
    message = _("%(name)s is the only system operator with a working account.")
    hint = _("Make somebody else a system operator first.")


class HasAccount(Conflict):
    """The person has an account and needs no link."""

    code = "people.has_account"
    message = _("%(name)s has an account already.")
    hint = None


class EndsBeforeToday(InvalidInput):
    """A role was to end before it begins."""

    code = "people.ends_before_today"
    message = _("The last day lies before today.")


class PasswordWrong(InvalidInput):
    """The present password was typed wrongly."""

    code = "people.password_wrong"
    message = _("The present password is wrong.")


class PersonInvalid(InvalidInput):
    """A value about a person breaks a rule; ``faults`` maps each field to its messages."""

    code = "people.person_invalid"
    message = _("The person was not stored: %(summary)s")

    def __init__(self, faults: dict[str, list[str]]) -> None:
        super().__init__(summary=" ".join(text for texts in faults.values() for text in texts))
        self.faults = faults


class SealRefused(Unauthenticated):
    """Number or secret of an emergency credential are wrong."""

    code = "people.seal_refused"
    message = _("Number or secret is wrong.")
    hint = _("Small letters, spaces and dashes do not matter. O is read as 0, I and L as 1.")


class SealVoid(Unauthenticated):
    """The emergency credential was used up, withdrawn, or its time is up."""

    code = "people.seal_void"
    message = _("%(number)s is not valid any more. The attempt was recorded.")
    hint = _("Use another envelope, or ask the system operator for a new one.")


class SealStands(Conflict):
    """The emergency credential is not in the state that this needs."""

    code = "people.seal_stands"
    message = _("The state of %(number)s does not allow this.")
    hint = _("Look at the present state of the emergency account.")


class EmergencyActs(Conflict):
    """A session of an emergency account tried to make, confirm or review one."""

    code = "people.emergency_acts"
    message = _("An emergency account does not look after emergency accounts.")
    hint = _("Sign in with your own account.")


class OwnUse(Conflict):
    """Whoever used an emergency account reviews it."""

    code = "people.own_use"
    message = _("Whoever used the emergency account does not review it.")
    hint = _("Ask somebody else to review it.")


class PasskeyHeld(Unauthenticated):
    """The counter of a passkey went back: there may be a copy of it, so it is held until its owner removes it."""

    code = "people.passkey_held"
    message = _("This key is held back: it may have been copied.")
    hint = _("Use another way to sign in, remove the key on the page “My sign-in” and tell the system operator.")


class NotDeviceBound(InvalidInput):
    """A role of the person asks for keys that cannot leave their device, and this one can."""

    code = "people.not_device_bound"
    message = _("Your role asks for a key that stays in one device; this one can be copied to others.")
    hint = _("Use a security key, or the key built into this computer.")


class PasskeyKnown(Conflict):
    """The credential is somebody's already."""

    code = "people.passkey_known"
    message = _("This passkey or security key is registered already.")


class ProofNeeded(Conflict):
    """Something sensitive was asked for, and the second factor was last shown too long ago."""

    code = "people.proof_needed"
    message = _("Show your second factor once more first.")


class LastFactor(Conflict):
    """Without this factor the person could not sign in with two factors any more."""

    code = "people.last_factor"
    message = _("This is your last second factor.")
    hint = _("Add another passkey or security key first.")


class UnlockOver(Unauthenticated):
    """Too many wrong attempts to unlock: the session has ended."""

    code = "people.unlock_over"
    message = _("Too many wrong attempts. The session has ended; sign in with both factors.")


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


class PasswordBreached(InvalidInput):
    """The password stands in the list of passwords found in breaches."""

    code = "people.password_breached"
    message = _("This password was found in a breach somewhere and is in the lists that attackers try.")
    hint = _("Choose another one, and change it wherever else it is used.")


class PasswordReused(InvalidInput):
    """The password is one of the last of this account."""

    code = "people.password_reused"
    message = _("This password is one of your last %(count)s.")
    hint = _("Choose one that you have not used here.")


class BreachListUnreadable(SekishoError):
    """The list of breached passwords cannot be read, or is none."""

    code = "people.breach_list_unreadable"
    message = _("The list of breached passwords cannot be read.")
    hint = _("Look at the file that SEKISHO_BREACHED_PASSWORDS names: lines that begin with a SHA-1, in order.")
    status = 500
    exit_code = 78


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


class OwnFactor(Conflict):
    """Somebody wanted to issue a temporary factor, or a reset, to themselves."""

    code = "people.own_factor"
    message = _("Nobody issues this to themselves.")
    hint = _("Ask another system operator, or use the server's console.")


class AccountStopped(Conflict):
    """The account cannot sign in, so a temporary factor would be of no use."""

    code = "people.account_stopped"
    message = _("The account of %(name)s cannot sign in at present.")
    hint = _("Enable the account first.")


class TooLong(InvalidInput):
    """A temporary factor was to work for longer than a day, or not at all."""

    code = "people.factor_too_long"
    message = _("A temporary factor works for one to 24 hours.")


class NotTheirManager(Conflict):
    """Access was approved by somebody who does not speak for the department of the person it is for."""

    code = "people.not_their_manager"
    message = _("%(name)s does not speak for the department of %(person)s, so nothing is granted.")
    hint = _("Send the application back; then the manager of that department or the management approves it.")


class OwnAccess(Conflict):
    """Somebody decided about access for themselves, and others could have."""

    code = "people.own_access"
    message = _("%(name)s decided about access for themselves, so nothing is granted.")
    hint = _("Send the application back and let somebody else decide.")
