"""The VPN commands of Yamaha routers: `ipsec ike …`, `ipsec sa policy …`, `tunnel encapsulation …`, `pptp …`."""

import re
from collections.abc import Iterator, Mapping

from sekisho.network.rules.device_configuration import (
    ABSENT,
    Basis,
    Dialect,
    Ipv6Tunnel,
    KeyExchange,
    OtherVpn,
    Phase,
    Proposal,
    Seen,
    no,
    seen,
    yes,
)
from sekisho.network.rules.readers import algorithms
from sekisho.network.rules.readers.defaults import default
from sekisho.network.rules.readers.statements import Statement, starting

# The commands that are followed by the number of a gateway, and matter here.
_KEYS = (
    "version", "auth method", "pre-shared-key", "pki file", "eap request", "encryption", "hash", "group",
    "proposal-limitation", "negotiate-strictly", "negotiation receive", "remote name", "local name", "remote address",
    "duration isakmp-sa", "duration ike-sa",
)  # fmt: skip
_BY_WORDS = {tuple(key.split()): key for key in _KEYS}
_RANGE = re.compile(r"(\d+)-(\d+)")
_MOST_TUNNELS = 6000
Settings = Mapping[str, Statement]


def exchanges(statements: list[Statement]) -> tuple[KeyExchange, ...]:
    """Return every gateway with its key exchange and the proposals of its policies."""
    gateways: dict[str, dict[str, Statement]] = {}
    for statement in starting(statements, "ipsec ike"):
        if found := _gateway_key(statement.words[2:]):
            key, gateway = found
            gateways.setdefault(gateway, {})[key] = statement
    policies: dict[str, list[Statement]] = {}
    for statement in starting(statements, "ipsec sa policy"):
        if len(statement.words) > 4:
            policies.setdefault(statement.words[4], []).append(statement)
    origin = _templates(statements)
    return tuple(
        _exchange(
            gateway,
            {**gateways.get(origin.get(gateway, ""), {}), **gateways.get(gateway, {})},
            policies.get(gateway) or policies.get(origin.get(gateway, ""), []),
        )
        for gateway in sorted(gateways.keys() | policies.keys(), key=lambda name: (len(name), name))
    )


def _gateway_key(words: tuple[str, ...]) -> tuple[str, str] | None:
    for size in (2, 1):
        key = _BY_WORDS.get(words[:size])
        if key and len(words) > size:
            return key, words[size]
    return None


def _templates(statements: list[Statement]) -> dict[str, str]:
    """Return from which tunnel a tunnel takes the settings that it lacks."""
    origin: dict[str, str] = {}
    for statement in starting(statements, "tunnel template"):
        source = statement.path[0].split()[-1] if statement.path else ""
        for word in statement.words[2:]:
            match = _RANGE.fullmatch(word)
            first, final = map(int, match.groups()) if match else (0, -1)
            numbers = range(first, min(final, first + _MOST_TUNNELS) + 1) if match else (word,)
            origin.update({str(number): source for number in numbers})
    return origin


def _exchange(gateway: str, settings: Settings, policies: list[Statement]) -> KeyExchange:
    versions = _versions(settings)
    second = versions.value == (2,)
    every = {statement.line for statement in (*settings.values(), *policies)}
    unlimited = _unlimited(settings) if second else None
    return KeyExchange(
        f"gateway {gateway}",
        versions,
        _aggressive(settings, versions),
        _authentication(settings, second=second),
        (
            _ike_proposal(gateway, settings, unlimited),
            *(_esp_proposal(policy, unlimited) for policy in policies),
        ),
        _beyond(settings, second=second),
        tuple(sorted(every)),
    )


def _versions(settings: Settings) -> Seen[tuple[int, ...]]:
    statement = settings.get("version")
    if statement is None:
        return default(Dialect.YAMAHA, "ike-version")
    return seen((int(statement.words[4]),), statement.line) if statement.words[4:5] in (("1",), ("2",)) else ABSENT


def _aggressive(settings: Settings, versions: Seen[tuple[int, ...]]) -> Seen[bool]:
    """Names mean aggressive mode, a fixed address of the peer main mode; IKEv2 has neither."""
    if versions.value == (2,):
        return Seen(value=False, lines=versions.lines, basis=versions.basis)
    names = [settings[key].line for key in ("remote name", "local name") if key in settings]
    if names:
        return yes(*names)
    address = settings.get("remote address")
    return no(address.line) if address and address.words[-1] != "any" else ABSENT


def _authentication(settings: Settings, *, second: bool) -> Seen[tuple[str, ...]]:
    method, key = settings.get("auth method"), settings.get("pre-shared-key")
    named = {"pre-shared-key": "psk", "certificate": "certificate", "eap-md5": "eap"}
    if second and method and method.words[-1] in named:
        return seen((named[method.words[-1]],), method.line)
    if key:
        return seen(("psk",), key.line)
    return default(Dialect.YAMAHA, "certificate") if second and "pki file" in settings else ABSENT


def _unlimited(settings: Settings) -> Seen[dict[str, tuple[str, ...]]] | None:
    """Return every algorithm the device supports where IKEv2 offers all of them, None where it keeps to the list."""
    limit = settings.get("proposal-limitation")
    if limit and limit.words[-1] == "on":
        return None
    known: Seen[dict[str, tuple[str, ...]]] = default(Dialect.YAMAHA, "all")
    return Seen(known.value, (limit.line,), Basis.READ, known.source, known.certainty) if limit else known


def _part(unlimited: Seen[dict[str, tuple[str, ...]]], name: str) -> Seen[tuple[str, ...]]:
    value = (unlimited.value or {})[name]
    return Seen(value, unlimited.lines, unlimited.basis, unlimited.source, unlimited.certainty)


def _ike_proposal(gateway: str, settings: Settings, unlimited: Seen[dict[str, tuple[str, ...]]] | None) -> Proposal:
    encryption = settings.get("encryption")
    digest = settings.get("hash")
    groups = settings.get("group")
    lifetime = settings.get("duration isakmp-sa") or settings.get("duration ike-sa")
    seconds = lifetime.words[5] if lifetime and len(lifetime.words) > 5 else ""
    integrity = _part(unlimited, "integrity") if unlimited else _named(digest, algorithms.integrity, "hash")
    return Proposal(
        f"ike {gateway}",
        Phase.IKE,
        _part(unlimited, "encryption") if unlimited else _named(encryption, algorithms.encryption, "encryption"),
        integrity,
        integrity,
        _named(groups, algorithms.group, "group"),
        seen(int(seconds), lifetime.line) if lifetime and seconds.isdigit() else ABSENT,
        tuple(sorted(each.line for each in (encryption, digest, groups) if each)),
    )


def _named(statement: Statement | None, named: algorithms.Naming, key: str) -> Seen[tuple[str, ...]]:
    if statement is None:
        return default(Dialect.YAMAHA, key)
    values = tuple(named(word) for word in statement.words[4:])
    return seen(values, statement.line) if values else ABSENT


def _esp_proposal(policy: Statement, unlimited: Seen[dict[str, tuple[str, ...]]] | None) -> Proposal:
    """Return the algorithms of `ipsec sa policy <policy> <gateway> esp|ah [encryption] [integrity]`."""
    name, protocol = f"policy {policy.words[3]}", policy.words[5:6]
    chosen = [word for word in policy.words[6:] if "=" not in word]
    if protocol == ("ah",):
        integrity = seen((algorithms.integrity(chosen[0]),), policy.line) if chosen else ABSENT
        return Proposal(name, Phase.ESP, seen(("null",), policy.line), integrity, lines=(policy.line,))
    if unlimited:
        return Proposal(
            name, Phase.ESP, _part(unlimited, "encryption"), _part(unlimited, "integrity"), lines=(policy.line,)
        )
    encryption = [algorithms.encryption(word) for word in chosen if not word.endswith("-hmac")]
    integrity_words = [algorithms.integrity(word) for word in chosen if word.endswith("-hmac")]
    return Proposal(
        name,
        Phase.ESP,
        seen(tuple(encryption), policy.line) if encryption else default(Dialect.YAMAHA, "esp-encryption"),
        seen(tuple(integrity_words), policy.line) if integrity_words else default(Dialect.YAMAHA, "esp-integrity"),
        lines=(policy.line,),
    )


def _beyond(settings: Settings, *, second: bool) -> Seen[bool]:
    """As the answering side the router takes any algorithm it supports, unless told otherwise."""
    key, closed = ("negotiation receive", "off") if second else ("negotiate-strictly", "on")
    statement = settings.get(key)
    if statement is None:
        return default(Dialect.YAMAHA, "beyond-2" if second else "beyond-1")
    return seen(statement.words[-1] != closed, statement.line)


def other_vpns(statements: list[Statement]) -> tuple[OtherVpn, ...]:
    """Return PPTP, and L2TP tunnels that have no IPsec around them."""
    found = [
        OtherVpn("pptp", statement.text, (statement.line,))
        for statement in starting(statements, "pptp service")
        if statement.words[-1] == "on"
    ]
    protected = {statement.path for statement in starting(statements, "ipsec tunnel")}
    for statement in starting(statements, "tunnel encapsulation"):
        kind = statement.words[-1]
        if kind == "pptp" or (kind.startswith("l2tp") and statement.path not in protected):
            found.append(OtherVpn(kind, " ".join(statement.path), (statement.line,)))
    return tuple(found)


def ipv6_tunnels(statements: list[Statement]) -> tuple[Ipv6Tunnel, ...]:
    """Return the tunnels that carry IPv4 in IPv6 or the reverse."""
    return tuple(_ipv6_tunnels(statements))


def _ipv6_tunnels(statements: list[Statement]) -> Iterator[Ipv6Tunnel]:
    endpoints = {
        statement.path: statement
        for command in ("tunnel endpoint address", "tunnel endpoint remote address", "tunnel endpoint name")
        for statement in starting(statements, command)
    }
    for statement in starting(statements, "tunnel encapsulation"):
        kind, endpoint = statement.words[-1], endpoints.get(statement.path)
        if kind in ("map-e", "6rd", "6to4"):
            yield Ipv6Tunnel(kind, " ".join(statement.path), (statement.line,))
        elif kind == "ipip":
            remote = endpoint.words[-1] if endpoint else ""
            kind = "ds-lite" if ":" in remote else "ipip"
            lines = (statement.line, *((endpoint.line,) if endpoint else ()))
            yield Ipv6Tunnel(kind, " ".join(statement.path), lines)
