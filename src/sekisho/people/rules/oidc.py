"""What an application may ask of our sign-in, and what it is answered (OpenID Connect Core 1.0). Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode, urlsplit

from sekisho.kernel.access import Role
from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import Text, _

CODE_LIFE = timedelta(seconds=60)
TOKEN_LIFE = timedelta(minutes=15)
# A key is shown this long before it signs, and after it has stopped: applications keep what they fetched.
KEY_SHOWN_BEFORE = timedelta(days=2)
KEY_SIGNS_FOR = timedelta(days=90)
KEY_SHOWN_AFTER = timedelta(days=7)
ASKING_COUNTS_FOR = timedelta(minutes=10)
MOST_ADDRESSES = 10
LONGEST_ADDRESS = 500
LONGEST_NONCE = 500
LONGEST_ASKING = 4_000  # of a whole request as it stands in an address: it is carried along through our sign-in
SCOPES = ("openid", "profile", "roles")
ACR = "http://idmanagement.gov/ns/assurance/aal/"  # as others write the levels of NIST SP 800-63B
LEVELS = (1, 2)
_TWO_FACTORS = 2
_LOOPBACK = {"127.0.0.1", "::1"}
_PLAIN = re.compile(r"[\x21-\x7e]+")
_ACR = re.compile(re.escape(ACR) + "([1-3])")
# What each factor is called in RFC 8176.
_METHODS = {
    "password": ("pwd",),
    "totp": ("otp",),
    "recovery_code": ("otp",),
    "passkey": ("pop", "user"),
}
_REFUSED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


class AddressesInvalid(InvalidInput):
    """A list of an application's addresses holds something that is none, or is too long."""

    code = "people.addresses_invalid"
    message = _("This address cannot be used: %(entry)s")
    hint = _("Write it exactly as the application sends it: https://, without * and #, one a line, at most ten.")


class PartyState(StrEnum):
    """Where an application stands."""

    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"

    @property
    def label(self) -> Text:
        """The state in words."""
        return _STATE_LABELS[self]


_STATE_LABELS: dict[PartyState, Text] = {
    PartyState.WAITING: _("waits for its release"),
    PartyState.OPEN: _("let in"),
    PartyState.CLOSED: _("closed"),
}


def party_state(released_at: datetime | None, closed_at: datetime | None) -> PartyState:
    """Return where an application stands."""
    if closed_at is not None:
        return PartyState.CLOSED
    return PartyState.WAITING if released_at is None else PartyState.OPEN


def read_addresses(text: str, *, field: str, loopback: bool = False) -> tuple[str, ...]:
    """Return the addresses of a list, one a line, each once, exactly as written. Raises AddressesInvalid.

    ``loopback``: also http:// to the computer itself, where a program without a server listens (RFC 8252 7.3).
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_ADDRESSES:
        raise AddressesInvalid(field=field, entry=len(lines))
    for line in lines:
        if not _is_address(line, loopback=loopback):
            raise AddressesInvalid(field=field, entry=line[:LONGEST_ADDRESS])
    return tuple(dict.fromkeys(lines))


def _is_address(line: str, *, loopback: bool) -> bool:
    if not _PLAIN.fullmatch(line) or len(line) > LONGEST_ADDRESS or set(line) & set("*#\\<>\"'"):
        return False
    try:
        parts = urlsplit(line)
        host = parts.hostname and parts.port != 0  # an impossible port is told by asking for it
    except ValueError:
        return False
    if not host or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (loopback and parts.scheme == "http" and parts.hostname in _LOOPBACK)


def acr_of(assurance: int) -> str:
    """Return what the level that a sign-in reached is called to applications."""
    return f"{ACR}{assurance}"


def methods_of(factors: Sequence[str], assurance: int) -> tuple[str, ...]:
    """Return the factors of a sign-in by their names in RFC 8176, "mfa" where there were two."""
    found = [name for factor in factors for name in _METHODS.get(factor, ())]
    return tuple(dict.fromkeys([*found, *(["mfa"] if assurance > 1 else [])]))


class Fault(StrEnum):
    """Why a request for a sign-in cannot be answered, in the words of the standard."""

    REQUEST = "invalid_request"
    LOGIN = "login_required"
    LEVEL = "unmet_authentication_requirements"
    DENIED = "access_denied"


@dataclass(frozen=True, slots=True)
class Wish:
    """How freshly and how strongly somebody is to have signed in, as the application asks at ``asked_at``."""

    asked_at: datetime
    silent: bool = False
    anew: bool = False
    max_age: timedelta | None = None
    levels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """The session of whoever asks: when a second factor was shown last, and the level it reached."""

    proved_at: datetime
    assurance: int


class Step(StrEnum):
    """What comes next."""

    GO = "go"
    SIGN_IN = "sign_in"
    PROVE = "prove"


def read_wish(values: Mapping[str, str], asked_at: datetime) -> Wish | str:
    """Return what the parameters of a request ask for, or the standard's word for what is wrong with them."""
    for name, word in _REFUSED.items():
        if name in values:
            return word
    prompts = set(values.get("prompt", "").split())
    wrong = prompts - {"none", "login", "consent", "select_account"} or ("none" in prompts and len(prompts) > 1)
    age = values.get("max_age", "")
    too_old = age and not re.fullmatch(r"[0-9]{1,8}", age)
    too_long = len(values.get("nonce", "")) > LONGEST_NONCE or len(urlencode(values)) > LONGEST_ASKING
    if wrong or too_old or too_long or values.get("response_mode", "query") != "query":
        return Fault.REQUEST.value
    return Wish(
        asked_at=asked_at,
        silent="none" in prompts,
        anew=bool(prompts & {"login", "select_account"}),
        max_age=timedelta(seconds=int(age)) if age else None,
        levels=tuple(int(found[1]) for found in map(_ACR.fullmatch, values.get("acr_values", "").split()) if found),
    )


def next_step(wish: Wish, shown: Shown | None, required: int, moment: datetime) -> Step | Fault:
    """Return what comes next for a session (None: nobody is signed in) at an application that wants ``required``."""
    if shown is None:
        return Fault.LOGIN if wish.silent else Step.SIGN_IN
    if shown.assurance < required:
        return Fault.DENIED
    if wish.levels and shown.assurance < min(wish.levels):
        return Fault.LEVEL
    if _is_fresh(wish, shown, moment):
        return Step.GO
    # A session of one factor, which an emergency opened, has nothing that the page for the proof would take.
    return Fault.LOGIN if wish.silent or shown.assurance < _TWO_FACTORS else Step.PROVE


def _is_fresh(wish: Wish, shown: Shown, moment: datetime) -> bool:
    """A second factor shown since the request was made is as fresh as it gets: nobody is asked in circles."""
    if shown.proved_at >= wish.asked_at:
        return True
    return not wish.anew and (wish.max_age is None or moment - shown.proved_at <= wish.max_age)


def right_fault(held: frozenset[Role], roles: frozenset[str], *, by_ledger: bool, in_ledger: bool) -> str:
    """Return why somebody may not sign in at an application, "" if they may. Without a role named, nobody may."""
    if roles.isdisjoint(role.value for role in held):
        return "role"
    return "ledger" if by_ledger and not in_ledger else ""


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A signing key of one algorithm: its id, and when it was made."""

    id: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """Which key signs now (None: there is none), whether another is to be made, and which are to be thrown away."""

    signs: str | None
    make: bool
    drop: tuple[str, ...]


def key_plan(keys: Sequence[KeyFacts], moment: datetime) -> KeyPlan:
    """Return what becomes of the keys of one algorithm, so that each is known before and after it signs."""
    newest_first = sorted(keys, key=lambda key: (key.made_at, key.id), reverse=True)
    if not newest_first:
        return KeyPlan(None, make=True, drop=())
    known = [key for key in newest_first if moment - key.made_at >= KEY_SHOWN_BEFORE]
    signs = known[0] if known else newest_first[-1]
    since = signs.made_at + KEY_SHOWN_BEFORE
    over = moment - since >= KEY_SHOWN_AFTER
    drop = tuple(key.id for key in newest_first if key.made_at < signs.made_at and over)
    make = moment - newest_first[0].made_at >= KEY_SIGNS_FOR
    return KeyPlan(signs.id, make=make, drop=drop)
