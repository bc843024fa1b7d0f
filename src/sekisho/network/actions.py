"""What is done with observations of the network."""

from sekisho.kernel.access import Action, Role
from sekisho.kernel.text import _


class NetworkAction(Action):
    """Actions of the network room."""

    OBSERVE = (
        "network.observe",
        _("Look at the registered endpoints and keep what was seen"),
        {Role.PLATFORM, Role.CONSOLE, Role.SYSTEM_OPERATOR},
    )
