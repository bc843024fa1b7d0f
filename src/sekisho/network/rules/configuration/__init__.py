"""Judging a device's configuration by the guideline: pure, from the common model and a profile to remarks.

A remark is OK only where lines say so, NG where a line or a documented default breaks the rule, and UNKNOWN otherwise:
a line that is not there proves nothing. Every remark names the lines it rests on.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sekisho.kernel.canonical import Json
from sekisho.kernel.text import _
from sekisho.network.rules.configuration import management, ssl_vpn, vpn, wireless
from sekisho.network.rules.configuration.profile import Profile, Rule, parse_profile
from sekisho.network.rules.device_configuration import DeviceConfiguration
from sekisho.network.rules.judged import Judged
from sekisho.network.rules.strict_yaml import DataInvalid

__all__ = ["Profile", "Rule", "judge", "parse_profile"]


def _whole(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark for everything in the file that could not be read."""
    for fault in device.faults:
        yield rule.remark(rule.levels["broken"], fault.text, {"lines": [fault.line]})


def _line(_profile: Profile, rule: Rule, device: DeviceConfiguration, line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark if the configuration shows nothing of the kind of line it was handed in for."""
    section = rule.expected["shows"].get(line_kind)
    if section and not getattr(device, section):
        message = _("Nothing of this kind of line is set up in the configuration; is it the right device?")
        observed: dict[str, Json] = {"line": line_kind, "dialect": device.dialect.value}
        yield rule.remark(rule.levels["broken"], message, observed)


Check = Callable[[Profile, Rule, DeviceConfiguration, str | None], Iterator[Judged]]
CHECKS: dict[str, Check] = {
    "CONF-WHOLE": _whole,
    "CONF-LINE": _line,
    "VPN-IKE1": vpn.ike_version,
    "VPN-AGG": vpn.aggressive_mode,
    "VPN-PSK": vpn.pre_shared_key,
    "VPN-ALG": vpn.algorithms,
    "VPN-KIND": vpn.other_kinds,
    "VPN-TRANSIT": vpn.transit,
    "SSLVPN-TYPE": ssl_vpn.client_type,
    "SSLVPN-CERT": ssl_vpn.client_certificate,
    "SSLVPN-TLS": ssl_vpn.protocol,
    "VPN-SPLIT": ssl_vpn.split_tunnel,
    "MGMT-EXP": management.exposure,
    "MGMT-PLAIN": management.plain_text,
    "MGMT-SNMP": management.snmp,
    "MGMT-PASS": management.passwords,
    "NET-IPV6": vpn.ipv6_tunnels,
    "WIFI": wireless.encryption,
    "WIFI-ANY": wireless.any_refused,
    "WIFI-MAC": wireless.mac_filter,
    "WIFI-WPS": wireless.wps,
}


def judge(profile: Profile, device: DeviceConfiguration, line_kind: str | None = None) -> tuple[Judged, ...]:
    """Return every remark about ``device``, by the order of the rules and then by name.

    ``line_kind`` is the registered kind of the line that the device serves (`LineKind` of the estate), if it serves
    one; rules of other kinds of line are then left out. Raises DataInvalid if the profile has other rules.
    """
    if profile.rules.keys() != CHECKS.keys():
        raise DataInvalid(f"rules and checks differ: {sorted(profile.rules.keys() ^ CHECKS.keys())}")
    remarks: list[Judged] = []
    for code, check in CHECKS.items():
        rule = profile.rules[code]
        if rule.concerns(line_kind):
            remarks += sorted(check(profile, rule, device, line_kind), key=_order)
    return tuple(remarks)


def _order(remark: Judged) -> tuple[str, str]:
    observed: Any = remark.observed
    return str(observed.get("name", "")), remark.message.msgid
