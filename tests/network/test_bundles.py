"""Bundles: every changed byte is refused, every bundle is taken once, and all of the files are or none."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry, close_entry
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import NotCanonical, canonical_json
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.errors import Forbidden, InvalidInput
from sekisho.kernel.ids import new_id
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.errors import AppendOnlyViolation
from sekisho.network.controls import mutual_tls, tls
from sekisho.network.errors import (
    AddressNotRegistered,
    BundleNotGenuine,
    BundleOutOfTime,
    BundleReplayed,
    OtherServer,
    ProbeNotCarried,
    TicketEnded,
    TicketUnknown,
    TicketWithdrawn,
)
from sekisho.network.models import (
    CollectedBundle,
    CollectionTicket,
    NewestSighting,
    Probe,
    Registration,
    Sighting,
    Vantage,
)
from sekisho.network.rules.bundle import PAYLOAD_TYPE, Bundle, BundleUnreadable, Ticket, new_ticket, one_form
from sekisho.network.rules.canonical_form import is_canonical
from sekisho.network.rules.observation import MutualObservation, Observation, StartTls
from sekisho.network.services.bundles import BundleFile, import_bundles
from sekisho.network.services.tickets import issue_ticket, withdraw_ticket
from sekisho.register.models import Event
from sekisho.trust.dsse import EnvelopeBroken, SignatureBroken, new_seed, read_envelope, sign, verify
from tests.conftest import MORNING, actor_with
from tests.network.test_controls import INSISTS, see
from tests.network.test_tls_judge import GOOD, with_versions

pytestmark = pytest.mark.usefixtures("at_nine")
ADDRESS = "ehr.example.jp:443"
BAD = with_versions(TLS10=True)
NAMED = replace(INSISTS, server_name="ehr.example.jp")


def plain(seen: object) -> Any:
    return TypeAdapter(type(seen)).dump_python(seen, mode="json")


def bundle(ticket: Ticket, seen: object = GOOD, ago: timedelta = timedelta(0), **other: Any) -> Bundle:
    """Return what a machine elsewhere saw."""
    found = Bundle(ticket.id, "tls", ADDRESS, clock.now() - ago, "0.1", plain(seen))
    return replace(found, **other)


def file(ticket: Ticket, seen: object = GOOD, ago: timedelta = timedelta(0), **other: Any) -> BundleFile:
    return BundleFile("seen.json", bundle(ticket, seen, ago, **other).signed(ticket).to_bytes())


# The form alone, without a database


@cache
def made() -> tuple[Ticket, bytes]:
    """Return a ticket and a bundle made with it."""
    period = MORNING, MORNING + timedelta(days=7)
    ticket = new_ticket("0199b2a0-0000-7000-8000-000000000000", new_seed(), "open", period, (ADDRESS,))
    small = Observation("ehr.example.jp", 443, reachable=True)
    return ticket, Bundle(ticket.id, "tls", ADDRESS, MORNING, "0.1", plain(small)).signed(ticket).to_bytes()


def is_genuine(data: bytes) -> bool:
    """Tell whether bytes are an envelope that the ticket's key signed."""
    from sekisho.trust.dsse import public_key

    ticket, _data = made()
    try:
        envelope = read_envelope(data)
        verify(envelope, public_key(ticket.seed()), PAYLOAD_TYPE)
    except (EnvelopeBroken, SignatureBroken):
        return False
    return envelope.key_id == ticket.id


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_changed_byte_is_refused(data: st.DataObject) -> None:
    """Of the payload, of the signature, of the JSON around them: another one, one less, one more."""
    _ticket, whole = made()
    assert is_genuine(whole)
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[place]))
    for changed in (
        whole[:place] + bytes([byte]) + whole[place + 1 :],
        whole[:place] + whole[place + 1 :],
        whole[:place] + bytes([byte]) + whole[place:],
        whole[:place],
    ):
        assert not is_genuine(changed)


def test_the_same_in_another_form_is_refused() -> None:
    """Names in another order, spaces, a second signature: each says the same and is not the file."""
    _ticket, whole = made()
    document = json.loads(whole)
    signature = document["signatures"][0]
    others: list[Any] = [
        dict(reversed(document.items())),
        {**document, "signatures": [signature, signature]},
        {**document, "more": 1},
        {**document, "payload": document["payload"].rstrip("=") + "\n"},
    ]
    for other in others:
        assert not is_genuine(json.dumps(other, separators=(",", ":")).encode())
    for data in (json.dumps(document).encode(), whole + b"\n", b"\xef\xbb\xbf" + whole, b"", b"[" * 100_000):
        assert not is_genuine(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=50).map(lambda text: json.dumps({"payload": text}).encode()))
def test_whatever_is_given_is_an_envelope_or_refused(data: bytes) -> None:
    with pytest.raises(EnvelopeBroken):
        read_envelope(data)


@pytest.mark.parametrize(
    ("host", "form"),
    [
        ("EHR.example.jp.", "ehr.example.jp:443"),
        ("FD00:0::1", "[fd00::1]:443"),
        ("192.0.2.1", "192.0.2.1:443"),
        ("電子カルテ.jp", "電子カルテ.jp:443"),
    ],
)
def test_an_address_has_one_form(host: str, form: str) -> None:
    assert one_form(host, 443) == form


# Taking over


@pytest.fixture
def endpoint(operator: Actor, db: None) -> Entry:
    """An endpoint over an open line."""
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "病院", "kind": "hospital", "beds": 20})
    link = add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": "予約", "line": "open_tls13_mtls"})
    system = add_entry(actor=operator, ledger=ledgers.SYSTEMS, values={"name": "予約", "kind": "emr", "form": "cloud"})
    values = {"system": system, "host": "EHR.example.jp", "port": 443, "protocol": "https", "exposure": "open"}
    return add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values={**values, "link": link})


@pytest.fixture
def ticket(endpoint: Entry, operator: Actor) -> Ticket:
    return issue_ticket(actor=operator, vantage="open", days=7)


def of_endpoint(module: Any = tls) -> Finding:
    """Return what a control says about the endpoint."""
    (found,) = [one for one in module.control.check() if one.subject.kind is SubjectKind.ENDPOINT]
    return found


def stored() -> tuple[int, int, int]:
    return (
        CollectedBundle.objects.count(),
        Sighting.objects.count(),
        Event.objects.filter(action="collection.import").count(),
    )


def test_what_was_seen_elsewhere_is_judged_and_kept_as_it_came(
    endpoint: Entry, ticket: Ticket, operator: Actor, at_nine: clock.FixedClock
) -> None:
    """With the moment at which it was seen, from where, and the bundle itself."""
    given_in = file(ticket)
    at_nine.moment += timedelta(days=2)
    (carried,) = import_bundles(actor=operator, files=[given_in])
    assert (carried.seen_from, [one.id for one in carried.subjects]) == (str(Vantage.OPEN.label), [str(endpoint.pk)])

    sighting = Sighting.objects.get()
    assert (sighting.vantage, sighting.observed_at) == ("open", MORNING)
    assert sighting.received_at == MORNING + timedelta(days=2)
    assert sighting.bundle is not None
    assert sighting.bundle.envelope.encode() == given_in.data
    assert CollectionTicket.objects.get().used_at == clock.now()
    event = json.loads(Event.objects.get(action="collection.import").entry)
    assert event["details"] == {"bundles": [carried.sha256], "vantage": "open"}

    found = of_endpoint()
    assert (found.outcome, found.observed_at, found.facts["seen_from"]) == (Outcome.PASS, MORNING, "open")
    with pytest.raises(AppendOnlyViolation):
        CollectedBundle.objects.all().delete()


def test_a_bundle_is_taken_once(ticket: Ticket, operator: Actor) -> None:
    """Again, or twice in one go: refused, and nothing changes."""
    first, other = file(ticket), file(ticket, ago=timedelta(minutes=1))
    with pytest.raises(BundleReplayed):
        import_bundles(actor=operator, files=[first, first])
    assert stored() == (0, 0, 0)
    import_bundles(actor=operator, files=[first])
    with pytest.raises(BundleReplayed):
        import_bundles(actor=operator, files=[other, first])
    assert stored() == (1, 1, 1)


def test_all_or_none(ticket: Ticket, operator: Actor) -> None:
    """One bad file, wherever it stands, keeps the good ones out."""
    good, bad = file(ticket), BundleFile("bad.json", file(ticket, BAD).data[:-1])
    for files in ([good, bad], [bad, good]):
        with pytest.raises(BundleUnreadable):
            import_bundles(actor=operator, files=files)
        assert stored() == (0, 0, 0)


def test_a_preview_stores_nothing(ticket: Ticket, operator: Actor) -> None:
    (carried,) = import_bundles(actor=operator, files=[file(ticket)], dry_run=True)
    assert (carried.bundle.address, stored()) == (ADDRESS, (0, 0, 0))
    assert CollectionTicket.objects.get().used_at is None


@pytest.mark.parametrize("reverse", [False, True])
def test_the_order_of_files_does_not_matter(ticket: Ticket, operator: Actor, reverse: bool) -> None:
    """What was seen last counts."""
    files = [file(ticket, GOOD), file(ticket, BAD, ago=timedelta(minutes=2))]
    import_bundles(actor=operator, files=files[:: -1 if reverse else 1])
    assert (of_endpoint().outcome, Sighting.objects.count()) == (Outcome.PASS, 2)


def test_what_comes_late_never_replaces_what_is_newer(
    ticket: Ticket, operator: Actor, at_nine: clock.FixedClock
) -> None:
    late = file(ticket, BAD)
    at_nine.moment += timedelta(days=1)
    import_bundles(actor=operator, files=[file(ticket, GOOD)])
    import_bundles(actor=operator, files=[late])
    assert (of_endpoint().outcome, of_endpoint().observed_at) == (Outcome.PASS, clock.now())
    assert Sighting.objects.count() == 2


def test_a_changed_or_foreign_bundle_is_not_genuine(ticket: Ticket, operator: Actor) -> None:
    """Signed with another key, for another ticket, or made for another installation."""
    foreign = replace(ticket, key=base64.b64encode(new_seed()).decode())
    other = issue_ticket(actor=operator, vantage="internal", days=1)
    borrowed = sign(other.seed(), other.id, PAYLOAD_TYPE, bundle(ticket).to_bytes()).to_bytes()
    for data in (file(foreign).data, borrowed):
        with pytest.raises(BundleNotGenuine):
            import_bundles(actor=operator, files=[BundleFile("x", data)])
    for strange in (str(new_id()), "no id", str(UUID(int=0)).upper()):
        elsewhere = sign(new_seed(), strange, PAYLOAD_TYPE, bundle(ticket).to_bytes()).to_bytes()
        with pytest.raises(TicketUnknown):
            import_bundles(actor=operator, files=[BundleFile("x", elsewhere)])
    assert stored() == (0, 0, 0)


def test_another_kind_of_payload_is_not_genuine(ticket: Ticket, operator: Actor) -> None:
    """A signature over something else that the key may sign one day is none over an observation."""
    envelope = sign(ticket.seed(), ticket.id, "text/plain", bundle(ticket).to_bytes())
    with pytest.raises(BundleNotGenuine):
        import_bundles(actor=operator, files=[BundleFile("x", envelope.to_bytes())])


@pytest.mark.parametrize("ago", [timedelta(minutes=6), timedelta(days=400), -timedelta(minutes=6), -timedelta(days=8)])
def test_a_clock_that_is_wrong_is_refused(ticket: Ticket, operator: Actor, ago: timedelta) -> None:
    """Seen before the ticket was given out, or yet to come."""
    with pytest.raises(BundleOutOfTime):
        import_bundles(actor=operator, files=[file(ticket, ago=ago)])


def test_a_ticket_runs_out(ticket: Ticket, operator: Actor, at_nine: clock.FixedClock) -> None:
    """For looking and for bringing back."""
    in_time = file(ticket)
    at_nine.moment = ticket.valid_until + timedelta(seconds=1)
    for late in (in_time, file(ticket)):
        with pytest.raises(BundleOutOfTime):
            import_bundles(actor=operator, files=[late])
    at_nine.moment = ticket.valid_until
    import_bundles(actor=operator, files=[in_time])


def test_a_withdrawn_ticket_brings_nothing_in(ticket: Ticket, operator: Actor, at_nine: clock.FixedClock) -> None:
    """Not even what was seen before, nor beside the good one of another ticket."""
    before, other = file(ticket), issue_ticket(actor=operator, vantage="open", days=7)
    with pytest.raises(Forbidden):
        withdraw_ticket(actor=actor_with(), ticket_id=UUID(ticket.id), reason="紛失")
    with pytest.raises(InvalidInput):
        withdraw_ticket(actor=operator, ticket_id=UUID(ticket.id), reason=" \u3000 ")
    withdraw_ticket(actor=operator, ticket_id=UUID(ticket.id), reason="紛失")
    with pytest.raises(TicketWithdrawn):
        import_bundles(actor=operator, files=[file(other, ago=timedelta(minutes=1)), before])
    assert stored() == (0, 0, 0)
    with pytest.raises(TicketEnded):
        withdraw_ticket(actor=operator, ticket_id=UUID(ticket.id), reason="紛失")
    at_nine.moment = ticket.valid_until + timedelta(seconds=1)
    with pytest.raises(TicketEnded):
        withdraw_ticket(actor=operator, ticket_id=UUID(other.id), reason="紛失")
    row = CollectionTicket.objects.get(pk=ticket.id)
    assert (row.withdrawn_by, row.withdrawn_reason) == (operator.name, "紛失")


NUMBERS = st.integers(1 - 2**53, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [1e-5, 1e-7, 1.0, 1e16, 1e21, 123456789012345680.0, 0.0001, 5e-324]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(JSON, st.sampled_from(["canonical", "python", "ascii", "unsorted", "spaced"]))
def test_what_is_canonical_is_told_as_the_standard_tells_it(value: Any, form: str) -> None:
    """However it was written: RFC 8785 decides, the quick way only gets there sooner."""
    written = {
        "canonical": canonical_json(value).decode(),
        "python": json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        "ascii": json.dumps(value, sort_keys=True, separators=(",", ":")),
        "unsorted": json.dumps(value, ensure_ascii=False, separators=(",", ":")),
        "spaced": json.dumps(value, ensure_ascii=False, sort_keys=True),
    }[form].encode()
    said = json.loads(written)

    def told(how: Callable[[], bool]) -> bool:
        """A whole number beyond 2^53 has no canonical form at all."""
        with suppress(NotCanonical):
            return how()
        return False

    assert told(lambda: is_canonical(said, written)) == told(lambda: canonical_json(said) == written)


def test_a_bundle_of_a_million_parts_is_refused(ticket: Ticket, operator: Actor) -> None:
    """Before anybody reads it: it would keep the server busy."""
    many = {
        "host": "ehr.example.jp",
        "port": 443,
        "vantage": "open",
        "open": [{"port": 1, "facts": {"x": [[]] * 100_001}}],
    }
    with pytest.raises(BundleUnreadable, match="too many parts"):
        import_bundles(actor=operator, files=[file(ticket, probe="exposure", observation=many)])


def test_only_what_is_registered_and_on_the_ticket(endpoint: Entry, ticket: Ticket, operator: Actor) -> None:
    """An address of our own choice is neither; one registered later is not on the ticket; a closed one is gone."""
    new = replace(GOOD, host="new.example.jp")
    values = {"system": endpoint.system, "host": "new.example.jp", "port": 443, "protocol": "https"}  # type: ignore[attr-defined]
    for _turn in range(2):
        with pytest.raises(AddressNotRegistered):
            import_bundles(actor=operator, files=[file(ticket, new, address="new.example.jp:443")])
        if _turn == 0:
            add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values={**values, "exposure": "open"})
    close_entry(actor=operator, ledger=ledgers.ENDPOINTS, entry_id=endpoint.pk, version=endpoint.version, reason="終了")
    with pytest.raises(AddressNotRegistered):
        import_bundles(actor=operator, files=[file(ticket)])


def test_an_observation_is_about_the_address_it_names(ticket: Ticket, operator: Actor) -> None:
    """A good look at another server is not carried over to this one."""
    with pytest.raises(BundleUnreadable):
        import_bundles(actor=operator, files=[file(ticket, replace(GOOD, host="good.example.jp"))])


@pytest.mark.parametrize("probe", ["tls", "mutual_tls"])
def test_an_observation_is_about_the_server_that_is_registered(
    endpoint: Entry, ticket: Ticket, operator: Actor, probe: str
) -> None:
    """Another one behind the same address says nothing about it, nor another way to turn to TLS."""
    right: Any = GOOD if probe == "tls" else NAMED
    others: list[dict[str, Any]] = [
        {"server_name": "www.example.jp"},
        {"server_name": None},
        {"starttls": StartTls.SMTP},
    ]
    for other in others:
        with pytest.raises(OtherServer):
            import_bundles(actor=operator, files=[file(ticket, replace(right, **other), probe=probe)])
    Registration.objects.create(
        endpoint_id=endpoint.pk, server_name="www.example.jp", starttls="ldap", version=1, changed_at=clock.now()
    )
    with pytest.raises(OtherServer):
        import_bundles(actor=operator, files=[file(ticket, right, probe=probe)])
    assert stored() == (0, 0, 0)
    registered = replace(right, server_name="WWW.example.jp", starttls=StartTls.LDAP)
    import_bundles(actor=operator, files=[file(ticket, registered, probe=probe)])
    assert stored() == (1, 1, 1)


def test_of_two_servers_at_one_address_the_one_meant_gets_the_observation(
    endpoint: Entry, ticket: Ticket, operator: Actor
) -> None:
    values = {"system": endpoint.system, "host": "ehr.example.jp", "port": 443, "protocol": "tls", "exposure": "open"}  # type: ignore[attr-defined]
    other = add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values=values)
    Registration.objects.create(endpoint_id=other.pk, server_name="b.example.jp", version=1, changed_at=clock.now())
    import_bundles(actor=operator, files=[file(ticket), file(ticket, replace(GOOD, server_name="b.example.jp"))])
    assert sorted(Sighting.objects.values_list("subject_id", flat=True)) == sorted([str(endpoint.pk), str(other.pk)])


@pytest.mark.parametrize("moment", ["2027-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00"])
@pytest.mark.parametrize("field", ["not_before", "not_after"])
def test_a_certificate_that_fits_no_clock_is_refused(ticket: Ticket, operator: Actor, field: str, moment: str) -> None:
    """Without a time zone, or out of all time: one such document would blind every check that reads it."""
    seen = plain(GOOD)
    seen["chains"][0][0][field] = moment
    with pytest.raises(BundleUnreadable):
        import_bundles(actor=operator, files=[file(ticket, observation=seen)])


WRONG_LOOKS: list[dict[str, Any]] = [
    {"open": [{"port": -5}]},
    {"open": [{"port": 70_000}]},
    {"open": [{"port": 0}]},
    {"open": [{"port": 22, "banner": "x" * 200_000}]},
    {"open": [{"port": 22, "detail": "x" * 200_000}]},
    {"open": [{"port": 22, "address": "x" * 2_000}]},
    {"open": [{"port": 22, "names": ["x"] * 1_000}]},
    {"open": [{"port": 22, "names": ["x" * 1_000]}]},
    {"open": [{"port": 22, "since": "9999-12-31T00:00:00Z"}]},
    {"open": [{"port": 22, "since": "0001-01-01T00:00:00+14:00"}]},
    {"open": [{"port": 22, "since": "2026-11-21T00:00:00"}]},
    {"others": {"refused": [70_000]}},
    {"addresses": ["x" * 2_000]},
    {"addresses": ["10.0.0.1"] * 1_000},
    {"fault": "x" * 200_000},
]


@pytest.mark.parametrize("wrong", WRONG_LOOKS, ids=lambda wrong: str(wrong)[:50])
def test_what_no_look_could_have_seen_is_refused(ticket: Ticket, operator: Actor, wrong: dict[str, Any]) -> None:
    """Ports that are none, words without end, a port that is open since tomorrow."""
    look = {"host": "ehr.example.jp", "port": 443, "vantage": "open"}
    with pytest.raises(BundleUnreadable):
        import_bundles(actor=operator, files=[file(ticket, probe="exposure", observation={**look, **wrong})])
    fine = {"open": [{"port": 22, "banner": "x" * 2048, "since": "2026-11-20T00:00:00Z"}]}
    import_bundles(actor=operator, files=[file(ticket, probe="exposure", observation={**look, **fine})])


def test_what_has_the_wrong_form_is_refused(ticket: Ticket, operator: Actor) -> None:
    """Signed or not: fields that are missing or too many, another type, and ways of looking that are not carried."""
    document = json.loads(bundle(ticket).to_bytes())
    wrong: list[Any] = [
        {**document, "more": 1},
        {name: value for name, value in document.items() if name != "version"},
        {**document, "observed_at": "2026-11-21T00:30:00Z"},
        {**document, "observed_at": "2026-11-21T00:30:00"},
        {**document, "observation": []},
        {**document, "observation": {"host": "ehr.example.jp"}},
        {**document, "version": 1},
        [document],
        {},
    ]
    for one in wrong:
        envelope = sign(ticket.seed(), ticket.id, PAYLOAD_TYPE, canonical_json(one))
        with pytest.raises(BundleUnreadable):
            import_bundles(actor=operator, files=[BundleFile("x", envelope.to_bytes())])
    reordered = json.dumps(dict(reversed(document.items())), separators=(",", ":")).encode()
    deep: Any = {"host": "ehr.example.jp", "port": 443}
    for _level in range(40):
        deep = {"a": deep}
    for payload in (reordered, b"no JSON", canonical_json({**document, "observation": deep})):
        with pytest.raises(BundleUnreadable):
            data = sign(ticket.seed(), ticket.id, PAYLOAD_TYPE, payload).to_bytes()
            import_bundles(actor=operator, files=[BundleFile("x", data)])
    with pytest.raises(BundleUnreadable):
        import_bundles(actor=operator, files=[BundleFile("x", b" " * (2**22 + 1))])
    with pytest.raises(ProbeNotCarried):
        import_bundles(actor=operator, files=[file(ticket, probe="clocks")])


def test_whoever_may_not_gets_nothing(ticket: Ticket) -> None:
    with pytest.raises(Forbidden):
        import_bundles(actor=actor_with(), files=[file(ticket)])


# What counts for an endpoint that is reached from outside


def test_the_look_from_outside_counts_for_an_open_endpoint(endpoint: Entry, ticket: Ticket, operator: Actor) -> None:
    """Older or newer; what is seen from inside may be another server."""
    see(endpoint, Probe.TLS, GOOD, vantage=Vantage.INTERNAL)
    import_bundles(actor=operator, files=[file(ticket, BAD, ago=timedelta(minutes=1))])
    assert (of_endpoint().outcome, of_endpoint().facts["seen_from"]) == (Outcome.FAIL, "open")
    assert NewestSighting.objects.count() == 2


def test_a_newer_failure_seen_from_inside_is_never_hidden(
    endpoint: Entry, ticket: Ticket, operator: Actor, at_nine: clock.FixedClock
) -> None:
    """Nor an older one: both stand side by side, whichever came first."""
    import_bundles(actor=operator, files=[file(ticket, GOOD)])
    assert (of_endpoint().outcome, of_endpoint().facts["seen_from"]) == (Outcome.PASS, "open")
    see(endpoint, Probe.TLS, BAD, age=timedelta(hours=1), vantage=Vantage.INTERNAL)
    assert (of_endpoint().outcome, of_endpoint().facts["seen_from"]) == (Outcome.FAIL, "internal")
    at_nine.moment += timedelta(days=1)
    see(endpoint, Probe.TLS, BAD, vantage=Vantage.INTERNAL)
    assert (of_endpoint().outcome, of_endpoint().facts["seen_from"]) == (Outcome.FAIL, "internal")


def test_an_endpoint_inside_counts_as_it_is_seen_from_inside(endpoint: Entry, operator: Actor) -> None:
    """A ticket for inside changes what is seen from inside, and only that."""
    inside = issue_ticket(actor=operator, vantage="internal", days=1)
    import_bundles(actor=operator, files=[file(inside, BAD)])
    assert (of_endpoint().outcome, of_endpoint().facts["seen_from_inside"]) == (Outcome.FAIL, "fail")
    see(endpoint, Probe.TLS, GOOD)
    assert (of_endpoint().outcome, of_endpoint().facts["seen_from"]) == (Outcome.FAIL, "internal")


def test_a_carried_look_and_an_own_one_stand_side_by_side(
    endpoint: Entry, ticket: Ticket, operator: Actor, at_nine: clock.FixedClock
) -> None:
    """A good look that somebody carried here hides no failure of the platform's own; the facts name who brought it."""
    see(endpoint, Probe.TLS, GOOD)
    see(endpoint, Probe.TLS, BAD, vantage=Vantage.INTERNAL)
    at_nine.moment += timedelta(minutes=1)
    inside = issue_ticket(actor=operator, vantage="internal", days=1)
    import_bundles(actor=operator, files=[file(inside, GOOD)])
    found = of_endpoint()
    assert (found.outcome, found.facts["seen_from"], "bundle" in found.facts) == (Outcome.FAIL, "internal", False)
    sha256 = CollectedBundle.objects.get().pk
    brought = [one for one in found.facts["other_looks"] if "bundle" in one]  # type: ignore[union-attr,operator]
    assert [(one["bundle"], one["ticket"], one["outcome"]) for one in brought] == [(sha256, inside.id, "pass")]  # type: ignore[index,call-overload]
    at_nine.moment += timedelta(minutes=1)
    import_bundles(actor=operator, files=[file(ticket, BAD)])
    assert of_endpoint().facts["ticket"] == ticket.id


def test_mutual_tls_is_carried_too(ticket: Ticket, operator: Actor) -> None:
    assert isinstance(INSISTS, MutualObservation)
    import_bundles(actor=operator, files=[file(ticket, NAMED, probe="mutual_tls")])
    assert of_endpoint(mutual_tls).outcome is Outcome.PASS


def test_what_a_bundle_holds_beyond_its_form_is_not_kept(ticket: Ticket, operator: Actor, tmp_path: Path) -> None:
    """Fields that nobody asked for stay in the bundle and never reach a judge."""
    more = {**plain(GOOD), "outcome": "pass"}
    import_bundles(actor=operator, files=[file(ticket, observation=more)])
    assert "outcome" not in json.loads(Sighting.objects.get().document)
