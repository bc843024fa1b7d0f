"""Every write of applications and of ledgers."""

from sekisho.ledgers.services.applications import (
    LARGEST_FILE,
    LARGEST_TOGETHER,
    LONGEST_COMMENT,
    LONGEST_CONTENT,
    MOST_FILES,
    NewFile,
)
from sekisho.ledgers.services.deciding import approve, comment_on, revoke, send_back
from sekisho.ledgers.services.delegating import delegate, end_delegation
from sekisho.ledgers.services.entry_approval import apply_for_entry, entry_workflow
from sekisho.ledgers.services.submitting import amend, submit, withdraw

__all__ = [
    "LARGEST_FILE",
    "LARGEST_TOGETHER",
    "LONGEST_COMMENT",
    "LONGEST_CONTENT",
    "MOST_FILES",
    "NewFile",
    "amend",
    "apply_for_entry",
    "approve",
    "comment_on",
    "delegate",
    "end_delegation",
    "entry_workflow",
    "revoke",
    "send_back",
    "submit",
    "withdraw",
]
