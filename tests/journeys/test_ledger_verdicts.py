"""What the books prove, from the entry to ``sekisho conformance status --json``: missing, partly, all, grown old."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from sekisho.assets.ledgers import PATIENT_LOANS
from sekisho.estate import ledgers, services
from sekisho.governance.commands import conformance
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor, platform
from sekisho.ledgers.services.books import add_entry, change_entry, close_entry, confirm_entry
from sekisho.ledgers.services.no_cases import state_no_case
from sekisho.network.ledgers import CONFIRMATIONS

pytestmark = pytest.mark.django_db
ANSWER: dict[str, Any] = {
    "line": "ip_vpn",
    "answered_on": date(2026, 4, 1),
    "answered_by": "乙通信 法人窓口",
    "protected_from": "当院のルータ",
    "protected_to": "データセンターの入口",
    "open_stretch": "none",
    "answer_kept_at": "事務室の棚",
}


@pytest.fixture
def links(operator: Actor, at_nine: clock.FixedClock) -> list[Any]:
    """Two closed lines."""
    return [
        services.add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": name, "line": "ip_vpn"})
        for name in ("地域連携", "検査会社")
    ]


def judged(requirement: str) -> tuple[str, list[str]]:
    """Return the verdict of a requirement as the command prints it, and the state of its ledger for each subject."""
    update_verdicts(actor=platform("worker"))
    answer = CliRunner().invoke(conformance, ["status", "--json", "--requirement", requirement], standalone_mode=False)
    assert answer.exception is None, answer.exception
    (found,) = json.loads(answer.output)["requirements"]
    states = [
        proof["state"] for subject in found["subjects"] for proof in subject["proofs"] if proof["kind"] == "ledger"
    ]
    return found["verdict"], states


def test_a_book_about_lines_proves_line_by_line(operator: Actor, links: list[Any], at_nine: clock.FixedClock) -> None:
    assert judged("SO-13-3") == ("not_assessed", ["absent", "absent"])
    first = add_entry(actor=operator, ledger=CONFIRMATIONS, values={"link": links[0], **ANSWER})
    assert judged("SO-13-3") == ("partial", ["holds", "absent"]), "one line proves nothing for the other"
    second = add_entry(actor=operator, ledger=CONFIRMATIONS, values={"link": links[1], **ANSWER, "answer_kept_at": ""})
    assert judged("SO-13-3")[0] == "partial"
    second = change_entry(
        actor=operator, ledger=CONFIRMATIONS, entry_id=second.pk, version=second.version,
        values={"link": links[1], **ANSWER},
    )  # fmt: skip
    assert judged("SO-13-3") == ("conforming", ["holds", "holds"])
    at_nine.moment += timedelta(days=366)
    assert judged("SO-13-3")[0] != "conforming", "nobody looked for a year"
    for entry in (first, second):
        entry.refresh_from_db()
        confirm_entry(actor=operator, ledger=CONFIRMATIONS, entry_id=entry.pk, version=entry.version)
    assert judged("SO-13-3")[0] == "conforming"
    second.refresh_from_db()
    close_entry(actor=operator, ledger=CONFIRMATIONS, entry_id=second.pk, version=second.version, reason="解約")
    assert judged("SO-13-3") == ("partial", ["holds", "absent"]), "closing the answer does not close the line"


def test_a_book_of_events_proves_by_a_word_or_by_what_happened(operator: Actor, at_nine: clock.FixedClock) -> None:
    services.add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "青空医院", "kind": "clinic"})
    assert judged("SO-7-8")[0] == "not_assessed"
    today = date(2026, 11, 21)
    first, last = today - timedelta(days=30), today + timedelta(days=30)
    state_no_case(actor=operator, ledger=PATIENT_LOANS, first_day=first, last_day=last)
    assert judged("SO-7-8")[0] == "conforming"
    at_nine.moment += timedelta(days=31)
    assert judged("SO-7-8")[0] == "not_assessed", "the word ended with its period"
