"""13⑤⑩⑪: routers and the like are not managed from outside, pass nothing on between others, use no default passwords.

A difference from the approved configuration is told and does not fail: the guideline names no baseline. Passwords count
only where they are blank or well known: item 5 does not ask about them, and one that is stored as a hash is no fault.
"""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.kernel.declarations import Control, Finding, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.actions import DeviceAction
from sekisho.network.queries.link_findings import Look, codes_for, findings

# Which lines end at the device is the question of the VPN and wireless controls.
_ELSEWHERE = frozenset({"CONF-LINE"})
_ONLY_BROKEN = frozenset({"MGMT-PASS"})


def check() -> Iterator[Finding]:
    """Judge every line by the configurations of the devices that it runs over."""
    codes = codes_for("SO-13-5", "SO-13-10", "SO-13-11") - _ELSEWHERE
    return findings(Look(codes, only_broken=_ONLY_BROKEN, with_drift=True))


control = Control(
    id="network.device_configuration",
    title=_("Settings of routers and other network devices"),
    subject_kind=SubjectKind.LINK,
    check=check,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_(
        "Ask the vendor to close the management page and ports to the outside and to change default passwords. "
        "Then hand in the new configuration of the device."
    ),
    parameters={},
    facts_for=DeviceAction.VIEW,
)
