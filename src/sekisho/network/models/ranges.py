"""Registered ranges of addresses, the leave to sweep them, and sweeps that were asked for.

Personal data: the names of who registered, allowed, started and stopped. Rows are closed or revoked, never deleted.
"""

from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id

LONGEST_LABEL = 200
LONGEST_REASON = 500
LONGEST_NAME = 100


class Zone(models.TextChoices):
    """What stands in a range. Where medical devices stand nothing is ever swept."""

    GENERAL = "general", _("Terminals, servers, network devices")
    MEDICAL = "medical", _("Medical devices: never swept")


class RegisteredRange(models.Model):
    """A range of addresses of this facility. ``line`` is the id of the estate's network line its devices stand at."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    network = models.CharField(max_length=43)
    label = models.CharField(max_length=LONGEST_LABEL)
    zone = models.CharField(max_length=16, choices=Zone)
    line = models.UUIDField(null=True)
    note = models.CharField(max_length=LONGEST_REASON, blank=True)
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=LONGEST_NAME)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=LONGEST_NAME, blank=True)
    closed_reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["network"], condition=Q(closed_at=None), name="range_open_once")]

    def __str__(self) -> str:
        return f"{self.label} ({self.network})"


class SweepPermit(models.Model):
    """The leave to sweep some ranges: who gave it and why, from when until when (``until`` excluded)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ranges = models.ManyToManyField(RegisteredRange, related_name="permits")
    allowed_by = models.CharField(max_length=LONGEST_NAME)
    allowed_by_id = models.CharField(max_length=64)
    reason = models.CharField(max_length=LONGEST_REASON)
    since = models.DateTimeField()
    until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=LONGEST_NAME, blank=True)
    revoked_reason = models.CharField(max_length=LONGEST_REASON, blank=True)


class SweepState(models.TextChoices):
    """How far a sweep is."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Sweep under way")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")
    EXPIRED = "expired", _("Permit ended on the way")
    REFUSED = "refused", _("Not carried out")
    BROKEN = "broken", _("Broken off")


UNDER_WAY = (SweepState.WAITING, SweepState.RUNNING)


class RequestedSweep(models.Model):
    """A sweep that somebody asked for. What it saw is a sighting of the probe SWEEP under the id of this row.

    ``asked`` of ``planned`` connections were tried; ``refusal`` says why none was: a message id and its parameters as
    JSON.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    range = models.ForeignKey(RegisteredRange, on_delete=models.PROTECT, related_name="sweeps")
    permit = models.ForeignKey(SweepPermit, on_delete=models.PROTECT, related_name="sweeps")
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=LONGEST_NAME)
    state = models.CharField(max_length=16, choices=SweepState, default=SweepState.WAITING)
    planned = models.PositiveIntegerField()
    asked = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    stop_requested_at = models.DateTimeField(null=True)
    stop_requested_by = models.CharField(max_length=LONGEST_NAME, blank=True)
    refusal = models.TextField(blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["range"], condition=Q(state__in=["waiting", "running"]), name="sweep_once_at_a_time"
            )
        ]
