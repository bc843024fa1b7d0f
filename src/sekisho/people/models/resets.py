"""Changed and temporary credentials of all systems, as a ledger: who asked, how identity was checked, what followed.

Personal data: who asked, who acted, and what paper was shown.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose
from sekisho.people.models.temporary_factors import IdentityProof


class ResetKind(models.TextChoices):
    """What was done with a credential."""

    FORGOTTEN = "forgotten", _("Set anew: forgotten or lost")
    LEAK = "leak", _("Set anew: leak suspected")
    TEMPORARY = "temporary", _("Temporary means instead of a card or key")


class CredentialReset(BookEntry):
    """One change of somebody's credential by an operator, or one temporary means."""

    system = models.ForeignKey("estate.System", on_delete=models.PROTECT, related_name="+")
    account = models.CharField(max_length=200)
    person = models.CharField(max_length=100)
    kind = models.CharField(max_length=16, choices=ResetKind)
    proof = models.CharField(max_length=16, choices=IdentityProof)
    document = models.CharField(max_length=300, blank=True)
    done_on = models.DateField()
    done_by = models.CharField(max_length=100)
    told_how = models.CharField(max_length=200, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    leak_measures = models.CharField(max_length=500, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.system} / {self.account}"
