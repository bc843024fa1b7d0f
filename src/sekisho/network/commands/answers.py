"""What the commands that look share: reading an address, printing what was seen, the exit code.

Nothing but the address given is contacted. Django and the scanners are loaded only where they are needed. With a ticket
of an installation that is out of reach, what was seen is also written into a signed bundle for it.
"""

import importlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from sekisho import __version__
from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _
from sekisho.network.errors import NotOnTicket, OutNotWritten, TicketOutOfTime
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


@dataclass(frozen=True, slots=True)
class Carrying:
    """What was seen is to be carried to another machine: the ticket, the way of looking, and the file to write."""

    ticket: Any
    probe: str
    out: Path

    def require_listed(self, address: str) -> str:
        """Return the one form of an address that the ticket speaks of. Raises NotOnTicket, AddressInvalid."""
        found: str = importlib.import_module("sekisho.network.rules.bundle").one_form(*split_address(address))
        if found not in self.ticket.addresses:
            raise NotOnTicket(address=found)
        return found

    def write(self, address: str, observed: Any) -> None:
        """Write the bundle. Raises NotOnTicket, OutNotWritten."""
        listed, now = self.require_listed(address), clock.now()
        rules = importlib.import_module("sekisho.network.rules.bundle")
        bundle = rules.Bundle(self.ticket.id, self.probe, listed, now, __version__, observed)
        write_new(self.out, bundle.signed(self.ticket).to_bytes())


_CARRYING = f"{__name__}.carrying"


def carried(probe: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command --ticket and --out: what :func:`answer` is told goes into a bundle as seen by ``probe``."""

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        @click.option(
            "--ticket",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help=_("Look on behalf of an installation elsewhere, with its collection ticket.").msgid,
        )
        @click.option(
            "--out",
            type=click.Path(dir_okay=False, path_type=Path),
            help=_("The new file for what is seen, signed, to be taken to that installation.").msgid,
        )
        @wraps(command)
        def carrying(*arguments: Any, ticket: Path | None, out: Path | None, **options: Any) -> int:
            if ticket is not None or out is not None:
                found = _carrying(probe, ticket, out)
                if "address" in options:
                    found.require_listed(options["address"])
                click.get_current_context().meta[_CARRYING] = found
            return command(*arguments, **options)

        return carrying

    return decorate


def _carrying(probe: str, ticket: Path | None, out: Path | None) -> Carrying:
    """Return what is to be carried. Whatever stands in the way is said before anything is looked at."""
    if ticket is None or out is None:
        raise click.MissingParameter(param_hint="--ticket, --out", param_type="option")
    rules = importlib.import_module("sekisho.network.rules.bundle")
    with ticket.open("rb") as file:
        found = rules.read_ticket(ticket.name, file.read(rules.LARGEST_TICKET))
    now = clock.now()
    if not found.issued_at - rules.TOLERANCE <= now <= found.valid_until:
        moments = {"since": found.issued_at, "until": found.valid_until, "now": now}
        words = {name: f"{moment.astimezone(FACILITY_ZONE):%Y-%m-%d %H:%M}" for name, moment in moments.items()}
        raise TicketOutOfTime(**words)
    require_new(out)
    return Carrying(found, probe, out)


def require_new(path: Path) -> None:
    """Raise OutNotWritten where a file is there already, or the folder is not."""
    if path.exists():
        raise OutNotWritten(name=path.name, reason=_("there is a file of this name already"))
    if not path.absolute().parent.is_dir():
        raise OutNotWritten(name=path.name, reason=_("there is no such folder"))


def write_new(path: Path, data: bytes) -> None:
    """Write a file that was not there, for its owner alone. Raises OutNotWritten."""
    try:
        with open(path, "xb", opener=_for_its_owner) as file:
            file.write(data)
    except FileExistsError as error:
        raise OutNotWritten(name=path.name, reason=_("there is a file of this name already")) from error
    except OSError as error:
        raise OutNotWritten(name=path.name, reason=error.strerror or error) from error


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def answer(address: str, remarks: Sequence[Judged], observed: Any, *, as_json: bool) -> int:
    """Print what was seen, write it into a bundle if the command was asked to, and return the exit code."""
    outcome = outcome_of(remarks)
    context = click.get_current_context(silent=True)
    if context is not None and _CARRYING in context.meta:
        context.meta[_CARRYING].write(address, observed)
    if as_json:
        facts = {"address": address, "outcome": outcome.value, "remarks": [remark.document() for remark in remarks]}
        click.echo(json.dumps({**facts, "observation": observed}, ensure_ascii=False))
    else:
        for remark in remarks:
            click.echo(f"{_MARKS[remark.level]} {remark.code:<16} {remark.message}")
        click.echo(f"{address}: {SAID[outcome]}")
    return EXIT_CODES.get(outcome, CANNOT_TELL)
