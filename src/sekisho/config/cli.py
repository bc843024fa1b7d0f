"""The ``sekisho`` command: finds the commands of every app, and turns what goes wrong into words and an exit code."""

import errno
import importlib
import importlib.util
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import structlog

from sekisho.config.commands import commands as own_commands
from sekisho.config.environment import environment
from sekisho.config.keys import is_installed
from sekisho.config.logs import CONSOLE, configure
from sekisho.config.processes.django_start import start_django
from sekisho.config.terminal import USAGE, explain_usage, localize
from sekisho.config.translation import install_translator
from sekisho.kernel.errors import SekishoError, Unavailable
from sekisho.kernel.ids import new_id
from sekisho.kernel.text import _

log = structlog.get_logger(__name__)
INTERRUPTED = 130
_ROOMS = Path(__file__).resolve().parent.parent
_STORAGE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})


class Unexpected(SekishoError):
    """A fault of the program itself."""

    code = "config.unexpected"
    message = _("Something unexpected went wrong (reference %(reference)s, %(kind)s).")
    hint = _(
        "Run it again with SEKISHO_LOG_LEVEL=debug to see the details, and tell them to whoever looks after Sekisho."
    )
    status = 500
    exit_code = 70


class NotInstalled(SekishoError):
    """The data directory that the settings name holds no installation."""

    code = "config.not_installed"
    message = _("There is no installation in %(path)s.")
    hint = _("Set SEKISHO_HOME to its data directory, or start one there with “sekisho up”.")
    status = 500
    exit_code = 66


class Root(click.Group):
    """The command above all others. Its own commands work without Django; those of the apps are loaded on demand."""

    _of_apps: dict[str, click.Command] | None = None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands; only our own ones when the apps cannot be loaded."""
        try:
            names = [*self.commands, *self._app_commands()]
        except Exception as error:  # noqa: BLE001  # whatever is broken, help has to be shown
            log.warning("the commands of the apps cannot be shown", error=str(error))
            names = list(self.commands)
        return sorted(names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command. Raises what keeps the apps from being loaded when it is none of our own."""
        command = self.commands.get(cmd_name) or self._app_commands().get(cmd_name)
        if command is None and not is_installed(environment()) and _has_commands(cmd_name):
            raise NotInstalled(path=environment().home)
        return localize(command) if command else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command to run; one of the apps only where the database is not of a newer version."""
        name, command, rest = super().resolve_command(ctx, args)
        if name not in self.commands and self._of_apps:
            importlib.import_module("sekisho.config.processes.database").refuse_newer()
        return name, command, rest

    def _app_commands(self) -> dict[str, click.Command]:
        # Django's settings make the keys; asking for help before the first start must make nothing.
        if not is_installed(environment()):
            return {}
        if self._of_apps is None:
            start_django()
            settings = importlib.import_module("django.conf").settings
            names = [f"{app}.commands" for app in settings.SEKISHO_APPS if app != __package__]
            modules = [importlib.import_module(name) for name in names if importlib.util.find_spec(name) is not None]
            self._of_apps = {command.name: command for module in modules for command in module.commands}
        return self._of_apps


def _has_commands(name: str) -> bool:
    """Tell whether a room declares a command group of this name. Its source is read: importing it would need Django."""
    declared = f'@click.group("{name}"'
    files = [*_ROOMS.glob("*/commands.py"), *_ROOMS.glob("*/commands/*.py")]
    return any(declared in path.read_text(encoding="utf8") for path in files)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: the one translator from errors to a terminal."""
    os.umask(0o077)  # whatever a command writes is nobody else's business
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character still gets the rest
    install_translator()
    _configure_logging()
    try:
        root = Root("sekisho", commands=list(own_commands), help=_("Safety management for medical information.").msgid)
        result = localize(root).main(arguments, prog_name="sekisho", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return USAGE
    except click.ClickException as error:
        return _say(explain_usage(error))
    except SekishoError as error:
        return _say(error)
    except Exception as error:  # noqa: BLE001  # the last door: nothing leaves as a bare traceback
        return _say(Unavailable() if _cannot_store(error) else _unexpected(error))


def _configure_logging() -> None:
    """Log as asked for; a wrong wish is reported by whoever reads the settings, so here it only falls back."""
    level = os.environ.get("SEKISHO_LOG_LEVEL", "")
    wanted = level if level in {"debug", "info", "warning", "error"} else "warning"
    configure("json" if os.environ.get("SEKISHO_LOG_FORMAT") == "json" else "text", wanted, CONSOLE)


def _cannot_store(error: Exception) -> bool:
    """Tell whether the disk or the database is what failed, as :func:`sekisho.config.errors.known_error` does.

    A command that needs no database has not loaded Django, and must not do so now.
    """
    database = sys.modules.get("django.db.utils")
    away = (database.OperationalError, database.InterfaceError) if database else ()
    failed = isinstance(error, away) or (isinstance(error, OSError) and error.errno in _STORAGE)
    if failed:
        log.debug("storage unavailable", exc_info=error)
    return failed


def _unexpected(error: Exception) -> Unexpected:
    reference = str(new_id())
    log.debug("unexpected error", reference=reference, exc_info=error)
    return Unexpected(reference=reference, kind=type(error).__name__)


def _say(error: SekishoError) -> int:
    click.echo(f"{error.text} [{error.code}]", err=True)
    if error.advice is not None:
        click.echo(f"→ {error.advice}", err=True)
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
