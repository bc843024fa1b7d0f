"""What is kept of each line: how far its carrier protects it, what is sent over it, to which services it leads.

Personal data: names of the carrier's and of our people in charge.
"""

from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


def line_kinds() -> list[tuple[str, Any]]:
    """Return the kinds of line that the estate registers: those of table 13-1 and those inside the facility."""
    return list(apps.get_model("estate", "Link")._meta.get_field("line").flatchoices)


class OpenStretch(models.TextChoices):
    """Whether a part of the way runs over the Internet without protection."""

    UNKNOWN = "", _("Not known")
    NONE = "none", _("No: the carrier protects the whole way")
    OWN = "own", _("Our own devices encrypt from end to end")
    LEFT = "left", _("Yes: a part is not protected")


class CarrierConfirmation(BookEntry):
    """What the carrier of one line answered."""

    link = models.ForeignKey("estate.Link", on_delete=models.PROTECT, related_name="+")
    service = models.CharField(max_length=200, blank=True)
    line = models.CharField(max_length=32, choices=line_kinds)
    assessment = models.CharField(max_length=300, blank=True)
    asked_on = models.DateField(null=True, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    protected_from = models.CharField(max_length=200, blank=True)
    protected_to = models.CharField(max_length=200, blank=True)
    open_stretch = models.CharField(max_length=8, choices=OpenStretch, blank=True)
    own_encryption = models.CharField(max_length=200, blank=True)
    answer_kept_at = models.CharField(max_length=200, blank=True)
    router = models.CharField(max_length=200, blank=True)
    router_paper = models.CharField(max_length=300, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return str(self.link)


class Sending(models.TextChoices):
    """Whether medical information leaves the facility over a line."""

    NOTHING = "nothing", _("Nothing goes outside over this line")
    SENT = "sent", _("Information is sent outside")


class ContentCipher(models.TextChoices):
    """Whether the information itself is encrypted, apart from the line."""

    UNDECIDED = "", _("Not decided")
    ENCRYPTED = "encrypted", _("Encrypted")
    NOT_NEEDED = "not_needed", _("Not needed, for the reason given")


class Transmission(BookEntry):
    """One kind of information on one line, and how it is protected; or that nothing goes outside over the line."""

    link = models.ForeignKey("estate.Link", on_delete=models.PROTECT, related_name="+")
    sending = models.CharField(max_length=8, choices=Sending, default=Sending.SENT)
    information = models.CharField(max_length=300, blank=True)
    recipient = models.CharField(max_length=200, blank=True)
    way = models.CharField(max_length=200, blank=True)
    encryption = models.CharField(max_length=16, choices=ContentCipher, blank=True)
    method = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.CharField(max_length=100, blank=True)
    agreed_on = models.DateField(null=True, blank=True)
    seen_on = models.DateField(null=True, blank=True)
    seen_by = models.CharField(max_length=100, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return self.information or self.get_sending_display()


class ServiceKind(models.TextChoices):
    """What an outside service is for."""

    RECORD = "record", _("Medical record or reception in the cloud")
    STORAGE = "storage", _("Storage or backup in the cloud")
    ELIGIBILITY = "eligibility", _("Eligibility check and claims")
    REGIONAL = "regional", _("Regional network")
    MAINTENANCE = "maintenance", _("Maintenance by a vendor")
    UPDATES = "updates", _("Updates and pattern files")
    MAIL = "mail", _("Mail and web")
    OTHER = "other", _("Other service")


class ExternalService(BookEntry):
    """One service outside that may be reached over one line, once that is approved."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=ServiceKind)
    link = models.ForeignKey("estate.Link", on_delete=models.PROTECT, related_name="+")
    vendor = models.ForeignKey("estate.Vendor", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    destination = models.CharField(max_length=300, blank=True)
    origin = models.CharField(max_length=300, blank=True)
    holds_medical_information = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    rules_checked_on = models.DateField(null=True, blank=True)
    keeper = models.CharField(max_length=100, blank=True)
    department = models.ForeignKey(
        "estate.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    watched_by = models.CharField(max_length=200, blank=True)
    allowed_until = models.DateField(null=True, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return self.name
