"""The backup as the operator meets it: the real command, real disks, real kills, and a new computer at the end."""

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil
import psycopg
import pytest
from psycopg import sql

from sekisho.config.backup.errors import BackupBroken, BackupCannotTell
from sekisho.config.backup.locks import Opening, key_of
from sekisho.config.backup.manifest import FILE, Manifest, read_manifest
from sekisho.config.backup.place import roots
from sekisho.config.backup.target import Protection, clear_partials, protection_of
from sekisho.config.backup.verify import verify
from sekisho.config.environment import Environment
from sekisho.config.scratch import clear_scratch, scratch
from sekisho.trust.totp import STEP_SECONDS, code_at
from tests.config import test_database
from tests.config.running import COMMAND, Instance, free_port, run, until, variables
from tests.conftest import PASSWORD, SEED

pytestmark = pytest.mark.processes
server_database = test_database.server_database
SECRET = "five words nobody would guess"
ADD_PERSON = """
import sys
from sekisho.config.processes.django_start import start_django
start_django()
from django.conf import settings
from django.contrib.auth.hashers import make_password
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.people.models import TotpSecret, User
from sekisho.people.services.links import grant_roles
from sekisho.people.services.sign_in import totp_context
from sekisho.people.services.staff import PersonData, add_staff
from sekisho.trust.sealing import seal
staff = add_staff(PersonData(name="鈴木 花子", kana=""))
grant_roles(staff, (Role.SYSTEM_OPERATOR,), "test")
user = User.objects.create(staff=staff, login="suzuki", password=make_password(sys.argv[1]), created_at=clock.now())
sealed = seal(settings.SEAL_KEY, bytes.fromhex(sys.argv[2]), totp_context(user.pk))
TotpSecret.objects.create(user=user, sealed_seed=sealed, confirmed_at=clock.now())
"""
EVENTS = """
import json
from sekisho.config.processes.django_start import start_django
start_django()
from sekisho.register.models import Event
print(json.dumps([json.loads(row.entry) for row in Event.objects.order_by("occurred_at", "source_seq")]))
"""


class Place:
    """An installation with two targets and a passphrase file."""

    def __init__(self, home: Path) -> None:
        self.home, self.base = home, home.parent
        self.targets = [self.base / "first", self.base / "second"]
        self.secret = self.base / "passphrase"
        for target in self.targets:
            target.mkdir()
        self.write_secret(SECRET)
        self.more: dict[str, str] = {}

    def write_secret(self, words: str, mode: int = 0o600) -> None:
        self.secret.write_text(words + "\n")
        self.secret.chmod(mode)

    @property
    def settings(self) -> dict[str, str]:
        return {
            "backup_targets": ":".join(map(str, self.targets)),
            "backup_passphrase_file": str(self.secret),
            "port": str(free_port()),
            **self.more,
        }

    def run(self, *arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
        answer = run(home or self.home, ["backup", *arguments], self.settings)
        assert "Traceback" not in answer.stderr, answer.stderr
        assert SECRET not in answer.stdout + answer.stderr
        return answer

    def create(self, home: Path | None = None) -> list[Path]:
        answer = self.run("create", home=home)
        assert answer.returncode == 0, answer.stderr
        return self._made(answer.stdout)

    def try_create(self) -> list[Path]:
        """Make a backup unless one is being made right now."""
        answer = self.run("create")
        assert answer.returncode in {0, 75}, answer.stderr
        return self._made(answer.stdout)

    @staticmethod
    def _made(said: str) -> list[Path]:
        return [Path(line.split(": ")[1]) for line in said.splitlines() if line.startswith("Made")]

    def generations(self) -> list[Path]:
        return sorted(path for target in self.targets for path in target.glob("sekisho-*"))

    def python(self, code: str, *arguments: str, home: Path | None = None) -> str:
        answer = subprocess.run(
            [sys.executable, "-P", "-c", code, *arguments],
            env=variables(home or self.home, self.settings),
            capture_output=True, text=True, check=True, timeout=60, cwd="/",
        )  # fmt: skip
        return answer.stdout

    def events(self, home: Path | None = None) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self.python(EVENTS, home=home))
        return found


@pytest.fixture
def place(prepared: Path) -> Place:
    """An installation as its first start leaves it."""
    return Place(prepared)


def manifest_at(generation: Path) -> Manifest:
    """Return the manifest of a generation."""
    return read_manifest((generation / FILE).read_bytes())


def sign_in(instance: Instance) -> str:
    """Sign in through the browser's door and return the first page."""
    context = ssl.create_default_context(cafile=str(instance.home / "caddy/pki/authorities/local/root.crt"))
    jar = CookieJar()
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(jar)
    )
    origin = f"https://localhost:{instance.port}"
    code = code_at(SEED, int(time.time()) // STEP_SECONDS)
    page = ""
    for address, fields in (
        ("/sign-in/", {"login": "suzuki", "password": PASSWORD}),
        ("/sign-in/code/", {"code": code}),
    ):
        form = opener.open(origin + address, timeout=20).read().decode()
        token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        data = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        request = urllib.request.Request(origin + address, data, {"Referer": origin + address})
        page = opener.open(request, timeout=20).read().decode()
    return page


class Held:
    """Heads of the log that were kept elsewhere, and what somebody else's computer says of the log with them."""

    def __init__(self, base: Path) -> None:
        self.base = base

    def keep(self, home: Path, name: str) -> int:
        """Keep the head as it is now; return how many entries it has."""
        note = (home / "register" / "checkpoint").read_bytes()
        (self.base / f"{name}.head").write_bytes(note)
        return int(note.splitlines()[1])

    def verify(self, home: Path, name: str) -> int:
        """Verify the log of ``home`` with the head of this name; return the exit code."""
        key = json.loads(run(home, ["register", "status", "--json"]).stdout)["key"]
        program = Path(sys.executable).with_name("sekisho-verify")
        command = [program, home / "register", "--key", key, "--head", self.base / f"{name}.head", "--lang", "en"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert "Traceback" not in answer.stderr, answer.stderr
        return answer.returncode


def test_a_backup_brings_everything_to_a_new_computer(place: Place, instance: Callable[..., Instance]) -> None:
    """People, second factors (so the keys), the certificate that browsers trust, the register and its new event.

    The log goes on honestly: with a head of before it is intact, and with one of after it entries are missing.
    """
    held = Held(place.base)
    place.python(ADD_PERSON, PASSWORD, SEED.hex())
    first = instance(**place.settings).start().ready()
    root = (place.home / "caddy/pki/authorities/local/root.crt").read_bytes()
    assert "鈴木" in sign_in(first)
    until(lambda: len(place.generations()) == 2, 60, "the backup that the worker makes by itself")
    until(lambda: held.keep(place.home, "old"), 30, "entries in the log")
    made = until(place.try_create, 60, "one more, while everything runs")
    first.stop()
    last = held.keep(place.home, "new")
    assert [path.parent for path in made] == place.targets
    acknowledged = place.events()
    shutil.rmtree(place.home)

    elsewhere = place.base / "new"
    answer = place.run("restore", str(made[1]), home=elsewhere)
    assert answer.returncode == 0, answer.stderr
    newest = manifest_at(made[1]).newest_event
    assert newest is not None
    assert f"The newest event inside is {newest.id}" in answer.stdout
    assert held.keep(elsewhere, "restored") < last, "what came after the backup is lost"
    told = run(elsewhere, ["doctor", "--json"], place.settings)
    rows = {row["name"]: row["state"] for row in json.loads(told.stdout)}
    assert told.returncode == 0, told.stdout
    assert rows["database"] == rows["keys"] == rows["backup"] == "ok"
    second = Instance(elsewhere, place.settings).start().ready()
    try:
        events = place.events(elsewhere)
        assert (elsewhere / "caddy/pki/authorities/local/root.crt").read_bytes() == root
    finally:
        second.stop()
        second.destroy()
    assert [held.verify(elsewhere, name) for name in ("old", "restored", "new")] == [0, 0, 1]
    inside = [event["id"] for event in events]
    before = str(manifest_at(made[1]).acknowledged_before)
    assert {event["id"] for event in acknowledged if str(event["recorded_at"]) < before} <= set(inside)
    told_once = [event["details"] for event in events if event["action"] == "backup.restore"]
    assert [details["generation"] for details in told_once] == [made[1].name]  # type: ignore[index]
    settings = json.loads((elsewhere / "settings.json").read_text())
    assert settings["backup_targets"] == place.settings["backup_targets"]


@pytest.mark.full
def test_nobody_is_signed_in_at_the_new_place(place: Place, instance: Callable[..., Instance]) -> None:
    """A session that was ended after the backup does not come back with it; whoever has the second factor gets in."""
    place.python(ADD_PERSON, PASSWORD, SEED.hex())
    running = instance(port=place.settings["port"]).start().ready()
    sign_in(running)
    made = place.create()[0]
    running.stop()
    assert manifest_at(made).rows["people_session"] == 0
    elsewhere = Instance(place.base / "new", {"port": str(free_port())})
    assert place.run("restore", str(made), home=elsewhere.home).returncode == 0
    try:
        elsewhere.start().ready()
        wait_for_a_new_code()
        assert "鈴木" in sign_in(elsewhere)
    finally:
        elsewhere.destroy()


def wait_for_a_new_code() -> None:
    """A code is good once, and the database remembers the step of the last one."""
    begun = int(time.time()) // STEP_SECONDS
    until(lambda: int(time.time()) // STEP_SECONDS > begun, STEP_SECONDS + 2, "the next code")


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


SPOILS: dict[str, Callable[[Path], None]] = {"flip": flip, "cut": cut, "lengthen": lengthen, "lose": Path.unlink}


def test_each_fault_has_its_name_and_its_exit_code(place: Place) -> None:
    """Intact 0, changed 65 with the part, another passphrase 77, not to be told 69."""
    first, second = place.create()
    assert place.run("verify", str(first)).returncode == 0
    flip(first / "database")
    answer = place.run("verify", str(first))
    assert (answer.returncode, "[config.backup_broken]" in answer.stderr, "database" in answer.stderr) == (
        65,
        True,
        True,
    )
    flip(first / "database")
    place.write_secret("five words nobody would guest")
    answer = place.run("verify", str(second))
    assert (answer.returncode, "[trust.passphrase_wrong]" in answer.stderr) == (77, True)
    flip(second / "keys")  # what is broken is named, whatever the passphrase
    assert place.run("verify", str(second)).returncode == 65
    place.write_secret("")
    assert place.run("verify", str(first)).returncode == 78
    place.write_secret(SECRET)
    gone = place.run("verify", str(place.base / "nowhere"))
    assert (gone.returncode, "[config.backup_cannot_tell]" in gone.stderr) == (69, True)
    outcomes = [event["outcome"] for event in place.events() if event["action"] == "backup.prove"]
    assert (outcomes.count("success"), outcomes.count("failure") >= 3) == (3, True)


@pytest.mark.full
def test_every_part_is_held(place: Place) -> None:
    """Changed, cut, lengthened, lost, or a genuine part in the place of another one; with the passphrase or without."""
    first, _second = place.create()
    kept = place.base / "kept"
    shutil.copytree(first, kept)
    shutil.copyfile(kept / "files", first / "register")
    assert broken_part(first) == "register"
    shutil.copyfile(kept / "register", first / "register")
    for part in ("database", "register", "files", "keys", FILE):
        for name, spoil in SPOILS.items():
            spoil(first / part)
            assert broken_part(first) == part, name
            # Without the passphrase a changed manifest may accuse a part that is innocent; it is never intact.
            assert part == FILE or broken_part(first, "") == part, name
            shutil.copyfile(kept / part, first / part)
    assert verify(first, Opening(SECRET)).name == first.name
    with pytest.raises(BackupCannotTell):
        verify(first, Opening())


def broken_part(generation: Path, passphrase: str = SECRET) -> object:
    with pytest.raises(BackupBroken) as caught:
        verify(generation, Opening(passphrase))
    return caught.value.params["part"]


def test_a_manifest_of_somebody_else_is_not_believed(place: Place) -> None:
    """Two parts and a manifest of another generation, in its name: genuine each, and not what was put there."""
    first, _second = place.create()
    other, _other = place.create()
    for path in other.iterdir():
        shutil.copyfile(path, first / path.name)
    assert place.run("verify", str(first)).returncode == 65


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """A disk of 512 KiB."""
    disk = home.parent / "small"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no right to mount a disk here")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.full
def test_a_full_disk_and_a_missing_one_harm_nothing(place: Place, small_disk: Path) -> None:
    """The other target gets its generation, the exit code says that one is missing, the old one is intact."""
    place.targets[1] = small_disk
    (made, old) = place.create()
    (small_disk / "filler").write_bytes(b"")
    with (small_disk / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                continue
        except OSError:
            pass
    answer = place.run("create")
    assert answer.returncode == 74
    assert "No space left" in answer.stderr
    assert sorted(path.name for path in small_disk.iterdir()) == ["filler", old.name]
    assert len(place.generations()) == 3
    for generation in place.generations():
        assert place.run("verify", str(generation)).returncode == 0, generation
    place.targets[0] = place.base / "nowhere"
    answer = place.run("create")
    assert (answer.returncode, "nowhere" in answer.stderr) == (74, True)
    assert place.run("verify", str(made)).returncode == 0
    assert [event["outcome"] for event in place.events() if event["action"] == "backup.create"][-1] == "failure"


def test_a_killed_backup_never_looks_like_one(place: Place) -> None:
    """What is left goes with the next one; the older generation is untouched."""
    (old, _second) = place.create()
    (place.home / "evidence").write_bytes(os.urandom(96 * 1024 * 1024))
    killed = subprocess.Popen(
        [*COMMAND, "backup", "create"],
        env=variables(place.home, place.settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    half = until(lambda: list(place.targets[0].glob(".partial-*/files")), 30, "half a backup")
    killed.send_signal(signal.SIGSTOP)
    busy = place.run("create")
    assert (busy.returncode, "[config.backup_under_way]" in busy.stderr) == (75, True)
    killed.send_signal(signal.SIGKILL)
    killed.wait(10)
    assert half[0].exists()
    assert len(place.generations()) == 2
    assert ".partial" not in place.run("list").stdout
    assert (place.home / "backup.scratch").exists()
    assert len(place.create()) == 2
    assert [path.name for target in place.targets for path in target.iterdir() if path.name.startswith(".")] == []
    assert not (place.home / "backup.scratch").exists()
    assert place.run("verify", str(old)).returncode == 0


@pytest.mark.full
def test_nothing_is_restored_over_something(place: Place) -> None:
    """Nor from a newer version, nor into another kind of database; and no folder is left half full."""
    first, second = place.create()
    elsewhere = place.base / "new"
    elsewhere.mkdir()
    (elsewhere / "letter").write_text("important")
    answer = place.run("restore", str(first), home=elsewhere)
    assert (answer.returncode, "[config.backup_home_not_empty]" in answer.stderr) == (73, True)
    assert [path.name for path in elsewhere.iterdir()] == ["letter"]
    (elsewhere / "letter").unlink()

    manifest = manifest_at(second)
    key = key_of(manifest, Opening(SECRET))
    newer_ones: list[dict[str, Any]] = [
        {"software": "99.0"},
        {"migrations": (*manifest.migrations, "people.0999_later")},
    ]
    for change in newer_ones:
        newer = Manifest(**{**vars(manifest), **change}).sealed_with(key)
        (second / FILE).write_bytes(newer.to_bytes())
        answer = place.run("restore", str(second), home=elsewhere)
        assert (answer.returncode, "[config.backup_newer]" in answer.stderr) == (65, True)
        assert list(elsewhere.iterdir()) == []
    other = Manifest(**{**vars(manifest), "database": "postgresql"}).sealed_with(key)
    (second / FILE).write_bytes(other.to_bytes())
    assert place.run("restore", str(second), home=elsewhere).returncode == 78

    flip(first / "database")
    answer = place.run("restore", str(first), home=elsewhere)
    assert (answer.returncode, "database" in answer.stderr) == (65, True)
    assert {path.name for path in elsewhere.iterdir()} <= {".restoring"}
    flip(first / "database")
    assert place.run("restore", str(first), home=elsewhere).returncode == 0, "what was interrupted is no obstacle"
    assert not (elsewhere / ".restoring").exists()


@pytest.mark.full
def test_the_register_is_told_by_the_next_start(place: Place) -> None:
    """The note lies beside the data until then, and the event is there once."""
    (place.home / "restored.json").write_text('{"generation":"sekisho-x"}')
    answer = run(place.home, ["process", "prepare", "--parent", str(os.getpid())], place.settings)
    assert answer.returncode == 0, answer.stderr
    assert not (place.home / "restored.json").exists()
    assert "backup.restore" in [event["action"] for event in place.events()]


@pytest.mark.full
def test_a_test_restore_tells_how_far_it_came(place: Place) -> None:
    """Restored into a folder of its own and started there; nothing of it is left."""
    place.create()
    before = set(Path("/tmp").glob("sekisho-try-*"))
    answer = place.run("verify", "--restore")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("restored and started") == 2
    assert set(Path("/tmp").glob("sekisho-try-*")) <= before
    levels = [event["details"]["level"] for event in place.events() if event["action"] == "backup.prove"]  # type: ignore[index]
    assert levels == ["verified", "verified", "started", "started"]


def scratch_folders(place: Place) -> list[Path]:
    """Return where test restores of this installation are under way, by their notes."""
    return [Path(note.read_text()) for note in (place.home / "backup.trials").glob("*")]


def kill_a_test_restore(place: Place) -> Path:
    """End a test restore by kill -9 as soon as something restored lies on the disk; return where it lies."""
    killed = subprocess.Popen(
        [*COMMAND, "backup", "verify", "--restore"],
        env=variables(place.home, place.settings), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/",
    )  # fmt: skip

    def restored() -> list[Path]:
        return [path for folder in scratch_folders(place) for path in folder.glob("home/**/keys/*")]

    until(lambda: restored() or killed.poll() is not None, 120, "half a test restore")
    assert killed.returncode is None, killed.communicate()[1]
    (left,) = scratch_folders(place)
    assert list(left.glob("**/passphrase*")) == [], "it lies on no disk"
    children = psutil.Process(killed.pid).children(recursive=True)
    killed.kill()
    killed.communicate()
    _gone, alive = psutil.wait_procs(children, 10)
    assert not alive, "what a test restore has started ends with it"
    assert list(left.glob("home/**/keys/*")), "secrets lie there in the clear"
    return left


@pytest.mark.timeout(300)
@pytest.mark.full
def test_a_killed_test_restore_leaves_nothing_for_long(place: Place) -> None:
    """Decrypted data: the next start clears it away."""
    place.targets = place.targets[:1]
    place.create()
    left = kill_a_test_restore(place)
    answer = run(place.home, ["process", "prepare", "--parent", str(os.getpid())], place.settings)
    assert answer.returncode == 0, answer.stderr
    assert not left.exists()
    assert scratch_folders(place) == []
    assert "backup.trials" not in [path.name for path in roots(Environment(home=place.home))["files"]]


HOLD = """
import sys, time
from pathlib import Path
from sekisho.config.scratch import scratch
from sekisho.config.environment import Environment
with scratch(Environment(home=Path(sys.argv[1]))) as place:
    (place.folder / "patients").write_text("in the clear")
    print(place.folder, flush=True)
    time.sleep(60)
"""


def test_the_next_trial_clears_away_what_a_killed_one_left(home: Path) -> None:
    """One that is under way keeps its place, and so does one whose process outlives it."""
    home.mkdir(parents=True)
    settings = Environment(home=home)
    other = subprocess.Popen([sys.executable, "-P", "-c", HOLD, str(home)], stdout=subprocess.PIPE, text=True, cwd="/")
    assert other.stdout is not None
    left = Path(other.stdout.readline().strip())
    with scratch(settings):
        assert (left / "patients").exists(), "under way"
    other.kill()
    other.communicate()
    assert (left / "patients").exists()
    with scratch(settings) as place:
        assert not left.exists()
        heir = subprocess.Popen(["sleep", "60"], pass_fds=(place.held,))
        (place.folder / "home").mkdir()
    assert not place.folder.exists(), "its own end clears it away, whoever lives on"
    heir.kill()
    heir.wait()
    assert list((home / "backup.trials").iterdir()) == []


def test_a_note_that_names_something_else_removes_nothing(home: Path) -> None:
    """Half a note, or one that somebody has written."""
    precious = home / "precious"
    precious.mkdir(parents=True)
    notes = home / "backup.trials"
    notes.mkdir()
    (notes / "half").write_text("")
    (notes / "0123").write_text(str(precious))
    clear_scratch(Environment(home=home))
    assert precious.is_dir()
    assert list(notes.iterdir()) == []


@pytest.mark.full
def test_the_passphrase_has_to_be_kept_well(place: Place) -> None:
    """Never on the command line, in a file for us alone, long enough, and nowhere in what is written."""
    help_page = run(place.home, ["backup", "create", "--help"], {}).stdout
    assert "--passphrase " not in help_page
    place.write_secret(SECRET, 0o640)
    answer = place.run("create")
    assert (answer.returncode, "[config.backup_passphrase_file]" in answer.stderr) == (77, True)
    place.write_secret("short")
    assert place.run("create").returncode == 65
    place.secret.unlink()
    assert place.run("create").returncode == 77
    place.write_secret(SECRET)
    made = place.create()
    written = b"".join(path.read_bytes() for path in made[0].iterdir())
    assert SECRET.encode() not in written
    assert (place.home / "keys" / "seal.key").read_bytes() not in written
    assert SECRET not in json.dumps(place.events())


@pytest.mark.full
def test_a_list_needs_neither_passphrase_nor_database(place: Place) -> None:
    place.create()
    (place.home / "sekisho.sqlite3").write_bytes(b"broken")
    place.secret.unlink()
    rows = json.loads(place.run("list", "--json").stdout)
    assert [Path(row["path"]).parent for row in rows] == place.targets
    assert {row["database"] for row in rows} == {"sqlite"}
    place.targets.append(place.base / "nowhere")
    assert "cannot be read" in place.run("list").stdout


def test_a_damaged_database_becomes_no_backup(place: Place) -> None:
    """It would push the good ones out."""
    place.create()
    database = place.home / "sekisho.sqlite3"
    data = bytearray(database.read_bytes())
    data[4096 * 20 : 4096 * 60] = os.urandom(4096 * 40)
    database.write_bytes(data)
    answer = place.run("create")
    assert answer.returncode != 0
    assert len(place.generations()) == 2
    assert all(not path.name.startswith(".") for target in place.targets for path in target.iterdir())


@pytest.mark.full
def test_doctor_speaks_of_the_backup(place: Place) -> None:
    """Quiet without one, a fault when a place holds none."""

    def row(**settings: str) -> dict[str, str]:
        rows = json.loads(run(place.home, ["doctor", "--json"], {"port": str(free_port()), **settings}).stdout)
        return next(found for found in rows if found["name"] == "backup")

    assert (row()["state"], "SEKISHO_BACKUP_TARGETS" in row()["advice"]) == ("warn", True)
    targets = place.settings["backup_targets"]
    secret = str(place.secret)
    assert row(backup_targets=targets, backup_passphrase_file=secret)["state"] == "bad"
    place.create()
    assert row(backup_targets=targets, backup_passphrase_file=secret)["state"] == "ok"
    without = row(backup_targets=targets)
    assert without["state"] == "bad", "made by hand today; tonight none will be"
    assert "SEKISHO_BACKUP_PASSPHRASE_FILE" in without["advice"]
    place.write_secret(SECRET, 0o644)
    assert "600" in row(backup_targets=targets, backup_passphrase_file=secret)["advice"]


@pytest.mark.full
def test_an_immutable_generation_is_seen_as_one(place: Place) -> None:
    """Tried like a thief, and left as it was."""
    first, _second = place.create()
    before = {path.name: path.read_bytes() for path in first.iterdir()}
    assert protection_of(first) is Protection.WRITABLE
    for path in (*first.iterdir(), first):
        path.chmod(0o500)
    assert protection_of(first) is Protection.WRITABLE, "whoever owns it opens it again"
    locked = subprocess.run(["chattr", "-R", "+i", first], capture_output=True, check=False)
    if locked.returncode:
        pytest.skip("this disk or this user knows no immutable files")
    try:
        assert protection_of(first) is Protection.PROTECTED
        assert {path.name: path.read_bytes() for path in first.iterdir()} == before
        assert place.run("list").stdout.count("safe from Sekisho") == 1
    finally:
        subprocess.run(["chattr", "-R", "-i", first], check=True)
    assert protection_of(place.base / "nowhere") is Protection.UNKNOWN


@pytest.mark.timeout(400)
def test_a_server_database_goes_the_same_way(
    home: Path,
    server_database: str,
    another_database: str,
) -> None:
    """Every table, its numbers and its triggers, out of one moment and into an empty database."""
    place = Place(home)
    place.more = {"database_url": server_database}
    assert run(home, ["process", "prepare", "--parent", str(os.getpid())], place.settings).returncode == 0
    place.python(ADD_PERSON, PASSWORD, SEED.hex())
    made = place.create()[0]
    rows = manifest_at(made).rows
    assert (rows["people_user"], rows["register_event"] > 0, manifest_at(made).database) == (1, True, "postgresql")
    tried = place.run("verify", "--restore", str(made))
    assert "restored and started" in tried.stdout, tried.stderr
    left = kill_a_test_restore(place)
    token = left.name.removeprefix("sekisho-try-")
    assert f"sekisho_try_{token}" in databases(server_database)
    assert run(home, ["process", "prepare", "--parent", str(os.getpid())], place.settings).returncode == 0
    assert not left.exists()
    assert f"sekisho_try_{token}" not in databases(server_database)
    elsewhere = place.base / "new"
    assert place.run("restore", str(made), home=elsewhere).returncode == 73, "there is a database already"
    place.more = {"database_url": another_database}
    answer = place.run("restore", str(made), home=elsewhere)
    assert answer.returncode == 0, answer.stderr
    with psycopg.connect(another_database, autocommit=True) as server:
        for table, number in rows.items():
            (found,) = server.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone() or (
                -1,
            )
            assert found == number, table
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            server.execute("DELETE FROM governance_verdictchange; DELETE FROM config_backupgeneration")
            server.execute(
                "INSERT INTO config_backupgeneration "
                "(name, target, made_at, manifest_sha256, stored_bytes, newest_event) "
                "VALUES ('a', 'b', now(), '', 0, ''); DELETE FROM config_backupgeneration"
            )
    prepared = run(elsewhere, ["process", "prepare", "--parent", str(os.getpid())], place.settings)
    assert prepared.returncode == 0, prepared.stderr
    assert "backup.restore" in [event["action"] for event in place.events(elsewhere)]
    assert place.create(home=elsewhere), "numbers of new rows go on after the old ones"


def databases(url: str) -> set[str]:
    """Return the names of all databases of a server."""
    with psycopg.connect(url, autocommit=True) as server:
        return {str(name) for (name,) in server.execute("SELECT datname FROM pg_database")}


@pytest.fixture
def another_database(server_database: str) -> Iterator[str]:
    """One more empty database on the same server."""
    name = urlsplit(server_database).path.strip("/") + "_new"
    with psycopg.connect(server_database, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield urlsplit(server_database)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server_database, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_only_what_is_half_a_generation_is_cleared_away(tmp_path: Path) -> None:
    """Not what somebody else put on the disk."""
    for name in (".partial-letters", ".partial-sekisho-20261122T030000Z-00010203", "sekisho-20261122T030000Z-00010203"):
        (tmp_path / name).mkdir()
    clear_partials(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".partial-letters", "sekisho-20261122T030000Z-00010203"]
