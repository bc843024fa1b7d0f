"""Tables of people."""

from sekisho.people.models.accounts import AccountKind, LinkPurpose, OneTimeLink, Softlock, TotpSecret, User
from sekisho.people.models.sessions import Session
from sekisho.people.models.staff import Profession, RoleGrant, Staff

__all__ = [
    "AccountKind",
    "LinkPurpose",
    "OneTimeLink",
    "Profession",
    "RoleGrant",
    "Session",
    "Softlock",
    "Staff",
    "TotpSecret",
    "User",
]
