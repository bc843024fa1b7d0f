"""The loader converts nothing, crashes on nothing and overlooks nothing: each fault with its file and row."""

import copy
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from sekisho.governance.queries import editions
from sekisho.governance.queries.editions import load_edition
from sekisho.governance.rules.catalogue import Edition, EditionInvalid, build_edition, printed_place
from sekisho.governance.rules.documents import Document, read_document
from sekisho.governance.rules.mapping import Mapping, build_mapping
from sekisho.governance.rules.papers import Paper, build_papers
from tests.governance.test_catalogue import CHILD, HEAD, LEAF, PARENT, faults_of, mapping_faults, write

FIRST = LEAF.format(id="SO-1-1").replace(
    "  conditions: []\n",
    """\
  applies_when:
    facts:
      - {fact: line, in: [lan, true, 3]}
    otherwise: {ja: 院内だけ, en: Inside only}
  parameters:
    - {name: length, unit: characters, at_least: 13}
    - {name: version, at_least: 1.2, at_most: 3}
    - {name: kinds, one_of: [client]}
    - {name: shared, equals: false}
    - {name: profile, equals: high}
    - {name: copies, equals: 3}
  conditions:
    - {ja: 名簿がある。, en: There is a list., level: recommended}
""",
)  # 24 rows
SECOND = LEAF.format(id="SO-1-2").replace("checklist_r7: []", "checklist_r7: [1-(1)]").replace("v52: []", "v52: [6.5]")
SECOND = SECOND.replace("6.5", "'6.5'")
CHAPTER_1 = FIRST + SECOND
CHAPTER_2 = PARENT + CHILD.format(id="SO-2-1-1") + CHILD.format(id="SO-2-1-2")
MAPPING = """\
edition: test-1.0
review_rules:
  - {leaves: [SO-1-2], needs: [ledger], because: {ja: 不可, en: not by us}}
leaves:
  SO-1-1:
    proofs:
      - {kind: control, id: people.length, what: {ja: 長さ, en: Length}, valid_days: 30, bounds: [length]}
      - {kind: attestation, id: governance.attestation, what: {ja: 確認, en: Attestation}}
  SO-1-2:
    proofs:
      - {kind: document, id: documents.rules, what: {ja: 規程, en: Rules}, planned: true, covers: platform}
      - {kind: ledger, id: estate.systems, what: {ja: 台帳, en: Ledger}, planned: false}
    note: {ja: 註, en: A note}
  SO-2-1-1:
    exempt: {ja: 試験のため, en: For the test}
  SO-2-1-2:
    proofs:
      - {kind: attestation, id: governance.attestation, what: {ja: 確認, en: Attestation}}
"""
PAPERS = """\
- id: documents.rules
  per: facility
  title: {ja: 規程, en: Rules}
  hint: {ja: 規程を書きます。, en: Write the rules down.}
"""
FILES = {
    "edition.yaml": HEAD,
    "chapter-01.yaml": CHAPTER_1,
    "chapter-02.yaml": CHAPTER_2,
    "mapping.yaml": MAPPING,
    "documents.yaml": PAPERS,
}
Read = tuple[Edition, Mapping, dict[str, Paper]]


def document(file: str, text: str) -> Document:
    """Read one text. Raises EditionInvalid."""
    found, faults = read_document(file, text)
    if found is None:
        raise EditionInvalid(faults)
    return found


def read(files: dict[str, str]) -> Read:
    """Read a whole edition with its mapping and papers. Raises EditionInvalid."""
    documents = {file: document(file, text) for file, text in files.items()}
    chapters = [found for file, found in documents.items() if file.startswith("chapter")]
    edition = build_edition(documents["edition.yaml"], chapters)
    mapping = build_mapping(documents["mapping.yaml"], edition)
    return edition, mapping, build_papers(documents["documents.yaml"], mapping)


def faults_with(file: str, old: str, new: str) -> list[str]:
    """Return what is wrong once ``old`` is replaced in one file where it first stands."""
    assert old in FILES[file]
    with pytest.raises(EditionInvalid) as caught:
        read({**FILES, file: FILES[file].replace(old, new, 1)})
    return [str(fault) for fault in caught.value.faults]


CONVERTED = [
    ("mapping.yaml", 12, "planned: false", "planned: 'no'", "leaves.SO-1-2.proofs.1.planned"),
    ("mapping.yaml", 11, "planned: true", "planned: 1", "leaves.SO-1-2.proofs.0.planned"),
    ("mapping.yaml", 11, "planned: true", "planned: null", "leaves.SO-1-2.proofs.0.planned"),
    ("mapping.yaml", 7, "valid_days: 30", "valid_days: '30'", "leaves.SO-1-1.proofs.0.valid_days"),
    ("mapping.yaml", 7, "valid_days: 30", "valid_days: true", "leaves.SO-1-1.proofs.0.valid_days"),
    ("mapping.yaml", 7, "valid_days: 30", "valid_days: 30.0", "leaves.SO-1-1.proofs.0.valid_days"),
    ("mapping.yaml", 7, "bounds: [length]", "bounds: length", "leaves.SO-1-1.proofs.0.bounds"),
    ("mapping.yaml", 7, "bounds: [length]", "bounds: {length: 1}", "leaves.SO-1-1.proofs.0.bounds"),
    ("mapping.yaml", 7, "kind: control", "kind: [control]", "leaves.SO-1-1.proofs.0.kind"),
    ("mapping.yaml", 3, "needs: [ledger]", "needs: [true]", "review_rules.0.needs.0"),
    ("chapter-01.yaml", 15, "at_least: 13", "at_least: '13'", "parameters.0.at_least.int"),
    ("chapter-01.yaml", 15, "at_least: 13", "at_least: true", "parameters.0.at_least.int"),
    ("chapter-01.yaml", 15, "at_least: 13", "at_least: .nan", "parameters.0.at_least.float"),
    ("chapter-01.yaml", 15, "at_least: 13", "at_least: .inf", "parameters.0.at_least.float"),
    ("chapter-01.yaml", 15, "at_least: 13", "at_least: -.inf", "parameters.0.at_least.float"),
    ("chapter-01.yaml", 15, "at_least: 13", "at_most: .inf", "parameters.0.at_most.float"),
    ("chapter-01.yaml", 15, "at_least: 13", "at_most: 2026-05-29", "parameters.0.at_most.float"),
    ("chapter-01.yaml", 17, "one_of: [client]", "one_of: []", "parameters.2.one_of"),
    ("chapter-01.yaml", 17, "one_of: [client]", "one_of: [1]", "parameters.2.one_of.0"),
    ("chapter-01.yaml", 17, "one_of: [client]", "one_of: client", "parameters.2.one_of"),
    ("chapter-01.yaml", 18, "equals: false", "equals: 0.0", "parameters.3.equals.bool"),
    ("chapter-01.yaml", 12, "in: [lan, true, 3]", "in: [lan, true, 3.0]", "applies_when.facts.0.in.2.int"),
    ("chapter-01.yaml", 12, "in: [lan, true, 3]", "in: []", "applies_when.facts.0.in"),
    ("chapter-01.yaml", 2, "printed: ①", "printed: 1", "printed"),
    ("chapter-01.yaml", 7, "level: required", "level: true", "level"),
    ("chapter-01.yaml", 24, "v52: []", "v52: [6.5]", "v52.0"),
    ("chapter-01.yaml", 24, "v52: []", "v52: ''", "v52"),
    ("edition.yaml", 6, "dated: 2026-05-29", "dated: '2026-05-29'", "dated"),
    ("edition.yaml", 6, "dated: 2026-05-29", "dated: 2026-05-29T00:00:00", "dated"),
    ("edition.yaml", 6, "dated: 2026-05-29", "dated: 1", "dated"),
    ("edition.yaml", 8, "number: 1", "number: '1'", "chapters.0.number"),
    ("edition.yaml", 8, "number: 1", "number: 1.0", "chapters.0.number"),
    ("edition.yaml", 8, "number: 1", "number: true", "chapters.0.number"),
    ("documents.yaml", 3, "ja: 規程", "ja: 5", "title.ja"),
    ("documents.yaml", 2, "per: facility", "per: [facility]", "per"),
]


@pytest.mark.parametrize(("file", "row", "old", "new", "field"), CONVERTED)
def test_nothing_is_converted(file: str, row: int, old: str, new: str, field: str) -> None:
    """What is not of the type that the field names is refused, and a limit is finite."""
    found = faults_with(file, old, new)
    assert any(fault.startswith(f"{file}:{row}: {field}: ") for fault in found), found
    assert {fault.split(": ")[0] for fault in found} == {f"{file}:{row}"}


LATER = LEAF.format(id="SO-1-9")
ABOVE = PARENT.replace("SO-2-1", "SO-1-8")
BELOW = LEAF.format(id="SO-1-8-a").replace("  printed: ①", "  printed: ①\n  parent: SO-1-8")
CYCLE = (ABOVE + ABOVE.replace("1-8", "1-9")).replace("id: SO-1-8", "id: SO-1-8\n  parent: SO-1-9")
CYCLE = CYCLE.replace("id: SO-1-9", "id: SO-1-9\n  parent: SO-1-8")
RING = "".join(
    PARENT.replace("SO-2-1", f"SO-1-{number}\n  parent: SO-1-{above}") for number, above in ((1, 2), (2, 3), (3, 1))
)
LENGTH_TWICE = FIRST.replace("name: version", "name: length").replace("name: kinds", "name: shared")
TOGETHER = [
    ("SO-1-1 twice a length, twice shared", LENGTH_TWICE, [(16, "SO-1-1 has the parameter length twice"),
                                                           (18, "SO-1-1 has the parameter shared twice")]),
    ("swapped", LEAF.format(id="SO-1-2") + LEAF.format(id="SO-1-1"),
     [(13, "SO-1-1 is printed before SO-1-2 and stands after it")]),
    ("10 after 9, not after 1", LEAF.format(id="SO-1-10") + LATER,
     [(13, "SO-1-9 is printed before SO-1-10 and stands after it")]),
    ("parent below", BELOW + ABOVE, [(14, "SO-1-8 is printed before SO-1-8-a and stands after it")]),
    ("letters", ABOVE + BELOW.replace("8-a", "8-b") + BELOW,
     [(18, "SO-1-8-a is printed before SO-1-8-b and stands after it")]),
    ("sub-numbers", ABOVE + BELOW.replace("8-a", "8-10") + BELOW.replace("8-a", "8-2b") + BELOW.replace("8-a", "8-2a"),
     [(18, "SO-1-8-2b is printed before SO-1-8-10 and stands after it"),
      (31, "SO-1-8-2a is printed before SO-1-8-2b and stands after it")]),
    ("two", CYCLE, [(1, "SO-1-8 stands below itself"), (6, "SO-1-9 stands below itself")]),
    ("three", RING, [(row, f"SO-1-{number} stands below itself") for row, number in ((1, 1), (6, 2), (11, 3))]),
    ("itself", ABOVE.replace("id: SO-1-8", "id: SO-1-8\n  parent: SO-1-8"), [(1, "SO-1-8 stands below itself")]),
    ("below a ring", CYCLE + BELOW.replace("SO-1-8", "SO-1-9"),
     [(1, "SO-1-8 stands below itself"), (6, "SO-1-9 stands below itself")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [row[1:] for row in TOGETHER], ids=[row[0] for row in TOGETHER])
def test_what_rows_say_together_is_told_at_the_row(tmp_path: Path, text: str, wanted: list[tuple[int, str]]) -> None:
    """Repeated parameters, the printed order, parents in a ring; these faults and no other."""
    found = faults_of(write(tmp_path, chapter_01=text))
    assert found == [f"chapter-01.yaml:{row}: {reason}" for row, reason in wanted]


def test_the_order_of_the_files_is_that_of_the_chapters() -> None:
    """Whoever builds an edition from documents must hand them over in printed order."""
    one, two = (document(file, FILES[file]) for file in ("chapter-01.yaml", "chapter-02.yaml"))
    with pytest.raises(EditionInvalid) as caught:
        build_edition(document("edition.yaml", HEAD), [two, one])
    (fault,) = caught.value.faults
    assert str(fault) == "chapter-01.yaml:1: SO-1-1 is printed before SO-2-1-2 and stands after it"


@pytest.mark.parametrize("name", ["SO-01-1", "SO-1-01", "SO-1-1-01", "SO-１-1", "SO-1-" + "9" * 5000, "SO-1-0"])
def test_an_id_is_written_in_one_way(tmp_path: Path, name: str) -> None:
    """Another way to write a number would be another id for the same item."""
    found = faults_of(write(tmp_path, chapter_01=LEAF.format(id=name)))
    assert [fault[:22] for fault in found] == ["chapter-01.yaml:1: id:"]
    assert printed_place(name) == (0, 0, 0, "")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("SO-1-2", (1, 2, 0, "")),
        ("SO-14-6-4", (14, 6, 4, "")),
        ("SO-2-3-a", (2, 3, 0, "a")),
        ("SO-18-10-12b", (18, 10, 12, "b")),
    ],
)
def test_an_id_says_where_it_is_printed(name: str, place: tuple[int, int, int, str]) -> None:
    """Chapter, number, sub-number, letter."""
    assert printed_place(name) == place


ATTESTED = "      - {kind: attestation, id: governance.attestation, what: {ja: 確認, en: Attestation}}\n"
LEDGER = "      - {kind: ledger, id: estate.systems, what: {ja: 台帳, en: Ledger}, planned: false}\n"
MAPPED = [
    (LEDGER, LEDGER + LEDGER, ["mapping.yaml:13: SO-1-2 names the ledger estate.systems twice"]),
    (
        LEDGER,
        LEDGER + LEDGER.replace("planned: false", "covers: platform") + LEDGER,
        [f"mapping.yaml:{row}: SO-1-2 names the ledger estate.systems twice" for row in (13, 14)],
    ),
    (LEDGER, LEDGER + LEDGER.replace("kind: ledger", "kind: control"), []),
    (LEDGER, LEDGER + LEDGER.replace("estate.systems", "estate.layers"), []),
    (ATTESTED, ATTESTED + ATTESTED, ["mapping.yaml:9: SO-1-1 names the attestation governance.attestation twice"]),
    (
        ATTESTED,
        ATTESTED + ATTESTED.replace("governance.attestation", "governance.other"),
        ["mapping.yaml:9: SO-1-1 is attested twice"],
    ),
    (
        "leaves: [SO-1-2]",
        "leaves: [SO-1-2, 'SO-2-*']",
        [
            "mapping.yaml:15: SO-2-1-1 is exempt although a review rule asks for proof: not by us",
            "mapping.yaml:17: SO-2-1-2 over-claims: not by us",
        ],
    ),
    (
        "leaves: [SO-1-2]",
        "leaves: [SO-2-1-1]",
        ["mapping.yaml:15: SO-2-1-1 is exempt although a review rule asks for proof: not by us"],
    ),
]


@pytest.mark.parametrize(("old", "new", "wanted"), MAPPED)
def test_what_proofs_say_together_is_told_at_the_row(tmp_path: Path, old: str, new: str, wanted: list[str]) -> None:
    """A proof counts once, a leaf is attested once, and what a review rule asks for is not exempt."""
    edition = load_edition(write(tmp_path, chapter_01=CHAPTER_1, chapter_02=CHAPTER_2))
    text = MAPPING.replace(old, new, 1)
    if wanted:
        assert mapping_faults(text, edition) == wanted
    else:
        build_mapping(document("mapping.yaml", text), edition)


DEEP = "more than 32 levels inside each other"
NOT_READ = [
    ("[]: 1", ["1: a name must be a word, no list and no table"]),
    ("a: 1\n? {a: b}\n: 1", ["2: a name must be a word, no list and no table"]),
    ("a: &x 1\n*x : 2", ["1: an anchor is used; write the value out",
                         "2: a name must be a word, no list and no table"]),
    ("- 1\n- a: 2024-13-45", ["2: '2024-13-45' is no valid timestamp"]),
    ("a: 2024-01-01T25:00:00Z", ["1: '2024-01-01T25:00:00Z' is no valid timestamp"]),
    ("a: 2024-01-01T00:00:00+99:99", ["1: '2024-01-01T00:00:00+99:99' is no valid timestamp"]),
    ("a: 0x_", ["1: '0x_' is no valid int"]),
    ("a: " + "9" * 5000, [f"1: '{'9' * 40}' is no valid int"]),
    ("a: 017\nb: 1:30\nc: 1:30.5", ["1: '017' is no valid int", "2: '1:30' is no valid int",
                                    "3: '1:30.5' is no valid float"]),
    ("a: =\nb: <<", ["1: '=' is no valid value", "2: '<<' is no valid merge"]),
    ("a: !!int foo", ["1: the tag tag:yaml.org,2002:int is not allowed"]),
    ("a: !!timestamp x", ["1: the tag tag:yaml.org,2002:timestamp is not allowed"]),
    ("a: !!binary aGk=", ["1: the tag tag:yaml.org,2002:binary is not allowed"]),
    ("a: !!str 1", ["1: the tag tag:yaml.org,2002:str is not allowed"]),
    ("a: ! 1", ["1: the tag ! is not allowed"]),
    ("a:\n- !!set {x}\n- !!map {}", ["2: the tag tag:yaml.org,2002:set is not allowed",
                                     "3: the tag tag:yaml.org,2002:map is not allowed"]),
    ("!!str a: 1", ["1: the tag tag:yaml.org,2002:str is not allowed"]),
    ("!!seq\n- 1", ["1: the tag tag:yaml.org,2002:seq is not allowed"]),
    ("a: 1\nb: &x 1", ["2: an anchor is used; write the value out"]),
    ("a: &x [1]\nb: &y {c: 1}", ["1: an anchor is used; write the value out",
                                 "2: an anchor is used; write the value out"]),
    ("&x a: 1", ["1: an anchor is used; write the value out"]),
    ("a: &x [*x]", ["1: an anchor is used; write the value out"]),
    ("a: 1\nb: *x", ["2: an unknown anchor is used"]),
    ("a: 1\n---\nb: 2", ["2: there is another document"]),
    ("a: !!str 1\nb: *x", ["1: the tag tag:yaml.org,2002:str is not allowed", "2: an unknown anchor is used"]),
    ("[" * 200_000, ["1: " + DEEP]),
    ("{a: " * 100_000, ["1: " + DEEP]),
    ("- " * 5_000, ["1: " + DEEP]),
    ("\n".join(" " * level + "a:" for level in range(3_000)), ["33: " + DEEP]),
    ("? " * 5_000, ["1: a name must be a word, no list and no table"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), NOT_READ, ids=[repr(text[:20]) for text, _wanted in NOT_READ])
def test_a_text_that_does_not_mean_what_it_looks_like_is_refused(text: str, wanted: list[str]) -> None:
    """With the row, and never by a crash."""
    found, faults = read_document("x.yaml", text)
    assert found is None
    assert [str(fault) for fault in faults] == [f"x.yaml:{fault}" for fault in wanted]


@pytest.mark.parametrize("text", ["a: \ud800", "a: \x00", "\x1b"])
def test_a_text_of_other_letters_is_told_on_one_line(text: str) -> None:
    """The parser knows no row for it."""
    found, (fault,) = read_document("x.yaml", text)
    assert found is None
    assert str(fault).startswith("x.yaml: no valid YAML: ")
    assert "\n" not in str(fault)


def test_a_text_as_deep_as_allowed_is_read() -> None:
    """One level more is not."""
    found, _ = read_document("x.yaml", "[" * 32 + "1" + "]" * 32)
    value: Any = document("x.yaml", "[" * 32 + "1" + "]" * 32).value
    assert found is not None
    for _level in range(32):
        (value,) = value
    assert value == 1
    assert read_document("x.yaml", "[" * 33 + "1" + "]" * 33)[0] is None


def test_words_keep_their_meaning() -> None:
    """Quotes make a text of anything; a number may have a sign, a fraction, nought before the point."""
    text = "- '017'\n- \"1:30\"\n- '2024-13-45'\n- 0\n- -7\n- 0.5\n- 2026-05-29\n- ~\n-\n- 6-1\n- a:b\n- |\n  017\n"
    assert document("x.yaml", text).value == [
        *("017", "1:30", "2024-13-45", 0, -7, 0.5, date(2026, 5, 29), None, None, "6-1", "a:b", "017\n"),
    ]


@settings(deadline=None)
@given(st.text(alphabet="ab:-?[]{},&*!|>'\"#%@` \n\t0123.<=~", max_size=60))
def test_no_text_makes_the_reader_crash(text: str) -> None:
    """It is read, or there is a fault in one line."""
    found, faults = read_document("x.yaml", text)
    assert (found is None) is bool(faults)
    assert all("\n" not in str(fault) for fault in faults)


@settings(deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text("abñ: -0123.\n'\"", max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False, width=16) | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab1 -", max_size=4), inner, max_size=4),
    max_leaves=12,
))  # fmt: skip
def test_what_yaml_writes_is_read_back(value: Any) -> None:
    """The reader is our own, so it is held against the library's."""
    assert document("x.yaml", yaml.safe_dump(value, allow_unicode=True)).value == value


def test_the_edition_is_read_as_the_library_reads_it() -> None:
    """Every file of the edition that comes with this version, value for value."""
    for path in sorted((editions.EDITIONS / editions.CURRENT).glob("*.yaml")):
        text = path.read_text(encoding="utf8")
        assert document(path.name, text).value == yaml.safe_load(text), path.name


# Any scalar of a good edition replaced by one of another type

Place = tuple[str | int, ...]


def scalars(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every scalar of a value with its place."""
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from scalars(inner, (*place, name))
    else:
        yield place, value


def plain(value: Any) -> Any:
    """Return what was read in the types of YAML again."""
    match value:
        case BaseModel():
            return plain(value.model_dump(by_alias=True, exclude_unset=True))
        case dict():
            return {name: plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case StrEnum():
            return value.value
    return value


def told(found: Read) -> list[Any]:
    """Return all that an edition, its mapping and its papers say; the rules against over-claims are not kept."""
    edition, mapping, papers = found
    return [plain(edition.head), plain(edition.rows), plain(mapping.leaves), plain(list(papers.values()))]


def written(trees: dict[str, Any]) -> list[Any]:
    """Return the same of the files."""
    rows = trees["chapter-01.yaml"] + trees["chapter-02.yaml"]
    return [trees["edition.yaml"], rows, trees["mapping.yaml"]["leaves"], trees["documents.yaml"]]


TREES: dict[str, Any] = {file: yaml.safe_load(text) for file, text in FILES.items()}
PLACES = [(file, place, value) for file, tree in TREES.items() for place, value in scalars(tree)]
# Fields that name several types: a value of each of them is taken, as it is. Nothing means that it is left out.
SEVERAL: dict[str, tuple[type, ...]] = {
    "in": (str, bool, int),
    "equals": (str, bool, int),
    "at_least": (int, float, type(None)),
    "at_most": (int, float, type(None)),
    "unit": (str, type(None)),
    "parent": (str, type(None)),
}
WORDS = ("no", "true", "1", "13", "30", "0", "null", "2026-05-29", "1.2", ".inf", "control", "SO-1-1", "~", "")
NUMBERS = (0.0, 1.0, 3.0, 13.0, 30.0, 1.5, float("nan"), float("inf"))
LISTS: tuple[list[object], ...] = ([], ["x"], [1], [True], [None])
OTHERS = (
    st.text(max_size=4)
    | st.integers()
    | st.floats()
    | st.dates()
    | st.sampled_from([True, False, None])
    | st.sampled_from(WORDS)
    | st.sampled_from(NUMBERS)
    | st.sampled_from(LISTS)
)


def attempt(files: dict[str, str]) -> Read | EditionInvalid:
    """Read an edition, or return why it is refused."""
    try:
        return read(files)
    except EditionInvalid as refused:
        return refused


def check_another_type(file: str, place: Place, other: object) -> None:
    """Check that ``other`` is refused there, or is of a type that the field names and is read as it is."""
    trees = {**TREES, file: copy.deepcopy(TREES[file])}
    inner = trees[file]
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = other
    text = yaml.safe_dump(trees[file], allow_unicode=True, sort_keys=False)
    found = attempt({**FILES, file: text})
    if isinstance(found, EditionInvalid):
        assert {fault.file for fault in found.faults} <= FILES.keys()
        return
    field = next(part for part in reversed(place) if isinstance(part, str))
    assert type(other) in SEVERAL.get(field, ())
    assert repr(told(found)) == repr(written(trees))


def test_what_was_read_is_what_was_written() -> None:
    """Value for value and type for type."""
    assert repr(told(read(FILES))) == repr(written(TREES))
    assert {type(value) for _file, _place, value in PLACES} == {str, bool, int, float, date}


@pytest.mark.parametrize("other", ["no", True, 1, 1.0, None, ["x"], date(2026, 5, 29)], ids=repr)
def test_no_scalar_is_taken_for_one_of_another_type(other: object) -> None:
    """Every scalar of every file, replaced by one value of each type."""
    for file, place, value in PLACES:
        if type(value) is not type(other):
            check_another_type(file, place, other)


@settings(deadline=None)
@given(st.sampled_from(PLACES), OTHERS)
def test_a_value_of_another_type_is_refused_or_read_as_it_is(spot: tuple[str, Place, object], other: object) -> None:
    """Nothing is read as something else than was written."""
    file, place, value = spot
    assume(type(value) is not type(other))
    check_another_type(file, place, other)
