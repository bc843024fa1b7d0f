"""What a stocktake makes of a code that was read, and what may be done about a difference. Pure.

A book is counted if it stands in ``COUNTED``; whatever names one of its entries on a label is a mark.
"""

from dataclasses import dataclass
from enum import StrEnum

from sekisho.kernel.search import fold
from sekisho.kernel.text import Text, _

LONGEST_CODE = 200
# What keyboards and scanners send for a hyphen while a Japanese input method is on.
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ーｰ"), "-")
_BETWEEN_WORDS = str.maketrans(dict.fromkeys("、。，．・/／,.()（）「」-", " "))


@dataclass(frozen=True, slots=True)
class Counted:
    """How the entries of one book are counted.

    ``marks`` are the columns that name an entry beside its control number, ``printed`` the one that stands on labels,
    ``place`` the column that says where it is. ``gone`` are the values of ``state`` with which nobody looks for it, and
    ``lost`` the one it gets when it is not found for good; a book without a state closes the entry instead.
    """

    ledger: str
    marks: tuple[str, ...]
    printed: str = ""
    place: str = "place"
    state: str = ""
    gone: frozenset[str] = frozenset()
    lost: str = ""


COUNTED: tuple[Counted, ...] = (
    Counted(
        "assets.devices",
        marks=("asset_number", "serial"),
        printed="asset_number",
        state="state",
        gone=frozenset({"lost", "disposed"}),
        lost="lost",
    ),
    Counted("assets.media", marks=("label",)),
)


def counted(ledger: str) -> Counted | None:
    """Return how a book is counted, None for one that is not."""
    return next((one for one in COUNTED if one.ledger == ledger), None)


class Result(StrEnum):
    """What became of one thing: found, found elsewhere, not found, not in the ledger, read again, taken back."""

    MATCH = "match"
    ELSEWHERE = "elsewhere"
    MISSING = "missing"
    UNLISTED = "unlisted"
    TWICE = "twice"
    VOID = "void"

    @property
    def label(self) -> Text:
        """The result in words."""
        return RESULT_LABELS[self]


RESULT_LABELS: dict[Result, Text] = {
    Result.MATCH: _("Found where expected"),
    Result.ELSEWHERE: _("Found in another place"),
    Result.MISSING: _("Not found"),
    Result.UNLISTED: _("Not in the ledger"),
    Result.TWICE: _("Read twice"),
    Result.VOID: _("Taken back"),
}
SHOWN = (Result.MATCH, Result.ELSEWHERE, Result.MISSING, Result.UNLISTED, Result.TWICE)
DIFFERENCES = (Result.ELSEWHERE, Result.MISSING, Result.UNLISTED, Result.TWICE)


class Settlement(StrEnum):
    """What is done about a difference."""

    PLACE_CORRECTED = "place_corrected"
    MOVED_BACK = "moved_back"
    FOUND_LATER = "found_later"
    LOST = "lost"
    ENDED = "ended"
    AWAY = "away"
    REGISTERED = "registered"
    NOT_OURS = "not_ours"
    RELABELLED = "relabelled"
    READ_IN_ERROR = "read_in_error"

    @property
    def label(self) -> Text:
        """The settlement in words."""
        return SETTLEMENT_LABELS[self]


SETTLEMENT_LABELS: dict[Settlement, Text] = {
    Settlement.PLACE_CORRECTED: _("Place corrected in the ledger"),
    Settlement.MOVED_BACK: _("Put back where it belongs"),
    Settlement.FOUND_LATER: _("Found later, where it belongs"),
    Settlement.LOST: _("Lost"),
    Settlement.ENDED: _("No longer there for a known reason; entry closed"),
    Settlement.AWAY: _("Taken out with approval; not seen"),
    Settlement.REGISTERED: _("Entered in the ledger"),
    Settlement.NOT_OURS: _("Not ours, or not for this ledger"),
    Settlement.RELABELLED: _("Two things bore one label; labelled anew"),
    Settlement.READ_IN_ERROR: _("Read in error"),
}
SETTLEMENTS: dict[Result, tuple[Settlement, ...]] = {
    Result.ELSEWHERE: (Settlement.PLACE_CORRECTED, Settlement.MOVED_BACK, Settlement.READ_IN_ERROR),
    Result.MISSING: (Settlement.FOUND_LATER, Settlement.LOST, Settlement.ENDED, Settlement.AWAY),
    Result.UNLISTED: (Settlement.REGISTERED, Settlement.NOT_OURS, Settlement.READ_IN_ERROR),
    Result.TWICE: (Settlement.READ_IN_ERROR, Settlement.RELABELLED),
}
# With these the thing was seen, and is where the ledger says.
_SEEN = frozenset({Settlement.PLACE_CORRECTED, Settlement.MOVED_BACK, Settlement.FOUND_LATER, Settlement.REGISTERED})
# After these the ledger looks for it no more: reading it again is news.
GIVEN_UP = frozenset({Settlement.LOST, Settlement.ENDED})


def fits(result: Result, settlement: Settlement) -> bool:
    """Tell whether a difference can be settled in this way."""
    return settlement in SETTLEMENTS.get(result, ())


def was_seen(result: Result, settlement: Settlement | None) -> bool:
    """Tell whether a line means that somebody saw the thing of the ledger, and the ledger says where it is."""
    return result is Result.MATCH or (result in DIFFERENCES and settlement in _SEEN)


SEEN_SETTLEMENTS = tuple(sorted(settlement.value for settlement in _SEEN))


def code_key(text: str) -> str:
    """Return the form in which codes are compared: width, case, spaces and the kind of hyphen make no difference."""
    return "".join(fold(text).translate(_DASHES).split())


def keys_of(codes: tuple[str, ...]) -> str:
    """Return the codes that name one thing as one searchable text, each between line ends."""
    keys = dict.fromkeys(key for code in codes if (key := code_key(code)))
    return "".join(f"\n{key}" for key in keys) + "\n"


def place_words(place: str) -> frozenset[str]:
    """Return the words of a place as they are compared."""
    return frozenset(fold(place).translate(_BETWEEN_WORDS).split())


def is_same_place(expected: str, found: str) -> bool:
    """Tell whether two places agree: written the same, or one says more exactly where the other is.

    "２階 診察室" and "2階・診察室" agree, so do "2階" and "2階 診察室 1"; "診察室1" and "診察室10" do not, and nothing
    agrees with no place at all.
    """
    one, other = place_words(expected), place_words(found)
    if not one or not other:
        return False
    return one <= other or other <= one or code_key(expected) == code_key(found)


def judge(expected_place: str, found_place: str) -> Result:
    """Return what finding a thing of the ledger in a place means."""
    return Result.MATCH if is_same_place(expected_place, found_place) else Result.ELSEWHERE
