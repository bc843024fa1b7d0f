"""Applications that somebody has begun to write and not applied for.

Personal data: the account id of the author, and whatever they have written so far; nobody else reads it, and what is
not touched for half a year is forgotten.
"""

from django.db import models

from sekisho.kernel.ids import new_id


class ApplicationDraft(models.Model):
    """What was typed into the form at ``address`` so far: the values of each field by its name. Files are not kept.

    It is no application: nobody decides about it, nothing counts it, and it changes without a trace.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.CharField(max_length=64)
    workflow = models.CharField(max_length=64)
    address = models.CharField(max_length=1000)
    title = models.CharField(max_length=300)
    fields = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "-changed_at"], name="application_draft_account")]

    def __str__(self) -> str:
        return self.title
