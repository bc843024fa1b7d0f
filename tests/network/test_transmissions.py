"""Transmissions to the outside: every line says what is sent over it, and how that is encrypted."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from sekisho.network.ledgers import TRANSMISSIONS
from tests.network.lines import Lacking, keep, lacking, lines

__all__ = ["keep", "lacking", "lines"]
pytestmark = pytest.mark.django_db
NOTHING_SAID = ["What is sent over this line, or that nothing goes outside"]
DECIDED: dict[str, Any] = {"decided_on": date(2026, 4, 1), "decided_by": "院長"}
SENT: dict[str, Any] = {**DECIDED, "sending": "sent", "information": "紹介状", "recipient": "市民病院"}
ENCRYPTED: dict[str, Any] = {
    "encryption": "encrypted",
    "method": "S/MIME",
    "agreed_on": date(2026, 4, 1),
    "seen_on": date(2026, 11, 1),
}


@pytest.mark.failing_fixture("network.transmissions")
def test_every_line_says_what_is_sent_over_it(
    lines: Mapping[str, Any], keep: Callable[..., Any], lacking: Lacking
) -> None:
    assert lacking("transmissions") == dict.fromkeys(("院内LAN", "地域連携", "予約", "光回線"), NOTHING_SAID)
    keep(TRANSMISSIONS, link=lines["lan"], sending="nothing", reason="院内だけの回線", **DECIDED)
    keep(TRANSMISSIONS, link=lines["ip_vpn"], **SENT, **ENCRYPTED)
    keep(
        TRANSMISSIONS, link=lines["ip_vpn"], **{**SENT, **ENCRYPTED, "information": "画像", "seen_on": date(2027, 1, 1)}
    )
    found = lacking("transmissions")
    assert list(found.values()) == [
        [],
        [],
        ["Really sent information looked at on"],
        NOTHING_SAID,
        NOTHING_SAID,
    ], "one good entry of a line makes up for no other"


@pytest.mark.parametrize(
    ("kind", "values", "lacks"),
    [
        ("ip_vpn", {"encryption": "not_needed", "reason": "閉域網の中だけを通る"}, []),
        ("ip_vpn", {"encryption": "not_needed", "reason": "、"}, ["Encryption of the information itself"]),
        ("ip_vpn", {"reason": "閉域網の中だけを通る"}, ["Encryption of the information itself"]),
        (
            "open_other",
            {"encryption": "not_needed", "reason": "急ぐため"},
            ["Encryption of the information itself"],
        ),
        ("open_other", ENCRYPTED, []),
        ("lan", {"sending": "nothing"}, ["Reason"]),
    ],
)
def test_a_decision_has_its_reason_and_an_open_line_none(
    lines: Mapping[str, Any],
    keep: Callable[..., Any],
    lacking: Lacking,
    kind: str,
    values: dict[str, Any],
    lacks: list[str],
) -> None:
    keep(TRANSMISSIONS, link=lines[kind], **{**SENT, **values})
    (found,) = [missing for label, missing in lacking("transmissions").items() if label.startswith("TM-")]
    assert found == lacks
