"""14⑥(1)(2) for the platform itself: weak passwords are refused, tried on the real rule and the settings beside it."""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.people.rules.passwords import PASSWORD_MINIMUM, PasswordTooWeak, check_password
from sekisho.people.rules.romaji import words_about

ABOUT = (*words_about(login="yamada", name="山田 花子", kana="ヤマダ ハナコ", staff_number="204816"), "みどり内科")
STRONG = "kumo7 to ame9 no hi"
WEAK = {
    "shorter": "kumo7 ame9 ha"[: PASSWORD_MINIMUM - 1],
    "letters_only": "kumo to ame no hi wo miru",
    "digits_only": "8264019375526481",
    "common": "password12345678",
    "keyboard": "qwertyuiop1234567890",
    "repeating": "ababab1ababab1ab",
    "login": "yamada no kumo7 to ame",
    "reading": "hanako no kumo7 to ame",
    "staff_number": "kumo no 204816 to ame",
    "facility": "みどり内科 no kumo7 to ame",
}


def refused(password: str) -> bool:
    """Tell whether the rule refuses a password."""
    try:
        check_password(password, about=ABOUT)
    except PasswordTooWeak:
        return True
    return False


def check() -> Iterator[Finding]:
    """Offer every kind of weak password, and a strong one that must be taken."""
    taken = sorted(name for name, password in WEAK.items() if not refused(password))
    facts: dict[str, Json] = {"weak_taken": list(taken), "strong_taken": not refused(STRONG), "kinds_tried": len(WEAK)}
    holds = not taken and not refused(STRONG)
    message = _("Weak passwords are refused.") if holds else _("A weak password was accepted.")
    for subject in platform_systems():
        yield Finding(subject, Outcome.PASS if holds else Outcome.FAIL, message, clock.now(), facts)


control = Control(
    id="people.platform_password_rules",
    title=_("Sekisho refuses weak passwords"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_("This is a fault of Sekisho itself. Report it to whoever looks after it."),
    parameters={
        "password_minimum_single_factor": PASSWORD_MINIMUM,
        "password_minimum_two_factor": PASSWORD_MINIMUM,
        "password_letters_and_digits": refused(WEAK["letters_only"]) and refused(WEAK["digits_only"]),
    },
)
