"""How people look at a ledger: what they search, narrow and sort by, kept under a name.

Personal data: name and account id of whoever keeps a view.
"""

from django.db import models

from sekisho.kernel.ids import new_id


class BookView(models.Model):
    """A view of a ledger; ``query`` is what stands behind the question mark of its address."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ledger = models.CharField(max_length=100)
    account = models.CharField(max_length=64)
    account_name = models.CharField(max_length=100)
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    shared = models.BooleanField(default=False)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ledger", "account", "name"], name="book_view_name")]

    def __str__(self) -> str:
        return self.name
