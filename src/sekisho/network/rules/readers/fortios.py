"""FortiOS: the output of `show` or `show full-configuration`, or a backup file.

Nested blocks (`config … edit … set … next … end`), quoted texts that may run over lines, virtual domains. The sections
on VPN are understood in :mod:`fortios_vpn`.
"""

import re
from collections.abc import Iterator, Mapping

from sekisho.network.rules.device_configuration import (
    ABSENT,
    Access,
    Basis,
    DeviceConfiguration,
    Dialect,
    Password,
    Seen,
    Snmp,
    Wifi,
    Zone,
    no,
    seen,
    yes,
)
from sekisho.network.rules.readers import fortios_vpn
from sekisho.network.rules.readers.defaults import default
from sekisho.network.rules.readers.fortios_vpn import Entries, Entry, on_off
from sekisho.network.rules.readers.secrets import Secrets, hide_free_text
from sekisho.network.rules.readers.source import Source
from sekisho.network.rules.readers.statements import (
    ANYWHERE,
    Parsed,
    Reader,
    Statement,
    open_block,
    open_string,
    split_words,
    stray_end,
)

_HEADER = re.compile(r"#config-version=([^:]+)")
_ESCAPED = re.compile(r"\\.")
_SECRET_KEY = re.compile(
    r"pass(?!through|ive|-thro?u|-session)|secret|psk|pwd|token|community|credential|private-key|shared|api-?key"
    r"|(?:^|[-_])key(?:-?\d+)?$|enc-?key|auth-?key|md5-?key|hash-?key|keystring|(?:auth|priv)-?(?:key|phrase)|cookie",
    re.IGNORECASE,
)
_OPEN_KEYS = frozenset({"keylife", "keylifeseconds", "keylifekbs", "keylife-type", "password-policy", "passwd-policy"})
# What is sent elsewhere or run, whole: headers, bodies and scripts hold secrets under names that nobody can foresee.
_WHOLE_KEYS = frozenset({"headers", "http-headers", "http-body", "script"})
_SENT = re.compile(r"system automation-|(?:http-)?headers$")
_SENT_KEYS = frozenset({"uri", "value", "content"})
_BRIEF = frozenset({"system snmp community"})
_WIFI = {
    "open": ("open",),
    "captive-portal": ("open",),
    "osen": ("open",),
    "owe": ("owe",),
    "wep64": ("wep",),
    "wep128": ("wep",),
    "wpa-personal": ("wpa", "wpa2-psk"),
    "wpa-personal+captive-portal": ("wpa", "wpa2-psk"),
    "wpa-enterprise": ("wpa", "wpa2-eap"),
    "wpa-only-personal": ("wpa",),
    "wpa-only-enterprise": ("wpa",),
    "wpa2-only-personal": ("wpa2-psk",),
    "wpa2-only-personal+captive-portal": ("wpa2-psk",),
    "wpa2-only-enterprise": ("wpa2-eap",),
    "wpa3-sae": ("wpa3-sae",),
    "wpa3-sae-transition": ("wpa2-psk", "wpa3-sae"),
    "wpa3-enterprise": ("wpa3-enterprise",),
    "wpa3-only-enterprise": ("wpa3-enterprise",),
    "wpa3-enterprise-transition": ("wpa2-eap", "wpa3-enterprise"),
}
MANAGEMENT = frozenset({"https", "ssh", "http", "telnet", "snmp"})


def parse(source: Source, secrets: Secrets) -> Parsed:
    """Split the blocks; faults are blocks and texts left open, and ends of nothing."""
    parsed, stack = Parsed(), list[tuple[str, str, int]]()
    for number, text in _joined(source, parsed):
        if text.startswith("#"):
            if match := _HEADER.match(text):
                parsed.statements.append(Statement(number, ("#",), (match.group(1),)))
            continue
        words = split_words(text)
        if words:
            _step(number, words, stack, parsed, secrets)
    parsed.faults.extend(open_block(line) for _kind, _name, line in stack)
    return parsed


def _joined(source: Source, parsed: Parsed) -> Iterator[tuple[int, str]]:
    """Yield each logical line with the number of its first row: a quoted text may run over several."""
    held: list[str] = []
    start = 0
    for number, line in enumerate(source.lines, 1):
        if not held:
            start = number
        held.append(line)
        text = line if len(held) == 1 else None
        if _odd(line) == (text is not None):
            continue  # a text was opened here, or the one that is open goes on
        yield start, ("\n".join(held) if text is None else text).strip()
        held = []
    if held:
        parsed.faults.append(open_string(start))
        yield start, "\n".join(held).strip()


def _odd(line: str) -> bool:
    """Whether a line opens or closes a quoted text that goes on elsewhere."""
    return '"' in line and not line.lstrip().startswith("#") and _ESCAPED.sub("", line).count('"') % 2 == 1


def _step(number: int, words: list[str], stack: list[tuple[str, str, int]], parsed: Parsed, secrets: Secrets) -> None:
    match words[0].lower():
        case "config" | "edit" as kind:
            stack.append((kind, " ".join(hide_free_text(words[1:], secrets) if kind == "edit" else words[1:]), number))
        case "next":
            if stack and stack[-1][0] == "edit":
                stack.pop()
            else:
                parsed.faults.append(stray_end(number))
        case "end":
            if stack and stack[-1][0] == "edit":
                stack.pop()
            if stack:
                stack.pop()
            else:
                parsed.faults.append(stray_end(number))
        case _:
            path = tuple(name for _kind, name, _line in stack)
            parsed.statements.append(Statement(number, path, _hidden(words, path, secrets)))


def _hidden(words: list[str], path: tuple[str, ...], secrets: Secrets) -> tuple[str, ...]:
    """Hide the value of every key that names a secret, whatever the section; "ENC" stays, it says how it was stored."""
    if len(words) < 3:
        return tuple(words)
    values = words[2:]
    if _is_secret(words[1].lower(), path):
        stored = ["ENC"] if values[0] == "ENC" and len(values) > 1 else []
        return (*words[:2], *stored, secrets.hide(" ".join(values[len(stored) :])))
    return (*words[:2], *hide_free_text(values, secrets))


def _is_secret(key: str, path: tuple[str, ...]) -> bool:
    """Whether the value of a key is hidden whole: by the name of the key, or by the section that it stands in."""
    if _SECRET_KEY.search(key):
        return key not in _OPEN_KEYS
    if key in _SENT_KEYS:
        return any(_SENT.match(name) for name in path)
    return key in _WHOLE_KEYS or (key == "name" and not _BRIEF.isdisjoint(path))


def understand(parsed: Parsed, secrets: Secrets) -> DeviceConfiguration:
    """Return what the sections say."""
    header = next((each for each in parsed.statements if each.path == ("#",)), None)
    sections = fortios_vpn.sections(parsed.statements)
    outside = _outside(sections)
    return DeviceConfiguration(
        Dialect.FORTIOS,
        firmware=seen(header.words[0], header.line) if header else ABSENT,
        outside=outside,
        exchanges=fortios_vpn.exchanges(sections),
        ssl_vpns=fortios_vpn.ssl_vpns(sections),
        other_vpns=fortios_vpn.other_vpns(sections),
        relays=fortios_vpn.relays(sections),
        ipv6_tunnels=fortios_vpn.ipv6_tunnels(sections),
        accesses=tuple(_accesses(sections, outside)),
        snmp=tuple(_snmp(sections, secrets)),
        passwords=tuple(_passwords(sections, secrets)),
        wifi=tuple(map(_wifi, sections.get("wireless-controller vap", ()))),
        faults=tuple(parsed.faults),
    )


def _outside(sections: Mapping[str, Entries]) -> Seen[tuple[str, ...]]:
    """Return the interfaces with the role "wan", and those a default route leads to."""
    found: dict[str, int] = {}
    for entry in sections.get("system interface", ()):
        if entry.word("role") == "wan":
            found[entry.name] = entry.line("role")
    for entry in sections.get("router static", ()):
        whole = entry.word("dst") in (None, ANYWHERE) and entry.word("dstaddr") is None
        if whole and (device := entry.word("device")):
            found.setdefault(device, entry.line("device"))
    return seen(tuple(sorted(found)), *found.values()) if found else ABSENT


def _accesses(sections: Mapping[str, Entries], outside: Seen[tuple[str, ...]]) -> Iterator[Access]:
    limited = _trusted_hosts(sections)
    for entry in sections.get("system interface", ()):
        zone = _zone(entry, outside)
        statement = entry.get("allowaccess")
        if statement is None:
            if zone is Zone.WAN:
                yield Access("*", entry.name, zone, lines=entry.lines)
            continue
        named = [word.lower() for word in statement.words[2:]] if statement.words[0] != "unset" else []
        services = sorted(MANAGEMENT.intersection(named))
        for service in services:
            yield Access(service, entry.name, zone, yes(statement.line), limited, lines=(statement.line,))
        if not services:
            yield Access("*", entry.name, zone, no(statement.line), lines=(statement.line,))


def _zone(entry: Entry, outside: Seen[tuple[str, ...]]) -> Zone:
    if entry.name in (outside.value or ()):
        return Zone.WAN
    return Zone.LAN if entry.word("role") in ("lan", "dmz") else Zone.UNKNOWN


def _trusted_hosts(sections: Mapping[str, Entries]) -> Seen[bool]:
    """Return whether every administrator is bound to addresses: one who is not opens the login page to all."""
    administrators = sections.get("system admin", ())
    bound = [
        [statement for key, statement in entry.settings.items() if re.fullmatch(r"trusthost\d+", key)]
        for entry in administrators
    ]
    if not administrators:
        return ABSENT
    narrow = all(hosts and all(ANYWHERE not in host.words[-1:] for host in hosts) for hosts in bound)
    lines = [host.line for hosts in bound for host in hosts] or [
        line for entry in administrators for line in entry.lines
    ]
    return seen(narrow, *lines)


def _snmp(sections: Mapping[str, Entries], secrets: Secrets) -> Iterator[Snmp]:
    for entry in sections.get("system snmp community", ()):
        name = entry.get("name")
        weakness = secrets.weakness(name.words[-1]) if name else None
        weak = seen(weakness in ("default", "blank"), name.line) if name and weakness else ABSENT
        for version in ("v1", "v2c"):
            if entry.word("status") != "disable" and entry.word(f"query-{version}-status") != "disable":
                yield Snmp(version, f"community {entry.name}", weak, lines=entry.lines)
    for entry in sections.get("system snmp user", ()):
        level = entry.get("security-level")
        encrypted = seen(level.words[-1] == "auth-priv", level.line) if level else ABSENT
        yield Snmp("v3", f"user {entry.name}", encrypted=encrypted, lines=entry.lines)


def _passwords(sections: Mapping[str, Entries], secrets: Secrets) -> Iterator[Password]:
    for entry in sections.get("system admin", ()):
        statement = entry.get("password")
        if statement is None:
            yield Password(f"admin {entry.name}", lines=entry.lines)
            continue
        stored = "ENC" in statement.words  # encrypted by the device: which password it is cannot be told
        weakness = None if stored else secrets.weakness(statement.words[-1])
        yield Password(f"admin {entry.name}", Seen(weakness, (statement.line,), Basis.READ), (statement.line,))


def _wifi(entry: Entry) -> Wifi:
    security, broadcast = entry.get("security"), entry.get("broadcast-ssid")
    modes = _WIFI.get(security.words[-1], (security.words[-1],)) if security else ()
    radius = [each for key in ("radius-server", "auth") if (each := entry.get(key)) and each.words[0] != "unset"]
    filters = [each for key in ("radius-mac-auth", "mac-filter") if (each := entry.get(key))]
    return Wifi(
        entry.word("ssid") or entry.name,
        seen(modes, security.line) if security else default(Dialect.FORTIOS, "security"),
        yes(*(each.line for each in radius)) if radius else ABSENT,
        seen(broadcast.words[-1] == "disable", broadcast.line) if broadcast else default(Dialect.FORTIOS, "hidden"),
        seen(any(each.words[-1] == "enable" for each in filters), *(each.line for each in filters))
        if filters
        else ABSENT,
        on_off(entry.get("wps")),
        entry.lines,
    )


READER = Reader(Dialect.FORTIOS, parse, understand)
