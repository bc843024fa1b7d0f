"""What can go wrong with signing in, keys, codes and passwords. Nothing here tells an attacker which part was wrong."""

from sekisho.kernel.errors import Conflict, InvalidInput, SekishoError, Unauthenticated
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


class PasswordWrong(InvalidInput):
    """The present password was typed wrongly."""

    code = "people.password_wrong"
    message = _("The present password is wrong.")


class PasskeyHeld(Unauthenticated):
    """The counter of a passkey went back: there may be a copy of it, so it is held until its owner removes it."""

    code = "people.passkey_held"
    message = _("This key is held back: it may have been copied.")
    hint = _("Use another way to sign in, remove the key on the page “My sign-in” and tell the system operator.")


class KeyUnfit(InvalidInput):
    """A key is right, and the policy does not take it."""

    code = "people.key_unfit"


class ModelReported(KeyUnfit):
    """The list of authenticators holds a report against the model of a key."""

    code = "people.key_model_reported"
    message = _("This model of key was reported as unsafe (%(report)s).")
    hint = _("Use a key of another model, and tell the system operator.")


class NotAttested(KeyUnfit):
    """A role of the person asks for hardware that its maker attests, and this key has no such proof."""

    code = "people.key_not_attested"
    message = _("Your role asks for a security key whose maker proves its model; this one has no such proof.")
    hint = _("Use a security key that the system operator names, and let the browser tell its make and model.")


class OtherModel(KeyUnfit):
    """A role of the person takes certain models of keys, and this is another one."""

    code = "people.key_other_model"
    message = _("Your role takes only certain models of keys, and this is none of them.")
    hint = _("Use a security key that the system operator names.")


class NotDeviceBound(KeyUnfit):
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


class PasswordBreached(InvalidInput):
    """The password stands in the list of passwords found in breaches."""

    code = "people.password_breached"
    message = _("This password was found in a breach somewhere and is in the lists that attackers try.")
    hint = _("Choose another one, and change it wherever else it is used.")


class PasswordUsedElsewhere(InvalidInput):
    """The password is that of another account of the same person; which, is not said."""

    code = "people.password_used_elsewhere"
    message = _("You use this password elsewhere in the facility. Choose another one.")


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
