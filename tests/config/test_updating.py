"""``sekisho update``: what of a bundle is refused before any of it runs, and what another version leaves behind."""

import hashlib
import io
import os
import sqlite3
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sekisho.config.actions import PlatformAction
from sekisho.config.services import record_version
from sekisho.config.updating import (
    BundleDamaged,
    BundleNotGenuine,
    BundleOlder,
    UpdateUnpinned,
    open_bundle,
)
from sekisho.kernel.actor import platform
from sekisho.register.models import Event
from tests.config.running import run

KEY = Ed25519PrivateKey.generate()
FILES = {"VERSION": b"99.0\n", "install.sh": b"exit 0\n", "wheels/sekisho.whl": bytes(5000)}
Files = dict[str, bytes]


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    path = tmp_path / "release.pub"
    path.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path


def signed(files: Mapping[str, bytes], key: Ed25519PrivateKey = KEY) -> Files:
    lines = [f"{hashlib.sha256(data).hexdigest()}  ./{name}\n" for name, data in sorted(files.items())]
    sums = "".join(lines).encode()
    return {**files, "SHA256SUMS": sums, "SHA256SUMS.sig": key.sign(sums)}


def packed(path: Path, files: Mapping[str, bytes], *links: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for link in links:
            tar.addfile(link)
        for name, data in files.items():
            entry = tarfile.TarInfo(name if name.startswith("../") else f"sekisho-99.0/{name}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return path


def a_link(name: str, target: str) -> tarfile.TarInfo:
    link = tarfile.TarInfo(name)
    link.type, link.linkname = tarfile.SYMTYPE, target
    return link


def test_a_genuine_bundle_is_unpacked_for_root_alone(tmp_path: Path, pinned: Path) -> None:
    place = tmp_path / "incoming"
    (place / "left of one that was killed").mkdir(parents=True)
    folder = open_bundle(packed(tmp_path / "a.tar.gz", signed(FILES)), place, pinned)
    assert (folder / "install.sh").read_bytes() == FILES["install.sh"]
    assert [path.name for path in place.iterdir()] == ["sekisho-99.0"]
    assert place.stat().st_mode & 0o077 == 0


def altered(files: Files) -> Files:
    return {**files, "install.sh": b"exit 1\n"}


def slipped_in(files: Files) -> Files:
    return {**files, "wheels/sitecustomize.py": b"raise SystemExit"}


def left_out(files: Files) -> Files:
    return {name: data for name, data in files.items() if name != "wheels/sekisho.whl"}


def unsigned(files: Files) -> Files:
    return {name: data for name, data in files.items() if name != "SHA256SUMS.sig"}


def signed_by_another(_files: Files) -> Files:
    return signed(FILES, Ed25519PrivateKey.generate())


def made_to_lead_out(files: Files) -> Files:
    return {**files, "../out": b"x"}


def made_old(_files: Files) -> Files:
    return signed({**FILES, "VERSION": b"0.0.9\n"})


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (altered, BundleDamaged),
        (slipped_in, BundleDamaged),
        (left_out, BundleDamaged),
        (unsigned, BundleNotGenuine),
        (signed_by_another, BundleNotGenuine),
        (made_to_lead_out, BundleDamaged),
        (made_old, BundleOlder),
    ],
    ids=lambda part: part.__name__,
)
def test_what_is_refused(
    tmp_path: Path, pinned: Path, change: Callable[[Files], Files], refusal: type[Exception]
) -> None:
    archive = packed(tmp_path / "a.tar.gz", change(signed(FILES)))
    with pytest.raises(refusal):
        open_bundle(archive, tmp_path / "incoming", pinned)
    assert not (tmp_path / "out").exists()


def test_what_is_no_bundle(tmp_path: Path, pinned: Path) -> None:
    whole = packed(tmp_path / "whole.tar.gz", signed(FILES)).read_bytes()
    wrong = {
        "a wheel.whl": b"PK\x03\x04" + bytes(100),
        "empty": b"",
        "cut.tar.gz": whole[: len(whole) // 2],
    }
    for name, data in wrong.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BundleDamaged):
            open_bundle(tmp_path / name, tmp_path / "incoming", pinned)
    for link in (a_link("sekisho-99.0/install.sh", "/etc/passwd"), a_link("sekisho-99.0/x", "install.sh")):
        with pytest.raises(BundleDamaged):
            open_bundle(packed(tmp_path / "linked.tar.gz", signed(FILES), link), tmp_path / "incoming", pinned)


def test_without_the_key_of_the_installation_nothing_is_opened(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.tar.gz", signed(FILES))
    (tmp_path / "no key").write_text("hello")
    for path in (tmp_path / "nowhere", tmp_path / "no key"):
        with pytest.raises(UpdateUnpinned):
            open_bundle(archive, tmp_path / "incoming", path)
    assert not (tmp_path / "incoming").exists()


@pytest.mark.processes
@pytest.mark.parametrize(
    "words",
    [
        ["people", "first-link"],
        pytest.param(["process", "worker", "--parent", str(os.getpid())], marks=pytest.mark.full),
        pytest.param(["register", "status"], marks=pytest.mark.full),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_newer_database_is_refused_by_every_way_in(prepared: Path, home: Path, words: list[str]) -> None:
    """By the processes and the commands of the apps; the first step of a start and doctor: test_database."""
    database = home / "sekisho.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('people', '0999_later', '2027')")
    connection.close()
    before = database.read_bytes()
    answer = run(home, words)
    assert (answer.returncode, "people.0999_later" in answer.stderr) == (65, True), answer.stderr
    assert database.read_bytes() == before


@pytest.mark.processes
def test_only_root_updates_what_a_bundle_installed(home: Path) -> None:
    (home.parent / "bundle").write_bytes(b"")
    answer = run(home, ["update", str(home.parent / "bundle")])
    assert (answer.returncode, "→" in answer.stderr) == (66 if os.geteuid() == 0 else 77, True)
    assert not home.exists()


@pytest.mark.django_db
def test_the_register_is_told_of_another_version_once(tmp_path: Path) -> None:
    kept, went_back = tmp_path / "version", tmp_path / "went-back"

    def start(version: str) -> bool:
        return record_version(actor=platform("prepare"), version=version, kept=kept, went_back=went_back)

    assert [start("0.1.0"), start("0.1.0"), start("0.2.0"), start("0.2.0")] == [False, False, True, False]
    went_back.write_text("0.3.0\n")
    assert [start("0.2.0"), start("0.2.0")] == [True, False]
    told = [(event.outcome, event.entry) for event in Event.objects.filter(action=PlatformAction.UPDATE.value)]
    assert [outcome for outcome, _entry in told] == ["success", "failure"]
    assert '"version_after":"0.2.0","version_before":"0.1.0"' in told[0][1]
    assert '"version_after":"0.3.0","version_before":"0.2.0","went_back":true' in told[1][1]
