"""Personal data of the register."""

from sekisho.kernel.declarations import Expiry, Holding
from sekisho.kernel.text import _
from sekisho.register import models
from sekisho.register.services.forgetting import forget_typed, old_bodies

_BOTH = _("Staff, patients by their number")

HOLDINGS = (
    Holding(
        "register.events",
        _("The register and the logs of other systems"),
        (models.Event, models.Head, models.LogSource, models.LogImport, models.ImportedLine),
        _BOTH,
        _("To prove who did what, and who opened whose record"),
        _("As long as Sekisho is in use: an entry taken away would break the proof of all others"),
    ),
    Holding(
        "register.typed",
        _("What was typed as a name at failed sign-ins"),
        (models.Body,),
        _("Whoever tried to sign in; sometimes it is a password typed in the wrong place"),
        _("To tell a mistyped name from an attack"),
        _("Until the period has passed; the entry stays and can still be proven"),
        Expiry(
            days=90,
            least=7,
            most=400,
            counted=_("from the attempt"),
            due=lambda before: old_bodies(before).count(),
            destroy=lambda actor, before: forget_typed(actor=actor, before=before),
        ),
    ),
    Holding(
        "register.review",
        _("The review of the register"),
        (models.ReviewRun, models.ReviewItem, models.ReviewDecision),
        _BOTH,
        _("To find accesses that nobody had a reason for, and to prove that somebody looked"),
        _("With the register"),
    ),
    Holding(
        "register.lists",
        _("Lists for the review"),
        (models.ReferenceList,),
        _BOTH,
        _("To know rosters, leavers and relatives"),
        _("Until another list takes its place; one that nobody decided about for a day"),
    ),
)
