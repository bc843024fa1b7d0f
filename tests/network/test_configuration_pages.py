"""The pages of network devices: entering, looking, handing in, approving; and what nobody stores on the way."""

import hashlib
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from sekisho.kernel.access import Role
from sekisho.ledgers.models import Application
from sekisho.network.models import KeptConfiguration, NetworkDevice
from sekisho.register.models import Event
from sekisho.ui.display import LANGUAGE_COOKIE
from tests.network.network_devices import SECRET, WEAK, add_link, device_for, hand_in, router
from tests.network.test_configuration_services import RUBBISH, SECRETS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
SignedIn = Callable[..., Client]


@pytest.fixture
def signed_in(signed_in: SignedIn) -> SignedIn:
    """Return a function that gives a signed-in client who reads English."""

    def make(*roles: Role, **options: str) -> Client:
        client = signed_in(*roles, **options)
        client.cookies[LANGUAGE_COOKIE] = "en"
        return client

    return make


def url(name: str, *args: Any) -> str:
    """Return the address of a page of this room."""
    return reverse(f"network:{name}", args=args)


def text_of(answer: Any) -> str:
    """Return a page's text."""
    return str(answer.content.decode())


def upload(client: Client, device: NetworkDevice, content: bytes, **fields: str) -> HttpResponse:
    """Send a file."""
    file = SimpleUploadedFile("config.txt", content, "text/plain")
    return client.post(url("device-hand-in", device.pk), {"file": file, **fields})


def sha256_of(answer: Any) -> str:
    """Return the hash in the form that a preview offers."""
    found = re.search(r'name="sha256" value="([0-9a-f]{64})"', text_of(answer))
    assert found is not None
    return found[1]


def test_the_empty_list_says_what_to_do(signed_in: SignedIn) -> None:
    """To who may do it; to others who does."""
    assert url("device-new") in text_of(signed_in(Role.SYSTEM_OPERATOR).get(url("devices")))
    assert url("device-new") not in text_of(signed_in(Role.AUDITOR).get(url("devices")))


def test_a_device_is_entered_changed_and_closed(signed_in: SignedIn) -> None:
    client, link = signed_in(Role.SYSTEM_OPERATOR), add_link()
    answer = client.post(url("device-new"), {"name": "ルーター", "kind": "router", "links": [str(link.pk)]})
    device = NetworkDevice.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, url("device", device.pk))
    assert "連携薬局" in text_of(client.get(url("device", device.pk)))
    entered = {"name": "ルーター2", "kind": "vpn", "links": [str(link.pk)], "version": "1"}
    assert client.post(url("device-change", device.pk), entered).status_code == 302
    assert client.post(url("device-close", device.pk), {"reason": "交換", "version": "2"}).status_code == 302
    client.get(url("devices"))  # says once what was done
    assert "ルーター2" not in text_of(client.get(url("devices")))
    assert "ルーター2" in text_of(client.get(f"{url('devices')}?closed"))
    for page in ("device-change", "device-close", "device-hand-in"):
        assert client.get(url(page, device.pk))["Location"] == url("device", device.pk)


@pytest.mark.parametrize(
    "entered", [{}, {"name": "x", "kind": "toaster"}, {"name": "既存", "kind": "router"}, {"name": "x", "kind": ""}]
)
def test_bad_input_is_said_at_the_form(signed_in: SignedIn, entered: dict[str, str]) -> None:
    device_for(name="既存")
    answer = signed_in(Role.SYSTEM_OPERATOR).post(url("device-new"), entered)
    assert answer.status_code == 422
    assert NetworkDevice.objects.count() == 1


def test_who_was_slower_overwrites_nothing_unseen(signed_in: SignedIn) -> None:
    """And may send the same again after having seen why."""
    client, device = signed_in(Role.SYSTEM_OPERATOR), device_for()
    entered = {"name": "新しい名", "kind": "router", "version": "7"}
    answer = client.post(url("device-change", device.pk), entered)
    assert answer.status_code == 409
    assert 'name="version" value="1"' in text_of(answer)
    assert client.post(url("device-change", device.pk), {**entered, "version": "1"}).status_code == 302


def test_a_configuration_is_looked_at_then_kept(signed_in: SignedIn) -> None:
    """Looking stores nothing; the same file with its hash is kept."""
    client, link = signed_in(Role.SYSTEM_OPERATOR), add_link()
    device, content = device_for(link), router(*WEAK).encode()
    preview = upload(client, device, content)
    shown = text_of(preview)
    assert preview.status_code == 200
    assert "Nothing has been stored yet" in shown
    assert "VPN-PSK" in shown
    assert "44: <code>ipsec ike pre-shared-key 1 text ●●●● (" in shown
    assert "RTX1220 Rev.15.04.06" in shown
    assert not KeptConfiguration.objects.exists()
    answer = upload(client, device, content, sha256=sha256_of(preview))
    assert (answer.status_code, answer["Location"]) == (302, url("device", device.pk))
    page = text_of(client.get(url("device", device.pk)))
    assert "VPN-PSK" in page
    assert "No configuration has been approved for this device" in page
    for secret in SECRETS:
        assert secret not in shown + page, secret


def test_another_file_than_the_one_looked_at_is_shown_not_kept(signed_in: SignedIn) -> None:
    client, device = signed_in(Role.SYSTEM_OPERATOR), device_for()
    first = sha256_of(upload(client, device, router().encode()))
    other = router(*WEAK).encode()
    answer = upload(client, device, other, sha256=first)
    assert answer.status_code == 422
    assert "another file" in text_of(answer)
    assert not KeptConfiguration.objects.exists()
    assert upload(client, device, other, sha256=sha256_of(answer)).status_code == 302


@pytest.mark.parametrize("name", RUBBISH)
@pytest.mark.parametrize("confirmed", [True, False])
def test_rubbish_is_refused_with_words_and_nothing_is_stored(signed_in: SignedIn, name: str, confirmed: bool) -> None:
    """At the file, with what to do; looked at or confirmed."""
    client, device = signed_in(Role.SYSTEM_OPERATOR), device_for()
    content, _error = RUBBISH[name]
    before = Event.objects.count()
    sha256 = hashlib.sha256(content).hexdigest()
    answer = upload(client, device, content, **({"sha256": sha256} if confirmed else {}))
    assert answer.status_code == 422
    assert 'id="id_file_error"' in text_of(answer)
    assert (KeptConfiguration.objects.count(), Event.objects.count()) == (0, before)


def test_a_wrong_table_is_refused_with_its_line(signed_in: SignedIn) -> None:
    device = device_for(kind="wireless")
    content = b"ssid,security\nstaff,WPA2-Enterprise\nguest,???,extra,cells\n"
    answer = upload(signed_in(Role.SYSTEM_OPERATOR), device, content)
    assert answer.status_code == 422
    assert re.search(r"\b3\b", text_of(answer).split("id_file_error")[1][:400])


def test_an_upload_touches_no_disk(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django would put what is larger than 2.5 MiB into a file, with the passwords in it."""

    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError("a file was made")

    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", refuse)
    content = router().encode() + b"#\n" * (2 * 2**20)
    preview = upload(signed_in(Role.SYSTEM_OPERATOR), device_for(), content)
    assert preview.status_code == 200
    assert sha256_of(preview) == hashlib.sha256(content).hexdigest()


def test_the_token_of_the_form_is_asked_for(signed_in: SignedIn) -> None:
    """The view looks at it itself, because the files are read first."""
    client, device = signed_in(Role.SYSTEM_OPERATOR), device_for()
    client.handler.enforce_csrf_checks = True
    assert upload(client, device, router().encode()).status_code == 403
    client.cookies["__Host-sekisho-csrf"] = "a" * 32
    client.defaults["HTTP_REFERER"] = "https://localhost/"
    token = {"csrfmiddlewaretoken": "a" * 32}
    assert upload(client, device, router().encode(), **token).status_code == 200


def test_a_baseline_is_applied_for_and_approved_and_drift_is_shown(signed_in: SignedIn) -> None:
    """By the operator; by the planning manager; line by line."""
    client, manager = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.PLANNING_MANAGER)
    device = device_for(add_link())
    assert "Hand it in first" in text_of(client.get(url("device-baseline", device.pk)))
    hand_in(device, router())
    assert client.post(url("device-baseline", device.pk), {"reason": "", "number": "1"}).status_code == 422
    assert client.post(url("device-baseline", device.pk), {"reason": "納品時", "number": "0"}).status_code == 409
    answer = client.post(url("device-baseline", device.pk), {"reason": "納品時", "number": "1"})
    application = Application.objects.get()
    shown = text_of(manager.get(answer["Location"]))
    assert "RTX1220 Rev.15.04.06" in shown
    assert "納品時" in shown
    assert "Look at the application" in text_of(client.get(url("device", device.pk)))
    approved = manager.post(reverse("ledgers:approve", args=[application.pk]), {"version": "1", "comment": ""})
    assert approved.status_code == 302
    assert "As approved" in text_of(client.get(url("devices")))
    hand_in(device, router(("192.168.20.0/24", "192.168.21.0/24")))
    page = text_of(client.get(url("device", device.pk)))
    assert "ip route 192.168.20.0/24 gateway tunnel 1</del>" in page
    assert "ip route 192.168.21.0/24 gateway tunnel 1</ins>" in page
    assert "Differs from the approved configuration" in text_of(client.get(url("devices")))
    assert "As approved" in text_of(client.get(url("device-configuration", device.pk, 1)))
    assert client.get(url("device-configuration", device.pk, 3)).status_code == 404


def test_a_baseline_that_was_sent_back_is_mended(signed_in: SignedIn) -> None:
    """By the one who applied; filled with what was said before."""
    client, manager = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.SAFETY_MANAGER)
    device = device_for()
    hand_in(device, router())
    client.post(url("device-baseline", device.pk), {"reason": "納品時の設定", "number": "1"})
    application = Application.objects.get()
    mend = url("amend-baseline", application.pk)
    assert client.get(mend)["Location"] == reverse("ledgers:application", args=[application.pk])
    manager.post(reverse("ledgers:send-back", args=[application.pk]), {"version": "1", "comment": "工事番号を"})
    assert "納品時の設定" in text_of(client.get(mend))
    assert signed_in(Role.SYSTEM_OPERATOR, login="other").get(mend).status_code == 403
    late = client.post(mend, {"reason": "工事123", "number": "1", "version": "1"})
    assert late.status_code == 409
    assert 'name="version" value="2"' in text_of(late)
    assert client.post(mend, {"reason": "工事123", "number": "1", "version": "2"}).status_code == 302


def test_long_tables_are_paged(signed_in: SignedIn) -> None:
    """The differences for themselves: the other tables stay where they were."""
    client, device = signed_in(Role.SYSTEM_OPERATOR), device_for()
    hand_in(device, router())
    client.post(url("device-baseline", device.pk), {"reason": "納品時の設定", "number": "1"})
    manager = signed_in(Role.PLANNING_MANAGER)
    manager.post(reverse("ledgers:approve", args=[Application.objects.get().pk]), {"version": "1", "comment": ""})
    routes = "".join(f"ip route 10.0.{number}.0/24 gateway tunnel 1\n" for number in range(60))
    hand_in(device, router(("", routes)))
    first, second = (text_of(client.get(f"{url('device', device.pk)}?changes={number}")) for number in (1, 2))
    assert "10.0.59.0/24" not in first or "10.0.1.0/24" not in first
    assert "?changes=2" in first
    assert second.count("</ins>") == 10


def test_a_preview_has_one_page_and_says_where_it_ends(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its other pages could not be asked for: nothing is kept."""
    client, device = signed_in(Role.SYSTEM_OPERATOR), device_for()
    users = "".join(f"login user person{number:03} fuyu-no-{number}-kaze\n" for number in range(60))
    shown = text_of(upload(client, device, router(("", users)).encode()))
    assert shown.count("The password is none of the well-known ones") == 61
    assert "remarks=2" not in shown
    monkeypatch.setattr("sekisho.network.views.device_context._MOST_AT_ONCE", 20)
    assert "The first 20 of" in text_of(upload(client, device, router(("", users)).encode()))


def test_pages_keep_no_secret_in_the_log(signed_in: SignedIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client, device = signed_in(Role.SYSTEM_OPERATOR), device_for()
    for content in (router(*WEAK).encode(), f"password {SECRET}".encode(), f"{SECRET}\0".encode()):
        assert SECRET not in text_of(upload(client, device, content))
    assert SECRET not in caplog.text
