"""hostapd: `key=value` lines; `bss=` begins another network of the same access point; comments begin with `#`."""

import re
from collections.abc import Mapping

from sekisho.network.rules.device_configuration import (
    ABSENT,
    DeviceConfiguration,
    Dialect,
    Seen,
    Wifi,
    seen,
)
from sekisho.network.rules.readers.defaults import default
from sekisho.network.rules.readers.secrets import Secrets, is_telling
from sekisho.network.rules.readers.source import Source
from sekisho.network.rules.readers.statements import Parsed, Reader, Statement, by_path, unread_include

_SECRET_KEY = re.compile(
    r"wpa_passphrase|wpa_psk$|sae_password|wep_key\d|shared_secret|private_key_passwd|passwd|password|_pin$|^ap_pin"
    r"|secret|passphrase|_psk$|wps_nfc_dev_pw|r0kh|r1kh|sta_psk|pac_opaque_encr_key|dpp_\w*key|dpp_csign|_req_attr$"
)
_FILES = frozenset({"wpa_psk_file", "sae_password_file", "eap_user_file"})
_SHARED = frozenset({"WPA-PSK", "WPA-PSK-SHA256", "FT-PSK"})
_PERSONAL_3 = frozenset({"SAE", "FT-SAE", "SAE-EXT-KEY", "FT-SAE-EXT-KEY"})
_ENTERPRISE = frozenset({"WPA-EAP", "WPA-EAP-SHA256", "FT-EAP", "OSEN"})
_ENTERPRISE_3 = frozenset({"WPA-EAP-SUITE-B", "WPA-EAP-SUITE-B-192", "FT-EAP-SHA384"})
Settings = Mapping[str, Statement]


def parse(source: Source, secrets: Secrets) -> Parsed:
    """Split the lines; nothing but a whole line is a comment."""
    parsed, section = Parsed(), ""
    for number, row in enumerate(source.lines, 1):
        text = row.strip()
        if not text or text.startswith("#"):
            continue
        key, _equals, value = text.partition("=")
        key = key.strip()
        if key in ("bss", "interface"):
            section = f"{key} {value}"
        if key == "include":
            parsed.faults.append(unread_include(number))
        hidden = (_SECRET_KEY.search(key) and key not in _FILES) or is_telling(value)
        shown = secrets.hide(value) if hidden else value.strip()
        parsed.statements.append(Statement(number, (section,) if section else (), (key, shown)))
    return parsed


def understand(parsed: Parsed, _secrets: Secrets) -> DeviceConfiguration:
    """Return the networks: one for the interface, one for each further BSS."""
    found = []
    for path, statements in by_path(parsed.statements).items():
        settings = {statement.words[0]: statement for statement in statements}
        if path or "ssid" in settings:
            found.append(_network(" ".join(path), settings))
    return DeviceConfiguration(Dialect.HOSTAPD, wifi=tuple(found), faults=tuple(parsed.faults))


def _network(name: str, settings: Settings) -> Wifi:
    ssid = settings.get("ssid") or settings.get("ssid2")
    hidden, acl, wps = settings.get("ignore_broadcast_ssid"), settings.get("macaddr_acl"), settings.get("wps_state")
    radius = [settings[key].line for key in ("auth_server_addr", "ieee8021x") if key in settings]
    return Wifi(
        ssid.words[1].strip('"') if ssid else name,
        _security(settings),
        seen("auth_server_addr" in settings or settings["ieee8021x"].words[1] == "1", *radius) if radius else ABSENT,
        seen(hidden.words[1] != "0", hidden.line) if hidden else default(Dialect.HOSTAPD, "hidden"),
        seen(acl.words[1] != "0", acl.line) if acl else ABSENT,
        seen(wps.words[1] != "0", wps.line) if wps else default(Dialect.HOSTAPD, "wps"),
        tuple(sorted(statement.line for statement in settings.values())),
    )


def _security(settings: Settings) -> Seen[tuple[str, ...]]:
    """Return every method a client may join by: version and key management together say it."""
    wpa, management = settings.get("wpa"), settings.get("wpa_key_mgmt")
    keys = [statement for key, statement in settings.items() if re.fullmatch(r"wep_key\d|wep_default_key", key)]
    if keys and (wpa is None or wpa.words[1] == "0"):
        return seen(("wep",), *(statement.line for statement in keys))
    if wpa is None:
        return default(Dialect.HOSTAPD, "wpa")
    if wpa.words[1] == "0":
        return seen(("open",), wpa.line)
    if not wpa.words[1].isdigit():
        return ABSENT
    lines = (wpa.line, *((management.line,) if management else ()))
    implied: Seen[str] = default(Dialect.HOSTAPD, "wpa_key_mgmt")
    chosen = set((management.words[1] if management else implied.value or "").split())
    found = {"wpa"} if int(wpa.words[1]) & 1 else set()
    if int(wpa.words[1]) & 2:
        found |= {name for names, name in _BY_MANAGEMENT if chosen & names}
        found |= {word.lower() for word in chosen - _KNOWN}
    if management is None:
        return Seen(tuple(sorted(found)), lines, implied.basis, implied.source, implied.certainty)
    return seen(tuple(sorted(found)), *lines) if found else ABSENT


_BY_MANAGEMENT = (
    (_SHARED, "wpa2-psk"),
    (_PERSONAL_3, "wpa3-sae"),
    (_ENTERPRISE, "wpa2-eap"),
    (_ENTERPRISE_3, "wpa3-enterprise"),
    (frozenset({"OWE"}), "owe"),
)
_KNOWN = frozenset[str]().union(*(names for names, _name in _BY_MANAGEMENT))
READER = Reader(Dialect.HOSTAPD, parse, understand)
