"""The checklist that inspectors read: its items, what the leaves recommend to answer, and what answers still lack.

Software recommends and never answers: a person does, with a day of confirmation.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError, model_validator

from sekisho.governance.rules.catalogue import Bilingual, Edition, EditionInvalid, Row, Some, Words
from sekisho.governance.rules.documents import Document, Fault
from sekisho.governance.rules.verdicts import NOTHING_JUDGED, Summary, Verdict
from sekisho.kernel.canonical import Json
from sekisho.kernel.text import Text, _


class Item(Row):
    """One item: its printed number and our own words for it.

    ``vendor`` tells that the form of a vendor asks it too, in the words of ``vendor_title`` where they differ.
    ``leaves`` is false for an item that no leaf of the edition shows.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[0-9]+-[0-9]+$")]
    printed: Words
    title: Bilingual
    vendor: bool = False
    vendor_title: Bilingual | None = None
    leaves: bool = True

    @model_validator(mode="after")
    def _vendor_title_is_asked(self) -> "Item":
        if self.vendor_title is not None and not self.vendor:
            raise ValueError("vendor_title stands with an item that no vendor is asked")
        return self

    def words(self, language: str, *, for_vendor: bool) -> str:
        """Return the item as the form of the facility, or of a vendor, asks it."""
        title = self.vendor_title if for_vendor and self.vendor_title else self.title
        return title.text(language)


class Section(Row):
    """A group of items under one heading."""

    id: Words
    title: Bilingual
    items: Some[Item]


class _Listed(Row):
    """The whole file."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*$")]
    fiscal_year: int = Field(ge=2000, le=2999)
    title: Bilingual
    sections: Some[Section]


@dataclass(frozen=True, slots=True)
class Checklist:
    """A list, checked: its sections, and the ids of the leaves that answer each item, in the edition's order.

    ``ours`` names the item of our own list that each one means, so that years can stand side by side; an item that is
    not in it means none. ``is_official`` tells that the words are those of a file that the user gave.
    """

    id: str
    fiscal_year: int
    title: Bilingual
    sections: tuple[Section, ...]
    leaves: Mapping[str, tuple[str, ...]]
    ours: Mapping[str, str]
    is_official: bool = False

    def asked(self, *, for_vendor: bool) -> Iterator[tuple[Section, Sequence[Item]]]:
        """Yield each section with the items that the facility, or a vendor, is asked; none without an item."""
        for section in self.sections:
            items = [item for item in section.items if item.vendor or not for_vendor]
            if items:
                yield section, items

    def find(self, item_id: str, *, for_vendor: bool) -> Item | None:
        """Return the item that is asked under this id, if there is one."""
        asked = self.asked(for_vendor=for_vendor)
        return next((item for _section, items in asked for item in items if item.id == item_id), None)


def build_checklist(document: Document, edition: Edition) -> Checklist:
    """Return the list. Raises EditionInvalid with every fault, each with file and row."""
    faults: list[Fault] = []
    parsed = _parse(document, faults)
    named: dict[str, list[str]] = defaultdict(list)
    for leaf in edition.leaves:
        for printed in leaf.checklist_r7:
            named[printed].append(leaf.id)
    faults += _contradictions(document, named)
    if faults or parsed is None:
        raise EditionInvalid(sorted(faults, key=lambda fault: fault.line))
    leaves = {item.id: tuple(named[item.printed]) for section in parsed.sections for item in section.items}
    return Checklist(
        parsed.id, parsed.fiscal_year, parsed.title, parsed.sections, leaves, {name: name for name in leaves}
    )


def _parse(document: Document, faults: list[Fault]) -> _Listed | None:
    if not isinstance(document.value, dict):
        faults.append(Fault(document.file, 1, "a checklist has an id, a fiscal year, a title and sections"))
        return None
    try:
        return _Listed.model_validate(document.value)
    except ValidationError as error:
        for fault in error.errors():
            name = ".".join(str(part) for part in fault["loc"])
            faults.append(Fault(document.file, document.line(fault["loc"]), f"{name}: {fault['msg']}"))
        return None


def _contradictions(document: Document, named: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    """Yield what single rows cannot show. An item that is faulty otherwise still counts by its names."""
    placed = list(_raw_items(document.value))
    counts = {field: Counter(str(value.get(field)) for _place, value in placed) for field in ("id", "printed")}
    for place, value in placed:
        line = document.line((*place, "printed"))
        for field, found in counts.items():
            name = str(value.get(field))
            if field in value and found[name] > 1:
                yield Fault(document.file, document.line((*place, field)), f"{name} stands in the list twice")
        printed = str(value.get("printed"))
        if value.get("leaves", True) is False and printed in named:
            yield Fault(document.file, line, f"{printed} is said to have no leaf, and {named[printed][0]} names it")
        if value.get("leaves", True) is True and printed not in named:
            yield Fault(document.file, line, f"no leaf names {printed}")
    for printed, leaves in named.items():
        if printed not in counts["printed"]:
            yield Fault(document.file, 0, f"{leaves[0]} names {printed}, which is not in the list")


def _raw_items(value: Any) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Yield every item with its place, whatever else is wrong with the file."""
    for number, section in enumerate(_list_in(value, "sections")):
        for index, item in enumerate(_list_in(section, "items")):
            if isinstance(item, dict):
                yield ("sections", number, "items", index), item


def _list_in(value: Any, name: str) -> list[Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


class Recommended(StrEnum):
    """What the leaves recommend; PERSON: they cannot, a person must judge."""

    YES = "yes"
    NO = "no"
    PERSON = "person"

    @property
    def label(self) -> Text:
        """The recommendation in words."""
        return _RECOMMENDED[self]


_RECOMMENDED = {
    Recommended.YES: _("Yes"),
    Recommended.NO: _("No"),
    Recommended.PERSON: _("A person must judge"),
}


@dataclass(frozen=True, slots=True)
class Failing:
    """A leaf that applies and does not conform, with n of its N subjects."""

    leaf: str
    verdict: Verdict
    conforming: int
    total: int


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What the linked leaves say of an item: ``conforming`` of the ``applying`` ones conform."""

    answer: Recommended
    conforming: int
    applying: int
    failing: tuple[Failing, ...]

    def as_json(self) -> dict[str, Json]:
        """Return what is kept with an answer."""
        failing: list[Json] = [[one.leaf, one.verdict.value, one.conforming, one.total] for one in self.failing]
        return {"answer": self.answer.value, "n": self.conforming, "N": self.applying, "failing": failing}


def recommend(leaves: Sequence[str], summaries: Mapping[str, Summary]) -> Recommendation:
    """Return what ``leaves``, those linked with an item, recommend by their summaries.

    Yes only where every leaf that applies conforms. A leaf that nobody judged applies and does not conform. Where no
    leaf is linked or none applies a person must judge.
    """
    found = [(leaf, summaries.get(leaf, NOTHING_JUDGED)) for leaf in leaves]
    applying = [(leaf, summary) for leaf, summary in found if summary.verdict is not Verdict.NOT_APPLICABLE]
    failing = tuple(
        Failing(leaf, summary.verdict, summary.conforming, summary.total)
        for leaf, summary in applying
        if summary.verdict is not Verdict.CONFORMING
    )
    answer = Recommended.NO if failing else Recommended.YES if applying else Recommended.PERSON
    return Recommendation(answer, len(applying) - len(failing), len(applying), failing)


class State(StrEnum):
    """How an item stands on one day: OVERDUE is a No whose target day has passed."""

    YES = "yes"
    NO = "no"
    OVERDUE = "overdue"
    OPEN = "open"


def state_of(answer: str, target_on: date | None, today: date) -> State:
    """Return how an item stands; ``answer`` is yes, no, or empty for none yet. The target day itself is in time."""
    if answer == "no" and target_on is not None and target_on < today:
        return State.OVERDUE
    return State(answer) if answer else State.OPEN


def confirmation_fits(day: date | None, earliest: date, latest: date, *, is_yes: bool) -> bool:
    """Tell whether a day of confirmation goes with an answer: "yes" needs one, and it lies in the span."""
    return earliest <= day <= latest if day else not is_yes


def target_fits(day: date | None, earliest: date, *, is_yes: bool) -> bool:
    """Tell whether a target day goes with an answer: "no" needs one that is not before ``earliest``, "yes" has none."""
    if is_yes:
        return day is None
    return day is not None and day >= earliest


def list_for(lists: Sequence[Checklist], year: int) -> Checklist | None:
    """Return the newest list that was asked in the fiscal year ``year`` or before, None for a year before the first.

    Of two lists of one year the official one counts.
    """
    past = [found for found in lists if found.fiscal_year <= year]
    return max(past, key=lambda found: (found.fiscal_year, found.is_official), default=None)
