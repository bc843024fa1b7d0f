"""Models of authenticators: the FIDO Alliance's metadata list (MDS3), and whether a key is attested by its maker.

The list is a file that the operator brings along; nothing is fetched. Stricter than the library: certificates must be
valid today, those between must be authorities, and a model must keep its keys in hardware.
"""

import json
import struct
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from fido2.attestation.base import InvalidAttestation, UntrustedAttestation
from fido2.mds3 import MdsAttestationVerifier, MetadataBlobPayload, MetadataBlobPayloadEntry, parse_blob
from fido2.utils import websafe_decode
from fido2.webauthn import AttestationObject

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

Json = dict[str, Any]
# Reports after which a model is not trusted any more (FIDO Metadata Service 3.0, 3.1.4).
AGAINST = (
    "REVOKED",
    "USER_VERIFICATION_BYPASS",
    "ATTESTATION_KEY_COMPROMISE",
    "USER_KEY_REMOTE_COMPROMISE",
    "USER_KEY_PHYSICAL_COMPROMISE",
)
_PICTURES = {"icon", "iconDark", "providerLogoLight", "providerLogoDark"}
_LONGEST_NAME = 200
# What reading bytes made by a stranger can raise, in the library and below it.
_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    NotImplementedError,
    struct.error,
    UnsupportedAlgorithm,
    InvalidAttestation,
    UntrustedAttestation,
    InvalidSignature,
)
# GlobalSign Root CA - R3, which the list is signed under; SHA-256 cbb522d7b7f127ad6a01138… of its DER.
LIST_ROOT = """-----BEGIN CERTIFICATE-----
MIIDXzCCAkegAwIBAgILBAAAAAABIVhTCKIwDQYJKoZIhvcNAQELBQAwTDEgMB4G
A1UECxMXR2xvYmFsU2lnbiBSb290IENBIC0gUjMxEzARBgNVBAoTCkdsb2JhbFNp
Z24xEzARBgNVBAMTCkdsb2JhbFNpZ24wHhcNMDkwMzE4MTAwMDAwWhcNMjkwMzE4
MTAwMDAwWjBMMSAwHgYDVQQLExdHbG9iYWxTaWduIFJvb3QgQ0EgLSBSMzETMBEG
A1UEChMKR2xvYmFsU2lnbjETMBEGA1UEAxMKR2xvYmFsU2lnbjCCASIwDQYJKoZI
hvcNAQEBBQADggEPADCCAQoCggEBAMwldpB5BngiFvXAg7aEyiie/QV2EcWtiHL8
RgJDx7KKnQRfJMsuS+FggkbhUqsMgUdwbN1k0ev1LKMPgj0MK66X17YUhhB5uzsT
gHeMCOFJ0mpiLx9e+pZo34knlTifBtc+ycsmWQ1z3rDI6SYOgxXG71uL0gRgykmm
KPZpO/bLyCiR5Z2KYVc3rHQU3HTgOu5yLy6c+9C7v/U9AOEGM+iCK65TpjoWc4zd
QQ4gOsC0p6Hpsk+QLjJg6VfLuQSSaGjlOCZgdbKfd/+RFO+uIEn8rUAVSNECMWEZ
XriX7613t2Saer9fwRPvm2L7DWzgVGkWqQPabumDk3F2xmmFghcCAwEAAaNCMEAw
DgYDVR0PAQH/BAQDAgEGMA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFI/wS3+o
LkUkrk1Q+mOai97i3Ru8MA0GCSqGSIb3DQEBCwUAA4IBAQBLQNvAUKr+yAzv95ZU
RUm7lgAJQayzE4aGKAczymvmdLm6AC2upArT9fHxD4q/c2dKg8dEe3jgr25sbwMp
jjM5RcOO5LlXbKr8EpbsU8Yt5CRsuZRj+9xTaGdWPoO4zzUhw8lo/s7awlOqzJCK
6fBdRoyV3XpYKBovHd7NADdBj+1EbddTKJd+82cEHhXXipa0095MJ6RMG3NzdvQX
mcIfeg7jLQitChws/zyrVQ4PkX4268NXSb7hLi18YIvDQVETI53O9zJrlAGomecs
Mx86OyXShkDOOyyGeMlhLxS67ttVb9+E7gUJTb0o2HLO02JQZR7rkpeDMdmztcpH
WD9f
-----END CERTIFICATE-----
"""


class ListRefused(InvalidInput):
    """The file is no metadata list, or nobody whom we trust has signed it."""

    code = "trust.authenticator_list_refused"
    message = _("The list of authenticators cannot be trusted or read.")
    hint = _("Fetch the list anew from the FIDO Alliance, and name its file in SEKISHO_FIDO_METADATA.")


@dataclass(frozen=True, slots=True)
class Model:
    """One model: ``entry`` is its entry of the list without pictures; ``refused`` the gravest report against it."""

    aaguid: UUID
    name: str
    entry: Json
    refused: str


@dataclass(frozen=True, slots=True)
class MetadataFacts:
    """What a list says: its number, the day when the next one is due, and its models of FIDO2."""

    number: int
    next_update: date
    models: tuple[Model, ...]


def root_of(data: bytes) -> bytes:
    """Return the certificate of a file, PEM or DER, as DER. Raises ListRefused."""
    try:
        is_pem = data.lstrip().startswith(b"-----BEGIN")
        found = x509.load_pem_x509_certificate(data) if is_pem else x509.load_der_x509_certificate(data)
    except ValueError as error:
        raise ListRefused from error
    return found.public_bytes(Encoding.DER)


def read_list(blob: bytes, root: bytes, now: datetime) -> MetadataFacts:
    """Return what a list says that is signed under ``root`` (DER). Raises ListRefused."""
    try:
        header, payload = (json.loads(websafe_decode(part)) for part in blob.strip().split(b".")[:2])
        chain = [b64decode(certificate) for certificate in header["x5c"]]
        if not chain or not _is_sound([*chain, root], now):
            raise ListRefused
        parse_blob(blob.strip(), root)
        models = tuple(_model(entry) for entry in payload["entries"] if entry.get("aaguid"))
        return MetadataFacts(int(payload["no"]), date.fromisoformat(payload["nextUpdate"]), models)
    except _UNREADABLE as error:
        raise ListRefused from error


def _is_sound(chain: Sequence[bytes], now: datetime | None) -> bool:
    """Tell whether all certificates are valid at ``now`` (not looked at if None), and all but the first authorities."""
    found = [x509.load_der_x509_certificate(der) for der in chain]
    in_time = now is None or all(one.not_valid_before_utc <= now <= one.not_valid_after_utc for one in found)
    return in_time and all(_is_authority(one) for one in found[1:])


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _model(entry: Mapping[str, Any]) -> Model:
    statement = entry.get("metadataStatement") or {}
    reports = {report.get("status") for report in entry.get("statusReports", ())}
    kept = {key: value for key, value in statement.items() if key not in _PICTURES}
    return Model(
        aaguid=UUID(entry["aaguid"]),
        name=str(statement.get("description", ""))[:_LONGEST_NAME],
        entry={**entry, "metadataStatement": kept},
        refused=next((status for status in AGAINST if status in reports), ""),
    )


def is_attested(entry: Json, made: AttestationObject, client_data_hash: bytes) -> bool:
    """Tell whether the maker's certificate of ``entry`` stands behind a new key that is kept in hardware."""
    try:
        found = MetadataBlobPayloadEntry.from_dict(entry)
        if found.metadata_statement is None or "hardware" not in found.metadata_statement.key_protection:
            return False
        listed = MetadataBlobPayload(legal_header="", no=0, next_update=date.max, entries=[found])
        MdsAttestationVerifier(listed).verify_attestation(made, client_data_hash)
        between: Sequence[bytes] = made.att_stmt.get("x5c", ())
        return _is_sound(between, None)
    except _UNREADABLE:
        return False
