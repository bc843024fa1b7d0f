"""Tables of governance."""

from sekisho.governance.models.audits import Audit, AuditFinding, AuditKind, FindingWeight
from sekisho.governance.models.checklists import (
    ChecklistAnswer,
    ChecklistFile,
    ChecklistProposal,
    OfficialChecklist,
    OfficialChecklistItem,
)
from sekisho.governance.models.delivery import AlarmPlan, Delivery, MailServer, Recipient, ToldNotice, Webhook
from sekisho.governance.models.evidence import (
    EvidenceFinding,
    EvidenceRun,
    NewestRun,
    Observation,
    RequestedRun,
    RunState,
)
from sekisho.governance.models.excepted import ExceptedCase
from sekisho.governance.models.kept_documents import DocumentKind, KeptDocument
from sekisho.governance.models.notices import Notice, NoticeRead
from sekisho.governance.models.official import CarryOver, OfficialItem, OfficialText
from sekisho.governance.models.overview import DailyOverview, LastLook
from sekisho.governance.models.rounds import Round, RoundItem, RoundJudgement
from sekisho.governance.models.verdicts import JudgedEdition, JudgedInput, StoredVerdict, VerdictChange
from sekisho.governance.models.work import Assignment, Comment, StruckComment

__all__ = [
    "AlarmPlan",
    "Assignment",
    "Audit",
    "AuditFinding",
    "AuditKind",
    "CarryOver",
    "ChecklistAnswer",
    "ChecklistFile",
    "ChecklistProposal",
    "Comment",
    "DailyOverview",
    "Delivery",
    "DocumentKind",
    "EvidenceFinding",
    "EvidenceRun",
    "ExceptedCase",
    "FindingWeight",
    "JudgedEdition",
    "JudgedInput",
    "KeptDocument",
    "LastLook",
    "MailServer",
    "NewestRun",
    "Notice",
    "NoticeRead",
    "Observation",
    "OfficialChecklist",
    "OfficialChecklistItem",
    "OfficialItem",
    "OfficialText",
    "Recipient",
    "RequestedRun",
    "Round",
    "RoundItem",
    "RoundJudgement",
    "RunState",
    "StoredVerdict",
    "StruckComment",
    "ToldNotice",
    "VerdictChange",
    "Webhook",
]
