"""How far the first steps are: read from the ledgers. Only what was put off is remembered, in the session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sekisho.config.wizard.entering import open_entries
from sekisho.config.wizard.offers import LINES, same_line
from sekisho.estate.ledgers import LINKS, SYSTEMS
from sekisho.estate.queries import counts, facility, platform_systems
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.people.actions import PeopleAction
from sekisho.people.queries import roles_in_use
from sekisho.ui.parts import Link, Step, StepState, Words
from sekisho.ui.request import Request

_LATER, _LEFT_OUT, _ENTERED = "wizard_later", "wizard_left_out", "wizard_entered"


class Place(StrEnum):
    """The pages of the wizard, in their order; the value is the word in the address."""

    FACILITY = "facility"
    PEOPLE = "people"
    SYSTEMS = "systems"
    LINES = "lines"
    CONTRACT = "contract"
    READY = "ready"

    @property
    def heading(self) -> Words:
        """The step in a word or two."""
        return _HEADINGS[self]

    @property
    def url(self) -> str:
        """The address of the page."""
        return reverse(f"wizard-{self.value}")

    @property
    def number(self) -> int:
        """Which step it is, from 1."""
        return _ORDER.index(self) + 1

    @property
    def before(self) -> "Place | None":
        """The step before this one, None for the first."""
        return _ORDER[self.number - 2] if self.number > 1 else None

    @property
    def after(self) -> "Place":
        """The step after this one; the last stays."""
        return _ORDER[min(self.number, len(_ORDER) - 1)]


_ORDER = tuple(Place)
_HEADINGS: dict[Place, Words] = {
    Place.FACILITY: gettext_lazy("Facility"),
    Place.PEOPLE: gettext_lazy("Who does what"),
    Place.SYSTEMS: gettext_lazy("Systems"),
    Place.LINES: gettext_lazy("Lines"),
    Place.CONTRACT: gettext_lazy("Maintenance contract"),
    Place.READY: gettext_lazy("Result"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """Which steps are answered by what is stored, which were put off in this session, which only others can answer."""

    done: frozenset[Place]
    later: frozenset[Place]
    others: frozenset[Place]

    @property
    def next(self) -> Place:
        """The first step that the reader can answer and has not put off; the result when there is none."""
        return next((place for place in _ORDER if place not in self.done | self.later | self.others), Place.READY)

    @property
    def is_finished(self) -> bool:
        """Tell whether nothing is left to ask for now."""
        return self.next is Place.READY

    @property
    def is_early(self) -> bool:
        """Tell whether there is nothing to judge yet but this platform itself."""
        return Place.SYSTEMS not in self.done | self.later

    def steps(self, here: Place | None = None) -> Sequence[Step]:
        """Return the steps for the eye, each but the present one a link."""
        current = here or self.next
        return [Step(_linked(place, here), self._state(place, current), self._note(place)) for place in _ORDER]

    def _state(self, place: Place, current: Place) -> StepState:
        if place is current:
            return StepState.CURRENT
        return StepState.DONE if place in self.done else StepState.TODO

    def _note(self, place: Place) -> Words:
        if place in self.done:
            return ""
        return _("for the system operator") if place in self.others else _("put off") if place in self.later else ""


def progress(request: Request) -> Progress:
    """Return where the first steps stand."""
    return progress_of(request, counts(), facility())


def progress_of(request: Request, known: Mapping[str, int], here: Any | None) -> Progress:
    """Return where they stand for whoever has read the counts of the estate and the facility already."""
    answers = {
        Place.FACILITY: here is not None,
        Place.PEOPLE: Role.PLANNING_MANAGER in roles_in_use(),
        Place.SYSTEMS: systems_entered(known) > 0,
        Place.LINES: known["links"] > 0,
        Place.CONTRACT: here is not None and here.update_duty != "",
    }
    return Progress(
        done=frozenset(place for place, is_done in answers.items() if is_done),
        later=frozenset(place for place in Place if place.value in request.session.get(_LATER, ())),
        others=frozenset() if request.actor.may(PeopleAction.INVITE) else frozenset({Place.PEOPLE}),
    )


def systems_entered(known: Mapping[str, int]) -> int:
    """Return how many systems are registered beside this platform, which enters itself."""
    return known["systems"] - len(platform_systems())


def put_off(request: Request, place: Place) -> None:
    """Remember until the sign-out that a step is not wanted now."""
    request.session[_LATER] = sorted({*request.session.get(_LATER, ()), place.value})


def leave_out(request: Request, keys: Sequence[str]) -> None:
    """Remember until the sign-out which lines were ticked although their kind is not known."""
    request.session[_LEFT_OUT] = sorted({*request.session.get(_LEFT_OUT, ()), *keys})


def note_entered(request: Request) -> None:
    """Remember when something was entered last, so that the result page can tell whether it is judged."""
    request.session[_ENTERED] = clock.now().isoformat()


def entered_at(request: Request) -> datetime | None:
    """Return when something was entered last in this session, None when nothing was."""
    noted = request.session.get(_ENTERED)
    return datetime.fromisoformat(noted) if noted else None


def left_out(request: Request) -> list[str]:
    """Return the names of the lines that were left out and are not registered since."""
    keys, registered = set(request.session.get(_LEFT_OUT, ())), list(open_entries(LINKS))
    return [str(offer.name) for offer in LINES if offer.key in keys and same_line(offer, registered) is None]


def systems_without_a_line() -> list[str]:
    """Return the systems here that are maintained from outside, where no line for maintenance is registered."""
    if any(link.used_for_maintenance for link in open_entries(LINKS)):
        return []
    return [system.name for system in open_entries(SYSTEMS) if system.remote_maintenance and system.form != "cloud"]


def _linked(place: Place, here: Place | None) -> Words:
    return place.heading if place is here else Link(place.heading, place.url).__html__()
