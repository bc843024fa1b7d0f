"""One subject that cannot be judged: its own finding says why, and nobody else's changes."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.canonical import canonical_json
from sekisho.kernel.declarations import Control, Finding, Outcome
from sekisho.kernel.errors import Forbidden, NotFound
from sekisho.kernel.ports import SubjectKind
from sekisho.network.controls import (
    clocks,
    device_configuration,
    exposure,
    mutual_tls,
    platform_clock,
    tls,
    tls_certificates,
    tls_ciphers,
    unregistered_devices,
)
from sekisho.network.models import (
    KeptConfiguration,
    Probe,
    RegisteredRange,
    RequestedLook,
    RequestedSweep,
    Sighting,
    Vantage,
)
from sekisho.network.queries.clocks import history, host_clocks
from sekisho.network.queries.exposure import host_states, kept_looks, known_addresses
from sekisho.network.rules import exposed
from sekisho.network.rules.looks import host_id
from sekisho.network.rules.observation import Attempt, Ending, Glance, MutualObservation, Observation, Version, Way
from sekisho.network.rules.reading_documents import document
from sekisho.network.rules.readings import Answer, HostReading, Method, SourceReading
from sekisho.network.rules.swept import SweepLook, write_sweep
from sekisho.network.services.clocks import add_time_source
from sekisho.network.services.exposure import observe_requested, request_look
from sekisho.network.services.sightings import Seen, keep_sightings
from sekisho.network.services.sweeps import request_sweep
from sekisho.network.services.tls import look_at_tls
from sekisho.register.models import Event
from tests.conftest import actor_with
from tests.network import exposure as here
from tests.network.exposure import FAST, JOB, OPERATOR
from tests.network.listeners import Listener, says
from tests.network.network_devices import add_link, device_for, hand_in, router
from tests.network.test_controls import INSISTS, see
from tests.network.test_tls_judge import GOOD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
SignedIn = Callable[..., Client]
ALTERED, BROKE_OFF, UNREADABLE = "The evidence was altered", "Judging this broke off", "cannot be read any more"


def tamper(table: str, change: str, *values: Any) -> None:
    """Change evidence as somebody would who owns the database: the triggers are taken away first."""
    with connection.cursor() as cursor:
        on = f" ON {table}" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_update{on}")
        cursor.execute(f"UPDATE {table} {change}", values)


def alter(probe: Probe, subject: str, text: str | None = None) -> None:
    """Change what was seen and leave its hash; by default in a way that says the same."""
    found = Sighting.objects.filter(probe=probe, subject_id=subject).latest("observed_at")
    changed = text if text is not None else f"{found.document} "
    tamper("network_sighting", "SET document = %s WHERE sha256 = %s", changed, found.sha256)


def outgrow(probe: Probe, subject: str, text: str) -> None:
    """Let a document be of a form that is read no more, with its right hash."""
    found = Sighting.objects.filter(probe=probe, subject_id=subject).latest("observed_at")
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    tamper("network_sighting", "SET document = %s, sha256 = %s WHERE sha256 = %s", text, sha256, found.sha256)


def by_label(control: Control) -> dict[str, Finding]:
    return {found.subject.label: found for found in control.check()}


def words(found: Finding) -> str:
    return str(found.message)


# TLS and client certificates


@pytest.fixture
def pair() -> tuple[Entry, Entry]:
    """Two endpoints of two systems, on two lines, both sound."""
    made = []
    for name in ("a", "b"):
        link = here.line(name, "open_tls13_mtls")
        of = here.system(name)
        made.append(here.endpoint(of, f"{name}.example.jp", 443, link, exposure="open"))
    return made[0], made[1]


def sound(entry: Entry, probe: Probe) -> Any:
    host: str = entry.host  # type: ignore[attr-defined]
    if probe is Probe.MUTUAL_TLS:
        return replace(INSISTS, host=host, server_name=host)
    leaf = replace(GOOD.chains[0][0], names=(f"DNS:{host}",))  # type: ignore[index]
    return replace(GOOD, host=host, server_name=host, chains=((leaf, *GOOD.chains[0][1:]),))  # type: ignore[index]


JUDGES = {tls: Probe.TLS, tls_ciphers: Probe.TLS, tls_certificates: Probe.TLS, mutual_tls: Probe.MUTUAL_TLS}


def of(control: Control, *entries: Entry) -> list[Finding]:
    """Return the findings about these endpoints, in their order."""
    found = {one.subject.id: one for one in control.check()}
    return [found[str(entry.pk)] for entry in entries]


@pytest.mark.parametrize(("module", "probe"), JUDGES.items(), ids=lambda value: getattr(value, "__name__", value))
def test_an_altered_look_is_an_error_of_its_endpoint_alone(
    pair: tuple[Entry, Entry], module: Any, probe: Probe
) -> None:
    """Whatever it says now, and although it says the same: it proves nothing, for its line too."""
    for entry in pair:
        see(entry, probe, sound(entry, probe))
    assert [one.outcome for one in of(module.control, *pair)] == [Outcome.PASS, Outcome.PASS]
    alter(probe, str(pair[0].pk))
    bad, good = of(module.control, *pair)
    assert (bad.outcome, good.outcome, bad.observed_at) == (Outcome.ERROR, Outcome.PASS, clock.now())
    assert ALTERED in words(bad)
    lines = [one.outcome for one in module.control.check() if one.subject.kind is SubjectKind.LINK]
    assert sorted(lines) == ["error", "pass"]


@pytest.mark.parametrize("text", ["", "[]", "{}", "no JSON", '{"host": 1}'])
def test_a_look_in_another_form_is_an_error_of_its_endpoint_alone(pair: tuple[Entry, Entry], text: str) -> None:
    """Older, or damaged before it was hashed."""
    for entry in pair:
        see(entry, Probe.TLS, sound(entry, Probe.TLS))
    outgrow(Probe.TLS, str(pair[0].pk), text)
    bad, good = of(tls.control, *pair)
    assert (bad.outcome, good.outcome) == (Outcome.ERROR, Outcome.PASS)
    assert ALTERED not in words(bad)


def test_a_judge_that_raises_costs_its_own_endpoint(
    pair: tuple[Entry, Entry], monkeypatch: pytest.MonkeyPatch, signed_in: SignedIn
) -> None:
    """With the reason and the place; the page shows it."""
    for entry in pair:
        see(entry, Probe.TLS, sound(entry, Probe.TLS))
    right = tls.judge

    def picky(profile: Any, seen: Observation, *arguments: Any, **options: Any) -> Any:
        if seen.host == "a.example.jp":
            raise ZeroDivisionError("of all things")
        return right(profile, seen, *arguments, **options)

    monkeypatch.setattr(tls, "judge", picky)
    bad, good = of(tls.control, *pair)
    assert (bad.outcome, good.outcome) == (Outcome.ERROR, Outcome.PASS)
    assert "ZeroDivisionError: of all things" in words(bad)
    assert str(bad.facts["broke_off_at"]).startswith("test_unusable.py:")
    client = signed_in(Role.SYSTEM_OPERATOR)
    client.cookies["sekisho_language"] = "en"
    for address in ("/endpoints/", f"/endpoints/{pair[0].pk}/"):
        assert client.get(address).status_code == 200
    assert "of all things" in client.get(f"/endpoints/{pair[0].pk}/").text


def test_an_altered_look_hides_no_failure_beside_it(pair: tuple[Entry, Entry]) -> None:
    """And an error from inside is not turned into a mere “look from outside”."""
    entry = pair[0]
    weak = replace(sound(entry, Probe.TLS), versions={**GOOD.versions, Version.TLS10: True})
    see(entry, Probe.TLS, weak, vantage=Vantage.INTERNAL)
    see(entry, Probe.TLS, sound(entry, Probe.TLS), age=timedelta(minutes=1))
    newest = Sighting.objects.get(vantage=Vantage.OPEN)
    tamper("network_sighting", "SET document = '{}' WHERE sha256 = %s", newest.sha256)
    assert of(tls.control, entry)[0].outcome is Outcome.FAIL
    other = pair[1]
    see(other, Probe.TLS, sound(other, Probe.TLS), vantage=Vantage.INTERNAL)
    alter(Probe.TLS, str(other.pk))
    (found,) = of(tls.control, other)
    assert (found.outcome, ALTERED in words(found)) == (Outcome.ERROR, True)


@pytest.mark.parametrize("which", ["light", "whole"])
def test_an_altered_daily_look_does_not_let_the_whole_one_pass(which: str) -> None:
    """What changed since then cannot be told any more."""
    entry = here.endpoint(here.system("a"), "a.example.jp", 443)
    see(entry, Probe.TLS, sound(entry, Probe.TLS), age=timedelta(hours=2))
    chain = sound(entry, Probe.TLS).chains[0]
    glance = Glance("a.example.jp", 443, server_name="a.example.jp", reachable=True, version=Version.TLS13, chain=chain)
    see(entry, Probe.TLS_LIGHT, glance, age=timedelta(hours=1))
    assert of(tls_certificates.control, entry)[0].outcome is Outcome.PASS
    alter(Probe.TLS_LIGHT if which == "light" else Probe.TLS, str(entry.pk))
    assert of(tls_certificates.control, entry)[0].outcome is Outcome.ERROR


def test_an_altered_look_with_the_registered_certificate_speaks_for_no_other(pair: tuple[Entry, Entry]) -> None:
    """That the platform was let in with it counts for looks from elsewhere only while it is what was seen."""
    entry = pair[0]
    refuses = Attempt(Ending.ALERT, alert="certificate_required")
    carried = replace(sound(entry, Probe.MUTUAL_TLS), attempts={Way.NONE: refuses, Way.FOREIGN: refuses})
    see(entry, Probe.MUTUAL_TLS, carried)
    see(entry, Probe.MUTUAL_TLS, sound(entry, Probe.MUTUAL_TLS), timedelta(hours=1), Vantage.INTERNAL)
    assert isinstance(carried, MutualObservation)
    assert of(mutual_tls.control, entry)[0].outcome is Outcome.PASS
    inside = Sighting.objects.get(vantage=Vantage.INTERNAL)
    tamper("network_sighting", "SET document = document || ' ' WHERE sha256 = %s", inside.sha256)
    assert of(mutual_tls.control, entry)[0].outcome is Outcome.ERROR


def test_an_altered_scan_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is planned by it either."""
    entry = here.endpoint(here.system("a"), "127.0.0.1", 1)
    look_at_tls(actor=JOB)
    assert look_at_tls(actor=JOB) == 0
    alter(Probe.TLS, str(entry.pk))
    assert look_at_tls(actor=JOB) == 1


# Exposure


def two_hosts() -> tuple[Entry, Entry]:
    entries = [here.endpoint(here.system(name), host, 443) for name, host in (("a", "10.0.0.1"), ("b", "10.0.0.2"))]
    for host in ("10.0.0.1", "10.0.0.2"):
        here.see(here.look(host, [443]))
    return entries[0], entries[1]


def of_systems() -> dict[str, Finding]:
    found = exposure.control.check()
    return {one.subject.label: one for one in found if one.subject.kind is SubjectKind.SYSTEM}


@pytest.mark.parametrize("text", ["[]", "{}", "no JSON", '{"host": "10.0.0.1", "vantage": "somewhere"}'])
def test_a_host_that_cannot_be_read_is_named_and_can_be_looked_at_again(signed_in: SignedIn, text: str) -> None:
    """The page stays, the other host keeps its rows and its finding."""
    bad, good = two_hosts()
    here.facility()
    before = of_systems()["b"]
    outgrow(Probe.EXPOSURE, host_id("10.0.0.1"), text)
    found, after = of_systems()["a"], of_systems()["b"]
    assert (found.outcome, UNREADABLE in words(found)) == (Outcome.ERROR, True)
    assert (after.outcome, after.message) == (before.outcome, before.message)
    assert of(exposure.control, bad)[0].outcome is Outcome.ERROR
    assert of(exposure.control, good)[0].outcome is Outcome.PASS
    reader, operator = signed_in(Role.AUDITOR), signed_in(Role.SYSTEM_OPERATOR)
    for client in (reader, operator):
        client.cookies["sekisho_language"] = "en"
        shown = client.get("/exposure/").text
        assert "Looks that cannot be used" in shown
        assert shown.count("10.0.0.2") == 1
    assert "/exposure/look-again/" not in reader.get("/exposure/").text
    assert reader.post("/exposure/look-again/", {"host": "10.0.0.1"}).status_code == 403
    for _twice in range(2):
        assert operator.post("/exposure/look-again/", {"host": "10.0.0.1"}).status_code == 302
    assert "Another look was asked for." in operator.get("/exposure/").text
    told = [json.loads(event.entry) for event in Event.objects.filter(action="exposure.request_look")]
    assert sorted(one["outcome"] for one in told) == ["denied", "success"], "asked for once, refused once"
    assert operator.post("/exposure/look-again/", {"host": "10.9.9.9"}).status_code == 404


def test_an_altered_look_at_a_host_proves_nothing() -> None:
    two_hosts()
    alter(Probe.EXPOSURE, host_id("10.0.0.1"))
    found = of_systems()["a"]
    assert (found.outcome, ALTERED in words(found)) == (Outcome.ERROR, True)
    assert (host_id("10.0.0.1"), "internal") not in kept_looks().looks


def test_what_an_altered_look_says_of_names_is_not_believed() -> None:
    """A stranger is not called by a registered name through it."""
    here.endpoint(here.system("a"), "a.example.jp", 443)
    look = replace(here.look("a.example.jp", [443]), addresses=("10.0.0.7",))
    here.see(look)
    assert "10.0.0.7" in known_addresses()
    alter(Probe.EXPOSURE, host_id("a.example.jp"))
    assert "10.0.0.7" not in known_addresses()


def test_a_judge_that_raises_costs_its_own_host(monkeypatch: pytest.MonkeyPatch) -> None:
    two_hosts()
    right = exposed.remarks_about

    def picky(host: Any, *arguments: Any) -> Iterable[Any]:
        if host.name == "10.0.0.1":
            raise ZeroDivisionError
        return right(host, *arguments)

    monkeypatch.setattr(exposed, "remarks_about", picky)
    states = host_states()
    assert [len(state.faults) for state in states.values()] == [1, 0]
    assert {label: one.outcome for label, one in of_systems().items()} == {"a": "error", "b": "unknown"}
    assert BROKE_OFF in words(of_systems()["a"])


def test_an_unreadable_look_from_outside_is_an_error_and_hides_no_failure() -> None:
    """Nor does a sound look from inside cover it up."""
    of_open = here.endpoint(here.system("a"), "203.0.113.7", 443, exposure="open")
    here.see(here.look("203.0.113.7", [443]), age=timedelta(hours=1))
    here.see(here.look("203.0.113.7", [443], here.Vantage.OPEN), subject=str(of_open.pk))
    assert of_systems()["a"].outcome is Outcome.PASS
    outgrow(Probe.EXPOSURE, str(of_open.pk), "[]")
    assert of_systems()["a"].outcome is Outcome.ERROR
    here.see(here.look("203.0.113.7", [443, here.TELNET]))
    assert of_systems()["a"].outcome is Outcome.FAIL


def test_a_requested_look_is_taken_and_only_there() -> None:
    """By the worker; then the request is gone, and the fault with it."""
    with Listener(says(b"")).running() as port:
        here.endpoint(here.system("a"), "127.0.0.1", port)
        here.endpoint(here.system("b"), "127.0.0.2", port)
        assert observe_requested(actor=JOB, limits=FAST) == 0
        request_look(actor=OPERATOR, host="127.0.0.1")
        assert observe_requested(actor=JOB, limits=FAST) == 1
    assert list(Sighting.objects.values_list("subject_label", flat=True)) == ["127.0.0.1"]
    assert not RequestedLook.objects.exists()
    with pytest.raises(NotFound):
        request_look(actor=OPERATOR, host="10.1.1.1")
    with pytest.raises(Forbidden):
        request_look(actor=actor_with(Role.AUDITOR), host="127.0.0.1")
    with pytest.raises(Forbidden):
        observe_requested(actor=actor_with(Role.AUDITOR))


# Sweeps


def swept(found: RegisteredRange, look: SweepLook) -> RequestedSweep:
    """Return a sweep that has ended, with what it saw."""
    here.permit(found)
    row = request_sweep(actor=OPERATOR, range_id=found.pk)
    now = clock.now()
    RequestedSweep.objects.filter(pk=row.pk).update(state="done", asked=row.planned, started_at=now)
    keep_sightings(actor=JOB, probe=Probe.SWEEP, seen=[Seen(str(row.pk), str(found), now, write_sweep(look))])
    return row


def test_a_sweep_that_cannot_be_used_costs_its_own_range(signed_in: SignedIn) -> None:
    """Also on its page."""
    here.facility()
    rows = {}
    for name, network in (("a", "10.0.0.0/24"), ("b", "10.0.1.0/24")):
        link = here.line(name)
        found = here.address_range(network, over=link)
        rows[name] = swept(found, SweepLook(network, here.Vantage.INTERNAL, (22,), 254, 254, "done", (), ()))
    alter(Probe.SWEEP, str(rows["a"].pk))
    found = by_label(unregistered_devices.control)
    assert (found["a"].outcome, ALTERED in words(found["a"])) == (Outcome.ERROR, True)
    assert found["b"].outcome is Outcome.UNKNOWN
    client = signed_in(Role.SYSTEM_OPERATOR)
    client.cookies["sekisho_language"] = "en"
    assert "Sweep the range again." in client.get(f"/sweeps/{rows['a'].pk}/").text


# Clocks


def told(subject: str, reading: SourceReading | HostReading) -> None:
    one = Seen(subject, "x", clock.now(), canonical_json(document(reading)))
    keep_sightings(actor=JOB, probe=Probe.CLOCKS, seen=[one])


@pytest.fixture
def ticking() -> dict[str, str]:
    """Two sources and two hosts, all right; the id of each."""
    found = {}
    for host in ("a", "b"):
        row = add_time_source(actor=OPERATOR, host=host)
        found[host] = str(row.pk)
        told(str(row.pk), SourceReading(str(row), Answer.TIME, 0.0, 0.01))
    add_entry(actor=OPERATOR, ledger=ledgers.SYSTEMS, values={"name": "関所", "kind": "platform", "form": "cloud"})
    for name, host in (("電カル", "ehr"), ("予約", "booking")):
        here.endpoint(here.system(name), host, 443)
    for one in host_clocks():
        found[one.host] = one.subject_id
        told(one.subject_id, HostReading(one.host, Method.HTTP_DATE, Answer.TIME, 0.1, 0.5))
    return found


@pytest.mark.parametrize("how", [alter, lambda probe, subject: outgrow(probe, subject, '{"host": "ehr"}')])
def test_a_reading_that_cannot_be_used_costs_its_own_system(
    ticking: dict[str, str], how: Callable[[Probe, str], None], signed_in: SignedIn
) -> None:
    """The page names it, and its chart leaves it out."""
    assert {one.outcome for one in clocks.control.check()} == {Outcome.PASS}
    how(Probe.CLOCKS, ticking["ehr"])
    found = by_label(clocks.control)
    assert {label: one.outcome.value for label, one in found.items()} == {
        "電カル": "error", "予約": "pass", "関所": "pass",
    }  # fmt: skip
    client = signed_in(Role.SYSTEM_OPERATOR)
    client.cookies["sekisho_language"] = "en"
    assert "Cannot be used" in client.get("/clocks/").text
    assert client.get(f"/clocks/{ticking['ehr']}/").status_code == 200
    seen = history(ticking["ehr"], clock.now() - timedelta(days=1))
    assert (seen.points, seen.silent) == ((), 1)


def test_an_altered_source_no_longer_shows_that_the_platform_is_right(ticking: dict[str, str]) -> None:
    alter(Probe.CLOCKS, ticking["a"])
    (found,) = platform_clock.control.check()
    assert (found.outcome, ALTERED in words(found)) == (Outcome.ERROR, True)


# Configurations


def test_a_configuration_that_cannot_be_read_costs_its_own_line(signed_in: SignedIn) -> None:
    """On the pages too, which offer to hand it in again."""
    lines = [add_link(name="a"), add_link(name="b")]
    devices = [device_for(link, name=f"ルーター{place}") for place, link in enumerate(lines)]
    for device, text in zip(devices, (router(), f"{router()}\n# b\n"), strict=True):
        hand_in(device, text)
    before = by_label(device_configuration.control)
    broken = json.dumps({"older": True})
    kept = KeptConfiguration.objects.get(device=devices[0])
    tamper("network_keptconfiguration", "SET read_model = %s WHERE sha256 = %s", broken, kept.sha256)
    after = by_label(device_configuration.control)
    assert after["a"].outcome is Outcome.ERROR
    assert UNREADABLE in words(after["a"])
    assert after["b"].outcome is before["b"].outcome
    client = signed_in(Role.SYSTEM_OPERATOR)
    client.cookies["sekisho_language"] = "en"
    for address in ("", f"{devices[0].pk}/"):
        assert "Cannot be read any more" in client.get(f"/network-devices/{address}").text
    assert client.get(f"/network-devices/{devices[0].pk}/configurations/1/").status_code == 409
