"""What people do with the register itself."""

from sekisho.kernel.access import REVIEWERS, Action
from sekisho.kernel.text import _


class RegisterAction(Action):
    """Actions of the register."""

    VIEW = ("register.view", _("Read the register"), REVIEWERS)
