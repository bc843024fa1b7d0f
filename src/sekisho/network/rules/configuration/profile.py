"""The profile: what a configuration is measured by, as data with clause, certainty and what a broken rule weighs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from sekisho.kernel.canonical import Json
from sekisho.kernel.text import Text
from sekisho.network.rules.device_configuration import Basis, Seen
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.strict_yaml import read

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
# From the surest to the least sure.
_CERTAINTIES = ("primary", "secondary", "memory", "own")
BASELINE = "CONF-DRIFT"


class Strict(BaseModel):
    """Data that is exactly what is declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(Strict):
    """Something that is written somewhere, and how sure that is."""

    source: Words
    certainty: Literal["primary", "secondary", "memory", "own"]


class TableRow(Strict):
    """One row of table 13-1: the registered kinds of line it means, and whether the table calls them conforming.

    ``conforming`` is null where the table leaves it open and the text asks for an assessment on paper.
    """

    row: Words
    lines: frozenset[Words]
    conforming: bool | None


class Table(Row):
    """Table 13-1 of the guideline; it does not speak of the kinds of line ``inside`` the facility."""

    rows: tuple[TableRow, ...]
    inside: frozenset[Words]


class RuleData(Row):
    """One rule as it is written down; ``lines`` are the kinds of line it speaks of, none meaning all."""

    requirements: tuple[Words, ...]
    lines: frozenset[Words]
    levels: dict[Words, Level]
    expected: dict[Words, Any]


class ProfileData(Strict):
    """The profile as it is written down."""

    profile: Words
    edition: Words
    written: date
    table_13_1: Table
    baseline: RuleData
    rules: dict[Words, RuleData]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule by its code."""

    code: str
    data: RuleData

    @property
    def expected(self) -> Mapping[str, Any]:
        """What is expected, by names that the rule's check knows."""
        return self.data.expected

    @property
    def levels(self) -> Mapping[str, Level]:
        """What it weighs when the rule is broken, in one way or another."""
        return self.data.levels

    def concerns(self, line_kind: str | None) -> bool:
        """Whether the rule speaks of this kind of line; of a device whose line is not named it always does."""
        return line_kind is None or not self.data.lines or line_kind in self.data.lines

    def remark(
        self,
        level: Level,
        message: Text,
        observed: Json,
        values: Iterable[Seen[Any]] = (),
        more: Mapping[str, Json] | None = None,
    ) -> Judged:
        """Return a remark of this rule, no surer than the rule and the defaults among ``values``."""
        certainties = [self.data.certainty, *(value.certainty for value in values if value.basis is Basis.DEFAULT)]
        weakest = max(certainties, key=_CERTAINTIES.index)
        return Judged(self.code, level, message, observed, {**self.expected, **(more or {})}, self.data.source, weakest)


@dataclass(frozen=True, slots=True)
class Profile:
    """All rules by code, table 13-1, and what a difference from the approved baseline weighs."""

    id: str
    edition: str
    rules: Mapping[str, Rule]
    table: Table
    baseline: Rule

    def row(self, line_kind: str) -> dict[str, Json] | None:
        """Return what table 13-1 says of a kind of line, for showing beside a remark."""
        for row in self.table.rows:
            if line_kind in row.lines:
                return {"row": row.row, "conforming": row.conforming, "certainty": self.table.certainty}
        return None

    def codes_for(self, requirement: str) -> frozenset[str]:
        """Return the codes of the rules that belong to ``requirement``."""
        return frozenset(code for code, rule in self.rules.items() if requirement in rule.data.requirements)


def parse_profile(text: str) -> Profile:
    """Return the profile that the YAML ``text`` describes. Raises DataInvalid."""
    data = read(ProfileData, text)
    rules = {code: Rule(code, rule) for code, rule in data.rules.items()}
    return Profile(data.profile, data.edition, rules, data.table_13_1, Rule(BASELINE, data.baseline))


def facts(name: str, **values: Seen[Any]) -> dict[str, Json]:
    """Return what was observed, as JSON: each value with its lines, and the source of a default."""
    return {"name": name, **{key: _fact(value) for key, value in values.items()}}


def _fact(value: Seen[Any]) -> dict[str, Json]:
    shown = list(value.value) if isinstance(value.value, tuple) else value.value
    fact: dict[str, Json] = {"value": shown, "basis": value.basis.value, "lines": list(value.lines)}
    return {**fact, "default": value.source} if value.source else fact


def level_of(value: Seen[Any], *, holds: bool, broken: Level) -> Level:
    """Return the level of a value: one that was not read never makes a rule hold, a default can break it."""
    if value.value is None:
        return Level.UNKNOWN
    if not holds:
        return broken
    return Level.OK if value.basis is Basis.READ else Level.UNKNOWN
