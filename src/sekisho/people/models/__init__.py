"""Tables of people."""

from sekisho.people.models.access import AccessRequest, Duty, SystemRole
from sekisho.people.models.account_resets import AccountReset
from sekisho.people.models.accounts import AccountKind, LinkPurpose, OneTimeLink, Softlock, TotpSecret, User
from sekisho.people.models.authentication import Answer, AuthenticationSurvey, Ground, Method
from sekisho.people.models.emergency import EmergencySeal, EmergencyUse, SealCheck
from sekisho.people.models.emergency_access import EmergencyAccess, EmergencyKind
from sekisho.people.models.id_ledger import AccountState, Owner, SystemAccount
from sekisho.people.models.id_review import (
    AccountReview,
    AccountSnapshot,
    AccountSource,
    Disposition,
    ReviewItem,
    SourceKind,
)
from sekisho.people.models.passkeys import Passkey, RecoveryCode, RolePolicy, UsedChallenge
from sekisho.people.models.passwords import FormerPassword
from sekisho.people.models.resets import CredentialReset, ResetKind
from sekisho.people.models.service_clients import ServiceClient, ServiceSecret, ServiceToken
from sekisho.people.models.sessions import KnownBrowser, Session, Terminal
from sekisho.people.models.staff import Profession, RoleGrant, Staff
from sekisho.people.models.temporary_factors import IdentityProof, TemporaryFactor
from sekisho.people.models.trainings import Training, TrainingKind
from sekisho.people.models.two_factors import TwoFactorEntry

__all__ = [
    "AccessRequest",
    "AccountKind",
    "AccountReset",
    "AccountReview",
    "AccountSnapshot",
    "AccountSource",
    "AccountState",
    "Answer",
    "AuthenticationSurvey",
    "CredentialReset",
    "Disposition",
    "Duty",
    "EmergencyAccess",
    "EmergencyKind",
    "EmergencySeal",
    "EmergencyUse",
    "FormerPassword",
    "Ground",
    "IdentityProof",
    "KnownBrowser",
    "LinkPurpose",
    "Method",
    "OneTimeLink",
    "Owner",
    "Passkey",
    "Profession",
    "RecoveryCode",
    "ResetKind",
    "ReviewItem",
    "RoleGrant",
    "RolePolicy",
    "SealCheck",
    "ServiceClient",
    "ServiceSecret",
    "ServiceToken",
    "Session",
    "Softlock",
    "SourceKind",
    "Staff",
    "SystemAccount",
    "SystemRole",
    "TemporaryFactor",
    "Terminal",
    "TotpSecret",
    "Training",
    "TrainingKind",
    "TwoFactorEntry",
    "UsedChallenge",
    "User",
]
