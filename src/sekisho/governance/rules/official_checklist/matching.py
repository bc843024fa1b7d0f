"""Official items beside ours: which of our items one means, and how a newer file differs from the one before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sekisho.governance.rules.checklist import Checklist
from sekisho.governance.rules.official_checklist.errors import MatchTwice, MatchUndecided
from sekisho.governance.rules.official_checklist.items import OfficialItem
from sekisho.governance.rules.official_checklist.wording import folded

NO_COUNTERPART = "none"


@dataclass(frozen=True, slots=True)
class Match:
    """An official item and the item of ours that its number suggests, empty for none.

    Only where ``is_certain`` may the suggestion be used without a person's word.
    """

    item: OfficialItem
    suggested: str
    is_certain: bool


class Change(StrEnum):
    """How an item stands to the file that was taken over before."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Worded(Protocol):
    """An item that was taken over before."""

    item: str
    words: str


def match_items(items: Sequence[OfficialItem], ours: Checklist, fiscal_year: int, *, for_vendor: bool) -> list[Match]:
    """Return each item with what its section and number suggest.

    It is certain only for the list of the very same year whose every section has as many items as ours and every item
    of which names its section: a number in another year's list may mean something else.
    """
    asked = {item.id for _section, found in ours.asked(for_vendor=for_vendor) for item in found}
    counted = [item for item in items if item.section]
    same_shape = _shape([item.id for item in counted]) == _shape(sorted(asked))
    is_sure = fiscal_year == ours.fiscal_year and same_shape and all(item.names_section for item in counted)
    return [Match(item, item.id if item.id in asked else "", is_sure and item.id in asked) for item in items]


def _shape(ids: Sequence[str]) -> Mapping[str, int]:
    return Counter(one.partition("-")[0] for one in ids)


def settle(matches: Sequence[Match], decided: Mapping[str, str], asked: Sequence[str]) -> dict[str, str]:
    """Return the item of ours that each official item means, empty for none; ``decided`` is what a person said.

    Raises MatchUndecided naming every item that needs a person's word and has none, MatchTwice.
    """
    found: dict[str, str] = {}
    open_items = []
    for match in matches:
        said = decided.get(match.item.id, "")
        if said == NO_COUNTERPART or (not said and not match.suggested):
            found[match.item.id] = ""
        elif said in asked:
            found[match.item.id] = said
        elif match.is_certain:
            found[match.item.id] = match.suggested
        else:
            open_items.append(match.item.printed)
    if open_items:
        raise MatchUndecided(items="、".join(open_items))
    twice = next((one for one, number in Counter(found.values()).items() if one and number > 1), None)
    if twice:
        raise MatchTwice(item=twice)
    return found


def changes(items: Sequence[OfficialItem], before: Sequence[Worded]) -> tuple[dict[str, Change], list[str]]:
    """Return how each item stands to those taken over before, and the ids of those that are gone."""
    known = {one.item: folded(one.words) for one in before}
    found = {}
    for item in items:
        was = known.get(item.id)
        kind = Change.NEW if was is None else Change.UNCHANGED if was == folded(item.words) else Change.CHANGED
        found[item.id] = kind
    return found, sorted(known.keys() - found.keys())
