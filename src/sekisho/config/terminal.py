"""Click, in the reader's language: help pages, and what was wrong with a command line.

Commands are written with plain click; their helps are English message ids (``_("…").msgid``), as is
what click itself says. All of it is translated when it is shown.
"""

import difflib
import re

import click

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import Text, _

_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)")  # click has no class of its own for it
USAGE = 64  # EX_USAGE of sysexits(3)


class UnknownCommand(SekishoError):
    """There is no command of this name."""

    code = "config.unknown_command"
    message = _("There is no command “%(name)s”.")
    hint = _("Run “%(program)s --help” to see all commands.")
    exit_code = USAGE


class MistypedCommand(UnknownCommand):
    """There is no command of this name, but some that look like it."""

    hint = _("Did you mean: %(near)s? Run “%(program)s --help” to see all commands.")


class UnknownOption(SekishoError):
    """The command has no such option."""

    code = "config.unknown_option"
    message = _("There is no option “%(name)s”.")
    hint = _("Run “%(program)s --help” to see what is possible.")
    exit_code = USAGE


class MissingPart(SekishoError):
    """The command needs an argument or option that was not given."""

    code = "config.missing_part"
    message = _("Something is missing: %(name)s")
    hint = _("Run “%(program)s --help” to see what is possible.")
    exit_code = USAGE


class WrongValue(SekishoError):
    """An argument or option has a value that is not allowed."""

    code = "config.wrong_value"
    message = _("The value of %(name)s is not allowed: %(reason)s")
    hint = _("Run “%(program)s --help” to see what is possible.")
    exit_code = USAGE


class WrongUsage(SekishoError):
    """The command line cannot be understood."""

    code = "config.wrong_usage"
    message = _("The command line cannot be understood: %(reason)s")
    hint = _("Run “%(program)s --help” to see what is possible.")
    exit_code = USAGE


# What click says of itself on a help page.
_CLICK_WORDS: dict[str, Text] = {
    "Options": _("Options"),
    "Commands": _("Commands"),
    "Positional arguments": _("Arguments"),
    "Show this message and exit.": _("Show this help."),
    "[OPTIONS]": _("[OPTIONS]"),
    "COMMAND [ARGS]...": _("COMMAND [ARGUMENTS]..."),
}


class Formatter(click.HelpFormatter):
    """Writes help pages in the reader's language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how the command is called."""
        for english in ("[OPTIONS]", "COMMAND [ARGS]..."):
            args = args.replace(english, str(_CLICK_WORDS[english]))
        super().write_usage(prog, args, prefix or str(_("Usage:")) + " ")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a list."""
        super().write_heading(str(_CLICK_WORDS.get(heading, heading)))


class Context(click.Context):
    """A click context whose help pages are in the reader's language."""

    formatter_class = Formatter


def localize(command: click.Command) -> click.Command:
    """Translate the helps of ``command`` and of everything below it into the reader's language; returns it."""
    command.context_class = Context
    command.help = _translated(command.help)
    command.short_help = _translated(command.short_help)
    command.epilog = _translated(command.epilog)
    help_option = command.get_help_option(Context(command))
    for parameter in [*command.params, *([help_option] if help_option else [])]:
        if isinstance(parameter, click.Option):
            parameter.help = _translated(parameter.help)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            localize(inner)
    return command


def _translated(text: str | None) -> str | None:
    return str(_CLICK_WORDS.get(text, Text(text))) if text else text


def explain_usage(error: click.ClickException) -> SekishoError:
    """Turn what click complains about into an error of ours."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    program = context.command_path if context else "sekisho"
    match error:
        case click.exceptions.NoSuchCommand():
            return _unknown_command(error.command_name, context, program)
        case click.NoSuchOption():
            return UnknownOption(name=error.option_name, program=program)
        case click.MissingParameter():
            return MissingPart(name=_name(error), program=program)
        case click.BadParameter():
            return WrongValue(name=_name(error), reason=_reason(error), program=program)
        case _:
            return WrongUsage(reason=_complaint(error), program=program)


def _complaint(error: click.ClickException) -> Text | str:
    extra = _EXTRA.match(error.format_message())
    return _("too many arguments (%(names)s)", names=extra[1]) if extra else error.format_message()


def _unknown_command(name: str, context: click.Context | None, program: str) -> SekishoError:
    group = context.command if context else None
    known = group.list_commands(context) if context and isinstance(group, click.Group) else []
    near = difflib.get_close_matches(name, known)
    if near:
        return MistypedCommand(name=name, near=", ".join(near), program=program)
    return UnknownCommand(name=name, program=program)


def _reason(error: click.BadParameter) -> Text | str:
    if error.param is not None and isinstance(error.param.type, click.Choice):
        return _("choose from %(choices)s", choices=", ".join(map(str, error.param.type.choices)))
    return error.message


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return ""
    return error.param.opts[0] if isinstance(error.param, click.Option) else (error.param.name or "").upper()
