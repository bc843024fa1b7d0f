"""Editions and mappings are read strictly: everything wrong at once, with file and row."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from pydantic import ValidationError

from sekisho.governance.queries.editions import load_edition
from sekisho.governance.rules.catalogue import (
    Applicability,
    Bilingual,
    Edition,
    EditionInvalid,
    Parameter,
    Requirement,
    chapter_of,
)
from sekisho.governance.rules.documents import Fault, read_document
from sekisho.governance.rules.mapping import ProofKind, build_mapping, dangling
from sekisho.governance.rules.verdicts import Bound

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


def test_two_attestations_of_a_leaf_are_one_too_many_whatever_stands_between(edition: Edition) -> None:
    first = "      - {kind: attestation, id: governance.attestation, what: {ja: 確認, en: Attestation}}\n"
    between = "      - {kind: control, id: network.tls, what: {ja: TLS, en: TLS}, planned: true}\n"
    second = first.replace("governance.attestation", "governance.other")
    assert any(
        "SO-1-1 is attested twice" in fault
        for fault in mapping_faults(MAPPING.replace(first, first + between + second), edition)
    )


def test_what_single_rows_cannot_show_stands_at_the_row_of_the_id(tmp_path: Path) -> None:
    """Wherever the id stands in its row; every fault, sorted by file and row, and no other."""
    twice = LEAF.format(id="SO-1-1").replace("- id: SO-1-1\n  printed: ①", "- printed: ①\n  id: SO-1-1")
    stranger = LEAF.format(id="SO-3-1").replace("  printed: ①", "  printed: ①\n  parent: SO-1-1")
    wrong = LEAF.format(id="SO-1-2").replace("conditions: []", "conditions: []\n  colour: blue")
    write(tmp_path, chapter_01=LEAF.format(id="SO-1-1") + twice + stranger + wrong, chapter_02=PARENT)
    found = faults_of(tmp_path)
    assert found.pop(-2).startswith("chapter-01.yaml:48: colour: ")
    assert found == [
        "chapter-01.yaml:1: SO-1-1 stands in the edition 2 times",
        "chapter-01.yaml:14: SO-1-1 stands in the edition 2 times",
        "chapter-01.yaml:25: SO-3-1 names the parent SO-1-1, which is none",
        "chapter-01.yaml:25: SO-3-1 belongs to chapter 3, which edition.yaml does not name",
        "chapter-01.yaml:25: SO-3-1 stands in the file of another chapter",
        "chapter-02.yaml:1: SO-2-1 has no children and nothing to be judged by",
    ]


def test_rows_of_other_chapters_are_each_reported_where_their_id_stands(tmp_path: Path) -> None:
    """The first does not hide the second; and a parameter that comes again is shown where its name stands."""
    strangers = [LEAF.format(id=name).replace(f"- id: {name}\n  printed: ①", f"- printed: ①\n  id: {name}")
                 for name in ("SO-2-8", "SO-2-9")]  # fmt: skip
    bounds = "parameters:\n    - equals: 1\n      name: a\n    - equals: 2\n      name: a\n  conditions: []"
    write(tmp_path, chapter_01="".join(strangers) + LEAF.format(id="SO-1-1").replace("conditions: []", bounds))
    assert faults_of(tmp_path) == [
        "chapter-01.yaml:2: SO-2-8 stands in the file of another chapter",
        "chapter-01.yaml:14: SO-2-9 stands in the file of another chapter",
        "chapter-01.yaml:38: SO-1-1 has the parameter a twice",
    ]


@pytest.mark.parametrize("text", ["a: b", "SO-1-1", "{}"])
def test_a_chapter_is_a_list(tmp_path: Path, text: str) -> None:
    """Anything else is told as that, and the other files are still read."""
    assert faults_of(write(tmp_path, chapter_01=text)) == ["chapter-01.yaml:1: a chapter is a list of requirements"]


def test_a_fault_of_the_head_does_not_make_faults_of_the_rows(tmp_path: Path) -> None:
    """Without the head nothing is known of chapters, so none is said to be missing from it."""
    (fault,) = faults_of(write(tmp_path, edition=HEAD.replace("draft", "dream")))
    assert fault.startswith("edition.yaml:5: status: ")


def test_the_refusal_shows_every_fault_on_a_line_of_its_own() -> None:
    """An operator reads it in a terminal; a script reads the exit code."""
    refusal = EditionInvalid([Fault("a.yaml", 1, "one"), Fault("b.yaml", 0, "two")])
    assert str(refusal).splitlines()[1:] == ["a.yaml:1: one", "b.yaml: two"]
    assert refusal.faults == (Fault("a.yaml", 1, "one"), Fault("b.yaml", 0, "two"))
    assert (refusal.code, refusal.status, refusal.exit_code) == ("governance.edition_invalid", 500, 65)


def test_a_text_has_two_languages() -> None:
    """Japanese where it is asked for, English for everybody else."""
    text = Bilingual(ja=" 題 ", en="Title\n")
    assert (text.text("ja"), text.text("en"), text.text("de")) == ("題", "Title", "Title")


def test_texts_that_are_empty_after_all_are_counted(edition: Edition) -> None:
    """The schema lets none through; the count that is shown does not rest on that."""
    empty = Bilingual.model_construct(ja="題", en=" \n")
    rows = tuple(row.model_copy(update={"title": empty}) if row.id == "SO-2-1" else row for row in edition.rows)
    damaged = Edition(edition.head, rows)
    assert [(found.missing("ja"), found.missing("en")) for found in (edition, damaged)] == [(0, 0), (0, 1)]


def test_bullets_and_parents_are_counted_apart(tmp_path: Path) -> None:
    """A bullet is judged and is no printed item."""
    bullet = LEAF.format(id="SO-1-2-a").replace("  printed: ①", "  printed: ・\n  kind: bullet\n  parent: SO-1-2")
    head = PARENT.replace("SO-2-1", "SO-1-2")
    text = LEAF.format(id="SO-1-1") + head + bullet + bullet.replace("SO-1-2-a", "SO-1-2-b")
    found = load_edition(write(tmp_path, chapter_01=text))
    assert found.stats() == {"edition": "test-1.0", "items": 4, "bullets": 2, "parents": 2, "leaves": 4}
    assert [row.id for row in found.parents] == ["SO-1-2", "SO-2-1"]
    assert [row.id for row in found.leaves] == ["SO-1-1", "SO-1-2-a", "SO-1-2-b", "SO-2-1-1"]
    assert [row.id for row in found.children("SO-1-2")] == ["SO-1-2-a", "SO-1-2-b"]
    assert list(found.by_id) == [row.id for row in found.rows]


@pytest.mark.parametrize(
    ("name", "chapter"),
    [
        ("SO-1-1", 1),
        ("SO-14-6-4", 14),
        ("SO-3-1-1a", 3),
        ("SO-2-3-a", 2),
        ("SO-18-10-12b", 18),
        ("SO-1", 0),
        ("SO-1-", 0),
        ("SO-1-1-", 0),
        ("SO-1-a", 0),
        ("SO-1-1a", 0),
        ("SO-1-1-ab", 0),
        ("SO-1-1-1ab", 0),
        ("SO-1-1-1-1", 0),
        ("so-1-1", 0),
        ("XSO-1-1", 0),
        ("SO-1-1 ", 0),
        ("", 0),
    ],
)
def test_an_id_says_its_chapter_and_nothing_else_is_an_id(tmp_path: Path, name: str, chapter: int) -> None:
    """A row under another name is refused."""
    assert chapter_of(name) == chapter
    row = LEAF.format(id="SO-1-1").replace("id: SO-1-1", f"id: '{name}'")
    if chapter != 1:
        assert any(fault.startswith("chapter-01.yaml:1: ") for fault in faults_of(write(tmp_path, chapter_01=row)))


LIMITS: list[tuple[dict[str, object], bool]] = [
    ({"at_least": 13}, True),
    ({"at_most": 90}, True),
    ({"at_least": 0}, True),
    ({"at_least": 4, "at_most": 8}, True),
    ({"at_least": 4, "at_most": 4}, True),
    ({"one_of": ["TLS1.3"]}, True),
    ({"equals": False}, True),
    ({"equals": "ikev2"}, True),
    ({}, False),
    ({"unit": "days"}, False),
    ({"at_least": 5, "at_most": 4}, False),
    ({"at_least": 13, "one_of": ["TLS1.3"]}, False),
    ({"at_most": 13, "equals": 13}, False),
    ({"one_of": ["TLS1.3"], "equals": "TLS1.3"}, False),
    ({"at_least": 1, "at_most": 2, "one_of": ["a"], "equals": "a"}, False),
]


@pytest.mark.parametrize(("limits", "fits"), LIMITS)
def test_a_parameter_has_one_limit_or_a_range(limits: dict[str, object], fits: bool) -> None:
    """The bound that verdicts use is the same."""
    if not fits:
        with pytest.raises(ValidationError):
            Parameter.model_validate({"name": "x", **limits})
        return
    bound = Parameter.model_validate({"name": "x", **limits}).bound
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in limits.items()}
    assert bound == Bound("x", **values)  # type: ignore[arg-type]


def test_a_condition_of_applying_names_facts_and_values() -> None:
    """One fact may have several values; true is not 1; a rule about nothing would take every item away."""
    rule = {"facts": [{"fact": "line", "in": ["lan", "open_other", 1]}], "otherwise": {"ja": "否", "en": "No"}}
    found = Applicability.model_validate(rule)
    applies = {value: found.applies({"line": value}) for value in ("lan", "open_other", "vpn", "", None, 2)}
    assert applies == {"lan": True, "open_other": True, "vpn": False, "": False, None: True, 2: False}
    assert (found.applies({"line": 1}), found.applies({"line": True})) == (True, False)
    assert not found.facts[0].holds_for({})
    for facts in ([], [{"fact": "line", "in": []}], [{"fact": " ", "in": ["lan"]}]):
        with pytest.raises(ValidationError):
            Applicability.model_validate({**rule, "facts": facts})


HEAD_WRONG = [
    ("id: test-1.0", "id: Test", "edition.yaml:1: id: "),
    ("id: test-1.0", "id: t", "edition.yaml:1: id: "),
    ("id: test-1.0", "id: -test", "edition.yaml:1: id: "),
    ("id: test-1.0", "id: ../test", "edition.yaml:1: id: "),
    ("volume: SO", "volume: ' '", "edition.yaml:2: volume: "),
    ("dated: 2026-05-29", "dated: lately", "edition.yaml:6: dated: "),
    ("number: 1,", "number: 0,", "edition.yaml:8: chapters.0.number: "),
    ("group: common", "group: others", "edition.yaml:8: chapters.0.group: "),
    ("publisher: {ja: 試験省, en: Test ministry}", "publisher: {ja: 試験省}", "edition.yaml:4: publisher.en: "),
]


@pytest.mark.parametrize(("old", "new", "fault"), HEAD_WRONG)
def test_the_head_of_an_edition_is_read_as_strictly_as_its_rows(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """With file, row and path."""
    assert [found.startswith(fault) for found in faults_of(write(tmp_path, edition=HEAD.replace(old, new)))][:1] == [
        True
    ]


def test_a_parent_is_read_as_strictly_as_a_leaf(tmp_path: Path) -> None:
    """It has an id of the same form, and texts in both languages."""
    for old, new, fault in (
        ("SO-2-1", "2-1", "chapter-02.yaml:1: id: "),
        ("en: Night watch", "fr: Veille", "chapter-02.yaml:3: title.en: "),
        ("printed: ①", "printed: ' '", "chapter-02.yaml:2: printed: "),
    ):
        text = PARENT.replace(old, new) + CHILD.format(id="SO-2-1-1")
        assert any(found.startswith(fault) for found in faults_of(write(tmp_path, chapter_02=text)))


def test_an_edition_without_chapters_is_none(tmp_path: Path) -> None:
    """An empty list would make every requirement vanish."""
    head = HEAD[: HEAD.index("chapters:")] + "chapters: []\n"
    assert any(fault.startswith("edition.yaml:7: chapters: ") for fault in faults_of(write(tmp_path, edition=head)))


def test_the_lists_of_a_leaf_are_as_long_in_both_languages_and_never_empty(tmp_path: Path) -> None:
    """A proof that only one language names would be asked of only some readers."""
    for old, new in (
        ("ja: [番人の名簿, 当番表], en: [List of guards, Duty table]", "ja: [], en: []"),
        ("ja: [番人の名簿, 当番表]", "ja: [番人の名簿]"),
        ("ja: [番人の名簿, 当番表]", "ja: [番人の名簿, ' ']"),
    ):
        chapter = LEAF.format(id="SO-1-1").replace(old, new)
        faults = faults_of(write(tmp_path, chapter_01=chapter))
        assert all(fault.startswith("chapter-01.yaml:8: evidence") for fault in faults), faults


def test_what_a_leaf_does_not_say_is_empty(tmp_path: Path) -> None:
    """It is an item at the top, without bounds, and applies to everybody."""
    written = LEAF.format(id="SO-1-1") + LEAF.format(id="SO-1-2").replace("printed: ①", "printed: ①\n  kind: item")
    one = (
        LEAF.format(id="SO-2-1-1")
        .replace("[番人の名簿, 当番表]", "[名簿]")
        .replace("[List of guards, Duty table]", "[List]")
    )
    edition = load_edition(write(tmp_path, chapter_01=written, chapter_02=one))
    assert (edition.leaves[2].evidence.ja, edition.leaves[2].evidence.en) == (("名簿",), ("List",))
    for leaf in edition.leaves[:2]:
        assert (leaf.kind, leaf.parent, leaf.applies_when, leaf.parameters) == ("item", None, None, ())
        assert leaf.evidence.ja == ("番人の名簿", "当番表")
        assert leaf.evidence.en == ("List of guards", "Duty table")
    assert Parameter(name="x", at_least=1).unit is None


def test_a_row_that_was_read_is_not_changed(edition: Edition) -> None:
    """It is shared by everything that reads the edition."""
    for row in (edition.rows[0], edition.rows[2], edition.head, edition.rows[0].title):
        with pytest.raises(ValidationError, match="frozen"):
            row.__setattr__(next(iter(type(row).model_fields)), "x")
    with pytest.raises(FrozenInstanceError):
        edition.rows = ()  # type: ignore[misc]
