"""Tickets and bundles: what a machine that cannot reach the installation may look at, and what it brings back.

A ticket is the private half of a key made for it, with the addresses it may speak of. A bundle is one observation,
signed with that key. Both have one form only: canonical JSON.
"""

import base64
import binascii
import ipaddress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from sekisho.kernel.canonical import Json, NotCanonical, canonical_json
from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.strict_json import NotJson, read_json
from sekisho.kernel.text import _
from sekisho.network.rules.canonical_form import is_canonical
from sekisho.register.rules import timestamp
from sekisho.trust.dsse import Envelope, sign

PAYLOAD_TYPE = "application/vnd.sekisho.observation+json"
TICKET_TYPE = "sekisho collection ticket 1"
LONGEST = timedelta(days=31)
TOLERANCE = timedelta(minutes=5)  # how far apart two clocks may be
LARGEST_TICKET = 2**20
LARGEST_BUNDLE = 2**22
_DEEPEST = 32
_MOST_PARTS = 100_000  # objects and lists: an observation has some hundreds, and a million keep a computer busy
_STRICT = ConfigDict(extra="forbid", strict=True)
_SEED_BYTES = 32
_Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
_Word = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,16}$")]
_Address = Annotated[str, StringConstraints(min_length=3, max_length=270)]


class TicketUnreadable(InvalidInput):
    """The file is no ticket, or it was changed."""

    code = "network.ticket_unreadable"
    message = _("%(name)s is no collection ticket, or it was changed.")
    hint = _("Take the file as “sekisho evidence ticket” wrote it, or have a new one made.")


class BundleUnreadable(InvalidInput):
    """The file is no bundle of observations."""

    code = "network.bundle_unreadable"
    message = _("%(name)s is no bundle that can be read (%(reason)s). Nothing was taken over.")
    hint = _("Take the file as “sekisho check … --out” wrote it; an edited one is refused. Or look again.")


@dataclass(frozen=True, slots=True)
class Ticket:
    """Leave to look. ``key`` is the 32-byte Ed25519 seed in base64; ``vantage`` says from where it is looked."""

    __pydantic_config__ = _STRICT

    type: str
    id: _Id
    key: str = field(repr=False)
    vantage: _Word
    issued_at: AwareDatetime
    valid_until: AwareDatetime
    addresses: tuple[_Address, ...]

    def document(self) -> dict[str, Json]:
        """Return the ticket as JSON."""
        return {
            "type": self.type,
            "id": self.id,
            "key": self.key,
            "vantage": self.vantage,
            "issued_at": timestamp(self.issued_at),
            "valid_until": timestamp(self.valid_until),
            "addresses": list(self.addresses),
        }

    def to_bytes(self) -> bytes:
        """Return the file as it is given out."""
        return canonical_json(self.document())

    def seed(self) -> bytes:
        """Return the private key. Raises binascii.Error."""
        return base64.b64decode(self.key, validate=True)


@dataclass(frozen=True, slots=True)
class Bundle:
    """One observation as it is signed. ``version`` is that of the software that looked; ``observation`` its JSON."""

    __pydantic_config__ = _STRICT

    ticket: _Id
    probe: _Word
    address: _Address
    observed_at: AwareDatetime
    version: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    observation: dict[str, Any]

    def document(self) -> dict[str, Json]:
        """Return the bundle as JSON."""
        return {
            "ticket": self.ticket,
            "probe": self.probe,
            "address": self.address,
            "observed_at": timestamp(self.observed_at),
            "version": self.version,
            "observation": self.observation,
        }

    def to_bytes(self) -> bytes:
        """Return the payload, over which the signature is made. Raises NotCanonical."""
        return canonical_json(self.document())

    def signed(self, ticket: Ticket) -> Envelope:
        """Return the bundle in an envelope signed with the ticket's key."""
        return sign(ticket.seed(), ticket.id, PAYLOAD_TYPE, self.to_bytes())


Written = TypeVar("Written", Ticket, Bundle)
_ticket: TypeAdapter[Ticket] = TypeAdapter(Ticket)
_bundle: TypeAdapter[Bundle] = TypeAdapter(Bundle)


def new_ticket(
    ticket_id: str, seed: bytes, vantage: str, period: tuple[datetime, datetime], addresses: tuple[str, ...]
) -> Ticket:
    """Return a ticket that is valid in ``period``."""
    return Ticket(TICKET_TYPE, ticket_id, base64.b64encode(seed).decode("ascii"), vantage, *period, addresses)


def read_ticket(name: str, data: bytes) -> Ticket:
    """Return the ticket of a file called ``name``. Raises TicketUnreadable."""
    try:
        ticket = _read(_ticket, data)
        if ticket.type != TICKET_TYPE or len(ticket.seed()) != _SEED_BYTES:
            raise TicketUnreadable(name=name)
    except (ValueError, NotJson, NotCanonical, binascii.Error) as error:
        raise TicketUnreadable(name=name) from error
    return ticket


def read_bundle(name: str, payload: bytes) -> Bundle:
    """Return the bundle of a payload whose signature was checked. Raises BundleUnreadable."""
    try:
        return _read(_bundle, payload)
    except (ValueError, NotJson, NotCanonical) as error:
        raise BundleUnreadable(name=name, reason=_reason(error)) from error


def _read(adapter: TypeAdapter[Written], data: bytes) -> Written:
    """Return what ``data`` says, if it says it in exactly the bytes in which it is written."""
    if data.count(b"{") + data.count(b"[") > _MOST_PARTS:
        raise ValueError("too many parts")
    said = read_json(data, _DEEPEST)
    found = adapter.validate_json(data)
    if found.document() != said or not is_canonical(said, data):
        raise ValueError("not in canonical form")
    return found


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)


def one_form(host: str, port: int) -> str:
    """Return the one form of an address: lower case, no dot at the end, IPv6 shortest and in brackets."""
    bare = host.strip().lower().rstrip(".")
    try:
        number = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return f"{bare}:{port}"
    return f"[{number}]:{port}" if number.version == 6 else f"{number}:{port}"
