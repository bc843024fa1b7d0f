"""Cisco IOS and ASA: the output of `show running-config`, or a saved configuration.

Blocks by indentation, `!` comments, banners between delimiters, certificates as rows of hex digits. A complete file
ends with `end` (IOS) or `: end` (ASA); without it the file was cut. Where each command is understood: VPN in
:mod:`cisco_vpn`, management in :mod:`cisco_access`.
"""

import re
from collections.abc import Iterator
from functools import partial

from sekisho.kernel.text import _
from sekisho.network.rules.device_configuration import ABSENT, DeviceConfiguration, Dialect, Fault, seen
from sekisho.network.rules.readers import cisco_access, cisco_vpn
from sekisho.network.rules.readers.secrets import Places, Secrets
from sekisho.network.rules.readers.source import Source
from sekisho.network.rules.readers.statements import Parsed, Reader, Statement, last, open_string, split_words

_TYPES = "0|4|5|6|7|8|9"
_HASHES = "md5|sha|sha224|sha256|sha384|sha512"
_CERTIFICATE = re.compile(r"certificate (?:self-signed|ca|ra-\S+)? ?[0-9A-Fa-f]+$")
_BANNER = re.compile(r"banner +\S+ +(\^.|\S)")
PLACES = Places.of([
    "crypto isakmp key 0|6 $",
    "crypto isakmp key $",
    "crypto key|pki|ca",
    "key chain",
    "pre-shared-key address|hostname|ipv6 ... key 0|6 $$",
    "pre-shared-key address|hostname|ipv6 ... key $$",
    "pre-shared-key local|remote 0|6|hex $$",
    "pre-shared-key local|remote $$",
    "pre-shared-key 0|6|8|hex $$",
    "pre-shared-key $$",
    "authentication local|remote pre-share key 0|6 $$",
    "authentication local|remote pre-share key $$",
    "authentication local|remote pre-share",
    "authentication pre-share",
    "ikev1|ikev2 pre-shared-key 0|8 $$",
    "ikev1|ikev2 pre-shared-key $$",
    "ikev2 local-authentication|remote-authentication pre-shared-key 0|8 $$",
    "ikev2 local-authentication|remote-authentication pre-shared-key $$",
    f"enable secret|password level * {_TYPES} $$",
    "enable secret|password level * $$",
    f"enable secret|password {_TYPES} $$",
    "enable secret|password $ encrypted|pbkdf2",
    "enable secret|password $$",
    "passwd $ encrypted",
    "passwd $$",
    f"username * ... secret|password {_TYPES} $$",
    "username * ... secret|password $ encrypted|pbkdf2|nt-encrypted|mschap",
    "username * ... secret|password $$",
    f"password {_TYPES} $$",
    "password $$",
    "snmp-server community 0|8 $",
    "snmp-server community $",
    "snmp-server host * ... community 0|8 $",
    "snmp-server host * ... community $",
    "snmp-server host * ... version 1|2c $",
    "snmp-server host * ... version 3 auth|noauth|priv $",
    "snmp-server host * ... version 3 $",
    "snmp-server host * traps|informs $",
    "snmp-server host * $",
    f"snmp-server user ... auth {_HASHES} $ priv des|3des $",
    f"snmp-server user ... auth {_HASHES} $ priv aes * $",
    f"snmp-server user ... auth {_HASHES} $",
    "radius-server|tacacs-server ... key 0|6|7 $$",
    "radius-server|tacacs-server ... key $$",
    "ntp authentication-key * * $",
    "ip|ipv6|ospf|area ... md5 $$",
    "ipv6 ospf authentication|encryption $$",
    "set session-key $$",
    "wpa-psk ascii|hex 0|7 $$",
    "wpa-psk ascii|hex $$",
    "standby|vrrp|glbp * authentication text $$",
    "standby|vrrp|glbp * authentication md5 key-chain *",
    "standby|vrrp|glbp * authentication md5 key-string $$",
    "standby|vrrp|glbp * authentication $$",
    "ldap-login-password $$",
    "ip nhrp authentication $$",
    "service password-encryption",
    "event manager environment * $$",
])  # fmt: skip


def parse(source: Source, secrets: Secrets, *, asa: bool) -> Parsed:
    """Split the lines by their indentation; a banner becomes one line, certificates are left out."""
    parsed, stack = Parsed(), list[tuple[int, str]]()
    closed = False
    for number, line in _plain(source, parsed, secrets, asa=asa):
        text = line.strip()
        closed = closed or text in ("end", ": end")
        if not text or text[0] in "!:" or text == "end":
            continue
        indent = len(line) - len(line.lstrip())
        while stack and stack[-1][0] >= indent:
            stack.pop()
        negated = text.startswith("no ")
        words = PLACES.hide(split_words(text.removeprefix("no ")), secrets)
        words = ("no", *words) if negated else words
        parsed.statements.append(Statement(number, tuple(header for _indent, header in stack), words))
        stack.append((indent, " ".join(words)))
    if not closed:
        parsed.faults.append(Fault(len(source.lines), _("The closing line “end” is missing: the file is cut off.")))
    return parsed


def _plain(source: Source, parsed: Parsed, secrets: Secrets, *, asa: bool) -> Iterator[tuple[int, str]]:
    """Yield the lines outside banners and certificates; a banner comes as its first words and one token."""
    end: str | None = None  # what closes the banner or certificate that is being passed over
    opened = 0
    for number, line in enumerate(source.lines, 1):
        text = line.strip()
        if end is not None:
            end = None if end in line else end
        elif line[:1] == " " and _CERTIFICATE.match(text):
            end, opened = "quit", number
        elif match := _BANNER.match(text):
            opened = number
            end = None if asa or match.group(1) in text[match.end() :] else match.group(1)
            yield number, f"{' '.join(text.split()[:2])} {secrets.hide(text)}"
        else:
            yield number, line
    if end is not None:
        parsed.faults.append(open_string(opened))


def understand(parsed: Parsed, secrets: Secrets, dialect: Dialect) -> DeviceConfiguration:
    """Return what the commands say."""
    statements = parsed.statements
    asa = dialect is Dialect.CISCO_ASA
    version = last(statements, "ASA Version") or last(statements, "version")
    outside = cisco_access.outside(statements, asa=asa)
    accesses = cisco_access.asa_accesses if asa else cisco_access.ios_accesses
    return DeviceConfiguration(
        dialect,
        firmware=seen(version.words[-1], version.line) if version and not version.path else ABSENT,
        outside=outside,
        exchanges=cisco_vpn.exchanges(statements, dialect),
        proposals=cisco_vpn.traffic_proposals(statements),
        ssl_vpns=cisco_vpn.ssl_vpns(statements),
        other_vpns=cisco_vpn.other_vpns(statements),
        ipv6_tunnels=cisco_vpn.ipv6_tunnels(statements),
        accesses=tuple(accesses(statements, outside)),
        snmp=tuple(cisco_access.snmp(statements, secrets)),
        passwords=tuple(cisco_access.passwords(statements, secrets)),
        faults=tuple(parsed.faults),
    )


IOS = Reader(
    Dialect.CISCO_IOS, partial(parse, asa=False), lambda parsed, secrets: understand(parsed, secrets, Dialect.CISCO_IOS)
)
ASA = Reader(
    Dialect.CISCO_ASA, partial(parse, asa=True), lambda parsed, secrets: understand(parsed, secrets, Dialect.CISCO_ASA)
)
