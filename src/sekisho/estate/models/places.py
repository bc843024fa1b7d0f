"""The facility, its sites and departments, and the vendors it works with.

Personal data: names and telephone numbers of vendors' contact persons.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.estate.models.base import Entry, open_once, prose


class FacilityKind(models.TextChoices):
    """Kinds of facility the guideline speaks of."""

    HOSPITAL = "hospital", _("Hospital")
    CLINIC = "clinic", _("Clinic")
    DENTAL = "dental", _("Dental clinic")
    PHARMACY = "pharmacy", _("Pharmacy")
    VISITING_NURSING = "visiting_nursing", _("Visiting nursing station")
    MIDWIFERY = "midwifery", _("Midwifery home")
    CARE = "care", _("Care provider")
    OTHER = "other", _("Other")


class Facility(Entry):
    """The one facility of this installation."""

    fixed = True

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=32, choices=FacilityKind)
    institution_code = models.CharField(max_length=10, blank=True)
    beds = models.PositiveIntegerField(null=True, blank=True)
    representative = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=300, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    only = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=True), name="one_facility")]

    def __str__(self) -> str:
        return self.name


class Site(Entry):
    """A place where the facility works: the main building, a branch, a data centre room."""

    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    note = prose()

    class Meta:
        constraints = [open_once("site_name", "name")]

    def __str__(self) -> str:
        return self.name


class Department(Entry):
    """A department; staff belong to one, systems are looked after by one."""

    name = models.CharField(max_length=100)
    kana = models.CharField(max_length=100, blank=True)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="departments")
    telephone = models.CharField(max_length=30, blank=True)
    note = prose()

    class Meta:
        constraints = [open_once("department_name", "name")]

    def __str__(self) -> str:
        return self.name


class Vendor(Entry):
    """A company that builds, runs, maintains or connects something here."""

    name = models.CharField(max_length=200)
    kana = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=100, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    emergency_telephone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    contract = models.CharField(max_length=200, blank=True)
    contract_until = models.DateField(null=True, blank=True)
    note = prose()

    class Meta:
        constraints = [open_once("vendor_name", "name")]

    def __str__(self) -> str:
        return self.name
