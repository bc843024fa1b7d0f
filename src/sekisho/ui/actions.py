"""What one may do in the app of the building blocks."""

from sekisho.kernel.access import Action, Role
from sekisho.kernel.text import _


class UiAction(Action):
    """Actions of the user interface itself."""

    COMPONENTS_VIEW = (
        "components.view",
        _("Look at the building blocks of the screens"),
        {Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER},
    )
