"""11②: whether the systems run and how fast they answer is watched, and somebody is told when one does not."""

from datetime import timedelta

from sekisho.kernel.declarations import Control, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.actions import NetworkAction
from sekisho.network.queries.availability.findings import availability_findings
from sekisho.network.rules.availability import ASKED_WITHIN, ESCALATED_AFTER

control = Control(
    id="network.availability",
    title=_("Systems watched for standing still and slowness"),
    subject_kind=SubjectKind.SYSTEM,
    check=availability_findings,
    every=timedelta(minutes=15),
    severity=Severity.MEDIUM,
    remedy=_(
        "See under “Availability” which endpoint does not answer or is not watched. Call the vendor where it stands "
        "still, or plan a quiet time if it is being maintained."
    ),
    parameters={
        "asked_within_minutes": int(ASKED_WITHIN.total_seconds()) // 60,
        "down_minutes": int(ESCALATED_AFTER.total_seconds()) // 60,
    },
    facts_for=NetworkAction.VIEW,
)
