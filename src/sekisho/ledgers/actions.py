"""What people do with applications and with ledgers.

Who may do it in one workflow is narrowed by the workflow itself; who may do it in one ledger by that ledger's actions.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import cast

from sekisho.kernel.access import EVERYBODY, MANAGERS, Action, Role
from sekisho.kernel.text import Text, _

_APPLICANTS = EVERYBODY - {Role.AUDITOR, Role.INSPECTOR}
_APPROVERS = MANAGERS | {Role.DEPARTMENT_MANAGER, Role.DEVICE_SAFETY_MANAGER}


class LedgersAction(Action):
    """Actions of applications."""

    VIEW = ("application.view", _("Look at applications"), EVERYBODY)
    SUBMIT = ("application.submit", _("Apply for an approval"), _APPLICANTS)
    KEEP_DRAFT = ("application.keep_draft", _("Keep a draft of an application"), _APPLICANTS)
    FORGET_DRAFTS = ("application.forget_drafts", _("Throw old drafts of applications away"), {Role.PLATFORM})
    AMEND = ("application.amend", _("Mend an application that was sent back"), _APPLICANTS)
    WITHDRAW = ("application.withdraw", _("Withdraw an application"), _APPLICANTS)
    APPROVE = ("application.approve", _("Approve an application"), _APPROVERS)
    SEND_BACK = ("application.send_back", _("Send an application back"), _APPROVERS)
    REVOKE = ("application.revoke", _("Revoke an approval"), _APPROVERS)
    APPROVE_PART = ("application.approve_part", _("Give one of several approvals"), _APPROVERS)
    COMMENT = ("application.comment", _("Comment on an application"), _APPLICANTS)
    DELEGATE = ("approval.delegate", _("Let somebody stand in for one's approvals"), _APPROVERS)
    END_DELEGATION = ("approval.end_delegation", _("End that somebody stands in for approvals"), _APPROVERS)
    APPROVE_ENTRY = ("ledger.approve_entry", _("Approve an entry of a ledger"), _APPROVERS)
    UNAPPROVE_ENTRY = ("ledger.unapprove_entry", _("Take back the approval of an entry of a ledger"), _APPROVERS)
    REROUTE = ("application.reroute", _("Follow a changed route of approval"), {Role.PLATFORM})
    KEEP = ("ledger.keep", _("Keep a ledger"), _APPLICANTS)
    LOOK = ("ledger.look", _("Look at the list of all ledgers"), EVERYBODY)
    KEEP_VIEW = ("ledger.keep_view", _("Keep a view of a ledger"), EVERYBODY)
    DROP_VIEW = ("ledger.drop_view", _("Remove a view of a ledger"), EVERYBODY)
    STATE_NO_CASE = ("ledger.state_no_case", _("State that there was nothing to enter in a ledger"), _APPLICANTS)


class Verb(StrEnum):
    """What is done with a ledger; each ledger has an action for each."""

    VIEW = "view"
    ADD = "add"
    CHANGE = "change"
    CONFIRM = "confirm"
    CLOSE = "close"
    REOPEN = "reopen"
    STRIKE = "strike"
    IMPORT = "import"
    ATTACH = "attach"
    DETACH = "detach"


_LABELS = {
    Verb.VIEW: _("Look at the ledger “%(ledger)s”"),
    Verb.ADD: _("Add to the ledger “%(ledger)s”"),
    Verb.CHANGE: _("Correct an entry of the ledger “%(ledger)s”"),
    Verb.CONFIRM: _("Confirm an entry of the ledger “%(ledger)s”"),
    Verb.CLOSE: _("Close an entry of the ledger “%(ledger)s”"),
    Verb.REOPEN: _("Reopen an entry of the ledger “%(ledger)s”"),
    Verb.STRIKE: _("Strike out an entry of the ledger “%(ledger)s”"),
    Verb.IMPORT: _("Read a file into the ledger “%(ledger)s”"),
    Verb.ATTACH: _("Attach a file to an entry of the ledger “%(ledger)s”"),
    Verb.DETACH: _("Withdraw a file from an entry of the ledger “%(ledger)s”"),
}


def book_actions(
    subject: str, title: Text, *, readers: Iterable[Role], keepers: Iterable[Role], module: str
) -> type[Action]:
    """Return the actions of one ledger, ``<subject>.<verb>``: ``readers`` look, ``keepers`` do all the rest.

    ``module`` is the ``actions`` module that declares them, where the registry finds them.
    """
    kept = frozenset(keepers)
    looked = kept | frozenset(readers)
    members = {
        verb.name: (f"{subject}.{verb}", label.with_params(ledger=title), looked if verb is Verb.VIEW else kept)
        for verb, label in _LABELS.items()
    }
    made = Action(f"{subject.title()}Action", members, module=module)  # type: ignore[arg-type, call-arg]  # Enum's call makes it
    return cast("type[Action]", made)
