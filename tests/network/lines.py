"""What the tests of the ledgers about lines enter: a LAN, a closed line, one that nobody promises anything for."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sekisho.estate import ledgers, services
from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.services.books import add_entry

__all__ = ["Lacking", "keep", "lacking", "lines"]
Lacking = Callable[[str], dict[str, list[str]]]


@pytest.fixture
def lines(operator: Actor, at_nine: clock.FixedClock) -> Mapping[str, Any]:
    """The lines of a clinic, by their kind."""
    names = {"lan": "院内LAN", "ip_vpn": "地域連携", "open_tls13_mtls": "予約", "open_other": "光回線"}
    return {
        kind: services.add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": name, "line": kind})
        for kind, name in names.items()
    }


@pytest.fixture
def keep(operator: Actor) -> Callable[..., Any]:
    """A function that enters something into a book."""

    def enter(ledger: Ledger, **values: Any) -> Any:
        return add_entry(actor=operator, ledger=ledger, values=values)

    return enter


@pytest.fixture
def lacking() -> Lacking:
    """A function that returns what each member of a coverage of the network lacks, by its name."""

    def measure(name: str) -> dict[str, list[str]]:
        coverage = next(one for one in registry.current().coverages if one.id == f"network.{name}")
        return {member.label: [text.msgid for text in member.missing] for member in coverage.measure()}

    return measure
