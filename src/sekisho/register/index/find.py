"""Finding events in the index: newest first, from a place on, without counting and without skipping."""

import heapq
import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sekisho.kernel.search import fold, search_words
from sekisho.register.index.store import OUTCOMES, microseconds
from sekisho.register.rules import read_timestamp
from sekisho.register.rules.searching import Search

_MOST_CURSORS = 50  # people that are looked up one by one; more of them are looked for along the time
_FIELDS = "place, moment, outcome, actor, subject, action, patient, session, system, device, network, reason"
_COLUMNS = _FIELDS.split(", ")
_EXACT = ("patient", "session", "device", "action", "system", "network")
# What narrows most comes first; system and network are looked for along the time.
_DRIVERS = ("patient", "session", "device", "actor", "action")
Key = tuple[int, int]  # moment in microseconds, place in the log
NEWEST: Key = (2**63 - 1, 2**63 - 1)


@dataclass(slots=True)
class _Wanted:
    """A search in the numbers of the index: allowed numbers by column, and by word who and what contains it."""

    allowed: dict[str, frozenset[int]] = field(default_factory=dict)
    words: list[tuple[frozenset[int], frozenset[int], frozenset[int]]] = field(default_factory=list)
    since: int = 0
    until: int = 2**63 - 1


def find(database: sqlite3.Connection, search: Search, before: Key = NEWEST) -> Generator[tuple[Key, bool], None, None]:
    """Yield the key of every event that is looked at, newest first, and whether it matches.

    Whoever asks may stop at any time: what was looked at and did not match counts as work too.
    """
    wanted = _resolve(database, search)
    if any(not numbers for numbers in wanted.allowed.values()):
        return
    driver = next((one for one in _DRIVERS if len(wanted.allowed.get(one, ())) in range(1, _MOST_CURSORS + 1)), None)
    if driver is None and (outcomes := wanted.allowed.get("outcome")) and 0 not in outcomes:
        driver = "outcome"
    numbers: Sequence[int | None] = sorted(wanted.allowed[driver]) if driver else [None]
    rows = heapq.merge(
        *(_rows(database, driver, number, wanted, before) for number in numbers), key=lambda row: (-row[1], -row[0])
    )
    checks = [(_COLUMNS.index(name), allowed) for name, allowed in wanted.allowed.items() if name != driver]
    for row in rows:
        yield (row[1], row[0]), all(row[at] in allowed for at, allowed in checks) and _has_words(row, wanted)


def _rows(
    database: sqlite3.Connection, driver: str | None, number: int | None, wanted: _Wanted, before: Key
) -> Iterator[tuple[int, ...]]:
    latest = min(before[0], wanted.until - 1)
    where = "moment >= ? AND moment <= ? AND (moment < ? OR place < ?)"
    values = [wanted.since, latest, *before]
    if driver:
        where, values = f"{driver} = ? AND {where}", [number or 0, *values]
    query = f"SELECT {_FIELDS} FROM event WHERE {where} ORDER BY moment DESC, place DESC"  # noqa: S608  # our names
    return database.execute(query, values)


def _has_words(row: Sequence[int], wanted: _Wanted) -> bool:
    _place, _moment, _outcome, actor, subject, action, *_rest, reason = row
    return all(
        actor in actors or subject in subjects or action in names or reason in names
        for actors, subjects, names in wanted.words
    )


def _resolve(database: sqlite3.Connection, search: Search) -> _Wanted:
    wanted = _Wanted()
    for column in _EXACT:
        if value := getattr(search, column):
            wanted.allowed[column] = _numbers(database, "SELECT id FROM name WHERE key = ?", fold(value))
    if search.person or search.kind:
        wanted.allowed["actor"] = _actors(database, search)
    if search.subject:
        wanted.allowed["subject"] = _numbers(database, "SELECT id FROM subject WHERE code = ?", search.subject)
    if search.outcome:
        wanted.allowed["outcome"] = frozenset(
            number for number, outcome in enumerate(OUTCOMES) if outcome == search.outcome
        )
    wanted.since = microseconds(search.since) if search.since else wanted.since
    wanted.until = microseconds(search.until) if search.until else wanted.until
    for word in search_words(search.text):
        actors, subjects, names = (
            _numbers(database, f"SELECT id FROM {table} WHERE instr(key, ?)", word)  # noqa: S608  # our own tables
            for table in ("actor", "subject", "name")
        )
        wanted.words.append((actors, subjects, names))
    return wanted


def _actors(database: sqlite3.Connection, search: Search) -> frozenset[int]:
    rows = database.execute("SELECT id, kind, code, key FROM actor")
    return frozenset(
        number for number, kind, code, key in rows if _is_who(search, {"kind": kind, "id": code, "key": key})
    )


def _numbers(database: sqlite3.Connection, query: str, value: str) -> frozenset[int]:
    return frozenset(row[0] for row in database.execute(query, (value,)))


def _is_who(search: Search, actor: Mapping[str, str]) -> bool:
    if search.kind and actor["kind"] != search.kind:
        return False
    words = search_words(search.person)
    return actor["id"] == search.person.strip() or all(word in actor["key"] for word in words)


def matches(search: Search, document: Mapping[str, Any]) -> bool:
    """Tell whether an entry's document is looked for: the same answer as :func:`find`, for what is not indexed yet."""
    actor, subject = document["actor"], document["subject"]
    moment = read_timestamp(document["occurred_at"])
    exact = all(
        fold(document[column] or "") == fold(getattr(search, column)) for column in _EXACT if getattr(search, column)
    )
    return (
        exact
        and (not search.outcome or document["outcome"] == search.outcome)
        and (not search.since or search.since <= moment)
        and (not search.until or moment < search.until)
        and (not search.subject or (subject is not None and subject["id"] == search.subject))
        and _is_who(search, {"kind": actor["kind"], "id": actor["id"], "key": fold(actor["name"])})
        and _holds_words(search, document)
    )


def _holds_words(search: Search, document: Mapping[str, Any]) -> bool:
    subject = document["subject"]
    texts = [document["actor"]["name"], document["action"], subject["label"] if subject else "", document["reason"]]
    keys = [fold(text) for text in texts]
    return all(any(word in key for key in keys) for word in search_words(search.text))
