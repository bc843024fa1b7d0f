"""The one plain shape of others' results, and what their words come to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sekisho.governance.rules.results.errors import ResultsTooLarge, ResultsUnreadable
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.text import _

LARGEST = 20 * 2**20
MOST_ROWS = 20_000
# No tool whose results are read was there before: an earlier moment is a clock that was never set.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LONGEST = 300
_FROM_BEST = (Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.UNKNOWN, Outcome.ERROR, Outcome.FAIL)


def bounded(text: str) -> str:
    """Return a text as it can be stored and read: cut where it is too long, and what is no letter written out."""
    readable = text.encode("utf8", "backslashreplace").decode()
    return readable if len(readable) <= _LONGEST else f"{readable[: _LONGEST - 1]}…"


@dataclass(frozen=True, slots=True)
class Words:
    """What a format's status words mean; ``source`` says where that stands.

    ``idle`` are the words by which nothing was looked at. Case does not matter, and any other word is UNKNOWN.
    """

    source: str
    outcomes: Mapping[str, Outcome]
    idle: frozenset[str]

    def row(self, rule: str, title: str, status: str, severity: str = "") -> "Row":
        """Return one row; its status stays as the tool wrote it."""
        word = status.casefold()
        rule, title, status, severity = (text[:_LONGEST] for text in (rule, title, status, severity))
        outcome, known = self.outcomes.get(word, Outcome.UNKNOWN), word in self.outcomes
        return Row(rule, title, status, severity, outcome, known, word not in self.idle)


@dataclass(frozen=True, slots=True)
class Row:
    """What a tool said by one rule about one thing. ``known``: its word is in our table; ``looked``: it was judged."""

    rule: str
    title: str
    status: str
    severity: str
    outcome: Outcome
    known: bool = True
    looked: bool = True

    def document(self) -> dict[str, Json]:
        """Return the row as JSON."""
        return {
            "rule": self.rule,
            "title": self.title,
            "status": self.status,
            "severity": self.severity,
            "outcome": self.outcome.value,
        }


@dataclass(frozen=True, slots=True)
class Results:
    """One run of a tool. ``format`` is ours (lynis, xccdf, ocsf, testssl), ``tool`` the name it gives itself.

    ``ran_at`` is None where the file does not say it. ``secrets`` is what a tool that looks for secrets found (rows of
    ``secret_scans``), None of any other tool: then neither they nor the bytes of the file are kept.
    """

    format: str
    tool: str
    version: str
    host: str
    ran_at: datetime | None
    rows: tuple[Row, ...]
    words: Words
    secrets: "tuple[Any, ...] | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        # Whatever a file says of itself ends up in the register: there is a bound to it.
        for name in ("tool", "version", "host"):
            object.__setattr__(self, name, bounded(getattr(self, name)))

    @property
    def is_empty(self) -> bool:
        """Nothing was looked at: every rule was left out, or did not apply. That is a fault and never a pass."""
        return not any(row.looked and row.outcome is not Outcome.NOT_APPLICABLE for row in self.rows)

    @property
    def outcome(self) -> Outcome:
        """The worst of all rows."""
        return max((row.outcome for row in self.rows), key=_FROM_BEST.index, default=Outcome.UNKNOWN)

    def counts(self) -> dict[str, int]:
        """Return how many rows came to what, in the order of the outcomes."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome.value: found[outcome] for outcome in Outcome}

    def unknown_words(self) -> list[str]:
        """Return the status words that our table does not know, each once."""
        return sorted({row.status for row in self.rows if not row.known})

    def facts(self) -> dict[str, Json]:
        """Return everything as JSON: what is stored beside the raw bytes."""
        return {
            "format": self.format,
            "tool": self.tool,
            "version": self.version,
            "host": self.host,
            "words_from": self.words.source,
            "words_not_known": self.unknown_words(),
            "counts": self.counts(),
            "rows": [row.document() for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class ResultsFile:
    """A file that was handed in: its name, bounded, and its bytes."""

    name: str
    data: bytes

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", bounded(self.name))

    def unreadable(self, place: str, reason: str) -> ResultsUnreadable:
        """Return the error that says where the file breaks its format."""
        return ResultsUnreadable(name=self.name, place=place, reason=reason)

    def require_rows(self, number: int) -> None:
        """Raise ResultsTooLarge where there are more rows than are stored."""
        if number > MOST_ROWS:
            raise ResultsTooLarge(name=self.name, most=_("%(number)s rows", number=f"{MOST_ROWS:,}"))

    def moment(self, place: str, text: str) -> datetime:
        """Return a moment in ISO 8601; without a zone it is that of the facility. Raises ResultsUnreadable."""
        try:
            found = datetime.fromisoformat(text.strip())
            return (found if found.tzinfo else found.replace(tzinfo=FACILITY_ZONE)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self.unreadable(place, f"“{text[:40]}”") from error

    def moment_of(self, place: str, seconds: object) -> datetime:
        """Return the moment of a number of seconds, or milliseconds, since 1970. Raises ResultsUnreadable."""
        try:
            number = float(seconds)  # type: ignore[arg-type]  # what is no number is refused
            return datetime.fromtimestamp(number / 1000 if number > _MILLISECONDS else number, UTC)
        except (TypeError, ValueError, OverflowError, OSError) as error:
            raise self.unreadable(place, f"“{str(seconds)[:40]}”") from error


# Seconds reach this in the year 5138, milliseconds did in March 1973. OCSF says milliseconds, Prowler writes seconds.
_MILLISECONDS = 10**11
