"""The platform's own state: numbers for a monitoring system, and the page about it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from sekisho.config.environment import environment
from sekisho.config.models import BackupGeneration, BackupProof
from sekisho.config.watching import views
from sekisho.config.watching.gauges import exposition, gauges
from sekisho.estate.actions import EstateAction
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.register.services import append, integrate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
TOKEN = "t" * 40


def numbers() -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(exposition(gauges(environment())).decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_the_numbers_tell_what_waits_and_what_stands_still(operator: Actor, at_nine: clock.FixedClock) -> None:
    with transaction.atomic():
        for _number in range(3):
            append(actor=operator, action=EstateAction.CHANGE)
    found = numbers()
    assert found["sekisho_register_waiting_events",] == 3
    assert found["sekisho_register_trouble",] == 0
    assert ("sekisho_register_entries",) not in found, "no log yet is no number, not a zero"
    at_nine.moment += timedelta(minutes=3)
    found = numbers()
    assert (found["sekisho_register_trouble",], found["sekisho_register_oldest_wait_seconds",]) == (1, 180)
    integrate()
    found = numbers()
    assert (found["sekisho_register_entries",], found["sekisho_register_waiting_events",]) == (3, 0)
    assert found["sekisho_process_well", "worker"] == 0, "nothing runs here"
    assert found["sekisho_disk_free_bytes",] > 0


def test_a_place_for_backups_is_told_as_the_ledger_has_it(
    monkeypatch: pytest.MonkeyPatch, at_nine: clock.FixedClock, tmp_path: Path, signed_in: Callable[..., Client]
) -> None:
    own = environment().model_copy(update={"backup_targets": str(tmp_path)})
    monkeypatch.setattr(views, "environment", lambda: own)
    client = signed_in(Role.SYSTEM_OPERATOR)
    assert "Nothing has been put here yet" in client.get("/platform/").content.decode()
    row = BackupGeneration(
        name="g", target=str(tmp_path), made_at=clock.now(), manifest_sha256="0" * 64, stored_bytes=5_000_000
    )
    row.save()
    assert "Not tried" in client.get("/platform/").content.decode()
    BackupProof(generation=row, level="started", proven_at=clock.now()).save()
    page = client.get("/platform/").content.decode()
    assert "Restored and started" in page
    assert "5.0 MB" in page
    found = {(one.name, *one.labels.values()): one.value for one in gauges(own)}
    assert found["backup_restored_seconds", str(tmp_path)] == clock.now().timestamp()
    BackupProof(generation=row, level="copied", fault="config.backup_broken", proven_at=clock.now()).save()
    assert "config.backup_broken" in client.get("/platform/").content.decode()


def test_the_page_says_what_is_missing(signed_in: Callable[..., Client]) -> None:
    page = signed_in(Role.AUDITOR).get("/platform/").content.decode()
    assert "No place for backups is set" in page
    assert "supervisor" in page
    assert signed_in(Role.STAFF).get("/platform/").status_code == 403


@pytest.mark.parametrize("content", ["", "short", None])
def test_without_a_real_token_there_are_no_numbers(
    browser_client: Callable[[], Client], settings: Any, tmp_path: Path, content: str | None
) -> None:
    assert browser_client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN_FILE = tmp_path / "token"
    if content is not None:
        settings.METRICS_TOKEN_FILE.write_text(content)
    answer = browser_client().get("/metrics", headers={"authorization": f"Bearer {content or ''}"})
    assert answer.status_code == 404


def test_the_numbers_need_the_token_and_nothing_else(
    browser_client: Callable[[], Client], signed_in: Callable[..., Client], settings: Any, tmp_path: Path
) -> None:
    settings.METRICS_TOKEN_FILE = tmp_path / "token"
    settings.METRICS_TOKEN_FILE.write_text(f"{TOKEN}\n")
    assert signed_in(Role.SYSTEM_OPERATOR).get("/metrics").status_code == 401, "a session is no token"
    for wrong in ("", TOKEN, f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", "Bearer ü"):
        answer = browser_client().get("/metrics", headers={"authorization": wrong})
        assert (answer.status_code, answer.content) == (401, b""), wrong
    answer = browser_client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert b"sekisho_info{version=" in answer.content
    assert answer["Cache-Control"] == "no-store"
