"""Personal data of people: who works here, how they sign in, and the accounts of every system."""

from sekisho.kernel.declarations import Expiry, Holding
from sekisho.kernel.text import _
from sekisho.people import models
from sekisho.people.services.forgetting import forget_former_staff, forget_traces, former_staff, old_traces

_STAFF = _("Staff and vendors' people")
_USERS = _("Whoever signs in here")
_RECORDS = _("With the records of the facility: they prove what was done")

HOLDINGS = (
    Holding(
        "people.staff",
        _("Staff, their roles and accounts"),
        (models.Staff, models.RoleGrant, models.User),
        _STAFF,
        _("To know who may do what, and to stop those who left"),
        _("While they work here; afterwards name, number, login and keys are destroyed, the history stays"),
        Expiry(
            days=5 * 365,
            least=365,
            most=30 * 365,
            counted=_("from the end of their employment"),
            due=lambda before: former_staff(before).count(),
            destroy=lambda actor, before: forget_former_staff(actor=actor, before=before),
            by_hand=True,
        ),
    ),
    Holding(
        "people.sign_in",
        _("Ways and traces of signing in"),
        (
            models.TotpSecret,
            models.Passkey,
            models.UsedChallenge,
            models.RecoveryCode,
            models.FormerPassword,
            models.Softlock,
            models.Session,
            models.Terminal,
            models.KnownBrowser,
            models.OneTimeLink,
            models.SshKey,
            models.HostChange,
        ),
        _USERS,
        _("To let in whoever has both factors, and nobody else"),
        _("Keys until they are removed, sessions until they end, browsers and links until the period has passed"),
        Expiry(
            days=400,
            least=30,
            most=5 * 365,
            counted=_("from the last use"),
            due=lambda before: sum(rows.count() for rows in old_traces(before)),
            destroy=lambda actor, before: forget_traces(actor=actor, before=before),
        ),
    ),
    Holding(
        "people.credentials",
        _("Resets and temporary means"),
        (models.TemporaryFactor, models.AccountReset, models.IdentityCopy, models.CredentialReset),
        _USERS,
        _("To prove how identity was checked"),
        _("With the records of the facility; the copy of a document until the day named for it"),
    ),
    Holding(
        "people.emergency",
        _("Emergency accounts and their use"),
        (models.EmergencySeal, models.SealCheck, models.EmergencyUse, models.EmergencyAccess),
        _STAFF,
        _("To prove who used an emergency account, and that it was reviewed"),
        _RECORDS,
    ),
    Holding(
        "people.system_accounts",
        _("Accounts and rights in the systems"),
        (
            models.SystemAccount,
            models.AccountSource,
            models.AccountSnapshot,
            models.AccountReview,
            models.ReviewItem,
            models.SystemRole,
            models.AccessRequest,
            models.TwoFactorEntry,
            models.PasswordList,
            models.SecretPlace,
            models.SecretLook,
            models.SecretSettlement,
        ),
        _STAFF,
        _("To find accounts that nobody needs or nobody granted"),
        _RECORDS,
    ),
    Holding(
        "people.programs",
        _("Programs at the API, applications that take our sign-in"),
        (
            models.ServiceClient,
            models.ServiceSecret,
            models.ServiceToken,
            models.RelyingParty,
            models.RelyingSecret,
            models.RelyingSignIn,
        ),
        _STAFF,
        _("To know who answers for a program, and who went where"),
        _("Tokens for some minutes, everything else with the records of the facility"),
    ),
    Holding(
        "people.trainings",
        _("Trainings"),
        (models.Training,),
        _STAFF,
        _("To prove who was taught what"),
        _RECORDS,
    ),
)
