"""The documents that the facility keeps: policies, rules, procedures, manuals, diagrams.

Personal data: the names of those who look after them.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class DocumentKind(models.TextChoices):
    """What a document is, from the top of the house of documents downwards."""

    POLICY = "policy", _("Policy")
    PRIVACY = "privacy", _("Privacy policy")
    RULES = "rules", _("Set of rules")
    PROCEDURE = "procedure", _("Procedure")
    MANUAL = "manual", _("Manual")
    DIAGRAM = "diagram", _("Diagram")
    RECORD = "record", _("Form or record")


class KeptDocument(BookEntry):
    """One document in its present version.

    ``application`` is the approval by which it answers requirements, empty for one that was entered by hand;
    ``answers`` then names its paper in the edition and the subjects it speaks of.
    """

    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=16, choices=DocumentKind, default=DocumentKind.PROCEDURE)
    code = models.CharField(max_length=50, blank=True)
    edition = models.CharField(max_length=100, blank=True)
    in_force_from = models.DateField(null=True, blank=True)
    owner = models.CharField(max_length=100, blank=True)
    department = models.ForeignKey(
        "estate.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kept_at = models.CharField(max_length=500, blank=True)
    handed_out_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    note = prose()
    answers = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    application = models.CharField(max_length=64, blank=True, editable=False)

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return self.title
