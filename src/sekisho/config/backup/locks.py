"""How the key of a generation is locked away in its manifest, and got out again: by passphrase, by recovery key."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sekisho.config.backup.errors import BackupKeyWrong
from sekisho.config.backup.manifest import LockFacts, Manifest, ManifestBroken, RecipientFacts, lock_facts
from sekisho.kernel.text import _
from sekisho.trust.envelope import new_lock, open_lock
from sekisho.trust.recovery import NotSealedToThis, RecoveryKey, fingerprint, open_with, seal_to

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Sealing:
    """What new generations are sealed with: a passphrase, the public halves of recovery keys, or both."""

    passphrase: str = field(default="", repr=False)
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """What generations are opened with; ``made`` are keys of generations that this process has just made itself.

    An empty one opens nothing: then only hashes can be compared.
    """

    passphrase: str = field(default="", repr=False)
    recovery: tuple[RecoveryKey, ...] = ()
    made: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def __bool__(self) -> bool:
        """Tell whether there is anything to open with."""
        return bool(self.passphrase or self.recovery or self.made)


@dataclass(frozen=True, slots=True)
class Locked:
    """A fresh key, and what the manifest says of how to get it again."""

    key: bytes = field(repr=False)
    lock: LockFacts | None
    recipients: RecipientFacts | None


def lock_key(sealing: Sealing) -> Locked:
    """Return a key for one generation: that of the passphrase, or else a random one that nobody here keeps."""
    facts, key = None, secrets.token_bytes(_KEY_BYTES)
    if sealing.passphrase:
        lock, key = new_lock(sealing.passphrase)
        facts = lock_facts(lock)
    return Locked(key, facts, _sealed_to(sealing.recipients, key))


def _sealed_to(publics: Sequence[str], key: bytes) -> RecipientFacts | None:
    if not publics:
        return None
    return RecipientFacts(tuple(map(fingerprint, publics)), seal_to(publics, key).hex())


def key_of(manifest: Manifest, opening: Opening) -> bytes:
    """Return the key of a generation. Raises BackupKeyWrong, PassphraseWrong, ManifestBroken."""
    known = opening.made.get(manifest.name)
    if known is not None:
        return known
    lock, recipients = manifest.envelope_lock(), manifest.recipients
    fitting = [key for key in opening.recovery if recipients and key.fingerprint in recipients.fingerprints]
    if recipients and fitting:
        return _opened(recipients, fitting)
    if lock is None or not opening.passphrase:
        raise _wrong(manifest, opening)
    return open_lock(lock, opening.passphrase)


def _opened(recipients: RecipientFacts, keys: Sequence[RecoveryKey]) -> bytes:
    """Open with a key whose fingerprint is listed; where it does not fit all the same, something was changed."""
    try:
        key = open_with(keys, bytes.fromhex(recipients.sealed))
    except NotSealedToThis as error:
        raise ManifestBroken("recipients") from error
    if len(key) != _KEY_BYTES:
        raise ManifestBroken("recipients")
    return key


def _wrong(manifest: Manifest, opening: Opening) -> BackupKeyWrong:
    recipients = manifest.recipients.fingerprints if manifest.recipients else ()
    given = [key.fingerprint for key in opening.recovery]
    return BackupKeyWrong(
        name=manifest.name,
        wanted=_words(recipients, passphrase=manifest.lock is not None),
        given=_words(given, passphrase=bool(opening.passphrase)),
    )


def _words(fingerprints: Sequence[str], *, passphrase: bool) -> str:
    return ", ".join([*([str(_("the passphrase"))] if passphrase else []), *fingerprints]) or "―"
