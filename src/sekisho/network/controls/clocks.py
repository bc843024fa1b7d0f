"""17③: the clocks of every system agree with the platform's, and that one with standard time."""

from datetime import timedelta

from sekisho.kernel.declarations import Control, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.queries.clock_findings import system_findings
from sekisho.network.rules.clocks import HOST_BOUND, PLATFORM_BOUND

control = Control(
    id="network.clocks",
    title=_("Clocks of the systems agree with standard time"),
    subject_kind=SubjectKind.SYSTEM,
    check=system_findings,
    every=timedelta(hours=6),
    severity=Severity.MEDIUM,
    remedy=_("Ask the vendor to let the system set its clock from the facility's time source by itself."),
    parameters={
        "host_within_seconds": HOST_BOUND.seconds,
        "platform_within_seconds": PLATFORM_BOUND.seconds,
        "sources_agreeing_at_least": 2,
    },
)
