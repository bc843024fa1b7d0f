"""Yamaha RTX, NVR, FWX and vRX: `show config` or a saved configuration file.

One command a line; `pp select` and `tunnel select` choose what the following indented lines speak of; comments begin
with `#`, and the first of them name model and revision. Comments and descriptions may be in Shift_JIS. The format has
no end mark: a file that was cut does not show it, which is why nothing is ever concluded from a line that is not there.
"""

import ipaddress
import re
from collections.abc import Iterator

from sekisho.network.rules.device_configuration import (
    ABSENT,
    Access,
    Basis,
    DeviceConfiguration,
    Dialect,
    Password,
    Seen,
    Snmp,
    Zone,
    no,
    seen,
    yes,
)
from sekisho.network.rules.readers import yamaha_vpn
from sekisho.network.rules.readers.defaults import default
from sekisho.network.rules.readers.secrets import Places, Secrets, is_token
from sekisho.network.rules.readers.source import SHIFT_JIS, UTF8, Source
from sekisho.network.rules.readers.statements import Parsed, Reader, Statement, last, split_words, starting

_HEADER = re.compile(r"#\s*((?:RTX|NVR|FWX|SRT|RT|vRX)\S*\s+Rev\.[\d.]+)")
# The ports by which a static translation to the router's own address would open a service past the filter.
_PORTS = {
    "telnet": {"23", "telnet"},
    "http": {"80", "www", "http"},
    "ssh": {"22", "ssh"},
    "tftp": {"69", "tftp"},
    "snmp": {"161", "snmp"},
}
_CONTEXT = re.compile(
    r"(?:ip|ipv6) (?:pp|tunnel) |pp (?!select)|pppoe |ppp |tunnel (?!select)|ipsec tunnel |ipsec sa policy |l2tp "
)
PLACES = Places.of([
    "ipsec ike pre-shared-key * text $$",
    "ipsec ike pre-shared-key * $$",
    "ipsec ike eap|xauth myname * * $$",
    "ipsec ike license-key use",
    "ipsec ike license-key * $$",
    "auth user group",
    "auth user attribute",
    "auth user * * $$",
    "login|administrator password encrypted $$",
    "login|administrator password $$",
    "login user * encrypted $$",
    "login user * $$",
    "pp auth username * $ myname * $",
    "pp auth username * $",
    "pp auth myname * $",
    "l2tp tunnel auth on $$",
    "snmp|snmpv2c community read-only|read-write $$",
    "snmp|snmpv2c host * $ $",
    "snmp|snmpv2c host * $",
    "snmp|snmpv2c trap community $$",
    "snmpv2c trap host * trap|inform $$",
    "snmpv2c trap host * trap|inform",
    "snmp trap host * $$",
    "snmpv3 usm user * ... md5|sha $ des-cbc|aes128-cfb $",
    "snmpv3 usm user * ... md5|sha $",
    "radius secret $$",
    "mail server smtp ... smtp-auth * $",
    "mail server pop ... pop3|apop * $",
    "mobile|wan pin code $$",
    "sshd host key generate $$",
    "sip server * * * * * * $",
    "heartbeat2 transmit|receive * crypto $ auth $",
    "heartbeat2 transmit|receive * auth $",
])  # fmt: skip


def parse(source: Source, secrets: Secrets) -> Parsed:
    """Split the lines; a trailing backslash joins the next one."""
    parsed, context, held, start = Parsed(), "", "", 0
    for number, line in enumerate(source.lines, 1):
        start = start if held else number
        text = held + line
        if line.endswith("\\") and not line.endswith("\\\\"):
            held = text[:-1] + " "
            continue
        held = ""
        if not text.strip():
            continue
        if text.lstrip().startswith("#"):
            if match := _HEADER.match(text.lstrip()):
                parsed.statements.append(Statement(number, ("#",), tuple(match.group(1).split())))
            continue
        words = PLACES.hide(split_words(text), secrets)
        if words[:2] in (("pp", "select"), ("tunnel", "select")):
            context = "" if words[2:] == ("none",) else " ".join(words)
            parsed.statements.append(Statement(start, (), words))
            continue
        inside = context and (text[0] in " \t" or _CONTEXT.match(" ".join(words[:3]) + " "))
        parsed.statements.append(Statement(start, (context,) if inside else (), words))
    return parsed


def understand(parsed: Parsed, secrets: Secrets) -> DeviceConfiguration:
    """Return what the commands say."""
    statements = parsed.statements
    header = next((statement for statement in statements if statement.path == ("#",)), None)
    outside = _outside(statements)
    return DeviceConfiguration(
        Dialect.YAMAHA,
        firmware=seen(header.text, header.line) if header else ABSENT,
        outside=outside,
        exchanges=yamaha_vpn.exchanges(statements),
        other_vpns=yamaha_vpn.other_vpns(statements),
        ipv6_tunnels=yamaha_vpn.ipv6_tunnels(statements),
        accesses=tuple(_accesses(statements, outside)),
        snmp=tuple(_snmp(statements, secrets)),
        passwords=tuple(_passwords(statements, secrets)),
        faults=tuple(parsed.faults),
    )


def _outside(statements: list[Statement]) -> Seen[tuple[str, ...]]:
    """Return the interfaces that a default route leads to."""
    found: dict[str, int] = {}
    for statement in [*starting(statements, "ip route default"), *starting(statements, "ipv6 route default")]:
        words = statement.words
        for index, word in enumerate(words[:-1]):
            if word == "gateway":
                for name in _gateway(words[index + 1 :], statements):
                    found[name] = statement.line
    return seen(tuple(sorted(found)), *found.values()) if found else ABSENT


def _gateway(words: tuple[str, ...], statements: list[Statement]) -> Iterator[str]:
    kind, following = words[0], words[1] if len(words) > 1 else ""
    if kind in ("pp", "tunnel"):
        yield f"{kind} {following}"
    elif kind in ("dhcp", "pdp"):
        yield following
    elif address := _address(kind.split("%")[0]):
        for interface, network, _line in _networks(statements):
            if address in network:
                yield interface


def _networks(statements: list[Statement]) -> Iterator[tuple[str, ipaddress.IPv4Network | ipaddress.IPv6Network, int]]:
    """Yield every interface with a fixed address, its network and the line."""
    for statement in statements:
        words = statement.words
        if len(words) == 4 and words[0] in ("ip", "ipv6") and words[2] == "address" and "/" in words[3]:
            try:
                yield words[1], ipaddress.ip_network(words[3], strict=False), statement.line
            except ValueError:
                continue


def _address(word: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(word)
    except ValueError:
        return None


def _guarded(statements: list[Statement], outside: Seen[tuple[str, ...]]) -> Seen[bool]:
    """Return whether every outside interface has an inbound filter or an address translation before it."""
    lines = []
    for name in outside.value or ():
        kind, _space, number = name.partition(" ")
        path = (f"{kind} select {number}",) if number else ()
        guards = [
            statement.line
            for statement in statements
            if statement.words[:2] == ("ip", kind)
            and statement.path == path
            and (statement.words[2:5] == ("secure", "filter", "in") or statement.words[2:4] == ("nat", "descriptor"))
        ]
        if not guards:
            return ABSENT
        lines += guards
    return yes(*lines) if lines else ABSENT


def _accesses(statements: list[Statement], outside: Seen[tuple[str, ...]]) -> Iterator[Access]:
    guarded = _guarded(statements, outside)
    for command, service in (("telnetd", "telnet"), ("httpd", "http"), ("sshd", "ssh")):
        switch, hosts = last(statements, f"{command} service"), last(statements, f"{command} host")
        if hosts is not None and hosts.words[2:3] == ("key",):
            hosts = next(
                (each for each in reversed(starting(statements, f"{command} host")) if each.words[2] != "key"), None
            )
        yield _access(service, switch, hosts, statements, outside, guarded)
    for command, service in (("tftp host", "tftp"), ("snmp host", "snmp"), ("snmpv2c host", "snmp")):
        if hosts := last(statements, command):
            yield _access(service, None, hosts, statements, outside, guarded)


def _access(
    service: str,
    switch: Statement | None,
    hosts: Statement | None,
    statements: list[Statement],
    outside: Seen[tuple[str, ...]],
    guarded: Seen[bool],
) -> Access:
    lines = tuple(sorted(each.line for each in (switch, hosts) if each))
    if switch and switch.words[-1] == "off":
        return Access(service, "*", Zone.UNKNOWN, no(switch.line), lines=lines)
    if hosts is None or len(hosts.words) < 3:
        allowed = yes(switch.line) if switch else ABSENT
        return Access(service, "*", Zone.UNKNOWN, allowed, guarded=guarded, lines=lines)
    if hosts.words[2] == "none":
        return Access(service, "*", Zone.UNKNOWN, no(hosts.line), lines=lines)
    guarded = ABSENT if _opened(service, statements) else guarded
    named = [word for word in hosts.words[2:] if not is_token(word)]
    zones = {word: _zone_of(word, outside, statements) for word in named}
    zone = next((each for each in (Zone.WAN, Zone.UNKNOWN) if each in zones.values()), Zone.LAN)
    # A whole interface outside is no list of addresses.
    limited = seen(all(each is Zone.LAN or word[0].isdigit() for word, each in zones.items()), hosts.line)
    return Access(service, " ".join(named), zone, yes(*lines), limited, guarded, lines)


def _opened(service: str, statements: list[Statement]) -> bool:
    """Whether a static translation leads from outside to this service of the router itself."""
    own = {
        each.words[3].split("/")[0] for each in statements if each.words[2:3] == ("address",) and len(each.words) > 3
    }
    return any(
        each.words[6] in own and not _PORTS[service].isdisjoint(each.words[8:])
        for each in starting(statements, "nat descriptor masquerade static")
        if len(each.words) > 8
    )


def _zone_of(word: str, outside: Seen[tuple[str, ...]], statements: list[Statement]) -> Zone:
    """Return from which side a host named in `httpd host` and the like can come."""
    if word == "any":
        return Zone.WAN
    names = outside.value
    if names is None:
        return Zone.UNKNOWN
    if re.fullmatch(r"(?:lan|bridge|vlan)\d[\d/.]*", word):
        # A port that carries the PPPoE session outside has no other side.
        carriers = {each.words[2] for each in starting(statements, "pppoe use") if len(each.words) > 2}
        return Zone.WAN if word in carriers.union(names) else Zone.LAN
    if word == "lan":
        return Zone.UNKNOWN if any(name.startswith("lan") for name in names) else Zone.LAN
    addresses = [_address(part) for part in word.split("-")]
    if any(address is None for address in addresses):
        return Zone.UNKNOWN
    inner = [network for name, network, _line in _networks(statements) if name not in names]
    return Zone.LAN if all(any(address in net for net in inner) for address in addresses if address) else Zone.WAN


def _snmp(statements: list[Statement], secrets: Secrets) -> Iterator[Snmp]:
    for command, version in (("snmp", "v1"), ("snmpv2c", "v2c"), ("snmpv3", "v3")):
        host = last(statements, f"{command} host")
        if host is None or len(host.words) < 3 or host.words[2] == "none":
            continue
        if version == "v3":
            users = starting(statements, "snmpv3 usm user")
            private = [{"des-cbc", "aes128-cfb"}.intersection(user.words) for user in users]
            encrypted = seen(all(private), *(user.line for user in users)) if users else ABSENT
            yield Snmp(version, command, encrypted=encrypted, lines=(host.line,))
            continue
        community = last(statements, f"{command} community read-only")
        tokens = [word for word in host.words[3:] if is_token(word)] or ([community.words[-1]] if community else [])
        lines = (host.line, *((community.line,) if community else ()))
        known: Seen[bool] = default(Dialect.YAMAHA, "community")
        if tokens:
            weak = {secrets.weakness(token) for token in tokens}
            known = Seen(None if weak == {None} else bool(weak & {"default", "blank"}), lines, Basis.READ)
        yield Snmp(version, command, known, lines=lines)


def _passwords(statements: list[Statement], secrets: Secrets) -> Iterator[Password]:
    for command in ("login password", "administrator password"):
        statement = last(statements, command)
        if statement is None:
            yield Password(command)
        else:
            yield _password(command, statement, secrets)
    for statement in starting(statements, "login user"):
        yield _password(" ".join(statement.words[:3]), statement, secrets)


def _password(name: str, statement: Statement, secrets: Secrets) -> Password:
    """What was stored encrypted is not compared: it is not what was typed."""
    weakness = None if "encrypted" in statement.words else secrets.weakness(statement.words[-1])
    return Password(name, Seen(weakness, (statement.line,), Basis.READ), (statement.line,))


READER = Reader(Dialect.YAMAHA, parse, understand, (UTF8, SHIFT_JIS))
