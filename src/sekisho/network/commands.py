"""Looking at one endpoint from the command line: no server, no database, nothing stored.

Nothing but the address given is contacted. Django and the scanners are loaded only where they are needed.
"""

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sekisho.kernel import clock
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _
from sekisho.network.rules.judged import Judged, Level, outcome_of

EXIT_CODES = {Outcome.PASS: 0, Outcome.FAIL: 1}
CANNOT_TELL = 2
_MARKS = {Level.OK: "○", Level.WARN: "△", Level.NG: "×", Level.UNKNOWN: "？"}


class AddressInvalid(InvalidInput):
    """What was given is no HOST:PORT."""

    code = "network.address_invalid"
    message = _("“%(text)s” is not an address.")
    hint = _("Write it as HOST:PORT, for example ehr.example.jp:443 or [fd00::1]:443.")


@click.group("check", help=_("Look at one address; nothing else is contacted and nothing is stored.").msgid)
def check() -> None:
    """Hold the commands that look together."""


@check.command("tls", help=_("Judge the TLS of HOST:PORT. Exit code 0 conforming, 1 not, 2 cannot tell.").msgid)
@click.argument("address")
@click.option("--starttls", default=None, help=_("Protocol that turns to TLS on request: smtp, imap, ldap …").msgid)
@click.option("--ca", type=click.Path(exists=True, dir_okay=False), help=_("The authority's certificate (PEM).").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def tls(address: str, starttls: str | None, ca: str | None, as_json: bool) -> int:
    """Scan, judge and print."""
    host, port = split_address(address)
    observation = importlib.import_module("sekisho.network.rules.observation")
    try:
        turning = observation.StartTls(starttls) if starttls else None
    except ValueError as error:
        raise AddressInvalid(text=starttls) from error
    authority = Path(ca).read_text(encoding="ascii", errors="replace") if ca else None
    scan = importlib.import_module("sekisho.network.queries.tls_scan").scan
    seen = scan(host, port, starttls=turning, ca_pem=authority)
    profile = importlib.import_module("sekisho.network.queries.profiles").high_security()
    remarks = importlib.import_module("sekisho.network.rules.tls").judge(profile, seen, clock.now())
    return _answer(address, remarks, _plain(seen), as_json=as_json)


@check.command("mtls", help=_("Tell whether HOST:PORT insists on client certificates. Exit codes as “tls”.").msgid)
@click.argument("address")
@click.option("--plain", is_flag=True, help=_("It speaks TLS but not HTTP.").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def mtls(address: str, plain: bool, as_json: bool) -> int:
    """Try without a certificate and with a foreign one, judge and print."""
    host, port = split_address(address)
    probe = importlib.import_module("sekisho.network.queries.mutual_tls").probe_mutual_tls
    seen = probe(host, port, http=not plain)
    remarks = importlib.import_module("sekisho.network.rules.mutual_tls").judge_mutual_tls(seen)
    return _answer(address, remarks, _plain(seen), as_json=as_json)


def split_address(text: str) -> tuple[str, int]:
    """Return host and port of ``HOST:PORT`` or ``[IPv6]:PORT``. Raises AddressInvalid."""
    host, colon, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not (colon and bare and port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        raise AddressInvalid(text=text)
    if ":" in bare and bare == host:
        raise AddressInvalid(text=text)
    return bare, int(port)


def _plain(seen: object) -> Any:
    adapter = importlib.import_module("pydantic").TypeAdapter(type(seen))
    return adapter.dump_python(seen, mode="json")


def _answer(address: str, remarks: Sequence[Judged], observed: Any, *, as_json: bool) -> int:
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


SAID = {
    Outcome.PASS: _("conforming"),
    Outcome.FAIL: _("not conforming"),
    Outcome.UNKNOWN: _("cannot tell"),
}
commands: tuple[click.Command, ...] = (check,)
