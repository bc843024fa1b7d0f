"""Whether the endpoints answer: how each is asked, its state, its response times, its outages, its quiet times.

Personal data: the names of who planned and called off a quiet time. A weekly report repeats reasons as they were typed.
"""

from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id
from sekisho.network.rules.availability import USUAL_SLOW_MS, Watched

LONGEST_WORDS = 500
LONGEST_PATH = 200
LONGEST_NAME = 100


class AskingWay(models.TextChoices):
    """How an endpoint is asked; the values of ``rules.availability.Way``."""

    TCP = "tcp", _("Connect only")
    TLS = "tls", _("TLS handshake")
    HEAD = "head", _("Ask for the head of a page (HEAD)")
    GET = "get", _("Ask for a page (GET)")


class WatchSetting(models.Model):
    """How one endpoint of the estate is watched. No row: it is watched, in the way usual for its protocol.

    ``way`` empty is the usual one. Between ``quiet_from`` and ``quiet_until`` (facility's time, every day) it may stand
    still without an alarm.
    """

    endpoint = models.OneToOneField("estate.Endpoint", primary_key=True, on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField(default=0)
    changed_at = models.DateTimeField()
    watched = models.BooleanField(default=True)
    reason = models.CharField(max_length=LONGEST_WORDS, blank=True)
    way = models.CharField(max_length=8, choices=AskingWay, blank=True)
    path = models.CharField(max_length=LONGEST_PATH, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    slow_ms = models.PositiveIntegerField(default=USUAL_SLOW_MS)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)


class EndpointState(models.Model):
    """What was last heard of an endpoint, and what was heard since ``bucket_minute`` and is not yet in a sample.

    Written every minute for all endpoints in one statement. The short key is what samples point to: there are many.
    ``down_since`` is set while an outage is open.
    """

    id = models.BigAutoField(primary_key=True)
    endpoint = models.OneToOneField("estate.Endpoint", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, default=Watched.UNKNOWN.value)
    since = models.DateTimeField()
    asked_at = models.DateTimeField()
    response_ms = models.FloatField(null=True)
    fault = models.CharField(max_length=16, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    down_since = models.DateTimeField(null=True)
    bucket_minute = models.PositiveIntegerField()
    bucket_count = models.PositiveSmallIntegerField(default=0)
    bucket_values = models.CharField(max_length=400, blank=True)


class ResponseSample(models.Model):
    """The asks of ``span`` minutes (5 or 60) from ``minute`` (since 1970, UTC) on, in milliseconds.

    Rows of an hour take the place of those of five minutes after 14 days, and go after 13 months.
    """

    id = models.BigAutoField(primary_key=True)
    state = models.ForeignKey(EndpointState, on_delete=models.CASCADE, related_name="samples", db_index=False)
    span = models.PositiveSmallIntegerField()
    minute = models.PositiveIntegerField()
    asked = models.PositiveSmallIntegerField()
    failed = models.PositiveSmallIntegerField()
    lowest = models.FloatField(null=True)
    median = models.FloatField(null=True)
    highest = models.FloatField(null=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["state", "minute", "span"], name="response_sample_once")]
        indexes = [models.Index(fields=["span", "minute"], name="response_sample_age")]


class Outage(models.Model):
    """A time in which an endpoint did not answer. ``quiet``: it began in a quiet time. ``fault`` is the first one's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey("estate.Endpoint", on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=16, blank=True)
    quiet = models.BooleanField(default=False)

    class Meta:
        constraints = [UniqueConstraint(fields=["endpoint"], condition=Q(ended_at=None), name="outage_open_once")]
        indexes = [models.Index(fields=["endpoint", "-began_at"], name="outage_of_endpoint")]


class QuietTime(models.Model):
    """A planned time in which an endpoint may stand still without an alarm. Called off, never deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey("estate.Endpoint", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=LONGEST_WORDS)
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=LONGEST_NAME)
    called_off_at = models.DateTimeField(null=True)
    called_off_by = models.CharField(max_length=LONGEST_NAME, blank=True)

    class Meta:
        indexes = [models.Index(fields=["until"], name="quiet_time_until")]


class WeeklyReport(models.Model):
    """The report of one week (``first_day`` is its Monday) in one language, as a PDF. Destroyed after a year."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    first_day = models.DateField()
    language = models.CharField(max_length=8)
    made_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()

    class Meta:
        constraints = [UniqueConstraint(fields=["first_day", "language"], name="weekly_report_once")]
