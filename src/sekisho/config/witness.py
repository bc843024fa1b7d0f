"""The commands of a witness: they need no installation of Sekisho, so that any other computer can be one."""

import os
from pathlib import Path

import click

from sekisho.kernel.text import _
from sekisho.register.errors import WitnessKeyExists
from sekisho.register.log.witness_server import PATH, WitnessServer, open_witness
from sekisho.trust.cosignatures import LOG_KEY, KeyBroken, read_key, read_seed, witness_key, write_seed

_PORT = 8444
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("witness", help=_("Be a witness of the registers of other installations.").msgid)
def witness() -> None:
    """Commands of a witness."""


@witness.command("init", help=_("Make the key of a witness and print its public line.").msgid)
@click.option("--key", type=_FILE, required=True, help=_("The file for the secret key.").msgid)
@click.option("--name", required=True, help=_("Its name for good, such as clinic-b.example/witness.").msgid)
def init(key: Path, name: str) -> None:
    """Make a key; a file that exists is not overwritten."""
    seed = os.urandom(32)
    line = write_seed(name, seed)
    try:
        descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise WitnessKeyExists(path=key) from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())
    click.echo(witness_key(name, seed).line())


@witness.command("serve", help=_("Answer the logs with these keys until Ctrl-C or SIGTERM.").msgid)
@click.option("--key", type=_FILE, required=True, help=_("The file of the secret key.").msgid)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help=_("The folder in which it remembers the last head of each log.").msgid,
)
@click.option("--log", "logs", multiple=True, required=True, help=_("The key of a log, in one line.").msgid)
@click.option("--listen", default="127.0.0.1", show_default=True, help=_("The address to listen on.").msgid)
@click.option("--port", type=click.IntRange(0, 65535), default=_PORT, show_default=True, help=_("The port.").msgid)
@click.option("--certificate", type=_FILE, help=_("The certificate for HTTPS, in PEM.").msgid)
@click.option("--certificate-key", type=_FILE, help=_("The key of the certificate, in PEM.").msgid)
def serve(
    key: Path,
    state: Path,
    logs: tuple[str, ...],
    listen: str,
    port: int,
    certificate: Path | None,
    certificate_key: Path | None,
) -> None:
    """Serve until it is told to stop."""
    if bool(certificate) != bool(certificate_key):
        raise click.UsageError(str(_("Give --certificate and --certificate-key together.")))
    name, seed = read_seed(_first_line(key))
    opened = open_witness(state, name, seed, [read_key(line.strip(), LOG_KEY) for line in logs])
    tls = (certificate, certificate_key) if certificate and certificate_key else None
    with WitnessServer((listen, port), opened, tls) as server:
        scheme, number = "https" if tls else "http", server.server_address[1]
        click.echo(_("The witness listens at %(address)s", address=f"{scheme}://{listen}:{number}{PATH}"))
        server.serve_forever()


def _first_line(key: Path) -> str:
    try:
        return key.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise KeyBroken(key=str(key)) from error
