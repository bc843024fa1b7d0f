"""14⑥(1) per system: length and mix of its passwords, as the survey of authentication records them with a ground.

Nothing is read from the systems themselves: without an entry, a ground or a look in time it cannot be told.
"""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.people.models import Answer, AuthenticationSurvey, Method
from sekisho.people.queries.id_review import PLATFORM_KIND, systems
from sekisho.people.rules.password_profiles import MHLW_7_0, Lack, PasswordSettings, lacks
from sekisho.people.rules.passwords import PASSWORD_MAXIMUM, PASSWORD_MINIMUM

FRESH_FOR = timedelta(days=365)
_OWN = PasswordSettings(
    second_factor=True,
    minimum=PASSWORD_MINIMUM,
    maximum=PASSWORD_MAXIMUM,
    letters_and_digits=True,
    symbols=False,
)


def check() -> Iterator[Finding]:
    """Hold what is recorded of each system against the guideline's rule."""
    rows = AuthenticationSurvey.objects.filter(closed_at=None, struck_at=None)
    recorded = {str(row.system_id): row for row in rows}
    for system in systems():
        facts: dict[str, Json] = {}
        outcome, message = _judged(system, recorded.get(system.id), facts)
        yield Finding(system, outcome, message, clock.now(), facts)


def _judged(system: Subject, row: AuthenticationSurvey | None, facts: dict[str, Json]) -> tuple[Outcome, Text]:
    if system.facts["kind"] == PLATFORM_KIND:
        return _outcome(_OWN, facts)
    if row is None:
        return Outcome.UNKNOWN, _("Nothing is recorded of how this system signs people in.")
    if not (row.ground and row.evidence.strip()):
        return Outcome.UNKNOWN, _("What is recorded has no ground: a test, the vendor's paper, or its settings.")
    if not timedelta(0) <= clock.now() - row.confirmed_at <= FRESH_FOR:
        return Outcome.UNKNOWN, _("What is recorded was not confirmed within a year.")
    if row.method not in {Method.PASSWORD, Method.CARD}:
        return Outcome.NOT_APPLICABLE, _("The system asks for no password of its own.")
    return _outcome(_settings(row), facts)


def _settings(row: AuthenticationSurvey) -> PasswordSettings:
    """Of a card only its PIN counts: what is unknown of it is asked for like the length of a password."""
    by_card = row.method == Method.CARD
    return PasswordSettings(
        second_factor=by_card or row.second_factor == Answer.YES,
        minimum=(MHLW_7_0.with_second_factor if row.pin_minimum else None) if by_card else row.password_minimum,
        maximum=None if by_card else row.password_maximum,
        letters_and_digits=by_card or row.letters_and_digits == Answer.YES,
        symbols=row.symbols == Answer.YES,
        forced_change_days=row.forced_change_days,
        pin=row.pin_minimum,
    )


def _outcome(settings: PasswordSettings, facts: dict[str, Json]) -> tuple[Outcome, Text]:
    found = lacks(MHLW_7_0, settings)
    facts |= {
        "minimum": settings.minimum,
        "maximum": settings.maximum,
        "second_factor": settings.second_factor,
        "lacks": [lack.value for lack in found],
        "profile": MHLW_7_0.id,
    }
    if set(found) - {Lack.UNKNOWN}:
        return Outcome.FAIL, _("The system accepts passwords that the guideline does not, or forces changes of them.")
    if found:
        return Outcome.UNKNOWN, _("Nobody has found out how short a password this system accepts.")
    return Outcome.PASS, _("The system asks for passwords as the guideline does.")


control = Control(
    id="people.password_policy",
    title=_("Each system refuses short and simple passwords"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_(
        "Try a short password in the system, or ask its vendor, and write the result into “Authentication of the "
        "systems”. Where the system cannot be set, give it a second factor."
    ),
    parameters={
        "password_minimum_single_factor": MHLW_7_0.alone,
        "password_minimum_two_factor": MHLW_7_0.with_second_factor,
        "password_letters_and_digits": MHLW_7_0.letters_and_digits,
        "pin_minimum": MHLW_7_0.pin,
        "profile": MHLW_7_0.id,
    },
)
