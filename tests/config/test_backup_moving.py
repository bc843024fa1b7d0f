"""From one machine to another: installed from the bundle, worked with, destroyed, restored with the key of the safe."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.config.test_backup import ADD_PERSON, EVENTS
from tests.config.test_bundle import HERE, ROOT, make_key, unpack

SPACES = ("unshare", "--mount", "--net", "--pid", "--cgroup", "--uts", "--ipc", "--fork")


def life(shared: Path, script: str) -> list[str]:
    """Let a machine of its own, with nothing but the system's root, live through a script; return what it says."""
    shutil.copy2(HERE / script, shared / "trial.sh")
    subprocess.run([*SPACES, "sh", HERE / "root.sh", shared], check=False, timeout=820)
    log = (shared / "trial.log").read_text()
    (shared / "trial.log").rename(shared / f"{script}.log")
    said = [line.removeprefix("SAID ").strip() for line in log.splitlines() if line.startswith("SAID ")]
    assert said, log[-6000:]
    return said


def events(path: Path) -> dict[str, dict[str, object]]:
    """Return the events of a register by their ids."""
    return {str(event["id"]): event for event in json.loads(path.read_text())}


@pytest.mark.full
@pytest.mark.processes
@pytest.mark.timeout(1800)
def test_a_new_machine_goes_on_where_the_old_one_was(tmp_path: Path) -> None:
    """Every acknowledged event before the stated moment is there; a head of before is intact, one of after is not.

    The short form is test_backup.py::test_a_backup_brings_everything_to_a_new_computer.
    """
    if os.geteuid() != 0 or not Path("/lib/systemd/systemd").exists() or not Path("/usr/bin/python3").exists():
        pytest.skip("needs root, systemd and the system's Python")
    subprocess.run([ROOT / "scripts" / "bundle", make_key(tmp_path / "key")], check=True, timeout=600, cwd=ROOT)
    (archive,) = (ROOT / "dist").glob("sekisho-*.tar.gz")
    unpack(archive, tmp_path / "first")
    (tmp_path / "person.py").write_text(ADD_PERSON)
    (tmp_path / "events.py").write_text(EVENTS)
    shutil.copy2(HERE / "day.py", tmp_path)
    assert life(tmp_path, "old.sh") == ["backups 1 active", "went on 1"]
    said = life(tmp_path, "new.sh")
    assert said == ["without the key 78, 0 there", "restored active 1", "old head 0", "late head 1"], said

    (generation,) = (tmp_path / "second").glob("sekisho-*")
    moment = json.loads((generation / "manifest.json").read_bytes())["acknowledged_before"]
    acknowledged, restored = events(tmp_path / "acknowledged.json"), events(tmp_path / "restored.json")
    before = {name for name, event in acknowledged.items() if str(event["recorded_at"]) < moment}
    assert len(before) > 6, "a first day"
    assert before <= set(restored)
    lost = {name for name in acknowledged if name not in restored}
    assert lost, "what came after the backup, and is told by the late head"
    told = [event["details"] for event in restored.values() if event["action"] == "backup.restore"]
    assert [details["generation"] for details in told] == [generation.name]  # type: ignore[index]
