"""Protected areas, and who entered them with what. Personal data: names of those who entered, escorted and checked."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class RoomKind(models.TextChoices):
    """What a protected area is."""

    SERVER_ROOM = "server_room", _("Server or machine room")
    RACK = "rack", _("Locked rack or cabinet")
    STORE = "store", _("Store of media or records")
    OTHER = "other", _("Other protected area")


class EntryControl(models.TextChoices):
    """How it is known who goes in."""

    UNKNOWN = "", _("Not known")
    PERSONAL = "personal", _("Personal card, PIN or biometrics")
    KEY_LIST = "key_list", _("Key handed out against a signature")
    SHARED_KEY = "shared_key", _("Shared key or PIN")
    NONE = "none", _("Nothing")


class Watch(models.TextChoices):
    """How a break-in is noticed."""

    UNKNOWN = "", _("Not known")
    CAMERA = "camera", _("Camera")
    ALARM = "alarm", _("Intrusion alarm")
    BOTH = "both", _("Camera and alarm")
    NONE = "none", _("Nothing")


class Room(BookEntry):
    """One area in which devices or media with medical information are kept."""

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=RoomKind)
    site = models.ForeignKey("estate.Site", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=200, blank=True)
    content = models.CharField(max_length=300, blank=True)
    entry_control = models.CharField(max_length=20, choices=EntryControl, blank=True)
    allowed = models.CharField(max_length=300, blank=True)
    watch = models.CharField(max_length=10, choices=Watch, blank=True)
    carry_rule = models.CharField(max_length=300, blank=True)
    theft_measures = models.CharField(max_length=300, blank=True)
    keeper = models.CharField(max_length=100, blank=True)
    looked_on = models.DateField(null=True, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        constraints: ClassVar[list[Any]] = [
            *BookEntry.Meta.constraints,
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(closed_at=None, struck_at=None),
                name="room_name",
                violation_error_message=_("An area in use has this name already."),
                violation_error_code="unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccessKind(models.TextChoices):
    """What an entry tells."""

    STAFF = "staff", _("Staff entered")
    VENDOR = "vendor", _("Vendor entered")
    VISITOR = "visitor", _("Visitor entered")
    LOOK = "look", _("Records of a period looked through")


class Carried(models.TextChoices):
    """Whether something was brought in."""

    UNKNOWN = "", _("Nobody asked about it")
    NOTHING = "nothing", _("Nothing")
    ALLOWED = "allowed", _("Looked at and allowed")
    KEPT_OUT = "kept_out", _("Left outside")


class RoomAccess(BookEntry):
    """One entry into a protected area, or one look through the records of its door."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=AccessKind)
    entered_on = models.DateField()
    times = models.CharField(max_length=50, blank=True)
    person = models.CharField(max_length=200)
    company = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=300)
    escort = models.CharField(max_length=100, blank=True)
    carried = models.CharField(max_length=10, choices=Carried, blank=True)
    things = models.CharField(max_length=300, blank=True)
    carried_out = models.CharField(max_length=300, blank=True)
    checked_by = models.CharField(max_length=100, blank=True)
    looked_from = models.DateField(null=True, blank=True)
    result = models.CharField(max_length=300, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.room} / {self.person}"

    def clean(self) -> None:
        """Refuse a look that ends before it begins. Raises ValidationError, by column."""
        if self.looked_from and self.entered_on and self.looked_from > self.entered_on:
            raise ValidationError({"looked_from": _("This day lies after the look itself.")})
