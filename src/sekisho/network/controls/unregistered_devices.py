"""13⑤: devices that answer in the facility's ranges of addresses without being registered."""

from datetime import timedelta

from sekisho.kernel.declarations import Control, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.actions import NetworkAction
from sekisho.network.queries.sweep_findings import unregistered_findings

control = Control(
    id="network.unregistered_devices",
    title=_("No unregistered device on the network"),
    subject_kind=SubjectKind.LINK,
    check=unregistered_findings,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_("Find out what the device is. Register its endpoint if it belongs here, else disconnect it."),
    parameters={},
    facts_for=NetworkAction.VIEW_EXPOSURE,
)
