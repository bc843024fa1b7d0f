"""The daily digest through a real mail server: sent once, on days with news only, and never lost in silence."""

import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from sekisho.config.environment import environment
from sekisho.governance.models import Delivery, MailServer, Notice, Recipient
from sekisho.governance.queries.delivery import mail_password, undelivered
from sekisho.governance.rules.delivery import DeliveryState, Security, Sent, Trouble
from sekisho.governance.rules.notices import NoticeKind
from sekisho.governance.services import delivery
from sekisho.governance.services.connecting import protecting
from sekisho.governance.services.delivery import INTERRUPTED_AFTER, deliver
from sekisho.governance.services.delivery_settings import MailSettings, add_recipient, keep_mail_server
from sekisho.governance.services.digests import make_digests
from sekisho.governance.services.notices import look_for_notices
from sekisho.governance.services.smtp import Letter, Server, hand_over
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Outcome
from sekisho.register.models import Event
from tests.governance.mail_server import CA_PEM, FOREIGN, HOST, PASSWORD, USER, Mailbox, mail_server, tls
from tests.governance.pages import page, post, words
from tests.governance.working import OPERATOR, run
from tests.network.listeners import Listener

pytestmark = pytest.mark.django_db
CONTROL, OTHER = "people.platform_lockout", "people.platform_password_rules"
CLERK, HEAD = "clerk@clinic.example.jp", "head@clinic.example.jp"
WORKER = platform("test")
HOURS = timedelta(hours=1)


@pytest.fixture
def mailbox() -> Mailbox:
    """What the server takes."""
    return Mailbox()


def given(port: int, **more: Any) -> MailSettings:
    """Return the settings of our server."""
    wanted = {
        "enabled": True, "host": HOST, "port": port, "security": Security.STARTTLS, "sender": USER, "user": USER,
        "password": PASSWORD, "hour": 8, "authorities": CA_PEM, **more,
    }  # fmt: skip
    return MailSettings(**wanted)


@contextmanager
def set_up(mailbox: Mailbox, folder: Path, *recipients: str, language: str = "ja") -> Iterator[int]:
    """Run the server with STARTTLS and a login, and set Sekisho up for it."""
    with mail_server(mailbox, starttls=tls(folder), login=True) as port:
        keep_mail_server(actor=OPERATOR, version=0, given=given(port))
        for address in recipients or (CLERK,):
            add_recipient(actor=OPERATOR, address=address, role=Role.SYSTEM_OPERATOR, language=language)
        yield port


def turn() -> int:
    """Do what the jobs do in five minutes; return how many digests arrived."""
    look_for_notices(actor=WORKER)
    make_digests(actor=WORKER)
    return deliver(actor=WORKER)


def fail(*names: str, control: str = CONTROL) -> None:
    """Let a check fail for these subjects."""
    run(control, dict.fromkeys(names, Outcome.FAIL) or {"a": Outcome.PASS})


def test_one_mail_a_day_and_none_without_news(mailbox: Mailbox, tmp_path: Path, at_nine: clock.FixedClock) -> None:
    with set_up(mailbox, tmp_path):
        assert turn() == 0, "there is nothing to say"
        fail("a")
        assert turn() == 0, "the digest of this day was made"
        at_nine.moment += 24 * HOURS
        assert turn() == 1
        assert turn() == 0
        for _day in range(10):
            at_nine.moment += 24 * HOURS
            assert turn() == 0, "it is no news any more"
        fail("a", "b")
        assert turn() == 0
        at_nine.moment += 24 * HOURS
        assert turn() == 1
    assert [address for address, _letter in mailbox.taken] == [CLERK] * 2
    assert mailbox.logins == [USER] * 2


def test_the_mail_says_what_matters_and_nothing_that_was_typed(
    mailbox: Mailbox, tmp_path: Path, at_nine: clock.FixedClock
) -> None:
    with set_up(mailbox, tmp_path):
        run(CONTROL, {"患者 花子": Outcome.FAIL})
        assert turn() == 1
    ((address, letter),) = mailbox.taken
    row = Delivery.objects.get()
    assert (address, letter["To"], letter["From"]) == (CLERK, CLERK, USER)
    assert letter["Subject"].startswith("【関所】")
    assert letter["Message-ID"] == f"<{row.pk}@clinic.example.jp>"
    assert letter["Auto-Submitted"] == "auto-generated"
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    for body in (plain.get_content(), html.get_content()):
        assert f"https://localhost:8443/checks/{CONTROL}/" in body
        assert "花子" not in body
        assert PASSWORD not in body
    assert row.message == "", "what was sent is not kept"
    assert "花子" in Notice.objects.get().subject


def test_each_reader_has_their_language_and_what_concerns_them(
    mailbox: Mailbox, tmp_path: Path, at_nine: clock.FixedClock
) -> None:
    with set_up(mailbox, tmp_path, language="en"):
        add_recipient(actor=OPERATOR, address=HEAD, role=Role.DEPARTMENT_MANAGER, language="ja")
        fail("a")
        assert turn() == 1, "a check concerns the operator, not the head of a department"
        _address, letter = mailbox.taken[0]
        body = letter.get_body(("plain",))
        assert body is not None
        assert "is not passed" in body.get_content()
        now = clock.now()
        Notice.objects.create(
            kind=NoticeKind.DUE, key="k", urgency=2, ref="SO-2-3", facts="{}", members="[]", since=now, opened_at=now,
            worsened_at=now, roles=",department_manager,", overdue=True,
        )  # fmt: skip
        at_nine.moment += 24 * HOURS
        make_digests(actor=WORKER)
        assert deliver(actor=WORKER) == 2
        assert {address for address, _letter in mailbox.taken[1:]} == {CLERK, HEAD}


def test_what_is_overdue_is_said_again_after_a_week_and_not_before(
    mailbox: Mailbox, tmp_path: Path, at_nine: clock.FixedClock
) -> None:
    now = clock.now()
    row = Notice.objects.create(
        kind=NoticeKind.DUE, key="k", urgency=2, ref="SO-2-3", facts="{}", members="[]", since=now, opened_at=now,
        worsened_at=now, overdue=True,
    )  # fmt: skip
    days = []
    with set_up(mailbox, tmp_path):
        for day in range(20):
            make_digests(actor=WORKER)
            if deliver(actor=WORKER):
                days.append(day)
            at_nine.moment += 24 * HOURS
        row.snoozed_until, row.snoozed_at = (at_nine.moment + 72 * HOURS).date(), clock.now()
        row.save()
        make_digests(actor=WORKER)
        assert deliver(actor=WORKER) == 0, "it was put off"
    assert days == [0, 7, 14]


def test_nothing_is_made_before_the_hour(mailbox: Mailbox, tmp_path: Path, at_nine: clock.FixedClock) -> None:
    with set_up(mailbox, tmp_path):
        fail("a")
        at_nine.moment -= 2 * HOURS
        assert turn() == 0
        assert not Delivery.objects.exists()
        at_nine.moment += 1 * HOURS
        assert turn() == 1


# What goes wrong


def test_a_refused_login_is_said_and_told_the_next_day(
    mailbox: Mailbox, tmp_path: Path, at_nine: clock.FixedClock, signed_in: Callable[..., Client]
) -> None:
    with set_up(mailbox, tmp_path) as port:
        keep_mail_server(actor=OPERATOR, version=1, given=given(port, password="wrong one"))
        fail("a")
        assert turn() == 0
        row = Delivery.objects.get()
        assert (row.state, row.trouble) == (DeliveryState.FAILED, Trouble.LOGIN)
        assert row.answer.startswith("535")
        assert "wrong one" not in row.answer
        assert undelivered() == [row]
        client = signed_in(Role.SYSTEM_OPERATOR)
        assert words(
            "The last digest did not reach everybody. What it said is shown here and stands in the next one."
        ) in (page(client, "notices"))
        assert "535" in page(client, "notice-settings")
        keep_mail_server(actor=OPERATOR, version=2, given=given(port))
        assert turn() == 0, "once a day"
        at_nine.moment += 24 * HOURS
        assert turn() == 1, "what was not delivered stands in the next digest"
        assert undelivered() == []


def test_a_recipient_that_is_refused_stops_no_other(
    mailbox: Mailbox, tmp_path: Path, at_nine: clock.FixedClock
) -> None:
    mailbox.refused = {HEAD: "550 5.1.1 no such user", "busy@clinic.example.jp": "451 4.7.1 greylisted"}
    with set_up(mailbox, tmp_path, CLERK, HEAD, "busy@clinic.example.jp"):
        fail("a")
        assert turn() == 1
        states = dict(Delivery.objects.values_list("receiver", "state"))
        assert states == {CLERK: "sent", HEAD: "failed", "busy@clinic.example.jp": "waiting"}
        mailbox.refused = {}
        at_nine.moment += timedelta(minutes=4)
        assert turn() == 0
        at_nine.moment += timedelta(minutes=2)
        assert turn() == 1, "who was busy is tried again"
        assert len(mailbox.taken) == 2


def test_tries_end_with_the_day_and_nothing_is_lost(tmp_path: Path, at_nine: clock.FixedClock) -> None:
    keep_mail_server(actor=OPERATOR, version=0, given=given(1))
    add_recipient(actor=OPERATOR, address=CLERK, role=Role.SYSTEM_OPERATOR, language="ja")
    fail("a")
    attempts = []
    for _quarter in range(4 * 14):
        turn()
        attempts.append(Delivery.objects.get().attempts)
        at_nine.moment += HOURS / 4
    row = Delivery.objects.get()
    assert (row.state, row.trouble, row.attempts) == (DeliveryState.FAILED, Trouble.CONNECT, 5)
    at_nine.moment += 10 * HOURS
    look_for_notices(actor=WORKER)
    make_digests(actor=WORKER)
    assert Delivery.objects.latest("made_at").number == 1


def server_at(port: int, security: Security, **more: Any) -> Server:
    """Return a server as it is talked to."""
    wanted = {"ca_pem": CA_PEM.decode(), "user": "", "password": "", **more}
    return Server(HOST, port, security, USER, **wanted)


LETTER = Letter(CLERK, b"Subject: test\r\n\r\n.\r\n..a line with dots\r\n")


def test_tls_from_the_start_and_none_on_this_computer(mailbox: Mailbox, tmp_path: Path) -> None:
    with mail_server(mailbox, smtps=tls(tmp_path)) as port:
        assert hand_over(server_at(port, Security.TLS), LETTER, seconds=10) == Sent()
    with mail_server(mailbox) as port:
        assert hand_over(server_at(port, Security.NONE), LETTER, seconds=10) == Sent()
    texts = [letter.get_content() for _address, letter in mailbox.taken]
    assert texts == [".\r\n..a line with dots\r\n"] * 2 or texts == [".\n..a line with dots\n"] * 2


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_is_always_checked(mailbox: Mailbox, tmp_path: Path, security: Security) -> None:
    for who, authority in ((FOREIGN, CA_PEM.decode()), (None, "")):
        context = tls(tmp_path, who) if who else tls(tmp_path)
        ways = {"starttls": context} if security is Security.STARTTLS else {"smtps": context}
        with mail_server(mailbox, **ways) as port:
            wanted = server_at(port, security, ca_pem=authority, user=USER, password=PASSWORD)
            sent = hand_over(wanted, LETTER, seconds=10)
        assert (sent.trouble, sent.unclear) == (Trouble.CERTIFICATE, False)
    assert mailbox.logins == []
    assert mailbox.taken == []


def test_without_starttls_nothing_is_sent_in_the_clear(mailbox: Mailbox) -> None:
    with mail_server(mailbox) as port:
        sent = hand_over(server_at(port, Security.STARTTLS), LETTER, seconds=10)
    assert sent.trouble is Trouble.NO_STARTTLS
    assert mailbox.asked == 0


def test_plain_text_goes_to_this_computer_only() -> None:
    sent = hand_over(Server("192.0.2.1", 25, Security.NONE, USER), LETTER, seconds=5)
    assert sent.trouble is Trouble.ADDRESS


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Trouble.RUBBISH),
        (b"\x00\xff" * 100, Trouble.RUBBISH),
        (b"", Trouble.CUT),
        (b"554 go away\r\n", Trouble.REFUSED),
        (b"421 too busy\r\n", Trouble.REFUSED),
        (b"220 hello\r\nrubbish\r\nrubbish\r\n", Trouble.RUBBISH),
    ],
)
def test_a_server_that_talks_rubbish(said: bytes, trouble: Trouble) -> None:
    def talk(channel: socket.socket) -> None:
        channel.sendall(said + b"\r\n" if said else b"")
        channel.shutdown(socket.SHUT_WR)
        channel.recv(1000)

    with Listener(talk).running() as port:
        sent = hand_over(server_at(port, Security.NONE), LETTER, seconds=10)
    assert sent.trouble is trouble


def test_a_server_that_says_nothing_or_drips_holds_nobody() -> None:
    def drip(channel: socket.socket) -> None:
        while True:
            channel.sendall(b"2")
            if channel.recv(1) == b"":
                return

    def drip_on(channel: socket.socket) -> None:
        channel.settimeout(0.05)
        while True:
            channel.sendall(b"220-\r\n")
            try:
                if channel.recv(1) == b"":
                    return
            except TimeoutError:
                continue

    for talk in (lambda channel: channel.recv(1), drip, drip_on):
        with Listener(talk).running() as port:
            for security in (Security.NONE, Security.TLS):
                sent = hand_over(server_at(port, security), LETTER, seconds=0.5)
                assert sent.trouble in {Trouble.TIMEOUT, Trouble.TLS, Trouble.CUT, Trouble.RUBBISH}
                assert sent.again


def test_silence_after_the_letter_is_unclear_and_it_is_not_sent_again(
    mailbox: Mailbox, tmp_path: Path, at_nine: clock.FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "SECONDS_A_TRY", 1.0)
    mailbox.holds = True
    with set_up(mailbox, tmp_path):
        fail("a")
        assert turn() == 0
        row = Delivery.objects.get()
        assert (row.state, row.trouble) == (DeliveryState.UNCLEAR, Trouble.AFTERWARDS)
        mailbox.going_on.set()
        at_nine.moment += 6 * HOURS
        assert turn() == 0
        mailbox.holds = False
        at_nine.moment += 18 * HOURS
        assert turn() == 1, "what it said is said again the next day"


def test_a_refused_letter_is_an_answer(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.reply = "554 5.7.1 looks like spam"
    with mail_server(mailbox) as port:
        sent = hand_over(server_at(port, Security.NONE), LETTER, seconds=10)
    assert (sent.trouble, sent.unclear, sent.again) == (Trouble.REFUSED, False, False)
    assert "spam" in sent.answer


_CHILD = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "sekisho.config.settings"
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from sekisho.governance.services.delivery import deliver
from sekisho.kernel.actor import platform
deliver(actor=platform("child"))
"""


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_while_it_sends_sends_no_second_mail(mailbox: Mailbox, tmp_path: Path) -> None:
    """A real process with SIGKILL, at the moment when the server has the letter and did not say so yet."""
    mailbox.holds = True
    now = clock.now()
    with set_up(mailbox, tmp_path):
        server = MailServer.objects.get()
        server.hour = 0
        server.save()
        Notice.objects.create(
            kind=NoticeKind.DUE, key="k", urgency=2, ref="SO-2-3", facts="{}", members="[]", since=now, opened_at=now,
            worsened_at=now,
        )  # fmt: skip
        make_digests(actor=WORKER)
        command = [sys.executable, "-c", _CHILD, str(connection.settings_dict["NAME"])]
        with subprocess.Popen(command, env={**os.environ, "SEKISHO_HOME": str(environment().home)}) as child:
            assert mailbox.arriving.wait(30)
            child.send_signal(signal.SIGKILL)
        assert Delivery.objects.get().state == DeliveryState.SENDING, "stored before the first byte left"
        assert deliver(actor=WORKER) == 0
        with clock.use(clock.FixedClock(clock.now() + INTERRUPTED_AFTER + timedelta(minutes=1))):
            assert deliver(actor=WORKER) == 0
        row = Delivery.objects.get()
        assert (row.state, row.trouble) == (DeliveryState.UNCLEAR, Trouble.INTERRUPTED)
        mailbox.holds = False
        mailbox.going_on.set()
        with clock.use(clock.FixedClock(now + timedelta(days=1))):
            make_digests(actor=WORKER)
            assert deliver(actor=WORKER) == 1, "told the next day, with an id of its own"


# The page of the settings


@pytest.fixture
def operator_client(signed_in: Callable[..., Client], at_nine: clock.FixedClock) -> Client:
    """The operator."""
    return signed_in(Role.SYSTEM_OPERATOR)


def typed(port: int, **more: Any) -> dict[str, Any]:
    """Return the form of the mail server as a browser sends it."""
    values = {
        "version": 0, "enabled": "on", "host": HOST, "port": port, "security": "starttls", "sender": USER,
        "user": USER, "password": PASSWORD, "hour": 8, **more,
    }  # fmt: skip
    return {f"m-{name}": value for name, value in values.items() if value is not None}


def test_the_page_sets_up_and_tests_and_never_shows_the_password(
    mailbox: Mailbox, tmp_path: Path, operator_client: Client
) -> None:
    with mail_server(mailbox, starttls=tls(tmp_path), login=True) as port:
        ca = SimpleUploadedFile("ca.pem", CA_PEM)
        answer = post(operator_client, "notice-mail", **typed(port, ca=ca))
        assert answer.status_code == 302, answer.content.decode()
        answer = post(
            operator_client, "notice-recipients", **{"r-address": CLERK, "r-role": "staff", "r-language": "en"}
        )
        assert answer.status_code == 302
        again = post(
            operator_client, "notice-recipients", **{"r-address": CLERK, "r-role": "staff", "r-language": "ja"}
        )
        assert again.status_code == 409
        recipient = Recipient.objects.get()
        post(operator_client, "notice-recipient-test", recipient.pk)
        html = page(operator_client, "notice-settings")
        assert words("The test was taken. Look whether it arrived.") in html
        assert mailbox.taken[0][1]["Subject"].startswith("【関所】")
        mailbox.refused = {CLERK: "550 5.1.1 <nobody> here"}
        post(operator_client, "notice-recipient-test", recipient.pk)
        html = page(operator_client, "notice-settings")
        assert "550 5.1.1 &lt;nobody&gt; here" in html
        post(operator_client, "notice-recipient-remove", recipient.pk)
        assert CLERK not in page(operator_client, "notice-settings")
        assert post(operator_client, "notice-recipient-test", recipient.pk).status_code == 404
    assert PASSWORD not in html
    server = MailServer.objects.get()
    assert mail_password(server) == PASSWORD
    assert PASSWORD.encode() not in bytes(server.sealed_password or b"")
    entries = "".join(Event.objects.values_list("entry", flat=True))
    assert PASSWORD not in entries
    assert Event.objects.filter(action="delivery.test", outcome="failure").count() == 1
    assert Event.objects.filter(action="delivery.configure").count() == 3


def test_a_password_is_kept_by_an_empty_field_but_goes_to_no_other_server(operator_client: Client) -> None:
    assert post(operator_client, "notice-mail", **typed(587)).status_code == 302
    kept = post(operator_client, "notice-mail", **typed(587, version=1, password="", hour=9))
    assert kept.status_code == 302
    server = MailServer.objects.get()
    assert (mail_password(server), server.hour) == (PASSWORD, 9)
    for change in ({"host": "evil.example.jp"}, {"port": 2525}, {"security": "tls"}):
        answer = post(operator_client, "notice-mail", **typed(587, version=2, password="") | {
            f"m-{name}": value for name, value in change.items()
        })  # fmt: skip
        assert answer.status_code == 422, change
    gone = post(operator_client, "notice-mail", **typed(587, version=2, password="", user="", without_password="on"))
    assert gone.status_code == 302
    assert MailServer.objects.get().sealed_password is None


@pytest.mark.parametrize(
    "change",
    [
        {"host": "a b"}, {"host": ""}, {"port": 0}, {"port": 70000}, {"sender": "a@b.jp\r\nBcc: c@d.jp"},
        {"sender": "関所@example.jp"}, {"security": "plain"}, {"hour": 24}, {"user": ""}, {"password": ""},
        {"password": "ひみつ"}, {"ca": SimpleUploadedFile("ca.pem", b"no certificate")},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_right_are_refused(operator_client: Client, change: dict[str, Any]) -> None:
    answer = post(operator_client, "notice-mail", **typed(**{"port": 587, **change}))
    assert answer.status_code == 422
    assert not MailServer.objects.exists()
    assert PASSWORD not in answer.content.decode()


def test_who_changed_it_first_is_not_overwritten(operator_client: Client) -> None:
    assert post(operator_client, "notice-mail", **typed(587)).status_code == 302
    assert post(operator_client, "notice-mail", **typed(465)).status_code == 409
    assert MailServer.objects.get().port == 587


def test_our_side_asks_for_tls_1_2_at_least_and_checks_names() -> None:
    context = protecting("")
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
