"""The overview of each day: made anew whenever the verdicts changed, kept from the last time of the day."""

from django.db import models


class DailyOverview(models.Model):
    """How an edition stood at the end of a day (of the facility's time); ``document`` as rules.overview makes it.

    ``counts`` repeats how many leaves stood in which verdict, so that a year's trend need not read the documents;
    ``yardstick`` is the digest of what was asked and how it is proven: where it differs, two days were not measured
    alike. Derived from the stored verdicts: it proves nothing, and the rounds keep what has to be kept.
    """

    edition = models.CharField(max_length=64)
    day = models.DateField()
    made_at = models.DateTimeField()
    counts = models.TextField()
    yardstick = models.CharField(max_length=64)
    document = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "day"], name="daily_overview_once")]


class LastLook(models.Model):
    """When it was last looked whether anything changed that the verdicts of an edition rest on, and they held."""

    edition = models.CharField(primary_key=True, max_length=64)
    looked_at = models.DateTimeField()
