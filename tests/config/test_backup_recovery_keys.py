"""Backups that the machine itself cannot read: sealed to recovery keys whose private halves lie elsewhere."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from sekisho.config.backup.errors import BackupKeyWrong
from sekisho.config.backup.locks import Opening, Sealing, key_of, lock_key
from sekisho.config.backup.manifest import Manifest, ManifestBroken, RecipientFacts, read_manifest
from sekisho.config.backup.passphrase import opening, recipients_of, sealing, unattended_fault
from sekisho.config.backup.recovery_paper import recovery_paper
from sekisho.config.environment import Environment
from sekisho.kernel import text
from sekisho.trust.envelope import PassphraseWrong
from sekisho.trust.recovery import RecoveryKey, new_recovery_key, read_private
from tests.config import test_backup
from tests.config.running import run
from tests.config.test_backup import SECRET, Place, broken_part, cut, manifest_at
from tests.config.test_backup_rules import manifest

place = test_backup.place
WORDS = SECRET


class Safe:
    """The papers in the safe, and the file on the machine that names them."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.file = place.base / "recipients"
        place.more = {"backup_recipients_file": str(self.file), "backup_passphrase_file": ""}

    def make(self, name: str) -> RecoveryKey:
        """Make a key by the real command, into a file that is taken away from the machine."""
        answer = self.place.run("key", "--out", str(self.key_file(name)))
        assert answer.returncode == 0, answer.stderr
        key = read_private(self.key_file(name).read_text().splitlines()[-1])
        assert key.private not in answer.stdout
        assert key.public in answer.stdout
        assert self.key_file(name).stat().st_mode & 0o077 == 0
        return key

    def take(self, name: str) -> RecoveryKey:
        """Take a key that was made on another computer."""
        key = new_recovery_key()
        self.key_file(name).write_text(f"# from elsewhere\n{key.private}\n")
        self.key_file(name).chmod(0o600)
        return key

    def key_file(self, name: str) -> Path:
        return self.place.base / f"{name}.key"

    def name(self, *keys: RecoveryKey) -> None:
        """Write the public halves where the settings look for them."""
        self.file.write_text("# in the safe of the clinic\n" + "".join(f"{key.public}\n" for key in keys))
        self.file.chmod(0o644)

    def restore(self, generation: Path, name: str, home: str) -> subprocess.CompletedProcess[str]:
        """Restore with the key of this name, elsewhere."""
        return self.place.run(
            "restore", str(generation), "--key-file", str(self.key_file(name)), home=self.place.base / home
        )


@pytest.mark.processes
def test_a_backup_is_read_with_a_recovery_key_only(place: Place) -> None:
    """The machine that made it has nothing that opens it; a wrong key is named with the right ones."""
    safe = Safe(place)
    mine, theirs, stranger = safe.make("mine"), safe.take("theirs"), safe.take("stranger")
    safe.name(mine, theirs)
    made = place.create()[0]
    assert manifest_at(made).lock is None
    assert all(mine.public.encode() not in path.read_bytes() for path in made.iterdir())
    seen = place.run("verify", str(made))
    assert (seen.returncode, "intact" in seen.stdout) == (0, True), "every byte against the ledger"
    wrong = safe.restore(made, "stranger", "new")
    assert (wrong.returncode, "[config.backup_key_wrong]" in wrong.stderr) == (77, True)
    assert mine.fingerprint in wrong.stderr
    assert stranger.fingerprint in wrong.stderr
    assert place.run("restore", str(made), home=place.base / "new").returncode == 69, "nothing to open it with"
    answer = safe.restore(made, "theirs", "new")
    assert answer.returncode == 0, answer.stderr
    assert (place.base / "new" / "keys" / "seal.key").read_bytes() == (place.home / "keys" / "seal.key").read_bytes()


@pytest.mark.full
@pytest.mark.processes
@pytest.mark.timeout(300)
def test_keys_come_and_go(place: Place) -> None:
    """Whoever is taken out reads what there was, and nothing new; a passphrase may open the same generation."""
    safe = Safe(place)
    mine, theirs = safe.take("mine"), safe.take("theirs")
    safe.name(mine, theirs)
    before = place.create()[0]
    safe.name(mine)
    after = place.create()[0]
    assert safe.restore(after, "theirs", "new").returncode == 77
    assert safe.restore(before, "theirs", "new").returncode == 0
    created = [event["details"] for event in place.events() if event["action"] == "backup.create"]
    named = [details["recipients"] for details in created]  # type: ignore[index]
    assert named == [[mine.fingerprint, theirs.fingerprint], [mine.fingerprint]], "the register knows who reads what"
    del place.more["backup_passphrase_file"]
    both = place.create()[1]
    assert place.run("restore", str(both), home=place.base / "by-words").returncode == 0
    assert safe.restore(both, "mine", "by-key").returncode == 0
    answer = place.run("verify", str(after))
    assert (answer.returncode, "recovery" in answer.stderr or mine.fingerprint in answer.stderr) == (77, True)
    spoilt = place.base / "spoilt" / before.name
    shutil.copytree(before, spoilt)
    cut(spoilt / "register")
    assert broken_part(spoilt, "") == "register"


@pytest.mark.full
@pytest.mark.processes
def test_a_machine_without_any_way_in_still_proves(place: Place) -> None:
    """It tries the generation that it has just made; the key of it lies on no disk."""
    safe = Safe(place)
    safe.name(safe.take("mine"))
    place.targets = place.targets[:1]
    place.create()
    code = "from sekisho.config.processes.django_start import start_django\nstart_django()\n"
    place.python(code + "from sekisho.config.jobs import try_out\ntry_out.run()\n")
    proofs = [event["details"] for event in place.events() if event["action"] == "backup.prove"]
    assert [details["level"] for details in proofs] == ["verified", "started", "verified"], proofs  # type: ignore[index]
    assert len(place.generations()) == 2


def sealed_manifest(sealing: Sealing) -> tuple[Manifest, bytes]:
    """Return a manifest as it is written, and its key."""
    locked = lock_key(sealing)
    made = manifest(lock=locked.lock, recipients=locked.recipients, seal="").sealed_with(locked.key)
    return read_manifest(made.to_bytes()), locked.key


def test_whatever_opens_it_gives_the_same_key() -> None:
    """By words, by either key, by what is still remembered; each other way is named as wrong."""
    mine, theirs, stranger = (new_recovery_key() for _number in range(3))
    made, key = sealed_manifest(Sealing(WORDS, (mine.public, theirs.public)))
    ways = (Opening(WORDS), Opening(recovery=(stranger, theirs)), Opening(made={made.name: key}))
    assert [key_of(made, way) for way in ways] == [key] * 3
    assert made.is_sealed_with(key)
    with pytest.raises(PassphraseWrong):
        key_of(made, Opening("five words nobody would guest"))
    only, _key = sealed_manifest(Sealing(recipients=(mine.public,)))
    for way in (Opening(WORDS), Opening(recovery=(theirs,)), Opening(made={"another": key})):
        with pytest.raises(BackupKeyWrong):
            key_of(only, way)
    by_words, _key = sealed_manifest(Sealing(WORDS))
    with pytest.raises(BackupKeyWrong):
        key_of(by_words, Opening(recovery=(mine,)))
    assert b"recipients" not in by_words.to_bytes(), "as it was written before there were any"


def test_a_sealed_key_that_was_exchanged_is_seen() -> None:
    """Whoever puts a key of their own into the manifest does not know the seal; a spoilt one is called broken."""
    mine, thief = new_recovery_key(), new_recovery_key()
    made, _key = sealed_manifest(Sealing(recipients=(mine.public,)))
    theirs, their_key = sealed_manifest(Sealing(recipients=(thief.public,)))
    assert made.recipients is not None
    assert theirs.recipients is not None
    forged = Manifest(**{**vars(made), "recipients": theirs.recipients})
    assert not forged.is_sealed_with(their_key)
    spoilt = RecipientFacts(made.recipients.fingerprints, theirs.recipients.sealed)
    with pytest.raises(ManifestBroken):
        key_of(Manifest(**{**vars(made), "recipients": spoilt}), Opening(recovery=(mine,)))
    for recipients, lock in ((None, None), (RecipientFacts((), "xyz"), None)):
        with pytest.raises(ManifestBroken):
            read_manifest(Manifest(**{**vars(made), "recipients": recipients, "lock": lock}).to_bytes())


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        ("", 0o644, "config.backup_recipients_file"),
        ("# nobody\n", 0o644, "config.backup_recipients_file"),
        ("age1qqqq\n", 0o644, "trust.recovery_key_bad"),
        ("{private}\n", 0o644, "trust.recovery_key_bad"),
        ("{public}\n", 0o664, "config.backup_recipients_file"),
        (None, 0, "config.backup_recipients_file"),
    ],
)
def test_who_reads_the_backups_is_told_by_a_file_that_nobody_else_changes(
    tmp_path: Path, content: str | None, mode: int, code: str
) -> None:
    """A fault there keeps the backup of the night away, and is named at once."""
    key, file = new_recovery_key(), tmp_path / "recipients"
    settings = Environment(home=tmp_path, backup_recipients_file=file)
    file.write_text(f"{key.public}\n\n# the same once more\n{key.public}")
    file.chmod(0o644)
    assert recipients_of(settings) == (key.public,)
    assert unattended_fault(settings) is None
    assert sealing(settings) == Sealing(recipients=(key.public,))
    file.unlink()
    if content is not None:
        file.write_text(content.format(public=key.public, private=key.private))
        file.chmod(mode)
    fault = unattended_fault(settings)
    assert fault is not None
    assert fault.code == code
    assert key.private not in str(fault)


def test_a_person_types_either_of_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One question, unseen; nothing typed leaves only the hashes to compare."""
    key, typed = new_recovery_key(), [""]
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", lambda *_words, hide_input, **_more: hide_input and typed[0])
    typed[0] = f"{key.private[:20]} {key.private[20:].lower()}"
    assert opening(Environment()).recovery == (key,)
    typed[0] = WORDS
    assert opening(Environment()).passphrase == WORDS
    typed[0] = ""
    assert not opening(Environment(backup_recipients_file=tmp_path / "recipients"))


def test_the_paper_holds_the_key_and_a_file_is_never_overwritten(tmp_path: Path) -> None:
    """What the terminal says then does not hold it."""
    text.set_translator(lambda msgid: msgid)
    assert recovery_paper(new_recovery_key(), "en").startswith(b"%PDF")
    taken = tmp_path / "letter.pdf"
    taken.write_text("important")
    answer = run(tmp_path / "home", ["backup", "key", "--paper", str(taken)])
    assert (answer.returncode, "[config.backup_key_exists]" in answer.stderr) == (73, True)
    assert taken.read_text() == "important"
    said = run(tmp_path / "home", ["backup", "key"]).stdout
    assert json.dumps(said).count("AGE-SECRET-KEY-1") == 1
