"""The Fit&Gap as OSCAL 1.1 (NIST), for tools of others: the edition as a catalog, the verdicts as assessment results.

What OSCAL knows is said in its words, what it does not know in properties of our own namespace. A finding is
"satisfied" only where the verdict is conforming; what does not apply is excluded from the review with its number said,
never satisfied. All ids are derived from what they name, so that two exports of one state are the same document.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sekisho.governance.rules.catalogue import Edition, Parent, Requirement, chapter_of
from sekisho.governance.rules.overview import Stood
from sekisho.governance.rules.verdicts import Summary, Verdict
from sekisho.kernel.canonical import Json

OSCAL_VERSION = "1.1.3"
NAMESPACE = "urn:sekisho:oscal:1"
_ROOT = UUID("6f1d3c6e-6d0c-5b43-9a53-1f0b6f2f7d10")
_METHODS = {"control": "TEST", "ledger": "EXAMINE", "document": "EXAMINE", "attestation": "INTERVIEW"}


@dataclass(frozen=True, slots=True)
class Assessed:
    """What is exported: the edition, every row's sum, each leaf's subjects, whose they are, and the times."""

    edition: Edition
    summaries: Mapping[str, Summary]
    stood: Mapping[str, Sequence[Stood]]
    facility: str
    judged_at: datetime
    version: str


def catalog(edition: Edition, language: str, version: str, modified: datetime) -> dict[str, Json]:
    """Return the edition as an OSCAL catalog: chapters as groups, items as controls, in our own words."""
    head = edition.head
    metadata = _metadata(head.title.text(language), modified, f"{head.id} {version}")
    groups: list[Json] = [
        {
            "id": f"chapter-{chapter.number}",
            "class": "chapter",
            "title": chapter.title.text(language),
            "controls": [
                _control(edition, row, language)
                for row in edition.rows
                if row.parent is None and chapter_of(row.id) == chapter.number
            ],
        }
        for chapter in head.chapters
    ]
    return {"catalog": {"uuid": _id("catalog", head.id), "metadata": metadata, "groups": groups}}


def _control(edition: Edition, row: Requirement | Parent, language: str) -> dict[str, Json]:
    parts: list[Json] = [{"id": f"{row.id}_smt", "name": "statement", "prose": row.explanation.text(language)}]
    if isinstance(row, Requirement):
        parts.append({"id": f"{row.id}_gdn", "name": "guidance", "prose": row.clinic.text(language)})
    control: dict[str, Json] = {
        "id": row.id,
        "title": row.title.text(language),
        "props": [{"name": "label", "value": f"{chapter_of(row.id)}{row.printed}"}, *_facts(row)],
        "parts": parts,
    }
    below = [_control(edition, child, language) for child in edition.children(row.id)]
    return control | ({"controls": below} if below else {})


def _facts(row: Requirement | Parent) -> Iterator[Json]:
    if isinstance(row, Requirement):
        yield _prop("judged-per", row.judged_per.value)
        yield _prop("level", row.level.value)


def assessment_results(state: Assessed, language: str) -> dict[str, Json]:
    """Return the verdicts as OSCAL assessment results: a finding per leaf that applies, an observation per subject."""
    edition = state.edition
    applying = [leaf for leaf in edition.leaves if state.summaries[leaf.id].verdict is not Verdict.NOT_APPLICABLE]
    aside = [leaf.id for leaf in edition.leaves if state.summaries[leaf.id].verdict is Verdict.NOT_APPLICABLE]
    ids = {
        leaf.id: [_id("observation", leaf.id, str(number)) for number, _one in enumerate(_subjects(state, leaf))]
        for leaf in applying
    }
    selection: dict[str, Json] = {"include-controls": [{"control-id": leaf.id} for leaf in applying]}
    if aside:
        selection["exclude-controls"] = [{"control-id": name} for name in aside]
        selection["remarks"] = f"{len(aside)} of {len(edition.leaves)} requirements do not apply."
    result: dict[str, Json] = {
        "uuid": _id("result", state.facility, state.judged_at.isoformat()),
        "title": f"{edition.head.title.text(language)}: {state.facility}",
        "description": "Verdicts computed from evidence; n of N subjects conform. Unknown never counts as conforming.",
        "start": state.judged_at.isoformat(),
        "reviewed-controls": {"control-selections": [selection]},
        "observations": [one for leaf in applying for one in _observations(state, leaf, ids[leaf.id], language)],
        "findings": [_finding(state, leaf, ids[leaf.id], language) for leaf in applying],
    }
    if not result["observations"]:
        del result["observations"]
    plan = _id("plan", edition.head.id)
    return {
        "assessment-results": {
            "uuid": _id("results", state.facility, state.judged_at.isoformat()),
            "metadata": _metadata(str(result["title"]), state.judged_at, state.version),
            "import-ap": {"href": f"#{plan}", "remarks": "The mapping of the edition stands in the place of a plan."},
            "results": [result],
            "back-matter": {"resources": [{"uuid": plan, "title": f"Mapping of the edition {edition.head.id}"}]},
        }
    }


def _finding(state: Assessed, leaf: Requirement, seen: Sequence[str], language: str) -> dict[str, Json]:
    summary = state.summaries[leaf.id]
    conforms = summary.verdict is Verdict.CONFORMING
    finding: dict[str, Json] = {
        "uuid": _id("finding", leaf.id),
        "title": leaf.title.text(language),
        "description": f"{summary.conforming} of {summary.total} subjects conform.",
        "props": [
            _prop("verdict", summary.verdict.value),
            _prop("n", str(summary.conforming)),
            _prop("N", str(summary.total)),
        ],
        "target": {
            "type": "statement-id",
            "target-id": f"{leaf.id}_smt",
            "status": {
                "state": "satisfied" if conforms else "not-satisfied",
                "reason": "pass" if conforms else "other",
            },
        },
    }
    return finding | ({"related-observations": [{"observation-uuid": one} for one in seen]} if seen else {})


def _observations(state: Assessed, leaf: Requirement, ids: Sequence[str], language: str) -> Iterator[dict[str, Json]]:
    for name, one in zip(ids, _subjects(state, leaf), strict=True):
        methods = sorted({_METHODS[proof.kind.value] for proof in one.proofs if not proof.planned}) or ["UNKNOWN"]
        yield {
            "uuid": name,
            "title": f"{leaf.title.text(language)}: {one.subject}"[:500],
            "description": one.subject,
            "props": [
                _prop("verdict", one.verdict.value),
                *(_prop("proof", f"{proof.kind.value} {proof.id}: {proof.state}") for proof in one.proofs),
            ],
            "methods": methods,
            "collected": state.judged_at.isoformat(),
        }


def _subjects(state: Assessed, leaf: Requirement) -> Sequence[Stood]:
    return state.stood.get(leaf.id, ())


def _metadata(title: str, modified: datetime, version: str) -> dict[str, Json]:
    return {
        "title": title,
        "last-modified": modified.isoformat(),
        "version": version,
        "oscal-version": OSCAL_VERSION,
    }


def _prop(name: str, value: str) -> dict[str, Json]:
    return {"name": name, "ns": NAMESPACE, "value": value}


def _id(*names: str) -> str:
    return str(uuid5(_ROOT, "/".join(names)))
