"""What people do with the guideline, its verdicts, claims and rounds."""

from sekisho.kernel.access import REVIEWERS, Action, Role
from sekisho.kernel.text import _
from sekisho.ledgers.actions import book_actions

_READERS = REVIEWERS | {Role.DEPARTMENT_MANAGER, Role.DEVICE_SAFETY_MANAGER}
_PLANNERS = {Role.PLANNING_MANAGER, Role.SAFETY_MANAGER, Role.MANAGEMENT}
CLAIMANTS = frozenset(
    {Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, Role.SAFETY_MANAGER, Role.DEPARTMENT_MANAGER}
    | {Role.DEVICE_SAFETY_MANAGER}
)
APPROVERS = frozenset(_PLANNERS)
WORKERS = CLAIMANTS | APPROVERS  # who can act on a requirement, and so be asked to look after one
REPORTERS = frozenset({Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, Role.SAFETY_MANAGER})
AUDITS_TITLE = _("Ledger of audits")
AuditAction = book_actions("audit", AUDITS_TITLE, readers=REVIEWERS, keepers=REPORTERS, module=__name__)
FINDINGS_TITLE = _("Findings of audits")
AuditFindingAction = book_actions("auditfinding", FINDINGS_TITLE, readers=_READERS, keepers=REPORTERS, module=__name__)

DOCUMENTS_TITLE = _("Ledger of documents")
KeptDocumentAction = book_actions(
    "keptdocument", DOCUMENTS_TITLE, readers=_READERS, keepers=REPORTERS | APPROVERS, module=__name__
)

EXCEPTIONS_TITLE = _("Ledger of exceptions")
ExceptedCaseAction = book_actions(
    "exceptedcase", EXCEPTIONS_TITLE, readers=_READERS, keepers=CLAIMANTS | APPROVERS, module=__name__
)


class GovernanceAction(Action):
    """Actions of governance."""

    VIEW = ("requirement.view", _("Look at the requirements and their verdicts"), _READERS | {Role.CONSOLE})
    RUN_CONTROL = (
        "evidence.record",
        _("Run a control and keep what it found"),
        {Role.SYSTEM_OPERATOR, Role.PLATFORM, Role.CONSOLE},
    )
    REQUEST_RUN = (
        "evidence.request",
        _("Ask for a check to be run now"),
        _PLANNERS | {Role.SYSTEM_OPERATOR, Role.CONSOLE},
    )
    FORGET_LETTERS = ("notice.forget_letters", _("Destroy old mails"), {Role.PLATFORM})
    READ_RAW = ("evidence.read_raw", _("Take what a check read, as it was read"), REVIEWERS)
    IMPORT_RESULTS = (
        "evidence.import",
        _("Take over the results of another tool"),
        {Role.SYSTEM_OPERATOR, Role.CONSOLE},
    )
    IMPORT_TEXT = (
        "guideline.import",
        _("Import the official text of the guideline"),
        {Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, Role.CONSOLE},
    )
    CARRY_OVER = ("guideline.carry_over", _("Carry claims over to another edition"), _PLANNERS | {Role.CONSOLE})
    JUDGE = (
        "verdict.judge",
        _("Compute the verdicts"),
        {Role.SYSTEM_OPERATOR, Role.PLATFORM, Role.CONSOLE} | _PLANNERS,
    )
    ATTEST = ("requirement.attest", _("State that a requirement is met"), CLAIMANTS)
    EXCLUDE = ("requirement.exclude", _("State that a requirement does not apply"), CLAIMANTS)
    EXCEPT = ("requirement.except", _("Apply for an exception"), CLAIMANTS)
    ASSIGN = ("requirement.assign", _("Say who looks after a requirement"), _PLANNERS | {Role.SYSTEM_OPERATOR})
    SET_DUE = (
        "requirement.set_due",
        _("Set the day by which a requirement is to be done"),
        _PLANNERS | {Role.SYSTEM_OPERATOR},
    )
    COMMENT = ("requirement.comment", _("Comment on a requirement"), WORKERS)
    STRIKE_COMMENT = ("requirement.strike_comment", _("Strike out one's own comment"), WORKERS)
    HAND_IN = ("document.hand_in", _("Hand in a document"), CLAIMANTS)
    OPEN_ROUND = ("round.open", _("Open a round of assessment"), _PLANNERS | {Role.SYSTEM_OPERATOR})
    LOCK_ROUND = ("round.lock", _("Lock a round of assessment"), _PLANNERS)
    ANSWER_CHECKLIST = (
        "checklist.answer",
        _("Answer an item of the inspection checklist"),
        _PLANNERS | {Role.SYSTEM_OPERATOR},
    )
    SEE_REPORTS = ("report.view", _("Look at the report about the ledgers"), REVIEWERS)
    SEND_REPORT = ("report.send", _("Send a report to the planning manager"), REPORTERS)
    SNOOZE_NOTICE = ("notice.snooze", _("Put a notice off"), _PLANNERS | {Role.SYSTEM_OPERATOR})
    SEND_NOTICES = ("notice.send", _("Look for notices and send the digest"), {Role.PLATFORM})
    LOOK_AFTER_NOTICE = (
        "notice.look_after",
        _("Say that one looks after an alarm"),
        _PLANNERS | {Role.SYSTEM_OPERATOR},
    )
    SEND_ALARM = ("notice.send_alarm", _("Call people at once because of an alarm"), {Role.PLATFORM})
    CONFIGURE_DELIVERY = ("delivery.configure", _("Set up how notices are sent"), {Role.SYSTEM_OPERATOR})
    TEST_DELIVERY = ("delivery.test", _("Send a test of how notices are sent"), {Role.SYSTEM_OPERATOR})
    RECEIVE_CHECKLIST = (
        "checklist.receive",
        _("Give an inspection checklist as a file"),
        _PLANNERS | {Role.SYSTEM_OPERATOR},
    )
    ADOPT_CHECKLIST = (
        "checklist.adopt",
        _("Take over the official file of an inspection checklist"),
        _PLANNERS | {Role.SYSTEM_OPERATOR},
    )
    PROPOSE_ANSWERS = (
        "checklist.propose",
        _("Keep the answers of a filled-in checklist as proposals"),
        _PLANNERS | {Role.SYSTEM_OPERATOR},
    )
    HAND_OUT_CHECKLIST = (
        "checklist.hand_out",
        _("Hand out the form of a vendor"),
        _PLANNERS | {Role.SYSTEM_OPERATOR},
    )
