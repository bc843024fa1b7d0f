"""The overview of each day: made anew whenever the verdicts changed, kept from the last time of the day."""

from django.db import models


class DailyOverview(models.Model):
    """How an edition stood at the end of a day (of the facility's time); ``document`` as rules.overview makes it.

    Derived from the stored verdicts: it proves nothing, and the rounds keep what has to be kept.
    """

    edition = models.CharField(max_length=64)
    day = models.DateField()
    made_at = models.DateTimeField()
    document = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "day"], name="daily_overview_once")]
