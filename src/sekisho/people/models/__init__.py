"""Tables of people."""

from sekisho.people.models.access import AccessRequest, Duty, SystemRole
from sekisho.people.models.account_resets import AccountReset, IdentityCopy, Telling
from sekisho.people.models.accounts import AccountKind, LinkPurpose, OneTimeLink, Softlock, TotpSecret, User
from sekisho.people.models.authentication import Answer, AuthenticationSurvey, Ground, Method
from sekisho.people.models.authenticators import AuthenticatorModel, MetadataList
from sekisho.people.models.emergency import EmergencySeal, EmergencyUse, SealCheck
from sekisho.people.models.emergency_access import EmergencyAccess, EmergencyKind
from sekisho.people.models.host_names import HostChange
from sekisho.people.models.id_ledger import AccountState, Owner, SystemAccount
from sekisho.people.models.id_review import (
    AccountReview,
    AccountSnapshot,
    AccountSource,
    Disposition,
    ReviewItem,
    SourceKind,
)
from sekisho.people.models.oidc import (
    PartyKind,
    RelyingParty,
    RelyingSecret,
    RelyingSignIn,
    SigningAlgorithm,
    SigningKey,
)
from sekisho.people.models.passkeys import Passkey, RecoveryCode, RolePolicy, UsedChallenge
from sekisho.people.models.password_lists import PasswordList
from sekisho.people.models.passwords import FormerPassword
from sekisho.people.models.plaintext_secrets import OWN, SecretLook, SecretPlace, SecretSettlement
from sekisho.people.models.resets import CredentialReset, ResetKind
from sekisho.people.models.service_clients import ServiceClient, ServiceSecret, ServiceToken
from sekisho.people.models.sessions import KnownBrowser, Session, Terminal
from sekisho.people.models.ssh_keys import KeyEnd, SshKey
from sekisho.people.models.staff import Profession, RoleGrant, Staff
from sekisho.people.models.temporary_factors import IdentityProof, TemporaryFactor
from sekisho.people.models.trainings import Training, TrainingKind
from sekisho.people.models.two_factors import TwoFactorEntry

__all__ = [
    "OWN",
    "AccessRequest",
    "AccountKind",
    "AccountReset",
    "AccountReview",
    "AccountSnapshot",
    "AccountSource",
    "AccountState",
    "Answer",
    "AuthenticationSurvey",
    "AuthenticatorModel",
    "CredentialReset",
    "Disposition",
    "Duty",
    "EmergencyAccess",
    "EmergencyKind",
    "EmergencySeal",
    "EmergencyUse",
    "FormerPassword",
    "Ground",
    "HostChange",
    "IdentityCopy",
    "IdentityProof",
    "KeyEnd",
    "KnownBrowser",
    "LinkPurpose",
    "MetadataList",
    "Method",
    "OneTimeLink",
    "Owner",
    "PartyKind",
    "Passkey",
    "PasswordList",
    "Profession",
    "RecoveryCode",
    "RelyingParty",
    "RelyingSecret",
    "RelyingSignIn",
    "ResetKind",
    "ReviewItem",
    "RoleGrant",
    "RolePolicy",
    "SealCheck",
    "SecretLook",
    "SecretPlace",
    "SecretSettlement",
    "ServiceClient",
    "ServiceSecret",
    "ServiceToken",
    "Session",
    "SigningAlgorithm",
    "SigningKey",
    "Softlock",
    "SourceKind",
    "SshKey",
    "Staff",
    "SystemAccount",
    "SystemRole",
    "Telling",
    "TemporaryFactor",
    "Terminal",
    "TotpSecret",
    "Training",
    "TrainingKind",
    "TwoFactorEntry",
    "UsedChallenge",
    "User",
]
