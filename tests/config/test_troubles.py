"""What Sekisho says of itself: the disk by its days, certificates by theirs, wrong files, a log that stands still."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from sekisho.config import jobs
from sekisho.config.environment import environment
from sekisho.config.forecast import FARTHEST, days_until_full, growth_a_day
from sekisho.config.https.own import examine, keep
from sekisho.config.models import DiskDay
from sekisho.config.processes.home import prepare_home
from sekisho.config.queries import OwnTroubles, days_left_on_disk
from sekisho.config.watching import troubles
from sekisho.config.watching.gauges import gauges
from sekisho.estate.actions import EstateAction
from sekisho.governance.queries.notices import open_notices
from sekisho.governance.services.notices import look_for_alarms
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.ports import Grade
from sekisho.register.services import append
from tests.config.test_own_certificate import HOST, ROOT, put, settings_for
from tests.network.servers import identity

GIGA = 10**9
MONDAY = date(2026, 11, 2)


def seen() -> dict[str, tuple[Grade, frozenset[str]]]:
    found = troubles.troubles(clock.now())
    return {f"{one.trouble}/{one.about}".rstrip("/"): (one.grade, one.parts) for one in found}


@pytest.mark.django_db
def test_certificates_that_end_are_told_at_sixty_thirty_fourteen_and_seven_days(
    home: Path, monkeypatch: pytest.MonkeyPatch, at_nine: clock.FixedClock
) -> None:
    """Each threshold is a graver state, which a notice tells again; renewed, all is well."""
    settings = settings_for(home)
    prepare_home(settings)
    monkeypatch.setattr(troubles, "environment", lambda: settings)
    monkeypatch.setattr(OwnTroubles, "troubles", lambda _self, now: troubles.troubles(now))
    put(settings, identity("sekisho", issuer=ROOT, names=(HOST,), days=(-1, 100)))
    keep(settings, examine(settings))
    assert seen() == {}
    end = troubles.in_use(settings).leaf.not_valid_after_utc  # type: ignore[union-attr]
    number = 0
    for days, grade in ((59, Grade.KNOW), (29, Grade.KNOW), (13, Grade.WEEK), (6, Grade.DAY), (-1, Grade.NOW)):
        at_nine.moment = end - timedelta(days=days)
        found = seen()
        assert found["certificate/own-0"][0] is grade
        assert len(found["certificate/own-0"][1]) > number or days < 0
        number = len(found["certificate/own-0"][1])
        assert look_for_alarms(actor=platform("test")), "it is news"
        assert not look_for_alarms(actor=platform("test"))
    assert settings.tls_key is not None
    settings.tls_key.chmod(0o644)
    assert seen()["certificate_refused"] == (Grade.DAY, frozenset({"rights"}))
    at_nine.moment = end - timedelta(days=90)
    settings.tls_key.chmod(0o600)
    look_for_alarms(actor=platform("test"))
    assert not open_notices()


@pytest.mark.django_db
def test_the_disk_is_told_of_before_it_is_full(
    monkeypatch: pytest.MonkeyPatch, at_nine: clock.FixedClock, signed_in: Callable[..., Client], english: None
) -> None:
    free = 100 * GIGA
    usage = lambda _path: SimpleNamespace(total=1000 * GIGA, used=1000 * GIGA - free, free=free)  # noqa: E731
    monkeypatch.setattr(shutil, "disk_usage", usage)
    client = signed_in(Role.SYSTEM_OPERATOR)
    assert "Cannot be told before a week has passed" in client.get("/platform/").content.decode()
    for _day in range(8):
        jobs.disk.run()
        jobs.disk.run()
        at_nine.moment += timedelta(days=1)
        free -= 5 * GIGA
    assert DiskDay.objects.count() == 8
    assert days_left_on_disk(free, clock.now()) == 12
    assert "12 days" in signed_in(Role.SYSTEM_OPERATOR, login="again").get("/platform/").content.decode()
    assert {(one.name, one.value) for one in gauges(environment())} >= {("disk_days_left", 12)}
    assert seen()["disk"][0] is Grade.WEEK
    free = 30 * GIGA
    assert seen()["disk"][0] is Grade.DAY
    free = GIGA // 2
    assert seen()["disk"][0] is Grade.NOW
    at_nine.moment += timedelta(days=500)
    jobs.disk.run()
    assert DiskDay.objects.count() == 1, "what is older than 400 days is forgotten"


@pytest.mark.django_db
def test_a_register_that_stands_still_is_an_alarm(operator: Actor, at_nine: clock.FixedClock) -> None:
    with transaction.atomic():
        append(actor=operator, action=EstateAction.CHANGE)
    assert "register" not in seen()
    at_nine.moment += timedelta(minutes=10)
    assert seen()["register"][0] is Grade.NOW


@tried(suppress_health_check=[HealthCheck.too_slow])  # a busy machine
@given(st.lists(st.integers(0, 10**13), max_size=30), st.integers(0, 10**13))
def test_a_forecast_is_never_made_of_nothing(used: list[int], free: int) -> None:
    days = {MONDAY + timedelta(days=number): size for number, size in enumerate(used)}
    left = days_until_full(days, free)
    assert (left is None) == (len(days) < 7)
    assert left is None or 0 <= left <= FARTHEST


def test_one_large_backup_does_not_bend_the_forecast() -> None:
    used = {MONDAY + timedelta(days=number): number * GIGA for number in range(20)}
    assert growth_a_day(used) == GIGA
    used[MONDAY + timedelta(days=10)] += 500 * GIGA
    assert days_until_full(used, 90 * GIGA) == pytest.approx(90, abs=1)
    assert days_until_full(dict.fromkeys(used, GIGA), GIGA) == FARTHEST
