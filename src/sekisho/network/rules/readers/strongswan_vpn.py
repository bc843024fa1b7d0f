"""What the connections of strongSwan say about key exchange, in either of its two formats."""

from collections.abc import Iterable, Mapping

from sekisho.network.rules.device_configuration import (
    ABSENT,
    Dialect,
    KeyExchange,
    Phase,
    Proposal,
    Seen,
    no,
    seen,
    yes,
)
from sekisho.network.rules.readers import algorithms
from sekisho.network.rules.readers.defaults import default
from sekisho.network.rules.readers.statements import Statement

Settings = Mapping[str, Statement]
_YES = frozenset({"yes", "true", "enabled", "1"})
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def swanctl_exchanges(statements: Iterable[Statement]) -> tuple[KeyExchange, ...]:
    """Return every connection; what a referenced block sets counts where the connection itself is silent."""
    blocks: dict[tuple[str, ...], dict[str, Statement]] = {}
    references: dict[tuple[str, ...], tuple[str, ...]] = {}
    for statement in statements:
        path = tuple(_name(part) for part in statement.path)
        for depth, part in enumerate(statement.path, 1):
            blocks.setdefault(path[:depth], {})
            references.setdefault(path[:depth], _references(part))
        if statement.path:
            blocks[path][statement.words[0]] = statement
    resolved = {path: _inherited(path, blocks, references) for path in blocks}
    names = sorted(path for path in resolved if len(path) == 2 and path[0] == "connections")
    return tuple(_connection(path, resolved) for path in names)


def _name(part: str) -> str:
    return part.split(" :", maxsplit=1)[0].split(":", maxsplit=1)[0].strip()


def _references(part: str) -> tuple[str, ...]:
    _own, colon, others = part.partition(":")
    return tuple(other.strip() for other in others.split(",") if other.strip()) if colon else ()


def _inherited(
    path: tuple[str, ...],
    blocks: Mapping[tuple[str, ...], Settings],
    references: Mapping[tuple[str, ...], tuple[str, ...]],
) -> dict[str, Statement]:
    """Return the settings of a block, after those of the blocks it refers to (one step, which is what people write)."""
    found: dict[str, Statement] = {}
    for reference in references.get(path, ()):
        found.update(blocks.get(tuple(reference.split(".")), {}))
        found.update(blocks.get((*path[:-1], reference), {}))
    for depth in range(1, len(path)):
        for reference in references.get(path[:depth], ()):
            found.update(blocks.get((*reference.split("."), *path[depth:]), {}))
            found.update(blocks.get((*path[: depth - 1], reference, *path[depth:]), {}))
    return {**found, **blocks[path]}


def _connection(path: tuple[str, ...], blocks: Mapping[tuple[str, ...], Settings]) -> KeyExchange:
    own = blocks[path]
    inside = {each: settings for each, settings in blocks.items() if each[:2] == path}
    version = own.get("version")
    versions: Seen[tuple[int, ...]] = default(Dialect.SWANCTL, "version")
    if version:
        numbers = {"0": (1, 2), "1": (1,), "2": (2,)}.get(version.words[1])
        versions = seen(numbers, version.line) if numbers else ABSENT
    children = {each: settings for each, settings in inside.items() if len(each) == 4 and each[2] == "children"}
    proposals = [*_proposals(f"{path[1]} ike", own.get("proposals"), Phase.IKE, own.get("rekey_time"))]
    for each, settings in sorted(children.items()):
        name = f"{path[1]} {each[3]}"
        if "ah_proposals" in settings:
            proposals += _proposals(name, settings["ah_proposals"], Phase.ESP, None, encrypted=False)
        if "esp_proposals" in settings or "ah_proposals" not in settings:
            proposals += _proposals(name, settings.get("esp_proposals"), Phase.ESP, settings.get("rekey_time"))
    return KeyExchange(
        path[1],
        versions,
        _aggressive(own.get("aggressive"), versions, Dialect.SWANCTL),
        _ends(inside),
        tuple(proposals),
        lines=tuple(sorted({statement.line for settings in inside.values() for statement in settings.values()})),
    )


def _ends(inside: Mapping[tuple[str, ...], Settings]) -> Seen[tuple[str, ...]]:
    """Return how both ends authenticate; an end whose method is not written leaves the answer to the default."""
    found: set[str] = set()
    lines: list[int] = []
    silent = False
    for end in ("local", "remote"):
        rounds = [settings for path, settings in inside.items() if len(path) == 3 and path[2].startswith(end)]
        methods = [settings["auth"] for settings in rounds if "auth" in settings]
        silent = silent or not methods or len(methods) < len(rounds)
        found |= {_method(method.words[1]) for method in methods}
        lines += [method.line for method in methods]
    if silent and "psk" not in found:
        return default(Dialect.SWANCTL, "auth")
    return seen(tuple(sorted(found)), *lines)


def _method(word: str) -> str:
    plain = word.lower().split("-")[0]
    if plain in ("psk", "secret", "xauthpsk"):
        return "psk"
    if plain in ("eap", "xauth"):
        return plain
    return "certificate" if plain in ("pubkey", "rsa", "ecdsa", "ike", "rsasig", "ecdsasig", "bliss") else word.lower()


def _aggressive(statement: Statement | None, versions: Seen[tuple[int, ...]], dialect: Dialect) -> Seen[bool]:
    if versions.value == (2,):
        return no(*versions.lines)
    return seen(statement.words[1].lower() in _YES, statement.line) if statement else default(dialect, "aggressive")


def _proposals(
    name: str, listed: Statement | None, phase: Phase, life: Statement | None, *, encrypted: bool = True
) -> list[Proposal]:
    """Return each proposal of a comma-separated list; "default" and an absent list say nothing by themselves."""
    lifetime = seen(seconds, life.line) if life and (seconds := _seconds(life.words[1])) else ABSENT
    if listed is None:
        return [Proposal(name, phase, lifetime=lifetime)]
    found = []
    for word in listed.words[1].replace("!", "").split(","):
        text, line = word.strip(), listed.line
        if text == "default" or not text:
            found.append(Proposal(f"{name} default", phase, lifetime=lifetime, lines=(line,)))
            continue
        parts = algorithms.suite(text)
        macs = parts.integrity
        lacking = not macs and not algorithms.AUTHENTICATED.issuperset(parts.encryption)
        found.append(
            Proposal(
                f"{name} {text}",
                phase,
                seen((*parts.encryption, *parts.unknown) if encrypted else ("null",), line),
                ABSENT if lacking else seen(macs, line),
                seen(parts.prf, line),
                seen(parts.groups, line) if parts.groups else ABSENT,
                lifetime,
                (line,),
            )
        )
    return found


def _seconds(text: str) -> int:
    number, unit = (text[:-1], text[-1:]) if text[-1:] in _UNITS else (text, "s")
    return int(number) * _UNITS[unit] if number.isdigit() else 0


def ipsec_exchanges(statements: Iterable[Statement]) -> tuple[KeyExchange, ...]:
    """Return every `conn` of ipsec.conf with what it takes from `%default` and `also`."""
    sections: dict[str, dict[str, Statement]] = {}
    for statement in statements:
        if statement.path and statement.path[0].startswith("conn "):
            sections.setdefault(statement.path[0][5:], {})[statement.words[0].lower()] = statement
        elif statement.words[0] == "conn" and len(statement.words) > 1:
            sections.setdefault(statement.words[1], {})
    common = sections.pop("%default", {})
    found = []
    for name, own in sorted(sections.items()):
        base = sections.get(own["also"].words[1], {}) if "also" in own else {}
        found.append(_ipsec_connection(name, {**common, **base, **own}))
    return tuple(found)


def _ipsec_connection(name: str, settings: Settings) -> KeyExchange:
    exchange = settings.get("keyexchange")
    versions: Seen[tuple[int, ...]] = default(Dialect.IPSEC_CONF, "version")
    if exchange:
        numbers = {"ike": (1, 2), "ikev1": (1,), "ikev2": (2,)}.get(exchange.words[1].lower())
        versions = seen(numbers, exchange.line) if numbers else ABSENT
    listed = [settings[key] for key in ("ike", "esp") if key in settings]
    open_lists = [each for each in listed if not each.words[1].endswith("!")]
    if len(listed) == 2 and not open_lists:
        beyond: Seen[bool] = no(*(each.line for each in listed))
    else:
        beyond = yes(*(each.line for each in open_lists)) if open_lists else default(Dialect.IPSEC_CONF, "beyond")
    return KeyExchange(
        name,
        versions,
        _aggressive(settings.get("aggressive"), versions, Dialect.IPSEC_CONF),
        _ipsec_authentication(settings),
        (
            *_proposals(f"{name} ike", settings.get("ike"), Phase.IKE, settings.get("ikelifetime")),
            *_proposals(f"{name} esp", settings.get("esp"), Phase.ESP, settings.get("lifetime")),
        ),
        beyond,
        tuple(sorted(statement.line for statement in settings.values())),
    )


def _ipsec_authentication(settings: Settings) -> Seen[tuple[str, ...]]:
    ends = [settings[key] for key in ("leftauth", "rightauth") if key in settings]
    whole = len(ends) == 2
    methods = ends if whole else [*ends, *([settings["authby"]] if "authby" in settings else [])]
    found = {_method(each.words[1]) for each in methods}
    if not whole and "authby" not in settings and "psk" not in found:
        return default(Dialect.IPSEC_CONF, "auth")
    return seen(tuple(sorted(found)), *(each.line for each in methods))
