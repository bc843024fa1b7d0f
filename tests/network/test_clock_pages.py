"""The pages of the clocks, as people with roles use them."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.canonical import canonical_json
from sekisho.network.models import Probe, TimeSource
from sekisho.network.queries.clocks import host_clocks
from sekisho.network.rules.reading_documents import document
from sekisho.network.rules.readings import Answer, HostReading, Method, SourceReading
from sekisho.network.services.clocks import add_time_source
from sekisho.network.services.sightings import Seen, keep_sightings
from tests.conftest import actor_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
OPERATOR = actor_with(Role.SYSTEM_OPERATOR)
SignedIn = Callable[..., Client]


def text_of(client: Client, address: str) -> str:
    """Return the words of a page, white space single."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def say(reading: SourceReading | HostReading, subject_id: str, label: str, age: timedelta = timedelta(0)) -> None:
    seen = Seen(subject_id, label, clock.now() - age, canonical_json(document(reading)))
    keep_sightings(actor=platform("job"), probe=Probe.CLOCKS, seen=[seen])


def source(host: str, offset: float | None = 0.002) -> TimeSource:
    row = add_time_source(actor=OPERATOR, host=host, note="ルータ")
    answer = Answer.TIME if offset is not None else Answer.NO_ANSWER
    say(SourceReading(str(row), answer, offset, None if offset is None else 0.01), str(row.pk), str(row))
    return row


def hosts(number: int) -> None:
    """Register so many hosts that serve time."""
    system = add_entry(
        actor=OPERATOR, ledger=ledgers.SYSTEMS, values={"name": "部門", "kind": "other", "form": "cloud"}
    )
    for index in range(number):
        values = {"system": system, "host": f"host{index:03}", "port": 123, "protocol": "ntp", "exposure": "internal"}
        add_entry(actor=OPERATOR, ledger=ledgers.ENDPOINTS, values=values)


def test_the_empty_page_says_what_to_do(signed_in: SignedIn) -> None:
    """To who may add a source, and to who may not."""
    operator, auditor = (
        text_of(signed_in(Role.SYSTEM_OPERATOR), "/clocks/"),
        text_of(signed_in(Role.AUDITOR), "/clocks/"),
    )
    assert "No time source is named yet." in operator and "Add at least two below" in operator
    assert "ntp.nict.jp" in operator and "domain controller" in operator and "Register an endpoint" in operator
    assert "The system operator or the planning manager adds" in auditor and "Add a time source" not in auditor


def test_a_source_is_added_and_removed(signed_in: SignedIn) -> None:
    client = signed_in(Role.SYSTEM_OPERATOR)
    answer = client.post("/clocks/add/", {"host": "NTP.nict.jp", "port": "123", "note": "NICT"}, follow=True)
    assert answer.redirect_chain == [("/clocks/", 302)]
    page = text_of(client, "/clocks/")
    assert "ntp.nict.jp:123" in page and "Not asked yet" in page and "NICT" in page
    source_id = TimeSource.objects.get().pk
    confirm = text_of(client, f"/clocks/{source_id}/remove/")
    assert "Remove this time source?" in confirm and TimeSource.objects.get().removed_at is None
    assert client.post(f"/clocks/{source_id}/remove/").status_code == 302
    assert TimeSource.objects.get().removed_at == clock.now()
    assert client.get(f"/clocks/{source_id}/remove/").status_code == 404
    assert "No time source is named yet." in text_of(client, "/clocks/")


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"host": "http://ntp.nict.jp", "port": "123"}, 422, "is no time source"),
        ({"host": "", "port": "123"}, 422, "id_host_error"),
        ({"host": "ntp.nict.jp", "port": "70000"}, 422, "id_port_error"),
        ({"host": "known", "port": "123"}, 409, "is a time source already"),
        ({"host": "ntp", "port": "123", "note": "\u202eevil"}, 422, "id_note_error"),
    ],
)
def test_what_was_typed_wrong_is_shown_at_its_field(
    signed_in: SignedIn, typed: dict[str, str], status: int, words: str
) -> None:
    add_time_source(actor=OPERATOR, host="known")
    answer = signed_in(Role.SYSTEM_OPERATOR).post("/clocks/add/", typed)
    assert answer.status_code == status and words in answer.content.decode()
    assert TimeSource.objects.count() == 1


def test_what_sources_and_hosts_last_said(signed_in: SignedIn) -> None:
    """Figures with their uncertainty, why there is none, and who contradicts the others."""
    source("a")
    source("b")
    source("liar", 40.0)
    source("silent", None)
    hosts(3)
    for one, offset in zip(host_clocks(), (0.1, 120.0, None), strict=True):
        answer = Answer.TIME if offset is not None else Answer.REFUSED
        known = None if offset is None else 0.02
        say(HostReading(one.host, Method.NTP, answer, offset, known), one.subject_id, one.host)
    page = text_of(signed_in(Role.AUDITOR), "/clocks/")
    assert "+0.002 ± 0.010" in page and "The platform's clock agrees with standard time" in page
    assert "liar:123 contradicts the others" in page and "silent:123 did not answer" in page
    assert "Breaks the rule +120.000 ± 0.020" in page and "Nothing on host002 listens" in page
    assert "Remove" not in page


def test_many_hosts_are_paged_and_searched(signed_in: SignedIn) -> None:
    hosts(53)
    client = signed_in(Role.AUDITOR)
    first, second = text_of(client, "/clocks/"), text_of(client, "/clocks/?page=2")
    assert "host049" in first and "host050" not in first and "host052" in second
    found = client.get("/clocks/?q=HOST051").content.decode()
    assert "host051" in found and "host050" not in found
    assert "No host matches." in text_of(client, "/clocks/?q=nothing")
    assert client.get("/clocks/?page=99999").status_code == 200


def drifting(days: int, slope_ms: float = 24.0) -> str:
    """Let one source drift for so many days, hour by hour; give its id."""
    row = add_time_source(actor=OPERATOR, host="drift")
    for hour in range(days * 24):
        offset = -slope_ms / 1000 * hour / 24
        reading = SourceReading(str(row), Answer.TIME, offset, 0.001)
        say(reading, str(row.pk), str(row), timedelta(hours=hour))
    return str(row.pk)


def test_the_chart_of_a_source(signed_in: SignedIn) -> None:
    """The drift in words, the periods, the numbers below; the platform is the one that drifts."""
    address = f"/clocks/{drifting(9)}/"
    client = signed_in(Role.AUDITOR)
    page = text_of(client, address)
    assert "Clock of drift:123" in page and "Sekisho's clock loses 24.0 ms a day." in page
    html = client.get(address).content.decode()
    assert html.count('class="chart-line"') == 2 and 'href="?days=90"' in html and "style=" not in html
    assert html.count("<tr>") == 170 and client.get(f"{address}?days=30").content.count(b"<tr>") == 217
    assert client.get(f"{address}?days=rubbish").content.count(b"<tr>") == 170


def test_the_chart_of_a_host_that_was_set_and_was_away(signed_in: SignedIn) -> None:
    """The jump is marked and named; while it was away no line is drawn."""
    hosts(1)
    (one,) = host_clocks()
    for hour in range(48):
        answer = Answer.NO_ANSWER if 30 <= hour < 40 else Answer.TIME
        offset = (2.0 if hour >= 12 else 0.0) if answer is Answer.TIME else None
        known = None if offset is None else 0.01
        reading = HostReading(one.host, Method.NTP, answer, offset, known)
        say(reading, one.subject_id, one.host, timedelta(hours=hour))
    client = signed_in(Role.AUDITOR)
    html = client.get(f"/clocks/{one.subject_id}/").content.decode()
    assert len(re.findall(r'class="chart-line" d="M[^"]{40,}', html)) == 2
    page = text_of(client, f"/clocks/{one.subject_id}/")
    assert "When the clock was set" in page and "10 times it was asked it told no time." in page
    assert "Allowed: within ± 30 s" in page


def test_a_clock_without_readings(signed_in: SignedIn, at_nine: clock.FixedClock) -> None:
    """Silent in this period, or never asked at all."""
    row = source("silent", None)
    client = signed_in(Role.AUDITOR)
    assert "It told no time in this period." in text_of(client, f"/clocks/{row.pk}/")
    at_nine.moment += timedelta(days=8)
    assert "It told no time in this period." in text_of(signed_in(Role.AUDITOR, login="x"), f"/clocks/{row.pk}/")
    unasked = add_time_source(actor=OPERATOR, host="new")
    assert signed_in(Role.AUDITOR, login="y").get(f"/clocks/{unasked.pk}/").status_code == 404
    assert signed_in(Role.AUDITOR, login="z").get("/clocks/no-such-clock/").status_code == 404
