"""``sekisho check clock``."""

import importlib
import re

import click

from sekisho.kernel.text import _
from sekisho.network.commands.answers import AddressInvalid, answer

PORTS = {"ntp": 123, "smb": 445, "https": 443, "http": 80}
_PLACE = re.compile(
    r"(?P<host>[^:/\[\]\s]+)(?::(?P<port>[0-9]{1,5}))?"
    r"|\[(?P<bracketed>[0-9A-Fa-f:.]+(?:%\w+)?)\](?::(?P<port6>[0-9]{1,5}))?"
    r"|(?P<bare>[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:%\w+)?)"
)
_ABOUT = _("The clock of %(address)s is compared with the clock of this computer, which may be wrong itself.")


def split_host(text: str, port: int) -> tuple[str, int]:
    """Return host and port of ``HOST``, ``HOST:PORT``, an IPv6 address or ``[IPv6]:PORT``. Raises AddressInvalid."""
    found = _PLACE.fullmatch(text)
    number = int(found["port"] or found["port6"] or port) if found else 0
    if found is None or not 0 < number < 2**16:
        raise AddressInvalid(text=text)
    return found["host"] or found["bracketed"] or found["bare"], number


@click.command(
    "clock",
    help=_("Compare the clock of HOST with this computer's, by NTP unless told otherwise. Exit codes as “tls”.").msgid,
)
@click.argument("address", metavar="HOST")
@click.option("--ntp", "way", flag_value="ntp", default=True, help=_("Ask its time service (UDP port 123).").msgid)
@click.option("--smb", "way", flag_value="smb", help=_("Ask its file sharing (port 445).").msgid)
@click.option("--https", "way", flag_value="https", help=_("Read the date of its HTTPS page (port 443).").msgid)
@click.option("--http", "way", flag_value="http", help=_("Read the date of its HTTP page (port 80).").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def clock(address: str, way: str, as_json: bool) -> int:
    """Ask, judge and print. HOST alone is contacted."""
    host, port = split_host(address, PORTS[way])
    readings = importlib.import_module("sekisho.network.rules.readings")
    reading = importlib.import_module("sekisho.network.queries.clock_doors").ask_door(host, port, way)
    judged = importlib.import_module("sekisho.network.rules.clocks").judge(readings.ClockObservations((), (reading,)))
    observed = importlib.import_module("sekisho.network.rules.reading_documents").document(reading)
    if not as_json:
        click.echo(str(_ABOUT.with_params(address=address)))
    # The first remark is about this computer, and nothing was asked that could tell.
    return answer(address, judged[1:], observed, as_json=as_json)
