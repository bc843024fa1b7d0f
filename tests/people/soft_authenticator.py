"""An authenticator in software, made of fido2's own classes: answers like a key, and lies where a test says so."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN = "https://localhost:8443"
HOST = "localhost"
AAGUID = bytes(range(16))
FLAG = AuthenticatorData.FLAG


@dataclass
class SoftKey:
    """One credential; ``count`` grows with each answer, ``synced`` keys say that they may be copied."""

    credential_id: bytes = b"soft key of a test"
    count: int = 0
    counts: bool = True
    synced: bool = False
    verifies: bool = True
    origin: str = ORIGIN
    host: str = HOST
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, asked: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """Answer what a browser was asked for making a credential; ``changed`` replaces parts of the answer."""
        options = asked["publicKey"]
        public = ES256.from_cryptography_key(self.private.public_key())
        credential = AttestedCredentialData.create(bytes(Aaguid(AAGUID)), self.credential_id, public)
        data = AuthenticatorData.create(self._host_hash(), self._flags() | FLAG.AT, self.count, credential)
        made = AttestationObject.create("none", data, {})
        client_data = CollectedClientData.create("webauthn.create", options["challenge"], self.origin)
        response = {
            "clientDataJSON": websafe_encode(client_data),
            "attestationObject": websafe_encode(made),
            "transports": ["usb", "nfc"],
        }
        return self._answer(response | changed)

    def show(self, asked: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """Answer what a browser was asked for proving a credential."""
        options = asked["publicKey"]
        self.count += self.counts
        data = AuthenticatorData.create(self._host_hash(), self._flags(), self.count)
        client_data = CollectedClientData.create("webauthn.get", options["challenge"], self.origin)
        signature = self.private.sign(bytes(data) + client_data.hash, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client_data),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
            "userHandle": None,
        }
        return self._answer(response | changed)

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": response}

    def _host_hash(self) -> bytes:
        return hashlib.sha256(self.host.encode()).digest()

    def _flags(self) -> AuthenticatorData.FLAG:
        flags = FLAG.UP
        if self.verifies:
            flags |= FLAG.UV
        if self.synced:
            flags |= FLAG.BE | FLAG.BS
        return flags


def turned(text: str) -> str:
    """Return base64url text of bytes of which the last is another one."""
    data = bytearray(websafe_decode(text))
    data[-1] ^= 1
    return websafe_encode(bytes(data))
