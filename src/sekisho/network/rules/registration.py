"""What may be registered for an endpoint, what a manager may allow it, and how long a reason for TLS 1.2 counts."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import CONTROL_CHARACTERS, has_control_characters, says_something
from sekisho.network.rules.observation import StartTls

LONGEST_EXCEPTION = timedelta(days=731)  # two years
LONGEST_WORDS = 500
FEWEST_LETTERS = 4  # shorter words explain nothing: 検査装置 is a beginning, "x" is not
OTHERWISE = "other"
RESTRICTIONS = frozenset({"certificate", OTHERWISE})
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_WEB = frozenset({"https", "http"})


class RegistrationInvalid(InvalidInput):
    """What was to be registered for an endpoint breaks a rule; nothing was stored."""

    code = "network.registration_invalid"
    message = _("This cannot be registered: %(reason)s")


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is registered for an endpoint apart from certificates. Empty texts: nothing is."""

    server_name: str = ""
    starttls: str = ""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a manager allows an endpoint: TLS 1.2 for a reason and a time, or telling devices apart in another way."""

    tls12_reason: str = ""
    tls12_until: date | None = None
    restriction: str = "certificate"
    restricted_by: str = ""


def counts_on(until: date | None, day: date) -> bool:
    """Tell whether a reason that ends with the day ``until`` still counts on ``day``. One without an end never does."""
    return until is not None and day <= until


def tidy(given: Particulars, *, protocol: str) -> Particulars:
    """Return ``given`` in its one written form. Raises RegistrationInvalid with the field that is wrong."""
    name = _host_name(given.server_name)
    if given.starttls not in {"", *StartTls}:
        raise RegistrationInvalid(reason=_("this choice does not exist."))
    if given.starttls and protocol in _WEB:
        raise _invalid("starttls", _("a web page does not turn to TLS on request."))
    return Particulars(name, given.starttls)


def tidy_allowance(given: Allowance, before: Allowance, *, today: date) -> Allowance:
    """Return ``given`` in its one written form. Raises RegistrationInvalid with the field that is wrong.

    A reason for TLS 1.2 that stands since ``before`` may have run out meanwhile; a new one must have an end ahead.
    """
    if given.restriction not in RESTRICTIONS:
        raise RegistrationInvalid(reason=_("this choice does not exist."))
    otherwise = given.restriction == OTHERWISE
    found = replace(
        given,
        tls12_reason=given.tls12_reason.strip(),
        restricted_by=given.restricted_by.strip() if otherwise else "",
    )
    _check_words(found)
    if (found.tls12_reason, found.tls12_until) != (before.tls12_reason, before.tls12_until):
        _check_exception(found, today)
    if otherwise and not _explains(found.restricted_by):
        raise _invalid("restricted_by", _("say how devices are told apart."))
    return found


def _host_name(text: str) -> str:
    try:
        name = text.strip().rstrip(".").lower().encode("idna").decode("ascii") if text.strip() else ""
    except UnicodeError:
        name = " "
    if name and not _NAME.fullmatch(name):
        raise _invalid("server_name", _("this is no name of a server."))
    return name


def _check_words(given: Allowance) -> None:
    for field, words in (("tls12_reason", given.tls12_reason), ("restricted_by", given.restricted_by)):
        if has_control_characters(words):
            raise RegistrationInvalid(field=field, reason=CONTROL_CHARACTERS)
        if len(words) > LONGEST_WORDS:
            raise _invalid(field, _("it is longer than 500 characters."))


def _explains(words: str) -> bool:
    letters = [character for character in words if unicodedata.category(character)[0] in "LN"]
    return says_something(words) and len(letters) >= FEWEST_LETTERS


def _check_exception(given: Allowance, today: date) -> None:
    if bool(given.tls12_reason) != (given.tls12_until is not None):
        missing = "tls12_until" if given.tls12_reason else "tls12_reason"
        raise _invalid(missing, _("a reason for TLS 1.2 and the day on which it ends go together."))
    if given.tls12_reason and not _explains(given.tls12_reason):
        raise _invalid("tls12_reason", _("say which program or device needs it, and what the vendor says."))
    if given.tls12_until is not None and not today <= given.tls12_until <= today + LONGEST_EXCEPTION:
        raise _invalid("tls12_until", _("the end must lie between today and two years from now."))


def _invalid(field: str, reason: Text) -> RegistrationInvalid:
    return RegistrationInvalid(field=field, reason=reason)
