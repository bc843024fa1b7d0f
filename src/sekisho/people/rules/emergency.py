"""The life of a sealed emergency credential, and what has to be said of its use. Pure; the time is passed in."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.holidays import next_working_day
from sekisho.kernel.text import Text, _

# No I, L, O, U: whoever types in the dark from paper takes nothing for something else.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, GROUP = 5, 5  # 25 characters of 5 bits: 125 bits
FINDING_STAYS = timedelta(days=30)
RENEWED_WITHIN = timedelta(days=7)
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def written(characters: str) -> str:
    """Return the secret in groups, as it is printed."""
    return "-".join(characters[place : place + GROUP] for place in range(0, len(characters), GROUP))


def as_typed(text: str) -> str:
    """Return what somebody typed as it was printed: full width, small letters, spaces and look-alikes do not matter."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(_READ_AS)
    return written("".join(letter for letter in plain if letter in ALPHABET))


class SealState(StrEnum):
    """Where a sealed credential stands."""

    READY = "ready"
    CHECK_DUE = "check_due"
    IN_USE = "in_use"
    TIME_UP = "time_up"
    TO_REVIEW = "to_review"
    DONE = "done"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Text:
        """The state in words."""
        return STATE_LABELS[self]


STATE_LABELS: dict[SealState, Text] = {
    SealState.READY: _("ready"),
    SealState.CHECK_DUE: _("check due"),
    SealState.IN_USE: _("in use"),
    SealState.TIME_UP: _("time is up"),
    SealState.TO_REVIEW: _("used, to be reviewed"),
    SealState.DONE: _("used and reviewed"),
    SealState.WITHDRAWN: _("withdrawn"),
}
WAITING = frozenset({SealState.READY, SealState.CHECK_DUE})
OPENED = frozenset({SealState.IN_USE, SealState.TIME_UP})


@dataclass(frozen=True, slots=True)
class SealFacts:
    """What is known of one sealed credential; ``late_at`` is when its secret was last tried after its end.

    ``declared`` tells whether every use fell into an emergency declared elsewhere, None where nobody can say.
    """

    number: str
    made_at: datetime
    check_days: int
    checked_at: datetime | None = None
    opened_at: datetime | None = None
    limit_at: datetime | None = None
    returned_at: datetime | None = None
    reviewed_at: datetime | None = None
    was_justified: bool | None = None
    withdrawn_at: datetime | None = None
    late_at: datetime | None = None
    declared: bool | None = None


def state_of(seal: SealFacts, now: datetime) -> SealState:
    """Return where a sealed credential stands at ``now``."""
    if seal.opened_at is None:
        return _unopened(seal, now)
    if seal.returned_at is not None:
        return SealState.DONE if seal.reviewed_at is not None else SealState.TO_REVIEW
    is_over = seal.limit_at is None or seal.limit_at <= now
    return SealState.TIME_UP if is_over else SealState.IN_USE


def _unopened(seal: SealFacts, now: datetime) -> SealState:
    if seal.withdrawn_at is not None:
        return SealState.WITHDRAWN
    return SealState.CHECK_DUE if check_due_at(seal) <= now else SealState.READY


def check_due_at(seal: SealFacts) -> datetime:
    """Return when somebody has to look at the envelope again."""
    return (seal.checked_at or seal.made_at) + timedelta(days=seal.check_days)


def may_open(seal: SealFacts, now: datetime) -> bool:
    """Tell whether the secret opens a session: it waits in its envelope, or its use began and the time is not up."""
    return state_of(seal, now) in {*WAITING, SealState.IN_USE}


def review_until(opened_at: datetime) -> date:
    """Return the next working day after a use began, by which it is to be reviewed."""
    return next_working_day(in_facility(opened_at).date())


def judge_use(seals: Iterable[SealFacts], now: datetime) -> list[tuple[Outcome, str, Text]]:
    """Return everything that has to be said of the use of sealed credentials, each with its number."""
    return [(outcome, seal.number, said) for seal in seals for outcome, said in _said(seal, now)]


def _said(seal: SealFacts, now: datetime) -> Iterator[tuple[Outcome, Text]]:
    if seal.late_at is not None and now - seal.late_at < FINDING_STAYS:
        yield Outcome.FAIL, _("%(number)s was tried although it is not valid any more.", number=seal.number)
    if seal.opened_at is None:
        return
    if seal.declared is False and seal.reviewed_at is None:
        yield Outcome.FAIL, _("%(number)s was used outside a declared emergency.", number=seal.number)
    state = state_of(seal, now)
    if state is SealState.TIME_UP:
        yield Outcome.FAIL, _("%(number)s is past its time, and nobody returned to normal.", number=seal.number)
    if seal.reviewed_at is None:
        yield _unreviewed(seal, seal.opened_at, state, now)
    elif not seal.was_justified and now - seal.reviewed_at < FINDING_STAYS:
        yield Outcome.FAIL, _("The review of %(number)s found that it was used without need.", number=seal.number)


def _unreviewed(seal: SealFacts, opened_at: datetime, state: SealState, now: datetime) -> tuple[Outcome, Text]:
    if in_facility(now).date() > review_until(opened_at):
        return Outcome.FAIL, _("The use of %(number)s was not reviewed by the next working day.", number=seal.number)
    if seal.declared:
        return Outcome.PASS, _("%(number)s is used in a declared emergency.", number=seal.number)
    if state is SealState.IN_USE:
        return Outcome.UNKNOWN, _(
            "%(number)s is in use; the review will tell whether it was needed.", number=seal.number
        )
    return Outcome.UNKNOWN, _("The use of %(number)s waits for its review.", number=seal.number)


def judge_rotation(seals: Collection[SealFacts], now: datetime) -> tuple[Outcome, Text]:
    """Return whether every used credential was ended in time, and a new one waits in its envelope."""
    states = {seal.number: state_of(seal, now) for seal in seals}
    for number, state in states.items():
        if state is SealState.TIME_UP:
            return Outcome.FAIL, _("%(number)s is past its time, and nobody returned to normal.", number=number)
    ended = [seal.returned_at for seal in seals if seal.returned_at is not None]
    if ended and now - max(ended) > RENEWED_WITHIN and not WAITING & set(states.values()):
        return Outcome.FAIL, _("A used credential was not replaced by a new one.")
    if SealState.IN_USE in states.values():
        return Outcome.UNKNOWN, _("An emergency account is in use; what follows shows after the return to normal.")
    if not seals:
        return Outcome.UNKNOWN, _("There is no emergency account, so nothing can be said of its end.")
    return Outcome.PASS, _("What was used opens nothing any more; this was tried just now.")


def is_somebody_else(used_by: Iterable[tuple[str | None, str]], reviewer: tuple[str, str]) -> bool:
    """Tell whether the reviewer is none of the users, each given by staff id (where known) and the name they wrote."""
    staff_id, name = reviewer
    return all(used_id != staff_id and _folded(used) != _folded(name) for used_id, used in used_by)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
