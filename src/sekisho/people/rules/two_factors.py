"""Two factors per system and layer (14⑤): held, held by a substitute, put off to the next renewal, or lacking. Pure.

The state machine: does it handle medical information? will it run on the reference date? then two factors from its
introduction or renewal on; where a technical reason stands in the way, until the next renewal at the latest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sekisho.kernel.declarations import Outcome
from sekisho.kernel.text import Text, _

REFERENCE_DATE = date(2027, 4, 1)
FACTORS = 2


class MapLayer(StrEnum):
    """The layers of which the map speaks. For the VPN two factors are recommended, not required."""

    CLIENT = "client_application"
    SERVER = "server_os"
    VPN = "vpn"


REQUIRED = (MapLayer.CLIENT, MapLayer.SERVER)


class Way(StrEnum):
    """How people get in."""

    TWO = "two"
    CARRIED = "carried"
    SPLIT = "split"
    ONE = "one"
    BASTION_1 = "bastion_1"
    BASTION_2 = "bastion_2"
    EQUIVALENT = "equivalent"


class Standing(StrEnum):
    """Where a layer stands."""

    OUT = "out"
    LEAVING = "leaving"
    HELD = "held"
    SUBSTITUTE = "substitute"
    DEFERRED = "deferred"
    LACKING = "lacking"
    UNKNOWN = "unknown"

    @property
    def label(self) -> Text:
        """The standing in words."""
        return LABELS[self]


LABELS: dict[Standing, Text] = {
    Standing.OUT: _("outside the rule"),
    Standing.LEAVING: _("out of use before the day"),
    Standing.HELD: _("two factors"),
    Standing.SUBSTITUTE: _("substitute"),
    Standing.DEFERRED: _("put off to the next renewal"),
    Standing.LACKING: _("lacking"),
    Standing.UNKNOWN: _("cannot tell"),
}
OUTCOMES: dict[Standing, Outcome] = {
    Standing.OUT: Outcome.NOT_APPLICABLE,
    Standing.LEAVING: Outcome.NOT_APPLICABLE,
    Standing.HELD: Outcome.PASS,
    Standing.SUBSTITUTE: Outcome.PASS,
    Standing.DEFERRED: Outcome.PASS,
    Standing.LACKING: Outcome.FAIL,
    Standing.UNKNOWN: Outcome.UNKNOWN,
}
_WORST_FIRST = (
    Standing.LACKING,
    Standing.UNKNOWN,
    Standing.DEFERRED,
    Standing.SUBSTITUTE,
    Standing.HELD,
    Standing.LEAVING,
    Standing.OUT,
)


@dataclass(frozen=True, slots=True)
class Bastion:
    """What a substitute for two factors at a server's operating system rests on: conditions, then preconditions."""

    only_way: bool = False
    two_factors: bool = False
    notices_strange: bool = False
    vpn_only: bool = False
    no_administrators: bool = False
    updated: bool = False
    passwords_differ: bool = False


@dataclass(frozen=True, slots=True)
class Deferral:
    """Why two factors come at the next renewal only: reason, day of the renewal, product chosen, approval."""

    reason: str = ""
    renewal_on: date | None = None
    product: str = ""
    approval: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the map says of one layer; ``evidence`` names the test record or the vendor's paper, ``tested_on`` its day.

    ``ends_on`` is when the system goes out of use.
    """

    way: Way
    evidence: str = ""
    tested_on: date | None = None
    bastion: Bastion = field(default_factory=Bastion)
    deferral: Deferral = field(default_factory=Deferral)
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where a layer stands, and why."""

    standing: Standing
    said: tuple[Text, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """What a check says of it."""
        return OUTCOMES[self.standing]


def judge(
    layer: MapLayer, entry: Entry | None, today: date, *, medical_information: bool, renewal_on: date | None = None
) -> Judgement:
    """Judge one layer; ``renewal_on`` is the next renewal of the system as the estate knows it."""
    if not medical_information:
        return Judgement(Standing.OUT, (_("The system handles no medical information."),))
    if entry is None:
        return Judgement(Standing.UNKNOWN, (_("The map says nothing of this layer."),))
    if entry.ends_on is not None and entry.ends_on < REFERENCE_DATE:
        if entry.ends_on < today:
            return Judgement(Standing.UNKNOWN, (_("It was to be out of use by now."),))
        return Judgement(Standing.LEAVING)
    return _by_way(layer, entry, today, renewal_on)


def _by_way(layer: MapLayer, entry: Entry, today: date, renewal_on: date | None) -> Judgement:
    match entry.way:
        case Way.SPLIT:
            return Judgement(
                Standing.LACKING, (_("One factor at the operating system and one at the application are not two."),)
            )
        case Way.ONE:
            return _deferred(entry.deferral, today, renewal_on)
        case Way.BASTION_1 | Way.BASTION_2:
            missing = tuple(substitute_lacks(entry.way, entry.bastion, layer))
            return Judgement(Standing.LACKING, missing) if missing else _shown(Standing.SUBSTITUTE, entry, today)
        case Way.EQUIVALENT:
            if layer is MapLayer.CLIENT or not entry.evidence.strip():
                return Judgement(
                    Standing.LACKING, (_("Another measure counts for servers only, and with a paper explaining it."),)
                )
            return _shown(Standing.SUBSTITUTE, entry, today)
        case Way.CARRIED if layer is not MapLayer.CLIENT:
            return Judgement(Standing.LACKING, (_("An identity is carried over to applications only."),))
    return _shown(Standing.HELD, entry, today)


def _shown(standing: Standing, entry: Entry, today: date) -> Judgement:
    """Hold only what somebody tried or stated: without evidence nobody can tell."""
    if not entry.evidence.strip() or entry.tested_on is None or entry.tested_on > today:
        return Judgement(Standing.UNKNOWN, (_("There is no record of a test, and no statement of the vendor."),))
    return Judgement(standing)


def substitute_lacks(way: Way, bastion: Bastion, layer: MapLayer = MapLayer.SERVER) -> Iterator[Text]:
    """Yield each condition and precondition that substitute ① or ② for two factors at a server lacks."""
    if layer is not MapLayer.SERVER:
        yield _("A bastion stands in for the operating system of servers only.")
    if not bastion.only_way:
        yield _("The servers can be reached otherwise than from the bastion in its own domain.")
    if way is Way.BASTION_1 and not bastion.two_factors:
        yield _("The bastion itself does not ask for two factors.")
    if way is Way.BASTION_2 and not bastion.notices_strange:
        yield _("The bastion does not notice strange behaviour.")
    if way is Way.BASTION_2 and not bastion.vpn_only:
        yield _("From outside there is a way to the bastion past the VPN.")
    yield from _preconditions(bastion)


def _preconditions(bastion: Bastion) -> Iterator[Text]:
    if not bastion.no_administrators:
        yield _("People who come from outside have administrator rights.")
    if not bastion.updated:
        yield _("Bastion or servers lack security updates.")
    if not bastion.passwords_differ:
        yield _("Bastion and servers share a password, or nobody made sure that they do not.")


def deferral_lacks(deferral: Deferral, today: date, renewal_on: date | None) -> Iterator[Text]:
    """Yield what keeps a deferral from counting: it needs all four, and never goes past the next renewal."""
    if not deferral.reason.strip():
        yield _("No technical reason is on record.")
    if not deferral.product.strip():
        yield _("No product with two factors is chosen for the renewal.")
    if not deferral.approval.strip():
        yield _("Nobody approved putting it off.")
    if deferral.renewal_on is None:
        yield _("The day of the next renewal is not on record.")
    elif deferral.renewal_on < today:
        yield _("The renewal it was put off to has passed.")
    elif renewal_on is not None and renewal_on < deferral.renewal_on:
        yield _("The system is renewed before that day.")


def _deferred(deferral: Deferral, today: date, renewal_on: date | None) -> Judgement:
    missing = tuple(deferral_lacks(deferral, today, renewal_on))
    return Judgement(Standing.LACKING, missing) if missing else Judgement(Standing.DEFERRED)


def worst(judgements: Iterable[Judgement]) -> Judgement:
    """Return the worst of several entries about one layer, or of the layers of one system."""
    return min(judgements, key=lambda one: _WORST_FIRST.index(one.standing), default=Judgement(Standing.UNKNOWN))


def of_system(layers: Mapping[MapLayer, Judgement]) -> Judgement:
    """Return where a system stands by its required layers; one that is not known makes the system unknown at least.

    Lacking is worse than unknown: what is seen to fail is not hidden by what nobody looked at.
    """
    found = [layers.get(layer, Judgement(Standing.UNKNOWN)) for layer in REQUIRED]
    for standing in (Standing.LACKING, Standing.UNKNOWN):
        for one in found:
            if one.standing is standing:
                return one
    inside = [one for one in found if one.outcome is not Outcome.NOT_APPLICABLE]
    return worst(inside or found)
