"""Every read of applications and of ledgers."""

from sekisho.ledgers.queries.applications import (
    PAGE_SIZE,
    Approved,
    applications,
    approved,
    file_bytes,
    get_application,
    get_file,
    open_applications,
    stored_files,
    stored_submissions,
    submissions_of,
)
from sekisho.ledgers.queries.deciders import other_approvers, same_person
from sekisho.ledgers.queries.inbox import Waited, own_accounts, visible_to, waiting_for, waiting_parts
from sekisho.ledgers.queries.routes import workflow_of

__all__ = [
    "PAGE_SIZE",
    "Approved",
    "Waited",
    "applications",
    "approved",
    "file_bytes",
    "get_application",
    "get_file",
    "open_applications",
    "other_approvers",
    "own_accounts",
    "same_person",
    "stored_files",
    "stored_submissions",
    "submissions_of",
    "visible_to",
    "waiting_for",
    "waiting_parts",
    "workflow_of",
]
