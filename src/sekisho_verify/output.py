"""The report for people and for programs."""

import json
from collections.abc import Iterator
from typing import Any

from sekisho_verify.errors import CannotCheck
from sekisho_verify.report import MOST_FINDINGS_OF_A_KIND, Finding, Part, Report, State, Value, Verdict
from sekisho_verify.texts import text

FORMAT = "sekisho-verify/1"
MARKS = {State.OK: "·", State.BAD: "×", State.UNKNOWN: "?", State.NOT_ASKED: "-"}


def as_text(report: Report, language: str) -> str:
    """Return the report for people."""
    return "\n".join(_lines(report, language)) + "\n"


def _lines(report: Report, language: str) -> Iterator[str]:
    verdict = report.verdict
    proven = verdict is Verdict.INTACT and Part.PROOF in report.parts
    yield text("proof.intact" if proven else f"verdict.{verdict}", language)
    yield text("proof.intact.why" if proven else f"verdict.{verdict}.why", language)
    if verdict is Verdict.TAMPERED and report.first_bad:
        yield f"  {_sentence(report.first_bad, language)}"
    if verdict is Verdict.CANNOT_TELL:
        yield from (f"  {_sentence(one, language)}" for one in report.findings if one.level is State.UNKNOWN)
    yield ""
    for part, state in sorted(report.parts.items(), key=lambda item: list(Part).index(item[0])):
        yield f"{MARKS[state]} {text(f'part.{part}', language)}: {text(f'state.{state}', language)}"
        found = [one for one in report.findings if one.part is part]
        for code in dict.fromkeys(one.code for one in found):
            yield from (f"    {MARKS[one.level]} {_sentence(one, language)}" for one in found if one.code == code)
            if (more := report.counts[code] - MOST_FINDINGS_OF_A_KIND) > 0:
                yield f"      {text('more', language, {'count': more})}"
    yield ""
    for name, value in report.facts.items():
        yield text("fact.line", language, {"name": text(f"fact.{name}", language), "value": value})


def _sentence(finding: Finding, language: str) -> str:
    return text(finding.code, language, finding.facts)


def as_json(report: Report, language: str) -> str:
    """Return the report for programs; its fields are those of docs/ja/verify.md and stay."""
    first = report.first_bad
    document = {
        "format": FORMAT,
        "verdict": report.verdict.value,
        "exit_code": report.verdict.exit_code,
        "facts": report.facts,
        "parts": {part.value: state.value for part, state in report.parts.items()},
        "first_bad": _finding(first, language) if first else None,
        "findings": [_finding(one, language) for one in report.findings],
        "counts": dict(report.counts),
    }
    return _json(document)


def _finding(finding: Finding, language: str) -> dict[str, Value | dict[str, Value]]:
    return {
        "part": finding.part.value,
        "level": finding.level.value,
        "code": finding.code,
        "facts": finding.facts,
        "text": _sentence(finding, language),
    }


def error_as_text(error: CannotCheck, language: str) -> str:
    """Return what kept the check from starting, for people."""
    return f"{text('error', language)}: {text(error.code, language, error.facts)}\n"


def error_as_json(error: CannotCheck, language: str) -> str:
    """Return what kept the check from starting, in the same form as a report."""
    finding = {"part": None, "level": "unknown", "code": error.code, "facts": error.facts}
    document = {
        "format": FORMAT,
        "verdict": Verdict.CANNOT_TELL.value,
        "exit_code": Verdict.CANNOT_TELL.exit_code,
        "facts": {},
        "parts": {},
        "first_bad": None,
        "findings": [finding | {"text": text(error.code, language, error.facts)}],
        "counts": {error.code: 1},
    }
    return _json(document)


def _json(document: dict[str, Any]) -> str:
    whole = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return whole.encode("utf8", "backslashreplace").decode()  # what is no text becomes an escape of JSON
