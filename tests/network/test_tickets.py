"""Tickets: what they name, who may give them out, and a machine elsewhere that has nothing but one of them."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Forbidden
from sekisho.network.commands.answers import write_new
from sekisho.network.errors import NothingToLookAt, OutNotWritten, TicketTooLong
from sekisho.network.models import CollectionTicket
from sekisho.network.rules.bundle import Ticket, TicketUnreadable, new_ticket, read_bundle, read_ticket
from sekisho.network.services.tickets import issue_ticket
from sekisho.register.models import Event
from sekisho.trust.dsse import new_seed, read_envelope
from tests.conftest import MORNING, actor_with
from tests.network.servers import free_port

ADDRESSES = {"open": "booking.example.jp:443", "secure": "ehr.example.jp:443", "internal": "[fd00::1]:443"}


@pytest.fixture
def endpoints(operator: Actor, db: None) -> None:
    """One endpoint for each exposure."""
    system = add_entry(actor=operator, ledger=ledgers.SYSTEMS, values={"name": "予約", "kind": "emr", "form": "cloud"})
    for exposure, address in ADDRESSES.items():
        host = address.rpartition(":")[0].strip("[]")
        values = {"system": system, "host": host, "port": 443, "protocol": "https", "exposure": exposure}
        add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values=values)


@pytest.mark.usefixtures("endpoints", "at_nine")
@pytest.mark.parametrize(("vantage", "named"), [("open", 1), ("secure", 2), ("internal", 3)])
def test_a_ticket_names_what_is_reached_from_there(operator: Actor, vantage: str, named: int) -> None:
    """And no more: the file leaves the house. Only the public key stays."""
    ticket = issue_ticket(actor=operator, vantage=vantage, days=31)
    assert set(ticket.addresses) == set(list(ADDRESSES.values())[:named])
    row = CollectionTicket.objects.get()
    assert (row.vantage, row.valid_until, row.used_at) == (vantage, MORNING + timedelta(days=31), None)
    assert ticket.key not in repr(ticket)
    stored = " ".join(str(value) for value in CollectionTicket.objects.values().get().values())
    recorded = " ".join(str(row) for row in Event.objects.values())
    assert ticket.key not in stored + recorded
    assert ticket.seed().hex() not in stored + recorded
    assert Event.objects.filter(action="collection.ticket").count() == 1


@pytest.mark.usefixtures("endpoints")
@pytest.mark.parametrize("days", [0, -1, 32, 10_000])
def test_a_ticket_is_for_a_month_at_most(operator: Actor, days: int) -> None:
    with pytest.raises(TicketTooLong):
        issue_ticket(actor=operator, vantage="open", days=days)
    assert not CollectionTicket.objects.exists()


@pytest.mark.django_db
def test_without_an_endpoint_there_is_no_ticket(operator: Actor) -> None:
    with pytest.raises(NothingToLookAt):
        issue_ticket(actor=operator, vantage="open", days=1)
    with pytest.raises(Forbidden):
        issue_ticket(actor=actor_with(), vantage="open", days=1)


# The file


def ticket_for(*addresses: str, since: timedelta = timedelta(0), days: int = 1) -> Ticket:
    """Return a ticket as an installation gives it out."""
    start = clock.now() + since
    period = start, start + timedelta(days=days)
    return new_ticket("0199b2a0-0000-7000-8000-000000000000", new_seed(), "open", period, addresses)


def test_a_ticket_is_read_as_it_was_written() -> None:
    ticket = ticket_for("ehr.example.jp:443", "[fd00::1]:443")
    assert read_ticket("t", ticket.to_bytes()) == ticket


@given(st.data())
def test_a_changed_ticket_is_refused_or_another_one(data: st.DataObject) -> None:
    """Nothing that is read ever differs from what is written; what is changed is for nobody's key, and found there."""
    ticket = ticket_for("ehr.example.jp:443")
    whole = ticket.to_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[place]))
    changed = whole[:place] + bytes([byte]) + whole[place + 1 :]
    try:
        assert read_ticket("t", changed).to_bytes() == changed
    except TicketUnreadable:
        pass


def test_what_is_no_ticket_is_refused() -> None:
    document = json.loads(ticket_for("ehr.example.jp:443").to_bytes())
    compact = {"separators": (",", ":"), "sort_keys": True}
    for other in ({**document, "type": "x"}, {**document, "key": "AAAA"}, {**document, "more": 1}, [], 1):
        with pytest.raises(TicketUnreadable):
            read_ticket("t", json.dumps(other, **compact).encode())  # type: ignore[arg-type]
    for data in (b"", b"{", b"\xff", json.dumps(document).encode()):
        with pytest.raises(TicketUnreadable):
            read_ticket("t", data)


# A machine elsewhere: a process with an empty environment


def check(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``sekisho check`` with nothing in the environment but the language."""
    command = [str(Path(sys.executable).with_name("sekisho")), "check", *words]
    environment = {"SEKISHO_LANGUAGE": "en", "PATH": os.defpath}
    return subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


def on(folder: Path, ticket: Ticket) -> tuple[str, ...]:
    """Write the ticket and return the options that name it and a new file."""
    (folder / "ticket.json").write_bytes(ticket.to_bytes())
    return "--ticket", "ticket.json", "--out", "seen.json"


def test_what_is_written_is_for_its_owner_alone(tmp_path: Path) -> None:
    """A ticket holds a key, whatever the umask of the process is."""
    before = os.umask(0o022)
    try:
        write_new(tmp_path / "ticket.json", b"{}")
    finally:
        os.umask(before)
    assert (tmp_path / "ticket.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(OutNotWritten):
        write_new(tmp_path / "ticket.json", b"other")
    assert (tmp_path / "ticket.json").read_bytes() == b"{}"


@pytest.mark.processes
def test_a_machine_elsewhere_writes_a_bundle(tmp_path: Path) -> None:
    """Nothing answers there: an observation too, and signed like any other. One file, for its owner alone."""
    address = f"127.0.0.1:{free_port()}"
    ticket = ticket_for(address)
    done = check(tmp_path, "tls", address, *on(tmp_path, ticket))
    assert done.returncode == 2, done.stderr
    out = tmp_path / "seen.json"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seen.json", "ticket.json"]
    assert out.stat().st_mode & 0o077 == 0
    envelope = read_envelope(out.read_bytes())
    found = read_bundle("seen.json", envelope.payload)
    assert (found.ticket, found.probe, found.address) == (ticket.id, "tls", address)
    assert found.observation["why"]["reachable"] == "refused"


@pytest.mark.processes
@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("unlisted", "network.not_on_ticket"),
        ("expired", "network.ticket_out_of_time"),
        ("early", "network.ticket_out_of_time"),
        ("there", "network.out_not_written"),
        ("no folder", "network.out_not_written"),
        ("no out", "config.missing_part"),
        ("no ticket", "config.missing_part"),
        ("broken", "network.ticket_unreadable"),
    ],
)
def test_what_stands_in_the_way_is_said_before_anything_is_looked_at(tmp_path: Path, case: str, code: str) -> None:
    """And no file is left, or none is changed."""
    address = f"127.0.0.1:{free_port()}"
    since: dict[str, Any] = {"expired": {"since": timedelta(days=-2)}, "early": {"since": timedelta(hours=1)}}
    options = list(on(tmp_path, ticket_for(address, **since.get(case, {}))))
    if case == "unlisted":
        address = "127.0.0.1:1"
    elif case == "there":
        (tmp_path / "seen.json").write_text("mine")
    elif case == "no folder":
        options[3] = "nowhere/seen.json"
    elif case.startswith("no "):
        options = options[:2] if case == "no out" else options[2:]
    elif case == "broken":
        (tmp_path / "ticket.json").write_text("{}")
    done = check(tmp_path, "tls", address, *options)
    assert f"[{code}]" in done.stderr, done.stderr
    assert done.stdout == ""
    out = tmp_path / "seen.json"
    assert not out.exists() or out.read_text() == "mine"
