"""Time stamps (RFC 3161) over checkpoints. Needs the extra ``tsa``; without it this part cannot tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography import x509

from sekisho_verify.errors import CannotCheck, Malformed
from sekisho_verify.notes import Checkpoint, parse_checkpoint
from sekisho_verify.report import Part, Report, State

try:
    import rfc3161_client
except ImportError:  # the extra is not installed
    INSTALLED = False
else:
    INSTALLED = True

MOST_TOKEN_BYTES = 1024 * 1024
TIME_FORM = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Token:
    """A time stamp response as its authority sent it, and the file it came in."""

    file: str
    data: bytes


def read_roots(pem: bytes, file: str) -> list[x509.Certificate]:
    """Return the certificates of authorities that are trusted with time. Raises CannotCheck."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise CannotCheck("tsa.roots", path=file) from error


def check_tokens(
    tokens: Sequence[Token], heads: Iterable[bytes], roots: Sequence[x509.Certificate], report: Report
) -> None:
    """Check each token against the checkpoints at hand: the log's own and those kept elsewhere."""
    if not tokens:
        report.parts.setdefault(Part.TOKENS, State.NOT_ASKED)
        return
    report.looked_at(Part.TOKENS)
    stamped = [head for data in heads if (head := _readable(data))]
    for token in tokens:
        if not INSTALLED:
            report.unknown(Part.TOKENS, "token.extra", file=token.file)
        elif not roots:
            report.unknown(Part.TOKENS, "token.roots", file=token.file)
        else:
            _check(token, stamped, roots, report)


def _readable(data: bytes) -> Checkpoint | None:
    try:
        return parse_checkpoint(data)
    except Malformed:
        return None


def _check(token: Token, heads: Sequence[Checkpoint], roots: Sequence[x509.Certificate], report: Report) -> None:
    try:
        response = rfc3161_client.decode_timestamp_response(token.data)
        verifier = rfc3161_client.VerifierBuilder(roots=list(roots)).build()
        moment = response.tst_info.gen_time.strftime(TIME_FORM)
    except ValueError:
        report.unknown(Part.TOKENS, "token.form", file=token.file)
        return
    reason = ""
    for head in heads:
        for message in (head.data, head.note.text):
            try:
                verifier.verify_message(response, message)
            except (rfc3161_client.VerificationError, ValueError) as error:
                reason = str(error)
            else:
                report.remark(Part.TOKENS, "token.good", file=token.file, time=moment, size=head.size)
                return
    report.unknown(Part.TOKENS, "token.none", file=token.file, reason=reason)
