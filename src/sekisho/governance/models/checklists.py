"""The checklist of inspections: files that were given, official lists, proposals, answers. Each is kept.

Personal data: the names of those who answered, and of those who gave a file.
"""

from django.db import models

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly


class ChecklistFile(AppendOnly):
    """A workbook as it was given: an official list to be taken over, or one that was filled in.

    ``kind`` is for whom it is (rules.official_checklist.reading.ListKind), ``vendor`` the id of the vendor who filled
    it in, empty for the facility's own.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(max_length=8, choices=[("official", "official"), ("answers", "answers")])
    kind = models.CharField(max_length=8)
    fiscal_year = models.PositiveIntegerField()
    vendor = models.CharField(max_length=64, blank=True)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=64)
    received_by_name = models.CharField(max_length=100)


class OfficialChecklist(AppendOnly):
    """An official list that was taken over from a file; the newest of its year and kind counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file = models.ForeignKey(ChecklistFile, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)
    fiscal_year = models.PositiveIntegerField()
    label = models.CharField(max_length=200)
    adopted_at = models.DateTimeField()
    adopted_by = models.CharField(max_length=64)
    adopted_by_name = models.CharField(max_length=100)

    class Meta:
        indexes = [models.Index(fields=["fiscal_year", "kind", "-adopted_at"], name="official_checklist_newest")]


class OfficialChecklistItem(AppendOnly):
    """One item of an official list, verbatim. ``ours`` is the item of our own list that it means, empty for none.

    ``is_confirmed`` tells that a person said so, and not the number alone.
    """

    checklist = models.ForeignKey(OfficialChecklist, on_delete=models.PROTECT, related_name="items")
    place = models.PositiveIntegerField()
    section = models.PositiveIntegerField()
    heading = models.TextField(blank=True)
    item = models.CharField(max_length=16)
    printed = models.CharField(max_length=16)
    words = models.TextField()
    cell = models.CharField(max_length=16)
    ours = models.CharField(max_length=16, blank=True)
    is_confirmed = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["checklist", "item"], name="official_checklist_item_once")]


class ChecklistProposal(AppendOnly):
    """What a filled-in file answers to an item. It counts for nothing until a person takes it over as an answer."""

    file = models.ForeignKey(ChecklistFile, on_delete=models.PROTECT, related_name="proposals")
    list_id = models.CharField(max_length=32)
    fiscal_year = models.PositiveIntegerField()
    vendor = models.CharField(max_length=64, blank=True)
    item = models.CharField(max_length=16)
    answer = models.CharField(max_length=3, choices=[("yes", "yes"), ("no", "no")])
    confirmed_on = models.DateField(null=True)
    target_on = models.DateField(null=True)
    name = models.CharField(max_length=100, blank=True)
    proposed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["list_id", "fiscal_year", "vendor", "item"], name="checklist_proposed")]


class ChecklistAnswer(AppendOnly):
    """What a named person answered to one item of a list for a fiscal year.

    ``vendor`` is the id of the vendor whose form it is, empty for the facility's own. ``recommendation`` holds, as
    JSON, what the verdicts recommended at that moment (rules.checklist). ``source`` names the file or the fiscal year
    whose proposal the person took over, empty where the answer was entered.
    """

    list_id = models.CharField(max_length=32)
    fiscal_year = models.PositiveIntegerField()
    item = models.CharField(max_length=16)
    vendor = models.CharField(max_length=64, blank=True)
    answer = models.CharField(max_length=3, choices=[("yes", "yes"), ("no", "no")])
    confirmed_on = models.DateField(null=True)
    target_on = models.DateField(null=True)
    note = models.TextField(blank=True)
    recommendation = models.TextField()
    source = models.CharField(max_length=300, blank=True)
    answered_by = models.CharField(max_length=64)
    answered_by_name = models.CharField(max_length=100)
    answered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["list_id", "fiscal_year", "vendor", "item"], name="checklist_answered")]
