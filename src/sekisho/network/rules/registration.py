"""What may be registered for an endpoint, and how long a reason for TLS 1.2 counts."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import CONTROL_CHARACTERS, has_control_characters
from sekisho.network.rules.observation import StartTls

LONGEST_EXCEPTION = timedelta(days=731)  # two years
LONGEST_WORDS = 500
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
    tls12_reason: str = ""
    tls12_until: date | None = None
    restriction: str = "certificate"
    restricted_by: str = ""


def counts_on(until: date | None, day: date) -> bool:
    """Tell whether a reason that ends with the day ``until`` still counts on ``day``. One without an end never does."""
    return until is not None and day <= until


def tidy(given: Particulars, before: Particulars, *, protocol: str, today: date) -> Particulars:
    """Return ``given`` in its one written form. Raises RegistrationInvalid with the field that is wrong.

    A reason for TLS 1.2 that stands since ``before`` may have run out meanwhile; a new one must have an end ahead.
    """
    name = _host_name(given.server_name)
    if given.restriction not in RESTRICTIONS or given.starttls not in {"", *StartTls}:
        raise RegistrationInvalid(reason=_("this choice does not exist."))
    if given.starttls and protocol in _WEB:
        raise _invalid("starttls", _("a web page does not turn to TLS on request."))
    _check_words(given)
    if (given.tls12_reason, given.tls12_until) != (before.tls12_reason, before.tls12_until):
        _check_exception(given, today)
    otherwise = given.restriction == OTHERWISE
    if otherwise and not given.restricted_by:
        raise _invalid("restricted_by", _("say how devices are told apart."))
    return Particulars(
        name, given.starttls, given.tls12_reason, given.tls12_until, given.restriction,
        given.restricted_by if otherwise else "",
    )  # fmt: skip


def _host_name(text: str) -> str:
    try:
        name = text.strip().rstrip(".").lower().encode("idna").decode("ascii") if text.strip() else ""
    except UnicodeError:
        name = " "
    if name and not _NAME.fullmatch(name):
        raise _invalid("server_name", _("this is no name of a server."))
    return name


def _check_words(given: Particulars) -> None:
    for field, words in (("tls12_reason", given.tls12_reason), ("restricted_by", given.restricted_by)):
        if has_control_characters(words):
            raise RegistrationInvalid(field=field, reason=CONTROL_CHARACTERS)
        if len(words) > LONGEST_WORDS:
            raise _invalid(field, _("it is longer than 500 characters."))


def _check_exception(given: Particulars, today: date) -> None:
    if bool(given.tls12_reason) != (given.tls12_until is not None):
        missing = "tls12_until" if given.tls12_reason else "tls12_reason"
        raise _invalid(missing, _("a reason for TLS 1.2 and the day on which it ends go together."))
    if given.tls12_until is not None and not today <= given.tls12_until <= today + LONGEST_EXCEPTION:
        raise _invalid("tls12_until", _("the end must lie between today and two years from now."))


def _invalid(field: str, reason: Text) -> RegistrationInvalid:
    return RegistrationInvalid(field=field, reason=reason)
