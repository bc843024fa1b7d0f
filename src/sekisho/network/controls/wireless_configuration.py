"""13⑬(1)–(3): who may join the wireless networks, and how they encrypt, by the configurations handed in."""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.kernel.declarations import Control, Finding, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.actions import DeviceAction
from sekisho.network.queries.link_findings import Look, codes_for, findings, kinds_of


def check() -> Iterator[Finding]:
    """Judge every wireless line by the configurations of its devices."""
    codes = codes_for("SO-13-13-1", "SO-13-13-2", "SO-13-13-3")
    return findings(Look(codes, kinds_of(codes)))


control = Control(
    id="network.wireless_configuration",
    title=_("Settings of the wireless networks"),
    subject_kind=SubjectKind.LINK,
    check=check,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_(
        "Ask the vendor for WPA2 or WPA3 with authentication of each device (EAP), without a password for all. "
        "Then hand in the new configuration of the access point."
    ),
    parameters={"wifi_security_allowed": ["wpa2_eap", "wpa3_eap", "wpa3_sae"]},
    facts_for=DeviceAction.VIEW,
)
