"""Notices, who has read them, and what was told to whom outside.

Personal data: names of the responsible, of who put a notice off and of who looks after an alarm.
"""

from django.db import models
from django.db.models import Q

from sekisho.governance.rules.notices import NoticeKind
from sekisho.kernel.ids import new_id


class Notice(models.Model):
    """One state that somebody should know of, from when it was first seen to its end. Never deleted by a person.

    ``members`` and ``facts`` are JSON, ``roles`` the responsible roles with commas around each. ``worsened_at`` is
    when it was opened or turned worse last: what was read, told or put off before that was another state.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in NoticeKind])
    key = models.CharField(max_length=200)
    urgency = models.PositiveSmallIntegerField()
    overdue = models.BooleanField(default=False)
    subject = models.CharField(max_length=300, blank=True)
    ref = models.CharField(max_length=64)
    facts = models.TextField()
    members = models.TextField()
    until = models.DateField(null=True)
    roles = models.CharField(max_length=300, blank=True)
    person = models.CharField(max_length=64, blank=True)
    person_name = models.CharField(max_length=100, blank=True)
    since = models.DateTimeField()
    opened_at = models.DateTimeField()
    worsened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    snoozed_until = models.DateField(null=True)
    snoozed_at = models.DateTimeField(null=True)
    snoozed_by = models.CharField(max_length=100, blank=True)
    snooze_reason = models.TextField(blank=True)
    looked_after_at = models.DateTimeField(null=True)
    looked_after_by = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], condition=Q(ended_at=None), name="notice_open_once")
        ]
        indexes = [models.Index(fields=["ended_at", "-urgency"], name="notice_open")]


class NoticeRead(models.Model):
    """That a person has read a notice as it was then. It hides nothing from anybody else."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="reads")
    account = models.CharField(max_length=64)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "account"], name="notice_read_once")]
