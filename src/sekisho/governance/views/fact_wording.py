"""The facts of findings in the reader's words: names of fields become headings, values words, documents short names.

What stands in no table here is shown as it was stored: strange, but never left out.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sekisho.governance.forms.filters import OUTCOME_LABELS
from sekisho.ui.parts import Words

_MOST_FACTS = 200
_NOTHING = "―"
CERTAINTIES: Mapping[str, Words] = {
    "primary": _("the text of the rule was read"),
    "secondary": _("as quoted by others"),
    "memory": _("not yet compared with the text of the rule"),
    "own": _("our own judgement; no text says so"),
}
_NAMES: Mapping[str, Words] = {
    "accounts": _("Accounts"),
    "address": _("Network address"),
    "aggressive": _("Aggressive mode"),
    "aggressive_mode": _("Aggressive mode"),
    "alert": _("Alert"),
    "allowed": _("Allowed"),
    "answer": _("Answer"),
    "applications": _("Applications"),
    "any_refused": _("The empty network name is refused"),
    "at": _("Seen"),
    "at_least": _("At least"),
    "authentication": _("Authentication"),
    "banner": _("Greeting"),
    "bundle": _("Bundle"),
    "certainty": _("How sure"),
    "client_certificate": _("Client certificate"),
    "configuration": _("Configuration number"),
    "conforming": _("Conforming"),
    "counts": _("Counts"),
    "decided_by": _("Decided by"),
    "default_community": _("Well-known community name"),
    "detail": _("In detail"),
    "devices": _("Network devices"),
    "devices_in_group": _("Devices of this group"),
    "enabled": _("Switched on"),
    "encrypted": _("Encrypted"),
    "encryption": _("Encryption"),
    "ending": _("How it ended"),
    "endpoints": _("Endpoints"),
    "exchange": _("Key exchange"),
    "excluded": _("Not accepted"),
    "existing_lines": _("For existing lines only"),
    "file": _("File"),
    "format": _("Format"),
    "from_outside": _("From outside"),
    "groups": _("Groups of key exchange"),
    "guarded": _("Filter before it"),
    "host": _("Host"),
    "idle_minutes_at_most": _("Minutes without use at most"),
    "integrity": _("Integrity"),
    "late": _("Not decided in time"),
    "limited": _("Limited to addresses"),
    "line": _("Kind of line"),
    "lines": _("Lines"),
    "locked_in_time": _("Devices that lock in time"),
    "looked_at": _("Looked at"),
    "looks": _("What was looked at"),
    "mac_filter": _("Filter of MAC addresses"),
    "method": _("Way of asking"),
    "minimum_protocol": _("Lowest version"),
    "minutes_ordinary": _("Minutes without use on an ordinary computer"),
    "minutes_shared_terminal": _("Minutes without use on a shared terminal"),
    "name": _("Name"),
    "names": _("Names"),
    "never": _("Done in an emergency and never approved"),
    "no_user_can_change_it": _("Of these, where no user can change it"),
    "not_locked_in_time": _("Devices that do not lock in time"),
    "not_looked_at": _("Not looked at"),
    "not_told": _("Devices of which it cannot be told"),
    "observed_at": _("Seen"),
    "offset_seconds": _("Difference in seconds"),
    "or": _("Or"),
    "order": _("From old to new"),
    "ordinary": _("What became of the session on an ordinary computer"),
    "outcome": _("Result"),
    "outside": _("Outside"),
    "overdue": _("Approval after the fact overdue"),
    "port": _("Port"),
    "ports": _("Ports"),
    "prf": _("Key derivation"),
    "protocol": _("Protocol"),
    "radius": _("Authentication server"),
    "range": _("Range of addresses"),
    "ranges": _("Ranges of addresses"),
    "reached": _("Reached"),
    "recommended": _("Recommended"),
    "refused": _("Refused"),
    "registered": _("Registered"),
    "remarks": _("Remarks"),
    "rows": _("Rows"),
    "said": _("What it said"),
    "security": _("Encryption of the radio"),
    "seen_from": _("Seen from"),
    "seen_from_inside": _("Seen from inside"),
    "service": _("Service"),
    "sha256": "SHA-256",
    "shared": _("With one password for all"),
    "shared_terminal": _("What became of the session on a shared terminal"),
    "source": _("Source"),
    "sources": _("Time sources"),
    "split_tunnel": _("Split tunnel"),
    "status": _("Status"),
    "system_name": _("System"),
    "table_13_1": _("Table 13-1"),
    "ticket": _("Ticket"),
    "tool": _("Tool"),
    "uncertainty_seconds": _("Uncertainty in seconds"),
    "until": _("Last year of use"),
    "vantage": _("Seen from"),
    "version": _("Version"),
    "versions": _("Versions"),
    "waiting": _("Waited too long for a decision"),
    "weakness": _("Weak password"),
    "web_mode": _("Web mode"),
    "with_reason": _("With a reason on paper"),
    "within_seconds": _("Within seconds"),
    "wps": "WPS",
    "zone": _("Zone"),
}
# What the rest of the facts says in the reader's language already.
_HIDDEN = frozenset({"row"})
# As the ledger of lines and the tickets name them: their tables are closed to this room.
LINE_KINDS: Mapping[str, Words] = {
    "leased": _("Leased line"),
    "ip_vpn": _("IP-VPN"),
    "ipsec_ikev2": _("Internet VPN: IPsec with IKEv2, certificates"),
    "ipsec_ikev2_psk": _("Internet VPN: IPsec with IKEv2, pre-shared key"),
    "ipsec_ike": _("Internet VPN: IPsec with IKE (version 1)"),
    "ssl_vpn_client": _("Internet VPN: SSL-VPN, client type"),
    "ssl_vpn_other": _("Internet VPN: SSL-VPN, other type"),
    "vpn_other": _("Internet VPN: other"),
    "open_tls13_mtls": _("Open network: TLS 1.3 (high-security profile) with client certificate"),
    "open_tls12_mtls": _("Open network: TLS 1.2 (high-security profile) with client certificate"),
    "open_other": _("Open network: other"),
    "lan": _("Wired LAN inside the facility"),
    "wireless_lan": _("Wireless LAN inside the facility"),
}
VANTAGES: Mapping[str, Words] = {
    "internal": _("From inside"),
    "secure": _("From a secure network"),
    "open": _("From an open network"),
}
_OUTCOMES: Mapping[str, Words] = dict(OUTCOME_LABELS)
# By the field that holds them, or that holds what holds them.
_WORDS: Mapping[str, Mapping[str, Words]] = {
    "certainty": CERTAINTIES,
    "line": LINE_KINDS,
    "existing_lines": LINE_KINDS,
    "vantage": VANTAGES,
    "seen_from": VANTAGES,
    "seen_from_inside": _OUTCOMES,
    "outcome": _OUTCOMES,
    "endpoints": _OUTCOMES,
    "lines": _OUTCOMES,
}
# The first that fits names the document; the whole source stands in the details.
_DOCUMENTS: tuple[tuple[re.Pattern[str], Words], ...] = (
    (re.compile(r"MHLW (?:guideline|v)"), _("Guideline for medical information systems 7.0 (draft)")),
    (re.compile(r"IPA\b"), _("IPA: TLS configuration guideline")),
    (re.compile(r"CRYPTREC\b"), _("CRYPTREC Ciphers List")),
    (re.compile(r"NIST\b"), _("NIST publication")),
    (re.compile(r"RFC (\d+)"), ""),
    (re.compile(r"IANA\b"), _("IANA: service names")),
    (re.compile(r"Sekisho\b"), _("Judgement of Sekisho")),
)
_LONGEST_SOURCE = 24
_TITLES = ("host", "range", "name")


def short_source(source: str) -> str:
    """Return the name of the document that a source begins with, in the reader's language; a short one is itself."""
    for pattern, name in _DOCUMENTS:
        if match := pattern.match(source):
            return str(name) or match.group()
    return source if len(source) <= _LONGEST_SOURCE else gettext("Other document")


def fact_lines(facts: Any) -> list[tuple[str, str]]:
    """Return facts as terms with values, what lies inside another named by its way: ``Endpoints / 10.0.0.1``."""
    lines = list(_flat("", "", facts))
    if len(lines) > _MOST_FACTS:
        lines = [*lines[:_MOST_FACTS], ("…", gettext("%(number)s more") % {"number": len(lines) - _MOST_FACTS})]
    return lines


def _flat(way: str, field: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            if key not in _HIDDEN:
                yield from _flat(_way(way, name_of(key, inner)), key if key in _WORDS else field, inner)
    elif isinstance(value, list) and any(isinstance(inner, (Mapping, list)) for inner in value):
        for number, inner in enumerate(value, start=1):
            yield from _flat(_way(way, title_of(inner) or str(number)), field, _untitled(inner))
    elif way or value:
        yield way, value_words(value, field)


def _way(way: str, name: str) -> str:
    return f"{way} / {name}" if way else name


def name_of(field: str, value: Any = None) -> str:
    """Return the heading of a field; what stands in no table is the name of something and stays."""
    if field == "lines" and isinstance(value, list):  # of a configuration; network lines stand there by name
        return gettext("Line numbers")
    return str(_NAMES.get(field, field))


def is_field(name: str) -> bool:
    """Whether a name in facts is the name of a field, and not of a device or a host."""
    return name in _NAMES


def title_of(value: Any) -> str:
    """Return what one entry of a list is called by: its host, range or name; "" without one."""
    found = (value.get(name) for name in _TITLES) if isinstance(value, Mapping) else ()
    return next((each for each in found if isinstance(each, str) and each), "")


def _untitled(value: Any) -> Any:
    title = title_of(value)
    return {name: inner for name, inner in value.items() if inner != title} if title else value


def value_words(value: Any, field: str = "") -> str:
    """Return one observed value as people read it; ``field`` is the name of what holds it."""
    if value is None or value in ("", [], {}):
        return _NOTHING
    match value:
        case bool():
            return gettext("Yes") if value else gettext("No")
        case str():
            return str(_WORDS[field].get(value, value)) if field in _WORDS else value
        case list():
            return gettext(", ").join(value_words(inner, field) for inner in value)
        case {"basis": basis, "value": inner, **rest}:
            return _read_words(inner, str(basis), rest.get("lines"))
        case dict():
            return gettext("; ").join(_pairs(value, field))
    return str(value)


def _pairs(value: Mapping[str, Any], field: str) -> Iterator[str]:
    for key, inner in value.items():
        if key not in _HIDDEN:
            words = value_words(inner, key if key in _WORDS else field)
            yield gettext("%(name)s: %(value)s") % {"name": name_of(key, inner), "value": words}


def _read_words(value: Any, basis: str, lines: Any) -> str:
    """Return a value of a configuration with what it rests on: the lines it stands in, or the maker's default."""
    if basis == "absent":
        return gettext("not stated")
    if basis == "default":
        return gettext("%(value)s (the maker's default)") % {"value": value_words(value)}
    if not isinstance(lines, list) or not lines:
        return value_words(value)
    return gettext("%(value)s (line %(lines)s)") % {"value": value_words(value), "lines": ", ".join(map(str, lines))}
