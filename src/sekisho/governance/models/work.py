"""Work on the requirements: who looks after one, by when it is to be done, and what people remark on it.

Personal data: names of staff beside what they were asked to do and wrote.
"""

from django.db import models

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly


class Assignment(models.Model):
    """Who looks after a requirement and the day by which it is to be done; every change stands in the register.

    ``assignee_id`` is the person's id, empty for nobody, with the name of that time. ``assigned_…`` and ``due_set_…``
    say who settled each of the two last, and when. ``version`` counts the changes.
    """

    edition = models.CharField(max_length=64)
    requirement = models.CharField(max_length=32)
    assignee_id = models.CharField(max_length=64, blank=True)
    assignee_name = models.CharField(max_length=100, blank=True)
    assigned_by = models.CharField(max_length=100, blank=True)
    assigned_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    due_set_by = models.CharField(max_length=100, blank=True)
    due_set_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "requirement"], name="assignment_once")]


class Comment(AppendOnly):
    """What somebody remarked on a requirement. It is never changed: a correction is a new comment."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    edition = models.CharField(max_length=64)
    requirement = models.CharField(max_length=32)
    text = models.TextField()
    written_by = models.CharField(max_length=64)
    written_by_name = models.CharField(max_length=100)
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["edition", "requirement", "-written_at"], name="comment_newest")]


class StruckComment(AppendOnly):
    """A comment that its writer struck out, with the reason. The comment stays and is shown struck through."""

    comment = models.OneToOneField(Comment, on_delete=models.PROTECT, related_name="struck")
    reason = models.TextField()
    struck_by_name = models.CharField(max_length=100)
    struck_at = models.DateTimeField()
