"""Contracts with vendors: what each says about personal data, maintenance, subcontracting, logs and its end."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.estate.models.base import prose
from sekisho.estate.models.places import Vendor
from sekisho.estate.models.systems import System
from sekisho.ledgers.models import BookEntry


class ContractKind(models.TextChoices):
    """What a contract is about."""

    MAINTENANCE = "maintenance", _("Maintenance")
    SERVICE = "service", _("Use of a service (cloud)")
    STORAGE = "storage", _("Storage outside the facility")
    LINE = "line", _("Network line")
    DELIVERY = "delivery", _("Delivery, building or lease")
    DISPOSAL = "disposal", _("Disposal")
    SECRECY = "secrecy", _("Secrecy agreement or memorandum")
    OTHER = "other", _("Other contract")


class PersonalData(models.TextChoices):
    """What a vendor has to do with the personal data here, by the words of the contract."""

    UNKNOWN = "", _("Not known")
    HANDLES = "handles", _("Handles personal data")
    STORES = "stores", _("Stores them only and does not handle them")
    NONE = "none", _("Does not come near them")


class Subcontracting(models.TextChoices):
    """Whether a vendor has others do a part of the work."""

    UNKNOWN = "", _("Not known")
    NO = "no", _("No")
    YES = "yes", _("Yes, with consent")


class Contract(BookEntry):
    """One contract. Without a system it holds for all systems of its vendor. A clause is where it is written."""

    title = models.CharField(max_length=200)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey(System, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=ContractKind)
    kept_at = models.CharField(max_length=200, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    renewed_by_itself = models.BooleanField(default=False)
    personal_data = models.CharField(max_length=16, choices=PersonalData, blank=True)
    personal_data_ground = models.CharField(max_length=200, blank=True)
    secrecy_clause = models.CharField(max_length=200, blank=True)
    supervision_clause = models.CharField(max_length=200, blank=True)
    access_clause = models.CharField(max_length=200, blank=True)
    take_out_clause = models.CharField(max_length=200, blank=True)
    erasure_clause = models.CharField(max_length=200, blank=True)
    remote_clause = models.CharField(max_length=200, blank=True)
    update_clause = models.CharField(max_length=200, blank=True)
    format_clause = models.CharField(max_length=200, blank=True)
    log_clause = models.CharField(max_length=200, blank=True)
    subcontracting = models.CharField(max_length=16, choices=Subcontracting, blank=True)
    subcontractor_clause = models.CharField(max_length=200, blank=True)
    reports = models.CharField(max_length=200, blank=True)
    return_clause = models.CharField(max_length=200, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return self.title
