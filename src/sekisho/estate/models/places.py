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


class UpdateDuty(models.TextChoices):
    """Whether contract, terms or SLA make the vendor answer for the security updates of the servers."""

    ALL = "all", _("Yes, for all servers")
    PARTLY = "partly", _("For some of the servers only")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("I do not know")

    __empty__ = _("Not answered yet")


class Facility(Entry):
    """The one facility of this installation.

    Who has every server's updates in a contract may follow a shorter set of volumes (deemed compliance); a yes
    without the clause that says so is no yes.
    """

    fixed = True

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=32, choices=FacilityKind)
    institution_code = models.CharField(max_length=10, blank=True)
    beds = models.PositiveIntegerField(null=True, blank=True)
    representative = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=300, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    update_duty = models.CharField(max_length=16, choices=UpdateDuty, blank=True)
    update_duty_clause = models.CharField(max_length=300, blank=True)
    only = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(only=True), name="one_facility"),
            models.CheckConstraint(
                condition=~Q(update_duty=UpdateDuty.ALL) | ~Q(update_duty_clause=""),
                name="update_duty_has_clause",
                violation_error_message=_("Name the clause that says so; without it the answer proves nothing."),
            ),
        ]

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
