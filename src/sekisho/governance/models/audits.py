"""Audits of the safety management: what was planned and carried out, and what was found.

Personal data: names of auditors and of those who mend what was found.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class AuditKind(models.TextChoices):
    """Who audits."""

    INTERNAL = "internal", _("By somebody of the facility")
    EXTERNAL = "external", _("By somebody from outside")
    SELF_CHECK = "self_check", _("Own check by who runs the systems")


class FindingWeight(models.TextChoices):
    """How much a finding of an audit weighs."""

    MAJOR = "major", _("Major")
    MINOR = "minor", _("Minor")
    ADVICE = "advice", _("Advice")


class Audit(BookEntry):
    """One audit of one theme. ``reported_on`` is when the planning manager was told of the plan and its evidence."""

    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=AuditKind, default=AuditKind.INTERNAL)
    planned_on = models.DateField()
    scope = models.CharField(max_length=300, blank=True)
    system = models.ForeignKey("estate.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    criteria = models.CharField(max_length=300, blank=True)
    auditor = models.CharField(max_length=100, blank=True)
    independent = models.BooleanField(default=False)
    evidence = models.CharField(max_length=300, blank=True)
    reported_on = models.DateField(null=True, blank=True)
    carried_out_on = models.DateField(null=True, blank=True)
    result = models.CharField(max_length=300, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return self.title


class AuditFinding(BookEntry):
    """One thing that an audit found: who mends it by when, and who made sure that it was mended."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="findings")
    found = models.CharField(max_length=300)
    system = models.ForeignKey("estate.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    weight = models.CharField(max_length=16, choices=FindingWeight, default=FindingWeight.MINOR)
    owner = models.CharField(max_length=100, blank=True)
    measure = models.CharField(max_length=300, blank=True)
    due_on = models.DateField(null=True, blank=True)
    corrected_on = models.DateField(null=True, blank=True)
    checked_by = models.CharField(max_length=100, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return self.found
