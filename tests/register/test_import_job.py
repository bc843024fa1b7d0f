"""A large file is looked at and imported by the worker, which begins at once; its page says how far it is."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sekisho.config.processes.apart import Apart
from sekisho.config.processes.health import Pulse
from sekisho.config.processes.turns import Stop
from sekisho.config.processes.worker import WANTED_EVERY, Working
from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Job
from sekisho.register import jobs
from sekisho.register.actions import LogSourceAction
from sekisho.register.models import Event, ImportState, LogImport, LogSource
from sekisho.register.queries.sources import kept_file
from sekisho.register.services import log_looks
from sekisho.register.services.log_files import Chunk
from sekisho.register.services.log_imports import run_imports
from sekisho.register.services.log_sources import close_log_source
from tests.register.log_files import OPERATOR, csv_file, csv_source, row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]
WORKER = platform("worker")


class Noted(Apart):
    """Starts nothing; remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def add_job(self, job: Job) -> None:
        """Remember."""
        self.asked.append(job.id)

    def turn(self) -> None:
        """Start nothing."""


@pytest.fixture(autouse=True)
def _morning(at_nine: clock.FixedClock) -> None:
    """The files are of the day before."""


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is large."""
    monkeypatch.setattr("sekisho.register.views.imports.LOOK_AT_ONCE", 10)
    monkeypatch.setattr("sekisho.register.views.imports.AT_ONCE", 0)
    monkeypatch.setattr("sekisho.register.services.log_files.CHUNK", 2)


def hand_in(client: Client, source: LogSource, data: bytes) -> tuple[str, LogImport]:
    """Hand a file in; return the address of its page, and it."""
    file = SimpleUploadedFile("log.csv", data)
    answer = client.post(f"/register/sources/{source.pk}/hand-in/", {"file": file})
    assert answer.status_code == 302, answer.content
    return answer.headers["Location"], LogImport.objects.latest("begun_at")


def test_from_the_upload_to_the_register(
    large: None, signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request keeps the file and no more; page after page says where it stands."""
    client, source = signed_in(Role.SYSTEM_OPERATOR), csv_source()
    page, found = hand_in(client, source, csv_file(row(minute) for minute in range(5)))
    assert (found.state, found.rows, found.encoding) == (ImportState.HANDED_IN, 0, "")
    shown = client.get(page).content.decode()
    assert ("Waits to be looked at" in shown, "0 %" in shown, "Import the new rows" in shown) == (True, True, False)
    assert 'hx-trigger="every 2s"' in shown and 'href="">Load again' in shown

    seen: list[str] = []
    look = log_looks._note

    def watched(file: LogImport, progress: int) -> None:
        look(file, progress)
        seen.append(client.get(page).content.decode())

    monkeypatch.setattr(log_looks, "_note", watched)
    run_imports(actor=WORKER)
    assert len(seen) == 4 and "Is being looked at" in seen[0] and "100 %" in seen[-1]
    shown = client.get(page).content.decode()
    assert "every 2s" not in shown and "Import the new rows" in shown
    assert shown.count("髙橋 﨑子") == 5 and "Looked at the record (カルテ参照)" in shown
    assert "髙橋 﨑子" not in signed_in(Role.PLANNING_MANAGER).get(page).content.decode()

    client.post(f"{page}start/")
    assert "Waits for the import" in client.get(page).content.decode()
    assert run_imports(actor=WORKER) == 1
    assert "Imported" in client.get(page).content.decode()
    actions = Event.objects.filter(action__startswith="log_source.").order_by("source_seq")
    assert [str(one).partition(".")[2] for one in actions.values_list("action", flat=True)] == [
        "add", "examine", "looked_at", "import", "commit",
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"\x89PNG\x00" * 10, b"", csv_file([])])
def test_what_cannot_be_read_says_why_and_is_not_kept(
    large: None, signed_in: Callable[..., Client], data: bytes
) -> None:
    client, source = signed_in(Role.SYSTEM_OPERATOR), csv_source()
    page, found = hand_in(client, source, data.ljust(11, b"\n"))
    run_imports(actor=WORKER)
    found.refresh_from_db()
    assert found.state == ImportState.FAILED
    assert not kept_file(found).exists()
    assert found.reason in client.get(page).content.decode()
    assert Event.objects.filter(action=str(LogSourceAction.GIVE_UP), outcome="failure").count() == 1


def test_a_look_that_was_cut_short_begins_again(
    large: None, signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, source = signed_in(Role.SYSTEM_OPERATOR), csv_source()
    _page, found = hand_in(client, source, csv_file([row(1), row(2), row(3)]))

    def dies(chunk: Chunk) -> int:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(Chunk, "fresh", property(dies))
        with pytest.raises(MemoryError):
            run_imports(actor=WORKER)
    found.refresh_from_db()
    assert found.state == ImportState.LOOKING
    assert not jobs.imports.wanted()  # type: ignore[misc]  # it is a job that can be wanted
    run_imports(actor=WORKER)
    found.refresh_from_db()
    assert (found.state, found.rows) == (ImportState.EXAMINED, 3)


def test_a_file_that_was_changed_or_a_source_that_was_closed_meanwhile(
    large: None, signed_in: Callable[..., Client]
) -> None:
    client, source = signed_in(Role.SYSTEM_OPERATOR), csv_source()
    _page, changed = hand_in(client, source, csv_file([row(1)]))
    kept_file(changed).write_bytes(csv_file([row(2)]))
    _page, late = hand_in(client, source, csv_file([row(1)]))
    close_log_source(actor=OPERATOR, source_id=source.pk, version=source.version, reason="更新")
    run_imports(actor=WORKER)
    for found in (changed, late):
        found.refresh_from_db()
        assert found.state == ImportState.FAILED


def test_the_worker_begins_at_once_and_not_over_and_over(
    large: None, signed_in: Callable[..., Client], at_nine: clock.FixedClock
) -> None:
    before = registry.current()
    registry.install(registry.Registry(jobs=(jobs.imports,)))
    try:
        apart = Noted()
        turn = Working(Pulse("worker"), Stop(), apart)
        turn()
        assert apart.asked == [jobs.imports.id]  # its slot
        turn()
        assert len(apart.asked) == 1
        registry.install(before)
        hand_in(signed_in(Role.SYSTEM_OPERATOR), csv_source(), csv_file([row(1)]))
        registry.install(registry.Registry(jobs=(jobs.imports,)))
        turn()
        turn()
        assert len(apart.asked) == 2
        at_nine.moment += WANTED_EVERY + timedelta(seconds=1)
        turn()
        assert len(apart.asked) == 3
    finally:
        registry.install(before)
