"""What vendors disclosed of their products and services: MDS, SDS and the like, as they were received and compared."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.estate.models.base import prose
from sekisho.estate.models.places import Vendor
from sekisho.estate.models.systems import System
from sekisho.ledgers.models import BookEntry


class DisclosureKind(models.TextChoices):
    """What paper a vendor handed over."""

    MDS = "mds", _("MDS (product on the premises)")
    SDS = "sds", _("SDS (service)")
    CONFORMITY = "conformity", _("Disclosure of conformity of a service")
    MEASURES = "measures", _("Another paper that shows the vendor's measures")
    SPECIFICATION = "specification", _("Specification")
    SLA = "sla", _("SLA")


class Disclosure(BookEntry):
    """One paper about one product or service. Without a system it holds for all systems of its vendor."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey(System, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=DisclosureKind)
    product = models.CharField(max_length=200)
    product_version = models.CharField(max_length=100, blank=True)
    form_version = models.CharField(max_length=100, blank=True)
    written_on = models.DateField(null=True, blank=True)
    received_on = models.DateField(null=True, blank=True)
    kept_at = models.CharField(max_length=200, blank=True)
    supporting_papers = models.CharField(max_length=200, blank=True)
    version_checked_on = models.DateField(null=True, blank=True)
    correct_on = models.DateField(null=True, blank=True)
    open_questions = models.PositiveIntegerField(null=True, blank=True)
    compared_on = models.DateField(null=True, blank=True)
    gaps = prose()
    settled_on = models.DateField(null=True, blank=True)
    own_settings = models.CharField(max_length=300, blank=True)
    reported_on = models.DateField(null=True, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.product} {self.get_kind_display()}"
