"""What can go wrong with emergency accounts."""

from sekisho.kernel.errors import Conflict, Unauthenticated
from sekisho.kernel.text import _


class SealRefused(Unauthenticated):
    """Number or secret of an emergency credential are wrong."""

    code = "people.seal_refused"
    message = _("Number or secret is wrong.")
    hint = _("Small letters, spaces and dashes do not matter. O is read as 0, I and L as 1.")


class SealVoid(Unauthenticated):
    """The emergency credential was used up, withdrawn, or its time is up."""

    code = "people.seal_void"
    message = _("%(number)s is not valid any more. The attempt was recorded.")
    hint = _("Use another envelope, or ask the system operator for a new one.")


class SealStands(Conflict):
    """The emergency credential is not in the state that this needs."""

    code = "people.seal_stands"
    message = _("The state of %(number)s does not allow this.")
    hint = _("Look at the present state of the emergency account.")


class EmergencyActs(Conflict):
    """A session of an emergency account tried to make, confirm or review one."""

    code = "people.emergency_acts"
    message = _("An emergency account does not look after emergency accounts.")
    hint = _("Sign in with your own account.")


class OwnUse(Conflict):
    """Whoever used an emergency account reviews it."""

    code = "people.own_use"
    message = _("Whoever used the emergency account does not review it.")
    hint = _("Ask somebody else to review it.")
