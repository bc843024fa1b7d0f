"""Editions and mappings are read strictly: everything wrong at once, with file and row."""

from pathlib import Path

import pytest

from sekisho.governance.queries.editions import load_edition
from sekisho.governance.rules.catalogue import Applicability, Edition, EditionInvalid, Requirement
from sekisho.governance.rules.documents import read_document
from sekisho.governance.rules.mapping import ProofKind, build_mapping, dangling

HEAD = """\
id: test-1.0
volume: SO
title: {ja: 試験の手引き, en: Test guideline}
publisher: {ja: 試験省, en: Test ministry}
status: draft
dated: 2026-05-29
chapters:
  - {number: 1, group: common, title: {ja: 心得, en: Basics}}
  - {number: 2, group: security, title: {ja: 改め, en: Checks}}
"""
LEAF = """\
- id: {id}
  printed: ①
  title: {{ja: 番人を置く, en: Post a guard}}
  explanation: {{ja: 門に番人を置きます。, en: A guard stands at the gate.}}
  judged_per: system
  role: system_operator
  level: required
  evidence: {{ja: [番人の名簿, 当番表], en: [List of guards, Duty table]}}
  clinic: {{ja: 誰が見るかを決めます。, en: Decide who looks.}}
  conditions: []
  checklist_r7: []
  v52: []
"""
PARENT = """\
- id: SO-2-1
  printed: ①
  title: {ja: 夜の番, en: Night watch}
  explanation: {ja: 夜の番について。, en: About the night.}
"""
CHILD = LEAF.replace("  printed: ①", "  printed: ①(1)\n  parent: SO-2-1")
MAPPING = """\
edition: test-1.0
review_rules: []
leaves:
  SO-1-1:
    proofs:
      - {kind: attestation, id: governance.attestation, what: {ja: 確認, en: Attestation}}
  SO-1-2:
    proofs:
      - {kind: control, id: network.tls, what: {ja: TLS, en: TLS}, planned: true}
      - {kind: ledger, id: estate.systems, what: {ja: 台帳, en: Ledger}}
  SO-2-1-1:
    exempt: {ja: 試験のため, en: For the test}
"""


def write(folder: Path, **files: str) -> Path:
    """Write an edition: the good one, with some files replaced."""
    good = {
        "edition": HEAD,
        "chapter-01": LEAF.format(id="SO-1-1") + LEAF.format(id="SO-1-2"),
        "chapter-02": PARENT + CHILD.format(id="SO-2-1-1"),
    }
    for name, text in {**good, **{key.replace("_", "-"): value for key, value in files.items()}}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf8")
    return folder


def faults_of(folder: Path) -> list[str]:
    """Return what is wrong with the edition in ``folder``."""
    with pytest.raises(EditionInvalid) as caught:
        load_edition(folder)
    return [str(fault) for fault in caught.value.faults]


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    """The good edition."""
    return load_edition(write(tmp_path))


def test_a_good_edition_is_read(edition: Edition) -> None:
    """Counts, order, children."""
    assert edition.stats() == {"edition": "test-1.0", "items": 4, "bullets": 0, "parents": 1, "leaves": 3}
    assert [row.id for row in edition.rows] == ["SO-1-1", "SO-1-2", "SO-2-1", "SO-2-1-1"]
    assert [row.id for row in edition.children("SO-2-1")] == ["SO-2-1-1"]
    leaf = edition.by_id["SO-1-1"]
    assert isinstance(leaf, Requirement)
    assert leaf.title.text("ja") == "番人を置く"


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("SO-1-2", "SO-1-1", 1, "stands in the edition 2 times"),
        ("SO-1-2", "SO-7-2", 13, "chapter 7"),
        ("SO-1-2", "SO-2-2", 13, "the file of another chapter"),
        ("id: SO-1-1", "id: 1-1", 1, "id"),
        ("judged_per: system", "judged_per: planet", 5, "judged_per"),
        ("level: required", "level: must", 7, "level"),
        ("role: system_operator", "role: console_king", 6, "role"),
        ("en: [List of guards, Duty table]", "en: [List of guards]", 8, "different numbers"),
        ("en: Post a guard", "fr: Poster un garde", 3, "title"),
        ("ja: 番人を置く", "ja: ''", 3, "title.ja"),
        ("conditions: []", "conditions: []\n  colour: blue", 11, "colour"),
        ("  clinic: {ja: 誰が見るかを決めます。, en: Decide who looks.}\n", "", 1, "clinic"),
        ("printed: ①", "printed: ①\n  parent: SO-9-9", 1, "names the parent SO-9-9"),
        ("conditions: []", "conditions: []\n  parameters: [{name: n}]", 11, "exactly one kind of limit"),
        ("conditions: []", "conditions: []\n  parameters: [{name: n, at_least: 9, at_most: 4}]", 11, "greater"),
        ("conditions: []", "conditions: []\n  conditions: []", 11, "stands here twice"),
        ("conditions: []", "conditions: &x []", 10, ""),
    ],
)
def test_each_fault_is_reported_with_file_and_row(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    """Changed in the first place where it stands."""
    chapter = (LEAF.format(id="SO-1-1") + LEAF.format(id="SO-1-2")).replace(old, new, 1)
    if "&x" in new:
        chapter = chapter.replace("checklist_r7: []", "checklist_r7: *x", 1)
        line, reason = 10, "anchor"
    faults = faults_of(write(tmp_path, chapter_01=chapter))
    assert any(fault.startswith(f"chapter-01.yaml:{line}:") and reason in fault for fault in faults), faults


def test_faults_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    """Not one a run."""
    write(
        tmp_path,
        edition=HEAD.replace("draft", "dream"),
        chapter_01=LEAF.format(id="SO-1-1").replace("required", "must"),
        chapter_02=PARENT,
    )
    faults = faults_of(tmp_path)
    assert {fault.split(":")[0] for fault in faults} == {"edition.yaml", "chapter-01.yaml", "chapter-02.yaml"}
    assert any("no children" in fault for fault in faults)


@pytest.mark.parametrize(
    "text", ["", "{", "- [", "a: b", "- !!python/object:os.system {}", "- id: !tag x", "\x00", "- 1\n- x"]
)
def test_rubbish_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    """Broken YAML, foreign tags, another shape."""
    assert any(fault.startswith("chapter-01.yaml") for fault in faults_of(write(tmp_path, chapter_01=text)))


def test_wrong_encoding_missing_and_huge_files_are_refused(tmp_path: Path) -> None:
    """Named, and nothing of the edition is used."""
    write(tmp_path)
    (tmp_path / "chapter-01.yaml").write_bytes(LEAF.format(id="SO-1-1").encode("cp932"))
    assert any("not UTF-8" in fault for fault in faults_of(tmp_path))
    with (tmp_path / "chapter-01.yaml").open("wb") as file:
        file.truncate(5 * 2**20)
    assert any("too large" in fault for fault in faults_of(tmp_path))
    (tmp_path / "edition.yaml").unlink()
    assert any("edition.yaml" in fault for fault in faults_of(tmp_path))


def test_an_item_applies_unless_a_known_fact_says_otherwise() -> None:
    """An unknown fact never takes an item away."""
    rule = Applicability.model_validate(
        {
            "facts": [{"fact": "line", "in": ["open_other"]}, {"fact": "maintenance", "in": [True]}],
            "otherwise": {"ja": "開いた回線だけ", "en": "Open lines only"},
        }
    )
    assert rule.applies({"line": "open_other", "maintenance": True})
    assert not rule.applies({"line": "lan", "maintenance": True})
    assert not rule.applies({"line": "open_other", "maintenance": False})
    assert not rule.applies({"line": "open_other", "maintenance": 1})
    assert rule.applies({"line": "open_other"})
    assert rule.applies({})


def mapping_faults(text: str, edition: Edition) -> list[str]:
    """Return what is wrong with a mapping."""
    document, faults = read_document("mapping.yaml", text)
    assert document is not None, faults
    with pytest.raises(EditionInvalid) as caught:
        build_mapping(document, edition)
    return [str(fault) for fault in caught.value.faults]


def test_a_good_mapping_is_read(edition: Edition) -> None:
    """What is built, partly built, planned and exempt."""
    document, _ = read_document("mapping.yaml", MAPPING)
    assert document is not None
    mapping = build_mapping(document, edition)
    assert mapping.by_mapping() == {"built": 1, "partly": 1, "exempt": 1}
    assert dangling(mapping, {ProofKind.LEDGER: {"estate.systems"}, ProofKind.CONTROL: set()}) == []
    assert dangling(mapping, {ProofKind.LEDGER: set()}) == ["SO-1-2: ledger estate.systems"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("  SO-1-1:", "  SO-1-9:", "SO-1-9 is unknown"),
        ("  SO-1-1:", "  SO-1-9:", "SO-1-1 is not mapped"),
        ("  SO-2-1-1:", "  SO-2-1:", "is a parent"),
        ("test-1.0", "test-2.0", "this maps test-2.0"),
        ("exempt: {ja: 試験のため, en: For the test}", "proofs: []", "needs proofs"),
        ("exempt: {ja: 試験のため, en: For the test}", "exempt: {ja: 試験のため}", "exempt"),
        ("kind: control", "kind: feeling", "kind"),
        ("id: network.tls", "id: TLS", "id"),
        ("planned: true", "planned: true, colour: blue", "colour"),
        (
            "review_rules: []",
            "review_rules:\n  - {leaves: [SO-1-2], needs: [document], because: {ja: 不可, en: not by us}}",
            "over-claims: not by us",
        ),
        (
            "review_rules: []",
            "review_rules:\n  - {leaves: ['SO-9-*'], needs: [document], because: {ja: 不可, en: not by us}}",
            "matches no leaf",
        ),
    ],
)
def test_each_fault_of_a_mapping_is_reported(edition: Edition, old: str, new: str, reason: str) -> None:
    """Dangling, unmapped, doubly minded, over-claimed."""
    faults = mapping_faults(MAPPING.replace(old, new, 1), edition)
    assert any(reason in fault for fault in faults), faults
    assert all(fault.startswith("mapping.yaml") for fault in faults)


def test_a_proof_about_ourselves_alone_does_not_satisfy_a_review_rule(edition: Edition) -> None:
    """Our own lockout proves the platform, not the facility's record system."""
    rule = "review_rules:\n  - {leaves: [SO-1-2], needs: [ledger], because: {ja: 不可, en: not by us}}"
    text = MAPPING.replace("review_rules: []", rule).replace(
        "what: {ja: 台帳, en: Ledger}", "what: {ja: 台帳, en: Ledger}, covers: platform"
    )
    assert any("over-claims" in fault for fault in mapping_faults(text, edition))
