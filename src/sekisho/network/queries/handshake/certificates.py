"""The facts of a certificate, from its bytes (RFC 5280). What cannot be parsed has a fingerprint and nothing else."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning

from sekisho.network.rules.observation import Certificate, Chain

_LONGEST_TEXT = 300
_MOST_NAMES = 100
_PURPOSES = {
    "1.3.6.1.5.5.7.3.1": "serverAuth",
    "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "2.5.29.37.0": "anyExtendedKeyUsage",
}
# What hostile or merely old certificates make the parser raise.
UNPARSED = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    CryptographyDeprecationWarning,
)


def chain_facts(certificates: Iterable[bytes]) -> Chain:
    """Return the facts of each certificate of a chain, the server's own first."""
    return tuple(certificate_facts(data) for data in certificates)


def pem_facts(pem: str) -> Certificate | None:
    """Return the facts of the first certificate in PEM text, None where there is none."""
    try:
        parsed = x509.load_pem_x509_certificate(pem.encode())
    except UNPARSED:
        return None
    return certificate_facts(parsed.public_bytes(Encoding.DER))


def certificate_facts(data: bytes) -> Certificate:
    """Return what one certificate says of itself."""
    fingerprint = hashlib.sha256(data).hexdigest()
    try:
        parsed = x509.load_der_x509_certificate(data)
        subject, issuer = parsed.subject, parsed.issuer
        valid = parsed.not_valid_before_utc, parsed.not_valid_after_utc
    except UNPARSED:
        return Certificate(fingerprint)
    key_type, key_bits, curve = _key(parsed)
    return Certificate(
        fingerprint=fingerprint,
        subject=_text(subject),
        issuer=_text(issuer),
        names=_names(parsed),
        not_before=_utc(valid[0]),
        not_after=_utc(valid[1]),
        key_type=key_type,
        key_bits=key_bits,
        curve=curve,
        signature_algorithm=_signature(parsed),
        signature_hash=_signature_hash(parsed),
        purposes=_purposes(parsed),
        is_authority=_is_authority(parsed),
        self_signed=_self_signed(parsed),
    )


def _text(name: x509.Name) -> str:
    return clean(name.rfc4514_string())


def clean(text: str) -> str:
    """Return text from outside without what cannot be written down: half and control characters, an endless rest."""
    whole = text.encode(errors="replace").decode()
    return "".join(letter if letter.isprintable() else "�" for letter in whole[:_LONGEST_TEXT])


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _key(parsed: x509.Certificate) -> tuple[str | None, int | None, str | None]:
    try:
        key = parsed.public_key()
    except UNPARSED:
        return None, None, None
    match key:
        case rsa.RSAPublicKey():
            return "rsa", key.key_size, None
        case ec.EllipticCurvePublicKey():
            return "ec", key.key_size, key.curve.name
        case ed25519.Ed25519PublicKey():
            return "ed25519", 256, None
        case ed448.Ed448PublicKey():
            return "ed448", 456, None
        case dsa.DSAPublicKey():
            return "dsa", key.key_size, None
    return "other", None, None


def _signature(parsed: x509.Certificate) -> str:
    # The library has a name for most identifiers, and no public way to ask for it.
    number = parsed.signature_algorithm_oid
    name: str = getattr(number, "_name", "")
    return number.dotted_string if name in {"", "Unknown OID"} else name


def _signature_hash(parsed: x509.Certificate) -> str | None:
    """Return the hash that was signed; the Edwards curves have theirs built in (RFC 8032)."""
    try:
        found = parsed.signature_hash_algorithm
    except UNPARSED:
        return None
    if found is not None:
        return found.name
    built_in = {"1.3.101.112": "sha512", "1.3.101.113": "shake256"}
    return built_in.get(parsed.signature_algorithm_oid.dotted_string)


def _extension(parsed: x509.Certificate, kind: type[x509.ExtensionType]) -> tuple[bool, Any]:
    """Return whether the extensions could be read, and the one of ``kind`` or None."""
    try:
        return True, parsed.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return True, None
    except UNPARSED:
        return False, None


def _names(parsed: x509.Certificate) -> tuple[str, ...] | None:
    readable, found = _extension(parsed, x509.SubjectAlternativeName)
    if found is None:
        return () if readable else None
    dns = [f"DNS:{clean(name)}" for name in found.get_values_for_type(x509.DNSName)]
    addresses = [f"IP:{name}" for name in found.get_values_for_type(x509.IPAddress)]
    return tuple((dns + addresses)[:_MOST_NAMES])


def _purposes(parsed: x509.Certificate) -> tuple[str, ...] | None:
    readable, found = _extension(parsed, x509.ExtendedKeyUsage)
    if found is None:
        return () if readable else None
    return tuple(_PURPOSES.get(usage.dotted_string, usage.dotted_string) for usage in found)


def _is_authority(parsed: x509.Certificate) -> bool | None:
    readable, found = _extension(parsed, x509.BasicConstraints)
    if found is None:
        return False if readable else None
    return bool(found.ca)


def _self_signed(parsed: x509.Certificate) -> bool | None:
    if parsed.subject != parsed.issuer:
        return False
    try:
        parsed.verify_directly_issued_by(parsed)
    except InvalidSignature:
        return False
    except UNPARSED:
        return None
    return True
