"""Which kind of configuration a text is, told from its content, with the line that tells it.

Each kind has signatures, every one counted once; two of them decide, or one that only this kind can hold. Text that
carries the mark of a device we do not read is refused by name.
"""

import re
from dataclasses import dataclass

from sekisho.kernel.text import Text, _
from sekisho.network.rules.device_configuration import Dialect
from sekisho.network.rules.readers import wifi_export
from sekisho.network.rules.readers.errors import UnknownConfiguration
from sekisho.network.rules.readers.source import Source

NAMES: dict[Dialect, str] = {
    Dialect.FORTIOS: "FortiOS",
    Dialect.CISCO_IOS: "Cisco IOS",
    Dialect.CISCO_ASA: "Cisco ASA",
    Dialect.YAMAHA: "Yamaha RTX",
    Dialect.SWANCTL: "strongSwan swanctl.conf",
    Dialect.IPSEC_CONF: "strongSwan ipsec.conf",
    Dialect.HOSTAPD: "hostapd.conf",
    Dialect.WIFI_EXPORT: "CSV / JSON",
}
_SURE = 2
# One line each; the number is what it weighs.
_SIGNATURES: dict[Dialect, tuple[tuple[str, int], ...]] = {
    Dialect.FORTIOS: (
        (r"#config-version=F\S+", 2),
        (r"config (?:system|vpn|firewall|user|router|wireless-controller|log|webfilter|vdom) ?.*", 1),
        (r"\s+edit \S+.*", 1),
        (r"\s+set [a-z0-9-]+ \S.*", 1),
    ),
    Dialect.CISCO_IOS: (
        (r"(?:Building configuration\.\.\.|Current configuration : \d+ bytes)", 2),
        (r"version 1[0-9]\.\d+\S*", 1),
        (
            r"crypto (?:isakmp (?:policy|key|profile)|ikev2 (?:proposal|profile|keyring) [A-Za-z]|pki trustpoint) ?.*",
            1,
        ),
        (r"line (?:vty|con|aux) \d+.*", 1),
        (r"(?:no )?ip http (?:secure-)?server", 1),
        (r"(?:no )?service (?:timestamps|password-encryption).*", 1),
        (r"interface (?:Fast|Gigabit|TenGigabit)?Ethernet\S+|interface (?:Dialer|Tunnel|Vlan|Loopback)\d+", 1),
        (r"enable (?:secret|password) [0-9] .*", 1),
    ),
    Dialect.CISCO_ASA: (
        (r"ASA Version \S+.*", 2),
        (r": Saved", 1),
        (r"\s+nameif \S+", 1),
        (r"\s+security-level \d+", 1),
        (r"tunnel-group \S+ (?:type|ipsec-attributes|webvpn-attributes|general-attributes).*", 1),
        (r"(?:http|ssh|telnet) \d+\.\d+\.\d+\.\d+ \d+\.\d+\.\d+\.\d+ \S+", 1),
        (r"crypto ikev[12] (?:enable \S+|policy \d+)", 1),
    ),
    Dialect.YAMAHA: (
        (r"#\s*(?:RTX|NVR|FWX|SRT|vRX|RT)\S*\s+Rev\.[\d.]+.*", 2),
        (r"\s*(?:pp|tunnel) select \S+", 1),
        (r"\s*ip lan\d\S* address \S+.*", 1),
        (r"\s*ipsec (?:ike|sa policy|tunnel|auto refresh|transport) .*", 1),
        (r"\s*ip route default gateway .*", 1),
        (r"\s*nat descriptor \S+ .*", 1),
        (r"\s*(?:telnetd|httpd|sshd) (?:host|service) \S+.*", 1),
        (r"\s*(?:login|administrator) password .*", 1),
    ),
    Dialect.SWANCTL: (
        (r"\s*#?\s*(?:connections|secrets|pools|authorities)\s*\{.*", 1),
        (r"\s*#?\s*(?:local|remote)\S*\s*(?::.*)?\{.*", 1),
        (r"\s*#?\s*children\s*\{.*", 1),
        (r"include conf\.d/\*\.conf", 1),
        (r"\s*#?\s*(?:esp_proposals|proposals|remote_addrs)\s*=.*", 1),
    ),
    Dialect.IPSEC_CONF: (
        (r"config setup\s*", 2),
        (r"conn \S+\s*", 1),
        (r"\s+(?:left|right|keyexchange|authby|leftauth|ike|esp|auto)\w*\s*=.*", 1),
    ),
    Dialect.HOSTAPD: (
        (r"ssid2?=.*", 1),
        (r"interface=\S+", 1),
        (r"(?:hw_mode|driver|channel|auth_algs|wpa|wpa_key_mgmt|bss|ieee80211\w+|macaddr_acl)=.*", 1),
    ),
}
_FOREIGN = (
    (re.compile(r"! NEC Portable Internetwork Core Operating System|^nm ip ", re.MULTILINE), "NEC UNIVERGE IX"),
    (re.compile(r"^## Last commit:|^set version \d+\.|^system \{\n\s+host-name", re.MULTILINE), "Juniper Junos"),
    (re.compile(r"^# .* by RouterOS |^/interface ", re.MULTILINE), "MikroTik RouterOS"),
    (re.compile(r"awplus|AlliedWare|^interface port\d+\.\d+\.\d+$", re.IGNORECASE | re.MULTILINE), "AlliedWare Plus"),
    (re.compile(r"^interface port\d+\.\d+$", re.MULTILINE), "Yamaha SWX"),
    (re.compile(r"^vrf context |^feature-set ", re.MULTILINE), "Cisco NX-OS"),
    (re.compile(r"^; J[A-Z0-9]+ Configuration Editor|^; hpStack", re.MULTILINE), "HPE ArubaOS-Switch"),
    (re.compile(r"<config [^>]*urldb=|<pfsense>", re.IGNORECASE), "PAN-OS / pfSense"),
)
_COMPILED = {
    dialect: tuple((re.compile(f"^{pattern}$", re.MULTILINE), weight) for pattern, weight in signatures)
    for dialect, signatures in _SIGNATURES.items()
}


@dataclass(frozen=True, slots=True)
class Detection:
    """The kind that was recognised, and why."""

    dialect: Dialect
    reason: Text


def detect(source: Source) -> Detection:
    """Return the kind of ``source``. Raises UnknownConfiguration."""
    if _is_table(source):
        return Detection(Dialect.WIFI_EXPORT, _("It is a table with the columns “ssid” and “security”."))
    for mark, name in _FOREIGN:
        if mark.search(source.text):
            raise UnknownConfiguration(found=_("it is from a device that is not read yet: %(name)s", name=name))
    scores = {dialect: _score(dialect, source.text) for dialect in _COMPILED}
    best = max(scores, key=lambda dialect: scores[dialect][0])
    weight, lines = scores[best]
    if weight < _SURE:
        raise UnknownConfiguration(found=_("no line belongs to one of the kinds that are read"))
    equals = {dialect for dialect, (other, _lines) in scores.items() if other == weight}
    if len(equals) > 1:
        names = ", ".join(sorted(NAMES[dialect] for dialect in equals))
        raise UnknownConfiguration(found=_("it could be any of these: %(names)s", names=names))
    shown = ", ".join(map(str, lines))
    return Detection(best, _("Lines %(lines)s are of the kind %(name)s.", lines=shown, name=NAMES[best]))


def _score(dialect: Dialect, text: str) -> tuple[int, list[int]]:
    weight, lines = 0, set()
    for pattern, counts in _COMPILED[dialect]:
        if match := pattern.search(text):
            weight += counts
            lines.add(text.count("\n", 0, match.start()) + 1)
    return weight, sorted(lines)


def _is_table(source: Source) -> bool:
    """Whether the file begins like the documented table; its first rows are read to find out."""
    text = source.text.lstrip()
    first = text.split("\n", 1)[0]
    if text[:1] in ("[", "{"):
        start = text[:2000].casefold()
        return '"ssid"' in start or any(f'"{name}"' in start for name in ("networks", "wlans", "ssids"))
    cells = {wifi_export.column(cell.strip().strip('"')) for separator in ",;\t" for cell in first.split(separator)}
    return {"ssid", "security"} <= cells
