"""The catalogue of papers is read strictly, and the one that comes with this version names every paper asked for."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.governance.queries import editions
from sekisho.governance.rules.catalogue import EditionInvalid
from sekisho.governance.rules.documents import read_document
from sekisho.governance.rules.mapping import MappedLeaf, Mapping, ProofKind
from sekisho.governance.rules.papers import Paper, build_papers
from sekisho.kernel.errors import NotFound

PAPERS = """\
- id: documents.guard_rules
  per: facility
  title: {ja: 番人規程, en: Rules for guards}
  hint: {ja: 番人の心得を書きます。, en: Write what guards do.}
- id: documents.gate_tests
  per: subject
  title: {ja: 門の試験記録, en: Test of a gate}
  hint: {ja: 門ごとに試します。, en: Try each gate.}
"""
THIRD = """\
- id: documents.bell_rules
  per: facility
  title: {ja: 鐘の規程, en: Rules for the bell}
  hint: {ja: 鐘の鳴らし方を書きます。, en: Write how it is rung.}
"""
WHAT = {"ja": "証", "en": "Proof"}
PROOFS = (
    {"kind": "document", "id": "documents.guard_rules", "what": WHAT},
    {"kind": "document", "id": "documents.gate_tests", "what": WHAT},
    {"kind": "document", "id": "documents.bell_rules", "what": WHAT, "planned": True},
    {"kind": "control", "id": "network.tls", "what": WHAT},
)
ASKED_FOR = Mapping({"SO-1-1": MappedLeaf.model_validate({"proofs": PROOFS})})


def papers(text: str) -> dict[str, Paper]:
    """Read a catalogue for proofs that ask for two papers, and one day for a third."""
    document, faults = read_document("documents.yaml", text)
    assert document is not None, faults
    return build_papers(document, ASKED_FOR)


def faults_of(text: str) -> list[str]:
    """Return what is wrong with a catalogue."""
    with pytest.raises(EditionInvalid) as caught:
        papers(text)
    return [str(fault) for fault in caught.value.faults]


def test_a_good_catalogue_is_read_in_its_order() -> None:
    """A planned proof needs no paper yet; one that has its paper already is no fault."""
    found = papers(PAPERS)
    assert list(found) == ["documents.guard_rules", "documents.gate_tests"]
    assert (found["documents.guard_rules"].per, found["documents.gate_tests"].per) == ("facility", "subject")
    assert found["documents.gate_tests"].title.text("ja") == "門の試験記録"
    assert list(papers(PAPERS + THIRD))[-1] == "documents.bell_rules"


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        (
            "documents.gate_tests",
            "documents.guard_rules",
            ":1",
            "documents.guard_rules stands in the catalogue 2 times",
        ),
        (
            "documents.gate_tests",
            "documents.guard_rules",
            ":5",
            "documents.guard_rules stands in the catalogue 2 times",
        ),
        ("documents.gate_tests", "papers.gate_tests", ":5", "id"),
        ("documents.gate_tests", "documents.Gate-Tests", ":5", "id"),
        ("documents.gate_tests", "documents.drum_rules", ":5", "no proof names documents.drum_rules"),
        ("documents.gate_tests", "documents.drum_rules", "", "SO-1-1 asks for documents.gate_tests"),
        ("documents.gate_tests", "network.tls", ":5", "no proof names network.tls"),
        (
            "- id: documents.gate_tests\n  per: subject",
            "- per: subject\n  id: documents.drum_rules",
            ":6",
            "no proof names documents.drum_rules",
        ),
        ("per: subject", "per: subject\n  colour: blue", ":7", "colour"),
        ("per: subject", "per: planet", ":6", "per"),
        ("  per: subject\n", "", ":5", "per"),
        (", en: Test of a gate", "", ":7", "title.en"),
        ("ja: 門ごとに試します。", "ja: ' '", ":8", "hint.ja"),
        ("title: {ja: 門の試験記録, en: Test of a gate}", "title: 門の試験記録", ":7", "title"),
    ],
)
def test_each_fault_is_reported_with_its_row(old: str, new: str, place: str, reason: str) -> None:
    """One thing changed in a good catalogue."""
    faults = faults_of(PAPERS.replace(old, new))
    assert any(fault.startswith(f"documents.yaml{place}: ") and reason in fault for fault in faults), faults


def test_all_faults_are_reported_at_once() -> None:
    """A row that is faulty in itself is still known by its id: its proof is not said to lack its paper."""
    text = PAPERS.replace("per: facility", "per: planet").replace(", en: Try each gate.", "")
    text += THIRD.replace("bell_rules", "drum_rules")
    assert [fault.split(": ")[0] for fault in faults_of(text)] == [
        "documents.yaml:2",
        "documents.yaml:8",
        "documents.yaml:9",
    ]


@pytest.mark.parametrize(
    "text", ["id: documents.guard_rules", "papers", "- documents.guard_rules", "- [x]", "- {id: [x]}"]
)
def test_a_catalogue_of_another_shape_is_refused(text: str) -> None:
    """Never a traceback."""
    assert any(fault.startswith("documents.yaml:1: ") for fault in faults_of(text))


@pytest.mark.parametrize("text", ["id: documents.guard_rules", "papers", "{}", "7"])
def test_a_catalogue_that_is_no_list_is_told_as_that(text: str) -> None:
    """And as nothing else: no proof is said to lack its paper."""
    assert faults_of(text) == ["documents.yaml:1: the catalogue of papers is a list"]


def test_an_empty_catalogue_lacks_every_paper_that_is_not_planned() -> None:
    """Each is named with the requirement that asks for it."""
    assert faults_of("[]") == [
        "documents.yaml: SO-1-1 asks for documents.guard_rules, which is not in the catalogue",
        "documents.yaml: SO-1-1 asks for documents.gate_tests, which is not in the catalogue",
    ]


def test_a_paper_that_stands_there_three_times_is_told_at_each_place() -> None:
    """Sorted by row, those that nobody asks for among them."""
    first = PAPERS[: PAPERS.index("- id: documents.gate_tests")]
    drum = THIRD.replace("bell_rules", "drum_rules")
    assert faults_of(PAPERS + first + drum + first) == [
        "documents.yaml:1: documents.guard_rules stands in the catalogue 3 times",
        "documents.yaml:9: documents.guard_rules stands in the catalogue 3 times",
        "documents.yaml:13: no proof names documents.drum_rules",
        "documents.yaml:17: documents.guard_rules stands in the catalogue 3 times",
    ]


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        *(("documents.guard_rules", True), ("documents.g", True), ("documents.g2", True)),
        *(("documents.", False), ("documents.2g", False), ("documents._g", False), ("documents.G", False)),
        *(("xdocuments.g", False), ("documents.g.h", False), ("documents.g-h", False), ("documents", False)),
        *(("documentsxg", False), ("documents.g ", False), ("", False)),
    ],
)
def test_what_a_paper_may_be_called(name: str, fits: bool) -> None:
    """Under the same name the mapping asks for it and the approval answers."""
    text = f"- {{id: '{name}', per: subject, title: {{ja: 題, en: Title}}, hint: {{ja: 説明。, en: Text.}}}}\n"
    assert any("documents.yaml:1: id: " in fault for fault in faults_of(text)) is not fits


@pytest.fixture
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    editions.forget()
    yield
    editions.forget()


@pytest.mark.usefixtures("_fresh")
def test_a_missing_file_and_an_unknown_edition_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named, not empty."""
    with pytest.raises(NotFound):
        editions.papers("mhlw-0.0")
    editions.mapping(editions.CURRENT)
    monkeypatch.setattr(editions, "EDITIONS", tmp_path)
    with pytest.raises(EditionInvalid, match=r"documents\.yaml"):
        editions.papers(editions.CURRENT)


def test_every_document_proof_has_its_paper_and_can_be_handed_in() -> None:
    """Nothing is planned any more, and no paper is asked for by nobody."""
    proofs = [proof for _leaf, proof in editions.mapping().proofs if proof.kind is ProofKind.DOCUMENT]
    assert {proof.id for proof in proofs} == editions.papers().keys()
    assert not [proof.id for proof in proofs if proof.planned]


def test_the_papers_are_named_in_both_languages_each_by_a_name_of_its_own() -> None:
    """Two papers of one name would be handed in for each other."""
    found = list(editions.papers().values())
    for language in ("ja", "en"):
        titles = [paper.title.text(language) for paper in found]
        hints = [paper.hint.text(language) for paper in found]
        assert len({title.casefold() for title in titles}) == len(set(hints)) == len(found)
        assert all(len(title) < len(hint) for title, hint in zip(titles, hints, strict=True))


def test_the_hints_are_whole_sentences_of_the_kind_that_helps() -> None:
    """です・ます, one or two sentences, no Japanese in the English text."""
    for paper in editions.papers().values():
        sentences = [part for part in paper.hint.ja.split("。") if part]
        assert paper.hint.ja.endswith("。"), paper.id
        assert 1 <= len(sentences) <= 2, paper.id
        assert all(re.search(r"(ます|です|ません)$", part) for part in sentences), paper.id
        assert not re.search(r"[ぁ-んァ-ヶ一-龠]", paper.hint.en + paper.title.en), paper.id
