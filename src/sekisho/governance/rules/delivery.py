"""Carrying notices out of the house: where to, how often to try, how it is signed. Pure."""

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import Text, _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class MailAddressWrong(InvalidInput):
    """No mail address that can be written to as it stands."""

    code = "governance.mail_address_wrong"
    message = _("This is no mail address that can be written to.")
    hint = _("Write the address alone, in half-width letters, such as clerk@clinic.example.jp.")


class WebhookAddressWrong(InvalidInput):
    """No address that a message may be sent to."""

    code = "governance.webhook_address_wrong"
    message = _("The address must begin with https:// (or http://localhost) and hold no user name.")
    hint = _("Take it from the settings of the receiving service.")


class AddressRefused(InvalidInput):
    """The name leads to an address that nothing is sent to."""

    code = "governance.address_refused"
    message = _("The name leads to an address that nothing is sent to: %(address)s.")
    hint = _("Addresses of this link only and of cloud services' inner doors are refused; so is plain text elsewhere.")


class Channel(StrEnum):
    """The ways out."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class Security(StrEnum):
    """How the way to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class DeliveryState(StrEnum):
    """Where a delivery stands. SENDING is stored before the first byte leaves, so that a kill leaves a trace."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCLEAR = "unclear"

    @property
    def label(self) -> Text:
        """The state in words."""
        return STATE_LABELS[self]


STATE_LABELS: dict[DeliveryState, Text] = {
    DeliveryState.WAITING: _("Waiting"),
    DeliveryState.SENDING: _("Being sent"),
    DeliveryState.SENT: _("Sent"),
    DeliveryState.FAILED: _("Not delivered"),
    DeliveryState.UNCLEAR: _("Unclear whether it arrived"),
}


class Trouble(StrEnum):
    """What went wrong on the way, as it is stored."""

    NAME = "name"
    ADDRESS = "address"
    CONNECT = "connect"
    TIMEOUT = "timeout"
    CERTIFICATE = "certificate"
    TLS = "tls"
    NO_STARTTLS = "no_starttls"
    LOGIN = "login"
    SENDER = "sender"
    RECEIVER = "receiver"
    REFUSED = "refused"
    RUBBISH = "rubbish"
    CUT = "cut"
    REDIRECT = "redirect"
    STATUS = "status"
    AFTERWARDS = "afterwards"
    INTERRUPTED = "interrupted"
    SEALED = "sealed"
    REMOVED = "removed"

    @property
    def label(self) -> Text:
        """The trouble in a sentence."""
        return TROUBLE_LABELS[self]


TROUBLE_LABELS: dict[Trouble, Text] = {
    Trouble.NAME: _("The name of the server leads to no address."),
    Trouble.ADDRESS: _("The name leads to an address that nothing is sent to."),
    Trouble.CONNECT: _("No connection to the server."),
    Trouble.TIMEOUT: _("The server did not answer in time."),
    Trouble.CERTIFICATE: _("The certificate of the server cannot be trusted."),
    Trouble.TLS: _("No protected connection came about."),
    Trouble.NO_STARTTLS: _("The server offers no STARTTLS. Nothing was sent in the clear."),
    Trouble.LOGIN: _("The server refused user name and password."),
    Trouble.SENDER: _("The server refused the sender's address."),
    Trouble.RECEIVER: _("The server refused the receiver's address."),
    Trouble.REFUSED: _("The server refused the message."),
    Trouble.RUBBISH: _("The server's answer makes no sense."),
    Trouble.CUT: _("The server ended the connection."),
    Trouble.REDIRECT: _("The receiver points to another address. Nothing is sent there."),
    Trouble.STATUS: _("The receiver did not accept the message."),
    Trouble.AFTERWARDS: _("The message was handed over, but no receipt came."),
    Trouble.INTERRUPTED: _("Sekisho was ended in the middle of sending."),
    Trouble.SEALED: _("The stored password cannot be opened with the keys of this installation."),
    Trouble.REMOVED: _("The way of sending was switched off or removed meanwhile."),
}
# A second try may end otherwise; after all others only a person can help.
PASSING = frozenset(
    {Trouble.NAME, Trouble.CONNECT, Trouble.TIMEOUT, Trouble.CERTIFICATE, Trouble.TLS, Trouble.NO_STARTTLS}
    | {Trouble.RUBBISH, Trouble.CUT}
)


@dataclass(frozen=True, slots=True)
class Sent:
    """How one try ended. ``trouble`` is None when the message was taken; ``answer`` what the other side said.

    ``again`` tells that another try may help. ``unclear``: the message had left when the trouble came.
    """

    trouble: Trouble | None = None
    answer: str = ""
    again: bool = False
    unclear: bool = False


BACK_OFF = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3))
ALARM_BACK_OFF = tuple(timedelta(minutes=number) for number in (1, 2, 5, 10, 30, 60, 120))
_MAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_LONGEST_MAIL, _LONGEST_LOCAL, _LONGEST_URL = 254, 64, 500
# Where clouds answer with the keys of the machine, besides the link-local ones.
_METADATA = frozenset(
    map(ipaddress.ip_address, ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"))
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_IPV4_BITS = 0xFFFFFFFF


def state_after(sent: Sent, channel: Channel) -> DeliveryState:
    """Return where a delivery stands after a try; WAITING where another one may help.

    A mail that may have arrived is not sent again that day: what it said is said again in the next digest. A webhook is
    sent again, since its receiver tells by the id that it has the message already.
    """
    if sent.trouble is None:
        return DeliveryState.SENT
    if sent.unclear and channel is Channel.MAIL:
        return DeliveryState.UNCLEAR
    return DeliveryState.WAITING if sent.again or sent.unclear else DeliveryState.FAILED


def next_try(attempts: int, now: datetime, end: datetime, back_off: Sequence[timedelta] = BACK_OFF) -> datetime | None:
    """Return when a delivery is tried again after ``attempts`` failed ones; None when it is given up.

    Nothing is tried after ``end``, when the next digest takes over.
    """
    if attempts > len(back_off):
        return None
    wanted = now + back_off[attempts - 1]
    return wanted if wanted < end else None


def tidy_mail_address(text: str, field: str = "address") -> str:
    """Return a mail address that can stand in a header and in an envelope as it is. Raises MailAddressWrong."""
    found = text.strip()
    if not _MAIL.fullmatch(found) or len(found) > _LONGEST_MAIL or len(found.partition("@")[0]) > _LONGEST_LOCAL:
        raise MailAddressWrong(field=field)
    return found


def tidy_webhook(text: str) -> str:
    """Return the address of a receiver: https, or http to this computer. Raises WebhookAddressWrong."""
    found = text.strip()
    try:
        parts = urlsplit(found)
        port = parts.port
    except ValueError as error:
        raise WebhookAddressWrong(field="url") from error
    host = parts.hostname or ""
    plain = parts.scheme == "http" and host in {"localhost", "127.0.0.1", "::1"}
    odd = parts.username is not None or parts.fragment or port == 0 or re.search(r"[^\x21-\x7e]|[\\\"<>]", found)
    if not is_server_name(host) or odd or not (parts.scheme == "https" or plain) or len(found) > _LONGEST_URL:
        raise WebhookAddressWrong(field="url")
    return found


def is_server_name(text: str) -> bool:
    """Tell whether a text can name a server: a host name or an address."""
    return bool(_HOST.fullmatch(text)) or is_address(text)


def is_address(text: str) -> bool:
    """Tell whether a text is an address and no name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def require_reachable(found: Iterable[str], *, loopback_only: bool) -> list[str]:
    """Return the addresses a name leads to, all of them allowed. Raises AddressRefused.

    Link-local, multicast, unspecified and reserved addresses and those of cloud metadata are never contacted, however
    they are wrapped into IPv6; ``loopback_only`` for what goes out without encryption. One bad address refuses all.
    """
    addresses = list(dict.fromkeys(found))
    unwrapped = [_unwrapped(ipaddress.ip_address(one.partition("%")[0])) for one in addresses]
    allowed = [one.is_loopback if loopback_only else not _is_forbidden(one) for one in unwrapped]
    if not addresses or not all(allowed):
        raise AddressRefused(address=", ".join(addresses) or "―")
    return addresses


def _unwrapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & _IPV4_BITS)
    return address.ipv4_mapped or address.sixtofour or address


def _is_forbidden(address: Address) -> bool:
    if address.is_loopback:
        return False  # ::1 is reserved too
    odd = address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
    return odd or address in _METADATA


def signature(secret: str, moment: datetime, body: bytes) -> str:
    """Return the header ``Sekisho-Signature``: the second it was made, and HMAC-SHA256 over ``<second>.<body>``."""
    second = int(moment.timestamp())
    signed = hmac.new(secret.encode(), f"{second}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={second},v1={signed}"


def plain_answer(text: str, secrets: Iterable[str] = (), longest: int = 200) -> str:
    """Return what a server said as one harmless line: printable, short, without any of ``secrets``, plain or Base64."""
    for secret in filter(None, secrets):
        for shape in (secret, base64.b64encode(secret.encode()).decode()):
            text = text.replace(shape, "…")
    line = " ".join(text.split())
    shown = "".join(character if character.isprintable() else "?" for character in line)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
