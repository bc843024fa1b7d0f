"""The webhook through a real HTTPS receiver: signed, to a checked address, without following anybody elsewhere."""

import hashlib
import hmac
import json
import re
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from sekisho.governance.models import Delivery, Webhook
from sekisho.governance.queries.delivery import webhook_secret
from sekisho.governance.rules.delivery import DeliveryState, Trouble
from sekisho.governance.services import connecting, delivery
from sekisho.governance.services.delivery import INTERRUPTED_AFTER, deliver
from sekisho.governance.services.delivery_settings import WebhookSettings, keep_webhook
from sekisho.governance.services.digests import make_digests
from sekisho.governance.services.notices import look_for_notices
from sekisho.governance.services.posting import Receiver, post
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Outcome
from sekisho.register.models import Event
from tests.governance.mail_server import CA_PEM, FOREIGN, HOST, Postbox, receiver, tls
from tests.governance.pages import page, words
from tests.governance.pages import post as send
from tests.governance.working import OPERATOR, run
from tests.network.listeners import Listener

pytestmark = pytest.mark.django_db
CONTROL = "people.platform_lockout"
WORKER = platform("test")
SECRET = "5e" * 32


@pytest.fixture
def postbox() -> Postbox:
    """What the receiver takes."""
    return Postbox()


def turn() -> int:
    """Do what the jobs do in five minutes; return how many digests arrived."""
    look_for_notices(actor=WORKER)
    make_digests(actor=WORKER)
    return deliver(actor=WORKER)


def set_up(port: int, path: str = "/hook?room=1") -> str:
    """Set the webhook up and return its secret."""
    given = WebhookSettings(enabled=True, url=f"https://{HOST}:{port}{path}", hour=8, authorities=CA_PEM)
    return keep_webhook(actor=OPERATOR, version=0, given=given)


def to(port: int, *, scheme: str = "https", ca: bytes = CA_PEM) -> Receiver:
    """Return a receiver at a port."""
    return Receiver(f"{scheme}://{HOST}:{port}/", SECRET, ca.decode())


def test_a_signed_message_arrives_once(postbox: Postbox, tmp_path: Path, at_nine: clock.FixedClock) -> None:
    with receiver(postbox, tls(tmp_path)) as port:
        secret = set_up(port)
        run(CONTROL, {"患者 花子": Outcome.FAIL})
        assert turn() == 1
        assert turn() == 0
    ((headers, body),) = postbox.taken
    match = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["sekisho-signature"])
    assert match
    wanted = hmac.new(secret.encode(), match[1].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(wanted, match[2])
    assert int(match[1]) == int(clock.now().timestamp())
    document = json.loads(body)
    assert headers["sekisho-delivery"] == document["id"] == str(Delivery.objects.get().pk)
    assert (document["type"], document["day"], document["open"]["today"]) == ("notices.digest", "2026-11-21", 1)
    (notice,) = document["notices"]
    assert (notice["kind"], notice["urgency"], notice["number"]) == ("fails", "today", 1)
    assert set(notice["title"]) == {"ja", "en"}
    assert notice["url"].startswith("https://localhost:8443/checks/")
    assert "花子" not in body.decode()


def test_nothing_is_posted_on_quiet_days(postbox: Postbox, tmp_path: Path, at_nine: clock.FixedClock) -> None:
    with receiver(postbox, tls(tmp_path)) as port:
        set_up(port)
        for _day in range(3):
            assert turn() == 0
            at_nine.moment += timedelta(days=1)
    assert postbox.taken == []


@pytest.mark.parametrize(
    ("status", "trouble", "again"),
    [
        (200, None, False), (204, None, False), (500, Trouble.STATUS, True), (503, Trouble.STATUS, True),
        (429, Trouble.STATUS, True), (404, Trouble.STATUS, False), (301, Trouble.REDIRECT, False),
        (307, Trouble.REDIRECT, False),
    ],
)  # fmt: skip
def test_what_the_receiver_answers(
    postbox: Postbox, tmp_path: Path, status: int, trouble: Trouble | None, again: bool
) -> None:
    postbox.status, postbox.headers = status, {"Location": "https://169.254.169.254/"}
    postbox.body = b"secret of the receiver" if status != 204 else b""
    with receiver(postbox, tls(tmp_path)) as port:
        sent = post(to(port), b"{}", "id", seconds=10)
    assert (sent.trouble, sent.again, sent.answer) == (trouble, again, str(status))
    assert len(postbox.taken) == 1, "nobody is followed elsewhere"


def test_a_certificate_is_always_checked(postbox: Postbox, tmp_path: Path) -> None:
    with receiver(postbox, tls(tmp_path, FOREIGN)) as port:
        assert post(to(port), b"{}", "id", seconds=10).trouble is Trouble.CERTIFICATE
    with receiver(postbox, tls(tmp_path)) as port:
        assert post(to(port, ca=b""), b"{}", "id", seconds=10).trouble is Trouble.CERTIFICATE
    assert postbox.taken == []


def test_plain_text_on_this_computer_and_nowhere_else(postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(postbox) as port:
        assert post(to(port, scheme="http"), b"{}", "id", seconds=10).trouble is None
    lead_to(monkeypatch, "192.0.2.7")
    assert post(to(80, scheme="http"), b"{}", "id", seconds=5).trouble is Trouble.ADDRESS


def lead_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[tuple[str, int]]:
    """Let every name lead to ``addresses``, another one each time it is asked; return what was connected to."""
    asked: list[str] = []
    tried: list[tuple[str, int]] = []

    def look_up(host: str, port: int, **_options: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        address = addresses[min(len(asked), len(addresses)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address: tuple[str, int], **_options: Any) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(connecting.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(connecting.socket, "create_connection", connect)
    return tried


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "100.100.100.200"])
def test_inner_doors_of_clouds_are_never_reached(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    tried = lead_to(monkeypatch, address)
    assert post(Receiver("https://hooks.example.jp/", SECRET), b"{}", "id", seconds=5).trouble is Trouble.ADDRESS
    assert tried == []


def test_a_name_that_changes_its_mind_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked at is what is connected to: the name is asked once."""
    tried = lead_to(monkeypatch, "192.0.2.1", "169.254.169.254")
    assert post(Receiver("https://hooks.example.jp/", SECRET), b"{}", "id", seconds=5).trouble is Trouble.CONNECT
    assert tried == [("192.0.2.1", 443)]


@pytest.mark.parametrize(
    ("said", "troubles"),
    [
        (b"", {Trouble.CUT}),
        (b"SSH-2.0-OpenSSH_9.6\r\n", {Trouble.RUBBISH}),
        (b"HTTP/1.1 abc\r\n\r\n", {Trouble.RUBBISH}),
        (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 1000 + b"\r\n", {Trouble.RUBBISH}),
    ],
)
def test_a_receiver_that_talks_rubbish(said: bytes, troubles: set[Trouble]) -> None:
    def talk(channel: socket.socket) -> None:
        channel.recv(4096)
        channel.sendall(said)

    with Listener(talk).running() as port:
        sent = post(to(port, scheme="http"), b"{}", "id", seconds=5)
    assert sent.trouble in troubles
    assert sent.again


def test_an_endless_answer_is_not_read(postbox: Postbox, tmp_path: Path) -> None:
    postbox.status, postbox.body = 200, b"x" * 5_000_000
    with receiver(postbox, tls(tmp_path)) as port:
        sent = post(to(port), b"{}", "id", seconds=10)
    assert sent.trouble is None


def test_a_receiver_that_says_nothing_holds_nobody() -> None:
    def wait(channel: socket.socket) -> None:
        while channel.recv(4096):
            pass

    for scheme in ("http", "https"):
        with Listener(wait).running() as port:
            sent = post(to(port, scheme=scheme), b"{}", "id", seconds=0.5)
        assert sent.trouble in {Trouble.TIMEOUT, Trouble.CUT, Trouble.TLS}
        assert sent.again


def test_what_was_interrupted_is_sent_again_with_its_id(
    postbox: Postbox, tmp_path: Path, at_nine: clock.FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_arguments: Any, **_options: Any) -> None:
        raise KeyboardInterrupt

    with receiver(postbox, tls(tmp_path)) as port:
        set_up(port)
        run(CONTROL, {"a": Outcome.FAIL})
        postbox.status = 500
        assert turn() == 0
        with monkeypatch.context() as patch:
            patch.setattr(delivery, "post", die)
            at_nine.moment += timedelta(minutes=6)
            with pytest.raises(KeyboardInterrupt):
                turn()
        row = Delivery.objects.get()
        assert row.state == DeliveryState.SENDING
        postbox.status = 200
        at_nine.moment += INTERRUPTED_AFTER + timedelta(minutes=1)
        turn()
        at_nine.moment += timedelta(minutes=20)
        assert turn() == 1
    ids = {headers["sekisho-delivery"] for headers, _body in postbox.taken}
    assert ids == {str(row.pk)}
    assert len({body for _headers, body in postbox.taken}) == 1


# The page


@pytest.fixture
def client(signed_in: Callable[..., Client], at_nine: clock.FixedClock) -> Client:
    """The operator."""
    return signed_in(Role.SYSTEM_OPERATOR)


def typed(**more: Any) -> dict[str, Any]:
    """Return the form as a browser sends it."""
    values = {"version": 0, "enabled": "on", "url": "https://hooks.example.jp/x", "hour": 8, **more}
    return {f"w-{name}": value for name, value in values.items()}


def test_the_secret_is_shown_once(client: Client) -> None:
    answer = send(client, "notice-webhook", **typed())
    assert answer.status_code == 200
    found = re.search(r'id="webhook-secret">([0-9a-f]{64})<', answer.content.decode())
    assert found
    assert webhook_secret(Webhook.objects.get()) == found[1]
    assert found[1] not in page(client, "notice-settings")
    assert found[1] not in "".join(Event.objects.values_list("entry", flat=True))
    assert found[1].encode() not in bytes(Webhook.objects.get().sealed_secret)
    assert send(client, "notice-webhook", **typed(version=1, hour=9)).status_code == 302, "nothing new to show"
    moved = send(client, "notice-webhook", **typed(version=2, url="https://other.example.jp/"))
    assert 'id="webhook-secret"' in moved.content.decode(), "another receiver gets another secret"
    renewed = send(client, "notice-webhook", **typed(version=3, url="https://other.example.jp/", renew="on"))
    assert 'id="webhook-secret"' in renewed.content.decode()
    assert send(client, "notice-webhook", **typed(version=1)).status_code == 409
    for url in ("http://hooks.example.jp/", "https://a:b@hooks.example.jp/", "javascript:alert(1)"):
        assert send(client, "notice-webhook", **typed(version=4, url=url)).status_code == 422


def test_the_button_for_a_test_says_what_came_back(client: Client, postbox: Postbox, tmp_path: Path) -> None:
    assert send(client, "notice-webhook-test").status_code == 409, "nothing is set up"
    with receiver(postbox, tls(tmp_path)) as port:
        set_up(port)
        send(client, "notice-webhook-test")
        assert words("The test was taken. Look whether it arrived.") in page(client, "notice-settings")
        postbox.status = 302
        send(client, "notice-webhook-test")
        assert words("The receiver points to another address. Nothing is sent there.") in page(
            client, "notice-settings"
        )
    assert json.loads(postbox.taken[0][1])["type"] == "test"
    assert list(Event.objects.filter(action="delivery.test").values_list("outcome", flat=True)) == [
        "success",
        "failure",
    ]
