"""What the commands that look share: reading an address, printing what was seen, the exit code.

Nothing but the address given is contacted. Django and the scanners are loaded only where they are needed.
"""

import importlib
import json
from collections.abc import Sequence
from typing import Any

import click

from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _
from sekisho.network.rules.judged import Judged, Level, outcome_of

EXIT_CODES = {Outcome.PASS: 0, Outcome.FAIL: 1}
CANNOT_TELL = 2
_MARKS = {Level.OK: "○", Level.WARN: "△", Level.NG: "×", Level.UNKNOWN: "？"}
SAID = {
    Outcome.PASS: _("conforming"),
    Outcome.FAIL: _("not conforming"),
    Outcome.UNKNOWN: _("cannot tell"),
}


class AddressInvalid(InvalidInput):
    """What was given is no HOST:PORT."""

    code = "network.address_invalid"
    message = _("“%(text)s” is not an address.")
    hint = _("Write it as HOST:PORT, for example ehr.example.jp:443 or [fd00::1]:443.")


def split_address(text: str) -> tuple[str, int]:
    """Return host and port of ``HOST:PORT`` or ``[IPv6]:PORT``. Raises AddressInvalid."""
    host, colon, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not (colon and bare and port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        raise AddressInvalid(text=text)
    if ":" in bare and bare == host:
        raise AddressInvalid(text=text)
    return bare, int(port)


def plain(seen: object) -> Any:
    """Return what was seen as JSON."""
    adapter = importlib.import_module("pydantic").TypeAdapter(type(seen))
    return adapter.dump_python(seen, mode="json")


def answer(address: str, remarks: Sequence[Judged], observed: Any, *, as_json: bool) -> int:
    """Print what was seen and return the exit code."""
    outcome = outcome_of(remarks)
    if as_json:
        facts = {"address": address, "outcome": outcome.value, "remarks": [remark.document() for remark in remarks]}
        click.echo(json.dumps({**facts, "observation": observed}, ensure_ascii=False))
    else:
        for remark in remarks:
            click.echo(f"{_MARKS[remark.level]} {remark.code:<16} {remark.message}")
        click.echo(f"{address}: {SAID[outcome]}")
    return EXIT_CODES.get(outcome, CANNOT_TELL)
