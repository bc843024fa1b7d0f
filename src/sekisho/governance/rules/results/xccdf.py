"""XCCDF 1.2 results (NISTIR 7275 rev. 4), alone or inside an ARF collection, as OpenSCAP writes them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sekisho.governance.rules.results.errors import ResultsNotWhole
from sekisho.governance.rules.results.hardened_xml import Node, XmlRefusedError, read_xml
from sekisho.governance.rules.results.shape import Results, ResultsFile, Words
from sekisho.kernel.declarations import Outcome

XCCDF = "http://checklists.nist.gov/xccdf/1.2"
ARF = "http://scap.nist.gov/schema/asset-reporting-format/1.1"
WORDS = Words(
    source="NISTIR 7275 rev. 4, 6.6.4.2, result of a rule",
    outcomes={
        "pass": Outcome.PASS,
        "fixed": Outcome.PASS,
        "fail": Outcome.FAIL,
        "error": Outcome.ERROR,
        "unknown": Outcome.UNKNOWN,
        "notchecked": Outcome.UNKNOWN,
        "notapplicable": Outcome.NOT_APPLICABLE,
        "notselected": Outcome.NOT_APPLICABLE,
        "informational": Outcome.NOT_APPLICABLE,
    },
    idle=frozenset({"notchecked", "notapplicable", "notselected", "informational"}),
)
_RESULT, _RULE, _TITLE, _TARGET = (f"{XCCDF} {name}" for name in ("result", "Rule", "title", "target"))
_OF_RULE, _TEST = f"{XCCDF} rule-result", f"{XCCDF} TestResult"


def is_xccdf(data: bytes) -> bool:
    """Tell whether the bytes are XML that speaks of XCCDF."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"http://checklists.nist.gov/xccdf/" in data


@dataclass(slots=True)
class _Seen:
    """What was met on the way: titles by rule, results by rule, and the whole."""

    titles: dict[str, str] = field(default_factory=dict)
    results: list[tuple[str, str, str]] = field(default_factory=list)
    tests: list[Node] = field(default_factory=list)


def read_xccdf(file: ResultsFile) -> Results:
    """Return what a file of results says. Raises ResultsUnreadable, ResultsNotWhole, ResultsTooLarge."""
    seen = _Seen()

    def ended(node: Node, _around: Sequence[Node]) -> None:
        if node.name == _RULE:
            seen.titles[node.attributes.get("id", "")] = node.children.get(_TITLE, "")
        elif node.name == _OF_RULE:
            file.require_rows(len(seen.results) + 1)
            seen.results.append(_result(file, node))
        elif node.name == _TEST:
            seen.tests.append(node)

    try:
        read_xml(file.data, ended)
    except XmlRefusedError as error:
        raise file.unreadable(f"line {error.line}", str(error)) from error
    if not seen.tests:
        raise ResultsNotWhole(name=file.name, what="TestResult (XCCDF 1.2)")
    test, *more = seen.tests
    if more:
        raise file.unreadable(f"line {more[0].line}", "a second TestResult")
    return _results(file, seen, test)


def _results(file: ResultsFile, seen: _Seen, test: Node) -> Results:
    ended = test.attributes.get("end-time")
    if not ended:
        raise ResultsNotWhole(name=file.name, what="end-time")
    moment = file.moment(f"line {test.line}", test.attributes.get("start-time") or ended)
    tool, version = _tool(test.attributes.get("test-system", ""))
    rows = [WORDS.row(rule, seen.titles.get(rule, ""), word, severity) for rule, word, severity in seen.results]
    return Results("xccdf", tool, version, test.children.get(_TARGET, ""), moment, tuple(rows), WORDS)


def _result(file: ResultsFile, node: Node) -> tuple[str, str, str]:
    rule, word = node.attributes.get("idref", ""), node.children.get(_RESULT, "")
    if not rule or not word:
        raise file.unreadable(f"line {node.line}", "rule-result without idref or result")
    return rule, word, node.attributes.get("severity", "")


def _tool(platform: str) -> tuple[str, str]:
    """Return name and version from the CPE of the tool, ``cpe:/a:redhat:openscap:1.3.7``."""
    parts = platform.removeprefix("cpe:/").removeprefix("cpe:2.3:").split(":")
    return (parts[2], parts[3]) if len(parts) > 3 else ("XCCDF", "")  # part, vendor, product, version
