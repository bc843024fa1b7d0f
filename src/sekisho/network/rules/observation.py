"""What was seen of one endpoint, as plain data. Nothing here says whether that is good or bad.

Every fact is three-valued: seen so, seen otherwise, or None because it could not be told; ``why`` then says why, under
the field's name or ``<field>.<version>``. A list with an entry in ``why`` is not complete: what it holds was seen, and
there may be more. An empty list without one means that there is nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from sekisho.kernel.text import Text, _


class Version(StrEnum):
    """The versions of the protocol, from the oldest."""

    SSL2 = "SSL 2.0"
    SSL3 = "SSL 3.0"
    TLS10 = "TLS 1.0"
    TLS11 = "TLS 1.1"
    TLS12 = "TLS 1.2"
    TLS13 = "TLS 1.3"


class StartTls(StrEnum):
    """Protocols that begin in the clear and turn to TLS on request."""

    SMTP = "smtp"  # RFC 3207
    IMAP = "imap"  # RFC 3501, 6.2.1
    POP3 = "pop3"  # RFC 2595, 4
    FTP = "ftp"  # RFC 4217, 4
    LDAP = "ldap"  # RFC 4511, 4.14
    POSTGRES = "postgres"  # PostgreSQL's manual, Message Flow, SSL Session Encryption


class Why(StrEnum):
    """Why a fact could not be told."""

    SILENT = "silent"
    HUNG_UP = "hung_up"
    NOT_TLS = "not_tls"
    NO_NAME = "no_name"
    REFUSED = "refused"
    NO_ROUTE = "no_route"
    NO_STARTTLS = "no_starttls"
    TOO_MUCH = "too_much"
    OUT_OF_TIME = "out_of_time"
    UNREADABLE = "unreadable"
    AMBIGUOUS = "ambiguous"
    NO_STORE = "no_store"
    NOT_TRIED = "not_tried"
    BROKEN_OFF = "broken_off"

    @property
    def label(self) -> Text:
        """The reason as people read it."""
        return WHY_LABELS[self]


WHY_LABELS: dict[Why, Text] = {
    Why.SILENT: _("no answer came in time"),
    Why.HUNG_UP: _("the connection was closed without an answer"),
    Why.NOT_TLS: _("what answers does not speak TLS"),
    Why.NO_NAME: _("the name has no address"),
    Why.REFUSED: _("the connection was refused"),
    Why.NO_ROUTE: _("there is no way to the address"),
    Why.NO_STARTTLS: _("the server did not turn to TLS when asked to"),
    Why.TOO_MUCH: _("more came than a handshake holds"),
    Why.OUT_OF_TIME: _("the time for this endpoint ran out"),
    Why.UNREADABLE: _("the answer could not be read"),
    Why.AMBIGUOUS: _("the answer can mean more than one thing"),
    Why.NO_STORE: _("there is no certificate authority to check against"),
    Why.NOT_TRIED: _("this was not tried"),
    Why.BROKEN_OFF: _("the looking itself broke off"),
}


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no such moment") from error


# What is read is read by many: a moment that cannot be compared with the clock is refused before anybody judges it.
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate as it was sent (RFC 5280). ``fingerprint`` is the SHA-256 of its bytes, in hexadecimal.

    ``names`` are the alternative names, ``DNS:…`` and ``IP:…``; ``key_type`` is rsa, ec, ed25519, ed448, dsa or other,
    ``key_bits`` the length of the modulus or of the curve's field; ``purposes`` are the extended key usages by name or
    number, empty without that extension. All are None in a certificate that cannot be parsed.
    """

    fingerprint: str
    subject: str | None = None
    issuer: str | None = None
    names: tuple[str, ...] | None = None
    not_before: Moment | None = None
    not_after: Moment | None = None
    key_type: str | None = None
    key_bits: int | None = None
    curve: str | None = None
    signature_algorithm: str | None = None
    signature_hash: str | None = None
    purposes: tuple[str, ...] | None = None
    is_authority: bool | None = None
    self_signed: bool | None = None


Chain = tuple[Certificate, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether the chain leads to an authority. Weak keys, old signatures and expiry are left out of account here.

    ``against`` is "registered" (the authority registered for the endpoint) or "system" (the machine's store);
    ``trusted`` None: could not be told, see ``why``. ``code`` is OpenSSL's number of what is wrong.
    """

    against: str
    trusted: bool | None
    code: int | None = None
    reason: str = ""
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was asked: behind one address there may be many servers, told apart by name, or reached by turning to TLS."""

    host: str
    port: int
    starttls: StartTls | None = None
    server_name: str | None = None


@dataclass(frozen=True, slots=True)
class Observation(Asked):
    """What was seen of one endpoint.

    ``versions`` tells per version whether it is offered; ``suites`` lists per offered version what the server picks, in
    the order of its picks, and ``server_order`` whether its own order wins over the client's (absent with one suite).
    ``groups`` has an entry for TLS 1.3 and one for the highest older version that is offered. ``dh_bits`` are the
    lengths of the finite-field groups before TLS 1.3. ``compression`` is False and ``secure_renegotiation`` and
    ``downgrade_protection`` are True where the offered versions leave no room for them to be otherwise.
    ``certificate_requested`` tells whether the handshake asked for a client certificate. ``names`` tells what happens
    with no server name ("none") and with a wrong one ("other"): "same" certificate, "other" one, or "refused".
    ``plain`` is the beginning of an answer that is no TLS.
    """

    address: str | None = None
    reachable: bool | None = None
    tls: bool | None = None
    plain: str | None = None
    versions: Mapping[Version, bool | None] = field(default_factory=dict)
    suites: Mapping[Version, tuple[str, ...] | None] = field(default_factory=dict)
    server_order: Mapping[Version, bool | None] = field(default_factory=dict)
    groups: Mapping[Version, tuple[str, ...] | None] = field(default_factory=dict)
    dh_bits: tuple[int, ...] | None = None
    chains: tuple[Chain, ...] | None = None
    trust: Trust | None = None
    compression: bool | None = None
    secure_renegotiation: bool | None = None
    downgrade_protection: bool | None = None
    certificate_requested: bool | None = None
    names: Mapping[str, str | None] = field(default_factory=dict)
    why: Mapping[str, Why] = field(default_factory=dict)
    connections: int = 0
    seconds: float = 0.0

    def offered(self) -> tuple[Version, ...]:
        """Return the versions that are known to be offered, oldest first."""
        return tuple(version for version in Version if self.versions.get(version))


@dataclass(frozen=True, slots=True)
class Glance(Asked):
    """What the light daily probe saw: one handshake as a present-day client makes it, and one that stops at TLS 1.1.

    ``version`` and ``suite`` are what was agreed on, ``legacy_refused`` whether the old client was turned away.
    """

    reachable: bool | None = None
    version: Version | None = None
    suite: str | None = None
    chain: Chain | None = None
    certificate_requested: bool | None = None
    legacy_refused: bool | None = None
    why: Mapping[str, Why] = field(default_factory=dict)
    seconds: float = 0.0


class Way(StrEnum):
    """With which client certificate a connection was tried."""

    NONE = "none"
    FOREIGN = "foreign"
    REGISTERED = "registered"


class Ending(StrEnum):
    """How an attempt ended.

    ALERT and CLOSED: by an alert, or without one, during the handshake or after it. ANSWERED: our request was answered
    under encryption. KEPT: the handshake was taken and the connection stayed open, without an answer to our request.
    """

    ALERT = "alert"
    CLOSED = "closed"
    ANSWERED = "answered"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to connect: how it ended, the alert's name, the HTTP status and the beginning of what was said.

    With FAILED ``why`` says for which reason there is nothing to tell.
    """

    ending: Ending
    alert: str | None = None
    status: int | None = None
    said: str = ""
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class MutualObservation(Asked):
    """What an endpoint does with client certificates.

    ``requested`` tells whether the handshake asked for one. ``certificate`` holds the facts of the registered client
    certificate, and ``public`` whether an authority of this machine's store issued it.
    """

    reachable: bool | None = None
    version: Version | None = None
    requested: bool | None = None
    attempts: Mapping[Way, Attempt] = field(default_factory=dict)
    certificate: Certificate | None = None
    public: bool | None = None
    why: Mapping[str, Why] = field(default_factory=dict)
    seconds: float = 0.0
