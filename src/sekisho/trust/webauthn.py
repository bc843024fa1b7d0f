"""Passkeys and security keys: what a browser is asked, and whether its answer is right (WebAuthn Level 3, with fido2).

Stricter than the library: the origin must be ours to the port, attestation statements must fit their own signature,
and an answer that cannot even be read is refused like a wrong one. Counters are the caller's to compare.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from fido2 import cbor
from fido2.attestation.android import AndroidSafetynetAttestation
from fido2.attestation.apple import AppleAttestation
from fido2.attestation.base import Attestation, InvalidAttestation, NoneAttestation
from fido2.attestation.packed import PackedAttestation
from fido2.attestation.tpm import TpmAttestation
from fido2.attestation.u2f import FidoU2FAttestation
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationConveyancePreference,
    AttestationObject,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from sekisho.kernel.errors import Unauthenticated
from sekisho.kernel.text import _
from sekisho.trust.authenticators import is_attested

Json = dict[str, Any]
_ATTESTATIONS: Mapping[str, Attestation] = {
    kind.FORMAT: kind()
    for kind in (
        AndroidSafetynetAttestation,
        AppleAttestation,
        FidoU2FAttestation,
        NoneAttestation,
        PackedAttestation,
        TpmAttestation,
    )
}
_TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)
_LARGEST_NUMBER = 65_535  # RS1 is -65535, the farthest of COSE's algorithms
# What reading bytes made by a stranger can raise, in the library and below it.
_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    struct.error,
    UnsupportedAlgorithm,
)


class PasskeyRefused(Unauthenticated):
    """An answer of an authenticator is wrong, stale, meant for another place, or cannot be read."""

    code = "trust.passkey_refused"
    message = _("The passkey or security key was not accepted.")
    hint = _("Try once more. If it is refused again, use another way to sign in and tell the system operator.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys are good: the host name (RP id), the name shown by browsers, and the exact origin."""

    host: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A credential that was stored: its id, its public key (COSE, CBOR) and how it is reached."""

    credential_id: bytes
    public_key: bytes
    transports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new credential. ``aaguid`` names the model of the authenticator; all zeros when it does not say."""

    credential_id: bytes
    public_key: bytes
    aaguid: UUID
    attestation_format: str
    transports: tuple[str, ...]
    sign_count: int
    user_verified: bool
    backup_eligible: bool
    backup_state: bool
    is_attested: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A right answer: which credential, its counter, and what the authenticator says of user and backup."""

    credential_id: bytes
    sign_count: int
    user_verified: bool
    backup_eligible: bool
    backup_state: bool


def ask_for_new(place: Place, user: tuple[bytes, str, str], known: Iterable[KnownKey]) -> tuple[Json, Json]:
    """Return what the browser is asked for making a credential, and the state to keep on the server.

    ``user`` is the handle (at most 64 bytes, nothing personal), login name and full name; ``known`` are not made again.
    """
    handle, login, name = user
    options, state = _server(place).register_begin(
        PublicKeyCredentialUserEntity(id=handle, name=login, display_name=name),
        credentials=_descriptors(known),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return dict(options), dict(state)


def check_new(
    place: Place, state: Json, response: object, listed: Callable[[UUID], Json | None] = lambda _aaguid: None
) -> MadeKey:
    """Return the credential of a right answer to :func:`ask_for_new`. Raises PasskeyRefused.

    ``listed`` returns the entry of a model in the metadata list, which tells whether its maker stands behind the key.
    """
    try:
        _refuse_large_numbers(cbor.decode(websafe_decode(_attestation_object(response))))
        answer = RegistrationResponse.from_dict(_mapping(response))
        data = _server(place).register_complete(state, answer)
        made = data.credential_data
        if made is None or made.credential_id != answer.raw_id:
            raise ValueError("credential")
        public_key = cbor.encode(dict(made.public_key))
        transports = _transports(response)
        aaguid, statement = UUID(bytes=bytes(made.aaguid)), answer.response.attestation_object
        entry = listed(aaguid)
    except (*_UNREADABLE, InvalidAttestation, InvalidSignature) as error:
        raise PasskeyRefused from error
    return MadeKey(
        credential_id=made.credential_id,
        public_key=public_key,
        aaguid=aaguid,
        attestation_format=statement.fmt,
        transports=transports,
        sign_count=data.counter,
        user_verified=data.is_user_verified(),
        backup_eligible=data.is_backup_eligible(),
        backup_state=data.is_backed_up(),
        is_attested=entry is not None and is_attested(entry, statement, answer.response.client_data.hash),
    )


def ask_for_known(place: Place, known: Iterable[KnownKey], *, verify_user: bool) -> tuple[Json, Json]:
    """Return what the browser is asked for proving a credential, and the state to keep on the server.

    With no ``known`` the authenticator offers whatever it holds for this place (nobody types a name).
    """
    need = UserVerificationRequirement.REQUIRED if verify_user else UserVerificationRequirement.DISCOURAGED
    options, state = _server(place).authenticate_begin(_descriptors(known) or None, user_verification=need)
    return dict(options), dict(state)


def asked_credential(response: object) -> bytes:
    """Return the id of the credential that an answer speaks of, unchecked. Raises PasskeyRefused."""
    try:
        return websafe_decode(_mapping(response)["rawId"])
    except _UNREADABLE as error:
        raise PasskeyRefused from error


def check_known(place: Place, state: Json, known: KnownKey, response: object) -> Answer:
    """Return what a right answer to :func:`ask_for_known` by the credential ``known`` says. Raises PasskeyRefused."""
    try:
        answer = AuthenticationResponse.from_dict(_mapping(response))
        key = CoseKey.parse(cbor.decode(known.public_key))  # type: ignore[arg-type]  # what check_new stored
        credential = AttestedCredentialData.create(bytes(Aaguid.NONE), known.credential_id, key)
        _server(place).authenticate_complete(state, [credential], answer)
    except (*_UNREADABLE, InvalidSignature) as error:
        raise PasskeyRefused from error
    data = answer.response.authenticator_data
    return Answer(
        credential_id=answer.raw_id,
        sign_count=data.counter,
        user_verified=data.is_user_verified(),
        backup_eligible=data.is_backup_eligible(),
        backup_state=data.is_backed_up(),
    )


def text_of(credential_id: bytes) -> str:
    """Return a credential's id as text (base64url), as browsers write it."""
    return websafe_encode(credential_id)


def bytes_of(credential_id: str) -> bytes:
    """Return a credential's id from its text."""
    return websafe_decode(credential_id)


def _server(place: Place) -> Fido2Server:
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=place.host, name=place.name),
        attestation=AttestationConveyancePreference.DIRECT,
        verify_origin=lambda origin: origin == place.origin,
        verify_attestation=_verify_attestation,
    )


def _verify_attestation(made: AttestationObject, client_data_hash: bytes) -> None:
    """Check that the statement fits its own signature. Whose root it leads to is not judged: no list is shipped.

    A format that the library does not know proves nothing either, and is kept as the format it says it is.
    """
    if made.fmt in _ATTESTATIONS:
        _ATTESTATIONS[made.fmt].verify(made.att_stmt, made.auth_data, client_data_hash)


def _descriptors(known: Iterable[KnownKey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            type=PublicKeyCredentialType.PUBLIC_KEY,
            id=key.credential_id,
            transports=[AuthenticatorTransport(name) for name in key.transports],
        )
        for key in known
    ]


def _mapping(response: object) -> Mapping[str, Any]:
    if not isinstance(response, Mapping):
        raise TypeError("no object")
    _refuse_large_numbers(response)
    return response


def _attestation_object(response: object) -> str:
    found = _mapping(_mapping(response)["response"])["attestationObject"]
    if not isinstance(found, str):
        raise TypeError("attestationObject")
    return found


def _refuse_large_numbers(value: object) -> None:
    """Raise ValueError where a number stands that no algorithm is named by.

    Where the library expects bytes and finds a number, it makes that many of them: one short answer of a stranger
    would fill the memory.
    """
    if isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
        raise ValueError("number")
    if isinstance(value, Mapping):
        for part in (*value.keys(), *value.values()):
            _refuse_large_numbers(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            _refuse_large_numbers(part)


def _transports(response: object) -> tuple[str, ...]:
    named = _mapping(_mapping(response)["response"]).get("transports") or ()
    return tuple(sorted(_TRANSPORTS.intersection(name for name in named if isinstance(name, str))))
