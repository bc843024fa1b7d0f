"""The VPN commands of Cisco IOS and ASA: `crypto …`, `tunnel-group …`, `webvpn`, tunnels."""

from collections.abc import Callable, Iterator, Mapping

from sekisho.network.rules.device_configuration import (
    ABSENT,
    Dialect,
    Ipv6Tunnel,
    KeyExchange,
    OtherVpn,
    Phase,
    Proposal,
    Seen,
    SslVpn,
    no,
    seen,
    yes,
)
from sekisho.network.rules.readers import algorithms
from sekisho.network.rules.readers.defaults import default
from sekisho.network.rules.readers.statements import Statement, last, starting

_METHODS = {
    "pre-share": "psk",
    "pre-shared-key": "psk",
    "rsa-sig": "certificate",
    "ecdsa-sig": "certificate",
    "rsa-encr": "certificate",
    "certificate": "certificate",
    "eap": "eap",
    "anyconnect-eap": "eap",
    "crack": "xauth",
}
_SUFFIXES = ("-hmac",)


def exchanges(statements: list[Statement], dialect: Dialect) -> tuple[KeyExchange, ...]:
    """Return the key exchange of each version that is set up."""
    blocks = _blocks(statements)
    return (*_first_version(statements, blocks, dialect), *_second_version(statements, blocks))


Blocks = Mapping[str, list[Statement]]


def _blocks(statements: list[Statement]) -> Blocks:
    """Return the lines inside each block by its first line."""
    found: dict[str, list[Statement]] = {}
    for statement in statements:
        if statement.path:
            found.setdefault(statement.path[-1], []).append(statement)
    return found


def _block(blocks: Blocks, header: Statement) -> list[Statement]:
    return blocks.get(header.text, [])


def _first_version(statements: list[Statement], blocks: Blocks, dialect: Dialect) -> Iterator[KeyExchange]:
    policies = [*starting(statements, "crypto isakmp policy"), *starting(statements, "crypto ikev1 policy")]
    keys = [
        each
        for command in ("crypto isakmp key", "crypto isakmp profile", "crypto ikev1 enable", "crypto isakmp enable")
        for each in starting(statements, command)
    ]
    shared = [
        each
        for each in [*starting(statements, "ikev1 pre-shared-key"), *starting(statements, "pre-shared-key")]
        if each.path and not each.path[0].startswith("crypto ikev2")
    ]
    if not policies and not keys and not shared:
        return
    methods: set[str] = set()
    said: list[int] = []
    for policy in policies:
        method = last(_block(blocks, policy), "authentication")
        if method:
            methods.add(_METHODS.get(method.words[-1], method.words[-1]))
            said.append(method.line)
    for key in [*starting(statements, "crypto isakmp key"), *shared]:
        methods.add("psk")
        said.append(key.line)
    for trust in starting(statements, "ikev1 trust-point"):
        methods.add("certificate")
        said.append(trust.line)
    authentication: Seen[tuple[str, ...]] = (
        seen(tuple(sorted(methods)), *said) if methods else default(dialect, "authentication")
    )
    closed = last(statements, "crypto isakmp aggressive-mode disable") or last(statements, "crypto ikev1 am-disable")
    lines = tuple(sorted({each.line for each in (*policies, *keys, *shared)}))
    yield KeyExchange(
        "isakmp",
        seen((1,), *lines),
        no(closed.line) if closed else default(dialect, "aggressive"),
        authentication,
        tuple(_ike_proposal(policy, _block(blocks, policy), dialect) for policy in policies),
        lines=lines,
    )


def _ike_proposal(header: Statement, block: list[Statement], dialect: Dialect | None) -> Proposal:
    """Return one policy of version 1, or one proposal or policy of version 2 (no dialect: nothing is implied)."""
    cipher = last(block, "encryption") or last(block, "encr")
    life = last(block, "lifetime")
    digest = last(block, "integrity") or last(block, "hash")
    prf, groups = last(block, "prf"), last(block, "group")

    def named(statement: Statement | None, name: Callable[[str], str], key: str) -> Seen[tuple[str, ...]]:
        if statement is None:
            return default(dialect, key) if dialect else ABSENT
        words = _with_sizes(statement.words[1:]) if statement is cipher else statement.words[1:]
        return seen(tuple(name(word) for word in words), statement.line)

    seconds = life.words[-1] if life else ""
    return Proposal(
        header.text,
        Phase.IKE,
        named(cipher, algorithms.encryption, "encryption"),
        named(digest, algorithms.integrity, "hash"),
        named(prf, algorithms.integrity, "hash") if prf else ABSENT,
        named(groups, algorithms.group, "group"),
        seen(int(seconds), life.line) if life and seconds.isdigit() else ABSENT,
        tuple(sorted({header.line, *(each.line for each in block)})),
    )


def _with_sizes(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the names of encryptions; "aes 256" is one, written as two words."""
    for index, word in enumerate(words):
        size = words[index + 1] if index + 1 < len(words) and words[index + 1].isdigit() else ""
        if not word.isdigit():
            yield f"{word}-{size}" if size else word


def _second_version(statements: list[Statement], blocks: Blocks) -> Iterator[KeyExchange]:
    proposals = [
        _ike_proposal(header, _block(blocks, header), None)
        for command in ("crypto ikev2 proposal", "crypto ikev2 policy")
        for header in starting(statements, command)
        if command.endswith("proposal") or last(_block(blocks, header), "encryption")
    ]
    profiles = starting(statements, "crypto ikev2 profile")
    for header in profiles:
        block = _block(blocks, header)
        yield _profile(header.text, starting(block, "authentication"), proposals, [header, *block], at=2)
    asa = [
        each
        for command in ("ikev2 remote-authentication", "ikev2 local-authentication")
        for each in starting(statements, command)
    ]
    others = [*starting(statements, "crypto ikev2 enable"), *starting(statements, "crypto ikev2 keyring")]
    if asa or (not profiles and (proposals or others)):
        yield _profile("ikev2", asa, proposals, [*asa, *others], at=2)


def _profile(
    name: str, methods: list[Statement], proposals: list[Proposal], lines: list[Statement], *, at: int
) -> KeyExchange:
    """Return an exchange of version 2: the word ``at`` of each line names how one end authenticates."""
    found = {_METHODS.get(each.words[at], each.words[at]) for each in methods if len(each.words) > at}
    numbers = {each.line for each in lines} | {line for each in proposals for line in each.lines}
    # Both ends must be named before anything is said of them.
    ends = {each.words[1].split("-")[0] for each in methods}
    whole = {"local", "remote"} <= ends or "psk" in found
    return KeyExchange(
        name,
        seen((2,), *numbers),
        no(*numbers),
        seen(tuple(sorted(found)), *(each.line for each in methods)) if found and whole else ABSENT,
        tuple(proposals),
        lines=tuple(sorted(numbers)),
    )


def traffic_proposals(statements: list[Statement]) -> tuple[Proposal, ...]:
    """Return the transform sets, the proposals of version 2 for traffic, and the groups of perfect forward secrecy."""
    found, blocks = [], _blocks(statements)
    for header in starting(statements, "crypto ipsec"):
        words = header.words
        if "transform-set" in words and not header.path:
            found.append(_transform_set(header, list(words[words.index("transform-set") + 1 :])))
        elif "ipsec-proposal" in words:
            found.append(_ipsec_proposal(header, _block(blocks, header)))
    for statement in statements:
        pfs = statement.words.index("pfs") if "pfs" in statement.words[:-1] else 0
        if pfs and statement.words[pfs - 1] == "set":
            group = seen((algorithms.group(statement.words[-1]),), statement.line)
            place = " / ".join([*statement.path, statement.text])
            empty: Seen[tuple[str, ...]] = seen((), statement.line)
            found.append(Proposal(place, Phase.ESP, empty, empty, groups=group, lines=(statement.line,)))
    return tuple(found)


def _transform_set(header: Statement, words: list[str]) -> Proposal:
    name, chosen = words[0] if words else "", words[1:]
    macs = [
        algorithms.integrity(word.removeprefix("esp-").removeprefix("ah-"))
        for word in chosen
        if word.endswith(_SUFFIXES)
    ]
    ciphers = [word.removeprefix("esp-") for word in chosen if word.startswith("esp-") and not word.endswith(_SUFFIXES)]
    sizes = [word for word in chosen if word.isdigit()]
    named = [algorithms.encryption({"gcm": "aes-gcm", "gmac": "aes-gmac"}.get(word, word)) for word in ciphers]
    if not named:
        named = ["null"] if macs else [word for word in chosen if word not in sizes]
    lacking = not macs and not algorithms.AUTHENTICATED.issuperset(named)
    return Proposal(
        f"transform-set {name}",
        Phase.ESP,
        seen(tuple(named), header.line) if named else ABSENT,
        seen(("none",) if lacking else tuple(macs), header.line),
        lines=(header.line,),
    )


def _ipsec_proposal(header: Statement, block: list[Statement]) -> Proposal:
    cipher, digest = last(block, "protocol esp encryption"), last(block, "protocol esp integrity")
    return Proposal(
        header.text,
        Phase.ESP,
        seen(tuple(map(algorithms.encryption, cipher.words[3:])), cipher.line) if cipher else ABSENT,
        seen(tuple(map(algorithms.integrity, digest.words[3:])), digest.line) if digest else ABSENT,
        lines=tuple(sorted({header.line, *(each.line for each in block)})),
    )


def ssl_vpns(statements: list[Statement]) -> tuple[SslVpn, ...]:
    """Return the SSL-VPN of an ASA, and the gateways of IOS, of which little can be read."""
    found = [
        SslVpn(header.text, lines=(header.line,))
        for command in ("webvpn gateway", "crypto ssl profile")
        for header in starting(statements, command)
    ]
    block = [each for each in statements if each.path and each.path[0] == "webvpn"]
    enabled = [each for each in starting(block, "enable") if len(each.words) == 2]
    if enabled:
        found.append(_asa_ssl_vpn(statements, enabled))
    return tuple(found)


def _asa_ssl_vpn(statements: list[Statement], enabled: list[Statement]) -> SslVpn:
    protocols = starting(statements, "vpn-tunnel-protocol")
    methods = [
        each
        for each in starting(statements, "authentication")
        if each.path and each.path[0].startswith("tunnel-group") and each.path[0].endswith("webvpn-attributes")
    ]
    everywhere = last(statements, "ssl certificate-authentication")
    lowest = last(statements, "ssl server-version")
    split = starting(statements, "split-tunnel-policy")
    certificates = all("certificate" in each.words for each in methods)
    version = lowest.words[2].replace("tlsv", "tls") if lowest and len(lowest.words) > 2 else ""
    return SslVpn(
        "webvpn",
        yes(*(each.line for each in enabled)),
        seen(any("ssl-clientless" in each.words for each in protocols), *(each.line for each in protocols))
        if protocols
        else ABSENT,
        yes(everywhere.line)
        if everywhere
        else seen(certificates, *(each.line for each in methods))
        if methods
        else ABSENT,
        seen("tls1.0" if version == "tls1" else version, lowest.line) if lowest else ABSENT,
        seen(any(each.words[-1] != "tunnelall" for each in split), *(each.line for each in split)) if split else ABSENT,
        tuple(sorted({each.line for each in (*enabled, *protocols, *methods, *split)})),
    )


def other_vpns(statements: list[Statement]) -> tuple[OtherVpn, ...]:
    """Return the VPDN groups that speak PPTP."""
    return tuple(
        OtherVpn("pptp", " / ".join(each.path), (each.line,)) for each in starting(statements, "protocol pptp")
    )


def ipv6_tunnels(statements: list[Statement]) -> tuple[Ipv6Tunnel, ...]:
    """Return the tunnel interfaces that carry IPv6 in IPv4."""
    return tuple(
        Ipv6Tunnel(each.words[3] if len(each.words) > 3 else "6in4", " / ".join(each.path), (each.line,))
        for each in starting(statements, "tunnel mode ipv6ip")
    )
