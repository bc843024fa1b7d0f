"""Where plain-text secrets are looked for, the newest look at each place, and what of it is not settled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import F

from sekisho.kernel import clock
from sekisho.kernel.errors import NotFound
from sekisho.people.models import OWN, SecretLook, SecretPlace, SecretSettlement, User
from sekisho.people.rules.plaintext_secrets import Sighting

FRESH_FOR = timedelta(days=31)
AGAIN_AFTER = timedelta(hours=23)
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Looked:
    """A place and its newest look, None before the first."""

    place: SecretPlace
    look: SecretLook | None

    @property
    def is_fresh(self) -> bool:
        """Tell whether it was looked at within a month."""
        return self.look is not None and timedelta(0) <= clock.now() - self.look.looked_at <= FRESH_FOR


class State(StrEnum):
    """What is said of a finding."""

    OPEN = "open"
    SETTLED = "settled"
    CONFIRMED = "confirmed"
    RUN_OUT = "run_out"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of the newest looks, where it was seen, and what was said of it."""

    sighting: Sighting
    place: SecretPlace
    looked_at: datetime
    settlement: SecretSettlement | None

    @property
    def state(self) -> State:
        """Whether it counts."""
        if self.settlement is None:
            return State.OPEN
        if self.settlement.waits:
            return State.WAITING
        if self.settlement.until < clock.now():
            return State.RUN_OUT
        return State.CONFIRMED if self.settlement.confirmed_at else State.SETTLED

    @property
    def is_open(self) -> bool:
        """Tell whether it counts as a plain-text secret."""
        return self.state in {State.OPEN, State.RUN_OUT, State.WAITING}


def place(place_id: UUID) -> SecretPlace:
    """Return one place, ended or not. Raises NotFound."""
    found: SecretPlace | None = SecretPlace.objects.select_related("system").filter(pk=place_id).first()
    if found is None:
        raise NotFound
    return found


def places() -> dict[str, list[SecretPlace]]:
    """Return the places still looked at, by the id of their system."""
    found: dict[str, list[SecretPlace]] = {}
    for row in SecretPlace.objects.filter(ended_at=None).order_by("added_at", "pk"):
        found.setdefault(str(row.system_id), []).append(row)
    return found


def looked(rows: Sequence[SecretPlace]) -> list[Looked]:
    """Return each place with its newest look."""
    newest = SecretLook.objects.filter(place__in=[row.pk for row in rows]).order_by("looked_at", "stored_at", "pk")
    latest = {look.place_id: look.pk for look in newest.defer("content")}
    looks = {look.place_id: look for look in SecretLook.objects.filter(pk__in=list(latest.values()))}
    return [Looked(row, looks.get(row.pk)) for row in rows]


def places_to_look_at() -> list[SecretPlace]:
    """Return the directories that somebody asked for or that were not tried today, the longest untried first."""
    rows = SecretPlace.objects.select_related("system").filter(tool=OWN, ended_at=None, system__closed_at=None)
    return [row for row in rows.order_by(F("tried_at").asc(nulls_first=True), "pk") if is_due(row)]


def is_due(row: SecretPlace) -> bool:
    """Tell whether a directory is to be looked through now."""
    if row.tried_at is None or clock.now() - row.tried_at >= AGAIN_AFTER:
        return True
    return row.asked_at is not None and row.asked_at > row.tried_at


def is_asked_for() -> bool:
    """Tell whether somebody waits for a look."""
    rows = SecretPlace.objects.filter(tool=OWN, ended_at=None, asked_at__isnull=False)
    return rows.exclude(tried_at__gte=F("asked_at")).exists()


def settlements_of(system_id: UUID | str) -> Mapping[str, SecretSettlement]:
    """Return what is said of the findings of a system, by fingerprint; what ran out stays named."""
    return {row.fingerprint: row for row in SecretSettlement.objects.filter(system_id=system_id, ended_at=None)}


def findings(system_id: UUID | str, seen: Sequence[Looked]) -> list[Finding]:
    """Return everything that the newest looks show, the open ones first."""
    said = settlements_of(system_id)
    found = [
        Finding(one, looked.place, looked.look.looked_at, said.get(one.fingerprint))
        for looked in seen
        if looked.look is not None
        for one in looked.look.sightings
    ]
    return sorted(found, key=lambda one: (not one.is_open, str(one.place.pk), one.sighting.file, one.sighting.line))


def findings_of(system_id: UUID) -> list[Finding]:
    """Return everything that the newest looks at the places of a system show."""
    return findings(system_id, looked(places().get(str(system_id), [])))


def finding(system_id: UUID, fingerprint: str) -> Finding:
    """Return one finding of the newest looks. Raises NotFound."""
    for one in findings_of(system_id):
        if one.sighting.fingerprint == fingerprint:
            return one
    raise NotFound


def is_left_open(row: SecretPlace) -> bool:
    """Tell whether something found in a place may be there still: since the newest look that saw everything."""
    looks = SecretLook.objects.filter(place=row).order_by("-looked_at", "-stored_at", "-pk")
    whole = looks.filter(is_whole=True).first()
    if whole is not None:
        looks = looks.filter(looked_at__gte=whole.looked_at)
    return any(
        one.is_open for look in looks.filter(found__gt=0) for one in findings(row.system_id, [Looked(row, look)])
    )


def page_of(found: Sequence[Finding], page: int) -> "Page[Finding]":
    """Return one page of findings."""
    return Paginator(found, PAGE_SIZE).get_page(page)


def same_person(account_id: str, other_id: str) -> bool:
    """Tell whether two accounts belong to one person; who has no account here is nobody else."""
    rows = dict(User.objects.filter(pk__in=[account_id, other_id]).values_list("pk", "staff_id"))
    staff = [rows.get(UUID(one)) for one in (account_id, other_id)]
    return None in staff or staff[0] == staff[1]
