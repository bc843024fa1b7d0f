"""Disposals of devices, media and information. Personal data: the names of those who do, watch and check it."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.assets.models.equipment import Equipment
from sekisho.assets.models.media import Medium
from sekisho.assets.rules.disposals import Ending, disorder
from sekisho.kernel import clock
from sekisho.kernel.dates import in_facility
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class DisposalMethod(models.TextChoices):
    """How what is on it becomes unreadable."""

    DESTROYED = "destroyed", _("Physically destroyed")
    OVERWRITTEN = "overwritten", _("Overwritten with a tool for it")
    KEY_DESTROYED = "key_destroyed", _("Encryption key destroyed")
    DEGAUSSED = "degaussed", _("Demagnetised")
    SHREDDED = "shredded", _("Shredded, pulped or burnt")
    DELETED = "deleted", _("Deleted by the vendor that stores it")
    HANDED_ON = "handed_on", _("Erased, then returned or handed on")
    OTHER = "other", _("Another method")


class Residual(models.TextChoices):
    """What the check for remains found."""

    OPEN = "", _("Not checked")
    NOTHING = "nothing", _("Nothing can be read")
    READABLE = "readable", _("Something can be read")


class Disposal(BookEntry):
    """One thing, or one body of information, that is disposed of.

    ``allowed_on`` is the day of the approval under which that was done, None until it was done under one.
    """

    device = models.ForeignKey(Equipment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    medium = models.ForeignKey(Medium, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=200, blank=True)
    system = models.ForeignKey("estate.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    information = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    method = models.CharField(max_length=20, choices=DisposalMethod)
    method_note = models.CharField(max_length=200, blank=True)
    planned_on = models.DateField()
    executor = models.CharField(max_length=100)
    qualification = models.CharField(max_length=200, blank=True)
    vendor = models.ForeignKey("estate.Vendor", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    contract = models.CharField(max_length=200, blank=True)
    done_on = models.DateField(null=True, blank=True)
    witness = models.CharField(max_length=100, blank=True)
    residual = models.CharField(max_length=20, choices=Residual, blank=True)
    residual_checked_by = models.CharField(max_length=100, blank=True)
    residual_note = models.CharField(max_length=200, blank=True)
    certificate = models.CharField(max_length=200, blank=True)
    certified_on = models.DateField(null=True, blank=True)
    reported_on = models.DateField(null=True, blank=True)
    note = prose()
    allowed_on = models.DateField(null=True, editable=False)

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return str(self.device or self.medium or self.what)

    @property
    def began_on(self) -> date | None:
        """The day on which it was done; None before."""
        return self.done_on

    @property
    def done_unapproved(self) -> bool:
        """Tell whether it was done before anybody had approved it."""
        return self.done_on is not None and (self.allowed_on is None or self.done_on < self.allowed_on)

    @property
    def ending(self) -> Ending:
        """The days of this entry, as the rules want them."""
        return Ending(
            planned_on=self.planned_on,
            done_on=self.done_on,
            checked=self.residual == Residual.NOTHING and bool(self.residual_checked_by),
            check_noted=bool(self.residual or self.residual_checked_by or self.residual_note),
            witnessed=bool(self.witness),
            certified=bool(self.certificate),
            certified_on=self.certified_on,
            reported_on=self.reported_on,
        )

    def clean(self) -> None:
        """Refuse what contradicts itself. Raises ValidationError, by column."""
        faults = {}
        if not (self.device_id or self.medium_id or self.what):
            faults["what"] = str(_("Choose a device or a medium, or write here what is disposed of."))
        if self.planned_on:
            faults |= {name: str(text) for name, text in disorder(self.ending, _today()).items()}
        if faults:
            raise ValidationError(faults)


def _today() -> date:
    return in_facility(clock.now()).date()
