"""11①(2) for the platform itself: a sealed credential is used in an emergency only, within its time, and reviewed."""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.people.queries.emergency import every_seal, facts_of
from sekisho.people.rules.emergency import judge_use

_WORST_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


def check() -> Iterator[Finding]:
    """Look at every sealed credential there ever was; without one there is nothing to see."""
    now = clock.now()
    seals = [facts_of(seal) for seal in every_seal()]
    said = judge_use(seals, now)
    facts: dict[str, Json] = {
        "credentials": len(seals),
        "used": sum(seal.opened_at is not None for seal in seals),
        "concerns": [number for outcome, number, _words in said if outcome is not Outcome.PASS],
    }
    outcome, message = _worst(said, len(seals))
    for subject in platform_systems():
        yield Finding(subject, outcome, message, now, facts)


def _worst(said: list[tuple[Outcome, str, Text]], seals: int) -> tuple[Outcome, Text]:
    for wanted in _WORST_FIRST:
        for outcome, _number, words in said:
            if outcome is wanted:
                return outcome, words
    if not seals:
        return Outcome.UNKNOWN, _("There is no emergency account, so there is no use to see.")
    return Outcome.PASS, _("No emergency account was used without need.")


control = Control(
    id="people.emergency_account_use",
    title=_("Emergency accounts of Sekisho are used in emergencies only"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(hours=1),
    severity=Severity.HIGH,
    remedy=_("Ask who opened the envelope, return to normal, and have somebody else review what was done."),
)
