"""17③ for the platform itself: its clock agrees with what two time sources or more have in common."""

from datetime import timedelta

from sekisho.kernel.declarations import Control, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.queries.clock_findings import platform_findings
from sekisho.network.rules.clocks import PLATFORM_BOUND

control = Control(
    id="network.platform_clock",
    title=_("Sekisho's own clock agrees with standard time"),
    subject_kind=SubjectKind.SYSTEM,
    check=platform_findings,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_("Let the computer that Sekisho runs on set its clock by NTP (chrony, systemd-timesyncd, W32Time)."),
    parameters={"platform_within_seconds": PLATFORM_BOUND.seconds, "sources_agreeing_at_least": 2},
)
