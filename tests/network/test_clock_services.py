"""Time sources and the hourly round: who is asked, how often, and what is kept."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry, close_entry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.errors import Forbidden, NotFound
from sekisho.kernel.wording import InvisibleCharacters
from sekisho.network.errors import TimeSourceInvalid, TimeSourceKnown, TooManyTimeSources
from sekisho.network.jobs import clocks as job
from sekisho.network.models import NewestSighting, Probe, Sighting, TimeSource
from sekisho.network.queries import clock_doors, ntp
from sekisho.network.queries.clocks import host_clocks, read_clocks, time_sources
from sekisho.network.rules.reading_documents import document, host_reading, offset_in, source_reading
from sekisho.network.rules.readings import Answer, HostReading, Method, SourceReading
from sekisho.network.rules.time_source import NoHost, host_name
from sekisho.network.services.clocks import MOST_SOURCES, add_time_source, observe_clocks, remove_time_source
from sekisho.register.queries import history
from tests.conftest import actor_with
from tests.network.daemons import free_port
from tests.network.listeners import PATIENCE, TimeServer
from tests.network.servers import LOOPBACK

JOB = platform("job")
QUICK = ntp.Asking(samples=1, timeout=PATIENCE, gap=0.0)


# The address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ntp.nict.jp", "ntp.nict.jp"),
        ("  NTP.NICT.JP. ", "ntp.nict.jp"),
        ("ｎｔｐ．ｎｉｃｔ．ｊｐ", "ntp.nict.jp"),
        ("192.168.1.1", "192.168.1.1"),
        ("１９２．１６８．１．１", "192.168.1.1"),
        ("FD00:0:0::1", "fd00::1"),
        ("[fd00::1]", "fd00::1"),
        ("dc01", "dc01"),
        ("時計.example.jp", "xn--kjv590f.example.jp"),
    ],
)
def test_an_address_has_one_form(typed: str, kept: str) -> None:
    assert host_name(typed) == kept
    assert host_name(kept) == kept


NO_ADDRESSES = (
    "", " ", "http://ntp.nict.jp", "ntp.nict.jp/", "ntp.nict.jp:123", "a b", "192.168.1", "256.1.1.1", "a..b", "-a.jp",
    "a@b", "x" * 64, ".".join(["a" * 60] * 5), "\ud800",
)  # fmt: skip


@pytest.mark.parametrize("typed", NO_ADDRESSES)
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(NoHost):
        host_name(typed)


@given(st.text(max_size=80))
def test_any_text_is_a_host_or_none(typed: str) -> None:
    """And what was taken is taken again as it is."""
    try:
        kept = host_name(typed)
    except NoHost:
        return
    assert host_name(kept) == kept and kept.isascii() and "/" not in kept


@pytest.mark.parametrize("reading", [
    SourceReading("ntp:123", Answer.TIME, -0.25, 0.01, "", {"samples": {"time": 4}, "leap": 0}),
    SourceReading("ntp:123", Answer.KISS, detail="RATE"),
])  # fmt: skip
def test_a_reading_of_a_source_survives_storage(reading: SourceReading) -> None:
    stored = json.dumps(document(reading))
    assert source_reading(stored) == reading and offset_in(stored) == reading.offset


def test_a_reading_of_a_host_survives_storage() -> None:
    reading = HostReading("pacs", Method.SMB2, Answer.TIME, 0.5, 0.016, "", {"dialect": "0x0302"})
    assert host_reading(json.dumps(document(reading))) == reading


# Sources


@pytest.mark.django_db
def test_a_source_is_added_asked_and_removed(operator: Actor) -> None:
    """The row stays when it is removed, and so does what it said; then the same may be added anew."""
    with TimeServer(0.5).running() as port:
        source = add_time_source(actor=operator, host=LOOPBACK, port=port, note="ルータ")
        assert observe_clocks(actor=JOB, asking=QUICK) == 1
        (read,) = read_clocks().sources
        assert read.reading is not None and read.reading.answer is Answer.TIME and (read.reading.offset or 0) > 0.4
        remove_time_source(actor=operator, source_id=source.pk)
        assert observe_clocks(actor=JOB, asking=QUICK) == 0
    assert (list(time_sources()), TimeSource.objects.count(), Sighting.objects.count()) == ([], 1, 1)
    assert [event.document["action"] for event in history("time_source", str(source.pk))] == [
        "time_source.remove",
        "time_source.add",
    ]
    add_time_source(actor=operator, host=LOOPBACK, port=port)
    with pytest.raises(NotFound):
        remove_time_source(actor=operator, source_id=source.pk)


@pytest.mark.django_db
def test_who_may_name_a_source(operator: Actor) -> None:
    source = add_time_source(actor=operator, host="ntp.example.jp")
    for stranger in (actor_with(Role.STAFF), actor_with(Role.AUDITOR), JOB):
        with pytest.raises(Forbidden):
            add_time_source(actor=stranger, host="other.example.jp")
        with pytest.raises(Forbidden):
            remove_time_source(actor=stranger, source_id=source.pk)
    with pytest.raises(Forbidden):
        observe_clocks(actor=actor_with(Role.AUDITOR))


@pytest.mark.django_db
def test_what_is_refused(operator: Actor) -> None:
    add_time_source(actor=operator, host="ntp.example.jp")
    with pytest.raises(TimeSourceKnown):
        add_time_source(actor=operator, host="NTP.example.jp.")
    for host, port, note in (("https://ntp", 123, ""), ("ntp", 0, ""), ("ntp", 65_536, ""), ("ntp", 123, "x" * 201)):
        with pytest.raises(TimeSourceInvalid):
            add_time_source(actor=operator, host=host, port=port, note=note)
    with pytest.raises(InvisibleCharacters):
        add_time_source(actor=operator, host="ntp", note="\u202eabc")
    for number in range(MOST_SOURCES - 1):
        add_time_source(actor=operator, host=f"ntp{number}.example.jp")
    with pytest.raises(TooManyTimeSources):
        add_time_source(actor=operator, host="one-more.example.jp")
    with pytest.raises(NotFound):
        remove_time_source(actor=operator, source_id=uuid4())


# Hosts


@pytest.fixture
def system(operator: Actor) -> Entry:
    """A system without endpoints."""
    return add_entry(actor=operator, ledger=ledgers.SYSTEMS, values={"name": "電カル", "kind": "emr", "form": "cloud"})


def endpoint(system: Entry, host: str, port: int, protocol: str) -> Entry:
    """Register an endpoint inside."""
    values = {"system": system, "host": host, "port": port, "protocol": protocol, "exposure": "internal"}
    return add_entry(actor=actor_with(Role.SYSTEM_OPERATOR), ledger=ledgers.ENDPOINTS, values=values)


@pytest.mark.django_db
def test_a_host_is_asked_once_for_each_way(system: Entry) -> None:
    """However it is written and however many doors lead to it; what cannot tell the time is not asked."""
    doors = (("EHR.example.jp", 443, "https"), ("ehr.example.jp", 80, "http"), ("ehr.example.jp", 445, "smb"))
    for door in (*doors, ("ehr.example.jp", 3389, "rdp"), ("ntp.example.jp", 123, "ntp")):
        endpoint(system, *door)
    assert [(one.host, one.method, one.doors) for one in host_clocks()] == [
        ("ehr.example.jp", Method.HTTP_DATE, ((80, "http"), (443, "https"))),
        ("ehr.example.jp", Method.SMB2, ((445, "smb"),)),
        ("ntp.example.jp", Method.NTP, ((123, "ntp"),)),
    ]
    assert len({one.subject_id for one in host_clocks()}) == 3
    assert all(one.systems == {str(system.pk)} and len(one.subject_id) <= 64 for one in host_clocks())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int, str]]]:
    """What was asked, while nothing is."""
    places: list[tuple[str, int, str]] = []

    def ask(host: str, port: int, protocol: str, _asking: object = None) -> HostReading:
        places.append((host, port, protocol))
        told = Answer.TIME if port == 443 else Answer.REFUSED
        return HostReading(host, Method.HTTP_DATE, told, *((0.0, 0.5) if told is Answer.TIME else ()))

    monkeypatch.setattr("sekisho.network.queries.clocks.ask_door", ask)
    return places


@pytest.mark.django_db
def test_the_doors_of_a_host_are_tried_until_one_tells(system: Entry, asked: list[tuple[str, int, str]]) -> None:
    """Registered ones only, and nothing of it is kept twice."""
    for port, protocol in ((80, "http"), (443, "https"), (8443, "https")):
        endpoint(system, "ehr.example.jp", port, protocol)
    other = add_entry(
        actor=actor_with(Role.SYSTEM_OPERATOR),
        ledger=ledgers.SYSTEMS,
        values={"name": "予約", "kind": "other", "form": "cloud"},
    )
    endpoint(other, "ehr.example.jp", 9443, "https")
    assert observe_clocks(actor=JOB) == 1
    assert asked == [("ehr.example.jp", 80, "http"), ("ehr.example.jp", 443, "https")]
    (read,) = read_clocks().hosts
    assert read.reading is not None and read.reading.answer is Answer.TIME
    assert read.clock.systems == {str(system.pk), str(other.pk)}


@pytest.mark.django_db
def test_only_what_is_registered_and_open_is_contacted(operator: Actor, system: Entry) -> None:
    """A closed endpoint, a removed source, and a server nobody named are left alone."""
    servers = [TimeServer() for _number in range(4)]
    with servers[0].running() as a, servers[1].running() as b, servers[2].running() as c, servers[3].running():
        add_time_source(actor=operator, host=LOOPBACK, port=a)
        gone = add_time_source(actor=operator, host=LOOPBACK, port=b)
        remove_time_source(actor=operator, source_id=gone.pk)
        closed = endpoint(system, LOOPBACK, c, "ntp")
        close_entry(actor=operator, ledger=ledgers.ENDPOINTS, entry_id=closed.pk, version=1, reason="撤去")
        assert observe_clocks(actor=JOB, asking=QUICK) == 1
    assert [len(server.questions) for server in servers] == [1, 0, 0, 0]


@pytest.mark.django_db
def test_silence_is_kept_too(operator: Actor, system: Entry) -> None:
    """Nobody listens: that is what was seen."""
    add_time_source(actor=operator, host=LOOPBACK, port=free_port())
    endpoint(system, LOOPBACK, free_port(), "ntp")
    assert observe_clocks(actor=JOB, asking=QUICK) == 2
    read = read_clocks()
    assert {one.reading.answer for one in (*read.sources, *read.hosts) if one.reading} == {Answer.REFUSED}
    assert NewestSighting.objects.filter(probe=Probe.CLOCKS).count() == 2


def test_every_way_has_its_asker() -> None:
    """An endpoint that counts as telling the time can be asked; nobody listens here."""
    port = free_port()
    for protocol, method in (
        ("ntp", Method.NTP),
        ("smb", Method.SMB2),
        ("http", Method.HTTP_DATE),
        ("https", Method.HTTP_DATE),
    ):
        said = clock_doors.ask_door(LOOPBACK, port, protocol, QUICK)
        assert (said.method, said.answer) == (method, Answer.REFUSED)


def test_the_round_is_hourly_and_apart() -> None:
    """It waits on the network, so it must not hold up the worker."""
    assert job.apart and job.every.total_seconds() == 3600
