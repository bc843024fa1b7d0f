"""13④⑥⑦⑨⑩⑫, 7⑬: VPN lines exchange keys, authenticate and encrypt as item 7 asks, by the configurations handed in."""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.kernel.declarations import Control, Finding, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.actions import DeviceAction
from sekisho.network.queries.link_findings import Look, codes_for, findings, kinds_of, over_the_facility


def check() -> Iterator[Finding]:
    """Judge every VPN line by the configurations of its devices, and the facility by its VPN lines."""
    codes = codes_for("SO-13-4", "SO-13-6", "SO-13-7")
    found = list(findings(Look(codes, kinds_of(codes))))
    yield from found
    yield from over_the_facility(found)


control = Control(
    id="network.vpn_configuration",
    title=_("Settings of the VPN lines"),
    subject_kind=SubjectKind.LINK,
    check=check,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_(
        "Ask the vendor for IKEv2 with certificates and recommended ciphers, or an SSL-VPN of the client type. "
        "Then hand in the new configuration of the device."
    ),
    # Version 1 on existing equipment and TLS 1.2 are never a pass here: the reason on paper decides.
    parameters={
        "ike_minimum_version": 2,
        "ike_minimum_version_existing": 1,
        "ike_psk_allowed": False,
        "ike_aggressive_mode_allowed": False,
        "cipher_list": "e_government_recommended",
        "ssl_vpn_types": ["client"],
        "tls_minimum_version": 1.3,
        "tls_minimum_version_with_reason": 1.2,
    },
    facts_for=DeviceAction.VIEW,
)
