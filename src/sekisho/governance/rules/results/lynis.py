"""lynis-report.dat: lines of ``key=value``, where ``key[]`` comes many times.

Lynis tells no result for a test. It tells which tests ran, which it left out, and to what it has a remark.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sekisho.governance.rules.results.errors import ResultsNotWhole
from sekisho.governance.rules.results.shape import Results, ResultsFile, Row, Words
from sekisho.kernel.declarations import Outcome

# The words are the names of the lines. A suggestion is something that a person has to judge.
WORDS = Words(
    source="Lynis 3, lynis-report.dat: warning[], suggestion[], exception_event[], tests_executed, tests_skipped",
    outcomes={
        "executed": Outcome.PASS,
        "warning": Outcome.FAIL,
        "suggestion": Outcome.UNKNOWN,
        "exception": Outcome.ERROR,
        "skipped": Outcome.UNKNOWN,
    },
    idle=frozenset({"skipped"}),
)
_REMARKS = {"warning[]": "warning", "suggestion[]": "suggestion", "exception_event[]": "exception"}
_NEEDED = ("lynis_version", "report_datetime_start", "tests_executed", "finish")
Lines = Mapping[str, Sequence[tuple[int, str]]]


def is_lynis(data: bytes) -> bool:
    """Tell whether the bytes begin as Lynis' report does."""
    return data.lstrip().startswith((b"# Lynis Report", b"report_version_major=")) or b"\nlynis_version=" in data[:4096]


def read_lynis(file: ResultsFile) -> Results:
    """Return what a report says. Raises ResultsUnreadable, ResultsNotWhole, ResultsTooLarge."""
    lines = _lines(file.data.decode("utf8", "backslashreplace"))
    for key in _NEEDED:
        if key not in lines or (key == "finish" and _last(lines, key) != "true"):
            raise ResultsNotWhole(name=file.name, what=f"{key}=")
    rows = tuple(_rows(file, lines))
    file.require_rows(len(rows))
    number, started = lines["report_datetime_start"][-1]
    return Results(
        "lynis",
        "Lynis",
        _last(lines, "lynis_version"),
        _last(lines, "hostname"),
        file.moment(f"line {number}", started),
        rows,
        WORDS,
    )


def _lines(text: str) -> Lines:
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, line in enumerate(text.splitlines(), 1):
        key, equals, value = line.partition("=")
        if equals and not key.startswith("#"):
            found[key.strip()].append((number, value.strip()))
    return found


def _last(lines: Lines, key: str) -> str:
    return lines[key][-1][1] if key in lines else ""


def _rows(file: ResultsFile, lines: Lines) -> Iterator[Row]:
    """Yield the remarks in the order of the file, then what ran without one, then what was left out."""
    remarked = set()
    for key, word in _REMARKS.items():
        for number, value in lines.get(key, ()):
            test, *texts = value.split("|")
            if not test or not texts:
                raise file.unreadable(f"line {number}", value[:40])
            remarked.add(test.partition(":")[0])
            yield WORDS.row(test, " – ".join(text for text in texts if text not in {"", "-"}), word)
    for test in _tests(lines, "tests_executed"):
        if test not in remarked:
            yield WORDS.row(test, "", "executed")
    for test in _tests(lines, "tests_skipped"):
        yield WORDS.row(test, "", "skipped")


def _tests(lines: Lines, key: str) -> list[str]:
    return [test for test in _last(lines, key).split("|") if test]
