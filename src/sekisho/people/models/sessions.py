"""Server-side sessions. Personal data: the address a session was begun from."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from sekisho.kernel.ids import new_id
from sekisho.people.models.accounts import User


class Session(AbstractBaseSession):
    """A server-side session. The key is stored hashed, so a copy of the database signs nobody in."""

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField(null=True)
    assurance = models.PositiveSmallIntegerField(default=0)
    network = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["expire_date"], name="session_expiry")]
