"""The pages of the endpoints: what was seen, what is registered, and the forms that change it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override
from pydantic import TypeAdapter

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry
from sekisho.kernel import clock, text
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.network.models import Probe, Registration, Vantage
from sekisho.network.queries.registration import registrations
from sekisho.network.rules.registration import Particulars
from sekisho.network.services.registration import register_endpoint
from sekisho.network.services.sightings import Seen, keep_sightings
from tests.network import servers
from tests.network.test_controls import INSISTS
from tests.network.test_tls_judge import GOOD, with_versions

pytestmark = pytest.mark.django_db
AUTHORITY = servers.identity("Clinic CA", authority=True, days=(-1, 3650))
CLIENT = servers.identity("sekisho-probe", issuer=AUTHORITY, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))
PASSWORD = "himitsu no kotoba"
BAG = pkcs12.serialize_key_and_certificates(
    b"probe", CLIENT.key, CLIENT.certificate, [AUTHORITY.certificate], BestAvailableEncryption(PASSWORD.encode())
)


@pytest.fixture
def endpoint(operator: Actor) -> Entry:
    system = add_entry(actor=operator, ledger=ledgers.SYSTEMS, values={"name": "予約", "kind": "emr", "form": "cloud"})
    values = {"system": system, "host": "ehr.example.jp", "port": 443, "protocol": "https", "exposure": "open"}
    return add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values=values)


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def manager(signed_in: Callable[..., Client]) -> Client:
    """A manager's browser, beside the operator's."""
    return signed_in(Role.SAFETY_MANAGER)


def words(msgid: str) -> str:
    """Return a text as the pages show it to these tests."""
    with override("en"):
        return gettext(msgid).replace("'", "&#x27;")


def see(endpoint: Entry, probe: Probe, seen: object) -> None:
    document = TypeAdapter(type(seen)).dump_json(seen)
    one = Seen(str(endpoint.pk), str(endpoint), clock.now(), document)
    keep_sightings(actor=platform("job"), probe=probe, seen=[one], vantage=Vantage.OPEN)


def address(name: str, endpoint: Entry) -> str:
    return reverse(f"network:{name}", args=[endpoint.pk])


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found, page
    return found[1]


def file(data: str | bytes, name: str = "file.pem") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)


def test_the_list_says_what_was_seen_and_leads_on(client: Client, endpoint: Entry, operator: Actor) -> None:
    """One that was never looked at cannot be told; one that is no TLS is not looked at."""
    values = {"system": endpoint.system, "host": "rdp.example.jp", "port": 3389, "protocol": "rdp"}  # type: ignore[attr-defined]
    add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values={**values, "exposure": "internal"})
    page = client.get(reverse("network:endpoints")).content.decode()
    assert page.count("Cannot be told") == 3
    assert page.count(words("Not looked at")) == 3
    see(endpoint, Probe.TLS, with_versions(TLS10=True))
    see(endpoint, Probe.MUTUAL_TLS, INSISTS)
    page = client.get(reverse("network:endpoints")).content.decode()
    assert address("endpoint", endpoint) in page
    assert (page.count("Breaks the rule"), page.count("Fine</span>")) == (2, 1)


def test_no_endpoint_says_what_to_do(client: Client) -> None:
    page = client.get(reverse("network:endpoints")).content.decode()
    assert words("No endpoint has been entered.") in page
    assert reverse("estate:endpoints") in page
    assert words("No endpoint matches.") in client.get(reverse("network:endpoints"), {"q": "x"}).content.decode()


def test_more_than_a_page_is_paged_and_searched(client: Client, endpoint: Entry, operator: Actor) -> None:
    for number in range(51):
        values = {"system": endpoint.system, "host": f"pc{number}.example.jp", "port": 443, "protocol": "https"}  # type: ignore[attr-defined]
        add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values={**values, "exposure": "internal"})
    page = client.get(reverse("network:endpoints")).content.decode()
    assert "?page=2" in page
    assert page.count("<tr>") == 51
    assert "pc50.example.jp" in client.get(reverse("network:endpoints"), {"page": 2}).content.decode()
    page = client.get(reverse("network:endpoints"), {"q": "PC17"}).content.decode()
    assert page.count("example.jp:443") == 1


def test_one_endpoint_shows_every_remark_and_what_is_registered(client: Client, endpoint: Entry) -> None:
    see(endpoint, Probe.TLS, with_versions(TLS10=True))
    page = client.get(address("endpoint", endpoint)).content.decode()
    assert "TLS 1.0" in page
    assert reverse("estate:endpoints-entry", args=[endpoint.pk]) in page
    assert "It was not looked at yet." in page, "client certificates were not tried"
    for name in ("register-endpoint", "register-client"):
        assert address(name, endpoint) in page
    assert address("remove-client", endpoint) not in page


def test_a_reader_sees_no_buttons(signed_in: Callable[..., Client], endpoint: Entry) -> None:
    page = signed_in(Role.INSPECTOR).get(address("endpoint", endpoint)).content.decode()
    assert address("register-endpoint", endpoint) not in page
    assert address("register-client", endpoint) not in page


def test_registering_everything(client: Client, manager: Client, endpoint: Entry) -> None:
    """Then it stands on the page; the authority with its fingerprint; the reason excuses TLS 1.2."""
    see(endpoint, Probe.TLS, replace(with_versions(TLS12=True), server_name="ehr.example.jp"))
    form = address("register-endpoint", endpoint)
    page = client.get(form).content.decode()
    assert "without_ca" not in page
    until = clock.now().date() + timedelta(days=300)
    sent = {
        "version": version_in(page),
        "server_name": "EHR.example.jp",
        "ca": file(AUTHORITY.pem),
    }
    answer = client.post(form, sent, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [(address("endpoint", endpoint), 302)]
    assert words("It was registered. The endpoint is looked at that way within a day.") in page
    exception = address("allow-exception", endpoint)
    page = manager.get(exception).content.decode()
    sent = {
        "version": version_in(page),
        "tls12_reason": "検査装置が対応していない",
        "tls12_until": until.isoformat(),
        "restriction": "other",
        "restricted_by": "端末の機体番号を事業者の装置が確かめる",
    }
    answer = manager.post(exception, sent, follow=True)
    assert answer.redirect_chain == [(address("endpoint", endpoint), 302)]
    page = answer.content.decode()
    assert "Allowed by" in page
    for shown in ("CN=Clinic CA", "検査装置が対応していない", "端末の機体番号", "ehr.example.jp"):
        assert shown in page
    assert AUTHORITY.certificate.fingerprint(AUTHORITY.certificate.signature_hash_algorithm).hex() in page  # type: ignore[arg-type]
    assert words("Not applicable") in page
    assert "without_ca" in client.get(form).content.decode()
    client.post(form, {"version": "2", "without_ca": "on"})
    assert registrations()[str(endpoint.pk)].ca_pem is None


def test_the_operator_sees_what_was_allowed_and_cannot_change_it(
    client: Client, manager: Client, endpoint: Entry
) -> None:
    """By whom and until when; what is sent all the same changes nothing."""
    until = clock.now().date() + timedelta(days=30)
    why = {"tls12_reason": "検査装置が対応していない", "tls12_until": until.isoformat(), "restriction": "certificate"}
    form, exception = address("register-endpoint", endpoint), address("allow-exception", endpoint)
    assert client.post(exception, {"version": "0", **why}).status_code == 403
    client.post(form, {"version": "0", **why})
    assert Registration.objects.get().tls12_reason == ""
    assert manager.post(exception, {"version": "1", **why}).status_code == 302
    page = client.get(form).content.decode()
    assert ("検査装置が対応していない" in page, Registration.objects.get().allowed_by in page) == (True, True)
    assert 'name="tls12_reason"' not in page
    assert exception not in page
    client.post(form, {"version": "2", "tls12_reason": "", "tls12_until": "", "restriction": "certificate"})
    assert registrations()[str(endpoint.pk)].tls12_reason is True
    conflict = manager.post(exception, {"version": "2", "restriction": "certificate"})
    assert conflict.status_code == 409
    assert "検査装置が対応していない" in conflict.content.decode()


def test_what_is_wrong_is_said_at_its_field(client: Client, manager: Client, endpoint: Entry) -> None:
    """What was typed stays, the file has to be chosen again."""
    form = address("register-endpoint", endpoint)
    sent = {"version": "0", "restriction": "certificate", "server_name": "ehr.example.jp", "ca": file("no PEM")}
    answer = client.post(form, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_ca_error"' in page
    assert 'value="ehr.example.jp"' in page
    assert words("Choose the files again: a browser does not keep them.") in page
    assert client.post(form, {"version": "0", "starttls": "x"}).status_code == 422
    form = address("allow-exception", endpoint)
    answer = manager.post(form, {"version": "0", "restriction": "certificate", "tls12_reason": "x"})
    assert (answer.status_code, 'id="id_tls12_until_error"' in answer.content.decode()) == (422, True)
    sent = {"version": "0", "restriction": "certificate", "tls12_reason": "x", "tls12_until": "2026-12-01"}
    assert manager.post(form, sent).status_code == 422
    assert manager.post(form, {"version": "0", "restriction": "x"}).status_code == 422
    assert not Registration.objects.exists()


def test_two_who_register_at_once(client: Client, endpoint: Entry, operator: Actor) -> None:
    """The second sees what the first stored, and can send again."""
    register_endpoint(actor=operator, endpoint_id=endpoint.pk, version=0, given=Particulars("theirs.example"))
    form = address("register-endpoint", endpoint)
    sent = {"version": "0", "restriction": "certificate", "server_name": "mine.example"}
    answer = client.post(form, sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "theirs.example" in page
    assert 'value="mine.example"' in page
    assert client.post(form, {**sent, "version": version_in(page)}).status_code == 302
    assert registrations()[str(endpoint.pk)].server_name == "mine.example"


def test_a_client_certificate_comes_and_goes(client: Client, endpoint: Entry) -> None:
    """Nothing of its key is on any page, nor what opens it."""
    form = address("register-client", endpoint)
    answer = client.post(form, {"version": "0", "certificate": file(BAG, "probe.p12"), "password": "chigau kotoba"})
    assert answer.status_code == 422
    assert 'id="id_password_error"' in answer.content.decode()
    assert "chigau kotoba" not in answer.content.decode()
    answer = client.post(
        form, {"version": "0", "certificate": file(BAG, "probe.p12"), "password": PASSWORD}, follow=True
    )
    pages = [answer.content.decode()]
    assert "CN=sekisho-probe" in pages[0]
    remove = address("remove-client", endpoint)
    pages += [client.get(one).content.decode() for one in (remove, form, address("register-endpoint", endpoint))]
    pages += [client.get(one).content.decode() for one in (reverse("network:endpoints"), reverse("register:list"))]
    for page in pages:
        assert "PRIVATE KEY" not in page
        assert CLIENT.key_pem.splitlines()[1] not in page
        assert PASSWORD not in page
    assert client.get(form)["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert client.post(remove, {"version": "0"}).status_code == 409
    assert client.post(remove, {"version": version_in(pages[1])}).status_code == 302
    assert not registrations()[str(endpoint.pk)].has_client


def test_an_endpoint_that_turns_to_tls_on_request_is_looked_at_once_that_is_registered(
    client: Client, endpoint: Entry, operator: Actor
) -> None:
    values = {"system": endpoint.system, "host": "ad.example.jp", "port": 389, "protocol": "ldap"}  # type: ignore[attr-defined]
    other = add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values={**values, "exposure": "internal"})
    assert words("This endpoint is not looked at.") in client.get(address("endpoint", other)).content.decode()
    client.post(address("register-endpoint", other), {"version": "0", "restriction": "certificate", "starttls": "ldap"})
    assert "It was not looked at yet." in client.get(address("endpoint", other)).content.decode()


def test_the_good_one_is_good_in_every_language(client: Client, endpoint: Entry) -> None:
    see(endpoint, Probe.TLS, GOOD)
    page = client.get(address("endpoint", endpoint)).content.decode()
    assert str(text.Text("TLS 1.3 is offered.")) in page
