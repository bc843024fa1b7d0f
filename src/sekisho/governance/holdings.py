"""Personal data beside verdicts, papers and notices."""

from datetime import datetime

from sekisho.governance import models
from sekisho.governance.services.forgetting import forget_letters, old_letters
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Expiry, Holding
from sekisho.kernel.text import _

_NAMED = _("Staff who are named there")


def _destroy(actor: Actor, before: datetime) -> int:
    return forget_letters(actor=actor, before=before)


HOLDINGS = (
    Holding(
        "governance.records",
        _("Audits, documents, answers and remarks"),
        (
            models.Audit,
            models.AuditFinding,
            models.KeptDocument,
            models.ExceptedCase,
            models.ChecklistFile,
            models.ChecklistProposal,
            models.ChecklistAnswer,
            models.OfficialText,
            models.CarryOver,
            models.Assignment,
            models.Comment,
            models.StruckComment,
            models.Round,
        ),
        _NAMED,
        _("To prove who answered for what"),
        _("With the records of the facility: they prove what was done"),
    ),
    Holding(
        "governance.evidence",
        _("What checks found"),
        (models.Observation, models.EvidenceRun, models.EvidenceFinding),
        _("Owners of accounts that a check found, by their login"),
        _("To prove a verdict"),
        _("With the records of the facility: they prove what was done"),
    ),
    Holding(
        "governance.notices",
        _("Notices and their mails"),
        (
            models.Notice,
            models.NoticeRead,
            models.MailServer,
            models.Recipient,
            models.Delivery,
            models.ToldNotice,
            models.AlarmPlan,
        ),
        _("Staff with their mail addresses"),
        _("To tell in time whoever is to act"),
        _("Addresses until they are removed, mails until the period has passed"),
        Expiry(
            days=400,
            least=30,
            most=5 * 365,
            counted=_("from the day of the mail"),
            due=lambda before: old_letters(before).count(),
            destroy=_destroy,
        ),
    ),
)
