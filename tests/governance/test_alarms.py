"""Alarms at once through a real mail server: first one person, then the next, then that it is over; nothing twice."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.governance import jobs
from sekisho.governance.models import Delivery, Notice
from sekisho.governance.queries.delivery import recipients, undelivered
from sekisho.governance.rules.alarms import ROUNDS, Loudness, Plan, Said, is_to_be_rung, loudness_of
from sekisho.governance.rules.delivery import DeliveryState
from sekisho.governance.rules.notices import NoticeKind
from sekisho.governance.services.alarms import make_alarms
from sekisho.governance.services.delivery import deliver
from sekisho.governance.services.delivery_settings import WebhookSettings, add_recipient, keep_mail_server, keep_webhook
from sekisho.governance.services.digests import make_digests
from sekisho.governance.services.notices import look_for_alarms
from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Provider
from sekisho.kernel.errors import Forbidden
from sekisho.kernel.ports import Grade, PlatformTroubles, Trouble, Troubled
from sekisho.register.models import Event
from tests.conftest import actor_with
from tests.governance.mail_server import CA_PEM, HOST, Mailbox, Postbox, mail_server, receiver, tls
from tests.governance.pages import page, post
from tests.governance.test_notices_mail import given as given_server
from tests.governance.working import OPERATOR

pytestmark = pytest.mark.usefixtures("english")  # what people read is compared in the language of the ids

FIRST, SECOND = "night@clinic.example.jp", "head@clinic.example.jp"
WORKER = platform("test")
MINUTE = timedelta(minutes=1)


class Own:
    """What is wrong with the platform in this test."""

    def __init__(self) -> None:
        self.found: list[Troubled] = []

    def troubles(self, now: Any) -> list[Troubled]:
        return list(self.found)

    def has(self, trouble: Trouble, grade: Grade = Grade.NOW) -> None:
        self.found.append(Troubled(trouble, grade, clock.now()))


@pytest.fixture
def own() -> Iterator[Own]:
    """Let the test say what is wrong with the platform."""
    before, told = registry.current(), Own()
    others = tuple(one for one in before.providers if one.port is not PlatformTroubles)
    registry.install(replace(before, providers=(*others, Provider(PlatformTroubles, told))))
    yield told
    registry.install(before)


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    """A mail server that two people are reached through: one at once, one when nobody looks after it."""
    found = Mailbox()
    with mail_server(found, starttls=tls(tmp_path), login=True) as port:
        keep_mail_server(actor=OPERATOR, version=0, given=given_server(port))
        add_recipient(actor=OPERATOR, address=FIRST, role=Role.SYSTEM_OPERATOR, language="en", alarm_step=1)
        add_recipient(actor=OPERATOR, address=SECOND, role=Role.SAFETY_MANAGER, language="ja", alarm_step=2)
        found.port = port  # type: ignore[attr-defined]
        yield found


def minute() -> int:
    """Do what the job does each minute; return how many alarms arrived."""
    look_for_alarms(actor=WORKER)
    make_alarms(actor=WORKER)
    return deliver(actor=WORKER, alarms=True)


def told(mailbox: Mailbox) -> list[tuple[str, str]]:
    """Return who was told, and the subject, and forget it."""
    found = [(address, str(letter["Subject"])) for address, letter in mailbox.taken]
    mailbox.taken.clear()
    return found


@pytest.mark.django_db
def test_one_is_called_then_the_next_and_both_hear_that_it_is_over(
    own: Own, mailbox: Mailbox, at_nine: clock.FixedClock, signed_in: Callable[..., Client]
) -> None:
    assert minute() == 0, "there is nothing to say"
    own.has(Trouble.REGISTER)
    assert minute() == 1
    ((address, letter),) = mailbox.taken
    assert address == FIRST
    plain = letter.get_body(("plain",))
    assert plain is not None
    assert "The register does not go on" in plain.get_content()
    assert "https://localhost:8443/platform/" in plain.get_content()
    assert told(mailbox) == [(FIRST, "【関所】ALARM: 1")]
    for _look in range(2):
        at_nine.moment += 7 * MINUTE
        assert minute() == 0, "said once is enough for a quarter of an hour"
    at_nine.moment += MINUTE
    assert minute() == 1
    assert [address for address, _subject in told(mailbox)] == [SECOND]
    own.has(Trouble.DISK)
    at_nine.moment += MINUTE
    assert minute() == 1, "another alarm: the first person again, at once"
    assert [address for address, _subject in told(mailbox)] == [FIRST]
    own.has(Trouble.CERTIFICATE_REFUSED)
    own.has(Trouble.LOG)
    at_nine.moment += 5 * MINUTE
    assert minute() == 0, "within ten minutes what is new goes together"
    at_nine.moment += 5 * MINUTE
    assert minute() == 1
    client = signed_in(Role.SYSTEM_OPERATOR)
    shown = page(client, "notices")
    assert shown.count("I look after it") >= 4
    for row in Notice.objects.filter(ended_at=None, kind=NoticeKind.PLATFORM):
        assert post(client, "notice-look-after", row.pk).status_code == 302
    assert "Looked after by" in page(client, "notices")
    mailbox.taken.clear()
    for _look in range(6):
        at_nine.moment += 10 * MINUTE
        minute()
    assert told(mailbox) == [], "somebody looks after all of it"
    own.found.clear()
    at_nine.moment += MINUTE
    assert minute() == 2
    assert sorted(address for address, _subject in told(mailbox)) == [SECOND, FIRST]
    for _look in range(3):
        at_nine.moment += 10 * MINUTE
        assert minute() == 0
    sent = Event.objects.filter(action="notice.send_alarm")
    assert len(sent) == Delivery.objects.exclude(alarm="").count()
    assert {json.loads(one.entry)["outcome"] for one in sent} == {"success"}
    assert Event.objects.filter(action="notice.look_after").count() == 4


@pytest.mark.django_db
def test_the_less_urgent_waits_for_the_morning_and_a_graver_state_calls_again(
    own: Own, mailbox: Mailbox, at_nine: clock.FixedClock
) -> None:
    at_nine.moment += timedelta(hours=14)
    own.has(Trouble.CERTIFICATE_REFUSED, Grade.DAY)
    own.has(Trouble.CERTIFICATE, Grade.WEEK)
    assert minute() == 0, "at night only what bears no delay"
    at_nine.moment += timedelta(hours=7, minutes=29)
    assert minute() == 0
    at_nine.moment += MINUTE
    assert minute() == 1
    assert told(mailbox) == [(FIRST, "【関所】ALARM: 1")]
    own.found[1] = replace(own.found[1], grade=Grade.NOW)
    at_nine.moment += timedelta(minutes=11)
    assert minute() == 1
    assert told(mailbox) == [(FIRST, "【関所】ALARM: 1")]
    row = Notice.objects.get(ref=Trouble.CERTIFICATE)
    assert "week" in row.members
    at_nine.moment += timedelta(hours=1)
    make_digests(actor=WORKER)
    assert deliver(actor=WORKER) == 2, "the digest says everything all the same"


@pytest.mark.django_db
def test_a_dead_mail_server_is_tried_again_and_shown(
    own: Own, mailbox: Mailbox, at_nine: clock.FixedClock, signed_in: Callable[..., Client]
) -> None:
    mailbox.refused[FIRST] = "451 try later"
    own.has(Trouble.DISK)
    assert minute() == 0
    assert [row.receiver for row in undelivered()] == [FIRST]
    assert FIRST in page(signed_in(Role.SYSTEM_OPERATOR), "notice-settings")
    del mailbox.refused[FIRST]
    at_nine.moment += MINUTE
    assert minute() == 1
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == (DeliveryState.SENT, 2)
    mailbox.refused[SECOND] = "550 no such person"
    at_nine.moment += 15 * MINUTE
    assert minute() == 0
    assert Delivery.objects.get(receiver=SECOND).state == DeliveryState.FAILED
    failed = [json.loads(one.entry) for one in Event.objects.filter(action="notice.send_alarm")]
    assert [(one["outcome"], one["details"]["receiver"]) for one in failed] == [("success", FIRST), ("failure", SECOND)]


@pytest.mark.django_db
def test_a_program_is_told_at_once_too(own: Own, tmp_path: Path, at_nine: clock.FixedClock) -> None:
    postbox = Postbox()
    with receiver(postbox, tls(tmp_path)) as port:
        address = WebhookSettings(enabled=True, url=f"https://{HOST}:{port}/in", hour=8, authorities=CA_PEM)
        keep_webhook(actor=OPERATOR, version=0, given=address)
        own.has(Trouble.LOG)
        jobs.alarm.run()
        own.found.clear()
        at_nine.moment += 10 * MINUTE
        jobs.alarm.run()
    first, last = (json.loads(body) for _headers, body in postbox.taken)
    assert (first["type"], first["over"], len(first["alarms"])) == ("notices.alarm", [], 1)
    assert first["alarms"][0]["kind"] == "platform"
    assert (last["alarms"], [one["id"] for one in last["over"]]) == ([], [first["alarms"][0]["id"]])


@pytest.mark.django_db
def test_what_the_operator_settles(mailbox: Mailbox, signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.SYSTEM_OPERATOR)
    plan = {"a-version": "0", "a-next_minutes": "20", "a-group_minutes": "5", "a-quiet_from": "22", "a-quiet_to": "6"}
    assert post(client, "notice-alarms", **plan).status_code == 302
    assert post(client, "notice-alarms", **plan).status_code == 409
    assert post(client, "notice-alarms", **{**plan, "a-next_minutes": "0"}).status_code == 422
    row = next(one for one in recipients() if one.address == FIRST)
    assert post(client, "notice-recipient-step", row.pk, alarm_step="3").status_code == 302
    row.refresh_from_db()
    assert row.alarm_step == 3
    post(client, "notice-recipient-step", row.pk, alarm_step="9")
    row.refresh_from_db()
    assert row.alarm_step == 3
    with pytest.raises(Forbidden):
        make_alarms(actor=actor_with(Role.SYSTEM_OPERATOR))


def test_which_notices_are_alarms() -> None:
    assert loudness_of(NoticeKind.EMERGENCY, "x", {"in_use": True}) is Loudness.ANY_HOUR
    assert loudness_of(NoticeKind.EMERGENCY, "x", {"in_use": False}) is None
    assert loudness_of(NoticeKind.STANDSTILL, "x", {}) is Loudness.ANY_HOUR
    assert loudness_of(NoticeKind.FAILS, "network.platform_clock", {"fails": True}) is Loudness.ANY_HOUR
    assert loudness_of(NoticeKind.FAILS, "config.platform_backup", {"fails": True}) is Loudness.BY_DAY
    assert loudness_of(NoticeKind.FAILS, "config.platform_backup", {"fails": False}) is None
    assert loudness_of(NoticeKind.FAILS, "people.platform_lockout", {"fails": True}) is None
    for grade, loud in ((Grade.NOW, Loudness.ANY_HOUR), (Grade.DAY, Loudness.BY_DAY), (Grade.WEEK, None)):
        assert loudness_of(NoticeKind.PLATFORM, "disk", {"grade": grade.name.lower()}) is loud


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine
@given(st.integers(0, 4), st.integers(1, 5), st.sampled_from(Loudness), st.integers(0, 23), st.integers(0, 1439))
def test_everybody_is_called_in_turn_and_never_without_end(
    place: int, steps: int, loudness: Loudness, hour: int, minutes: int
) -> None:
    """Going on for three days minute by minute: each is called in their turn, a round apart, three times in all."""
    place %= steps
    plan = Plan(quiet_from=hour, quiet_to=(hour + 9) % 24)
    began = clock.now().replace(hour=minutes // 60, minute=minutes % 60, second=0, microsecond=0)
    said, calls, now = Said(), [], began
    while now < began + timedelta(days=2):
        if is_to_be_rung(began, loudness, place, steps, said, now, plan):
            calls.append(now)
            said = Said(said.times + 1, now)
        now += 15 * MINUTE
    assert len(calls) == ROUNDS
    assert calls[0] - began >= place * plan.next_after
    assert all(later - earlier >= steps * plan.next_after for earlier, later in pairwise(calls))
    if loudness is Loudness.BY_DAY:
        assert not any(plan.is_quiet(call) for call in calls)
    else:
        assert calls[0] - began == place * plan.next_after
