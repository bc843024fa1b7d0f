"""Reading certificates and keys that people hand in: exactly what is expected, or refused with the reason.

Only certificates and keys of RSA, ECDSA and EdDSA are taken. Nothing of a key or a password ever stands in an error.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import Text, _

LARGEST_FILE = 64 * 1024
MOST_CERTIFICATES = 20
_Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
_KINDS = (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion)
# The blocks of PEM (RFC 7468) that may be handed in.
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----[A-Za-z0-9+/=\s:,\-]*?-----END \1-----")
_CERTIFICATE = b"CERTIFICATE"
_DER_SEQUENCE = b"\x30"


class CredentialRefused(InvalidInput):
    """A file with certificates or a key is not what it should be; nothing was stored."""

    code = "network.credential_refused"
    message = _("This cannot be taken: %(reason)s")
    hint = _("Ask the vendor for the file again, in PEM form or as PKCS #12 (.p12, .pfx).")


@dataclass(frozen=True, slots=True)
class ClientIdentity:
    """A client certificate: itself and its chain as PEM, and its private key as unencrypted PEM, never shown."""

    certificate_pem: str
    key_pem: str = field(repr=False)


def read_authorities(data: bytes) -> str:
    """Return the certificates of a PEM file (or the one of a DER file) as tidy PEM. Raises CredentialRefused.

    An authority below the root, or the server's own certificate, will do too: what is registered is trusted as it is.
    """
    if data[:1] == _DER_SEQUENCE:
        certificates = [_parsed(x509.load_der_x509_certificate, data, field="ca")]
    else:
        blocks = _blocks(data, field="ca")
        if any(kind != _CERTIFICATE for kind, _block in blocks):
            raise _refused("ca", _("it holds something other than certificates, perhaps a private key."))
        certificates = [_parsed(x509.load_pem_x509_certificate, block, field="ca") for _kind, block in blocks]
    return _pem(certificates)


def certificates_in(pem: str) -> Sequence[str]:
    """Return the certificates of a tidy PEM text one by one."""
    return [found.group(0).decode() for found in _BLOCK.finditer(pem.encode())]


def read_client_identity(data: bytes, key: bytes, password: str, now: datetime) -> ClientIdentity:
    """Return the client certificate of a PKCS #12 file, or of PEM with its key in ``key`` or the same file.

    The key must belong to one of the certificates, which must be valid at ``now``. Raises CredentialRefused with the
    field ("certificate", "key" or "password") that is wrong.
    """
    if len(key) > LARGEST_FILE:
        raise _refused("key", _("the file is larger than 64 KiB."))
    if data[:1] == _DER_SEQUENCE:
        found, certificates = _from_pkcs12(data, password)
    else:
        found, certificates = _from_pem(data, key, password)
    public = _public(found.public_key())
    own = [one for one in certificates if _public(one.public_key()) == public]
    if not own:
        raise _refused("key", _("the private key does not belong to the certificate."))
    if not own[0].not_valid_before_utc <= now <= own[0].not_valid_after_utc:
        raise _refused("certificate", _("the certificate is not valid today."))
    secret = found.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return ClientIdentity(_pem([own[0], *(one for one in certificates if one != own[0])]), secret)


def _from_pkcs12(data: bytes, password: str) -> tuple[_Key, list[x509.Certificate]]:
    _bounded(data, "certificate")
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(data, password.encode() or None)
    except _UNREADABLE as error:
        raise _refused("password", _("the password is wrong, or the file is damaged.")) from error
    if key is None or certificate is None:
        raise _refused("certificate", _("the file holds no certificate with its private key."))
    return _known(key), [certificate, *chain]


def _from_pem(data: bytes, key: bytes, password: str) -> tuple[_Key, list[x509.Certificate]]:
    blocks = _blocks(data, field="certificate")
    apart = _blocks(key, field="key") if key else []
    keys = [block for kind, block in (*blocks, *apart) if kind.endswith(b"PRIVATE KEY")]
    pems = [block for kind, block in blocks if kind == _CERTIFICATE]
    if len(keys) != 1:
        raise _refused("key", _("exactly one private key is needed."))
    if not pems:
        raise _refused("certificate", _("there is no certificate in it."))
    certificates = [_parsed(x509.load_pem_x509_certificate, block, field="certificate") for block in pems]
    return _known(_key(keys[0], password)), certificates


def _key(block: bytes, password: str) -> object:
    encrypted = b"ENCRYPTED" in block
    if encrypted and not password:
        raise _refused("password", _("the private key is protected by a password."))
    try:
        return load_pem_private_key(block, password.encode() if encrypted else None)
    except _UNREADABLE as error:
        raise _refused("password", _("the password is wrong, or the file is damaged.")) from error


def _known(key: object) -> _Key:
    if not isinstance(key, _KINDS):
        raise _refused("key", _("the key is of a kind that is not used for certificates of this sort."))
    return key


def _blocks(data: bytes, *, field: str) -> list[tuple[bytes, bytes]]:
    """Return kind and text of every PEM block; between them there may be white space and nothing else."""
    _bounded(data, field)
    blocks = [(found.group(1), found.group(0)) for found in _BLOCK.finditer(data)]
    if not blocks or _BLOCK.sub(b"", data).strip(b" \t\r\n\xef\xbb\xbf"):
        raise _refused(field, _("it is no PEM file, or holds other text beside it."))
    if len(blocks) > MOST_CERTIFICATES:
        raise _refused(field, _("it holds more than 20 certificates."))
    return blocks


def _bounded(data: bytes, field: str) -> None:
    if len(data) > LARGEST_FILE:
        raise _refused(field, _("the file is larger than 64 KiB."))


def _parsed(load: "object", data: bytes, *, field: str) -> x509.Certificate:
    _bounded(data, field)
    try:
        certificate = load(data)  # type: ignore[operator]
        _public(certificate.public_key())
    except _UNREADABLE as error:
        raise _refused(field, _("a certificate in it is damaged.")) from error
    return certificate  # type: ignore[no-any-return]


def _public(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]


def _pem(certificates: Sequence[x509.Certificate]) -> str:
    return "".join(dict.fromkeys(one.public_bytes(Encoding.PEM).decode() for one in certificates))


def _refused(field: str, reason: Text) -> CredentialRefused:
    return CredentialRefused(field=field, reason=reason)
