"""Why something that is kept proves nothing: it is not what was stored, or it can no longer be read or judged."""

from sekisho.kernel.text import Text, _

ALTERED = _("The evidence was altered after it was stored: its SHA-256 does not match any more. It proves nothing.")
UNREADABLE = _("What was stored cannot be read any more (%(reason)s). It proves nothing.")
BROKE_OFF = _("Judging this broke off (%(reason)s). It proves nothing.")
_LONGEST = 200


class Unusable(Exception):
    """What is kept cannot be judged; ``text`` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.msgid)
        self.text = text


def reason_of(error: Exception) -> str:
    """Return the kind of an error and the first line of what it says, short and printable."""
    said = str(error).partition("\n")[0][:_LONGEST].encode("utf8", "backslashreplace").decode()
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def unreadable(error: Exception) -> Unusable:
    """Return that something cannot be read because of ``error``."""
    return Unusable(UNREADABLE.with_params(reason=reason_of(error)))
