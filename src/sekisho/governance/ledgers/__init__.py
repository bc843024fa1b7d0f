"""What governance keeps: its working books, what they must cover, and what people apply for about requirements."""

from sekisho.governance.ledgers.audits import AUDIT_COVERAGE, AUDITS, FINDINGS
from sekisho.governance.ledgers.claims import attestation, document, exception, not_applicable
from sekisho.governance.ledgers.excepted import EXCEPTIONS, exception_entry
from sekisho.governance.ledgers.kept_documents import DOCUMENT_COVERAGE, DOCUMENTS, document_entry
from sekisho.governance.ledgers.reports import LOG_REVIEWS, book_report, log_review

__all__ = [
    "AUDITS",
    "AUDIT_COVERAGE",
    "DOCUMENTS",
    "DOCUMENT_COVERAGE",
    "EXCEPTIONS",
    "FINDINGS",
    "LOG_REVIEWS",
    "attestation",
    "book_report",
    "document",
    "document_entry",
    "exception",
    "exception_entry",
    "log_review",
    "not_applicable",
]
