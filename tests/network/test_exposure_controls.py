"""What the looks come to: about endpoints, systems, lines and the facility, each place judged by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import close_entry
from sekisho.kernel import clock
from sekisho.kernel.clock import FixedClock
from sekisho.kernel.declarations import Control, Finding, Outcome
from sekisho.kernel.ports import SubjectKind
from sekisho.network.commands.answers import plain
from sekisho.network.controls import exposure, unregistered_devices
from sekisho.network.models import Probe, RegisteredRange, RequestedSweep, SweepState, Zone
from sekisho.network.queries.exposure import host_states, open_rows
from sekisho.network.rules.bundle import Bundle
from sekisho.network.rules.exposure_profile import Vantage
from sekisho.network.rules.looks import OpenPort, Restricted
from sekisho.network.rules.swept import Answering, SweepLook, write_sweep
from sekisho.network.services.bundles import BundleFile, import_bundles
from sekisho.network.services.ranges import close_range
from sekisho.network.services.sightings import Seen, keep_sightings
from sekisho.network.services.sweeps import request_sweep
from sekisho.network.services.tickets import issue_ticket
from tests.network import exposure as here
from tests.network.exposure import JOB, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
ROUTER, EMR = "203.0.113.5", "192.168.1.10"
PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


def about(control: Control, subject: object) -> Finding:
    """Return the finding about an entry of the estate, or about an endpoint by its address."""
    (found,) = [one for one in control.check() if subject in {one.subject.label, one.subject.id}]
    return found


def outcome(entry: Entry, control: Control = exposure.control) -> Outcome:
    return about(control, str(entry.pk)).outcome


@pytest.fixture
def clinic() -> dict[str, Entry]:
    """A router that faces the internet over a VPN line, and a record system on the LAN."""
    made = {"facility": here.facility(), "router": here.system("ルーター"), "emr": here.system("電子カルテ")}
    made |= {"vpn": here.line("保守回線", "ipsec_ikev2"), "lan": here.line("院内LAN")}
    made["door"] = here.endpoint(made["router"], ROUTER, 4500, made["vpn"], "open", "other")
    made["page"] = here.endpoint(made["emr"], EMR, 443, made["lan"])
    return made


def look_at_all(emr: tuple[int, ...] = (443,), door: tuple[int, ...] = (4500,)) -> None:
    """Look from inside at both hosts, and from outside at the router."""
    here.see(here.look(EMR, emr))
    here.see(here.look(ROUTER, (4500,)))
    here.see(here.look(ROUTER, door, Vantage.OPEN))


def test_all_looked_at_and_nothing_wrong(clinic: dict[str, Entry]) -> None:
    """The record system is proven by the facility's only door: nothing there leads on."""
    look_at_all()
    assert {name: outcome(entry) for name, entry in clinic.items()} == dict.fromkeys(clinic, PASS)


def test_before_anybody_looked_nothing_is_known(clinic: dict[str, Entry]) -> None:
    assert {outcome(entry) for entry in clinic.values()} == {UNKNOWN}


def test_an_endpoint_that_faces_outside_takes_a_look_from_there(clinic: dict[str, Entry]) -> None:
    """At this very port, and each sentence speaks of the places that were looked from and of no other."""
    door, page = f"{ROUTER}:4500", f"{EMR}:443"
    here.see(here.look(EMR, (443,)), timedelta(hours=1))
    here.see(here.look(ROUTER, (4500,)), timedelta(hours=1))
    finding = about(exposure.control, door)
    assert (finding.outcome, "was not looked at from outside" in finding.message.msgid) == (UNKNOWN, True)
    here.see(here.look(ROUTER, (), Vantage.OPEN, ports=(22, 443)), timedelta(minutes=1))
    assert about(exposure.control, door).outcome is UNKNOWN
    here.see(here.look(ROUTER, (4500,), Vantage.OPEN))
    assert about(exposure.control, door).outcome is PASS
    assert "from inside or outside" in about(exposure.control, door).message.msgid
    inside = about(exposure.control, page)
    assert (inside.outcome, inside.message.msgid) == (PASS, "From inside, nothing is reachable that must not be.")


@pytest.mark.failing_fixture("network.exposure")
def test_an_unregistered_port_fails_its_host_and_no_other(clinic: dict[str, Entry]) -> None:
    """Telnet on the record system's server: its page is as it should be, the system, its line and the facility not."""
    look_at_all(emr=(443, here.TELNET))
    found = {name: outcome(entry) for name, entry in clinic.items()}
    assert {name for name, said in found.items() if said is FAIL} == {"emr", "lan", "facility"}
    assert {name for name, said in found.items() if said is PASS} == {"router", "vpn", "door", "page"}
    finding = about(exposure.control, str(clinic["lan"].pk))
    assert finding.facts["host"] == EMR
    remarks = finding.facts["remarks"]
    assert isinstance(remarks, list)
    assert {remark["code"] for remark in remarks} == {"exposure.not_registered"}  # the bare look said TLS


def test_a_look_from_inside_says_nothing_about_outside(clinic: dict[str, Entry]) -> None:
    """However sound everything in here looks, what faces outside and what lies behind it cannot be told."""
    here.see(here.look(EMR, (443,)))
    here.see(here.look(ROUTER, (4500,)))
    for name in ("vpn", "router", "lan", "emr", "facility"):
        finding = about(exposure.control, str(clinic[name].pk))
        assert finding.outcome is UNKNOWN, name
        assert "was not looked at from outside" in finding.message.msgid
        assert finding.message.params["host"] == ROUTER


def test_without_a_registered_door_outside_cannot_be_told() -> None:
    """And the finding says what to register."""
    emr = here.system("電子カルテ")
    here.endpoint(emr, EMR, 443)
    here.see(here.look(EMR, (443,)))
    finding = about(exposure.control, str(emr.pk))
    assert (finding.outcome, "No address that faces outside" in finding.message.msgid) == (UNKNOWN, True)


@pytest.mark.failing_fixture("network.exposure")
def test_a_management_port_open_to_the_internet_fails_even_if_registered(clinic: dict[str, Entry]) -> None:
    """The router and its line; where it leads from there cannot be told for the others."""
    here.endpoint(clinic["router"], ROUTER, 22, clinic["vpn"], "open", "ssh")
    here.see(here.look(EMR, (443,)))
    here.see(here.look(ROUTER, (22, 4500)))
    here.see(here.look(ROUTER, (22, 4500), Vantage.OPEN))
    assert [outcome(clinic[name]) for name in ("router", "vpn", "emr", "lan")] == [FAIL, FAIL, UNKNOWN, UNKNOWN]
    assert "over an open network" in about(exposure.control, str(clinic["vpn"].pk)).message.msgid


def test_what_is_meant_for_inside_and_answers_outside_fails(clinic: dict[str, Entry]) -> None:
    here.endpoint(clinic["router"], ROUTER, 8443, clinic["vpn"], "internal")
    look_at_all(door=(4500, 8443))
    assert outcome(clinic["vpn"]) is FAIL
    assert about(exposure.control, f"{ROUTER}:8443").outcome is FAIL
    assert about(exposure.control, f"{ROUTER}:4500").outcome is PASS


def test_a_look_from_a_secure_network_is_judged_by_itself(clinic: dict[str, Entry]) -> None:
    """It can fail a host, and never stands in for a look from the internet."""
    here.see(here.look(EMR, (443,)))
    here.see(here.look(ROUTER, (4500,)))
    here.see(here.look(ROUTER, (4500,), Vantage.SECURE))
    assert outcome(clinic["vpn"]) is UNKNOWN
    here.see(here.look(EMR, (443,), Vantage.SECURE))
    assert outcome(clinic["lan"]) is FAIL


def test_a_few_ports_from_outside_prove_nothing_of_the_others(clinic: dict[str, Entry]) -> None:
    here.see(here.look(EMR, (443,)))
    here.see(here.look(ROUTER, (4500,)))
    here.see(here.look(ROUTER, (4500,), Vantage.OPEN, ports=(22, 443)))
    assert outcome(clinic["vpn"]) is UNKNOWN


def test_a_look_that_was_carried_here_for_an_endpoint_counts(clinic: dict[str, Entry], at_nine: FixedClock) -> None:
    """It is kept under the endpoint; a look at another host under its id does not count."""
    here.see(here.look(EMR, (443,)))
    here.see(here.look(ROUTER, (4500,)))
    here.see(here.look("198.51.100.7", (), Vantage.OPEN), subject=str(clinic["door"].pk))
    assert outcome(clinic["vpn"]) is UNKNOWN
    at_nine.moment += timedelta(hours=1)
    here.see(here.look(ROUTER, (4500,), Vantage.OPEN), subject=str(clinic["door"].pk))
    assert outcome(clinic["vpn"]) is PASS


def test_a_finding_is_as_old_as_its_oldest_look(clinic: dict[str, Entry]) -> None:
    here.see(here.look(EMR, (443,)))
    here.see(here.look(ROUTER, (4500,)), timedelta(hours=1))
    here.see(here.look(ROUTER, (4500,), Vantage.OPEN), timedelta(days=6))
    for name in ("vpn", "lan", "facility"):
        assert about(exposure.control, str(clinic[name].pk)).observed_at == clock.now() - timedelta(days=6)
    assert about(exposure.control, f"{EMR}:443").observed_at == clock.now()


def test_medical_devices_are_not_looked_over_and_so_cannot_be_told(
    clinic: dict[str, Entry], at_nine: FixedClock
) -> None:
    look_at_all()
    at_nine.moment += timedelta(hours=1)
    here.see(here.look(EMR, (443,), ports=(443,), restricted=Restricted.MEDICAL))
    finding = about(exposure.control, str(clinic["emr"].pk))
    assert (finding.outcome, "medical devices" in finding.message.msgid) == (UNKNOWN, True)
    assert outcome(clinic["page"]) is PASS


def test_a_cloud_service_is_proven_from_outside() -> None:
    """Inside and outside see the same host; it is no door of the facility."""
    cloud, emr = here.system("予約", "cloud"), here.system("電子カルテ")
    here.endpoint(cloud, ROUTER, 443, exposure="open")
    here.endpoint(emr, EMR, 443)
    here.see(here.look(ROUTER, (443,), ports=(443,), restricted=Restricted.CLOUD))
    here.see(here.look(EMR, (443,)))
    assert outcome(cloud) is UNKNOWN
    here.see(here.look(ROUTER, (443,), Vantage.OPEN))
    assert (outcome(cloud), outcome(emr)) == (PASS, UNKNOWN)


def test_without_endpoints_nothing_is_known(clinic: dict[str, Entry]) -> None:
    look_at_all()
    bare = (here.system("会計"), here.line("電話", "leased"))
    assert [outcome(entry) for entry in bare] == [UNKNOWN, UNKNOWN]
    for entry in ("door", "page"):
        row = clinic[entry]
        close_entry(actor=OPERATOR, ledger=ledgers.ENDPOINTS, entry_id=row.pk, version=row.version, reason="廃止")
    assert outcome(clinic["facility"]) is UNKNOWN
    assert open_rows(host_states()) == []


# Devices that nobody registered

STRANGER = Answering("192.168.1.77", (OpenPort(23, "192.168.1.77", "login: "),))
KNOWN = Answering(EMR, (OpenPort(443, EMR),))


def swept(
    found: RegisteredRange,
    *answering: Answering,
    asked: int = 254,
    refusing: tuple[str, ...] = (),
    age: timedelta = timedelta(0),
) -> None:
    """Keep a sweep as if it had been done so long ago."""
    here.permit(found)
    row = request_sweep(actor=OPERATOR, range_id=found.pk)
    at = clock.now() - age
    RequestedSweep.objects.filter(pk=row.pk).update(
        state=SweepState.DONE, asked=asked, planned=254, started_at=at, requested_at=at, ended_at=at
    )
    look = SweepLook(found.network, Vantage.INTERNAL, (22, 23, 443), 254, asked, "done", answering, refusing)
    keep_sightings(actor=JOB, probe=Probe.SWEEP, seen=[Seen(str(row.pk), str(found), at, write_sweep(look))])


@pytest.mark.failing_fixture("network.unregistered_devices")
def test_a_stranger_in_the_range_fails_its_line_until_it_is_registered(clinic: dict[str, Entry]) -> None:
    """Judged by what is registered now, without another sweep."""
    swept(here.address_range("192.168.1.0/24", over=clinic["lan"]), KNOWN, STRANGER)
    finding = about(unregistered_devices.control, str(clinic["lan"].pk))
    assert (finding.outcome, finding.message.params["address"]) == (FAIL, "192.168.1.77")
    assert outcome(clinic["vpn"], unregistered_devices.control) is UNKNOWN
    here.endpoint(clinic["emr"], "192.168.1.77", 23, clinic["lan"])
    assert outcome(clinic["lan"], unregistered_devices.control) is PASS
    assert outcome(clinic["facility"], unregistered_devices.control) is PASS


@pytest.mark.parametrize("case", ["early", "refusing", "silent", "never", "medical"])
def test_what_a_sweep_cannot_tell(clinic: dict[str, Entry], case: str) -> None:
    zone = Zone.MEDICAL if case == "medical" else Zone.GENERAL
    found = here.address_range("192.168.1.0/24", zone, clinic["lan"])
    match case:
        case "early":
            swept(found, KNOWN, asked=100)
        case "refusing":
            swept(found, KNOWN, refusing=("192.168.1.88",))
        case "silent":
            swept(found)
    for name in ("lan", "facility"):
        assert outcome(clinic[name], unregistered_devices.control) is UNKNOWN


def test_every_range_of_a_line_counts_and_the_newest_sweep_of_each(clinic: dict[str, Entry]) -> None:
    """As old as the oldest of them; a closed range counts no more."""
    first = here.address_range("192.168.1.0/24", over=clinic["lan"])
    swept(first, KNOWN, STRANGER, age=timedelta(days=5))
    swept(first, KNOWN, age=timedelta(days=3))
    assert about(unregistered_devices.control, str(clinic["lan"].pk)).observed_at == clock.now() - timedelta(days=3)
    assert outcome(clinic["lan"], unregistered_devices.control) is PASS
    second = here.address_range("192.168.2.0/24", over=clinic["lan"])
    assert outcome(clinic["lan"], unregistered_devices.control) is UNKNOWN
    close_range(actor=OPERATOR, range_id=second.pk, reason="廃止")
    assert outcome(clinic["lan"], unregistered_devices.control) is PASS


def test_an_address_that_a_registered_name_leads_to_is_no_stranger(clinic: dict[str, Entry]) -> None:
    """As the last look at the name found it."""
    here.endpoint(clinic["emr"], "nas.example.jp", 445, clinic["lan"])
    swept(here.address_range("192.168.1.0/24", over=clinic["lan"]), KNOWN, STRANGER)
    assert outcome(clinic["lan"], unregistered_devices.control) is FAIL
    look = here.look("192.168.1.77", (445,))
    here.see(type(look)("nas.example.jp", Vantage.INTERNAL, look.open, look.others, ("192.168.1.77",)))
    assert outcome(clinic["lan"], unregistered_devices.control) is PASS


@pytest.mark.failing_fixture("network.exposure")
def test_a_look_that_was_carried_here_hides_nothing(clinic: dict[str, Entry], at_nine: FixedClock) -> None:
    """What either look from inside found open is open, whichever is newer; an old one that was carried here fades."""
    look_at_all(emr=(443, here.TELNET))
    at_nine.moment += timedelta(hours=1)
    here.see(here.look(EMR, (443,)), subject=str(clinic["page"].pk))
    assert outcome(clinic["emr"]) is FAIL
    at_nine.moment += timedelta(hours=1)
    here.see(here.look(EMR, (443, here.TELNET)), subject=str(clinic["page"].pk))
    at_nine.moment += timedelta(hours=1)
    look_at_all()
    assert outcome(clinic["emr"]) is FAIL
    at_nine.moment += timedelta(days=8)
    look_at_all()
    assert outcome(clinic["emr"]) is PASS


@pytest.mark.failing_fixture("network.unregistered_devices")
@pytest.mark.parametrize("case", ["carried", "old", "ahead"])
def test_who_carries_looks_here_cannot_name_a_stranger(clinic: dict[str, Entry], case: str) -> None:
    """Only this machine's own look of late says where a registered name leads."""
    here.endpoint(clinic["emr"], "nas.example.jp", 445, clinic["lan"])
    swept(here.address_range("192.168.1.0/24", over=clinic["lan"]), KNOWN, STRANGER)
    look = replace(here.look("192.168.1.77", (445,)), host="nas.example.jp", port=445)
    if case == "carried":
        ticket = issue_ticket(actor=OPERATOR, vantage="internal", days=1)
        seen = Bundle(ticket.id, "exposure", "nas.example.jp:445", clock.now(), "0.1", plain(look))
        file = BundleFile("seen.json", seen.signed(ticket).to_bytes())
        import_bundles(actor=OPERATOR, files=[file])
    else:
        here.see(look, timedelta(days=32 if case == "old" else -1))
    assert outcome(clinic["lan"], unregistered_devices.control) is FAIL


def test_both_controls_say_which_kinds_they_speak_of(clinic: dict[str, Entry]) -> None:
    look_at_all()
    kinds = {control.id: {found.subject.kind for found in control.check()} for control in (
        exposure.control, unregistered_devices.control)}  # fmt: skip
    assert kinds == {
        "network.exposure": {SubjectKind.ENDPOINT, SubjectKind.SYSTEM, SubjectKind.LINK, SubjectKind.FACILITY},
        "network.unregistered_devices": {SubjectKind.LINK, SubjectKind.FACILITY},
    }


def test_a_front_that_is_sound_does_not_speak_for_what_stands_behind_it(clinic: dict[str, Entry]) -> None:
    """A system with a page outside and a database inside needs every door of the facility seen."""
    look_at_all()
    front = here.endpoint(clinic["emr"], "203.0.113.6", 443, clinic["vpn"], "open")
    here.see(here.look("203.0.113.6", (443,)))
    here.see(here.look("203.0.113.6", (443,), Vantage.OPEN))
    assert outcome(clinic["emr"]) is PASS
    other = here.endpoint(here.system("予備"), "203.0.113.7", 443, exposure="open")
    here.see(here.look("203.0.113.7", (443,)))
    assert [outcome(one) for one in (clinic["emr"], clinic["router"], front)] == [UNKNOWN, PASS, PASS]
    assert other


def test_a_name_with_a_public_address_faces_outside(clinic: dict[str, Entry]) -> None:
    """Whatever exposure was entered for it."""
    look_at_all()
    portal = here.system("予約")
    here.endpoint(portal, "yoyaku.example.jp", 443)
    look = here.look("yoyaku.example.jp", (443,))
    here.see(replace(look, addresses=("1.1.1.1",)))
    finding = about(exposure.control, str(portal.pk))
    assert (finding.outcome, finding.message.params["host"]) == (UNKNOWN, "yoyaku.example.jp")
