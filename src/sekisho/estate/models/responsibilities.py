"""The table of responsibilities: line by line, who does a piece of work in normal operation and in an emergency."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.estate.models.base import prose
from sekisho.estate.models.places import Vendor
from sekisho.estate.models.systems import System
from sekisho.ledgers.models import BookEntry


class Duty(models.TextChoices):
    """Work that has to be somebody's: first in normal operation, then in an emergency."""

    SETTINGS = "settings", _("Normal: settings")
    UPDATES = "updates", _("Normal: updates and weaknesses")
    MALWARE = "malware", _("Normal: protection against malware")
    BACKUP = "backup", _("Normal: backups and restore tests")
    ACCOUNTS = "accounts", _("Normal: accounts and rights")
    LOGS = "logs", _("Normal: logs and their review")
    DEVICES = "devices", _("Normal: network devices")
    MONITORING = "monitoring", _("Normal: monitoring of operation")
    JOINTS = "joints", _("Normal: joints with other vendors' systems")
    REPORTS = "reports", _("Normal: reports on operation, subcontractors included")
    NORMAL_REST = "normal_rest", _("Normal: all that no other line names")
    CALLS = "calls", _("Emergency: calls at night and on holidays")
    CONTAINMENT = "containment", _("Emergency: cutting off and containing the damage")
    PRESERVATION = "preservation", _("Emergency: saving records and logs")
    CAUSE = "cause", _("Emergency: finding the cause")
    RESTORE = "restore", _("Emergency: restoring")
    PAPERS = "papers", _("Emergency: papers for explanations to the outside")
    PUBLIC = "public", _("Emergency: explaining to patients and authorities")
    EMERGENCY_REST = "emergency_rest", _("Emergency: all that no other line names")
    OTHER = "other", _("Other work")


class Bearer(models.TextChoices):
    """Whose a piece of work is."""

    FACILITY = "facility", _("The facility")
    VENDOR = "vendor", _("The vendor")
    SUBCONTRACTOR = "subcontractor", _("A subcontractor of the vendor")
    SHARED = "shared", _("Both, as described")
    NOBODY = "nobody", _("Not needed, for the reason described")


class Responsibility(BookEntry):
    """One line of the table. Without a system it holds for all systems of its vendor."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey(System, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    duty = models.CharField(max_length=16, choices=Duty)
    bearer = models.CharField(max_length=16, choices=Bearer)
    description = models.CharField(max_length=500, blank=True)
    clause = models.CharField(max_length=200, blank=True)
    report_every = models.CharField(max_length=100, blank=True)
    agreed_on = models.DateField(null=True, blank=True)
    reported_on = models.DateField(null=True, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.vendor} {self.get_duty_display()}"
