"""Applications with every version that was submitted, its files, and every decision about it.

Personal data: names and account ids of applicants and approvers, and whatever the attached files hold.
"""

from django.db import models

from sekisho.kernel.ids import new_id
from sekisho.ledgers.models.base import AppendOnly


class Application(models.Model):
    """Where one application stands now. ``key`` says what it is about within its workflow, such as a requirement.

    ``stage`` counts the steps of its route that are done; ``open_parts`` holds the keys of the parts that wait, each on
    a line of its own: what the inbox asks for. Both are derived from the decisions. ``done_reason`` says why, in an
    emergency, it was done before it was approved; it is to be approved by ``decide_by``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workflow = models.CharField(max_length=64)
    state = models.CharField(max_length=16)
    version = models.IntegerField(default=1)
    key = models.CharField(max_length=200)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=300)
    title = models.CharField(max_length=300)
    applicant_id = models.CharField(max_length=64)
    applicant_name = models.CharField(max_length=100)
    applied_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    search_key = models.TextField()
    stage = models.PositiveIntegerField(default=0)
    open_parts = models.TextField(blank=True)
    done_reason = models.TextField(blank=True)
    decide_by = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "-changed_at"], name="application_state"),
            models.Index(fields=["applicant_id", "-changed_at"], name="application_applicant"),
            models.Index(fields=["workflow", "key", "subject_id"], name="application_about"),
        ]

    def __str__(self) -> str:
        return self.title


class Submission(AppendOnly):
    """One version of an application as it was submitted: canonical JSON, and the digest of it with its files."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField()
    content = models.TextField()
    digest = models.CharField(max_length=64)
    comment = models.TextField(blank=True)
    submitted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "number"], name="submission_number")]


class FileData(AppendOnly):
    """The bytes of a file under their own hash; the same bytes are kept once."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    data = models.BinaryField()
    received_at = models.DateTimeField()


class SubmissionFile(AppendOnly):
    """A file of a submission, by the name it was handed in under."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="files")
    place = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    data = models.ForeignKey(FileData, on_delete=models.PROTECT, related_name="files")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "place"], name="submission_file_place")]


class Decision(AppendOnly):
    """One step after a submission: who decided what about which version, and why. ``own``: the applicant decided.

    ``part`` is the part of the route that was approved, ``again`` tells that the same person had approved another one;
    ``for_id`` and ``for_name`` are the account and the name of the person who was stood in for, empty for oneself.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="decisions")
    step = models.CharField(max_length=16)
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64)
    decided_by_name = models.CharField(max_length=100)
    comment = models.TextField(blank=True)
    own = models.BooleanField(default=False)
    part = models.TextField(blank=True)
    again = models.BooleanField(default=False)
    for_id = models.CharField(max_length=64, blank=True)
    for_name = models.CharField(max_length=100, blank=True)
