"""What a line that is absent means, where the vendor says so: data with its source. Anything not listed is unknown.

A default can break a rule, and it can leave a question open; it never proves that a rule holds, because defaults differ
between versions and a file may have been cut. ``certainty`` is "primary" (the vendor's text was read), "secondary"
(quoted by somebody who read it) or "memory".
"""

from dataclasses import dataclass
from typing import Any

from sekisho.network.rules.device_configuration import (
    Basis,
    Dialect,
    Seen,
)


@dataclass(frozen=True, slots=True)
class Default:
    """The value of an absent line, and where that is written."""

    value: Any
    source: str
    certainty: str


def _flag(source: str, certainty: str, *, value: bool) -> Default:
    return Default(value, source, certainty)


_YAMAHA_IPSEC = "Yamaha command reference (RTX5000 … RTX830, vRX), chapter IPsec"
_YAMAHA_SNMP = "Yamaha command reference (RTX5000 … RTX830, vRX), chapter SNMP"
_FORTIOS = "FortiOS CLI reference 7.x"
_IOS = "Cisco IOS security command reference"
_ISAKMP = "Cisco IOS, output of 'show crypto isakmp policy': default protection suite"
_SWANCTL = "swanctl.conf(5), strongSwan 5.9"
_IPSEC = "ipsec.conf(5), strongSwan 5.9"
_HOSTAPD = "hostapd.conf as shipped with hostapd 2.10"
# Without `ipsec ike proposal-limitation on` all of these are offered in IKEv2.
_YAMAHA_ALL = {
    "encryption": ("aes-cbc", "3des", "des"),
    "integrity": ("hmac-sha2-256", "hmac-sha1", "hmac-md5"),
}

_TABLE: dict[Dialect, dict[str, Default]] = {
    Dialect.YAMAHA: {
        "ike-version": Default((1,), f"{_YAMAHA_IPSEC}: ipsec ike version", "primary"),
        "encryption": Default(("3des",), f"{_YAMAHA_IPSEC}: ipsec ike encryption", "primary"),
        "hash": Default(("hmac-sha1",), f"{_YAMAHA_IPSEC}: ipsec ike hash", "primary"),
        "group": Default(("modp1024",), f"{_YAMAHA_IPSEC}: ipsec ike group", "primary"),
        "certificate": Default(("certificate",), f"{_YAMAHA_IPSEC}: ipsec ike auth method (auto)", "primary"),
        "all": Default(_YAMAHA_ALL, f"{_YAMAHA_IPSEC}: ipsec ike proposal-limitation", "primary"),
        "beyond-1": _flag(f"{_YAMAHA_IPSEC}: ipsec ike negotiate-strictly", "primary", value=True),
        "beyond-2": _flag(f"{_YAMAHA_IPSEC}: ipsec ike negotiation receive", "primary", value=True),
        "esp-encryption": Default(("aes-cbc",), f"{_YAMAHA_IPSEC}: ipsec sa policy", "primary"),
        "esp-integrity": Default(("none",), f"{_YAMAHA_IPSEC}: ipsec sa policy", "primary"),
        "community": _flag(f"{_YAMAHA_SNMP}: snmp community read-only", "primary", value=True),
    },
    Dialect.FORTIOS: {
        "ike-version": Default((1,), f"{_FORTIOS}: vpn ipsec phase1-interface, ike-version", "memory"),
        "mode": _flag(f"{_FORTIOS}: vpn ipsec phase1-interface, mode", "memory", value=False),
        "authmethod": Default(("psk",), f"{_FORTIOS}: vpn ipsec phase1-interface, authmethod", "secondary"),
        "groups": Default(("modp2048", "modp1536"), f"{_FORTIOS}: vpn ipsec phase1-interface, dhgrp", "memory"),
        "reqclientcert": Default(
            value=False, source=f"{_FORTIOS}: vpn ssl settings, reqclientcert", certainty="memory"
        ),
        "security": Default(("wpa2-psk",), f"{_FORTIOS}: wireless-controller vap, security", "memory"),
        "hidden": Default(
            value=False, source=f"{_FORTIOS}: wireless-controller vap, broadcast-ssid", certainty="memory"
        ),
    },
    Dialect.CISCO_IOS: {
        "aggressive": _flag(f"{_IOS}: crypto isakmp aggressive-mode disable", "primary", value=True),
        "encryption": Default(("des",), _ISAKMP, "secondary"),
        "hash": Default(("hmac-sha1",), _ISAKMP, "secondary"),
        "group": Default(("modp768",), _ISAKMP, "secondary"),
        "authentication": Default(("certificate",), _ISAKMP, "secondary"),
    },
    Dialect.CISCO_ASA: {
        "aggressive": Default(
            value=True, source="Cisco ASA command reference: crypto ikev1 am-disable", certainty="memory"
        ),
    },
    Dialect.SWANCTL: {
        "version": Default((1, 2), f"{_SWANCTL}: connections.<conn>.version", "primary"),
        "aggressive": _flag(f"{_SWANCTL}: connections.<conn>.aggressive", "primary", value=False),
        "auth": Default(("certificate",), f"{_SWANCTL}: connections.<conn>.local.auth", "primary"),
    },
    Dialect.IPSEC_CONF: {
        "version": Default((1, 2), f"{_IPSEC}: keyexchange", "primary"),
        "aggressive": _flag(f"{_IPSEC}: aggressive", "primary", value=False),
        "auth": Default(("certificate",), f"{_IPSEC}: authby, leftauth", "primary"),
        "beyond": _flag(f"{_IPSEC}: ike, esp (no exclamation mark)", "primary", value=True),
    },
    Dialect.HOSTAPD: {
        "wpa": Default(("open",), f"{_HOSTAPD}: wpa", "secondary"),
        "wpa_key_mgmt": Default("WPA-PSK", f"{_HOSTAPD}: wpa_key_mgmt", "memory"),
        "hidden": _flag(f"{_HOSTAPD}: ignore_broadcast_ssid", "primary", value=False),
        "wps": _flag(f"{_HOSTAPD}: wps_state", "primary", value=False),
    },
}


def default(dialect: Dialect, name: str) -> Seen[Any]:
    """Return the documented default of an absent line, or an absent value."""
    known = _TABLE.get(dialect, {}).get(name)
    return Seen(known.value, (), Basis.DEFAULT, known.source, known.certainty) if known else Seen()
