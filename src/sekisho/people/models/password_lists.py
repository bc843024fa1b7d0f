"""What is left of another system's password hashes: by it a reused password is recognised, for a limited time.

Dangerous data: with the key of this installation, passwords could be tried against it. There is none by default.
"""

from django.db import models

from sekisho.kernel.ids import new_id


class PasswordList(models.Model):
    """The keyed and sealed marks of one system's unsalted hashes. ``found`` names logins that share a password."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    system = models.OneToOneField("estate.System", on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    taken_by = models.CharField(max_length=100)
    delete_on = models.DateField()
    counts = models.JSONField(default=dict)
    found = models.JSONField(default=dict)
    sealed = models.BinaryField()
