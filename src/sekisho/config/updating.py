"""``sekisho update FILE``: nothing of a bundle runs before the key of the first installation has vouched for all of it.

Root's work, because nobody else may change the programs: a service that could would be updated by whoever took it over.
The installed version checks, the new one installs itself and goes back by itself (its ``install.sh``).
"""

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import click
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sekisho import __version__
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import Text, _

PROGRAMS = Path("/opt/sekisho")
RELEASE_KEY = Path("/etc/sekisho/release.pub")
_SUMS = "SHA256SUMS"
_SIGNATURE = "SHA256SUMS.sig"
_LINE = re.compile(r"([0-9a-f]{64})  \./([!-~]+)")
_MOST_BYTES = 4 * 1024**3
_MOST_FILES = 10_000


class UpdateByRoot(SekishoError):
    """Only root may change the installed programs."""

    code = "config.update_by_root"
    message = _("Only the administrator of this computer can update Sekisho.")
    hint = _("Run it as root: sudo sekisho update FILE")
    status = 500
    exit_code = 77


class UpdateNotInstalled(SekishoError):
    """This computer has no Sekisho that a bundle installed."""

    code = "config.update_not_installed"
    message = _("Sekisho was not installed from a bundle on this computer.")
    hint = _("With “make run”: stop it, make a backup, fetch the new version with git, start it again.")
    status = 500
    exit_code = 66


class UpdateUnpinned(SekishoError):
    """At the installation no key was given that bundles have to be signed with, or it cannot be read."""

    code = "config.update_no_key"
    message = _("There is no key with which bundles have to be signed: %(path)s")
    hint = _("Put the public key there that you got from whoever makes the bundles, on another way than the bundle.")
    status = 500
    exit_code = 78


class BundleNotGenuine(SekishoError):
    """The bundle is not signed with the key of the installation."""

    code = "config.bundle_not_genuine"
    message = _("This bundle is not signed with the key of this installation. Nothing was changed.")
    hint = _("Get it again from where the first one came. Do not run anything that is inside.")
    status = 500
    exit_code = 65


class BundleDamaged(SekishoError):
    """The bundle is no bundle, is cut short, or is not what its checksums say."""

    code = "config.bundle_damaged"
    message = _("This bundle cannot be used: %(reason)s. Nothing was changed.")
    hint = _("Get the whole archive (sekisho-….tar.gz) again from where it came. A wheel alone is not enough.")
    status = 500
    exit_code = 65


class BundleOlder(SekishoError):
    """The bundle holds a version before the installed one, which could not read its data."""

    code = "config.bundle_older"
    message = _("This bundle holds version %(theirs)s, older than the installed %(ours)s. Nothing was changed.")
    hint = _("Take a newer bundle. To go back, restore a backup from before the update with the version that made it.")
    status = 500
    exit_code = 65


@click.command("update", help=_("Update an installed Sekisho from a bundle; goes back by itself if that fails.").msgid)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--no-backup", is_flag=True, help=_("Update although no backup can be made.").msgid)
@click.option("--dump-taken", is_flag=True, help=_("With PostgreSQL: you have a dump of the database from now.").msgid)
def update(file: Path, *, no_backup: bool, dump_taken: bool) -> int:
    """Check a bundle and let it install itself; return the exit code of its installer (0, 70: went back)."""
    if os.geteuid() != 0:
        raise UpdateByRoot
    if not (PROGRAMS / "current").exists():
        raise UpdateNotInstalled
    words = [word for word, is_given in (("--no-backup", no_backup), ("--dump-taken", dump_taken)) if is_given]
    place = PROGRAMS / "incoming"
    try:
        folder = open_bundle(file, place, RELEASE_KEY)
        click.echo(str(_("The bundle is whole, and signed with the key of this installation.")))
        return _install(folder, words)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _install(folder: Path, words: Sequence[str]) -> int:
    command = ["/bin/sh", str(folder / "install.sh"), "--checked", *words]
    return subprocess.run(command, cwd=folder, check=False).returncode


def open_bundle(archive: Path, place: Path, key: Path) -> Path:
    """Unpack ``archive`` into the new private folder ``place`` and return the folder of the genuine bundle in it.

    Raises UpdateUnpinned, BundleDamaged, BundleNotGenuine, BundleOlder; then nothing of the bundle was run.
    """
    release = _release_key(key)
    shutil.rmtree(place, ignore_errors=True)  # of one that was killed
    place.mkdir(mode=0o700)
    folder = _unpack(archive, place)
    sums = _read(folder / _SUMS)
    try:
        release.verify(_read(folder / _SIGNATURE), sums)
    except InvalidSignature as error:
        raise BundleNotGenuine from error
    _compare(folder, sums.decode("ascii", "replace"))
    theirs = _read(folder / "VERSION").decode("ascii", "replace").strip()
    if _numbers(theirs) < _numbers(__version__):
        raise BundleOlder(theirs=theirs, ours=__version__)
    return folder


def _release_key(path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UpdateUnpinned(path=path) from error
    if not isinstance(key, Ed25519PublicKey):
        raise UpdateUnpinned(path=path)
    return key


def _read(path: Path) -> bytes:
    """Return a small file of a bundle; an empty one for what is missing, which no signature fits."""
    return path.read_bytes() if path.is_file() else b""


def _unpack(archive: Path, place: Path) -> Path:
    """Unpack what looks like a bundle, bounded: plain files and folders inside ``place``. Raises BundleDamaged."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            size = 0
            for number, entry in enumerate(tar):
                size += entry.size
                if size > _MOST_BYTES or number > _MOST_FILES:
                    raise _damaged(_("it is too large"))
                _write(tar, entry, place)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise _damaged(str(error)) from error
    folders = list(place.iterdir())
    if len(folders) != 1 or not folders[0].is_dir():
        raise _damaged(_("it does not hold one folder"))
    return folders[0]


def _write(tar: tarfile.TarFile, entry: tarfile.TarInfo, place: Path) -> None:
    """Write one entry. By hand, as Python before 3.11.4 knows no filter; nobody's rights and owners are taken over."""
    parts = PurePosixPath(entry.name).parts
    if not (entry.isreg() or entry.isdir()) or not parts or entry.name.startswith("/") or ".." in parts:
        raise _damaged(_("%(name)s is no plain file", name=entry.name))
    path = place.joinpath(*parts)
    if entry.isdir():
        path.mkdir(exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(entry)
    if source is not None:
        with source, path.open("xb") as file:
            shutil.copyfileobj(source, file, 1024 * 1024)


def _compare(folder: Path, sums: str) -> None:
    """Compare every file with the signed list, and the list with every file. Raises BundleDamaged."""
    wanted = {match[2]: match[1] for match in map(_LINE.fullmatch, sums.splitlines()) if match}
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    for name in (_SUMS, _SIGNATURE):
        found.pop(name, None)
    if wanted.keys() != found.keys():
        raise _damaged(_("its list names other files than are inside"))
    for name, path in found.items():
        if _hash(path) != wanted[name]:
            raise _damaged(_("%(name)s was altered", name=name))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()


def _damaged(reason: Text | str) -> BundleDamaged:
    return BundleDamaged(reason=reason)
