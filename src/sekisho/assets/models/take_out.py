"""What was taken out of the building, by whom, and how it came back. Personal data: carriers and those who checked."""

from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.assets.models.equipment import Equipment
from sekisho.assets.models.media import Medium
from sekisho.assets.rules.take_out import Course, disorder
from sekisho.kernel import clock
from sekisho.kernel.dates import in_facility
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose

_IS_OUT = Q(closed_at=None, struck_at=None, returned_on=None, lost_on=None) & ~Q(out_on=None)


class Way(models.TextChoices):
    """How it leaves the building."""

    CARRIED = "carried", _("Carried by the person")
    POST = "post", _("Post or courier with tracking")
    NETWORK = "network", _("Over a network")
    OTHER = "other", _("Another way")


class TakeOutLock(models.TextChoices):
    """What keeps a finder from reading it."""

    UNKNOWN = "", _("Not known")
    DEVICE = "device", _("Whole device encrypted, password at the start")
    MEDIUM = "medium", _("Whole medium encrypted")
    FILES = "files", _("Files encrypted, password sent separately")
    SEALED = "sealed", _("Paper in a locked or sealed case")
    NO_INFORMATION = "no_information", _("Holds no medical information")
    NONE = "none", _("Not protected")


class Wifi(models.TextChoices):
    """Whether it was on a public wireless network while it was out."""

    UNKNOWN = "", _("Not known")
    NO = "no", _("It was not used")
    YES = "yes", _("It was used")
    CANNOT = "cannot", _("Cannot connect to one")


class ReturnCheck(models.TextChoices):
    """What the check on return found."""

    OPEN = "", _("Not checked")
    IN_ORDER = "in_order", _("In order")
    MENDED = "mended", _("Something found and dealt with")
    FAULTY = "faulty", _("Something found, not dealt with yet")


class TakeOut(BookEntry):
    """One thing that leaves the building and comes back: a device, a medium, papers, a file.

    ``allowed_on`` is the day of the approval under which it left, None until it has left under one.
    """

    device = models.ForeignKey(Equipment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    medium = models.ForeignKey(Medium, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=200, blank=True)
    information = models.CharField(max_length=300)
    purpose = models.CharField(max_length=300)
    destination = models.CharField(max_length=200)
    way = models.CharField(max_length=20, choices=Way, default=Way.CARRIED)
    carrier = models.CharField(max_length=100)
    department = models.ForeignKey(
        "estate.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    vendor = models.ForeignKey("estate.Vendor", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kept_there = models.CharField(max_length=300, blank=True)
    out_from = models.DateField()
    due_on = models.DateField()
    lock = models.CharField(max_length=20, choices=TakeOutLock, blank=True)
    measures = models.CharField(max_length=300, blank=True)
    out_on = models.DateField(null=True, blank=True)
    returned_on = models.DateField(null=True, blank=True)
    wifi = models.CharField(max_length=20, choices=Wifi, blank=True)
    check_result = models.CharField(max_length=20, choices=ReturnCheck, blank=True)
    checked_by = models.CharField(max_length=100, blank=True)
    check_note = models.CharField(max_length=300, blank=True)
    lost_on = models.DateField(null=True, blank=True)
    loss_reported_on = models.DateField(null=True, blank=True)
    note = prose()
    allowed_on = models.DateField(null=True, editable=False)

    class Meta(BookEntry.Meta):
        constraints: ClassVar[list[Any]] = [
            *BookEntry.Meta.constraints,
            models.UniqueConstraint(
                fields=["device"],
                condition=_IS_OUT,
                name="takeout_device_out",
                violation_error_message=_("This device is out already, and did not come back."),
                violation_error_code="unique",
            ),
            models.UniqueConstraint(
                fields=["medium"],
                condition=_IS_OUT,
                name="takeout_medium_out",
                violation_error_message=_("This medium is out already, and did not come back."),
                violation_error_code="unique",
            ),
        ]

    def __str__(self) -> str:
        return str(self.device or self.medium or self.what)

    @property
    def began_on(self) -> date | None:
        """The day on which it left, or vanished; None while it is here."""
        return self.out_on or self.lost_on

    @property
    def left_unapproved(self) -> bool:
        """Tell whether it left, or vanished, before anybody had approved it."""
        left = self.began_on
        return left is not None and (self.allowed_on is None or left < self.allowed_on)

    @property
    def course(self) -> Course:
        """The days of this entry, as the rules want them."""
        return Course(
            out_from=self.out_from,
            due_on=self.due_on,
            out_on=self.out_on,
            returned_on=self.returned_on,
            checked=self.check_result in {ReturnCheck.IN_ORDER, ReturnCheck.MENDED} and bool(self.checked_by),
            check_noted=bool(self.check_result or self.checked_by or self.check_note),
            lost_on=self.lost_on,
            loss_reported_on=self.loss_reported_on,
        )

    def clean(self) -> None:
        """Refuse what contradicts itself. Raises ValidationError, by column."""
        faults = {}
        if not (self.device_id or self.medium_id or self.what):
            faults["what"] = str(_("Choose a device or a medium, or write here what is taken out."))
        if self.out_from and self.due_on:
            faults |= {name: str(text) for name, text in disorder(self.course, _today()).items()}
        if faults:
            raise ValidationError(faults)


def _today() -> Any:
    return in_facility(clock.now()).date()
