"""``sekisho check configuration``: judge a configuration file without an installation. Nothing is stored."""

import importlib
import secrets
from dataclasses import replace
from pathlib import Path

import click

from sekisho.kernel.text import _
from sekisho.network.commands.answers import answer, plain
from sekisho.network.rules.device_configuration import Dialect
from sekisho.network.rules.evidence_lines import lines_of
from sekisho.network.rules.judged import Judged
from sekisho.network.rules.readers.source import LARGEST

_KEY_BYTES = 32
# The estate's kinds of line, as its ledger keeps them.
LINE_KINDS = (
    "leased",
    "ip_vpn",
    "ipsec_ikev2",
    "ipsec_ikev2_psk",
    "ipsec_ike",
    "ssl_vpn_client",
    "ssl_vpn_other",
    "vpn_other",
    "open_tls13_mtls",
    "open_tls12_mtls",
    "open_other",
    "lan",
    "wireless_lan",
)


@click.command(
    "configuration",
    help=_("Judge the configuration FILE of a router, VPN or Wi-Fi device. Exit codes as “tls”.").msgid,
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--dialect", type=click.Choice([each.value for each in Dialect]), help=_("Kind of device, if not told.").msgid
)
@click.option("--line", type=click.Choice(LINE_KINDS), help=_("Kind of line that the device serves.").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def configuration(file: Path, dialect: str | None, line: str | None, as_json: bool) -> int:
    """Read, judge and print. Secrets are hidden under a key that is gone afterwards."""
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    read = importlib.import_module("sekisho.network.rules.readers").read_configuration
    reading = read(content, key=secrets.token_bytes(_KEY_BYTES), dialect=Dialect(dialect) if dialect else None)
    profile = importlib.import_module("sekisho.network.queries.configuration_profile").configuration_profile()
    judge = importlib.import_module("sekisho.network.rules.configuration").judge
    remarks = judge(profile, reading.configuration, line)
    shown = remarks if as_json else list(map(_with_lines, remarks))
    return answer(str(file), shown, plain(reading.configuration), as_json=as_json)


def _with_lines(remark: Judged) -> Judged:
    """Return a remark that names its lines in the message."""
    numbers = lines_of(remark.observed)
    if not numbers:
        return remark
    lines = ", ".join(map(str, numbers))
    return replace(remark, message=_("%(what)s (line %(lines)s)", what=remark.message, lines=lines))
