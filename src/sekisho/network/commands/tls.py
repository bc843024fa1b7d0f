"""``sekisho check tls`` and ``sekisho check mtls``."""

import importlib
from pathlib import Path

import click

from sekisho.kernel import clock
from sekisho.kernel.text import _
from sekisho.network.commands.answers import answer, carried, plain, split_address

# Those of rules/observation.py, which is loaded only where something is looked at.
STARTTLS = ("smtp", "imap", "pop3", "ftp", "ldap", "postgres")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_server_name = click.option(
    "--server-name", default=None, help=_("The name to ask for, where it is not that of the address.").msgid
)


@click.command("tls", help=_("Judge the TLS of HOST:PORT. Exit code 0 conforming, 1 not, 2 cannot tell.").msgid)
@carried("tls")
@click.argument("address")
@_server_name
@click.option(
    "--starttls",
    type=click.Choice(STARTTLS),
    default=None,
    help=_("Protocol that turns to TLS on request: smtp, imap, ldap …").msgid,
)
@click.option("--ca", type=click.Path(exists=True, dir_okay=False), help=_("The authority's certificate (PEM).").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def tls(address: str, server_name: str | None, starttls: str | None, ca: str | None, as_json: bool) -> int:
    """Scan, judge and print."""
    host, port = split_address(address)
    observation = importlib.import_module("sekisho.network.rules.observation")
    turning = observation.StartTls(starttls) if starttls else None
    authority = Path(ca).read_text(encoding="ascii", errors="replace") if ca else None
    scan = importlib.import_module("sekisho.network.queries.tls_scan").scan
    seen = scan(host, port, starttls=turning, ca_pem=authority, server_name=server_name)
    profile = importlib.import_module("sekisho.network.queries.profiles").high_security()
    remarks = importlib.import_module("sekisho.network.rules.tls").judge(profile, seen, clock.now())
    return answer(address, remarks, plain(seen), as_json=as_json)


@click.command("mtls", help=_("Tell whether HOST:PORT insists on client certificates. Exit codes as “tls”.").msgid)
@carried("mutual_tls")
@click.argument("address")
@_server_name
@click.option("--plain", "is_plain", is_flag=True, help=_("It speaks TLS but not HTTP.").msgid)
@click.option("--certificate", type=_FILE, help=_("A client certificate that must be let in (PEM).").msgid)
@click.option("--key", type=_FILE, help=_("The private key of that certificate (PEM, without password).").msgid)
@click.option("--json", "as_json", is_flag=True, help=_("Write JSON for programs.").msgid)
def mtls(
    address: str, server_name: str | None, is_plain: bool, certificate: Path | None, key: Path | None, as_json: bool
) -> int:
    """Try without a certificate, with a foreign one and with the one given, judge and print."""
    host, port = split_address(address)
    if (certificate is None) is not (key is None):
        raise click.MissingParameter(param_hint="--certificate, --key", param_type="option")
    pem, key_pem = (path.read_text(encoding="ascii", errors="replace") if path else None for path in (certificate, key))
    probe = importlib.import_module("sekisho.network.queries.mutual_tls").probe_mutual_tls
    seen = probe(host, port, http=not is_plain, server_name=server_name, certificate_pem=pem, key_pem=key_pem)
    remarks = importlib.import_module("sekisho.network.rules.mutual_tls").judge_mutual_tls(seen)
    return answer(address, remarks, plain(seen), as_json=as_json)
