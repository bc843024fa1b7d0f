"""The platform judges its own backup, and removes old generations by its ledger alone."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from sekisho.config import jobs
from sekisho.config.actions import BackupAction
from sekisho.config.backup import keeping
from sekisho.config.backup.create import create
from sekisho.config.backup.errors import BackupBroken, NoTargets, PassphraseMissing
from sekisho.config.backup.generations import name_of
from sekisho.config.backup.locks import Sealing
from sekisho.config.backup.manifest import FILE
from sekisho.config.backup.passphrase import passphrase
from sekisho.config.backup.target import Protection
from sekisho.config.controls import platform_backup
from sekisho.config.environment import Environment
from sekisho.config.jobs import back_up, try_out
from sekisho.config.models import BackupGeneration, BackupProof, ProofLevel
from sekisho.config.queries import surviving
from sekisho.config.services import record_backup, record_backup_failure, record_proof
from sekisho.config.watching import views
from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_entry, add_platform
from sekisho.kernel import clock, registry, text
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.ledgers.errors import AppendOnlyViolation
from sekisho.register.models import Event
from tests.config.conftest import a_home
from tests.config.test_backup_rules import manifest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
ME = platform("test")


@pytest.fixture(autouse=True)
def _platform_is_a_system(operator: Actor, _same_translator: None, at_nine: clock.FixedClock) -> None:
    """And another system stands beside it, about which this control may not speak."""
    text.set_translator(lambda msgid: msgid)
    add_platform(actor=ME, ledger=SYSTEMS)
    add_entry(actor=operator, ledger=SYSTEMS, values={"name": "電子カルテ", "kind": "emr", "form": "cloud"})


class Disks:
    """Two targets that stand for disks of their own, and which of them cannot be written to."""

    def __init__(self, base: Path) -> None:
        self.home = base / "home"
        self.secret = base / "passphrase"
        self.targets = [base / "first", base / "second"]
        for folder in (self.home, *self.targets):
            folder.mkdir()
        self.write_secret("five words nobody would guess")
        self.protected: set[str] = set()
        self.days = 0  # how long nobody has looked
        self.numbers: dict[Path, int | None] = {self.home: 1, self.targets[0]: 2, self.targets[1]: 3}

    def write_secret(self, words: str, mode: int = 0o600) -> None:
        self.secret.write_text(words)
        self.secret.chmod(mode)

    @property
    def settings(self) -> Environment:
        targets = ":".join(map(str, self.targets))
        return Environment(
            home=self.home, backup_targets=targets, backup_passphrase_file=self.secret if self.secret.name else None
        )

    def put(self, days: int, *targets: Path, level: ProofLevel | None = ProofLevel.STARTED) -> str:
        """Put a generation on targets, as one made so many days ago."""
        made = clock.now() - timedelta(days=days)
        found = manifest(name=name_of(made, days.to_bytes(4, "big")), made_at=made.isoformat())
        for target in targets or self.targets:
            (target / found.name).mkdir()
            (target / found.name / FILE).write_bytes(found.to_bytes())
        rows = record_backup(actor=ME, made=keeping.facts_of(found), targets=targets or self.targets)
        for row in rows:
            if level is not None:
                record_proof(actor=ME, generation=row, level=level, fault="")
        return found.name


@pytest.fixture
def disks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disks]:
    """Targets of an installation; that they are disks, and which are protected, is told instead of looked at."""
    with a_home() as home:
        yield told(Disks(home.parent), monkeypatch)


def told(found: Disks, monkeypatch: pytest.MonkeyPatch) -> Disks:
    monkeypatch.setattr(platform_backup, "environment", lambda: found.settings)
    monkeypatch.setattr(platform_backup, "disk_of", found.numbers.get)
    monkeypatch.setattr(
        platform_backup,
        "protection_of",
        lambda path: Protection.PROTECTED if path.name in found.protected else Protection.WRITABLE,
    )
    return found


def only() -> Finding:
    """Return the one finding, which speaks of the platform."""
    (found,) = list(platform_backup.check())
    assert found.subject.facts["kind"] == "platform"
    assert isinstance(found, Finding)
    return found


def good(disks: Disks) -> None:
    """Three generations, of which the oldest cannot be changed."""
    names = [disks.put(days) for days in (2, 1, 0)]
    disks.protected = {names[0]}


def test_three_generations_on_two_disks_pass(disks: Disks) -> None:
    good(disks)
    found = only()
    assert found.outcome is Outcome.PASS, found.facts
    assert platform_backup.control in registry.current().controls


def none_set(disks: Disks) -> None:
    disks.targets = []


def one_disk(disks: Disks) -> None:
    disks.numbers[disks.targets[1]] = 2


def not_mounted(disks: Disks) -> None:
    disks.numbers[disks.targets[1]] = 1


def no_passphrase_file(disks: Disks) -> None:
    disks.secret = Path()


def passphrase_file_gone(disks: Disks) -> None:
    disks.secret.unlink()


def passphrase_for_everybody(disks: Disks) -> None:
    disks.write_secret("five words nobody would guess", 0o644)


def short_passphrase(disks: Disks) -> None:
    disks.write_secret("short")


def nothing_protected(disks: Disks) -> None:
    disks.protected = set()


def grown_old(disks: Disks) -> None:
    disks.days = 3


def failed_once(disks: Disks) -> None:
    row = BackupGeneration.objects.order_by("-made_at").first()
    assert row is not None
    record_proof(actor=ME, generation=row, level=ProofLevel.COPIED, fault=BackupBroken.code)


def changed(disks: Disks) -> None:
    newest = max(path for path in disks.targets[0].iterdir())
    (newest / FILE).write_bytes(manifest(name=newest.name).to_bytes())


def lost(disks: Disks) -> None:
    for target in disks.targets:
        for generation in target.iterdir():
            generation.rename(generation.with_name("elsewhere-" + generation.name))


@pytest.mark.failing_fixture("config.platform_backup")
@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (none_set, "no place for one is set"),
        (one_disk, "fewer than"),
        (not_mounted, "disk of Sekisho itself"),
        (nothing_protected, "safe from being changed"),
        (grown_old, "found intact"),
        (failed_once, "did not pass"),
        (changed, "did not pass"),
        (lost, "found intact"),
        (no_passphrase_file, "no file with the passphrase is set"),
        (passphrase_file_gone, "the file with the passphrase cannot be used"),
        (passphrase_for_everybody, "the file with the passphrase cannot be used"),
        (short_passphrase, "the passphrase is too short"),
    ],
)
def test_a_backup_that_is_not_good_enough_fails(disks: Disks, spoil: Callable[[Disks], None], word: str) -> None:
    """No backup at all is a failure too, and never a thing that cannot be told."""
    good(disks)
    spoil(disks)
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=disks.days))):
        found = only()
    assert found.outcome is Outcome.FAIL
    assert any(word in str(reason) for reason in found.facts["reasons"]), found.facts  # type: ignore[union-attr]
    assert str(found.message)


def test_disks_that_were_taken_out_cannot_be_told(disks: Disks) -> None:
    """They may hold what is needed; nobody sees it now."""
    good(disks)
    for target in disks.targets:
        disks.numbers[target] = None
    assert only().outcome is Outcome.UNKNOWN


def test_a_generation_that_was_only_copied_proves_nothing(disks: Disks) -> None:
    for days in (2, 1, 0):
        disks.put(days, level=None)
    reasons = only().facts["reasons"]
    assert isinstance(reasons, list)
    assert any("read back" in str(reason) for reason in reasons)
    assert any("restored as a test" in str(reason) for reason in reasons)


def test_only_the_ledger_decides_what_is_removed(disks: Disks) -> None:
    """Folders that somebody dated back push nothing out, and are not touched themselves."""
    target = disks.targets[0]
    names = [disks.put(days, target) for days in range(40)]
    strangers = [name_of(clock.now() + timedelta(days=days), b"evil") for days in range(1, 30)]
    for stranger in strangers:
        (target / stranger).mkdir()
    keeping.remove_old(ME, target)
    left = {path.name for path in target.iterdir()}
    assert set(strangers) <= left
    assert set(names[:7]) <= left
    assert len(left & set(names)) < 15
    event = Event.objects.latest("source_seq")
    assert (event.action, '"refused":[]' in event.entry) == (BackupAction.REMOVE.value, True)


def test_a_failed_test_freezes_what_is_kept(disks: Disks) -> None:
    """What is young may be spoilt; what is old may be the last good one."""
    names = [disks.put(days, disks.targets[0]) for days in range(20)]
    failed_once(disks)
    keeping.remove_old(ME, disks.targets[0])
    assert {path.name for path in disks.targets[0].iterdir()} == set(names)


def test_each_week_the_longest_unseen_generation_is_read(disks: Disks) -> None:
    """Beside the newest, on every target. What lies there is spoilt: each is stored, and the check fails by it."""
    looked_at, unseen, newest = disks.put(9), disks.put(2, level=None), disks.put(1)
    keeping.try_unattended(disks.settings, ME)
    tried = BackupProof.objects.exclude(fault="").order_by("id").values_list("generation__target", "generation__name")
    assert list(tried) == [(str(target), name) for target in disks.targets for name in (newest, unseen)]
    assert set(BackupProof.objects.exclude(fault="").values_list("fault", flat=True)) == {BackupBroken.code}
    found = only()
    assert (found.outcome, "did not pass" in str(found.message)) == (Outcome.FAIL, True)
    assert looked_at not in str(found.message)


def test_what_comes_back_is_told(
    disks: Disks, monkeypatch: pytest.MonkeyPatch, signed_in: Callable[..., Client]
) -> None:
    """On the page, for each target: up to when, and the newest event; a generation that failed counts for nothing."""
    monkeypatch.setattr(views, "environment", lambda: disks.settings)
    good_one = disks.put(1, disks.targets[0])
    disks.put(0, disks.targets[0], level=None)
    found = surviving(disks.targets[0])
    assert found is not None
    assert (found.name, len(found.newest_event)) == (good_one, 32)
    page = signed_in(Role.SYSTEM_OPERATOR).get("/platform/").content.decode()
    assert page.count("If this computer is lost now") == 1
    assert found.newest_event in page
    failed_once(disks)
    record_proof(actor=ME, generation=found, level=ProofLevel.COPIED, fault=BackupBroken.code)
    assert surviving(disks.targets[0]) is None


def test_a_generation_that_refuses_to_go_is_named(disks: Disks, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is as it should be: nobody takes an error from it."""
    for days in range(20):
        disks.put(days, disks.targets[0])
    monkeypatch.setattr(keeping, "remove", lambda path: False)
    keeping.remove_old(ME, disks.targets[0])
    assert '"removed":[]' in Event.objects.latest("source_seq").entry


def test_the_ledger_is_only_added_to(disks: Disks) -> None:
    disks.put(0)
    with pytest.raises(AppendOnlyViolation):
        BackupGeneration.objects.all().delete()
    with pytest.raises(AppendOnlyViolation):
        BackupGeneration.objects.update(target="/elsewhere")


def test_without_targets_the_jobs_are_quiet() -> None:
    """Nothing is done, and nothing said: doctor and the checks speak of it."""
    before = Event.objects.count()
    back_up.run()
    try_out.run()
    assert Event.objects.count() == before
    with pytest.raises(NoTargets):
        create(Environment(), Sealing("x"))


def test_a_failure_is_an_event(disks: Disks) -> None:
    record_backup_failure(actor=ME, code="config.backup_failed", targets=disks.targets)
    event = Event.objects.latest("source_seq")
    assert (event.action, event.outcome) == (BackupAction.CREATE.value, "failure")


def test_what_keeps_the_backup_of_the_night_away_stands_first(disks: Disks) -> None:
    """Before what follows from it: the page shows the first reason, and the remedy names the setting."""
    good(disks)
    grown_old(disks)
    no_passphrase_file(disks)
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=disks.days))):
        found = only()
    assert "no file with the passphrase is set" in str(found.message)
    assert len(found.facts["reasons"]) > 1  # type: ignore[arg-type]
    assert "SEKISHO_BACKUP_PASSPHRASE_FILE" in str(platform_backup.control.remedy)


def test_a_night_without_passphrase_is_an_event(disks: Disks, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job fails loudly, and the register knows by which code."""
    monkeypatch.setattr(jobs, "environment", lambda: disks.settings)
    no_passphrase_file(disks)
    with pytest.raises(PassphraseMissing):
        back_up.run()
    event = Event.objects.latest("source_seq")
    assert (event.action, event.outcome) == (BackupAction.CREATE.value, "failure")
    assert "config.backup_passphrase_missing" in event.entry


def test_a_person_types_the_passphrase_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where somebody sits; a job without a file is told so."""
    asked: list[bool] = []

    def prompt(*_words: object, hide_input: bool, **_more: object) -> str:
        asked.append(hide_input)
        return "five words nobody would guess"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", prompt)
    assert passphrase(Environment()) == "five words nobody would guess"
    assert asked == [True]
