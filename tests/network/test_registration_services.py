"""Registering how endpoints are looked at: what is taken, what is refused, and that no key ever shows."""

import logging
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings
from django.db import connection
from hypothesis import given as any_
from hypothesis import strategies as st

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry, close_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Conflict, Forbidden, NotFound
from sekisho.network.models import Registration
from sekisho.network.models.registration import StartTlsProtocol
from sekisho.network.queries.registration import client_identities, client_key_context, registrations
from sekisho.network.rules.credentials import (
    LARGEST_FILE,
    CredentialRefused,
    certificates_in,
    read_authorities,
    read_client_identity,
)
from sekisho.network.rules.observation import StartTls
from sekisho.network.rules.registration import (
    LONGEST_EXCEPTION,
    Allowance,
    Particulars,
    RegistrationInvalid,
    counts_on,
    tidy,
    tidy_allowance,
)
from sekisho.network.services.registration import (
    allow_exception,
    register_client_certificate,
    register_endpoint,
    remove_client_certificate,
)
from sekisho.register.models import Event
from sekisho.trust.sealing import SealBroken, unseal
from tests.conftest import actor_with
from tests.network import servers
from tests.network.servers import Identity

AUTHORITY = servers.identity("Clinic CA", authority=True, days=(-1, 3650))
CLIENT = servers.identity("sekisho-probe", issuer=AUTHORITY, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))
OLD_CLIENT = servers.identity("sekisho-probe", issuer=AUTHORITY, days=(-30, -2))
NOW = servers.NOW
TODAY = date(2026, 11, 21)
MANAGER = actor_with(Role.PLANNING_MANAGER)
PASSWORD = "himitsu no kotoba"
BAG = pkcs12.serialize_key_and_certificates(
    b"probe", CLIENT.key, CLIENT.certificate, [AUTHORITY.certificate], BestAvailableEncryption(PASSWORD.encode())
)
LOCKED_KEY = CLIENT.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSWORD.encode()))


@pytest.fixture
def endpoint(db: None, operator: Actor) -> UUID:
    """A web page over an open line."""
    system = add_entry(actor=operator, ledger=ledgers.SYSTEMS, values={"name": "予約", "kind": "emr", "form": "cloud"})
    values = {"system": system, "host": "ehr.example.jp", "port": 443, "protocol": "https", "exposure": "open"}
    return add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values=values).pk


def register(operator: Actor, endpoint: UUID, version: int = 0, **values: object) -> None:
    register_endpoint(actor=operator, endpoint_id=endpoint, version=version, given=Particulars(**values))  # type: ignore[arg-type]


def permit(endpoint: UUID, version: int, **values: object) -> None:
    """Let a manager allow something; with nothing else said, take it back."""
    allow_exception(actor=MANAGER, endpoint_id=endpoint, version=version, given=Allowance(**values))  # type: ignore[arg-type]


def test_everything_is_registered_and_recorded(endpoint: UUID, operator: Actor, at_nine: clock.FixedClock) -> None:
    """The register names what changed; of certificates it holds the fingerprints."""
    register_endpoint(
        actor=operator,
        endpoint_id=endpoint,
        version=0,
        given=Particulars("EHR.example.jp."),
        authorities=AUTHORITY.pem.encode(),
    )
    permit(endpoint, 1, tls12_reason="検査装置が対応していない", tls12_until=date(2028, 3, 31))
    known = registrations()[str(endpoint)]
    assert (known.ca_pem, known.server_name, known.tls12_reason) == (AUTHORITY.pem, "ehr.example.jp", True)
    assert known.changed_at == clock.now()
    entry = Event.objects.get(action="endpoint.register")
    assert (entry.subject_kind, entry.subject_id) == ("endpoint", str(endpoint))
    assert AUTHORITY.certificate.fingerprint(AUTHORITY.certificate.signature_hash_algorithm).hex() in entry.entry  # type: ignore[arg-type]
    assert "BEGIN CERTIFICATE" not in entry.entry
    register_endpoint(actor=operator, endpoint_id=endpoint, version=2, given=Particulars(), without_authorities=True)
    known = registrations()[str(endpoint)]
    assert (known.ca_pem, known.server_name, known.tls12_reason) == (None, None, True)
    permit(endpoint, 3)
    known = registrations()[str(endpoint)]
    assert (known.tls12_reason, known.allowed_by) == (False, "")


def test_only_a_manager_allows_an_exception(endpoint: UUID, operator: Actor, at_nine: clock.FixedClock) -> None:
    """Who registers an endpoint cannot; the register and the row keep who did, and a row without anybody counts not."""
    given = Allowance("検査装置が対応していない", date(2028, 3, 31), "other", "端末の機体番号")
    for role in (Role.SYSTEM_OPERATOR, Role.AUDITOR):
        with pytest.raises(Forbidden):
            allow_exception(actor=actor_with(role), endpoint_id=endpoint, version=0, given=given)
    assert not Registration.objects.exists()
    for version, role in enumerate((Role.MANAGEMENT, Role.SAFETY_MANAGER, Role.PLANNING_MANAGER)):
        allow_exception(actor=actor_with(role), endpoint_id=endpoint, version=version, given=given)
    known = registrations()[str(endpoint)]
    assert (known.tls12_reason, known.restricted_by, known.allowed_by) == (True, "端末の機体番号", MANAGER.name)
    row = Registration.objects.get()
    assert (row.allowed_by_id, row.allowed_at) == (MANAGER.id, clock.now())
    assert Event.objects.filter(action="endpoint_exception.allow").count() == 3
    register(operator, endpoint, 3, server_name="ehr.example.jp")
    assert registrations()[str(endpoint)].allowed_by == MANAGER.name
    Registration.objects.update(allowed_by="")
    known = registrations()[str(endpoint)]
    assert (known.tls12_reason, known.restricted_by) == (False, "")
    with pytest.raises(Conflict):
        permit(endpoint, 0)


def test_a_reason_for_an_old_version_ends(endpoint: UUID, operator: Actor, at_nine: clock.FixedClock) -> None:
    """It counts on its last day and not on the next; what else is registered can still be changed then."""
    permit(endpoint, 0, tls12_reason="機器の更新待ち", tls12_until=TODAY + timedelta(days=30))
    at_nine.moment += timedelta(days=30)
    assert registrations()[str(endpoint)].tls12_reason is True
    at_nine.moment += timedelta(days=1)
    assert registrations()[str(endpoint)].tls12_reason is False
    register(operator, endpoint, 1, server_name="ehr.example.jp")
    assert registrations()[str(endpoint)].server_name == "ehr.example.jp"
    until, other = TODAY + timedelta(days=30), {"restriction": "other", "restricted_by": "端末の機体番号"}
    permit(endpoint, 2, tls12_reason="機器の更新待ち", tls12_until=until, **other)
    assert registrations()[str(endpoint)].restricted_by == "端末の機体番号"


BEFORE = Allowance()
WHY = "機器の更新待ち"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Particulars(server_name="a b"), "server_name"),
        (Particulars(server_name="https://ehr.example.jp"), "server_name"),
        (Particulars(server_name="a" * 64 + ".jp"), "server_name"),
        (Particulars(starttls="smtp"), "starttls"),
        (Particulars(starttls="gopher"), None),
    ],
)
def test_what_cannot_be_registered(given: Particulars, field: str | None) -> None:
    with pytest.raises(RegistrationInvalid) as refused:
        tidy(given, protocol="https")
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Allowance(tls12_reason=WHY), "tls12_until"),
        (Allowance(tls12_until=TODAY), "tls12_reason"),
        (Allowance(tls12_reason="   ", tls12_until=TODAY), "tls12_reason"),
        (Allowance(tls12_reason="x", tls12_until=TODAY), "tls12_reason"),
        (Allowance(tls12_reason="・・・・・・", tls12_until=TODAY), "tls12_reason"),
        (Allowance(tls12_reason="\u3164" * 8, tls12_until=TODAY), "tls12_reason"),
        (Allowance(tls12_reason=WHY, tls12_until=TODAY - timedelta(days=1)), "tls12_until"),
        (Allowance(tls12_reason=WHY, tls12_until=TODAY + timedelta(days=732)), "tls12_until"),
        (Allowance(restriction="none"), None),
        (Allowance(restriction="other"), "restricted_by"),
        (Allowance(restriction="other", restricted_by="x"), "restricted_by"),
        (Allowance(restriction="other", restricted_by="端末\x00証明"), "restricted_by"),
        (Allowance(restriction="other", restricted_by="x" * 501), "restricted_by"),
    ],
)
def test_what_cannot_be_allowed(given: Allowance, field: str | None) -> None:
    """Above all not words that say nothing."""
    with pytest.raises(RegistrationInvalid) as refused:
        tidy_allowance(given, BEFORE, today=TODAY)
    assert refused.value.field == field


def test_the_written_form() -> None:
    """Names become what is asked for in the handshake; words about another way go when there is none."""
    assert tidy(Particulars(server_name=" 日本語.example. "), protocol="tls").server_name == "xn--wgv71a119e.example"
    assert tidy(Particulars(starttls="smtp"), protocol="tls").starttls == "smtp"
    assert tidy_allowance(Allowance(restricted_by="x"), BEFORE, today=TODAY) == BEFORE


@any_(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_new_reason_never_counts_for_more_than_two_years(until: date, today: date) -> None:
    """Whatever is typed: it is refused, or counts today and not after two years."""
    given = Allowance(tls12_reason=WHY, tls12_until=until)
    try:
        tidy_allowance(given, BEFORE, today=today)
    except RegistrationInvalid:
        assert not today <= until <= today + LONGEST_EXCEPTION
    else:
        assert counts_on(until, today)
        assert not counts_on(until, today + LONGEST_EXCEPTION + timedelta(days=1))
    assert not counts_on(None, today)


def test_nobody_overwrites_what_somebody_else_registered(endpoint: UUID, operator: Actor) -> None:
    register(operator, endpoint, server_name="a.example")
    for version in (0, 7):
        with pytest.raises(Conflict):
            register(operator, endpoint, version, server_name="b.example")
    assert registrations()[str(endpoint)].server_name == "a.example"
    with pytest.raises(Conflict):
        remove_client_certificate(actor=operator, endpoint_id=endpoint, version=0)


def test_who_may_and_for_what(endpoint: UUID, operator: Actor) -> None:
    """Endpoints that are open only, and keepers of the estate only; a refusal leaves nothing behind."""
    with pytest.raises(Forbidden):
        register(actor_with(Role.AUDITOR), endpoint)
    with pytest.raises(NotFound):
        register(operator, uuid4())
    with pytest.raises(RegistrationInvalid):
        register(operator, endpoint, server_name="a b")
    close_entry(actor=operator, ledger=ledgers.ENDPOINTS, entry_id=endpoint, version=1, reason="廃止")
    with pytest.raises(NotFound):
        register(operator, endpoint)
    assert not Registration.objects.exists()


def der(identity: Identity) -> bytes:
    return identity.certificate.public_bytes(Encoding.DER)


def test_authorities_are_read_from_both_forms() -> None:
    """PEM with white space and a byte order mark, several at once, and DER; twice the same counts once."""
    two = f"\ufeff\r\n{AUTHORITY.pem}\n\n{CLIENT.pem}".encode()
    tidy_pem = read_authorities(two)
    assert [len(certificates_in(tidy_pem)), tidy_pem.count("BEGIN CERTIFICATE")] == [2, 2]
    assert read_authorities(der(AUTHORITY)) == AUTHORITY.pem


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "PEM"),
        (b"hello", "PEM"),
        (b"subject=CN\n" + AUTHORITY.pem.encode(), "PEM"),
        (AUTHORITY.pem.encode() + b"trailing", "PEM"),
        (AUTHORITY.pem.encode() + AUTHORITY.key_pem.encode(), "private key"),
        (AUTHORITY.pem.encode() + bytes(LARGEST_FILE), "64 KiB"),
        (AUTHORITY.pem.replace("MII", "MIX", 1).encode(), "damaged"),
        (der(AUTHORITY)[:-9], "damaged"),
        (b"\x30" + bytes(LARGEST_FILE), "64 KiB"),
        ("".join(servers.identity(str(n)).pem for n in range(21)).encode(), "20 certificates"),
    ],
)  # fmt: skip
def test_what_is_no_authority(data: bytes, word: str) -> None:
    with pytest.raises(CredentialRefused, match=word) as refused:
        read_authorities(data)
    assert refused.value.field == "ca"


@any_(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(CredentialRefused):
        read_authorities(data)
    with pytest.raises(CredentialRefused):
        read_client_identity(data, data, "x", NOW)


@pytest.mark.parametrize(
    ("certificate", "key", "password"),
    [
        (BAG, b"", PASSWORD),
        (CLIENT.pem.encode(), CLIENT.key_pem.encode(), ""),
        (CLIENT.pem.encode() + CLIENT.key_pem.encode(), b"", ""),
        (CLIENT.pem.encode(), LOCKED_KEY, PASSWORD),
        # The chain first: the one that the key belongs to comes to the front.
        ((AUTHORITY.pem + CLIENT.pem).encode(), CLIENT.key_pem.encode(), ""),
    ],
)
def test_client_certificates_are_read_from_every_form(certificate: bytes, key: bytes, password: str) -> None:
    found = read_client_identity(certificate, key, password, NOW)
    assert found.certificate_pem == CLIENT.pem
    assert found.key_pem == CLIENT.key_pem
    assert "PRIVATE" not in repr(found)


DSA = dsa.generate_private_key(1024).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("certificate", "key", "password", "field"),
    [
        (BAG, b"", "", "password"),
        (BAG, b"", "wrong", "password"),
        (BAG[:-20], b"", PASSWORD, "password"),
        (CLIENT.pem.encode(), b"", "", "key"),
        (CLIENT.pem.encode(), CLIENT.key_pem.encode() * 2, "", "key"),
        (CLIENT.pem.encode(), servers.identity("x").key_pem.encode(), "", "key"),
        (CLIENT.pem.encode(), DSA, "", "key"),
        (CLIENT.pem.encode(), bytes(LARGEST_FILE + 1), "", "key"),
        (CLIENT.pem.encode(), LOCKED_KEY, "", "password"),
        (CLIENT.pem.encode(), LOCKED_KEY, "wrong", "password"),
        (CLIENT.key_pem.encode(), b"", "", "certificate"),
        (OLD_CLIENT.pem.encode(), OLD_CLIENT.key_pem.encode(), "", "certificate"),
        (b"", b"", "", "certificate"),
    ],
)
def test_what_is_no_client_certificate(certificate: bytes, key: bytes, password: str, field: str) -> None:
    """Each refused at its field, and nothing of key or password stands in the error."""
    with pytest.raises(CredentialRefused) as refused:
        read_client_identity(certificate, key, password, NOW)
    assert refused.value.field == field
    assert PASSWORD not in str(refused.value)
    assert CLIENT.key_pem.splitlines()[1] not in str(refused.value)


def test_a_client_certificate_is_sealed_used_and_forgotten(endpoint: UUID, operator: Actor) -> None:
    with clock.use(clock.FixedClock(NOW)):
        register_client_certificate(actor=operator, endpoint_id=endpoint, version=0, certificate=BAG, password=PASSWORD)
    assert registrations()[str(endpoint)].has_client
    assert client_identities({str(uuid4())}) == {}, "only keys that are asked for are opened"
    client = client_identities({str(endpoint)})[str(endpoint)]
    assert (client.certificate_pem, client.key_pem) == (CLIENT.pem, CLIENT.key_pem)
    row = Registration.objects.get()
    with pytest.raises(SealBroken):  # moved to another row it opens no more
        unseal(settings.SEAL_KEY, bytes(row.sealed_client_key or b""), client_key_context(uuid4()))
    remove_client_certificate(actor=operator, endpoint_id=endpoint, version=1)
    row.refresh_from_db()
    assert (row.client_certificate_pem, row.sealed_client_key) == ("", None)
    assert client_identities({str(endpoint)}) == {}
    events = Event.objects.filter(subject_kind="endpoint").order_by("source_seq")
    actions = ["estate.add", "client_certificate.register", "client_certificate.remove"]
    assert list(events.values_list("action", flat=True)) == actions


def secrets_of(identity: Identity) -> list[bytes]:
    """Return the shapes in which a private key could leak: the lines of its PEM, its number, the password."""
    numbers = identity.key.private_numbers()
    value = getattr(numbers, "private_value", None) or numbers.d  # type: ignore[union-attr]
    lines = identity.key_pem.splitlines()[1:-1]
    return [
        *(line.encode() for line in lines),
        value.to_bytes(32).hex().encode(),
        value.to_bytes(32),
        PASSWORD.encode(),
    ]


def test_nothing_of_a_key_lies_in_the_clear(endpoint: UUID, operator: Actor, caplog: pytest.LogCaptureFixture) -> None:
    """In no column of any table, and in no log line; refused files leave nothing either."""
    caplog.set_level(logging.DEBUG)
    with clock.use(clock.FixedClock(NOW)):
        with pytest.raises(CredentialRefused):
            register_client_certificate(
                actor=operator, endpoint_id=endpoint, version=0, certificate=CLIENT.pem.encode(), key=LOCKED_KEY
            )
        register_client_certificate(actor=operator, endpoint_id=endpoint, version=0, certificate=BAG, password=PASSWORD)
    stored = b"".join(everything_stored())
    assert CLIENT.pem.splitlines()[1].encode() in stored
    for secret in secrets_of(CLIENT):
        assert secret not in stored
        assert secret not in caplog.text.encode()


def everything_stored() -> list[bytes]:
    """Return every value of every table."""
    found: list[bytes] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [_bytes(value) for row in cursor.fetchall() for value in row]
    return found


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode(errors="replace")


def test_starttls_names_are_those_of_the_probe() -> None:
    """What can be chosen is what can be done."""
    assert set(StartTlsProtocol.values) == {one.value for one in StartTls}


def test_the_key_is_named_in_no_template() -> None:
    """Pages cannot show what they are not given."""
    folder = Path(servers.ROOT / "src/sekisho/network/templates")
    assert not [path for path in folder.rglob("*.html") if "sealed_client_key" in path.read_text(encoding="utf8")]
