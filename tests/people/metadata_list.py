"""A maker of authenticators with its own root, keys that it attests, and a metadata list (MDS3) signed in a test."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from sekisho.kernel import clock
from tests.people.soft_authenticator import AAGUID, FLAG, SoftKey

AAGUID_EXTENSION = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")
MODEL = str(Aaguid(AAGUID))


@dataclass
class Authority:
    """A key with a certificate: a root, or signed by another one."""

    name: str
    by: "Authority | None" = None
    is_authority: bool = True
    ends: datetime = field(default_factory=lambda: datetime(2099, 1, 1, tzinfo=UTC))
    extension: bytes | None = None
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def __post_init__(self) -> None:
        signer = self.by or self
        built = (
            x509.CertificateBuilder()
            .subject_name(_subject(self.name))
            .issuer_name(_subject(signer.name))
            .public_key(self.private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
            .not_valid_after(self.ends)
            .add_extension(x509.BasicConstraints(ca=self.is_authority, path_length=None), critical=True)
        )
        if self.extension is not None:
            built = built.add_extension(x509.UnrecognizedExtension(AAGUID_EXTENSION, self.extension), critical=False)
        self.der = built.sign(signer.private, hashes.SHA256()).public_bytes(Encoding.DER)


def _subject(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test maker"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def batch_of(maker: Authority, **more: Any) -> Authority:
    """Return what signs for a batch of keys of our model: the certificate names the model."""
    more.setdefault("extension", b"\x04\x10" + AAGUID)
    return Authority("batch", maker, is_authority=False, **more)


@dataclass
class AttestedKey(SoftKey):
    """A key whose ``batch`` makes a packed statement about it."""

    batch: Authority | None = None
    between: tuple[bytes, ...] = ()

    def make(self, asked: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """Answer what a browser was asked for making a credential, with the maker's statement."""
        assert self.batch is not None
        assert isinstance(self.batch.private, ec.EllipticCurvePrivateKey)
        public = ES256.from_cryptography_key(self.private.public_key())
        credential = AttestedCredentialData.create(AAGUID, self.credential_id, public)
        data = AuthenticatorData.create(self._host_hash(), self._flags() | FLAG.AT, self.count, credential)
        client_data = CollectedClientData.create("webauthn.create", asked["publicKey"]["challenge"], self.origin)
        signature = self.batch.private.sign(bytes(data) + client_data.hash, ec.ECDSA(hashes.SHA256()))
        statement = {"alg": -7, "sig": signature, "x5c": [self.batch.der, *self.between]}
        response = {
            "clientDataJSON": websafe_encode(client_data),
            "attestationObject": websafe_encode(AttestationObject.create("packed", data, statement)),
            "transports": ["usb"],
        }
        return self._answer(response | changed)


def entry(maker: Authority, *statuses: str, protection: str = "hardware", aaguid: str = MODEL) -> dict[str, Any]:
    """Return the entry of our model."""
    return {
        "aaguid": aaguid,
        "statusReports": [{"status": status, "effectiveDate": "2024-01-01"} for status in statuses],
        "timeOfLastStatusChange": "2024-01-01",
        "metadataStatement": {
            "legalHeader": "test",
            "description": "青い鍵 5",
            "aaguid": aaguid,
            "authenticatorVersion": 1,
            "schema": 3,
            "upv": [{"major": 1, "minor": 0}],
            "attestationTypes": ["basic_full"],
            "userVerificationDetails": [[{"userVerificationMethod": "passcode_external"}]],
            "keyProtection": [protection],
            "matcherProtection": ["on_chip"],
            "attachmentHint": ["external"],
            "tcDisplay": [],
            "attestationRootCertificates": [base64.b64encode(maker.der).decode()],
            "icon": "data:image/png;base64," + "A" * 1000,
        },
    }


def signed_list(signer: Authority, *entries: dict[str, Any], number: int = 7, due: str = "2099-01-01") -> bytes:
    """Return a metadata list as its publisher gives it out: a JWT with the signer's certificate."""
    header = {"alg": "RS256", "typ": "JWT", "x5c": [base64.b64encode(signer.der).decode()]}
    payload = {"legalHeader": "test", "no": number, "nextUpdate": due, "entries": list(entries)}
    message = b".".join(websafe_encode(json.dumps(part).encode()).encode() for part in (header, payload))
    assert isinstance(signer.private, rsa.RSAPrivateKey)
    return message + b"." + websafe_encode(signer.private.sign(message, PKCS1v15(), hashes.SHA256())).encode()


def ended() -> datetime:
    """Return a moment that lies behind us."""
    return clock.now() - timedelta(days=1)
