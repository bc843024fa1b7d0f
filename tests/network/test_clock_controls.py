"""The controls over clocks: platform and systems, each outcome from readings as they are stored."""

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest

from sekisho.estate import ledgers
from sekisho.estate.models import Endpoint, Entry
from sekisho.estate.services import add_entry, close_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.canonical import canonical_json
from sekisho.kernel.declarations import Control, Finding, Outcome
from sekisho.network.controls import clocks, platform_clock
from sekisho.network.models import Probe
from sekisho.network.queries.clocks import host_clocks
from sekisho.network.rules.reading_documents import document
from sekisho.network.rules.readings import Answer, HostReading, Method, SourceReading
from sekisho.network.services.clocks import add_time_source, remove_time_source
from sekisho.network.services.sightings import Seen, keep_sightings
from tests.conftest import actor_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
OPERATOR, JOB = actor_with(Role.SYSTEM_OPERATOR), platform("job")
NO_AGE = timedelta(0)


@pytest.fixture(autouse=True)
def systems() -> Mapping[str, Entry]:
    """The platform, a record system with a page, a picture archive with file sharing, and one that says nothing."""
    found = {
        name: add_entry(actor=OPERATOR, ledger=ledgers.SYSTEMS, values={"name": name, "kind": kind, "form": "cloud"})
        for name, kind in (("関所", "platform"), ("電カル", "emr"), ("PACS", "imaging"), ("予約", "reservation"))
    }
    for name, host, port, protocol in (
        ("電カル", "ehr", 443, "https"),
        ("PACS", "pacs", 445, "smb"),
        ("予約", "booking", 3389, "rdp"),
    ):
        values = {"system": found[name], "host": host, "port": port, "protocol": protocol, "exposure": "internal"}
        add_entry(actor=OPERATOR, ledger=ledgers.ENDPOINTS, values=values)
    return found


def say(reading: SourceReading | HostReading, subject_id: str, age: timedelta = NO_AGE) -> None:
    seen = Seen(subject_id, "x", clock.now() - age, canonical_json(document(reading)))
    keep_sightings(actor=JOB, probe=Probe.CLOCKS, seen=[seen])


def source(offset: float | None, host: str, age: timedelta = NO_AGE) -> str:
    """Name a source that says so; give its id."""
    row = add_time_source(actor=OPERATOR, host=host)
    answer = Answer.NO_ANSWER if offset is None else Answer.TIME
    say(SourceReading(str(row), answer, offset, None if offset is None else 0.01), str(row.pk), age)
    return str(row.pk)


def two_sources(offset: float = 0.0, age: timedelta = NO_AGE) -> None:
    source(offset, "a", age)
    source(offset, "b", age)


def host(name: str, offset: float | None, age: timedelta = NO_AGE, uncertainty: float = 0.5) -> None:
    """Let a host say so."""
    (one,) = (one for one in host_clocks() if one.host == name)
    answer = Answer.REFUSED if offset is None else Answer.TIME
    known = None if offset is None else uncertainty
    say(HostReading(name, one.method, answer, offset, known), one.subject_id, age)


def findings(control: Control) -> dict[str, Finding]:
    return {finding.subject.label: finding for finding in control.check()}


def outcomes() -> dict[str, Outcome]:
    return {label: finding.outcome for label, finding in findings(clocks.control).items()}


def platform_says() -> Finding:
    (found,) = platform_clock.control.check()
    return found


def test_agreeing_clocks_pass() -> None:
    """With what was said and the moment of the oldest answer; the platform needs no endpoint of its own."""
    two_sources(age=timedelta(minutes=5))
    host("ehr", 0.3, timedelta(hours=3))
    host("pacs", -0.2)
    assert outcomes() == {
        "関所": Outcome.PASS, "電カル": Outcome.PASS, "PACS": Outcome.PASS, "予約": Outcome.UNKNOWN,
    }  # fmt: skip
    found = findings(clocks.control)["電カル"]
    assert found.observed_at == clock.now() - timedelta(hours=3)
    assert [one.get("host") or one["source"] for one in json.loads(found.raw or b"")] == ["a:123", "b:123", "ehr"]
    assert platform_says().outcome is Outcome.PASS
    assert platform_says().observed_at == clock.now() - timedelta(minutes=5)


@pytest.mark.failing_fixture("network.clocks")
@pytest.mark.parametrize("offset", [120.0, -31.0, 5 * 365 * 86_400.0])
def test_a_host_that_is_off_fails_its_own_system(offset: float) -> None:
    two_sources()
    host("ehr", offset)
    host("pacs", 0.0)
    assert outcomes()["電カル"] is Outcome.FAIL and outcomes()["PACS"] is Outcome.PASS
    assert "ehr" in str(findings(clocks.control)["電カル"].message)


@pytest.mark.failing_fixture("network.platform_clock")
@pytest.mark.parametrize("offset", [1.5, -60.0])
def test_a_platform_that_is_off_fails_and_every_system_with_it(offset: float) -> None:
    """A host that agrees with a wrong clock proves nothing."""
    two_sources(offset)
    host("ehr", 0.0)
    assert platform_says().outcome is Outcome.FAIL
    assert outcomes()["関所"] is Outcome.FAIL and outcomes()["電カル"] is Outcome.FAIL


def test_without_a_majority_nothing_is_known() -> None:
    """No source, one, one silent, two that differ: the platform is unknown, and so is whoever agrees with it."""
    host("ehr", 0.0)
    assert (platform_says().outcome, outcomes()["電カル"]) == (Outcome.UNKNOWN, Outcome.UNKNOWN)
    assert "No time source" in str(platform_says().message)
    source(0.0, "a")
    assert platform_says().outcome is Outcome.UNKNOWN
    silent = source(None, "silent")
    assert platform_says().outcome is Outcome.UNKNOWN
    source(0.2, "b")
    assert platform_says().outcome is Outcome.UNKNOWN
    source(0.2, "c")
    assert platform_says().outcome is Outcome.PASS, "three told the time, two of them agree"
    remove_time_source(actor=OPERATOR, source_id=silent)  # type: ignore[arg-type]  # text is as good as a UUID here
    assert platform_says().outcome is Outcome.PASS


def test_a_removed_source_counts_no_longer() -> None:
    found = [source(0.0, name) for name in ("a", "b")]
    assert platform_says().outcome is Outcome.PASS
    remove_time_source(actor=OPERATOR, source_id=found[0])  # type: ignore[arg-type]
    assert platform_says().outcome is Outcome.UNKNOWN


def test_a_system_that_cannot_tell_says_what_to_register() -> None:
    two_sources()
    found = findings(clocks.control)["予約"]
    assert found.outcome is Outcome.UNKNOWN and "HTTPS, HTTP, SMB or NTP" in str(found.message)


def test_what_was_not_asked_or_did_not_answer_is_unknown() -> None:
    """Also when only one of two hosts did."""
    assert outcomes()["電カル"] is Outcome.UNKNOWN
    add_time_source(actor=OPERATOR, host="new")
    assert "not asked" in str(platform_says().message)
    host("ehr", 0.0)
    assert "not asked" in str(findings(clocks.control)["電カル"].message)
    two_sources()
    host("ehr", None, -timedelta(seconds=1))
    assert outcomes()["電カル"] is Outcome.UNKNOWN


def test_one_host_of_a_system_not_asked_yet(systems: Mapping[str, Entry]) -> None:
    two_sources()
    host("ehr", 0.0)
    values = {"system": systems["電カル"], "host": "db", "port": 445, "protocol": "smb", "exposure": "internal"}
    add_entry(actor=OPERATOR, ledger=ledgers.ENDPOINTS, values=values)
    found = findings(clocks.control)["電カル"]
    assert found.outcome is Outcome.UNKNOWN and "db" in str(found.message)
    host("db", 500.0)
    assert outcomes()["電カル"] is Outcome.FAIL


def test_a_host_that_tells_in_one_way_need_not_in_another(systems: Mapping[str, Entry]) -> None:
    """Its page is off, its file sharing answers: one clock, one answer. But any answer that is off counts."""
    two_sources()
    values = {"system": systems["PACS"], "host": "pacs", "port": 443, "protocol": "https", "exposure": "internal"}
    add_entry(actor=OPERATOR, ledger=ledgers.ENDPOINTS, values=values)
    page, share = (one for one in host_clocks() if one.host == "pacs")
    assert (page.method, share.method) == (Method.HTTP_DATE, Method.SMB2)
    say(HostReading("pacs", Method.SMB2, Answer.TIME, 0.0, 0.02), share.subject_id)
    assert outcomes()["PACS"] is Outcome.PASS
    say(HostReading("pacs", Method.HTTP_DATE, Answer.NO_TIME), page.subject_id)
    assert outcomes()["PACS"] is Outcome.PASS
    say(HostReading("pacs", Method.HTTP_DATE, Answer.TIME, 120.0, 0.5), page.subject_id, -timedelta(seconds=1))
    assert outcomes()["PACS"] is Outcome.FAIL


def test_too_coarse_a_reading_is_unknown() -> None:
    two_sources()
    host("ehr", 29.9, uncertainty=0.5)
    assert outcomes()["電カル"] is Outcome.UNKNOWN


def test_a_closed_endpoint_counts_no_longer(operator: Actor) -> None:
    two_sources()
    host("ehr", 120.0)
    row = Endpoint.objects.get(host="ehr")
    close_entry(actor=operator, ledger=ledgers.ENDPOINTS, entry_id=row.pk, version=row.version, reason="撤去")
    assert outcomes()["電カル"] is Outcome.UNKNOWN
