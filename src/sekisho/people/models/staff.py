"""People and the roles they hold.

Personal data: names, readings, staff numbers, departments and professions of staff.
"""

from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id


class Profession(models.TextChoices):
    """The professions of a Japanese medical facility."""

    DOCTOR = "doctor", _("Doctor")
    DENTIST = "dentist", _("Dentist")
    NURSE = "nurse", _("Nurse")
    MIDWIFE = "midwife", _("Midwife")
    PHARMACIST = "pharmacist", _("Pharmacist")
    RADIOGRAPHER = "radiographer", _("Radiological technologist")
    LABORATORY = "laboratory", _("Clinical laboratory technician")
    CLINICAL_ENGINEER = "clinical_engineer", _("Clinical engineer")
    THERAPIST = "therapist", _("Therapist (physical, occupational, speech)")
    DIETITIAN = "dietitian", _("Dietitian")
    DENTAL_HYGIENIST = "dental_hygienist", _("Dental hygienist")
    SOCIAL_WORKER = "social_worker", _("Social worker")
    DOCTOR_CLERK = "doctor_clerk", _("Doctor's clerk")
    CLERK = "clerk", _("Office clerk")
    IT = "it", _("Information systems staff")
    VENDOR = "vendor", _("Vendor's staff")
    OTHER = "other", _("Other")


class Staff(models.Model):
    """One person who works here or for the facility, with or without an account.

    ``forgotten_at``: what told who they are was destroyed; the row stays, because the history points to it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff_number = models.CharField(max_length=32, null=True, blank=True, unique=True)
    name = models.CharField(max_length=100)
    kana = models.CharField(max_length=100, blank=True)
    department = models.ForeignKey(
        "estate.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="staff"
    )
    profession = models.CharField(max_length=32, choices=Profession, default=Profession.OTHER)
    employed_from = models.DateField(null=True, blank=True)
    employed_until = models.DateField(null=True, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    forgotten_at = models.DateTimeField(null=True, blank=True)
    search_key = models.TextField()

    def __str__(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """A role held by a person from a day on, until revoked or ended. Rows stay for the history."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=100)
    reason = models.TextField(blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["staff", "role"], condition=Q(revoked_at=None), name="role_held_once")]
