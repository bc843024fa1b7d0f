"""A new key for the log: whoever has the old one can follow, and whatever moment the power fails at, it goes on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.test import Client

from sekisho.estate.actions import EstateAction
from sekisho.kernel.actor import Actor
from sekisho.register.commands import register
from sekisho.register.log.files import Disk
from sekisho.register.log.rotations import Announcement, keys_of
from sekisho.register.models import Event
from sekisho.register.queries.heads import current_note
from sekisho.register.services import append, integrate
from sekisho.register.services.heads import compare_head
from sekisho.trust.dsse import public_key
from sekisho.trust.notes import Checkpoint, sign_also, sign_note, verifier_key
from sekisho_verify.cli import main

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


class PowerCut(Exception):
    """The process ends here."""


@pytest.fixture
def key(settings: Any, tmp_path: Path) -> Path:
    """The log's key, of this test alone."""
    folder = tmp_path / "keys"
    folder.mkdir()
    settings.REGISTER_KEY_FILE = folder / "register.key"
    settings.REGISTER_KEY_FILE.write_bytes(bytes(range(32)))
    settings.REGISTER_PUBLIC_KEY = public_key(bytes(range(32)))
    return folder / "register.key"


@pytest.fixture
def grow(operator: Actor) -> Callable[[int], int]:
    def more(count: int) -> int:
        with transaction.atomic():
            for number in range(count):
                append(actor=operator, action=EstateAction.CHANGE, details={"n": number})
        return integrate()

    return more


def rotate() -> tuple[str, str]:
    answer = CliRunner().invoke(register, ["rotate-key"], standalone_mode=False)
    if answer.exception:
        raise answer.exception
    words = answer.output.split()
    old, new = (word for word in words if word.startswith("sekisho-register/"))
    return old, new


def restart(settings: Any) -> None:
    """Read the key as the next start of the platform does."""
    settings.REGISTER_PUBLIC_KEY = public_key(settings.REGISTER_KEY_FILE.read_bytes())


@pytest.fixture
def verify(log_folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def ask(*words: object) -> dict[str, Any]:
        main([str(log_folder), "--json", "--lang", "en", *map(str, words)])
        return dict(json.loads(capsys.readouterr().out))

    return ask


def codes(answer: dict[str, Any]) -> set[str]:
    return {one["code"] for one in answer["findings"]}


def test_whoever_has_the_old_key_follows_to_the_newest(
    key: Path,
    grow: Callable[[int], int],
    verify: Callable[..., dict[str, Any]],
    settings: Any,
    tmp_path: Path,
    log_folder: Path,
    browser_client: Callable[[], Client],
    operator: Actor,
) -> None:
    grow(10)
    head = tmp_path / "head"
    head.write_bytes((log_folder / "checkpoint").read_bytes())
    first, second = rotate()
    assert key.read_bytes() != bytes(range(32))
    assert [path.name for path in key.parent.iterdir()] == ["register.key"]
    note = (log_folder / "checkpoint").read_bytes()
    assert len(note.splitlines()) == 6  # both have signed the first
    for one in (first, second):
        assert verify("--key", one, "--head", log_folder / "checkpoint")["verdict"] == "intact"
    restart(settings)
    grow(300)
    again, third = rotate()
    assert again == second
    restart(settings)
    grow(5)
    answer = verify("--key", first, "--head", head)
    followed = [one["text"] for one in answer["findings"] if one["code"] == "key.followed"]
    assert (answer["verdict"], len(followed)) == ("intact", 2)
    assert "named in entry 10 under the old key" in followed[0]
    assert verify("--key", second, "--head", log_folder / "checkpoint")["verdict"] == "intact"
    assert verify("--key", third, "--head", log_folder / "checkpoint")["verdict"] == "intact"
    noted = Event.objects.filter(action="register.rotate_key")
    assert [json.loads(row.entry)["details"]["new_key"] for row in noted.order_by("source_seq")] == [second, third]
    assert str(compare_head(actor=operator, note=head.read_bytes())[1]) == "consistent"
    assert len(keys_of(Disk(log_folder), settings.REGISTER_PUBLIC_KEY)) == 3
    path = f"rotation-{third.split('+')[1]}"
    assert browser_client().get(f"/register/log/{path}").content == (log_folder / path).read_bytes()
    assert browser_client().get("/register/log/rotation-00000000").status_code == 404


def test_a_key_that_nobody_announced_is_tampering(
    key: Path, grow: Callable[[int], int], verify: Callable[..., dict[str, Any]], log_folder: Path
) -> None:
    """Neither its signature alone, nor an announcement that the old key did not sign or the log does not hold."""
    grow(10)
    found = current_note()
    assert found
    old_seed, seed, head = bytes(range(32)), bytes(32), found[1]
    old, new = (verifier_key(head.origin, public_key(one)) for one in (old_seed, seed))
    (log_folder / "checkpoint").write_bytes(sign_note(head.text(), head.origin, seed))
    answer = verify("--key", old)
    assert (answer["verdict"], answer["first_bad"]["code"]) == ("tampered", "signature.none")
    forged = Announcement(old, new, 3, sign_note(head.text(), head.origin, seed))
    (log_folder / forged.path).write_bytes(forged.to_bytes())
    assert {"key.broken", "signature.none"} <= codes(verify("--key", old))
    assert keys_of(Disk(log_folder), public_key(seed)) == [public_key(seed)]
    both = sign_also(sign_note(head.text(), head.origin, old_seed), head.origin, seed)
    (log_folder / forged.path).write_bytes(Announcement(old, new, 3, both).to_bytes())
    answer = verify("--key", old)
    assert (answer["verdict"], answer["first_bad"]["code"]) == ("tampered", "key.unnoted")
    for rubbish in (b"", b"\xff\n\n\n\n", both, f"{old}\n{new}\n99\n\n".encode() + both):
        (log_folder / forged.path).write_bytes(rubbish)
        assert verify("--key", old)["verdict"] == "tampered"


def test_an_announcement_must_fit_the_log(
    key: Path, grow: Callable[[int], int], verify: Callable[..., dict[str, Any]], log_folder: Path, settings: Any
) -> None:
    """Not with a key that the entry does not name, nor over another log, though the thief of the old key signed it."""
    grow(10)
    old, new = rotate()
    restart(settings)
    grow(3)
    found = current_note()
    (path,) = log_folder.glob("rotation-*")
    real = Announcement.from_bytes(path.read_bytes())
    assert found and real
    stolen, seed, head = bytes(range(32)), bytes(32), found[1]
    other = Checkpoint(head.origin, head.size - 1, bytes(32))
    both = sign_also(sign_note(other.text(), head.origin, stolen), head.origin, key.read_bytes())
    path.write_bytes(Announcement(old, new, real.index, both).to_bytes())
    answer = verify("--key", old)
    assert (answer["verdict"], answer["first_bad"]["code"]) == ("tampered", "head.differs")
    both = sign_also(sign_note(head.text(), head.origin, stolen), head.origin, seed)
    forged = Announcement(old, verifier_key(head.origin, public_key(seed)), real.index, both)
    (log_folder / forged.path).write_bytes(forged.to_bytes())
    (log_folder / "checkpoint").write_bytes(sign_note(head.text(), head.origin, seed))
    answer = verify("--key", old)
    assert (answer["verdict"], answer["first_bad"]["code"]) == ("tampered", "key.unnoted")


MOMENTS = [pytest.param(moment, marks=[] if moment % 11 == 3 else pytest.mark.full) for moment in range(50)]


@pytest.mark.parametrize("moment", MOMENTS)
def test_whatever_moment_the_power_fails_at(
    moment: int,
    key: Path,
    grow: Callable[[int], int],
    verify: Callable[..., dict[str, Any]],
    settings: Any,
    log_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The log goes on with the key of the file, and the command given again comes to its end."""
    grow(3)
    left = [moment]

    def failing(name: str) -> Callable[..., Any]:
        real = getattr(Disk, name)

        def call(*words: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise PowerCut
            return real(*words)

        return call

    with monkeypatch.context() as patched:
        for name in ("store", "rename", "sync_folder"):
            patched.setattr(Disk, name, failing(name))
        try:
            old, new = rotate()
        except PowerCut:
            old = ""
    done = key.read_bytes() != bytes(range(32))
    restart(settings)
    grow(2)
    if not old and done:  # only the sync of the key's name was missing
        (path,) = log_folder.glob("rotation-*")
        announced = Announcement.from_bytes(path.read_bytes())
        assert announced is not None
        old, new = announced.old, announced.new
    elif not old:
        old, new = rotate()
        restart(settings)
        grow(2)
    assert Event.objects.filter(action="register.rotate_key").count() == 1
    for one in (old, new):
        answer = verify("--key", one, "--head", log_folder / "checkpoint")
        assert answer["verdict"] == "intact", answer
