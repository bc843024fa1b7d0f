"""Makes tests/upgrades/VERSION: a small installation of this version, which every later one has to bring up to itself.

`scripts/upgrade_fixture.py` makes it from the tree as it stands, to be made again as often as the first migrations are
written anew before the release. `scripts/upgrade_fixture.py v0.1.0` makes it from that tag, with the tag's own code;
then it is released, and never made again. The people, systems and keys in it are invented and of use nowhere else.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "tests" / "upgrades"
LOGIN, NAME, PASSWORD = "yamada", "山田 花子", "kaze no oto 1804 tsukiyo"
SEED = bytes(range(20))
LARGEST = 300_000
# Made anew by every start, or of this computer only.
_LEFT_OUT = ("run", "index", "review", "caddy", "backup.lock", "backup.scratch")


def main(words: list[str]) -> int:
    """Make the fixture, from a tag when one is named."""
    if words[:1] == ["--fill"]:
        _fill()
        return 0
    tag = words[0] if words else ""
    with tempfile.TemporaryDirectory(prefix="sk") as folder:
        tree = _tree_of(tag, Path(folder)) if tag else ROOT
        home = Path(folder) / "home"
        variables = {name: value for name, value in os.environ.items() if not name.startswith("SEKISHO_")}
        variables |= {"SEKISHO_HOME": str(home), "PYTHONPATH": str(tree / "src"), "SEKISHO_LANGUAGE": "en"}
        start = [sys.executable, "-m", "sekisho.config.cli", "process", "prepare", "--parent", str(os.getpid())]
        fill = [sys.executable, str(tree / "scripts" / "upgrade_fixture.py"), "--fill"]
        for command in (start, fill):
            subprocess.run(command, env=variables, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        version = (home / "version").read_text().strip()
        if _is_released(KEPT / version):
            raise SystemExit(f"{version} is released: its fixture is never made again")
        _keep(home, KEPT / version, tree, tag)
    print(f"tests/upgrades/{version}: {(KEPT / version / 'home.tar.xz').stat().st_size} bytes")
    return 0


def _is_released(place: Path) -> bool:
    facts = place / "expected.json"
    return facts.exists() and bool(json.loads(facts.read_text())["released"])


def _tree_of(tag: str, folder: Path) -> Path:
    tree = folder / "tree"
    tree.mkdir()
    archive = subprocess.run(["git", "-C", ROOT, "archive", tag], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", tree], input=archive, check=True)
    return tree


def _fill() -> None:
    """Fill the installation of SEKISHO_HOME as its first hour would: by the pages, then into the log."""
    from sekisho.config.processes.django_start import start_django

    start_django()
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from sekisho.estate.ledgers import SYSTEMS, VENDORS
    from sekisho.estate.services import add_entry
    from sekisho.kernel import clock
    from sekisho.kernel.access import Role
    from sekisho.kernel.actor import Actor, ActorKind, platform
    from sekisho.people.services.links import offer_first_link
    from sekisho.register.services import integrate
    from sekisho.register.services.heads import export_head
    from sekisho.trust.totp import STEP_SECONDS, code_at

    settings.ALLOWED_HOSTS = ["localhost"]
    client = Client(headers={"host": "localhost", "x-forwarded-proto": "https"})
    token = offer_first_link(actor=platform("fixture"))
    client.get(reverse("people:open-link", args=[token]))
    session = client.session
    session["seed"] = SEED.hex()
    session.save()
    code = code_at(SEED, int(clock.now().timestamp()) // STEP_SECONDS)
    person = {"name": NAME, "kana": "ヤマダ ハナコ", "login": LOGIN}
    answer = client.post(reverse("people:enrol"), {"password": PASSWORD, "again": PASSWORD, "code": code, **person})
    assert answer.status_code == 302, answer.content.decode()
    invited = {"name": "鈴木 一郎", "profession": "clerk", "roles": ["planning_manager"]}
    assert client.post(reverse("people:invite"), invited, follow=True).status_code == 200
    somebody = Actor(ActorKind.PERSON, "0" * 32, NAME, frozenset({Role.SYSTEM_OPERATOR}), assurance=2)
    vendor = add_entry(actor=somebody, ledger=VENDORS, values={"name": "見本メディカル"})
    for name, kind in (("電子カルテ", "emr"), ("予約", "reservation")):
        values = {"name": name, "kind": kind, "form": "on_premises", "vendor": vendor}
        add_entry(actor=somebody, ledger=SYSTEMS, values=values)
    while integrate():
        continue
    print(len(export_head(actor=somebody, to="fixture")))
    while integrate():
        continue
    (settings.REGISTER_FOLDER.parent / "head").write_bytes((settings.REGISTER_FOLDER / "checkpoint").read_bytes())


def _keep(home: Path, place: Path, tree: Path, tag: str) -> None:
    head = (home / "head").read_text()
    (home / "head").unlink()
    for name in _LEFT_OUT:
        path = home / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    database = sqlite3.connect(home / "sekisho.sqlite3")
    for table in ("people_session",):
        database.execute(f"DELETE FROM {table}")
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.execute("VACUUM")
    tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")]
    counts = {table: database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}
    database.execute("PRAGMA journal_mode=DELETE")
    database.close()
    facts = {
        "released": bool(tag), "login": LOGIN, "name": NAME, "password": PASSWORD, "seed": SEED.hex(), "head": head,
        "counts": {table: count for table, count in counts.items() if count},
        "migrations": digests(tree / "src" / "sekisho"),
    }  # fmt: skip
    place.mkdir(parents=True, exist_ok=True)
    (place / "expected.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    with tarfile.open(place / "home.tar.xz", "w:xz", preset=9) as tar:
        tar.add(home, arcname="home", filter=_nobody)
    if (place / "home.tar.xz").stat().st_size > LARGEST:
        raise SystemExit(f"larger than {LARGEST} bytes: fill it with less")


def _nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def digests(rooms: Path) -> dict[str, str]:
    """Return the hash of what each of our migrations does, by its name; comments do nothing."""
    found = {}
    for path in sorted(rooms.glob("*/migrations/0*.py")):
        code = re.sub(r"^\s*(#.*)?\n", "", path.read_text(), flags=re.MULTILINE)
        found[f"{path.parent.parent.name}.{path.stem}"] = hashlib.sha256(code.encode()).hexdigest()
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
