"""What reached ports come to against the register, the profile as data, and who may sweep what."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.estate.models import Endpoint
from sekisho.estate.models.systems import Exposure
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import InvalidInput, SekishoError
from sekisho.network.queries.reachability import PROFILE, profile
from sekisho.network.rules.exposure import judge
from sekisho.network.rules.exposure_profile import Cleartext, Look, Vantage, read_profile
from sekisho.network.rules.judged import Judged, Level, outcome_of
from sekisho.network.rules.reached import (
    Encryption,
    PortObservation,
    Reached,
    RegisteredEndpoint,
    Target,
    normal,
    targets,
)
from sekisho.network.rules.strict_yaml import DataInvalid
from sekisho.network.rules.sweep import (
    LARGEST,
    AddressRange,
    MedicalZone,
    Permit,
    PermitExpired,
    PermitMissing,
    RangeNotOwn,
    RangeNotRegistered,
    RangeTooLarge,
    default_ports,
    plan,
)

INSIDE, SECURE, OPEN = Vantage
EMR = "emr.example"


def endpoint(port: int, exposure: Vantage = INSIDE, host: str = EMR, protocol: str = "https") -> RegisteredEndpoint:
    return RegisteredEndpoint(host, port, protocol, exposure)


def seen(port: int, reached: Reached = Reached.OPEN, host: str = EMR, **more: object) -> PortObservation:
    return PortObservation(host, port, reached, **more)  # type: ignore[arg-type]


def remarks(
    registered: list[RegisteredEndpoint], observations: list[PortObservation], where: Vantage = INSIDE
) -> list[Judged]:
    found = judge(registered, observations, profile(), where)
    assert set(found) <= {EMR}
    return list(found.get(EMR, ()))


def codes(*args: object) -> list[tuple[str, Level]]:
    return [(remark.code.removeprefix("exposure."), remark.level) for remark in remarks(*args)]  # type: ignore[arg-type]


# Against the register


def test_registered_and_open() -> None:
    assert codes([endpoint(443)], [seen(443)]) == [("as_registered", Level.OK)]


def test_open_and_not_registered() -> None:
    assert codes([], [seen(8443)]) == [("not_registered", Level.NG)]
    assert codes([endpoint(443)], [seen(443), seen(50123)])[1] == ("not_registered", Level.NG)


@pytest.mark.parametrize("reached", [Reached.REFUSED, Reached.FILTERED, Reached.UNREACHABLE])
def test_registered_and_closed(reached: Reached) -> None:
    """Silence counts as closed when another port of the host shows that there is a way."""
    assert (
        codes([endpoint(443)], [seen(443, reached), seen(9, Reached.REFUSED)])
        == [
            ("shut", Level.OK),
            ("registered_closed", Level.WARN),
        ][::-1]
    )


@pytest.mark.parametrize("reached", [Reached.FILTERED, Reached.UNREACHABLE, Reached.ERROR])
def test_silence_alone_cannot_be_told(reached: Reached) -> None:
    assert codes([endpoint(443)], [seen(443, reached), seen(3389, reached)]) == [
        ("cannot_tell", Level.UNKNOWN),
        ("way_unproven", Level.UNKNOWN),
    ]


def test_a_look_that_failed_is_never_closed() -> None:
    """Our own lack of sockets says nothing about the host, whatever its other ports said."""
    found = codes([endpoint(443)], [seen(443), seen(3389, Reached.ERROR)])
    assert found == [("as_registered", Level.OK), ("way_unproven", Level.UNKNOWN)]


def test_registered_and_never_looked_at() -> None:
    assert codes([endpoint(443)], []) == [("not_looked_at", Level.UNKNOWN)]
    assert codes([endpoint(161, protocol="other")], []) == [("udp_not_seen", Level.UNKNOWN)]


def test_a_stranger_from_whom_nothing_came_is_no_host() -> None:
    assert judge([], [seen(80, Reached.FILTERED, "10.0.0.9")], profile(), INSIDE) == {}
    assert set(judge([], [seen(80, Reached.REFUSED, "10.0.0.9")], profile(), INSIDE)) == {"10.0.0.9"}


# From where


@pytest.mark.parametrize(
    ("stated", "where", "code", "level"),
    [
        (INSIDE, INSIDE, "as_registered", Level.OK),
        (OPEN, INSIDE, "as_registered", Level.OK),
        (INSIDE, SECURE, "wider_than_stated", Level.NG),
        (SECURE, OPEN, "wider_than_stated", Level.NG),
        (SECURE, SECURE, "as_registered", Level.OK),
        (OPEN, OPEN, "as_registered", Level.OK),
    ],
)
def test_reachable_from_a_wider_place_than_stated(stated: Vantage, where: Vantage, code: str, level: Level) -> None:
    assert codes([endpoint(443, stated)], [seen(443)], where) == [(code, level)]


def test_shut_to_where_it_should_be_shut() -> None:
    found = codes([endpoint(443, OPEN), endpoint(8443, INSIDE)], [seen(443), seen(8443, Reached.FILTERED)], OPEN)
    assert found == [("as_registered", Level.OK), ("shut_as_registered", Level.OK)]


@pytest.mark.parametrize(("port", "group"), [(3389, "remote_desktop"), (5432, "database"), (445, "file_sharing"),
                                             (22, "management"), (902, "hypervisor"), (104, "medical")])  # fmt: skip
def test_what_may_never_be_reached_from_an_open_network(port: int, group: str) -> None:
    """Even if the register says that it should be (table 10-1, 13⑤)."""
    found = remarks([endpoint(port, OPEN)], [seen(port)], OPEN)
    assert [(one.code, one.level) for one in found] == [
        ("exposure.as_registered", Level.OK),
        (f"exposure.forbidden_{group}", Level.NG),
    ]
    assert found[1].source.startswith("MHLW v7.0")
    assert codes([endpoint(port, OPEN)], [seen(port)], INSIDE) == [("as_registered", Level.OK)]


def test_what_a_server_says_outweighs_its_port() -> None:
    """A VNC server on a port of its own choosing, and SSH on the port of Telnet."""
    assert ("forbidden_remote_desktop", Level.NG) in codes(
        [endpoint(40_000, OPEN)], [seen(40_000, banner="RFB 003.008\\n")], OPEN
    )
    assert codes([endpoint(23)], [seen(23, banner="SSH-2.0-OpenSSH_9.2\\r\\n")]) == [("as_registered", Level.OK)]


# Without encryption


@pytest.mark.parametrize(
    ("port", "encryption", "level"),
    [
        (23, Encryption.UNKNOWN, Level.NG),
        (513, Encryption.NO, Level.NG),
        (21, Encryption.NO, Level.NG),
        (21, Encryption.OFFERED, Level.UNKNOWN),
        (21, Encryption.UNKNOWN, Level.UNKNOWN),
        (5900, Encryption.NO, Level.NG),
        (5900, Encryption.OFFERED, Level.UNKNOWN),
        (5900, Encryption.YES, None),
        (23, Encryption.YES, None),
    ],
)
def test_services_that_carry_passwords_in_the_clear(port: int, encryption: Encryption, level: Level | None) -> None:
    found = codes([endpoint(port)], [seen(port, encryption=encryption)])
    assert found == [("as_registered", Level.OK), *([("cleartext", level)] if level else [])]


def test_telnet_is_known_by_its_first_bytes() -> None:
    found = codes([endpoint(8023)], [seen(8023, banner="\\xff\\xfd\\x18")])
    assert ("cleartext", Level.NG) in found


# Names and addresses


def test_an_address_of_a_registered_name_is_that_host() -> None:
    """Found by sweeping, or by another name."""
    registered = [RegisteredEndpoint("EMR.example.", 443, "https", INSIDE, frozenset({"10.0.0.5"}))]
    found = judge(registered, [seen(443, host="10.0.0.5"), seen(22, host="10.0.0.5")], profile(), INSIDE)
    assert {name: [one.code for one in rows] for name, rows in found.items()} == {
        "emr.example": ["exposure.not_registered", "exposure.as_registered"]
    }


def test_the_address_that_was_asked_tells_too() -> None:
    registered = [endpoint(443), endpoint(22, host="10.0.0.5", protocol="ssh")]
    found = judge(registered, [seen(443, address="10.0.0.5"), seen(22, address="10.0.0.5")], profile(), INSIDE)
    assert {name: {one.code for one in rows} for name, rows in found.items()} == {
        "emr.example": {"exposure.as_registered"},
        "10.0.0.5": {"exposure.as_registered"},
    }


def test_of_several_entries_the_widest_counts() -> None:
    """The same port under its name and under its address."""
    registered = [endpoint(443, INSIDE), endpoint(443, OPEN, host="10.0.0.5")]
    for order in (registered, registered[::-1]):
        found = judge(order, [seen(443, address="10.0.0.5")], profile(), OPEN)
        assert {one.code for rows in found.values() for one in rows} == {"exposure.as_registered"}


def test_of_several_looks_the_one_that_saw_most_counts() -> None:
    looks = [seen(80, Reached.FILTERED), seen(80), seen(80, Reached.REFUSED)]
    assert codes([], looks) == codes([], looks[::-1]) == [("not_registered", Level.NG)]


@pytest.mark.parametrize(
    ("host", "same"),
    [("EMR.Example.", "emr.example"), ("[::1]", "::1"), ("0:0::1", "::1"), ("::ffff:10.0.0.1", "10.0.0.1")],
)
def test_one_form_of_a_host(host: str, same: str) -> None:
    assert normal(host) == same


# Properties

ports = st.sampled_from([21, 22, 23, 80, 104, 443, 445, 3389, 5432, 5900, 40_000])
reached = st.sampled_from(Reached)
observed = st.builds(seen, ports, reached, encryption=st.sampled_from(Encryption))
known = st.builds(endpoint, ports, st.sampled_from(Vantage))
RANK = {Outcome.PASS: 0, Outcome.UNKNOWN: 1, Outcome.FAIL: 2}


@settings(deadline=None)
@given(st.lists(known, max_size=4), st.lists(observed, max_size=8), st.sampled_from(Vantage), st.integers(1, 65535))
def test_an_open_port_that_nobody_registered_never_improves(
    registered: list[RegisteredEndpoint], observations: list[PortObservation], where: Vantage, port: int
) -> None:
    """Although it may prove the way to ports that were silent."""
    before = outcome_of(remarks(registered, observations, where))
    if port in {one.port for one in registered}:
        return
    after = remarks(registered, [*observations, seen(port)], where)
    assert RANK[outcome_of(after)] >= RANK[before] and outcome_of(after) is Outcome.FAIL


@settings(deadline=None)
@given(st.lists(known, max_size=4), st.lists(observed, max_size=8), st.sampled_from(Vantage))
def test_the_order_never_matters(
    registered: list[RegisteredEndpoint], observations: list[PortObservation], where: Vantage
) -> None:
    one = {(remark.code, remark.level) for remark in remarks(registered, observations, where)}
    other = {(remark.code, remark.level) for remark in remarks(registered[::-1], observations[::-1], where)}
    assert one == other


@settings(deadline=None)
@given(st.lists(known, max_size=4), st.lists(observed, max_size=8))
def test_a_wider_place_never_improves(
    registered: list[RegisteredEndpoint], observations: list[PortObservation]
) -> None:
    """What can be reached from outside is no better than the same reached from inside, as long as anything is open."""
    if any(one.reached is Reached.OPEN for one in observations):
        levels = [
            {remark.code for remark in remarks(registered, observations, where) if remark.level is Level.NG}
            for where in Vantage
        ]
        assert len(levels[0]) <= len(levels[1]) <= len(levels[2]) + 1
        assert not levels[0] or levels[2]


@settings(deadline=None)
@given(st.lists(observed, min_size=1, max_size=8))
def test_a_host_without_proof_of_a_way_never_passes(observations: list[PortObservation]) -> None:
    silent = [one for one in observations if one.reached not in {Reached.OPEN, Reached.REFUSED}]
    assert outcome_of(remarks([endpoint(443)], silent)) is Outcome.UNKNOWN


# What is looked at


def test_targets_are_the_hosts_own_ports_and_those_of_the_profile() -> None:
    registered = [endpoint(443), endpoint(7777, protocol="other"), endpoint(8181, protocol="http"), endpoint(161)]
    found = {(one.host, one.port): one.look for one in targets(registered, profile(), ["10.0.0.5"])}
    assert len(found) == 2 * len(profile().tcp_ports) + 2
    assert found[EMR, 443] is Look.TLS and found[EMR, 7777] is Look.BANNER and found[EMR, 8181] is Look.CONNECT
    assert (EMR, 161) not in found  # UDP
    assert found["10.0.0.5", 5900] is Look.RFB and found["10.0.0.5", 9100] is Look.CONNECT


def test_medical_and_printing_ports_are_sent_nothing() -> None:
    fragile = [one for one in profile().services if one.group in {"medical", "printing", "database"}]
    assert {one.look for one in fragile} == {Look.CONNECT}


# The profile as data

ROW = """
version: 1
revised: 2026-11-22
groups:
  - {id: one, title: {ja: あ, en: a}, why: {ja: あ, en: a}, forbidden_from: [open], source: s, certainty: own}
services:
  - {name: S, group: one, ports: [1], meaning: {ja: あ, en: a}, source: s, certainty: own}
"""


def test_the_smallest_profile() -> None:
    assert read_profile(ROW).tcp_ports == (1,)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("group: one,", "group: two,", "unknown group two"),
        ("ports: [1]", "ports: [1, 1]", "tcp port 1 stands here twice"),
        ("ports: [1]", "ports: [0]", "greater than or equal to 1"),
        ("ports: [1]", "ports: []", "at least 1 item"),
        ("source: s, certainty: own}\nservices", "source: s, certainty: sure}\nservices", "primary"),
        ("forbidden_from: [open]", "forbidden_from: [moon]", "internal"),
        ("name: S,", "name: S, name: T,", "twice"),
        ("name: S,", "name: S, colour: red,", "colour"),
        ("name: S,", "name: S, transport: udp,", "look: none"),
        ("name: S,", "name: S, look: none,", "look: none"),
        ("name: S,", "name: &x S,", "anchor"),
        ("version: 1", "version: !!python/name:os.system", "constructor"),
        ("version: 1", "version: [", "expected"),
        ("title: {ja: あ, en: a}", "title: {ja: あ}", "title.en"),
    ],
)
def test_a_profile_with_a_fault_is_refused(before: str, after: str, fault: str) -> None:
    assert before in ROW
    with pytest.raises(DataInvalid, match=fault):
        read_profile(ROW.replace(before, after))


def test_our_profile_says_what_the_brief_of_the_guideline_needs() -> None:
    found = profile()
    groups = {group.id: group for group in found.groups}
    assert {"management", "remote_desktop", "cleartext", "file_sharing", "database", "hypervisor", "medical"} <= set(
        groups
    )
    assert [group.id for group in found.groups if OPEN not in group.forbidden_from] == ["web"]
    for port, name in [(3389, "RDP"), (5900, "VNC"), (23, "Telnet"), (445, "SMB"), (104, "DICOM"), (11112, "DICOM"),
                       (2575, "HL7 (MLLP)"), (1433, "Microsoft SQL Server")]:  # fmt: skip
        service = found.service(port)
        assert service is not None and service.name == name
    assert {service.name for service in found.services if service.transport == "udp"} == {"SNMP", "TFTP", "IPMI"}
    assert {service.cleartext for service in found.services if service.name == "Telnet"} == {Cleartext.ALWAYS}
    assert read_profile(PROFILE.read_text(encoding="utf8")) == found


def test_the_places_are_those_of_the_estate() -> None:
    assert [place.value for place in Vantage] == [choice.value for choice in Exposure]
    assert Endpoint._meta.get_field("exposure").choices == Exposure.choices


# Who may sweep what

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = AddressRange(ip_network("10.1.0.0/16"), "office")
THEATRE = AddressRange(ip_network("10.1.8.0/24"), "手術室", medical=True)
PERMIT = Permit("院長 山田", "棚卸", (ip_network("10.0.0.0/8"),), NOW - HOUR, NOW + HOUR)


def planned(
    network: str, permit: Permit = PERMIT, ranges: tuple[AddressRange, ...] = (OFFICE, THEATRE)
) -> tuple[Target, ...]:
    return plan(ip_network(network), [80, 22, 22], permit, ranges, NOW)


def test_a_sweep_asks_each_address_port_by_port() -> None:
    found = planned("10.1.2.0/30")
    assert found == tuple(Target(f"10.1.2.{n}", port) for port in (22, 80) for n in (1, 2))


@pytest.mark.parametrize(
    ("network", "permit", "error"),
    [
        ("10.1.8.0/28", PERMIT, MedicalZone),
        ("10.1.8.0/22", PERMIT, MedicalZone),  # holds the zone
        ("10.0.0.0/8", PERMIT, MedicalZone),  # before anything else is wrong with it
        ("10.1.8.7/32", Permit("院長", "", (ip_network("10.1.8.7/32"),), NOW, NOW + HOUR), MedicalZone),
        ("10.1.2.0/24", Permit(" ", "", PERMIT.networks, NOW, NOW + HOUR), PermitMissing),
        ("10.1.2.0/24", Permit("院長", "", (ip_network("10.1.2.0/25"),), NOW, NOW + HOUR), PermitMissing),
        ("10.1.2.0/24", Permit("院長", "", (ip_network("fd00::/8"),), NOW, NOW + HOUR), PermitMissing),
        ("10.1.2.0/24", Permit("院長", "", PERMIT.networks, NOW - HOUR, NOW), PermitExpired),
        ("10.1.2.0/24", Permit("院長", "", PERMIT.networks, NOW + HOUR, NOW + 2 * HOUR), PermitExpired),
        ("10.2.0.0/24", PERMIT, RangeNotRegistered),
        ("10.1.16.0/20", PERMIT, RangeTooLarge),
    ],
)
def test_who_may_not(network: str, permit: Permit, error: type[SekishoError]) -> None:
    with pytest.raises(error) as caught:
        planned(network, permit)
    assert str(caught.value).strip() and "%(" not in str(caught.value)


@pytest.mark.parametrize("text", ["::ffff:10.1.8.0/120", "::ffff:10.1.8.4/127", "::ffff:10.1.0.0/112"])
def test_a_medical_zone_has_no_second_name(text: str) -> None:
    """Registered, allowed and all: the IPv6 form of its addresses is the zone."""
    network = ip_network(text)
    with pytest.raises(MedicalZone):
        plan(network, [80], Permit("x", "", (network,), NOW, NOW + HOUR), [AddressRange(network, "6"), THEATRE], NOW)


@pytest.mark.parametrize("text", ["::ffff:10.2.8.0/120", "64:ff9b::a01:800/120", "2002:a01:800::/120", "8.8.8.0/28"])
def test_no_addresses_but_ones_own_are_planned(text: str) -> None:
    network = ip_network(text)
    with pytest.raises(RangeNotOwn):
        plan(network, [80], Permit("x", "", (network,), NOW, NOW + HOUR), [AddressRange(network, "x"), THEATRE], NOW)


def test_the_largest_sweep() -> None:
    assert len({target.host for target in planned("10.1.16.0/22")}) == LARGEST - 2
    with pytest.raises(RangeTooLarge):
        plan(ip_network("fd00::/64"), [80], Permit("x", "", (ip_network("fd00::/8"),), NOW, NOW + HOUR),
             [AddressRange(ip_network("fd00::/8"), "v6")], NOW)  # fmt: skip


@settings(deadline=None)
@given(st.integers(0, 2**16 - 1), st.integers(16, 32))
def test_no_address_of_a_medical_zone_is_ever_planned(number: int, prefix: int) -> None:
    network = ip_network((int(OFFICE.network.network_address) + number, prefix), strict=False)
    try:
        found = plan(network, [80], PERMIT, [OFFICE, THEATRE], NOW)
    except SekishoError:
        return
    assert not [target for target in found if ip_network(target.host).subnet_of(THEATRE.network)]


def test_ports_are_ports() -> None:
    with pytest.raises(InvalidInput):
        plan(ip_network("10.1.2.0/30"), [0], PERMIT, [OFFICE], NOW)


def test_a_sweep_leaves_fragile_ports_alone() -> None:
    assert not {104, 11112, 2575, 9100, 515} & set(default_ports(profile())) and 3389 in default_ports(profile())
