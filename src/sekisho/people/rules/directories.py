"""What an entry of a directory says of an account: Active Directory and OpenLDAP tell it in different words. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sekisho.kernel.dates import in_facility
from sekisho.people.rules.owners import Seen

Attributes = Mapping[str, Sequence[str]]
_FILETIME_START = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER = 2**63 - 1
_UAC_DISABLED = 0x2  # MS-ADTS 2.2.16, ADS_UF_ACCOUNT_DISABLE
_LOCKED_FOR_EVER = "000001010000Z"  # draft-behera-ldap-password-policy, 5.3.3
_MOST_RIGHTS = 200
_LATEST_DAY = (date.max - date(1970, 1, 1)).days


class Flavour(StrEnum):
    """What kind of directory it is."""

    ACTIVE_DIRECTORY = "active_directory"
    OPENLDAP = "openldap"


class Security(StrEnum):
    """How the connection is protected; an unprotected one does not exist."""

    LDAPS = "ldaps"
    STARTTLS = "starttls"


FILTERS = {
    Flavour.ACTIVE_DIRECTORY: "(&(objectClass=user)(!(objectClass=computer)))",
    Flavour.OPENLDAP: "(&(objectClass=person)(uid=*))",
}
ATTRIBUTES = {
    Flavour.ACTIVE_DIRECTORY: (
        "sAMAccountName",
        "displayName",
        "cn",
        "msDS-PhoneticDisplayName",
        "employeeID",
        "employeeNumber",
        "userAccountControl",
        "lastLogonTimestamp",
        "accountExpires",
        "whenCreated",
        "memberOf",
        "adminCount",
    ),
    Flavour.OPENLDAP: (
        "uid",
        "displayName",
        "cn",
        "cn;lang-ja;phonetic",
        "employeeNumber",
        "shadowExpire",
        "pwdAccountLockedTime",
        "pwdLastSuccess",
        "authTimestamp",
        "createTimestamp",
        "memberOf",
    ),
}
MEMBERS = ("member", "uniqueMember", "memberUid")


@dataclass(frozen=True, slots=True)
class DirectorySettings:
    """Where the accounts are read, and as whom. ``ca`` is the authority that the server's certificate must come from.

    ``administrators`` is the group whose members have administrator rights; without it OpenLDAP does not tell.
    """

    host: str
    port: int
    security: str
    ca: str
    bind_dn: str
    base: str
    flavour: str
    filter: str = ""
    administrators: str = ""

    @property
    def endpoint(self) -> tuple[object, ...]:
        """Where and as whom the password is used: a change of it asks for the password anew."""
        return self.host, self.port, self.security, self.ca, self.bind_dn

    def document(self) -> dict[str, Any]:
        """Return the settings as they are stored."""
        return asdict(self)


def read_settings(document: Mapping[str, Any]) -> DirectorySettings:
    """Return stored settings. Raises TypeError for what is none."""
    return DirectorySettings(**document)


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One entry as it came: its name and its attributes, the names of which are in lower case."""

    dn: str
    attributes: Attributes

    def first(self, *names: str) -> str:
        """Return the first value of the first attribute that has one, empty without any."""
        return next((values[0] for name in names if (values := self.attributes.get(name.lower()))), "")

    def all(self, name: str) -> Sequence[str]:
        """Return every value of an attribute."""
        return self.attributes.get(name.lower(), ())


def accounts_of(
    entries: Iterable[DirectoryEntry], members: Iterable[str], settings: DirectorySettings
) -> tuple[list[Seen], frozenset[str]]:
    """Return the accounts of a directory and what it tells of them; ``members`` are those of the administrators."""
    is_ad = settings.flavour == Flavour.ACTIVE_DIRECTORY
    rulers = {member.casefold() for member in members}
    seen = [(_active_directory if is_ad else _openldap)(entry, rulers) for entry in entries]
    accounts = [account for account in seen if account.login]
    told = {"login", "name", "kana", "staff_number", "state", "expires", "created", "rights"}
    told |= {"last_used"} if is_ad or any(account.last_used for account in accounts) else set()
    told |= {"administrator"} if is_ad or settings.administrators else set()
    return accounts, frozenset(told)


def _active_directory(entry: DirectoryEntry, rulers: set[str]) -> Seen:
    login = entry.first("sAMAccountName")
    control = _number(entry.first("userAccountControl")) or 0
    return Seen(
        login=login,
        name=entry.first("displayName", "cn"),
        kana=entry.first("msDS-PhoneticDisplayName"),
        staff_number=entry.first("employeeID", "employeeNumber"),
        active=not control & _UAC_DISABLED,
        administrator=_rules(entry, login, rulers) or entry.first("adminCount") == "1",
        last_used=filetime_day(entry.first("lastLogonTimestamp")),
        expires=filetime_day(entry.first("accountExpires")),
        created=generalized_day(entry.first("whenCreated")),
        rights=_groups(entry),
    )


def _openldap(entry: DirectoryEntry, rulers: set[str]) -> Seen:
    login = entry.first("uid")
    return Seen(
        login=login,
        name=entry.first("displayName", "cn"),
        kana=entry.first("cn;lang-ja;phonetic"),
        staff_number=entry.first("employeeNumber"),
        active=entry.first("pwdAccountLockedTime") != _LOCKED_FOR_EVER,
        administrator=_rules(entry, login, rulers),
        last_used=generalized_day(entry.first("pwdLastSuccess", "authTimestamp")),
        expires=shadow_day(entry.first("shadowExpire")),
        created=generalized_day(entry.first("createTimestamp")),
        rights=_groups(entry),
    )


def _rules(entry: DirectoryEntry, login: str, rulers: set[str]) -> bool:
    return entry.dn.casefold() in rulers or login.casefold() in rulers


def _groups(entry: DirectoryEntry) -> str:
    names = [dn.split(",", 1)[0].partition("=")[2] for dn in entry.all("memberOf")]
    return ", ".join(sorted(names))[:_MOST_RIGHTS]


def filetime_day(text: str) -> date | None:
    """Return the day of a Windows FILETIME (100 ns since 1601), None for none, 0 or "never" (MS-ADTS)."""
    ticks = _number(text)
    if ticks is None or ticks <= 0 or ticks == _NEVER:
        return None
    try:
        return in_facility(_FILETIME_START + timedelta(microseconds=ticks // 10)).date()
    except OverflowError:
        return None


def generalized_day(text: str) -> date | None:
    """Return the day of a generalized time in UTC (RFC 4517, 3.3.13: 20261121003000Z), None for anything else."""
    try:
        moment = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return in_facility(moment).date()


def shadow_day(text: str) -> date | None:
    """Return the day of a shadowExpire (days since 1970), None for none or a negative one, which never ends."""
    days = _number(text)
    if days is None or not 0 <= days <= _LATEST_DAY:
        return None
    return date(1970, 1, 1) + timedelta(days=days)


def _number(text: str) -> int | None:
    plain = text.strip()
    return int(plain) if plain.removeprefix("-").isdecimal() and len(plain) < 25 else None
