"""Accounts from a real OpenLDAP server: everybody found, nobody invented, and what goes wrong is said."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_entry as add_to_estate
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.people.models import AccountSnapshot, AccountSource, Staff
from sekisho.people.queries.id_review import reconciled, snapshot, source_of
from sekisho.people.rules.directories import DirectorySettings, Flavour, Security
from sekisho.people.rules.reconciling import Fault
from sekisho.people.services import directories
from sekisho.people.services.directories import fetch_due, seal_password
from sekisho.people.services.id_review import SourceData, set_source
from sekisho.register.models import Event
from tests.network.listeners import Listener, silent
from tests.network.servers import identity
from tests.people.directory_server import (
    AD_BASE,
    OPEN_BASE,
    PASSWORD,
    Directory,
    Generated,
    directory,
    generate,
    slapd_runs,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:t[a-z]+Map is deprecated:DeprecationWarning"),  # ldap3 2.9.1 with new pyasn1
    pytest.mark.skipif(not slapd_runs(), reason="slapd is not here; scripts/debian-tools fetches it"),
]
TODAY = date(2026, 11, 21)
SHORT, LONG = 200, 5000


def enter_staff(people: Generated) -> None:
    """Enter the people whom the generator made, all at once."""
    now = clock.now()
    rows = [
        Staff(staff_number=number, name=name, employed_until=until, created_at=now, updated_at=now, search_key=name)
        for number, name, until in people.staff
    ]
    Staff.objects.bulk_create(rows, ignore_conflicts=True)


def settings_of(server: Directory, flavour: Flavour, security: Security, **other: Any) -> DirectorySettings:
    name = "ad" if flavour is Flavour.ACTIVE_DIRECTORY else "open"
    usual: dict[str, Any] = {
        "host": "localhost",
        "port": server.ldaps if security is Security.LDAPS else server.ldap,
        "security": security.value,
        "ca": server.authority.pem,
        "bind_dn": f"cn=reader,dc={name}",
        "base": AD_BASE if name == "ad" else OPEN_BASE,
        "flavour": flavour.value,
        "administrators": f"cn=admins,dc={name}",
    }
    return DirectorySettings(**{**usual, **other})


def look(actor: Actor, system: Any, settings: DirectorySettings, password: str | None = PASSWORD) -> AccountSource:
    """Point the system at a directory and let the job fetch it."""
    source = source_of(system.pk)
    sealed = seal_password(system.pk, password) if password else None
    data = SourceData("directory", {}, settings.document(), 31, sealed)
    set_source(actor=actor, system_id=system.pk, version=source.version if source else 0, data=data)
    AccountSource.objects.update(tried_at=None)
    fetch_due(actor=platform("worker"))
    found = source_of(system.pk)
    assert found is not None
    return found


def found_in(system: Any) -> dict[str, set[str]]:
    """Return the logins by what was found about them in the newest list."""
    newest = AccountSnapshot.objects.filter(system=system).latest("recorded_at")
    result: dict[str, set[str]] = {fault.value: set() for fault in Fault}
    result["disabled"] = set()
    for one in reconciled(snapshot(newest.pk)).judged:
        for fault in one.faults:
            result[fault.value].add(one.login)
        if not one.active:
            result["disabled"].add(one.login)
    return result


@pytest.fixture
def system(operator: Actor, at_nine: clock.FixedClock) -> Any:
    values = {"name": "認証基盤", "kind": "directory", "form": "on_premises"}
    return add_to_estate(actor=operator, ledger=SYSTEMS, values=values)


@pytest.mark.parametrize("number", [SHORT, pytest.param(LONG, marks=pytest.mark.full)])
def test_everybody_is_found_and_nobody_invented(number: int, system: Any, operator: Actor, tmp_path: Path) -> None:
    """OpenLDAP over StartTLS and the words of Active Directory over LDAPS, in pages, as the generator made them."""
    people = {ad: generate(number, TODAY, active_directory=ad) for ad in (False, True)}
    enter_staff(people[True])
    flavours = ((Flavour.OPENLDAP, Security.STARTTLS, False), (Flavour.ACTIVE_DIRECTORY, Security.LDAPS, True))
    with directory(tmp_path, list(people.values())) as server:
        for flavour, security, is_ad in flavours:
            source = look(operator, system, settings_of(server, flavour, security))
            assert source.trouble == ""
            found, expected = found_in(system), people[is_ad].expected
            assert {kind: found[kind] for kind in expected} == expected
            assert found["duplicate"] == set()
        _what_goes_wrong(server, system, operator)


def _what_goes_wrong(server: Directory, system: Any, operator: Actor) -> None:
    """A wrong password, another's certificate, another name, no password, no base: said, and nothing is lost."""
    before = AccountSnapshot.objects.count()
    right = settings_of(server, Flavour.OPENLDAP, Security.LDAPS)
    assert "invalidCredentials" in look(operator, system, right, "wrong").trouble
    assert (
        "CERTIFICATE_VERIFY_FAILED"
        in look(operator, system, replace(right, ca=identity("X", authority=True).pem)).trouble
    )
    assert "IP address mismatch" in look(operator, system, replace(right, host="127.0.0.1")).trouble
    source = look(operator, system, right, None)
    assert source.trouble
    assert source.sealed_password is None, "what was entered for one server is never sent to another"
    assert "noSuchObject" in look(operator, system, replace(right, base="ou=nobody,dc=open")).trouble
    assert AccountSnapshot.objects.count() == before


def test_a_server_that_says_nothing_is_given_up(system: Any, operator: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the handshake, and before it; the reason is kept for the page, and what was read in before stays."""
    monkeypatch.setattr(directories, "ANSWER_SECONDS", 1)
    server = Directory(0, 0, identity("CA", authority=True))
    for security in Security:
        with Listener(silent).running() as port:
            settings = replace(settings_of(server, Flavour.OPENLDAP, security), port=port)
            assert "time" in look(operator, system, settings).trouble
    assert json.loads(Event.objects.latest("source_seq").entry)["outcome"] == "failure"


def test_without_the_extra_it_is_said(system: Any, operator: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library is optional; its absence is no crash of the job."""
    monkeypatch.setitem(sys.modules, "ldap3", None)
    server = Directory(1, 1, identity("CA", authority=True))
    assert "sekisho" in look(operator, system, settings_of(server, Flavour.OPENLDAP, Security.LDAPS)).trouble.lower()


def test_the_page_keeps_the_password_to_itself(system: Any, signed_in: Callable[..., Client]) -> None:
    """It is stored sealed, never shown again, and a certificate that is none is refused."""
    client, address = signed_in(Role.SYSTEM_OPERATOR), f"/people/systems/{system.pk}/directory/"
    server = Directory(636, 389, identity("CA", authority=True))
    values = {**settings_of(server, Flavour.ACTIVE_DIRECTORY, Security.LDAPS).document(), "interval_days": "7"}
    values |= {"password": "himitsu no kotoba", "version": "0"}
    assert client.post(address, {**values, "ca": "nothing"}).status_code == 422
    assert client.post(address, values).status_code == 302
    assert client.post(address, values).status_code == 409
    source = source_of(system.pk)
    assert source is not None
    assert b"himitsu" not in bytes(source.sealed_password or b"")
    assert "himitsu" not in client.get(address).content.decode()
    assert not any("himitsu" in entry for entry in Event.objects.values_list("entry", flat=True))
