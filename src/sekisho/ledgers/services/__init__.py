"""Every write of applications and of ledgers."""

from sekisho.ledgers.services.applications import (
    LARGEST_FILE,
    LARGEST_TOGETHER,
    LONGEST_COMMENT,
    LONGEST_CONTENT,
    MOST_FILES,
    NewFile,
    amend,
    approve,
    revoke,
    send_back,
    submit,
    withdraw,
)

__all__ = [
    "LARGEST_FILE",
    "LARGEST_TOGETHER",
    "LONGEST_COMMENT",
    "LONGEST_CONTENT",
    "MOST_FILES",
    "NewFile",
    "amend",
    "approve",
    "revoke",
    "send_back",
    "submit",
    "withdraw",
]
