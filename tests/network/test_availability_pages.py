"""The pages of the watching, as people with roles use them."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import openpyxl
import pytest
from django.test import Client

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.clock import FixedClock
from sekisho.network.models import EndpointState, Outage, QuietTime, ResponseSample, WatchSetting
from tests.network import exposure as here

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
SignedIn = Callable[..., Client]


def text_of(client: Client, address: str) -> str:
    """Return the words of a page, white space single."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def test_from_the_list_to_a_quiet_time(signed_in: SignedIn, at_nine: FixedClock) -> None:
    """Empty, watched, down, settled otherwise, planned and called off; an auditor looks and changes nothing."""
    operator, auditor = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.AUDITOR)
    assert "No endpoint has been entered." in text_of(operator, "/network/availability/")
    entry = here.endpoint(here.system("電子カルテ"), "emr.example.jp", 443)
    here.endpoint(here.system("時計"), "ntp.example.jp", 123, protocol="ntp")
    page = f"/network/availability/{entry.pk}/"
    assert "No response time is kept of this period." in text_of(operator, page)
    now = clock.now()
    state = EndpointState.objects.create(
        endpoint_id=entry.pk, state="down", fault="timeout", since=now, asked_at=now, down_since=now, bucket_minute=0
    )
    minute = int(now.timestamp()) // 300 * 5
    ResponseSample.objects.bulk_create(
        ResponseSample(
            state=state,
            span=5,
            minute=minute - ago,
            asked=5,
            failed=ago // 60 % 2,
            lowest=9,
            median=10 + ago,
            highest=99,
        )
        for ago in (5, 65, 125, 60 * 24 * 20)
    )
    Outage.objects.create(endpoint_id=entry.pk, began_at=now - timedelta(hours=2), ended_at=now, fault="refused")
    listed = operator.get("/network/availability/")
    assert b'<path class="chart-line" d="M' in listed.content
    words = text_of(auditor, "/network/availability/")
    assert "Does not answer" in words and "93.33 %" in words and "Asked under “Clocks”" in words
    assert "Nothing was asked in the last 10 minutes" not in words
    shown = text_of(operator, f"{page}?period=30d")
    assert (
        "95.00 %" in shown
        and "No answer in time." in shown
        and "nothing listens on the port" in shown
        and " 120 " in shown
    )
    assert "Response times of emr.example.jp:443" in text_of(operator, f"{page}?period=13m")
    _report(auditor)
    _settle(operator, page)
    _plan(operator, page)
    assert "Stands still as planned" in text_of(auditor, page)
    quiet = QuietTime.objects.get()
    call_off = f"/network/availability/quiet/{quiet.pk}/call-off/"
    assert auditor.get(call_off).status_code == 403 and "Call off this quiet time?" in text_of(operator, call_off)
    assert operator.post(call_off).status_code == 302
    assert "Called off by" in text_of(operator, page) and operator.get(call_off).status_code == 404
    at_nine.moment += timedelta(minutes=30)
    assert "Nothing was asked in the last 10 minutes" in text_of(operator, "/network/availability/")


def _settle(operator: Client, page: str) -> None:
    """What is wrong stands at its field; what is right is stored once."""
    assert "As usual: TLS handshake" in text_of(operator, f"{page}settle/")
    sent = {"version": "0", "watched": "on", "way": "head", "path": "health", "slow_ms": "800", "quiet_from": "22:00"}
    answer = operator.post(f"{page}settle/", sent)
    assert answer.status_code == 422 and "begins with a slash" in answer.content.decode()
    right = sent | {"path": "/health", "status": "200", "quiet_until": "6:00"}
    assert operator.post(f"{page}settle/", right).status_code == 302
    assert operator.post(f"{page}settle/", right).status_code == 409
    row = WatchSetting.objects.get()
    assert (row.way, row.path, row.status, row.slow_ms, f"{row.quiet_until:%H:%M}") == (
        "head",
        "/health",
        200,
        800,
        "06:00",
    )
    assert "22:00 – 06:00" in text_of(operator, page) and "HEAD /health" in text_of(operator, page)


def _plan(operator: Client, page: str) -> None:
    days = {"since": "2026/11/21", "since_at": "9:00", "until": "R8.11.21", "until_at": "12:30"}
    assert operator.post(f"{page}quiet/", days | {"reason": "…"}).status_code == 422
    assert operator.post(f"{page}quiet/", days | {"since_at": "9時", "reason": "更新"}).status_code == 422
    assert operator.post(f"{page}quiet/", days | {"reason": "業者による更新"}).status_code == 302


def _report(auditor: Client) -> None:
    """One row an endpoint; what was never asked has no figures."""
    answer = auditor.get("/network/availability/week.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = {row[1]: row for row in sheet.iter_rows(values_only=True) if row[1]}
    assert rows["emr.example.jp:443"][2:10] == (15, 1, 93.33, 75, 99, 1, 120, 0)
    assert rows["ntp.example.jp:123"][2] is None and "Clocks" in str(rows["ntp.example.jp:123"][10])
