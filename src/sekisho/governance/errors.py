"""What can go wrong with the guideline's official text."""

from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.text import _


class TextTooLarge(InvalidInput):
    """The file is far larger than any volume of the guideline."""

    code = "governance.text_too_large"
    message = _("The file %(name)s is too large (%(size)s MiB; at most %(most)s).")
    hint = _("Import one volume of the guideline at a time, as plain text.")


class TextUnreadable(InvalidInput):
    """The file is no text in an encoding that we read."""

    code = "governance.text_unreadable"
    message = _("The file %(name)s is no text in UTF-8 or Shift_JIS (stopped at byte %(place)s).")
    hint = _("Save it again as UTF-8 text.")


class TextNotWhole(InvalidInput):
    """The text and the edition do not fit; nothing was imported."""

    code = "governance.text_not_whole"
    message = _("The text does not fit edition %(edition)s. Nothing was imported.\n%(faults)s")
    hint = _("Check that it is the right volume and version, and that no page is missing.")


class EvidenceImmutable(Conflict):
    """Evidence is written once; a newer run stands beside it."""

    code = "governance.evidence_immutable"
    message = _("Evidence is never changed or deleted.")
    hint = None


class EvidenceMismatch(InvalidInput):
    """The bytes do not have the hash they came with."""

    code = "governance.evidence_mismatch"
    message = _("The evidence does not match its hash: said %(said)s, found %(found)s. Nothing was stored.")
