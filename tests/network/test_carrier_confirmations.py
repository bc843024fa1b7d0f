"""Confirmations of carriers: each line that counts on one has its answer, and is of the registered kind."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from django.test import Client

from sekisho.estate import ledgers, services
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.network.ledgers import CARRIER_CONFIRMATIONS, CONFIRMATIONS
from tests.network.lines import Lacking, keep, lacking, lines

__all__ = ["keep", "lacking", "lines"]
pytestmark = pytest.mark.django_db
NO_ANSWER = ["The carrier's answer about this line"]
GOOD: dict[str, Any] = {
    "line": "ip_vpn",
    "answered_on": date(2026, 4, 1),
    "answered_by": "乙通信 法人窓口",
    "protected_from": "当院のルータ",
    "protected_to": "データセンターの入口",
    "open_stretch": "none",
    "answer_kept_at": "事務室の棚",
}


@pytest.mark.failing_fixture("network.carrier_confirmations")
@pytest.mark.parametrize(
    ("values", "lacks"),
    [
        ({}, []),
        ({"answer_kept_at": ""}, ["Copy of the answer"]),
        ({"open_stretch": ""}, ["No unprotected stretch of Internet"]),
        ({"open_stretch": "left"}, ["No unprotected stretch of Internet"]),
        ({"open_stretch": "own"}, ["Encryption by our own devices"]),
        ({"open_stretch": "own", "own_encryption": "ルータ間 IPsec"}, []),
        ({"line": "leased"}, ["The kind of line that is registered"]),
        (
            {"line": "ssl_vpn_other"},
            [
                "The kind of line that is registered",
                "A kind of line that table 13-1 counts as conforming, or an assessment",
            ],
        ),
    ],
)
def test_each_line_that_counts_on_a_carrier_has_its_answer(
    lines: Mapping[str, Any], keep: Callable[..., Any], lacking: Lacking, values: dict[str, Any], lacks: list[str]
) -> None:
    found = lacking("carrier_confirmations")
    assert found == {"地域連携": NO_ANSWER, "光回線": NO_ANSWER}, "a LAN or a line with TLS from end to end asks nobody"
    keep(CONFIRMATIONS, link=lines["lan"], **{**GOOD, "line": "lan"})
    keep(CONFIRMATIONS, link=lines["ip_vpn"], **{**GOOD, **values})
    assert lacking("carrier_confirmations") == {"CC-00002 地域連携": lacks, "光回線": NO_ANSWER}
    assert [member.belongs_to for member in CARRIER_CONFIRMATIONS.measure()] == [
        {str(lines["ip_vpn"].pk)},
        {str(lines["open_other"].pk)},
    ]


def test_a_kind_of_line_that_the_table_leaves_open_is_assessed_on_paper(
    operator: Actor, lines: Mapping[str, Any], keep: Callable[..., Any], lacking: Lacking
) -> None:
    link = services.add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": "新VPN", "line": "vpn_other"})
    keep(CONFIRMATIONS, link=link, **{**GOOD, "line": "vpn_other"})
    keep(CONFIRMATIONS, link=link, **{**GOOD, "line": "vpn_other", "assessment": "評価書 2026-04-01"})
    found = lacking("carrier_confirmations")
    assert found["CC-00001 新VPN"] == ["A kind of line that table 13-1 counts as conforming, or an assessment"]
    assert found["CC-00002 新VPN"] == []


def test_the_form_offers_the_kinds_of_the_table(lines: Mapping[str, Any], signed_in: Callable[..., Client]) -> None:
    client, address = signed_in(Role.SYSTEM_OPERATOR), "/network/carrier_confirmations/"
    assert "IP-VPN" in client.get(f"{address}new/").content.decode()
    assert client.post(f"{address}new/", {"link": lines["ip_vpn"].pk, "line": "ip_vpn"}).status_code == 302
    assert client.post(f"{address}new/", {"link": lines["ip_vpn"].pk, "line": "string"}).status_code == 422
    assert "IP-VPN" in client.get(f"{address}export.csv").content.decode()
    assert client.get("/api/v1/network/carrier_confirmations").json()["entries"][0]["line"] == "ip_vpn"
