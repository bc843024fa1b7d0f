"""The VPN sections of FortiOS, and the tables that its nested blocks make."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sekisho.network.rules.device_configuration import (
    ABSENT,
    Dialect,
    Ipv6Tunnel,
    KeyExchange,
    OtherVpn,
    Phase,
    Proposal,
    Relay,
    Seen,
    SslVpn,
    no,
    seen,
)
from sekisho.network.rules.readers import algorithms
from sekisho.network.rules.readers.defaults import default
from sekisho.network.rules.readers.statements import Statement

_PROTOCOLS = {"sslv3": "ssl3", "tls1-0": "tls1.0", "tls1-1": "tls1.1", "tls1-2": "tls1.2", "tls1-3": "tls1.3"}


@dataclass(slots=True)
class Entry:
    """One `edit` of a table, or a table without entries: its settings, the last of each key."""

    name: str
    settings: dict[str, Statement] = field(default_factory=dict)

    def get(self, key: str) -> Statement | None:
        """Return the line that sets ``key``."""
        return self.settings.get(key)

    def word(self, key: str) -> str | None:
        """Return the first word that ``key`` is set to."""
        statement = self.settings.get(key)
        return statement.words[2] if statement and statement.words[0] == "set" and len(statement.words) > 2 else None

    def line(self, key: str) -> int:
        """Return the line of ``key``, which is set."""
        return self.settings[key].line

    @property
    def lines(self) -> tuple[int, ...]:
        """Every line of the entry."""
        return tuple(sorted(statement.line for statement in self.settings.values()))


Entries = Sequence[Entry]


def sections(statements: Iterable[Statement]) -> dict[str, list[Entry]]:
    """Return the tables by name, such as "vpn ipsec phase1-interface", without the virtual domains around them."""
    found: dict[str, dict[tuple[str, ...], Entry]] = {}
    for statement in statements:
        path = statement.path
        while path and path[0] in ("global", "vdom"):
            path = path[2:] if path[0] == "vdom" else path[1:]
        if path and len(statement.words) > 1:
            # A table inside an entry ("config realservers") keeps its own name and does not hide the entry's keys.
            table, name = (path[0], path[1] if len(path) > 1 else "") if len(path) < 3 else (" / ".join(path), path[-1])
            entry = found.setdefault(table, {}).setdefault(statement.path, Entry(name))
            entry.settings[statement.words[1].lower()] = statement
    return {table: list(entries.values()) for table, entries in found.items()}


def on_off(statement: Statement | None) -> Seen[bool]:
    """Return whether a line says "enable"."""
    return seen(statement.words[-1] == "enable", statement.line) if statement else ABSENT


def exchanges(tables: Mapping[str, Entries]) -> tuple[KeyExchange, ...]:
    """Return every phase 1 with the proposals of its phases 2."""
    second = [entry for kind in ("phase2-interface", "phase2") for entry in tables.get(f"vpn ipsec {kind}", ())]
    first = [entry for kind in ("phase1-interface", "phase1") for entry in tables.get(f"vpn ipsec {kind}", ())]
    names = {entry.name for entry in first}
    found = [_exchange(entry, [each for each in second if each.word("phase1name") == entry.name]) for entry in first]
    loose = [
        proposal for each in second if each.word("phase1name") not in names for proposal in _proposals(each, Phase.ESP)
    ]
    return (*found, KeyExchange("phase2", proposals=tuple(loose))) if loose else tuple(found)


def _exchange(entry: Entry, second: Sequence[Entry]) -> KeyExchange:
    version, mode = entry.get("ike-version"), entry.word("mode")
    versions = seen((int(version.words[-1]),), version.line) if version and version.words[-1] in "12" else ABSENT
    if version is None:
        versions = default(Dialect.FORTIOS, "ike-version")
    if versions.value == (2,):
        aggressive: Seen[bool] = no(*versions.lines)
    elif mode:
        aggressive = seen(mode == "aggressive", entry.line("mode"))
    else:
        aggressive = default(Dialect.FORTIOS, "mode")
    proposals = (*_proposals(entry, Phase.IKE), *(each for child in second for each in _proposals(child, Phase.ESP)))
    return KeyExchange(entry.name, versions, aggressive, _authentication(entry), proposals, lines=entry.lines)


def _authentication(entry: Entry) -> Seen[tuple[str, ...]]:
    """Return how both ends authenticate; the other end may be told to do otherwise than this one."""
    named = {"signature": "certificate", "psk": "psk"}
    extra = {"eap"} if entry.word("eap") == "enable" else set[str]()
    found = {key: named[word] for key in ("authmethod", "authmethod-remote") if (word := entry.word(key)) in named}
    if "authmethod" in found:
        return seen(tuple(sorted({*found.values(), *extra})), *map(entry.line, found))
    secret = entry.get("psksecret")
    return seen(tuple(sorted({"psk", *extra})), secret.line) if secret else default(Dialect.FORTIOS, "authmethod")


def _proposals(entry: Entry, phase: Phase) -> Iterator[Proposal]:
    """Yield every proposal: in FortiOS each goes with each of the groups."""
    groups, listed = entry.get("dhgrp"), entry.get("proposal")
    life = entry.get("keylife") or entry.get("keylifeseconds")
    named = tuple(algorithms.group(word) for word in groups.words[2:]) if groups else ()
    chosen: Seen[tuple[str, ...]] = seen(named, groups.line) if groups else default(Dialect.FORTIOS, "groups")
    if phase is Phase.ESP and entry.word("pfs") == "disable":
        chosen = ABSENT
    lifetime = seen(int(life.words[-1]), life.line) if life and life.words[-1].isdigit() else ABSENT
    name = f"{entry.name} {phase.value}"
    if listed is None:
        yield Proposal(name, phase, groups=chosen, lifetime=lifetime, lines=entry.lines)
        return
    for word in listed.words[2:]:
        parts = algorithms.suite(word)
        line = listed.line
        yield Proposal(
            f"{name} {word}",
            phase,
            seen((*parts.encryption, *parts.unknown), line),
            seen(parts.integrity, line),
            seen(parts.prf, line),
            chosen,
            lifetime,
            (line,),
        )


def ssl_vpns(tables: Mapping[str, Entries]) -> tuple[SslVpn, ...]:
    """Return the SSL-VPN with each of its portals: a portal decides on the browser, the settings on the rest."""
    settings = next(iter(tables.get("vpn ssl settings", ())), None)
    portals = tables.get("vpn ssl web portal", ())
    if settings is None:
        return ()
    status = on_off(settings.get("status"))
    lowest = settings.get("ssl-min-proto-ver")
    certificate = settings.get("reqclientcert")
    return tuple(
        SslVpn(
            portal.name,
            status,
            on_off(portal.get("web-mode")),
            on_off(certificate) if certificate else default(Dialect.FORTIOS, "reqclientcert"),
            seen(_PROTOCOLS.get(lowest.words[-1], lowest.words[-1]), lowest.line) if lowest else ABSENT,
            on_off(portal.get("split-tunneling")),
            tuple(sorted({*settings.lines, *portal.lines})),
        )
        for portal in portals or (Entry("settings"),)
    )


def other_vpns(tables: Mapping[str, Entries]) -> tuple[OtherVpn, ...]:
    """Return PPTP and L2TP servers that are switched on."""
    return tuple(
        OtherVpn(kind, f"vpn {kind}", (entry.line("status"),))
        for kind in ("pptp", "l2tp")
        for entry in tables.get(f"vpn {kind}", ())
        if entry.word("status") == "enable"
    )


def relays(tables: Mapping[str, Entries]) -> tuple[Relay, ...]:
    """Return the policies that let traffic pass from one VPN to another."""
    tunnels = {entry.name for entry in tables.get("vpn ipsec phase1-interface", ())}
    found = []
    for policy in tables.get("firewall policy", ()):
        accepted = policy.word("action") == "accept" and policy.word("status") != "disable"
        source, target = policy.get("srcintf"), policy.get("dstintf")
        if accepted and source and target:
            pairs = [
                (start, end)
                for start in source.words[2:]
                for end in target.words[2:]
                if start != end and {start, end} <= tunnels
            ]
            found += [Relay(start, end, (source.line, target.line)) for start, end in pairs]
    return tuple(found)


def ipv6_tunnels(tables: Mapping[str, Entries]) -> tuple[Ipv6Tunnel, ...]:
    """Return the tunnels between IPv6 and IPv4."""
    kinds = {"system sit-tunnel": "6in4", "system ipv6-tunnel": "ipip", "system 6to4-tunnel": "6to4"}
    return tuple(
        Ipv6Tunnel(kind, f"{table} {entry.name}", entry.lines)
        for table, kind in kinds.items()
        for entry in tables.get(table, ())
    )
