"""The outbox: events written in the transaction of the change, and their place in the log once they have one.

Personal data: names and ids of the acting people, patient ids; kept as long as the register.
"""

from django.db import models


class Head(models.Model):
    """The last number given out, per source and for the log. Its row lock makes the numbers gapless.

    ``recorded_at`` is when a source's last event in the log was recorded; ``leaf`` is the hash, in hex, of the last
    entry of the log that the database has seen.
    """

    name = models.CharField(primary_key=True, max_length=64)
    last = models.BigIntegerField(default=0)
    recorded_at = models.DateTimeField(null=True)
    leaf = models.CharField(max_length=64, default="")


class Event(models.Model):
    """One entry of the outbox. ``entry`` holds the exact canonical bytes; the columns only help to find it.

    What hot writers record has no row: it goes from their spools into the log, and is found by the index.
    """

    id = models.UUIDField(primary_key=True)
    source = models.CharField(max_length=64)
    source_seq = models.BigIntegerField()
    log_index = models.BigIntegerField(null=True, unique=True)
    occurred_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)
    action = models.CharField(max_length=64)
    outcome = models.CharField(max_length=16)
    subject_kind = models.CharField(max_length=32, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    patient = models.CharField(max_length=64, null=True)
    search_key = models.TextField()
    entry = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_seq"], name="event_source_seq")]
        indexes = [
            models.Index(fields=["-occurred_at"], name="event_when"),
            models.Index(fields=["subject_kind", "subject_id", "-occurred_at"], name="event_subject"),
            models.Index(fields=["log_index", "source", "source_seq"], name="event_waiting"),
        ]


class Body(models.Model):
    """A part of an entry that may be destroyed alone; the entry's commitment proves it while it exists."""

    event = models.OneToOneField(Event, primary_key=True, on_delete=models.CASCADE)
    nonce = models.BinaryField(max_length=16)
    body = models.BinaryField()
