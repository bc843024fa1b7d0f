"""What a generation says of itself: its parts with sizes and hashes, what made it, what is surely inside. Pure.

The manifest lies in the clear beside the sealed parts, so that a medium can be looked through without any key; its seal
(HMAC-SHA-256 with the key of the generation) tells whether it is genuine.
"""

import hashlib
import hmac
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from sekisho.kernel.canonical import Json, NotCanonical, canonical_json
from sekisho.kernel.strict_json import NotJson, read_json
from sekisho.trust.derivation import derive_key
from sekisho.trust.envelope import Lock

FORMAT = 1
FILE = "manifest.json"
PARTS = ("database", "register", "files", "keys")
_SEAL = "backup manifest"
_STRICT = ConfigDict(extra="forbid", strict=True)


class ManifestBroken(Exception):
    """The bytes are no manifest in the form in which one is written; the argument says why."""


@checked(frozen=True, config=_STRICT)
class Part:
    """One sealed file: ``stored`` as it lies there, ``plain`` what is inside; ``files`` how many things it holds."""

    name: str
    stored_bytes: int
    stored_sha256: str
    plain_bytes: int
    plain_sha256: str
    files: int


@checked(frozen=True, config=_STRICT)
class LockFacts:
    """The lock of the passphrase, as hexadecimal and numbers."""

    salt: str
    check: str
    iterations: int
    lanes: int
    memory_kib: int


@checked(frozen=True, config=_STRICT)
class RecipientFacts:
    """The key sealed to recovery keys: their fingerprints, and an age file as hexadecimal."""

    fingerprints: tuple[str, ...]
    sealed: str


@checked(frozen=True, config=_STRICT)
class NewestEvent:
    """The last event of the register that is in the database: its id, and its number among those of its source."""

    id: str
    source: str
    source_seq: int


@checked(frozen=True, config=_STRICT)
class Manifest:
    """The whole. ``acknowledged_before``: everything the platform had answered for before that moment is inside.

    ``made_at`` and ``acknowledged_before`` are ISO 8601 in UTC; ``migrations`` are ``app.name``; ``rows`` counts the
    rows of every table; ``left_out`` names what was neither file nor folder. What opens it is a ``lock`` of a
    passphrase, or ``recipients``, or either of both.
    """

    format: int
    name: str
    made_at: str
    acknowledged_before: str
    software: str
    database: str
    migrations: tuple[str, ...]
    rows: dict[str, int]
    newest_event: NewestEvent | None
    left_out: tuple[str, ...]
    lock: LockFacts | None
    parts: tuple[Part, ...]
    seal: str = ""
    recipients: RecipientFacts | None = None

    @property
    def moment(self) -> datetime:
        """When the generation was made."""
        return datetime.fromisoformat(self.made_at)

    @property
    def stored_bytes(self) -> int:
        """How much the parts take on the medium."""
        return sum(part.stored_bytes for part in self.parts)

    def part(self, name: str) -> Part | None:
        """Return the part of this name, or None."""
        return next((part for part in self.parts if part.name == name), None)

    def envelope_lock(self) -> Lock | None:
        """Return the lock as the envelope knows it, None without a passphrase. Raises ManifestBroken."""
        if self.lock is None:
            return None
        try:
            salt, check = bytes.fromhex(self.lock.salt), bytes.fromhex(self.lock.check)
        except ValueError as error:
            raise ManifestBroken("lock") from error
        return Lock(salt, check, self.lock.iterations, self.lock.lanes, self.lock.memory_kib)

    def to_bytes(self) -> bytes:
        """Return the one form in which a manifest is written."""
        return canonical_json(self._document())

    def sealed_with(self, key: bytes) -> "Manifest":
        """Return the manifest with the seal that belongs to its content and ``key``."""
        return replace(self, seal=self._seal(key))

    def is_sealed_with(self, key: bytes) -> bool:
        """Tell whether the seal belongs to this content and this key."""
        return hmac.compare_digest(self.seal, self._seal(key))

    def _seal(self, key: bytes) -> str:
        content = canonical_json({**self._document(), "seal": ""})
        return hmac.new(derive_key(key, _SEAL), content, hashlib.sha256).hexdigest()

    def _document(self) -> dict[str, Json]:
        document: dict[str, Json] = asdict(self)
        if self.recipients is None:
            del document["recipients"]  # as it was written before there were any
        return document


_manifest: TypeAdapter[Manifest] = TypeAdapter(Manifest)


def lock_facts(lock: Lock) -> LockFacts:
    """Return a lock as the manifest keeps it."""
    return LockFacts(lock.salt.hex(), lock.check.hex(), lock.iterations, lock.lanes, lock.memory_kib)


def read_manifest(data: bytes) -> Manifest:
    """Return a manifest, its seal not yet looked at. Raises ManifestBroken."""
    try:
        read_json(data)
        manifest = _manifest.validate_json(data)
        if manifest.to_bytes() != data:
            raise ManifestBroken("not as it was written")
        manifest.moment  # noqa: B018  # a moment that is none is found here and not in the middle of a list
        _require_locked(manifest)
    except (NotJson, NotCanonical, ValidationError, ValueError) as error:
        raise ManifestBroken(type(error).__name__) from error
    names = [part.name for part in manifest.parts]
    if manifest.format != FORMAT or names != [name for name in PARTS if name in names] or "database" not in names:
        raise ManifestBroken("not of this format")
    return manifest


def _require_locked(manifest: Manifest) -> None:
    """Raise ManifestBroken or ValueError unless something opens it."""
    if manifest.envelope_lock() is None and manifest.recipients is None:
        raise ManifestBroken("nothing opens it")
    if manifest.recipients is not None:
        bytes.fromhex(manifest.recipients.sealed)


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What was seen of the database in the very snapshot that is in the backup."""

    kind: str
    migrations: tuple[str, ...]
    rows: dict[str, int]
    newest_event: NewestEvent | None
