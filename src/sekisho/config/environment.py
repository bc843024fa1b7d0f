"""The settings an operator may give, read once from the environment and checked as a whole."""

import os
import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _

PREFIX = "SEKISHO_"
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
# A unix socket's path has at most 107 bytes; the longest we make is <home>/run/sequencer.sock.
LONGEST_HOME = 107 - len("/run/sequencer.sock")
CONNECT_TIMEOUT = "5"  # seconds
# What may follow the question mark of a database's address, as libpq names it, with the values it may have.
_POSTGRES_OPTIONS = {
    "sslmode": re.compile("disable|allow|prefer|require|verify-ca|verify-full"),
    "sslrootcert": re.compile(r"system|/.+"),
    "connect_timeout": re.compile(r"[1-9][0-9]?"),
}


class SettingsInvalid(SekishoError):
    """One or more settings hold a value that is not allowed; each is named with what is allowed."""

    code = "config.settings_invalid"
    message = _("These settings are not valid:\n%(faults)s")
    hint = _("Correct them in the environment of the service and start again.")
    status = 500
    exit_code = 78


def _host_name(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("host")
    return value


def _former_host(value: str) -> str:
    return _host_name(value) if value else ""


def _absolute(value: Path) -> Path:
    path = value.expanduser().absolute()
    if len(os.fsencode(path)) > LONGEST_HOME:
        raise ValueError("home")
    return path


def _whole_path(value: Path) -> Path:
    if not value.is_absolute():
        raise ValueError("path")
    return value


def _folders(value: str) -> str:
    places = [_whole_path(Path(part)) for part in value.split(":")] if value else []
    if len(set(places)) != len(places):
        raise ValueError("backup_targets")
    return value


def _collector(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"udp", "tcp", "tls"} or not parts.hostname or not parts.port or parts.path):
        raise ValueError("heads_syslog")
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.port == 0):
        raise ValueError("address")
    return value


def _database_url(value: str) -> str:
    if value:
        postgres_parameters(value)
    return value


def default_home() -> Path:
    """Return where the data lies when SEKISHO_HOME is not set (XDG base directory specification)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "sekisho"


class Environment(BaseSettings):
    """Every setting, with its default. Names in the environment are these in capitals after ``SEKISHO_``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    home: Annotated[Path, AfterValidator(_absolute)] = Field(default_factory=default_home, validate_default=True)
    database_url: Annotated[str, AfterValidator(_database_url)] = ""
    host: Annotated[str, AfterValidator(_host_name)] = "localhost"
    former_host: Annotated[str, AfterValidator(_former_host)] = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 8443
    listen: Literal["local", "all"] = "local"
    syslog_port: Annotated[int, Field(ge=0, le=65535)] = 0
    language: Literal["ja", "en"] = "ja"
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    caddy: Path | None = None
    backup_targets: Annotated[str, AfterValidator(_folders)] = ""
    backup_passphrase_file: Annotated[Path, AfterValidator(_whole_path)] | None = None
    backup_recipients_file: Annotated[Path, AfterValidator(_whole_path)] | None = None
    heads_folder: Annotated[Path, AfterValidator(_whole_path)] | None = None
    heads_syslog: Annotated[str, AfterValidator(_collector)] = ""
    heads_ca: Annotated[Path, AfterValidator(_whole_path)] | None = None
    witness_policy: Annotated[Path, AfterValidator(_whole_path)] | None = None
    breached_passwords: Annotated[Path, AfterValidator(_whole_path)] | None = None
    fido_metadata: Annotated[Path, AfterValidator(_whole_path)] | None = None
    fido_root: Annotated[Path, AfterValidator(_whole_path)] | None = None
    metrics_token_file: Annotated[Path, AfterValidator(_whole_path)] | None = None
    redirect_port: Annotated[int, Field(ge=0, le=65535)] = 0
    tls_certificate: Annotated[Path, AfterValidator(_whole_path)] | None = None
    tls_key: Annotated[Path, AfterValidator(_whole_path)] | None = None
    tsa_url: Annotated[str, AfterValidator(_web_address)] = ""
    tsa_roots: Annotated[Path, AfterValidator(_whole_path)] | None = None

    @property
    def backup_places(self) -> tuple[Path, ...]:
        """The folders that backups go to."""
        return tuple(map(Path, filter(None, self.backup_targets.split(":"))))

    @property
    def origin(self) -> str:
        """The address people open."""
        return f"https://{self.host}" if self.port == 443 else f"https://{self.host}:{self.port}"

    @property
    def keys(self) -> Path:
        """The folder of secret keys."""
        return self.home / "keys"

    @property
    def database_file(self) -> Path:
        """The file of the database, unless there is a PostgreSQL server."""
        return self.home / "sekisho.sqlite3"

    @property
    def register(self) -> Path:
        """The folder of the register's log."""
        return self.home / "register"

    @property
    def inbox(self) -> Path:
        """The folder of events that hot writers have recorded and the log does not have yet."""
        return self.home / "inbox"

    @property
    def review(self) -> Path:
        """The folder of the rows that the review of the register works on; derived, built anew at any time."""
        return self.home / "review"

    @property
    def syslog(self) -> Path:
        """The folder of certificates with which syslog is received."""
        return self.home / "syslog"

    @property
    def restored(self) -> Path:
        """The word that a restore leaves for the next start, which tells the register."""
        return self.home / "restored.json"

    @property
    def run(self) -> Path:
        """The folder of sockets and of the lock."""
        return self.home / "run"


# What each setting allows, in words; tested to name every setting.
ALLOWED = {
    "home": _("a folder whose full path has at most %(longest)s bytes", longest=LONGEST_HOME),
    "database_url": _(
        "empty for SQLite, or postgresql://user:password@host:port/name, and after it if needed "
        "?sslmode=verify-full&sslrootcert=/full/path&connect_timeout=5"
    ),
    "host": _("a host name in lower case, such as sekisho.clinic.example, without https:// and without a port"),
    "former_host": _("the host name before a change, as long as its keys are to be used; empty for none"),
    "port": _("a number from 1 to 65535"),
    "listen": _("local (this computer only) or all (every network of this computer)"),
    "syslog_port": _("a number from 1 to 65535; 0 to receive no syslog"),
    "language": _("ja or en"),
    "log_format": _("text or json"),
    "log_level": _("debug, info, warning or error"),
    "caddy": _("the path of a Caddy program; empty for the one that comes with Sekisho"),
    "backup_targets": _("full paths of different folders, separated by a colon; empty for no backup"),
    "backup_passphrase_file": _("the full path of a file; empty for none"),
    "backup_recipients_file": _("the full path of a file; empty for none"),
    "heads_folder": _("the full path of a folder on another computer's disk; empty for none"),
    "heads_syslog": _("udp://host:port, tcp://host:port or tls://host:port; empty for none"),
    "heads_ca": _("the full path of a file; empty for none"),
    "witness_policy": _("the full path of a file; empty for none"),
    "fido_metadata": _("the full path of a file; empty for none"),
    "fido_root": _("the full path of a file; empty for the root certificate that comes along"),
    "metrics_token_file": _("the full path of a file; empty for none"),
    "breached_passwords": _("the full path of a file; empty for none"),
    "redirect_port": _("a number from 1 to 65535; 0 to answer no plain HTTP"),
    "tls_certificate": _("the full path of a file; empty for the certificate that Sekisho makes itself"),
    "tls_key": _("the full path of a file; empty for none"),
    "tsa_url": _("the http:// or https:// address of a time-stamping authority; empty for none"),
    "tsa_roots": _("the full path of a file; empty for none"),
}


@cache
def environment() -> Environment:
    """Return this process's settings, read once. Raises SettingsInvalid naming each wrong one."""
    try:
        return Environment()
    except ValidationError as error:
        # The value of a setting may be a secret (a password in the address), so only its name is shown.
        names = sorted({str(fault["loc"][0]) for fault in error.errors()})
        faults = "\n".join(f"  {PREFIX}{name.upper()}: {ALLOWED[name]}" for name in names)
        raise SettingsInvalid(faults=faults) from None


def unknown_settings(variables: Mapping[str, str]) -> list[str]:
    """Return names that begin like a setting but are none, as a misspelt one would."""
    known = {f"{PREFIX}{name.upper()}" for name in Environment.model_fields}
    return sorted(name for name in variables if name.startswith(PREFIX) and name not in known)


def reader_language(variables: Mapping[str, str]) -> str:
    """Return the language of the person at the terminal: the setting, else the locale, Japanese first.

    A terminal that cannot show Japanese gets English.
    """
    chosen = variables.get(f"{PREFIX}LANGUAGE", "")
    if chosen not in {"ja", "en"}:
        locale = variables.get("LC_ALL") or variables.get("LC_MESSAGES") or variables.get("LANG") or ""
        chosen = "en" if locale.startswith("en") else "ja"
    return chosen if "utf" in (sys.stdout.encoding or "").lower() else "en"


def postgres_parameters(url: str) -> dict[str, Any]:
    """Split a PostgreSQL address into Django's connection settings. Raises ValueError for anything we do not know."""
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgresql", "postgres"} or not name or parts.fragment:
        raise ValueError("database_url")
    return {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"connect_timeout": CONNECT_TIMEOUT, **_postgres_options(parts.query)},
    }


def _postgres_options(query: str) -> dict[str, str]:
    """Return what follows the question mark. A misspelt sslmode must not become a connection without TLS."""
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    known = all(name in _POSTGRES_OPTIONS and _POSTGRES_OPTIONS[name].fullmatch(value) for name, value in pairs)
    if not known or len(dict(pairs)) != len(pairs):
        raise ValueError("database_url")
    return dict(pairs)
