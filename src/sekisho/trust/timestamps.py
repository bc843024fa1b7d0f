"""Time stamps of RFC 3161: the question for an authority, and its answer verified. Nothing of a network in here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import rfc3161_client
from cryptography import x509

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

QUERY_TYPE = "application/timestamp-query"


class StampBroken(InvalidInput):
    """An answer of a time-stamping authority is none, stamps something else, or is not of a trusted authority."""

    code = "trust.stamp_broken"
    message = _("The time stamp is not valid: %(reason)s")


@dataclass(frozen=True, slots=True)
class Question:
    """What an authority is asked: the bytes to send, and the number that its answer must repeat."""

    body: bytes
    nonce: int


def ask_for(message: bytes) -> Question:
    """Return the question for a time stamp over ``message``: its SHA-256, a fresh number, the certificate wanted."""
    builder = rfc3161_client.TimestampRequestBuilder().data(message)
    asked = builder.hash_algorithm(rfc3161_client.HashAlgorithm.SHA256).build()
    if asked.nonce is None:
        raise StampBroken(reason="nonce")
    return Question(asked.as_bytes(), asked.nonce)


def verify_stamp(answer: bytes, message: bytes, nonce: int, roots: Sequence[x509.Certificate]) -> datetime:
    """Return the time for which an authority under one of ``roots`` vouches. Raises StampBroken."""
    try:
        response = rfc3161_client.decode_timestamp_response(answer)
        builder = rfc3161_client.VerifierBuilder(roots=list(roots)).nonce(nonce)
        builder.build().verify_message(response, message)
    except (rfc3161_client.VerificationError, ValueError) as error:
        raise StampBroken(reason=str(error)) from error
    return response.tst_info.gen_time


def read_roots(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates of the authorities that are trusted with time. Raises StampBroken."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise StampBroken(reason=str(error)) from error
