"""Tables of governance."""

from sekisho.governance.models.checklists import ChecklistAnswer
from sekisho.governance.models.evidence import (
    EvidenceFinding,
    EvidenceRun,
    NewestRun,
    Observation,
    RequestedRun,
    RunState,
)
from sekisho.governance.models.official import CarryOver, OfficialItem, OfficialText
from sekisho.governance.models.overview import DailyOverview
from sekisho.governance.models.rounds import Round, RoundItem, RoundJudgement
from sekisho.governance.models.verdicts import JudgedEdition, JudgedInput, StoredVerdict, VerdictChange

__all__ = [
    "CarryOver",
    "ChecklistAnswer",
    "DailyOverview",
    "EvidenceFinding",
    "EvidenceRun",
    "JudgedEdition",
    "JudgedInput",
    "NewestRun",
    "Observation",
    "OfficialItem",
    "OfficialText",
    "RequestedRun",
    "Round",
    "RoundItem",
    "RoundJudgement",
    "RunState",
    "StoredVerdict",
    "VerdictChange",
]
