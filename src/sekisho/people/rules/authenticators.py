"""What is asked of keys and their models, and which assurance a sign-in reaches (NIST SP 800-63B). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

AAL1, AAL2, AAL3 = 1, 2, 3
# NIST SP 800-63B-4, 2.3.3: at AAL 3 a session rests a quarter of an hour at most.
AAL3_REST = timedelta(minutes=15)
PASSKEY = "passkey"


class KeyFault(StrEnum):
    """Why a key is not taken."""

    REFUSED_MODEL = "refused_model"
    COPIED = "copied"
    NOT_ATTESTED = "not_attested"
    OTHER_MODEL = "other_model"


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """What a person's roles ask of keys: bound to one device, attested hardware, one of these models (any if empty)."""

    device_bound: bool = False
    hardware: bool = False
    models: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What is known of a key: may it be copied, did its maker attest it, its model, the report against that model."""

    backup_eligible: bool
    is_attested: bool
    aaguid: UUID
    refused: str = ""


def fault_of(policy: KeyPolicy, key: KeyFacts) -> KeyFault | None:
    """Return why a key is not taken under ``policy``, the gravest reason first, or None."""
    if key.refused:
        return KeyFault.REFUSED_MODEL
    if key.backup_eligible and (policy.device_bound or policy.hardware):
        return KeyFault.COPIED
    if policy.hardware and not key.is_attested:
        return KeyFault.NOT_ATTESTED
    return KeyFault.OTHER_MODEL if policy.models and key.aaguid not in policy.models else None


def assurance_of(factors: Sequence[str], key: KeyFacts | None, *, user_verified: bool) -> int:
    """Return the level that a sign-in with these factors reaches; ``key`` is the one that was shown, if any.

    AAL 3 takes hardware whose maker attests it, that cannot be copied and against whose model nothing is reported,
    shown with PIN or fingerprint, or beside the password. A passkey that is copied between devices is AAL 2.
    """
    if key is None or PASSKEY not in factors:
        return AAL2 if len(factors) > 1 else AAL1
    if not user_verified and len(factors) == 1:
        return AAL1
    is_hardware = key.is_attested and not key.backup_eligible and not key.refused
    return AAL3 if is_hardware else AAL2
