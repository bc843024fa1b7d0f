"""Errors that people meet: a stable code, a translated sentence, what to do, and how each entrance answers.

Each entrance (page, htmx fragment, problem+json, exit code) has exactly one translator from
these errors to its own answer, so a rule raises and never thinks about HTTP or a terminal.
"""

from typing import ClassVar

from sekisho.kernel.text import Text, _


class SekishoError(Exception):
    """Base of every error shown to a person.

    ``code`` is stable and looked up in manuals; ``message`` and ``hint`` are translated when
    shown and filled with the keyword arguments of the raise; ``status`` is the HTTP status;
    ``exit_code`` follows sysexits(3); ``field`` names the input that was refused, if one was.
    """

    code: ClassVar[str] = "kernel.error"
    message: ClassVar[Text] = _("Something went wrong.")
    hint: ClassVar[Text | None] = None
    status: ClassVar[int] = 400
    exit_code: ClassVar[int] = 1

    def __init__(self, *, field: str | None = None, **params: object) -> None:
        super().__init__()
        self.field = field
        self.params = params

    @property
    def text(self) -> Text:
        """What went wrong, in one sentence."""
        return self.message.with_params(**self.params)

    @property
    def advice(self) -> Text | None:
        """What the reader can do about it."""
        return self.hint.with_params(**self.params) if self.hint else None

    def __str__(self) -> str:
        return f"{self.text} {self.advice}" if self.advice else str(self.text)


class InvalidInput(SekishoError):
    """What was entered breaks a rule; nothing was stored."""

    code = "kernel.invalid_input"
    message = _("The input is not valid.")
    status = 422
    exit_code = 65


class Unauthenticated(SekishoError):
    """Nobody is signed in."""

    code = "kernel.unauthenticated"
    message = _("Please sign in.")
    status = 401
    exit_code = 77


class Forbidden(SekishoError):
    """The actor holds no role that allows the action."""

    code = "kernel.forbidden"
    message = _("You are not allowed to do this: %(action_title)s")
    hint = _("It is open to: %(roles)s. Ask the system operator if you need it.")
    status = 403
    exit_code = 77


class Withheld(Forbidden):
    """A session opened in an emergency does not do this, whatever its roles."""

    code = "kernel.withheld"
    message = _("An emergency account does not do this: %(action_title)s")
    hint = _("Sign in with your own account.")


class NotFound(SekishoError):
    """There is no such thing, or it is not the reader's to see."""

    code = "kernel.not_found"
    message = _("This does not exist.")
    status = 404
    exit_code = 66


class Conflict(SekishoError):
    """Somebody else changed the same thing first; nothing was overwritten."""

    code = "kernel.conflict"
    message = _("Somebody else changed this in the meantime. Nothing of theirs was overwritten.")
    hint: ClassVar[Text | None] = _("Look at the current values and enter your change again.")
    status = 409
    exit_code = 75


class Unavailable(SekishoError):
    """The platform cannot do this now (disk full, database away)."""

    code = "kernel.unavailable"
    message = _("The platform cannot store anything at the moment. Nothing was changed.")
    hint = _("Check the free disk space and the database, then try again.")
    status = 503
    exit_code = 75
