"""What this installation knows of heads that are kept outside it. Personal data: none."""

from django.db import models


class HeldHead(models.Model):
    """A place that keeps heads of the log, the last one it is known to have, and what keeps it from taking newer ones.

    ``place`` is its stable name (``witness:…``, ``folder``, ``syslog``, ``stamp``). ``cosignature`` is the line by
    which a witness signed that head. ``tried_at`` is when it was asked last; ``failure`` is a stable code, empty while
    all is well.
    """

    place = models.CharField(primary_key=True, max_length=220)
    size = models.BigIntegerField(default=0)
    root = models.CharField(max_length=64, blank=True)
    held_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    cosignature = models.TextField(blank=True)
    failure = models.CharField(max_length=32, blank=True)
    failing_since = models.DateTimeField(null=True)
