"""What can go wrong with a change of the host name."""

from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.text import _


class HostNotFit(InvalidInput):
    """The new name is none that passkeys can belong to, or it is the present one."""

    code = "people.host_not_fit"
    message = _("This is no new host name that passkeys can belong to.")
    hint = _("Enter a name in lower case, such as sekisho.clinic.example, without https:// and without a port.")


class DayPast(InvalidInput):
    """The day of the change lies before today."""

    code = "people.host_day_past"
    message = _("The day of the change lies in the past.")
    hint = _("Leave people time to set up a second way: a week or more.")


class ChangeOpen(Conflict):
    """A change of the host name is prepared or going on already."""

    code = "people.host_change_open"
    message = _("A change of the host name is open already.")
    hint = _("Finish it or take it back first.")


class ChangeNotDone(Conflict):
    """The change is to be finished, and the server still has the former name."""

    code = "people.host_change_not_done"
    message = _("The server still has the former name.")
    hint = _("Set SEKISHO_HOST to the new name and start again, then finish the change.")
