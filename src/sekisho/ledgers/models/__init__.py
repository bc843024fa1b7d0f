"""Tables of the ledgers room."""

from sekisho.ledgers.models.applications import Application, Decision, FileData, Submission, SubmissionFile

__all__ = ["Application", "Decision", "FileData", "Submission", "SubmissionFile"]
