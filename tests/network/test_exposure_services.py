"""Looking at registered hosts, ranges and permits, and sweeps against real listeners on loopback."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.estate import ledgers
from sekisho.estate.services import close_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.clock import FixedClock
from sekisho.kernel.errors import Forbidden, InvalidInput
from sekisho.network.errors import (
    OwnPermit,
    PermitLength,
    PermitRevoked,
    RangeClosed,
    RangeInvalid,
    RangeKnown,
    SweepEnded,
    SweepUnderWay,
)
from sekisho.network.models import NewestSighting, Probe, RegisteredRange, RequestedSweep, SweepState, Zone
from sekisho.network.queries.exposure import host_states, kept_looks, known_addresses
from sekisho.network.queries.exposure_plan import plan_looks
from sekisho.network.queries.ranges import get_sweep, permit_in_force, sweep_look
from sekisho.network.queries.reachability import Limits, profile
from sekisho.network.rules.exposure_profile import Vantage
from sekisho.network.rules.judged import Level
from sekisho.network.rules.looks import Restricted, host_id
from sekisho.network.rules.sweep import MedicalZone, PermitMissing, RangeNotOwn, RangeTooLarge, default_ports
from sekisho.network.rules.swept import judge_sweep
from sekisho.network.services import sweeps
from sekisho.network.services.exposure import observe_exposure
from sekisho.network.services.ranges import close_range, give_permit, register_range, revoke_permit
from sekisho.network.services.sweeps import request_sweep, run_requested_sweeps, stop_sweep
from sekisho.register.models import Event
from tests.conftest import actor_with
from tests.network import exposure as here
from tests.network.exposure import FAST, JOB, MANAGER, OPERATOR, PATIENT, TELNET
from tests.network.listeners import Listener, says, silent, speaks_tls
from tests.network.servers import identity

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
BOTH = actor_with(Role.PLANNING_MANAGER, Role.SYSTEM_OPERATOR, actor_id="00000000-0000-7000-8000-000000000003")


# Looking at registered hosts


def test_an_open_port_is_kept_with_since_when(at_nine: FixedClock) -> None:
    """Seen twice in a row it keeps its first moment; closed and open again it gets a new one."""
    host = "127.0.9.21"
    here.endpoint(here.system("電子カルテ"), host, 40443)
    first = clock.now()
    listener = Listener(says(b"login: "), host, TELNET)
    with listener.running():
        assert observe_exposure(actor=JOB, limits=FAST) == 1
        at_nine.moment += timedelta(days=1)
        observe_exposure(actor=JOB, limits=FAST)
    assert _open(host) == [(TELNET, first)]
    at_nine.moment += timedelta(days=1)
    observe_exposure(actor=JOB, limits=FAST)
    assert _open(host) == []
    at_nine.moment += timedelta(days=1)
    with listener.running():
        observe_exposure(actor=JOB, limits=FAST)
    assert _open(host) == [(TELNET, first + timedelta(days=3))]


def _open(host: str) -> list[tuple[int, object]]:
    look = kept_looks().looks[host_id(host), Vantage.INTERNAL].seen
    assert not look.unseen(profile())
    return [(port.port, port.since) for port in look.open]


def test_where_medical_devices_stand_only_the_registered_port_is_touched() -> None:
    """The other port listens and hears nothing."""
    host, pacs = "127.0.9.22", here.system("画像")
    here.address_range("127.0.9.22/31", Zone.MEDICAL)
    with Listener(silent, host).running() as port, (other := Listener(silent, host, TELNET)).running():
        here.endpoint(pacs, host, port, protocol="dicom")
        observe_exposure(actor=JOB, limits=FAST)
    look = kept_looks().looks[host_id(host), Vantage.INTERNAL].seen
    assert other.accepted == 0
    assert (look.ports, look.restricted) == (frozenset({port}), Restricted.MEDICAL)


def test_a_name_that_leads_nowhere_is_not_looked_over_while_there_are_medical_zones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It could lead there by the time of the look."""
    here.endpoint(here.system("画像"), "x" * 64 + ".example", 104, protocol="dicom")
    assert len(next(iter(plan_looks().values()))[1]) > 1
    here.address_range("10.9.9.0/24", Zone.MEDICAL)
    assert [target.port for target in next(iter(plan_looks().values()))[1]] == [104]


def test_of_a_cloud_service_only_the_registered_port() -> None:
    """The host is somebody else's; one system here on the same host makes it ours."""
    cloud = here.system("予約", "cloud")
    here.endpoint(cloud, "127.0.9.24", 443)
    restricted, targets = plan_looks()["127.0.9.24"]
    assert (restricted, [target.port for target in targets]) == (Restricted.CLOUD, [443])
    here.endpoint(here.system("受付"), "127.0.9.24", 8443)
    assert len(plan_looks()["127.0.9.24"][1]) == len(profile().tcp_ports)


def test_time_servers_and_closed_endpoints_are_left_alone() -> None:
    of = here.system("時刻")
    here.endpoint(of, "127.0.9.25", 123, protocol="ntp")
    gone = here.endpoint(of, "127.0.9.26", 443)
    close_entry(actor=OPERATOR, ledger=ledgers.ENDPOINTS, entry_id=gone.pk, version=gone.version, reason="廃止")
    assert plan_looks() == {}
    assert observe_exposure(actor=JOB) == 0
    assert known_addresses() == {"127.0.9.25"}


def test_who_may_look() -> None:
    with pytest.raises(Forbidden):
        observe_exposure(actor=MANAGER)


def test_a_look_is_where_the_platform_wrote_it_down() -> None:
    """What a document says of its own place does not count: no look from inside passes for one from outside."""
    here.endpoint(here.system("電子カルテ"), "127.0.9.27", 443)
    look = here.look("127.0.9.27", vantage=Vantage.OPEN)
    here.see(look)
    NewestSighting.objects.update(vantage="internal")
    assert set(host_states()["127.0.9.27"].looks) == {Vantage.INTERNAL}
    assert host_states()["127.0.9.27"].looks[Vantage.INTERNAL].seen.vantage is Vantage.INTERNAL


# Ranges and permits


@pytest.mark.parametrize(
    "text", ["", "192.168.1", "192.168.1.1/24", "0.0.0.0/0", "::/0", "224.0.0.0/8", "192.168.1.0/33", "lan"]
)
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(RangeInvalid):
        register_range(actor=OPERATOR, network=text, label="受付", zone=Zone.GENERAL)


@pytest.mark.parametrize(
    "text",
    [
        "8.8.8.0/24",
        "128.0.0.0/1",
        "0.0.0.0/30",
        "169.254.0.0/24",
        "240.0.0.0/8",
        "fe80::/64",
        "fd00::1%eth0/128",
        "2400:cb00::/32",
        "::/128",
        "::ffff:127.0.0.0/126",
        "::ffff:10.0.0.0/120",
        "64:ff9b::a00:0/120",
        "2002:a00::/32",
    ],
)
def test_only_addresses_that_nobody_else_has_are_swept(text: str) -> None:
    """Not those of strangers, and no second name of an address that a medical zone protects."""
    with pytest.raises(RangeNotOwn):
        here.address_range(text)
    old = RegisteredRange.objects.create(
        network=text, label="以前の登録", zone=Zone.GENERAL, registered_at=clock.now(), registered_by="x"
    )
    with pytest.raises(RangeNotOwn):
        here.permit(old)


def test_a_medical_zone_may_have_public_addresses() -> None:
    """It is only ever protected. It too is written in the one form by which it is compared."""
    assert here.address_range("2400:cb00::/48", Zone.MEDICAL)
    assert here.address_range("8.8.8.0/24", Zone.MEDICAL)
    for text in ("::ffff:10.0.0.0/120", "64:ff9b::a00:0/120", "fe80::1%eth0/128"):
        with pytest.raises(RangeNotOwn):
            here.address_range(text, Zone.MEDICAL)


def test_a_range_is_open_once() -> None:
    found = here.address_range("10.0.0.0/24")
    with pytest.raises(RangeKnown):
        here.address_range("10.0.0.0/24")
    close_range(actor=OPERATOR, range_id=found.pk, reason="移転")
    with pytest.raises(RangeClosed):
        close_range(actor=OPERATOR, range_id=found.pk, reason="移転")
    assert here.address_range("10.0.0.0/24").pk != found.pk


def test_the_line_must_be_one_of_ours() -> None:
    with pytest.raises(InvalidInput):
        register_range(
            actor=OPERATOR, network="10.0.0.0/24", label="受付", zone=Zone.GENERAL, line=str(here.system("x").pk)
        )


def test_a_label_and_a_reason_say_something() -> None:
    found = here.address_range("10.0.0.0/24")
    with pytest.raises(InvalidInput):
        register_range(actor=OPERATOR, network="10.1.0.0/24", label=" 　", zone=Zone.GENERAL)
    with pytest.raises(InvalidInput):
        close_range(actor=OPERATOR, range_id=found.pk, reason=" ")
    with pytest.raises(InvalidInput):
        give_permit(actor=MANAGER, range_ids=[found.pk], reason="", until=clock.now() + timedelta(days=1))


@pytest.mark.parametrize("days", [-1, 0, 31.01])
def test_a_permit_holds_for_a_month_at_most(days: float) -> None:
    found = here.address_range("10.0.0.0/24")
    with pytest.raises(PermitLength):
        here.permit(found, days=days)
    assert here.permit(found, days=31).allowed_by == MANAGER.name


def test_nobody_allows_a_sweep_where_medical_devices_stand() -> None:
    """Nor of a range that holds such a zone, or lies in one."""
    here.address_range("10.0.0.64/26", Zone.MEDICAL)
    for network in ("10.0.0.0/24", "10.0.0.72/29"):
        with pytest.raises(MedicalZone):
            here.permit(here.address_range(network))
    assert here.permit(here.address_range("10.0.1.0/24"))


def test_with_a_medical_zone_go_the_permits_it_held_back() -> None:
    """Closing the zone alone opens nothing: a manager allows the sweep anew."""
    found, other = here.address_range("10.0.0.0/24"), here.address_range("10.0.1.0/24")
    here.permit(found)
    here.permit(other)
    zone = here.address_range("10.0.0.64/26", Zone.MEDICAL)
    close_range(actor=OPERATOR, range_id=zone.pk, reason="検査室の移転")
    assert permit_in_force(found) is None
    assert permit_in_force(other) is not None
    with pytest.raises(PermitMissing):
        request_sweep(actor=OPERATOR, range_id=found.pk)
    event = Event.objects.get(action="sweep_permit.revoke")
    assert "検査室の移転" in event.entry
    assert here.permit(found)


def test_a_permit_is_revoked_once_and_runs_out(at_nine: FixedClock) -> None:
    found = here.address_range("10.0.0.0/24")
    given = here.permit(found)
    revoke_permit(actor=MANAGER, permit_id=given.pk, reason="機器の入替え")
    assert permit_in_force(found) is None
    with pytest.raises(PermitRevoked):
        revoke_permit(actor=MANAGER, permit_id=given.pk, reason="機器の入替え")
    here.permit(found, days=1)
    at_nine.moment += timedelta(days=1)
    assert permit_in_force(found) is None


def test_everything_is_in_the_register() -> None:
    found = here.address_range("10.0.0.0/24")
    given = here.permit(found)
    revoke_permit(actor=MANAGER, permit_id=given.pk, reason="中止")
    close_range(actor=OPERATOR, range_id=found.pk, reason="移転")
    wanted = ["address_range.register", "sweep_permit.give", "sweep_permit.revoke", "address_range.close"]
    assert list(Event.objects.order_by("source_seq").values_list("action", flat=True)) == wanted


@pytest.mark.parametrize("act", ["give", "revoke", "register", "close"])
def test_who_may_not(act: str) -> None:
    found = here.address_range("10.0.0.0/24")
    given = here.permit(found)
    keeper, giver = (Role.MANAGEMENT, Role.AUDITOR), (Role.SYSTEM_OPERATOR, Role.DEVICE_SAFETY_MANAGER)
    acts: dict[str, tuple[tuple[Role, ...], Callable[[Any], object]]] = {
        "give": (giver, lambda who: give_permit(actor=who, range_ids=[found.pk], reason="x", until=clock.now())),
        "revoke": (giver, lambda who: revoke_permit(actor=who, permit_id=given.pk, reason="x")),
        "register": (
            keeper,
            lambda who: register_range(actor=who, network="10.1.0.0/24", label="x", zone=Zone.GENERAL),
        ),
        "close": (keeper, lambda who: close_range(actor=who, range_id=found.pk, reason="x")),
    }
    for role in acts[act][0]:
        with pytest.raises(Forbidden):
            acts[act][1](actor_with(role))


# Sweeps


def test_a_sweep_finds_who_listens_and_what_it_says(tmp_path: Path) -> None:
    """A registered listener, and two strangers: one speaks first, one is known by its certificate."""
    found = here.address_range("127.0.9.32/29")
    here.permit(found)
    banner = Listener(says(b"login: "), "127.0.9.33", TELNET)
    secure = Listener(speaks_tls(tmp_path, identity("ehr.example.jp")), "127.0.9.34", 8443)
    with banner.running(), secure.running():
        asked = request_sweep(actor=OPERATOR, range_id=found.pk)
        assert run_requested_sweeps(actor=JOB, limits=PATIENT) == 1
    swept, look = get_sweep(asked.pk), sweep_look(asked)
    assert look is not None
    assert (swept.state, swept.asked) == (SweepState.DONE, 6 * len(default_ports(profile())))
    assert {one.address: [port.port for port in one.open] for one in look.answering} == {
        "127.0.9.33": [TELNET],
        "127.0.9.34": [8443],
    }
    said = {port.port: port for one in look.answering for port in one.open}
    assert said[8443].names == ("ehr.example.jp", "localhost")
    assert len(look.refusing) == 4


def test_without_leave_nothing_starts() -> None:
    found = here.address_range("127.0.9.40/29")
    with pytest.raises(PermitMissing):
        request_sweep(actor=OPERATOR, range_id=found.pk)
    given = here.permit(found)
    with pytest.raises(Forbidden):
        request_sweep(actor=MANAGER, range_id=found.pk)
    revoke_permit(actor=MANAGER, permit_id=given.pk, reason="中止")
    with pytest.raises(PermitMissing):
        request_sweep(actor=OPERATOR, range_id=found.pk)
    assert not RequestedSweep.objects.exists()


def test_nobody_starts_what_they_allowed() -> None:
    """Whatever roles they hold."""
    found = here.address_range("127.0.9.40/29")
    until = clock.now() + timedelta(days=1)
    give_permit(actor=BOTH, range_ids=[found.pk], reason="点検", until=until)
    with pytest.raises(OwnPermit):
        request_sweep(actor=BOTH, range_id=found.pk)
    assert request_sweep(actor=OPERATOR, range_id=found.pk).permit.allowed_by_id == BOTH.id


def test_ones_own_longer_permit_does_not_hide_that_of_another() -> None:
    found = here.address_range("127.0.9.40/29")
    given = here.permit(found, days=1)
    until = clock.now() + timedelta(days=30)
    give_permit(actor=BOTH, range_ids=[found.pk], reason="点検", until=until)
    assert request_sweep(actor=BOTH, range_id=found.pk).permit == given


def test_one_sweep_of_a_range_at_a_time() -> None:
    found = here.address_range("127.0.9.40/29")
    here.permit(found)
    asked = request_sweep(actor=OPERATOR, range_id=found.pk)
    with pytest.raises(SweepUnderWay):
        request_sweep(actor=OPERATOR, range_id=found.pk)
    stop_sweep(actor=MANAGER, sweep_id=asked.pk)
    assert get_sweep(asked.pk).state == SweepState.STOPPED
    with pytest.raises(SweepEnded):
        stop_sweep(actor=MANAGER, sweep_id=asked.pk)
    assert run_requested_sweeps(actor=JOB, limits=FAST) == 0
    assert request_sweep(actor=OPERATOR, range_id=found.pk)


def test_too_many_addresses_and_closed_ranges() -> None:
    large = here.address_range("10.0.0.0/21")
    here.permit(large)
    with pytest.raises(RangeTooLarge):
        request_sweep(actor=OPERATOR, range_id=large.pk)
    close_range(actor=OPERATOR, range_id=large.pk, reason="移転")
    with pytest.raises(RangeClosed):
        request_sweep(actor=OPERATOR, range_id=large.pk)


def test_a_zone_that_became_medical_in_the_meantime_is_not_touched() -> None:
    """The rules are asked again when the sweep begins."""
    found = here.address_range("127.0.9.48/29")
    here.permit(found)
    asked = request_sweep(actor=OPERATOR, range_id=found.pk)
    here.address_range("127.0.9.50/32", Zone.MEDICAL)
    with (listener := Listener(silent, "127.0.9.49", TELNET)).running():
        run_requested_sweeps(actor=JOB, limits=FAST)
    row = get_sweep(asked.pk)
    assert (row.state, listener.accepted, sweep_look(row)) == (SweepState.REFUSED, 0, None)
    assert "127.0.9.50/32" in row.refusal


@pytest.mark.parametrize("how", ["stop", "revoke", "close", "expire", "medical"])
def test_a_sweep_ends_on_the_way(how: str, at_nine: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped, its permit revoked or run out, its range closed, medical devices made known in it.

    Nothing new is begun, and what was seen is kept.
    """
    found = here.address_range("127.0.9.56/29")
    given = here.permit(found, days=1)
    asked = request_sweep(actor=OPERATOR, range_id=found.pk)
    acts: dict[str, Callable[[], object]] = {
        "stop": lambda: stop_sweep(actor=OPERATOR, sweep_id=asked.pk),
        "revoke": lambda: revoke_permit(actor=MANAGER, permit_id=given.pk, reason="異常"),
        "close": lambda: close_range(actor=OPERATOR, range_id=found.pk, reason="異常"),
        "expire": lambda: setattr(at_nine, "moment", given.until),
        "medical": lambda: here.address_range("127.0.9.60/30", Zone.MEDICAL),
    }
    look_around, done = sweeps._Sweeping._look_around, []

    def meanwhile(sweeping: Any) -> None:
        if sweeping.asked and not done:
            done.append(acts[how]())
        look_around(sweeping)

    monkeypatch.setattr(sweeps._Sweeping, "_look_around", meanwhile)
    monkeypatch.setattr(sweeps, "LOOK_EVERY", 0.02)
    slow = Limits(at_once=1, per_second=50, per_second_per_host=1e6)
    run_requested_sweeps(actor=JOB, limits=slow)
    row, look = get_sweep(asked.pk), sweep_look(asked)
    assert row.state == (SweepState.EXPIRED if how == "expire" else SweepState.STOPPED)
    assert look is not None
    assert 0 < look.asked == row.asked < row.planned
    assert ("127.0.9.60/30" in row.refusal) == (how == "medical")
    assert Level.UNKNOWN in {remark.level for remark in judge_sweep(look, {*look.refusing})}


def test_who_answered_is_not_listened_to_once_medical_devices_are_known_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registered after the last port was asked: the second round does not begin."""
    found = here.address_range("127.0.9.64/30")
    here.permit(found)
    asked = request_sweep(actor=OPERATOR, range_id=found.pk)
    ask = sweeps._Sweeping._watched

    def meanwhile(sweeping: Any, work: Any) -> Any:
        seen = ask(sweeping, work)
        if not RegisteredRange.objects.filter(zone=Zone.MEDICAL).exists():
            here.address_range("127.0.9.65/32", Zone.MEDICAL)
        return seen

    monkeypatch.setattr(sweeps._Sweeping, "_watched", meanwhile)
    with (listener := Listener(says(b"login: "), "127.0.9.65", TELNET)).running():
        run_requested_sweeps(actor=JOB, limits=FAST)
    look = sweep_look(asked)
    assert look is not None
    assert [port.banner for one in look.answering for port in one.open] == [""]
    assert listener.accepted == 1
    assert "127.0.9.65/32" in get_sweep(asked.pk).refusal


def test_a_sweep_whose_process_died_is_given_up() -> None:
    """It is found under way although nobody sweeps."""
    found = here.address_range("127.0.9.40/29")
    here.permit(found)
    asked = request_sweep(actor=OPERATOR, range_id=found.pk)
    RequestedSweep.objects.update(state=SweepState.RUNNING)
    assert run_requested_sweeps(actor=JOB, limits=FAST) == 0
    assert get_sweep(asked.pk).state == SweepState.BROKEN
    assert not NewestSighting.objects.filter(probe=Probe.SWEEP).exists()
    assert request_sweep(actor=OPERATOR, range_id=found.pk)


def test_who_sweeps() -> None:
    """The platform alone: whoever asks for a sweep never runs it past the permit."""
    with pytest.raises(Forbidden):
        run_requested_sweeps(actor=BOTH)
