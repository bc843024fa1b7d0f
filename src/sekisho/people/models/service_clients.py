"""Programs that use the API: who answers for one, what it may do, from where and until when; its secrets and tokens.

Personal data: who entered, released and closed a program, and who is responsible for it.
"""

from django.db import models
from django.db.models import Q, UniqueConstraint

from sekisho.kernel.ids import new_id
from sekisho.people.models.staff import Staff


class ServiceClient(models.Model):
    """A program that may use the API. What was entered is never changed: another scope is another entry.

    ``actions`` holds the ids of what it may do and ``networks`` CIDR blocks, both separated by spaces. It works from
    ``starts_on`` to ``ends_on``, both included, once it was released and until it is closed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    purpose = models.TextField()
    responsible = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("estate.Department", on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey("estate.System", on_delete=models.PROTECT, related_name="+")
    actions = models.TextField()
    networks = models.TextField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=64)
    entered_by_name = models.CharField(max_length=100)
    released_at = models.DateTimeField(null=True)
    released_by_name = models.CharField(max_length=100, blank=True)
    release_reason = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by_name = models.CharField(max_length=100, blank=True)
    close_reason = models.TextField(blank=True)
    last_used_at = models.DateTimeField(null=True)
    last_network = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["name"], condition=Q(closed_at=None), name="service_client_name_once")]

    def __str__(self) -> str:
        return self.name


class ServiceSecret(models.Model):
    """A secret of a program, as SHA-256: of 256 random bits nobody finds a second one with the same hash.

    ``ends_at`` is set when another takes its place; until then both work.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(ServiceClient, on_delete=models.PROTECT, related_name="secrets")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=100)
    ends_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)


class ServiceToken(models.Model):
    """A token for some minutes, as SHA-256. ``refused_at`` is when its refusal was last written down."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(ServiceClient, on_delete=models.CASCADE, related_name="tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    actions = models.TextField()
    network = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
