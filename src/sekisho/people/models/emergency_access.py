"""Emergency accounts and emergency functions of all registered systems, as a ledger.

Personal data: the names of those who keep, inspect and review them.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class EmergencyKind(models.TextChoices):
    """What a system has for emergencies."""

    ACCOUNT = "account", _("Emergency account")
    FUNCTION = "function", _("Emergency function")
    NONE = "none", _("None: paper or another system instead")


class EmergencyAccess(BookEntry):
    """One emergency account or function of a system; or that it has none, and what is done instead."""

    system = models.ForeignKey("estate.System", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=EmergencyKind)
    name = models.CharField(max_length=200)
    place = models.CharField(max_length=200, blank=True)
    keeper = models.CharField(max_length=100, blank=True)
    noticed_by = models.CharField(max_length=300, blank=True)
    inspected_on = models.DateField(null=True, blank=True)
    used_on = models.DateField(null=True, blank=True)
    returned_on = models.DateField(null=True, blank=True)
    changed_on = models.DateField(null=True, blank=True)
    reviewed_on = models.DateField(null=True, blank=True)
    reviewed_by = models.CharField(max_length=100, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return self.name
