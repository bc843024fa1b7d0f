"""``sekisho check reach``: which ports of one host answer from here, and whether they may."""

import importlib
import ipaddress
from typing import Any

import click

from sekisho.kernel import clock
from sekisho.kernel.text import _
from sekisho.network.commands.answers import AddressInvalid, Carrying, answer, carried, plain
from sekisho.network.rules.judged import Judged, Level

SOURCE = "MHLW v7.0 (draft), System Operation, 13⑤ and 8.1 (unused services and ports)"
PLACES = ("internal", "secure", "open")


@click.command(
    "reach",
    help=_(
        "Look which ports of HOST answer. Ports named after it count as registered; any other that answers does not "
        "conform. Exit code 0 conforming, 1 not, 2 cannot tell."
    ).msgid,
)
@carried("exposure")
@click.argument("address", metavar="HOST[:PORT,…]")
@click.option(
    "--from",
    "place",
    type=click.Choice(PLACES),
    default="internal",
    help=_("Where this machine stands: inside, in a secure network, or in an open one (the internet).").msgid,
)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def reach(address: str, place: str, as_json: bool) -> int:
    """Look at the ports of the profile and at those named, judge and print. Only this host is contacted."""
    host, ports = split_host(address)
    rules, reached = _module("rules.exposure_profile"), _module("rules.reached")
    looks, probing = _module("rules.looks"), _module("queries.reachability")
    vantage, profile = rules.Vantage(_standing(place)), probing.profile()
    named = [reached.RegisteredEndpoint(host, port, "other", vantage) for port in ports]
    seen = probing.probe(reached.targets(named, profile, [host]))
    look = looks.make_look(host, vantage, seen, clock.now(), profile_version=profile.version, port=next(iter(ports), 0))
    remarks = _module("rules.exposure").judge(named, seen, profile, vantage).get(look.host, ())
    return answer(address, remarks or [_nothing(look)], plain(look), as_json=as_json)


def _standing(place: str) -> str:
    """Return from where is looked: with a ticket, from where the ticket was made for."""
    carrying = (value for value in click.get_current_context().meta.values() if isinstance(value, Carrying))
    return next((str(one.ticket.vantage) for one in carrying), place)


def _nothing(look: Any) -> Judged:
    message = _("Nothing answered, and nothing shows that %(host)s can be reached from here.", host=look.host)
    return Judged("exposure.way_unproven", Level.UNKNOWN, message, {"fault": look.fault}, None, SOURCE)


def _module(name: str) -> Any:
    """Load what only a look needs, so that the other commands start without it."""
    return importlib.import_module(f"sekisho.network.{name}")


def split_host(text: str) -> tuple[str, tuple[int, ...]]:
    """Return host and ports of ``HOST``, ``HOST:PORT,PORT`` or ``[IPv6]:PORT``. Raises AddressInvalid."""
    host, colon, rest = text.rpartition(":") if not _is_address(text) else (text, "", "")
    if not colon:
        host = text
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not bare or (":" in bare and not _is_address(bare)) or any(sign in bare for sign in "/ []"):
        raise AddressInvalid(text=text)
    if colon and bare == host and ":" in bare:
        raise AddressInvalid(text=text)  # an IPv6 address needs its brackets before a port
    return bare, tuple(_port(one, text) for one in rest.split(",")) if colon else ()


def _port(one: str, text: str) -> int:
    if not (one.isascii() and one.isdigit() and 0 < int(one) < 2**16):
        raise AddressInvalid(text=text)
    return int(one)


def _is_address(text: str) -> bool:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return False
    return True
