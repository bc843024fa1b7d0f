"""What people do with applications. Who may do it in one workflow is narrowed by the workflow itself."""

from sekisho.kernel.access import EVERYBODY, MANAGERS, Action, Role
from sekisho.kernel.text import _

_APPLICANTS = EVERYBODY - {Role.AUDITOR, Role.INSPECTOR}
_APPROVERS = MANAGERS | {Role.DEPARTMENT_MANAGER, Role.DEVICE_SAFETY_MANAGER}


class LedgersAction(Action):
    """Actions of applications."""

    VIEW = ("application.view", _("Look at applications"), EVERYBODY)
    SUBMIT = ("application.submit", _("Apply for an approval"), _APPLICANTS)
    AMEND = ("application.amend", _("Mend an application that was sent back"), _APPLICANTS)
    WITHDRAW = ("application.withdraw", _("Withdraw an application"), _APPLICANTS)
    APPROVE = ("application.approve", _("Approve an application"), _APPROVERS)
    SEND_BACK = ("application.send_back", _("Send an application back"), _APPROVERS)
    REVOKE = ("application.revoke", _("Revoke an approval"), _APPROVERS)
