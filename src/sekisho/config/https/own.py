"""The facility's own certificate: the files that the settings name, looked at as a browser would, and the kept copy.

The key stays in files that only the service reads; it never travels through a browser. What is right is kept as one
file in the data directory (certificates and key together, so that they always fit), and that copy is what Caddy shows:
files that are renewed wrongly, or half, change nothing. A copy in memory is handed to OpenSSL for the look; nothing of
the key is written elsewhere.
"""

import os
import ssl
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from sekisho.config.environment import Environment
from sekisho.config.https.serving import is_own, kept_file
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import Text, _

LARGEST = 256 * 1024
_LEAST_RSA, _LEAST_EC = 2048, 256
_OTHERS_MAY_READ = stat.S_IRWXG | stat.S_IRWXO
# A handshake needs three turns; more would be a fault of ours.
_MOST_TURNS = 10


class Refusal(StrEnum):
    """Why the files are not used."""

    MISSING = "missing"
    RIGHTS = "rights"
    CERTIFICATE = "certificate"
    KEY = "key"
    OTHER_KEY = "other_key"
    WEAK = "weak"
    ENDED = "ended"
    NAME = "name"
    CHAIN = "chain"
    PURPOSE = "purpose"


REASONS: dict[Refusal, Text] = {
    Refusal.MISSING: _("a file is not there, cannot be read, or is too large"),
    Refusal.RIGHTS: _("other users of this computer may read the file of the key"),
    Refusal.CERTIFICATE: _("the file of the certificate holds none that can be read"),
    Refusal.KEY: _("the file of the key holds none that can be read without a passphrase"),
    Refusal.OTHER_KEY: _("the key belongs to another certificate"),
    Refusal.WEAK: _("the key or a signature is too weak, or of a kind that browsers do not take"),
    Refusal.ENDED: _("a certificate has run out, or is not valid yet"),
    Refusal.NAME: _("the certificate does not name the host of SEKISHO_HOST"),
    Refusal.CHAIN: _("the chain does not lead to an authority; the file needs all certificates up to the root"),
    Refusal.PURPOSE: _("the certificate is not made for web servers"),
}
_BY_CODE = {9: Refusal.ENDED, 10: Refusal.ENDED, 26: Refusal.PURPOSE, 62: Refusal.NAME, 64: Refusal.NAME}
_WEAK_CODES = {66, 67, 68}  # X509_V_ERR_EE_KEY_TOO_SMALL, CA_KEY_TOO_SMALL, CA_MD_TOO_WEAK


class CertificateRefused(SekishoError):
    """The files of the settings are not used; the former certificate goes on."""

    code = "config.certificate_refused"
    message = _("The certificate in SEKISHO_TLS_CERTIFICATE is not used: %(reason)s.")
    hint = _("What was used before goes on. Put the files right; they are looked at again every minute.")
    status = 500
    exit_code = 78

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(reason=REASONS[refusal])
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Own:
    """A certificate with its key: the file as Caddy reads it, and the certificates in it, the server's first."""

    pem: bytes
    chain: tuple[x509.Certificate, ...]

    @property
    def leaf(self) -> x509.Certificate:
        """The server's certificate."""
        return self.chain[0]

    @property
    def root(self) -> x509.Certificate | None:
        """The authority that the file itself ends with, None where computers have to know it already."""
        return next((one for one in self.chain if one.subject == one.issuer), None)


def in_use(settings: Environment) -> Own | None:
    """Return the certificate that is kept, None without one, or without the setting. Raises ValueError, OSError."""
    if not is_own(settings):
        return None
    pem = kept_file(settings).read_bytes()
    return Own(pem, tuple(x509.load_pem_x509_certificates(pem)))


def keep(settings: Environment, own: Own) -> None:
    """Put a certificate in the place of the kept one, whole or not at all."""
    path = kept_file(settings)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(own.pem)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def drop_foreign(settings: Environment) -> None:
    """Take a kept copy away that is broken or names another host than the settings do now: it could only confuse."""
    try:
        kept = in_use(settings)
        if kept is not None:
            _shake_hands(kept, settings.host)
    except ValueError:
        kept_file(settings).unlink()
    except CertificateRefused as error:
        if error.refusal is Refusal.NAME:
            kept_file(settings).unlink()


def examine(settings: Environment) -> Own:
    """Return what the files of the settings hold, when a browser would take it. Raises CertificateRefused."""
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None or key is None:
        raise CertificateRefused(Refusal.MISSING)
    if _read_rights(key) & _OTHERS_MAY_READ:
        raise CertificateRefused(Refusal.RIGHTS)
    given = _whole(_read(certificate), _read(key))
    _require_strength(given.chain)
    _shake_hands(given, settings.host)
    return given


def _read_rights(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError as error:
        raise CertificateRefused(Refusal.MISSING) from error


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise CertificateRefused(Refusal.MISSING) from error
    if len(content) > LARGEST:
        raise CertificateRefused(Refusal.MISSING)
    return content


def _whole(certificates: bytes, key: bytes) -> Own:
    """Return both as one, the certificates written anew so that nothing else stands between them."""
    try:
        chain = tuple(x509.load_pem_x509_certificates(certificates))
    except ValueError as error:
        raise CertificateRefused(Refusal.CERTIFICATE) from error
    found = _key(key)
    if _public(found.public_key()) != _public(chain[0].public_key()):
        raise CertificateRefused(Refusal.OTHER_KEY)
    return Own(b"".join([*(one.public_bytes(Encoding.PEM) for one in chain), key.strip(), b"\n"]), chain)


def _key(pem: bytes) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateRefused(Refusal.KEY) from error


def _public(key: object) -> bytes:
    raw: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return raw


def _require_strength(chain: tuple[x509.Certificate, ...]) -> None:
    """Refuse short keys and old hashes. A root's own signature proves nothing, so its hash is no matter."""
    for one in chain:
        key = one.public_key()
        strong = (isinstance(key, rsa.RSAPublicKey) and key.key_size >= _LEAST_RSA) or (
            isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= _LEAST_EC
        )
        hashed = one.signature_hash_algorithm
        if not strong or (one.subject != one.issuer and (hashed is None or hashed.digest_size < 32)):
            raise CertificateRefused(Refusal.WEAK)


def _shake_hands(given: Own, host: str) -> None:
    """Let OpenSSL open a connection to itself with the certificate: name, days, chain and purpose as a client sees."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if given.root is None:
        client.load_default_certs()
    else:
        client.load_verify_locations(cadata=given.root.public_bytes(Encoding.DER))
    try:
        with _in_memory(given.pem) as path:
            server.load_cert_chain(path)
        _turn_by_turn(client, server, host)
    except ssl.SSLCertVerificationError as error:
        weak = Refusal.WEAK if error.verify_code in _WEAK_CODES else Refusal.CHAIN
        raise CertificateRefused(_BY_CODE.get(error.verify_code, weak)) from error
    except ssl.SSLError as error:
        raise CertificateRefused(Refusal.WEAK) from error


@contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    """Give the path of a file that lies on no disk: the standard library reads keys from paths only."""
    descriptor = os.memfd_create("certificate", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, content)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _turn_by_turn(client: ssl.SSLContext, server: ssl.SSLContext, host: str) -> None:
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _turn in range(_MOST_TURNS):
        waits = False
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                waits = True
        if not waits:
            return
