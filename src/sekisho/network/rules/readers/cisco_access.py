"""How Cisco devices are managed: web server, terminal lines, SNMP, passwords, and which interfaces face outside."""

import ipaddress
from collections.abc import Iterable, Iterator

from sekisho.network.rules.device_configuration import (
    ABSENT,
    Access,
    Basis,
    Password,
    Seen,
    Snmp,
    Zone,
    seen,
    yes,
)
from sekisho.network.rules.readers.secrets import Secrets, is_token
from sekisho.network.rules.readers.statements import ANYWHERE, Statement, by_path, last, starting

_EVERYWHERE = "*"
_ANY = ((ANYWHERE, ANYWHERE), ("0", "0"))
_STORED = frozenset({"encrypted", "pbkdf2", "nt-encrypted", "mschap"})


def outside(statements: Iterable[Statement], *, asa: bool) -> Seen[tuple[str, ...]]:
    """Return the interfaces that face outside: by name and level (ASA), translation, or a default route."""
    listed = list(statements)
    found = _asa_outside(listed) if asa else _ios_outside(listed)
    return seen(tuple(sorted(found)), *found.values()) if found else ABSENT


def _asa_outside(statements: list[Statement]) -> dict[str, int]:
    found: dict[str, int] = {}
    for inside in by_path(statements).values():
        named, level = last(inside, "nameif"), last(inside, "security-level")
        if named and (named.words[-1] == "outside" or (level and level.words[-1] == "0")):
            found[named.words[-1]] = named.line
    for route in starting(statements, "route"):
        if route.words[2:4] in _ANY:
            found.setdefault(route.words[1], route.line)
    return found


def _ios_outside(statements: list[Statement]) -> dict[str, int]:
    found: dict[str, int] = {}
    for translation in starting(statements, "ip nat outside"):
        if translation.path and translation.path[-1].startswith("interface "):
            found[translation.path[-1].partition(" ")[2]] = translation.line
    for route in starting(statements, f"ip route {ANYWHERE} {ANYWHERE}"):
        for name in _next_hop(route.words[4] if len(route.words) > 4 else "", statements):
            found.setdefault(name, route.line)
    return found


def _next_hop(target: str, statements: list[Statement]) -> Iterator[str]:
    """Yield the interface that a route names, or the one whose network holds its next router."""
    if target[:1].isalpha():
        yield target
        return
    router = _network((target,))
    for statement in starting(statements, "ip address"):
        network = _network(statement.words[2:4])
        if statement.path and router and network and router.subnet_of(network):
            yield statement.path[-1].partition(" ")[2]


def ios_accesses(statements: list[Statement], facing: Seen[tuple[str, ...]]) -> Iterator[Access]:
    """Yield the web servers and the terminal lines; they answer on every interface, so also outside if there is one."""
    zone = Zone.WAN if facing.value else Zone.UNKNOWN
    guarded = _guarded(statements, facing)
    allowed = last(statements, "ip http access-class")
    limited = yes(allowed.line) if allowed else ABSENT
    for command, service in (("ip http server", "http"), ("ip http secure-server", "https")):
        found = [each for each in statements if not each.path and each.text in (command, f"no {command}")]
        if not found:
            yield Access(service, _EVERYWHERE, zone)
            continue
        on, line = found[-1].words[0] != "no", found[-1].line
        yield Access(service, _EVERYWHERE, zone, seen(on, line), limited, guarded, (line,))
    for header in starting(statements, "line vty"):
        block = [each for each in statements if each.path == (header.text,)]
        lists = [each for each in block if each.words[0] == "access-class" and each.words[-1] == "in"]
        within = _within(statements, lists[-1].words[1], facing) if lists else ()
        limited = yes(lists[-1].line, *within) if lists else ABSENT
        yield from _terminal(header, last(block, "transport input"), Zone.LAN if within else zone, limited, guarded)


def _within(statements: list[Statement], name: str, facing: Seen[tuple[str, ...]]) -> tuple[int, ...]:
    """Return the lines of a standard access list that lets in nothing but addresses of inside networks, else none."""
    outer = {f"interface {interface}" for interface in facing.value or ()}
    inner = [
        network
        for each in starting(statements, "ip address")
        if each.path and each.path[-1] not in outer and (network := _network(each.words[2:4]))
    ]
    entries = [
        (each.line, each.words[3:] if each.words[0] == "access-list" else each.words[1:])
        for each in statements
        if each.words[:3] == ("access-list", name, "permit")
        or (each.path == (f"ip access-list standard {name}",) and "permit" in each.words[:2])
    ]
    sources = [_network(words[1:2] if words[:1] == ("host",) else words[:2]) for _line, words in entries]
    closed = sources and all(source and any(source.subnet_of(net) for net in inner) for source in sources)
    return tuple(line for line, _words in entries) if outer and closed else ()


def _network(words: tuple[str, ...]) -> ipaddress.IPv4Network | None:
    """Return the network of an address with a mask or a wildcard, or of one alone."""
    alone = words[1:] in ((), (ANYWHERE,)) or words[1:2] == ("log",)
    try:
        return ipaddress.IPv4Network(words[0] if alone else "/".join(words), strict=False) if words else None
    except ValueError:
        return None


def _guarded(statements: list[Statement], facing: Seen[tuple[str, ...]]) -> Seen[bool]:
    """Return whether every outside interface has an inbound access list."""
    lines = []
    for name in facing.value or ():
        lists = [
            each
            for each in starting(statements, "ip access-group")
            if each.words[-1] == "in" and each.path == (f"interface {name}",)
        ]
        if not lists:
            return ABSENT
        lines.append(lists[-1].line)
    return yes(*lines) if lines else ABSENT


def _terminal(
    header: Statement, transport: Statement | None, zone: Zone, limited: Seen[bool], guarded: Seen[bool]
) -> Iterator[Access]:
    words = transport.words[2:] if transport else ()
    for service in ("telnet", "ssh"):
        if transport is None:
            yield Access(service, header.text, zone, limited=limited, guarded=guarded, lines=(header.line,))
            continue
        on = service in words or "all" in words
        yield Access(service, header.text, zone, seen(on, transport.line), limited, guarded, (transport.line,))


def asa_accesses(statements: list[Statement], facing: Seen[tuple[str, ...]]) -> Iterator[Access]:
    """Yield the addresses that may manage an ASA, interface by interface."""
    zones = _asa_zones(statements, facing)
    server = last(statements, "http server enable")
    for command, service in (("http", "https"), ("ssh", "ssh"), ("telnet", "telnet")):
        for statement in starting(statements, command):
            words = statement.words
            if len(words) != 4 or words[1][:1] not in "0123456789" or statement.path:
                continue
            if service == "https" and server is None:
                continue
            lines = (statement.line, *((server.line,) if service == "https" and server else ()))
            limited = seen(words[1:3] not in _ANY, statement.line)
            yield Access(service, words[3], zones.get(words[3], Zone.UNKNOWN), yes(*lines), limited, lines=lines)


def _asa_zones(statements: list[Statement], facing: Seen[tuple[str, ...]]) -> dict[str, Zone]:
    zones: dict[str, Zone] = {}
    for inside in by_path(statements).values():
        named, level = last(inside, "nameif"), last(inside, "security-level")
        if named and level:
            zones[named.words[-1]] = Zone.LAN if level.words[-1] == "100" else Zone.UNKNOWN
    zones.update(dict.fromkeys(facing.value or (), Zone.WAN))
    return zones


def snmp(statements: list[Statement], secrets: Secrets) -> Iterator[Snmp]:
    """Yield the communities (they open versions 1 and 2c) and the groups of version 3."""
    for statement in starting(statements, "snmp-server community"):
        token = next((word for word in statement.words if is_token(word)), "")
        weakness = secrets.weakness(token) if token else None
        weak = seen(weakness in ("default", "blank"), statement.line) if weakness else ABSENT
        yield Snmp("v2c", "community", weak, lines=(statement.line,))
    for statement in starting(statements, "snmp-server group"):
        if "v3" in statement.words:
            encrypted = seen("priv" in statement.words, statement.line)
            yield Snmp("v3", " ".join(statement.words[1:3]), encrypted=encrypted, lines=(statement.line,))


def passwords(statements: list[Statement], secrets: Secrets) -> Iterator[Password]:
    """Yield the passwords of the device, and terminal lines that ask for none."""
    for statement in statements:
        words, place = statement.words, " / ".join(statement.path)
        if words[:2] in (("enable", "secret"), ("enable", "password")) or words[0] == "passwd":
            yield _password("passwd" if words[0] == "passwd" else " ".join(words[:2]), statement, secrets)
        elif words[0] == "username" and any(is_token(word) for word in words):
            yield _password(f"username {words[1]}", statement, secrets)
        elif words[0] == "username" and "nopassword" in words:
            yield Password(f"username {words[1]}", seen("blank", statement.line), (statement.line,))
        elif words[0] == "password" and place.startswith("line "):
            yield _password(place, statement, secrets)
        elif words == ("no", "login") and place.startswith("line vty"):
            yield Password(place, seen("blank", statement.line), (statement.line,))


def _password(name: str, statement: Statement, secrets: Secrets) -> Password:
    """A word stored as a hash or encrypted is not compared: the device wrote something else than was typed."""
    words = statement.words
    at = max((index for index, word in enumerate(words) if is_token(word)), default=0)
    stored = words[at - 1] in {"4", "5", "6", "7", "8", "9"} or not _STORED.isdisjoint(words[at:])
    weakness = secrets.weakness(words[at]) if at and not stored else None
    return Password(name, Seen(weakness, (statement.line,), Basis.READ), (statement.line,))
