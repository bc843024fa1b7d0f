"""The passwords that an account had before, as hashes, so that none of the last comes back."""

from django.db import models

from sekisho.people.models.accounts import User


class FormerPassword(models.Model):
    """The hash of a password that was replaced; only as many are kept as must not come back."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_passwords")
    password = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "replaced_at"], name="former_password_newest")]
