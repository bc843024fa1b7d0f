"""Lists that people hand in so that rules of the review know more than the log: rosters, watched patients and the like.

Personal data: numbers of staff and patients, readings of family names, days. ``content`` holds only the columns that a
rule compares, and is emptied when a newer list takes its place or the list is thrown away.
"""

from django.db import models

from sekisho.kernel.ids import new_id


class ListState(models.TextChoices):
    """Where a list stands."""

    EXAMINED = "examined"
    CURRENT = "current"
    REPLACED = "replaced"
    DROPPED = "dropped"


class ReferenceList(models.Model):
    """One version of one list, taken whole or not at all. ``table`` is the review's table that it fills.

    ``as_of`` is the day on which it was right. ``mapping`` is the heading of each column and the delimiter, offered
    again next time; ``content`` the rows as JSON.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    table = models.CharField(max_length=40)
    state = models.CharField(max_length=12, choices=ListState)
    version = models.PositiveIntegerField(default=0)
    as_of = models.DateField()
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    encoding = models.CharField(max_length=8)
    mapping = models.JSONField(default=dict)
    rows = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    faults = models.JSONField(default=list)
    content = models.TextField(blank=True)
    by_id = models.CharField(max_length=64)
    by_name = models.CharField(max_length=200)
    handed_in_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table"], condition=models.Q(state="current"), name="reference_list_one_current"
            )
        ]
        indexes = [models.Index(fields=["table", "-handed_in_at"], name="reference_list_newest")]
