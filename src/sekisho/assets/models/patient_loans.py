"""Devices lent to patients for use at home. Personal data: the patient's number, and who explained and consented."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.assets.models.equipment import Equipment
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class LoanKind(models.TextChoices):
    """What is lent."""

    WEARABLE = "wearable", _("Worn on the body")
    HOME = "home", _("Stands in the home")
    TERMINAL = "terminal", _("Tablet or smartphone")
    OTHER = "other", _("Other device")


class Consent(models.TextChoices):
    """Who agreed."""

    NONE = "", _("No consent yet")
    PATIENT = "patient", _("The patient")
    FAMILY = "family", _("Family or representative")


class PatientLoan(BookEntry):
    """One device lent to one patient."""

    patient = models.CharField(max_length=50)
    kind = models.CharField(max_length=20, choices=LoanKind)
    device = models.ForeignKey(Equipment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    product = models.CharField(max_length=100, blank=True)
    serial = models.CharField(max_length=100, blank=True)
    explained_on = models.DateField(null=True, blank=True)
    explained_by = models.CharField(max_length=100, blank=True)
    explained = models.CharField(max_length=300, blank=True)
    consented_on = models.DateField(null=True, blank=True)
    consent = models.CharField(max_length=10, choices=Consent, blank=True)
    consent_place = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    lent_on = models.DateField()
    lent_by = models.CharField(max_length=100, blank=True)
    due_on = models.DateField(null=True, blank=True)
    returned_on = models.DateField(null=True, blank=True)
    erased_on = models.DateField(null=True, blank=True)
    erased_by = models.CharField(max_length=100, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return str(self.device or self.product)

    def clean(self) -> None:
        """Refuse a loan of nothing, and one that came back before it left. Raises ValidationError, by column."""
        faults: dict[str, Any] = {}
        if not (self.device_id or self.product):
            faults["product"] = _("Choose a device of the ledger, or write here what is lent.")
        if self.lent_on and self.returned_on and self.returned_on < self.lent_on:
            faults["returned_on"] = _("This day lies before the loan.")
        if faults:
            raise ValidationError(faults)
