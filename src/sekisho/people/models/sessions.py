"""Server-side sessions, the terminals they are opened on, and the browsers people are known from.

Personal data: addresses and browsers sessions were begun from.
"""

from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from sekisho.kernel.ids import new_id
from sekisho.people.models.accounts import User

# What is written outside the session's own data, so that a request that saves late cannot undo it.
_APART = {"seen_at", "locked_at"}


class Session(AbstractBaseSession):
    """A server-side session. The key is stored hashed, so a copy of the database signs nobody in.

    ``seen_at`` moves with the requests (not with each), ``locked_at`` is set while the session is locked.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField(null=True)
    assurance = models.PositiveSmallIntegerField(default=0)
    network = models.CharField(max_length=64, blank=True)
    browser = models.CharField(max_length=200, blank=True)
    terminal = models.CharField(max_length=100, blank=True)
    seen_at = models.DateTimeField(null=True)
    locked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expire_date"], name="session_expiry")]

    def save(self, *args: Any, force_update: bool = False, **kwargs: Any) -> None:
        """Store the row; over an existing one only what the session's data say."""
        if force_update:
            names = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            kwargs["update_fields"] = sorted(names - _APART)
        super().save(*args, force_update=force_update, **kwargs)


class Terminal(models.Model):
    """A shared computer of a ward: its browser carries a signed cookie, and sessions on it lock early."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    idle_minutes = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=100)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class KnownBrowser(models.Model):
    """A browser somebody signed in from; it carries a token of which the hash is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="browsers")
    token_hash = models.CharField(max_length=64)
    network = models.CharField(max_length=64, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "token_hash"], name="browser_known_once")]
