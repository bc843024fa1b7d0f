"""What the tests of the books about vendors enter: a clinic with two vendors, its systems, and papers about them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from sekisho.estate import ledgers, services
from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.services.books import add_entry

Lacking = Callable[[str], dict[str, list[str]]]


@pytest.fixture
def clinic(operator: Actor, at_nine: clock.FixedClock) -> Mapping[str, Any]:
    """A record on the premises and a reservation in the cloud of one vendor, and a carrier without any system."""
    made: dict[str, Any] = {}
    for name, ledger, values in (
        ("maker", ledgers.VENDORS, {"name": "甲社"}),
        ("carrier", ledgers.VENDORS, {"name": "乙通信"}),
        ("emr", ledgers.SYSTEMS, {"name": "電子カルテ", "kind": "emr", "form": "on_premises"}),
        ("cloud", ledgers.SYSTEMS, {"name": "予約", "kind": "reservation", "form": "cloud"}),
    ):
        owner = {"vendor": made["maker"]} if ledger is ledgers.SYSTEMS else {}
        made[name] = services.add_entry(actor=operator, ledger=ledger, values={**values, **owner})
    return made


@pytest.fixture
def keep(operator: Actor) -> Callable[..., Any]:
    """A function that enters something into a book."""

    def enter(ledger: Ledger, **values: Any) -> Any:
        return add_entry(actor=operator, ledger=ledger, values=values)

    return enter


@pytest.fixture
def lacking() -> Lacking:
    """A function that returns what each member of a coverage of the estate lacks, by its name."""

    def measure(name: str) -> dict[str, list[str]]:
        coverage = next(one for one in registry.current().coverages if one.id == f"estate.{name}")
        return {member.label: [text.msgid for text in member.missing] for member in coverage.measure()}

    return measure


SPRING = date(2026, 4, 1)
EMR, CLOUD, CARRIER = "甲社 / 電子カルテ", "甲社 / 予約", "乙通信"
