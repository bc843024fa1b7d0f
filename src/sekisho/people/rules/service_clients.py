"""When a program may use the API, from where, and how it says who it is (RFC 6749, RFC 6750). Pure."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import unquote_plus
from uuid import UUID

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import Text, _

API = "/api/"
TOKEN_LIFE = timedelta(minutes=15)
LONGEST_PERIOD = timedelta(days=366)
LONGEST_OVERLAP = timedelta(days=7)
UNUSED_AFTER = timedelta(days=90)
ENDS_SOON = timedelta(days=30)
OLD_AFTER = timedelta(days=365)
MOST_NETWORKS = 20
MOST_SECRETS = 2
# Wider than any facility's own network: such a block would be no limit at all.
_WIDEST = {4: 8, 6: 32}
_SEPARATORS = re.compile(r"[\s,、，]+")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_LONGEST_HEADER = 1024


class NetworksInvalid(InvalidInput):
    """A list of networks holds something that is none, is too wide, or is too long."""

    code = "people.networks_invalid"
    message = _("This is no list of networks: %(entry)s")
    hint = _("Write them as 192.168.10.0/24 or 192.168.10.5, one a line, at most 20; none wider than /8 (IPv6: /32).")


class ClientState(StrEnum):
    """Where a program stands."""

    WAITING = "waiting"
    PLANNED = "planned"
    OPEN = "open"
    OVER = "over"
    CLOSED = "closed"

    @property
    def label(self) -> Text:
        """The state in words."""
        return _STATE_LABELS[self]


_STATE_LABELS: dict[ClientState, Text] = {
    ClientState.WAITING: _("waits for its release"),
    ClientState.PLANNED: _("not begun yet"),
    ClientState.OPEN: _("let in"),
    ClientState.OVER: _("period has ended"),
    ClientState.CLOSED: _("closed"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """From which day to which day a program works (both included), and when it was released and closed, if it was."""

    starts_on: date
    ends_on: date
    released_at: datetime | None
    closed_at: datetime | None


def client_state(period: Period, day: date) -> ClientState:
    """Return where a program stands on ``day``."""
    if period.closed_at is not None:
        return ClientState.CLOSED
    if period.ends_on < day:
        return ClientState.OVER
    if period.released_at is None:
        return ClientState.WAITING
    return ClientState.PLANNED if day < period.starts_on else ClientState.OPEN


def read_networks(text: str) -> tuple[str, ...]:
    """Return the CIDR blocks of a list, each once, in their shortest form. Raises NetworksInvalid."""
    words = [word for word in _SEPARATORS.split(text) if word]
    if not words or len(words) > MOST_NETWORKS:
        raise NetworksInvalid(field="networks", entry=len(words))
    return tuple(dict.fromkeys(_network(word) for word in words))


def _network(word: str) -> str:
    try:
        block = ip_network(word)
    except ValueError as error:
        raise NetworksInvalid(field="networks", entry=word) from error
    if block.prefixlen < _WIDEST[block.version]:
        raise NetworksInvalid(field="networks", entry=word)
    return str(block)


def is_inside(address: str | None, networks: tuple[str, ...]) -> bool:
    """Tell whether an address lies in one of the blocks; what is no address lies in none."""
    try:
        place = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(place, IPv6Address) and place.ipv4_mapped is not None:
        place = place.ipv4_mapped
    return any(place in ip_network(block) for block in networks)


def asked_actions(scope: str, granted: frozenset[str]) -> frozenset[str] | None:
    """Return what a token is asked for: all that was granted for an empty ``scope``; None for anything beyond."""
    asked = frozenset(scope.split())
    if not asked:
        return granted
    return asked if asked <= granted else None


def bearer_in(header: str | None) -> str | None:
    """Return the token of an Authorization header, "" for a malformed one, None where it carries none."""
    scheme, _space, token = (header or "").strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = token.strip()
    return token if len(token) <= _LONGEST_HEADER and _TOKEN.fullmatch(token) else ""


def credentials_in(header: str | None) -> tuple[str, str] | None:
    """Return id and secret of an Authorization header of HTTP Basic (RFC 6749 2.3.1), None where there are none."""
    scheme, _space, encoded = (header or "").strip().partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _LONGEST_HEADER:
        return None
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (unquote_plus(client_id), unquote_plus(secret)) if colon else None


def client_uuid(text: str) -> UUID:
    """Return the id that was presented; what is none becomes one that no program has, so that it costs the same."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


class Need(StrEnum):
    """What somebody has to do about a program that is let in."""

    LEFT = "left"
    ENDS = "ends"
    OLD_SECRET = "old_secret"  # noqa: S105  # the name of a state
    UNUSED = "unused"

    @property
    def label(self) -> Text:
        """The need in words."""
        return _NEED_LABELS[self]


_NEED_LABELS: dict[Need, Text] = {
    Need.LEFT: _("the person responsible has left"),
    Need.ENDS: _("ends soon"),
    Need.OLD_SECRET: _("secret older than a year"),
    Need.UNUSED: _("not used for 90 days"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A program as it is used: when last (None: never), the last day of who answers for it, and its oldest secret."""

    period: Period
    last_used_on: date | None = None
    employed_until: date | None = None
    secret_since: date | None = None


def needs(standing: Standing, day: date) -> dict[Need, date]:
    """Return what is to be done on ``day`` about a program that is let in, the gravest first, each with since when."""
    period, left = standing.period, standing.employed_until
    if client_state(period, day) is not ClientState.OPEN:
        return {}
    unused_since = (standing.last_used_on or period.starts_on) + UNUSED_AFTER
    begun = {
        Need.LEFT: left + timedelta(days=1) if left else None,
        Need.ENDS: period.ends_on - ENDS_SOON,
        Need.OLD_SECRET: standing.secret_since + OLD_AFTER if standing.secret_since else None,
        Need.UNUSED: unused_since,
    }
    return {need: since for need, since in begun.items() if since is not None and since <= day}


def attention(standing: Standing, day: date) -> Text | None:
    """Return the gravest of what is to be said of a program, or None."""
    return next((need.label for need in needs(standing, day)), None)
