"""From what is known to the causes of notices: one pure function a kind, a file a subject."""

from sekisho.governance.rules.notice_causes.days import (
    Ending,
    Target,
    WorkItem,
    due,
    ending,
    targets,
)
from sekisho.governance.rules.notice_causes.judged import (
    CheckSeen,
    Fall,
    Turn,
    failing,
    still_fallen,
    worsened,
)
from sekisho.governance.rules.notice_causes.programs import (
    NeedyProgram,
    needing_care,
)
from sekisho.governance.rules.notice_causes.waiting import (
    EmergencyUsed,
    Raised,
    Waiting,
    emergencies,
    raised,
    waiting,
)

__all__ = [
    "CheckSeen",
    "EmergencyUsed",
    "Ending",
    "Fall",
    "NeedyProgram",
    "Raised",
    "Target",
    "Turn",
    "Waiting",
    "WorkItem",
    "due",
    "emergencies",
    "ending",
    "failing",
    "needing_care",
    "raised",
    "still_fallen",
    "targets",
    "waiting",
    "worsened",
]
