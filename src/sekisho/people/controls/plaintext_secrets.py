"""14⑥(5) per system: no password stands in plain text in the configuration files and scripts that were looked through.

A system of which nothing was looked through, or not within a month, or not wholly, is not known; what was found stays
found until a newer look does not show it, or it is said, for a time, to be none.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.people.actions import PlaintextSecretAction
from sekisho.people.queries import plaintext_secrets as queries
from sekisho.people.queries.id_review import PLATFORM_KIND, systems
from sekisho.people.queries.plaintext_secrets import FRESH_FOR, Looked
from sekisho.people.rules.plaintext_secrets import ALONE_FOR, CONFIRMED_FOR, counted

MOST_NAMED = 20


def check() -> Iterator[Finding]:
    """Judge the newest look at each place of each system."""
    places = queries.places()
    for system in systems():
        seen = queries.looked(places.get(system.id, []))
        facts: dict[str, Json] = {}
        outcome, message = _judged(system, seen, facts)
        yield Finding(system, outcome, message, clock.now(), facts)


def _judged(system: Subject, seen: Sequence[Looked], facts: dict[str, Json]) -> tuple[Outcome, Text]:
    if not seen:
        if system.facts["kind"] == PLATFORM_KIND:
            return Outcome.NOT_APPLICABLE, _("The settings of Sekisho itself are looked at by checks of their own.")
        return Outcome.UNKNOWN, _("No configuration file or script of this system was looked through.")
    found = queries.findings(system.id, seen)
    left = [one for one in found if one.is_open]
    facts |= {"places": [_place_facts(one) for one in seen], "found": len(found), "open": len(left)}
    facts["kinds"] = dict(counted([one.sighting for one in left]))
    facts["where"] = [f"{one.sighting.file}:{one.sighting.line}" for one in left[:MOST_NAMED]]
    if left:
        return Outcome.FAIL, _("Passwords stand in plain text in %(number)s places.", number=len(left))
    if not all(one.is_fresh for one in seen):
        return Outcome.UNKNOWN, _("Not every place was looked through within %(days)s days.", days=FRESH_FOR.days)
    if not all(one.look is not None and one.look.is_whole and not one.place.trouble for one in seen):
        return Outcome.UNKNOWN, _("Something could not be looked at: it is named beside the place.")
    return Outcome.PASS, _("No password stands in plain text in what was looked through.")


def _place_facts(one: Looked) -> dict[str, Json]:
    look = one.look
    facts: dict[str, Json] = {"path": one.place.path, "tool": one.place.tool, "trouble": one.place.trouble}
    facts["end_waits"] = one.place.end_asked_at is not None
    if look is not None:
        facts |= {"looked_at": look.looked_at.isoformat(), "whole": look.is_whole, "counts": look.counts}
    return facts


control = Control(
    id="people.plaintext_secrets",
    title=_("No password stands in plain text in configuration files and scripts"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_(
        "Open “Plain-text passwords”: change each password that was found and keep it where only its program reads it. "
        "What is none is settled there with a reason. A system that Sekisho cannot see is looked through with gitleaks "
        "or TruffleHog, and the result taken over."
    ),
    parameters={"fresh_days": FRESH_FOR.days, "alone_days": ALONE_FOR.days, "confirmed_days": CONFIRMED_FOR.days},
    facts_for=PlaintextSecretAction.VIEW,
)
