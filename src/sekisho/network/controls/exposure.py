"""7⑫, 10④, 13⑤: what is reachable is registered, and nothing is reachable from where it must not be."""

from datetime import timedelta

from sekisho.kernel.declarations import Control, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.actions import NetworkAction
from sekisho.network.queries.exposure_findings import exposure_findings

control = Control(
    id="network.exposure",
    title=_("Nothing reachable that need not be"),
    subject_kind=SubjectKind.SYSTEM,
    check=exposure_findings,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_(
        "Close the port on the device or in the firewall, or register the endpoint if it is needed. "
        "Management ports and remote desktop are never open to the internet."
    ),
    parameters={},
    facts_for=NetworkAction.VIEW_EXPOSURE,
)
