"""The rules of the review: what each asks, what it needs, its parameters and its SQL. Strict, with every fault named.

The SQL keeps to what DuckDB and ClickHouse understand alike: GROUP BY, COUNT(DISTINCT), joins, IN and NOT IN, whole
numbers of microseconds, days, hours and minutes. No dates, no nulls, no functions of one engine.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sekisho.register.errors import RulebookInvalid
from sekisho.register.log.review.summaries import tables_read

FOLDER = Path(__file__).parent / "rules"
# The reference tables that rules may ask for, with their columns: texts, and whole numbers where named so.
TABLES: Mapping[str, tuple[str, ...]] = {
    "accounts": ("actor", "kind", "ended_us"),
    "care": ("actor", "patient"),
    "patient_ends": ("patient", "ended_us"),
    "patient_kana": ("patient", "family"),
    "roster": ("actor", "from_us", "until_us"),
    "staff_kana": ("actor", "family"),
    "staff_patients": ("actor", "patient"),
    "vendor_windows": ("actor", "from_us", "until_us"),
    "watched_patients": ("patient",),
}
RESULT = ("actor", "patient", "system", "day", "measured", "events", "first_index", "last_index")
GIVEN = {"from_day", "until_day"}
_KEYS = {"id", "title", "why", "needs", "wants", "lookback_days", "whole_days", "urgent", "parameters", "sql"}
_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
_PLACE = re.compile(r"\{([a-z_]+)\}")
_WORD = re.compile(r"[A-Za-z0-9_.:%-]{1,64}")
_FORBIDDEN = re.compile(r"(?i)\b(insert|update|delete|create|copy|attach|pragma|set|read_\w+|file|url|s3)\b|;|--|/\*")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A threshold: a whole number of at least ``least``, or a list of words as SQL patterns."""

    name: str
    default: int | tuple[str, ...]
    title: Mapping[str, str]
    least: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Without a table that it ``needs`` it says nothing; one that it ``wants`` only spares false hits.

    ``whole_days``: it can only judge days that are over. ``lookback_days`` before the period are read as well.
    """

    id: str
    title: Mapping[str, str]
    why: Mapping[str, str]
    sql: str
    parameters: tuple[Parameter, ...] = ()
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    lookback_days: int = 0
    whole_days: bool = False
    urgent: bool = False

    @property
    def reads(self) -> frozenset[str]:
        """Which of the rows (``events``) and their summaries the SQL reads."""
        return tables_read(self.sql)

    def statement(self, first: int, last: int, chosen: Mapping[str, int] | None = None) -> str:
        """Return the SQL for the days from ``first`` to ``last``, with ``chosen`` in place of the defaults."""
        values: dict[str, str] = {"from_day": str(int(first)), "until_day": str(int(last))}
        for parameter in self.parameters:
            default = parameter.default
            if isinstance(default, tuple):
                values[parameter.name] = ", ".join(f"'{word}'" for word in default)
            else:
                values[parameter.name] = str(max(parameter.least, int((chosen or {}).get(parameter.name, default))))
        return _PLACE.sub(lambda place: values[place[1]], self.sql)


def load(folder: Path = FOLDER) -> tuple[Rule, ...]:
    """Return the rules of a folder, one file each, by name. Raises RulebookInvalid with every fault found."""
    faults: list[str] = []
    rules: list[Rule] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = yaml.safe_load(path.read_text(encoding="utf8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            faults.append(f"{path.name}: {error}")
            continue
        found = _faults(document, path.stem)
        faults += [f"{path.name}: {fault}" for fault in found]
        if not found:
            rules.append(_rule(document))
    if faults or not rules:
        raise RulebookInvalid(faults="\n".join(faults) or str(folder))
    return tuple(rules)


def _rule(document: Mapping[str, Any]) -> Rule:
    parameters = tuple(
        Parameter(name, _default(given["default"]), given["title"], given.get("least", 0))
        for name, given in document.get("parameters", {}).items()
    )
    return Rule(
        id=document["id"],
        title=document["title"],
        why=document["why"],
        sql=document["sql"].strip(),
        parameters=parameters,
        needs=tuple(document.get("needs", ())),
        wants=tuple(document.get("wants", ())),
        lookback_days=document.get("lookback_days", 0),
        whole_days=document.get("whole_days", False),
        urgent=document.get("urgent", False),
    )


def _default(value: Any) -> int | tuple[str, ...]:
    return value if isinstance(value, int) else tuple(value)


def _faults(document: Any, stem: str) -> list[str]:
    if not isinstance(document, dict):
        return ["is no mapping"]
    faults = [f"does not know {key!r}" for key in document.keys() - _KEYS]
    faults += [f"lacks {key!r}" for key in ("id", "title", "why", "sql") if key not in document]
    if faults:
        return faults
    if document["id"] != stem or not _NAME.fullmatch(stem):
        faults.append(f"id {document['id']!r} is not the name of the file")
    faults += [f"{key} is not in ja and en" for key in ("title", "why") if not _is_bilingual(document[key])]
    faults += _kinds_wrong(document)
    return faults or [*_parameters_wrong(document.get("parameters", {})), *_sql_wrong(document)]


def _kinds_wrong(document: Mapping[str, Any]) -> list[str]:
    faults = [
        f"{key} names {table!r}, which is no table of the review"
        for key in ("needs", "wants")
        for table in _items(document.get(key, []))
        if table not in TABLES
    ]
    faults += [
        f"{key} is no yes or no" for key in ("whole_days", "urgent") if type(document.get(key, False)) is not bool
    ]
    days = document.get("lookback_days", 0)
    if type(days) is not int or not 0 <= days <= 400:  # a year and a little
        faults.append("lookback_days is no number from 0 to 400")
    if not isinstance(document.get("parameters", {}), dict):
        faults.append("parameters is no mapping")
    return faults if isinstance(document["sql"], str) else [*faults, "sql is no text"]


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _is_bilingual(value: Any) -> bool:
    return (
        isinstance(value, dict) and value.keys() == {"ja", "en"} and all(isinstance(one, str) for one in value.values())
    )


def _parameters_wrong(parameters: Mapping[str, Any]) -> list[str]:
    faults = []
    for name, given in parameters.items():
        if not isinstance(given, dict) or not {"default", "title"} <= given.keys() <= {"default", "title", "least"}:
            faults.append(f"parameter {name!r} is not default, title and least")
        elif not _is_bilingual(given["title"]):
            faults.append(f"parameter {name!r} has no title in ja and en")
        elif not _is_value(given["default"]) or type(given.get("least", 0)) is not int:
            faults.append(f"parameter {name!r} is neither a whole number nor a list of plain words")
    return faults


def _is_value(value: Any) -> bool:
    words = isinstance(value, list) and bool(value)
    return type(value) is int or (words and all(isinstance(one, str) and _WORD.fullmatch(one) for one in value))


def _sql_wrong(document: Mapping[str, Any]) -> list[str]:
    used, declared = set(_PLACE.findall(document["sql"])), set(document.get("parameters", {}))
    faults = [f"the SQL uses {{{name}}}, which is no parameter" for name in sorted(used - declared - GIVEN)]
    faults += [f"the SQL does not use the parameter {name!r}" for name in sorted(declared - used)]
    if not tables_read(document["sql"]):
        faults.append("the SQL reads neither events nor a summary of them")
    faults += [f"the SQL must not contain {found[0]!r}" for found in _FORBIDDEN.finditer(document["sql"])]
    asked = {*document.get("needs", ()), *document.get("wants", ())}
    spoken = {table for table in TABLES if re.search(rf"\b{table}\b", document["sql"])}
    faults += [f"the SQL reads {table!r} without asking for it" for table in sorted(spoken - asked)]
    return faults + [f"asks for {table!r} and does not read it" for table in sorted(asked - spoken)]
