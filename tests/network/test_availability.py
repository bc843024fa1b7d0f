"""Watching the endpoints: real listeners on loopback, what is kept of them, and who is told."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from sekisho.governance.models import Notice
from sekisho.governance.services.notices import look_for_notices
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.clock import FixedClock
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import Conflict, Forbidden, NotFound
from sekisho.network.controls.availability import control
from sekisho.network.models import EndpointState, Outage, ResponseSample, WatchSetting
from sekisho.network.queries.availability.asking import Ask, Pace, ask_all
from sekisho.network.queries.availability.history import outages_of, points, states_of, totals
from sekisho.network.rules.availability import Fault, Heard, Watched, Way
from sekisho.network.rules.watching import Watching, WatchingInvalid
from sekisho.network.services.availability import fold_old_samples, watch_endpoints
from sekisho.network.services.watching import call_off_quiet_time, plan_quiet_time, settle_watching
from sekisho.register.models import Event
from tests.conftest import actor_with
from tests.network import exposure as here
from tests.network.listeners import Listener, dripping, endless, says, silent, speaks_tls
from tests.network.servers import LOOPBACK, free_port, identity, swallowing

at_a_desk = pytest.mark.usefixtures("at_nine")
JOB = platform("job")
FAST = Pace(within=20.0, gap=0.0, again_after=0.01)
MINUTE = timedelta(minutes=1)


# Asking, without a database


def answers(words: bytes) -> Callable[[socket.socket], None]:
    """Return a talk that hears a request out and answers it."""

    def talk(channel: socket.socket) -> None:
        heard = b""
        while b"\r\n\r\n" not in heard and (data := channel.recv(4096)):
            heard += data
        channel.sendall(words)
        HEARD.append(heard)

    return talk


HEARD: list[bytes] = []


def slow(channel: socket.socket) -> None:
    """Answer late."""
    time.sleep(0.15)
    answers(b"HTTP/1.1 200 OK\r\n\r\n")(channel)


def hangs_up(channel: socket.socket) -> None:
    """Accept and go."""
    channel.recv(10)


def ask(key: str, port: int, way: Way = Way.TCP, *, slow_ms: int = 5000, **more: object) -> Ask:
    return Ask(key, LOOPBACK, port, way, slow_ms, **more)  # type: ignore[arg-type]


@contextmanager
def talks(**talkers: Callable[[socket.socket], None]) -> Iterator[dict[str, int]]:
    """Let each of them talk on a port of its own."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(Listener(talk).running()) for name, talk in talkers.items()}


def test_what_one_ask_says(tmp_path: Path) -> None:
    """Up, down, slow, broken TLS, a page with a fault, a port that says nothing: each is told from the others."""
    HEARD.clear()
    tls = speaks_tls(tmp_path, identity("emr"))
    page = answers(b"HTTP/1.1 200 OK\r\nX: y\r\n\r\nbody")
    broken = answers(b"HTTP/1.1 500 Broken\r\n\r\n")
    with talks(
        tls=tls, mute=silent, page=page, broken=broken, late=slow, rude=hangs_up, odd=says(b"SSH-2.0\r\n")
    ) as at:
        asks = [
            ask("tls", at["tls"], Way.TLS, secure=True),
            ask("mute", at["mute"]),
            ask("page", at["page"], Way.HEAD, path="/health"),
            ask("moved", at["page"], Way.GET, status=302),
            ask("broken", at["broken"], Way.HEAD),
            ask("late", at["late"], Way.HEAD, slow_ms=100),
            ask("rude", at["rude"], Way.HEAD),
            ask("odd", at["odd"], Way.TLS, secure=True),
            ask("closed", free_port()),
            Ask("name", "nowhere.invalid", 80, Way.TCP, 5000),
        ]
        found = ask_all(asks, FAST)
    states = {key: (heard.state(100 if key == "late" else 20_000), heard.fault) for key, heard in found.items()}
    assert states == {
        "tls": (Watched.UP, None),
        "mute": (Watched.UP, None),
        "page": (Watched.UP, None),
        "moved": (Watched.DOWN, Fault.STATUS),
        "broken": (Watched.DOWN, Fault.STATUS),
        "late": (Watched.SLOW, None),
        "rude": (Watched.DOWN, Fault.CLOSED),
        "odd": (Watched.DOWN, Fault.TLS),
        "closed": (Watched.DOWN, Fault.REFUSED),
        "name": (Watched.DOWN, Fault.NAME),
    }
    assert (found["page"].status, found["broken"].status) == (200, 500)
    assert any(one.startswith(b"HEAD /health HTTP/1.1\r\nHost: 127.0.0.1:") for one in HEARD)
    assert all(one.startswith((b"HEAD /", b"GET /")) for one in HEARD)


def test_nothing_is_sent_where_nothing_is_known() -> None:
    """A port that accepts and says nothing hears nothing; asked for TLS it is given up in time."""
    heard: list[bytes] = []

    def listens(channel: socket.socket) -> None:
        heard.append(channel.recv(100))

    with talks(plain=listens, mute=silent) as at, swallowing() as full:
        quick = Pace(within=0.2, gap=0.0, again_after=0.0)
        found = ask_all([ask("plain", at["plain"])], FAST)
        found |= ask_all([ask("mute", at["mute"], Way.TLS, secure=True), ask("full", full)], quick)
    assert found["plain"].fault is None and heard == [b""]
    assert found["mute"].fault is Fault.TIMEOUT and found["full"].fault is Fault.TIMEOUT


def test_an_answer_without_end_costs_one_ask() -> None:
    """Endless and dripping answers are given up, and the others are heard all the same."""
    quick = Pace(within=1.5, gap=0.0, again_after=0.0)
    page = answers(b"HTTP/1.1 200 OK\r\n\r\n")
    with talks(flood=endless, drip=dripping, page=page) as at:
        found = ask_all([ask(name, port, Way.GET) for name, port in at.items()], quick)
    assert {key: heard.fault for key, heard in found.items()} == {
        "flood": Fault.CLOSED,
        "drip": Fault.TIMEOUT,
        "page": None,
    }


def test_one_failure_is_asked_again() -> None:
    """A listener that fails every first time is up, and was asked twice; nothing else is."""
    begun: list[int] = []

    def flaps(channel: socket.socket) -> None:
        begun.append(1)
        if len(begun) > 1:
            answers(b"HTTP/1.0 204 \r\n\r\n")(channel)

    with talks(flapping=flaps) as at:
        found = ask_all([ask("flapping", at["flapping"], Way.HEAD, secure=False)], FAST)
    assert found["flapping"].fault is None and found["flapping"].status == 204 and len(begun) == 2


def test_a_server_without_a_network_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this server has no way out, no endpoint is called down."""

    def nowhere(*_arguments: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr("sekisho.network.queries.streams._connect", nowhere)
    (heard,) = ask_all([ask("one", 1)], FAST).values()
    assert heard == Heard(fault=Fault.HERE) and heard.state(1000) is Watched.UNKNOWN


# What is kept, and who is told


def run(at: FixedClock, minutes: int, step: int = 1) -> None:
    """Let the job run so many times, ``step`` minutes apart."""
    for _number in range(minutes // step):
        watch_endpoints(actor=JOB, pace=FAST)
        at.moment += step * MINUTE


def outcome() -> Outcome:
    (finding,) = control.check()
    return finding.outcome


def actions() -> list[str]:
    rows = Event.objects.filter(action__startswith="system.").order_by("source_seq")
    return list(rows.values_list("action", flat=True))


@at_a_desk
@pytest.mark.django_db
@pytest.mark.failing_fixture("network.availability")
def test_a_standstill_from_beginning_to_end(at_nine: FixedClock, make_person: Callable[..., object]) -> None:
    """Watched, then still: an event at once, an alarm after five minutes, a second after thirty, until it is back."""
    make_person("op", Role.SYSTEM_OPERATOR)
    assert watch_endpoints(actor=JOB) == 0
    entry = here.endpoint(here.system("電子カルテ"), LOOPBACK, free_port(), protocol="dicom")
    assert outcome() is Outcome.UNKNOWN
    listener = Listener(silent, port=entry.port)
    with listener.running():
        run(at_nine, 6)
        assert outcome() is Outcome.PASS
    state = states_of()[str(entry.pk)]
    assert (state.state, state.fault, state.down_since) == ("up", "", None) and state.response_ms is not None
    assert list(ResponseSample.objects.values_list("asked", "failed", "span")) == [(5, 0, 5)]
    assert actions() == []
    run(at_nine, 4)
    assert (actions(), look_for_notices(actor=JOB)) == (["system.unreachable"], 0)
    run(at_nine, 3)
    look_for_notices(actor=JOB)
    notice = Notice.objects.get(kind="standstill")
    assert notice.roles == ",system_operator," and outcome() is Outcome.PASS
    run(at_nine, 30, step=10)
    look_for_notices(actor=JOB)
    notice.refresh_from_db()
    assert "planning_manager" in notice.roles and notice.worsened_at > notice.opened_at and outcome() is Outcome.FAIL
    with listener.running():
        run(at_nine, 1)
    look_for_notices(actor=JOB)
    assert outcome() is Outcome.PASS and not Notice.objects.filter(kind="standstill", ended_at=None).exists()
    assert actions() == ["system.unreachable", "system.reachable"]
    (outage,) = outages_of(entry.pk, clock.now() - timedelta(days=1))
    assert outage.ended_at is not None and outage.fault == "refused" and not outage.quiet
    at_nine.moment += 11 * MINUTE
    assert outcome() is Outcome.UNKNOWN


@at_a_desk
@pytest.mark.django_db
def test_a_planned_time_is_recorded_and_alarms_nobody(
    at_nine: FixedClock, django_assert_max_num_queries: Callable[..., object]
) -> None:
    """In a planned time an outage is an event and a row, and no alarm; called off, the alarm comes at once."""
    system = here.system("画像")
    entry = here.endpoint(system, LOOPBACK, free_port(), protocol="hl7")
    now = clock.now()
    quiet = plan_quiet_time(
        actor=here.OPERATOR, endpoint_id=entry.pk, since=now, until=now + 60 * MINUTE, reason="業者による更新"
    )
    with django_assert_max_num_queries(25):
        run(at_nine, 40, step=40)
    look_for_notices(actor=JOB)
    assert Outage.objects.get().quiet and not Notice.objects.filter(kind="standstill").exists()
    assert actions() == ["system.unreachable"]
    with pytest.raises(Forbidden):
        call_off_quiet_time(actor=actor_with(Role.AUDITOR), quiet_id=quiet.pk)
    call_off_quiet_time(actor=here.OPERATOR, quiet_id=quiet.pk)
    with pytest.raises(NotFound):
        call_off_quiet_time(actor=here.OPERATOR, quiet_id=quiet.pk)
    look_for_notices(actor=JOB)
    assert Notice.objects.filter(kind="standstill", ended_at=None).exists()
    reason = "予備機のため、月に一度だけ動かします"
    settle_watching(actor=here.OPERATOR, endpoint_id=entry.pk, version=0, given=Watching(watched=False, reason=reason))
    assert watch_endpoints(actor=JOB, pace=FAST) == 0
    assert not Outage.objects.filter(ended_at=None).exists() and outcome() is Outcome.FAIL  # nobody is told
    WatchSetting.objects.update(reason="")
    (finding,) = control.check()
    assert finding.outcome is Outcome.FAIL and "nobody said why" in str(finding.message)


@at_a_desk
@pytest.mark.django_db
def test_what_may_not_be_settled() -> None:
    """What is wrong is refused with its field, and a version that was overtaken is a conflict."""
    entry = here.endpoint(here.system("部門"), "pacs.example.jp", 104, protocol="dicom")
    clockwork = here.endpoint(here.system("時計"), "ntp.example.jp", 123, protocol="ntp")
    wrong = {
        "reason": Watching(watched=False, reason="  "),
        "way": Watching(way="head", path="/"),
        "slow_ms": Watching(slow_ms=1),
        "quiet_until": Watching(quiet_from=clock.now().time()),
    }
    for field, given in wrong.items():
        with pytest.raises(WatchingInvalid) as refused:
            settle_watching(actor=here.OPERATOR, endpoint_id=entry.pk, version=0, given=given)
        assert refused.value.field == field
    with pytest.raises(WatchingInvalid):
        settle_watching(actor=here.OPERATOR, endpoint_id=clockwork.pk, version=0, given=Watching())
    settle_watching(actor=here.OPERATOR, endpoint_id=entry.pk, version=0, given=Watching(slow_ms=200))
    with pytest.raises(Conflict):
        settle_watching(actor=here.OPERATOR, endpoint_id=entry.pk, version=0, given=Watching())
    now = clock.now()
    for since, until in ((now, now), (now, now + timedelta(days=8)), (now - 2 * MINUTE, now - MINUTE)):
        with pytest.raises(WatchingInvalid):
            plan_quiet_time(actor=here.OPERATOR, endpoint_id=entry.pk, since=since, until=until, reason="保守")


@at_a_desk
@pytest.mark.django_db
def test_old_times_are_folded_and_then_dropped() -> None:
    """After 14 days an hour is one row with all its asks; after 13 months it is gone."""
    entry = here.endpoint(here.system("部門"), "pacs.example.jp", 104, protocol="dicom")
    now = clock.now()
    values = {"since": now, "asked_at": now, "bucket_minute": 0}
    state = EndpointState.objects.create(endpoint_id=entry.pk, state="up", **values)
    hour = int(now.timestamp()) // 3600 * 60

    def sample(days: int, minute: int, median: float | None) -> ResponseSample:
        at = hour - days * 24 * 60 + minute
        failed = 0 if median else 5
        return ResponseSample(
            state=state, span=5, minute=at, asked=5, failed=failed, lowest=median, median=median, highest=median
        )

    ResponseSample.objects.bulk_create(
        [sample(1, 0, 5.0), sample(20, 0, 10.0), sample(20, 5, 30.0), sample(20, 10, None), sample(500, 0, 1.0)]
    )
    assert fold_old_samples(actor=JOB) == 5
    rows = ResponseSample.objects.order_by("minute").values_list(
        "span", "asked", "failed", "lowest", "median", "highest"
    )
    assert list(rows) == [(60, 15, 5, 10.0, 20.0, 30.0), (5, 5, 0, 5.0, 5.0, 5.0)]
    (series,) = points([state.pk], now - timedelta(days=30), 24 * 60).values()
    assert [one.asked for one in series] == [15, 5] and totals(series).share == 75.0
