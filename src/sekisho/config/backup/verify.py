"""Reading a generation to its last byte and comparing every hash and seal. Nothing is written anywhere."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sekisho.config.backup.errors import BackupBroken, BackupCannotTell, BackupKeyWrong
from sekisho.config.backup.locks import Opening, key_of
from sekisho.config.backup.manifest import FILE, Manifest, ManifestBroken, Part
from sekisho.config.backup.sealed import PartReader
from sekisho.config.backup.target import found_at
from sekisho.kernel.text import Text, _
from sekisho.trust.envelope import PassphraseWrong, StreamBroken

_PIECE = 1024 * 1024


def verify(generation: Path, opening: Opening) -> Manifest:
    """Return the manifest of an intact generation; an empty ``opening`` compares what can be compared without it.

    Raises BackupBroken naming the part, PassphraseWrong, BackupKeyWrong, BackupCannotTell.
    """
    manifest, key = opened(generation, opening)
    for part in manifest.parts:
        with reading_part(generation, part, key):
            pass
    return manifest


def opened(generation: Path, opening: Opening) -> tuple[Manifest, bytes]:
    """Return the genuine manifest of a generation and its key; the parts are not read.

    Raises BackupBroken, PassphraseWrong, BackupKeyWrong, BackupCannotTell.
    """
    manifest = manifest_of(generation)
    if not opening:
        compare_stored(generation, manifest)
        raise _cannot(generation, _("nothing was changed by accident, but without the passphrase no more can be seen"))
    try:
        key = key_of(manifest, opening)
    except (PassphraseWrong, BackupKeyWrong):
        compare_stored(generation, manifest)  # what is broken anyway is named as that
        raise
    except ManifestBroken as error:
        raise _broken(generation, FILE, Text(str(error))) from error
    if not manifest.is_sealed_with(key):
        raise _broken(generation, FILE, _("its seal does not belong to its content"))
    return manifest, key


def manifest_of(generation: Path) -> Manifest:
    """Return the manifest, its seal not looked at. Raises BackupCannotTell, BackupBroken."""
    if not generation.is_dir():
        raise _cannot(generation, _("there is no such folder"))
    found = found_at(generation)
    if found.manifest is None:
        raise _broken(generation, FILE, Text(found.fault))
    return found.manifest


@contextmanager
def reading_part(generation: Path, part: Part, key: bytes) -> Iterator[PartReader]:
    """Give the content of one part; at the end of the block it was read to its end and compared.

    Raises BackupBroken, BackupCannotTell.
    """
    with _naming_faults(generation, part.name):
        path = generation / part.name
        _compare_size(generation, part)
        with path.open("rb", buffering=_PIECE) as file, PartReader(part, key, file) as reader:
            yield reader
            reader.finish()


@contextmanager
def _naming_faults(generation: Path, part: str) -> Iterator[None]:
    try:
        yield
    except StreamBroken as error:
        raise _broken(generation, part, _("a seal does not belong to its content")) from error
    except FileNotFoundError as error:
        raise _broken(generation, part, _("it is missing")) from error


def _compare_size(generation: Path, part: Part) -> None:
    size = (generation / part.name).stat().st_size
    if size != part.stored_bytes:
        reason = _("%(found)s bytes instead of %(wanted)s", found=size, wanted=part.stored_bytes)
        raise _broken(generation, part.name, reason)


def compare_stored(generation: Path, manifest: Manifest) -> None:
    """Compare what lies there with the manifest. Raises BackupBroken, BackupCannotTell."""
    for part in manifest.parts:
        with _naming_faults(generation, part.name):
            _compare_size(generation, part)
            with (generation / part.name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != part.stored_sha256:
                raise _broken(generation, part.name, _("its hash is another one"))


def _broken(generation: Path, part: str, reason: Text) -> BackupBroken:
    return BackupBroken(name=generation.name, part=part, reason=reason)


def _cannot(generation: Path, reason: Text) -> BackupCannotTell:
    return BackupCannotTell(name=generation.name, reason=reason)
