"""What an edition of the guideline is: chapters, requirements, bounds, and when an item applies.

An edition is data in a folder: ``edition.yaml`` and one ``chapter-NN.yaml`` a chapter. It is read strictly: everything
wrong is reported at once, with file and row, and nothing of a faulty edition is used.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints, ValidationError, model_validator

from sekisho.governance.rules.documents import Document, Fault
from sekisho.governance.rules.verdicts import Bound
from sekisho.kernel.access import Role
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _

_NUMBER = "[1-9][0-9]{0,2}"  # one way to write each
REQUIREMENT_ID = re.compile(f"SO-(?P<chapter>{_NUMBER})-(?P<number>{_NUMBER})(-(?P<rest>{_NUMBER}[a-z]?|[a-z]))?")
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Fact = str | bool | int | None
RowType = TypeVar("RowType", bound=BaseModel)
ItemType = TypeVar("ItemType")
# What YAML writes as a list or as a word; the items of a list and the words are as strict as everything else.
Many = Annotated[tuple[ItemType, ...], Strict(strict=False)]
Some = Annotated[tuple[ItemType, ...], Strict(strict=False), Field(min_length=1)]
Named = Annotated[ItemType, Strict(strict=False)]


class EditionInvalid(SekishoError):
    """The data of an edition breaks the schema or contradicts itself; none of it is used."""

    code = "governance.edition_invalid"
    message = _("The data of the edition are not valid:\n%(faults)s")
    status = 500
    exit_code = 65

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults="\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class Row(BaseModel):
    """Base of all data rows: no unknown field, nothing converted, nothing changed afterwards.

    A word is no number, a truth value is no number and a number is finite. Only where a field names several types may
    a value be of each of them: an integer where a limit may be a fraction, nothing where a field may be left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Bilingual(Row):
    """One text in both languages."""

    ja: Words
    en: Words

    def text(self, language: str) -> str:
        """Return the text in ``language`` (ja or en)."""
        return self.ja if language == "ja" else self.en


class BilingualList(Row):
    """The same short texts in both languages."""

    ja: Some[Words]
    en: Some[Words]

    @model_validator(mode="after")
    def _same_number(self) -> "BilingualList":
        if len(self.ja) != len(self.en):
            raise ValueError("the two languages have different numbers of entries")
        return self


class Level(StrEnum):
    """必須 or 推奨."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"


class Condition(Row):
    """A testable condition hidden in the explanatory text."""

    ja: Words
    en: Words
    level: Named[Level]


class Match(Row):
    """One fact of a subject and the values it may have."""

    fact: Words
    one_of: Some[str | bool | int] = Field(alias="in")

    def holds_for(self, facts: Mapping[str, Fact]) -> bool:
        """Tell whether the subject's fact is one of the values; an unknown fact is none of them."""
        return any(type(value) is type(facts.get(self.fact)) and value == facts[self.fact] for value in self.one_of)


class Applicability(Row):
    """When an item applies to a subject, and why it does not otherwise."""

    facts: Some[Match]
    otherwise: Bilingual

    def applies(self, facts: Mapping[str, Fact]) -> bool:
        """Tell whether the item applies. An unknown fact never takes an item away: then it applies."""
        return all(facts.get(match.fact) is None or match.holds_for(facts) for match in self.facts)


class Parameter(Row):
    """A bound that a control must have run with; exactly one of the four limits, or a range of the first two."""

    name: Words
    unit: Words | None = None
    at_least: int | float | None = None
    at_most: int | float | None = None
    one_of: Some[str] | None = None
    equals: str | bool | int | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> "Parameter":
        limits = [
            self.at_least is not None or self.at_most is not None,
            self.one_of is not None,
            self.equals is not None,
        ]
        if sum(limits) != 1:
            raise ValueError("a parameter needs exactly one kind of limit")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least is greater than at_most")
        return self

    @property
    def bound(self) -> Bound:
        """Return the bound as the verdicts use it."""
        return Bound(self.name, self.at_least, self.at_most, self.one_of, self.equals)


class Requirement(Row):
    """A leaf: one item that is judged."""

    id: Annotated[str, StringConstraints(pattern=f"^{REQUIREMENT_ID.pattern}$")]
    printed: Words
    kind: Literal["item", "bullet"] = "item"
    parent: str | None = None
    title: Bilingual
    explanation: Bilingual
    judged_per: Named[SubjectKind]
    role: Named[Role]
    level: Named[Level]
    evidence: BilingualList
    clinic: Bilingual
    applies_when: Applicability | None = None
    parameters: Many[Parameter] = ()
    conditions: Many[Condition]
    checklist_r7: Many[Words]
    v52: Many[Words]


class Parent(Row):
    """An item that is computed from its children and not counted."""

    id: Annotated[str, StringConstraints(pattern=f"^{REQUIREMENT_ID.pattern}$")]
    printed: Words
    parent: str | None = None
    title: Bilingual
    explanation: Bilingual


class Chapter(Row):
    """One chapter and the group of the guideline's own scheme it belongs to."""

    number: int = Field(ge=1)
    group: Literal["common", "client", "server", "infrastructure", "security"]
    title: Bilingual


class EditionHead(Row):
    """What ``edition.yaml`` says of the whole."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]+$")]
    volume: Words
    title: Bilingual
    publisher: Bilingual
    status: Literal["draft", "final"]
    dated: date
    chapters: Some[Chapter]


Placed = tuple[Requirement | Parent, Document, int]  # a row, its file, and its index in that file


@dataclass(frozen=True)
class Edition:
    """A whole edition, checked: rows in printed order."""

    head: EditionHead
    rows: tuple[Requirement | Parent, ...]

    @cached_property
    def by_id(self) -> dict[str, Requirement | Parent]:
        """Return every row by its id."""
        return {row.id: row for row in self.rows}

    @cached_property
    def leaves(self) -> tuple[Requirement, ...]:
        """Return the rows that are judged."""
        return tuple(row for row in self.rows if isinstance(row, Requirement))

    @cached_property
    def parents(self) -> tuple[Parent, ...]:
        """Return the rows that are computed."""
        return tuple(row for row in self.rows if isinstance(row, Parent))

    def children(self, parent: str) -> tuple[Requirement | Parent, ...]:
        """Return the rows directly below ``parent``."""
        return tuple(row for row in self.rows if row.parent == parent)

    def missing(self, language: str) -> int:
        """Return how many texts of the rows are empty in ``language``."""
        texts = [text for row in self.rows for _name, text in row if isinstance(text, Bilingual)]
        return sum(not text.text(language).strip() for text in texts)

    def stats(self) -> dict[str, int | str]:
        """Return the counts of the edition: printed items, bullets, parents, leaves."""
        bullets = sum(1 for leaf in self.leaves if leaf.kind == "bullet")
        return {
            "edition": self.head.id,
            "items": len(self.rows) - bullets,
            "bullets": bullets,
            "parents": len(self.parents),
            "leaves": len(self.leaves),
        }


def chapter_of(requirement_id: str) -> int:
    """Return the chapter number in an id such as SO-14-6-4."""
    match = REQUIREMENT_ID.fullmatch(requirement_id)
    return int(match["chapter"]) if match else 0


def printed_place(requirement_id: str) -> tuple[int, int, int, str]:
    """Return where an item is printed: chapter, number, sub-number, letter. What has no sub-number comes first."""
    match = REQUIREMENT_ID.fullmatch(requirement_id)
    if match is None:
        return 0, 0, 0, ""
    rest = match["rest"] or ""
    letter = rest.lstrip("0123456789")
    return int(match["chapter"]), int(match["number"]), int(rest.removesuffix(letter) or 0), letter


def build_edition(head: Document, chapters: Sequence[Document]) -> Edition:
    """Build an edition from its documents. Raises EditionInvalid with every fault, each with file and row."""
    faults: list[Fault] = []
    edition_head = _parse(EditionHead, head, (), head.value, faults)
    placed = [
        (row, document, index)
        for document in chapters
        for index, value in enumerate(_rows(document, faults))
        if (row := _parse_row(document, index, value, faults)) is not None
    ]
    faults += _contradictions(placed, edition_head)
    if faults or edition_head is None:
        raise EditionInvalid(sorted(faults, key=lambda fault: (fault.file, fault.line)))
    return Edition(edition_head, tuple(row for row, _document, _index in placed))


def _rows(document: Document, faults: list[Fault]) -> list[Any]:
    if isinstance(document.value, list):
        return document.value
    faults.append(Fault(document.file, 1, "a chapter is a list of requirements"))
    return []


def _is_parent(value: Any) -> bool:
    """A row without a subject to be judged per is a parent; a leaf that forgot it is found by its other fields."""
    return isinstance(value, dict) and not value.keys() - {"id", "printed", "parent", "title", "explanation"}


def _parse_row(document: Document, index: int, value: Any, faults: list[Fault]) -> Requirement | Parent | None:
    if _is_parent(value):
        return _parse(Parent, document, (index,), value, faults)
    return _parse(Requirement, document, (index,), value, faults)


def _parse(
    model: type[RowType], document: Document, place: tuple[int, ...], value: Any, faults: list[Fault]
) -> RowType | None:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for fault in error.errors():
            path = (*place, *fault["loc"])
            name = ".".join(str(part) for part in fault["loc"])
            faults.append(Fault(document.file, document.line(path), f"{name}: {fault['msg']}"))
        return None


def _contradictions(placed: Sequence[Placed], head: EditionHead | None) -> Iterator[Fault]:
    """Yield what single rows cannot show."""
    yield from _strange_families(placed)
    yield from _strange_places(placed, head)
    for row, document, index in placed:
        if isinstance(row, Requirement):
            yield from _repeated_parameters(row, document, index)


def _strange_families(placed: Sequence[Placed]) -> Iterator[Fault]:
    """Yield repeated ids, parents that are none, are childless, or stand below themselves."""
    counts = Counter(row.id for row, _document, _index in placed)
    parents = {row.id: row.parent for row, _document, _index in placed if isinstance(row, Parent)}
    with_children = {row.parent for row, _document, _index in placed}
    for row, document, index in placed:
        line = document.line((index, "id"))
        if counts[row.id] > 1:
            yield Fault(document.file, line, f"{row.id} stands in the edition {counts[row.id]} times")
        if row.parent is not None and row.parent not in parents:
            yield Fault(document.file, line, f"{row.id} names the parent {row.parent}, which is none")
        if isinstance(row, Parent) and row.id not in with_children:
            yield Fault(document.file, line, f"{row.id} has no children and nothing to be judged by")
        if row.id in _above(row, parents):
            yield Fault(document.file, line, f"{row.id} stands below itself")


def _above(row: Requirement | Parent, parents: Mapping[str, str | None]) -> list[str]:
    """Return the parents over a row, up to the first that comes again."""
    found: list[str] = []
    above = row.parent
    while above is not None and above not in found:
        found.append(above)
        above = parents.get(above)
    return found


def _strange_places(placed: Sequence[Placed], head: EditionHead | None) -> Iterator[Fault]:
    """Yield unknown chapters, files of another chapter, and what is not in the printed order."""
    numbers = {chapter.number for chapter in head.chapters} if head else set()
    before = ""
    for row, document, index in placed:
        line = document.line((index, "id"))
        chapter = chapter_of(row.id)
        if numbers and chapter not in numbers:
            yield Fault(document.file, line, f"{row.id} belongs to chapter {chapter}, which edition.yaml does not name")
        if not document.file.endswith(f"chapter-{chapter:02}.yaml"):
            yield Fault(document.file, line, f"{row.id} stands in the file of another chapter")
            continue
        if printed_place(row.id) < printed_place(before):
            yield Fault(document.file, line, f"{row.id} is printed before {before} and stands after it")
        before = row.id


def _repeated_parameters(row: Requirement, document: Document, index: int) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, parameter in enumerate(row.parameters):
        if parameter.name in seen:
            line = document.line((index, "parameters", number, "name"))
            yield Fault(document.file, line, f"{row.id} has the parameter {parameter.name} twice")
        seen.add(parameter.name)
