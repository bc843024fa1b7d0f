"""The root certificate as it is handed out: which one it is, and as a profile for Apple's systems."""

import plistlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sekisho.config.environment import Environment
from sekisho.config.https.own import in_use
from sekisho.config.https.roots import fingerprint, groups
from sekisho.config.https.serving import is_own
from sekisho.config.processes.caddy import root_certificate

# Names of profiles are made from the fingerprint, so that the same root is the same profile.
_PROFILES = uuid.UUID("6f1d3f6a-3c0b-5a9f-9b1e-2f7c1d0e8a54")


@dataclass(frozen=True, slots=True)
class Root:
    """The root that computers have to trust: its bytes (DER), its name and its last moment."""

    der: bytes
    name: str
    ends: datetime

    @property
    def pem(self) -> bytes:
        """The same as text."""
        return x509.load_der_x509_certificate(self.der).public_bytes(Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """SHA-256 in capital hexadecimal digits."""
        return fingerprint(self.der)

    @property
    def lines(self) -> list[list[str]]:
        """The fingerprint in lines of groups, as it is read out by telephone."""
        return groups(self.fingerprint)


def handed_out(settings: Environment) -> Root | None:
    """Return the root to hand out; None where computers know it already, or where none was made yet.

    With the facility's own certificate it is the root at the end of that file.
    """
    own = in_use(settings)
    if own is not None:
        return _root(own.root) if own.root else None
    try:
        return _root(x509.load_pem_x509_certificate(root_certificate(settings).read_bytes()))
    except FileNotFoundError:
        return None


def is_known_already(settings: Environment) -> bool:
    """Tell whether the certificate in use is one of an authority that computers know already."""
    own = in_use(settings)
    return is_own(settings) and own is not None and own.root is None


def _root(certificate: x509.Certificate) -> Root:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else certificate.subject.rfc4514_string()
    return Root(certificate.public_bytes(Encoding.DER), name, certificate.not_valid_after_utc)


def apple_profile(root: Root, title: str, explanation: str) -> bytes:
    """Return a configuration profile with the root alone, unsigned, for iOS, iPadOS and macOS."""
    inner, outer = (str(uuid.uuid5(_PROFILES, f"{root.fingerprint}/{part}")) for part in ("certificate", "profile"))
    certificate = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"jp.sekisho.root.{root.fingerprint[:16].lower()}.certificate",
        "PayloadUUID": inner,
        "PayloadDisplayName": root.name,
        "PayloadCertificateFileName": "sekisho-root.crt",
        "PayloadContent": root.der,
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"jp.sekisho.root.{root.fingerprint[:16].lower()}",
        "PayloadUUID": outer,
        "PayloadDisplayName": title,
        "PayloadDescription": explanation,
        "PayloadRemovalDisallowed": False,
        "PayloadContent": [certificate],
    }
    return plistlib.dumps(profile)
