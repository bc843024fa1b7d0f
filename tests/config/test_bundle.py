"""The bundle: what install.sh refuses, and a whole life of an installed service under systemd, without any network."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
HERE = Path(__file__).parent / "installed"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle with everything but its wheels."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name in ("install.sh", "uninstall.sh", "sekisho.service"):
        shutil.copy2(PACKAGING / name, folder)
    (folder / "VERSION").write_text("0.0.1\n")
    (folder / "KIND").write_text("cp99-linux-abacus\n")
    list_files(folder)
    return folder


def list_files(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("SHA256SUMS"))
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  ./{path.relative_to(folder)}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines))


def install(folder: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        ["sh", str(folder / "install.sh"), *words], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_a_damaged_bundle_is_refused(bundle: Path) -> None:
    (bundle / "VERSION").write_text("6.6.6\n")
    code, said = install(bundle)
    assert (code, "damaged, or was altered" in said, "VERSION" in said) == (65, True, True)


def test_a_file_that_was_slipped_in_is_refused(bundle: Path) -> None:
    (bundle / "sitecustomize.py").write_text("raise SystemExit")
    code, said = install(bundle)
    assert (code, "not part of it" in said) == (65, True)


def test_a_bundle_for_another_computer_is_refused(bundle: Path) -> None:
    code, said = install(bundle, "--python", sys.executable)
    if os.geteuid() == 0:
        assert (code, "this bundle is for cp99-linux-abacus" in said) == (69, True)
    else:
        assert (code, "must run as root" in said) == (77, True)
    assert "Who made it was not checked" in said


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not there")
def test_who_made_a_bundle_is_checked_with_a_key(bundle: Path, tmp_path: Path) -> None:
    own, other = make_key(tmp_path / "own"), make_key(tmp_path / "other")
    sign(bundle, own)
    code, said = install(bundle, "--key", f"{own}.pub", "--python", sys.executable)
    assert (code in {69, 77}, "not checked" in said, "signed" in said) == (True, False, False)
    code, said = install(bundle, "--key", f"{other}.pub")
    assert (code, "not signed with this key" in said) == (65, True)
    (bundle / "SHA256SUMS.sig").unlink()
    assert install(bundle, "--key", f"{own}.pub")[0] == 65


@pytest.mark.parametrize("words", [["--frob"], ["--host"], ["--key"], ["--host", "a b"], ["--host", "x$(id)"]])
def test_an_unknown_word_changes_nothing(bundle: Path, words: list[str]) -> None:
    assert install(bundle, *words)[0] == 64


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not there")
def test_the_unit_stays_as_closed_as_it_is() -> None:
    """The figure of systemd-analyze, from 0 (closed) to 10; what is open is named in docs/ja/install.md."""
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=15"]
    done = subprocess.run(
        [*command, PACKAGING / "sekisho.service"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]


def make_key(path: Path) -> Path:
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True, timeout=30)
    subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-out", f"{path}.pub"], check=True, timeout=30)
    return path


def sign(folder: Path, key: Path) -> None:
    command = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", folder / "SHA256SUMS"]
    subprocess.run([*command, "-out", folder / "SHA256SUMS.sig"], check=True, timeout=30)


BROKEN = {
    "9998_one.py": """from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("estate", "{last}")]
    operations = [migrations.RunSQL("CREATE TABLE of_the_new_version (id INTEGER)")]
""",
    "9999_two.py": """from django.db import migrations
def fail(apps, schema_editor):
    raise RuntimeError("does not work")
class Migration(migrations.Migration):
    dependencies = [("estate", "9998_one")]
    operations = [migrations.RunPython(fail)]
""",
}


LEFT = "backup.lock before-update caddy inbox index keys register run sekisho.sqlite3"


def unpack(archive: Path, to: Path) -> Path:
    to.mkdir()
    subprocess.run(["tar", "-xzf", archive, "-C", to, "--strip-components=1"], check=True, timeout=120)
    return to


def other_version(bundle: Path, to: Path, version: str, migrations: dict[str, str]) -> Path:
    """Return the bundle of another version of this tree."""
    tree = to.with_name(f"{to.name}-tree")
    shutil.copytree(ROOT / "src", tree / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, tree)
    about = tree / "src" / "sekisho" / "__init__.py"
    about.write_text(re.sub(r'(__version__ = )"[^"]+"', rf'\1"{version}"', about.read_text()))
    folder = tree / "src" / "sekisho" / "estate" / "migrations"
    last = max(path.stem for path in folder.glob("0*.py"))
    for name, text in migrations.items():
        (folder / name).write_text(text.format(last=last))
    shutil.copytree(bundle, to)
    for wheel in to.glob("wheels/sekisho-*.whl"):
        wheel.unlink()
    build = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", to / "wheels", tree], check=True, timeout=300)
    (to / "VERSION").write_text(f"{version}\n")
    list_files(to)
    return to


def pack(folder: Path, to: Path, key: Path) -> None:
    sign(folder, key)
    subprocess.run(["tar", "-C", folder.parent, "-czf", to, folder.name], check=True, timeout=120)


@pytest.mark.full
@pytest.mark.processes
@pytest.mark.timeout(2400)
def test_a_server_s_life(tmp_path: Path) -> None:
    """Installed without any network, killed, updated, updated to what does not work, uninstalled; systemd runs it."""
    if os.geteuid() != 0 or not Path("/lib/systemd/systemd").exists() or not Path("/usr/bin/python3").exists():
        pytest.skip("needs root, systemd and the system's Python")
    key = make_key(tmp_path / "key")
    subprocess.run([ROOT / "scripts" / "bundle", key], check=True, timeout=600, cwd=ROOT)
    (archive,) = (ROOT / "dist").glob("sekisho-*.tar.gz")
    first = unpack(archive, tmp_path / "first")
    for version in ("0.9.1", "0.9.2"):
        other_version(first, tmp_path / version, version, BROKEN if version == "0.9.2" else {})
    pack(first, tmp_path / "0.1.0.tar.gz", key)
    pack(tmp_path / "0.9.1", tmp_path / "0.9.1.tar.gz", key)
    pack(tmp_path / "0.9.2", tmp_path / "0.9.2.tar.gz", key)
    pack(tmp_path / "0.9.1", tmp_path / "forged.tar.gz", make_key(tmp_path / "other"))
    shutil.copy2(HERE / "trial.sh", tmp_path)
    spaces = ["unshare", "--mount", "--net", "--pid", "--cgroup", "--uts", "--ipc", "--fork"]
    subprocess.run([*spaces, "sh", HERE / "root.sh", tmp_path], check=False, timeout=1520)
    log = (tmp_path / "trial.log").read_text()
    said = [line.removeprefix("SAID ").strip() for line in log.splitlines() if line.startswith("SAID ")]
    assert said == [
        "first sekisho 0.1.0 active",
        "owner sekisho 700 sekisho 700 root 640",
        "exposure → Overall exposure level for sekisho.service: 1.1 OK :-)",
        "in the journal: 2 address, 0 links",
        "link 1",
        "killed 1 active 0",
        "pinned 1",
        "without a backup 75 active, changed nothing 1",
        "forged 65 sekisho 0.1.0 active",
        "second 0 sekisho 0.9.1 active, stood still 1, backups 1",
        "older 65 sekisho 0.9.1 active",
        "third 70 sekisho 0.9.1 active 0",
        "killed in the middle, then 70 sekisho 0.9.1 active 0, resumed 1",
        "events 0.1.0>0.9.1 SUCCESS, 0.9.1>0.9.2 FAILURE, 0.9.1>0.9.2 FAILURE, 0.9.1>0.9.2 FAILURE",
        "versions 0.1.0 0.9.1 0.9.2.failed",
        "way back 1",
        "stopped success 0",
        f"left {LEFT} version  backup.passphrase release.pub sekisho.env  1",
    ], log[-6000:]
