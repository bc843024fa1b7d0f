"""The mapping to the letter: what its rows may say, and where each fault stands."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from sekisho.governance.queries.editions import load_edition
from sekisho.governance.rules.catalogue import Bilingual, Edition
from sekisho.governance.rules.documents import read_document
from sekisho.governance.rules.mapping import MappedLeaf, Mapping, Proof, ProofKind, build_mapping, dangling
from tests.governance.test_catalogue import CHILD, LEAF, PARENT, mapping_faults, write

HEAD = "edition: test-1.0\n"
NO_RULES = "review_rules: []\n"
LEAVES = """\
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
GOOD = HEAD + NO_RULES + LEAVES
RULE = "review_rules:\n  - {{leaves: [{leaves}], needs: [{needs}], because: {{ja: 不可, en: not by us}}}}\n"
WHAT = Bilingual(ja="証", en="Proof")


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    """Two leaves, the second with two bounds, and a parent with one child."""
    bounds = "  parameters: [{name: length, at_least: 13}, {name: days, at_most: 90}]\n"
    chapter_01 = LEAF.format(id="SO-1-1") + LEAF.format(id="SO-1-2") + bounds
    return load_edition(write(tmp_path, chapter_01=chapter_01, chapter_02=PARENT + CHILD.format(id="SO-2-1-1")))


def read(text: str, edition: Edition) -> Mapping:
    """Return a good mapping."""
    document, faults = read_document("mapping.yaml", text)
    assert document is not None, faults
    return build_mapping(document, edition)


def with_rule(leaves: str, needs: str) -> str:
    """Return the good mapping with one rule against over-claims."""
    return HEAD + RULE.format(leaves=leaves, needs=needs) + LEAVES


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (GOOD.replace("test-1.0", "test-2.0"), ["mapping.yaml:1: this maps test-2.0, not test-1.0"]),
        (
            GOOD.replace("SO-1-1:", "SO-1-9:"),
            ["mapping.yaml: SO-1-1 is not mapped", "mapping.yaml:5: SO-1-9 is unknown"],
        ),
        (
            GOOD.replace("SO-2-1-1:", "SO-2-1:"),
            ["mapping.yaml: SO-2-1-1 is not mapped", "mapping.yaml:12: SO-2-1 is a parent, computed from its children"],
        ),
        (
            HEAD + NO_RULES + "leaves: {}",
            [f"mapping.yaml: {name} is not mapped" for name in ("SO-1-1", "SO-1-2", "SO-2-1-1")],
        ),
        (
            GOOD.replace("planned: true", "planned: true, bounds: [length, width]"),
            ["mapping.yaml:9: SO-1-2 has no parameter width"],
        ),
        (
            GOOD.replace("en: Ledger}", "en: Ledger}, bounds: [days]"),
            ["mapping.yaml:10: SO-1-2: only a control runs with parameters"],
        ),
        (
            GOOD.replace("en: Attestation}", "en: Attestation}, bounds: [days]"),
            [
                "mapping.yaml:6: SO-1-1 has no parameter days",
                "mapping.yaml:6: SO-1-1: only a control runs with parameters",
            ],
        ),
        (
            with_rule("SO-1-1, SO-9-1", "ledger"),
            ["mapping.yaml:3: SO-9-1 matches no leaf", "mapping.yaml:6: SO-1-1 over-claims: not by us"],
        ),
        (with_rule("'SO-9-*'", "ledger"), ["mapping.yaml:3: SO-9-* matches no leaf"]),
        (
            with_rule("'*'", "document"),
            [
                "mapping.yaml:6: SO-1-1 over-claims: not by us",
                "mapping.yaml:9: SO-1-2 over-claims: not by us",
                "mapping.yaml:13: SO-2-1-1 is exempt although a review rule asks for proof: not by us",
            ],
        ),
        (with_rule("'SO-1-*'", "'ledger', document"), ["mapping.yaml:6: SO-1-1 over-claims: not by us"]),
    ],
)
def test_each_fault_of_a_mapping_stands_at_its_row(edition: Edition, text: str, wanted: list[str]) -> None:
    """Every fault, no other, sorted by row; what concerns the whole file comes first."""
    assert mapping_faults(text, edition) == wanted


def test_a_fault_stands_at_its_own_row_wherever_that_is(edition: Edition) -> None:
    """The order of the parts is free, and so is the order of the fields of a rule."""
    rule = "  - because: {ja: 不可, en: not by us}\n    needs: [ledger]\n    leaves: [SO-1-2]\n"
    rules = "review_rules:\n" + rule + rule.replace("SO-1-2", "SO-9-2")
    assert mapping_faults(LEAVES + rules + HEAD.replace("test-1.0", "test-2.0"), edition) == [
        "mapping.yaml:17: SO-9-2 matches no leaf",
        "mapping.yaml:18: this maps test-2.0, not test-1.0",
    ]


def test_a_row_of_another_form_is_told_with_its_path_and_its_row(edition: Edition) -> None:
    """All of them at once."""
    text = GOOD.replace("kind: control", "kind: feeling").replace("exempt: {ja: 試験のため, ", "exempt: {")
    first, second = mapping_faults(text, edition)
    assert first.startswith("mapping.yaml:9: leaves.SO-1-2.proofs.0.kind: ")
    assert second.startswith("mapping.yaml:12: leaves.SO-2-1-1.exempt.ja: ")
    assert len({first.split(": ")[-1], second.split(": ")[-1], "None"}) == 3


@pytest.mark.parametrize(
    ("leaves", "needs"),
    [
        ("SO-1-1", "attestation"),
        ("SO-1-1", "document, attestation"),
        ("SO-1-2", "control"),
        ("'SO-1-2*'", "ledger"),
        ("'SO-1-*'", "ledger, attestation"),
        ("SO-1-1, SO-1-1", "attestation"),
    ],
)
def test_a_rule_that_is_kept_says_nothing(edition: Edition, leaves: str, needs: str) -> None:
    """One of the needed kinds is enough."""
    assert read(with_rule(leaves, needs), edition).leaves.keys() == {"SO-1-1", "SO-1-2", "SO-2-1-1"}


@pytest.mark.parametrize("pattern", ["SO-1", "O-1-1", "SO-1-", "SO-1-.", "so-1-1", "*-9", "SO.1.1"])
def test_a_pattern_means_whole_ids_and_only_the_star_is_special(edition: Edition, pattern: str) -> None:
    """A rule that matches less than it seems to would let an over-claim pass."""
    assert mapping_faults(with_rule(f"'{pattern}'", "attestation"), edition) == [
        f"mapping.yaml:3: {pattern} matches no leaf"
    ]


def leaf(*planned: bool) -> MappedLeaf:
    """Return a leaf with one proof for each, planned or built."""
    return MappedLeaf(
        proofs=tuple(
            Proof(kind=ProofKind.CONTROL, id=f"people.number_{number}", what=WHAT, planned=later)
            for number, later in enumerate(planned)
        )
    )


def test_a_leaf_is_built_once_nothing_of_it_is_planned_any_more() -> None:
    """One built proof among planned ones is partly; none is planned."""
    mapping = Mapping(
        {
            "SO-1-1": leaf(False, False),
            "SO-1-2": leaf(False, True),
            "SO-1-3": leaf(True, False),
            "SO-1-4": leaf(True, True),
            "SO-1-5": leaf(True),
            "SO-1-6": MappedLeaf(exempt=WHAT),
        }
    )
    assert mapping.by_mapping() == {"built": 1, "partly": 2, "planned": 2, "exempt": 1}
    assert dangling(mapping, {ProofKind.CONTROL: {"people.number_0"}}) == [
        "SO-1-1: control people.number_1",
        "SO-1-3: control people.number_1",
    ]
    assert dangling(mapping, {ProofKind.LEDGER: set()}) == []


def test_a_proof_is_found_by_its_kind_and_its_name(edition: Edition) -> None:
    """In the order of the mapping; each of the leaves, and none by another kind."""
    both = GOOD.replace("{kind: attestation, id: governance.attestation,", "{kind: ledger, id: estate.systems,")
    mapping = read(both, edition)
    assert mapping.leaves_shown_by(ProofKind.LEDGER, "estate.systems") == ["SO-1-1", "SO-1-2"]
    assert mapping.leaves_shown_by(ProofKind.CONTROL, "estate.systems") == []
    assert mapping.leaves_shown_by(ProofKind.LEDGER, "estate.layers") == []
    assert [(name, proof.id) for name, proof in mapping.proofs] == [
        ("SO-1-1", "estate.systems"),
        ("SO-1-2", "network.tls"),
        ("SO-1-2", "estate.systems"),
    ]


def proof(**changed: object) -> Proof:
    """Return a proof with some fields changed."""
    return Proof.model_validate({"kind": "control", "id": "people.length", "what": WHAT, **changed})


def test_a_proof_is_built_of_all_subjects_and_fresh_for_a_year_unless_it_says_otherwise() -> None:
    """Nothing else is assumed."""
    plain = proof()
    assert (plain.planned, plain.covers, plain.valid_for, plain.bounds) == (False, "all", timedelta(days=365), ())
    assert (proof(covers="all").covers, proof(covers="platform").covers) == ("all", "platform")
    assert proof(valid_days=1).valid_for == timedelta(days=1)
    assert proof(valid_days=3660).valid_for == timedelta(days=3660)


WRONG: dict[str, tuple[object, ...]] = {
    "valid_days": (0, -1, 3661, 1.5, "soon"),
    "covers": ("", "vendor", "ALL"),
    "kind": ("", "feeling", "CONTROL"),
    "id": (
        *("people", "people.", ".length", "People.length", "people.Length", "people.le-ngth", "1people.length"),
        *("people.length.more", " people.length", "people.1"),
    ),
    "bounds": ("length", [""], [" "], [1]),
    "what": (None, "証", {"ja": "証"}, {"ja": "証", "en": "Proof", "fr": "Preuve"}),
    "colour": ("blue",),
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_what_a_proof_may_not_say(field: str, value: object) -> None:
    """A proof that nobody can check proves nothing; the fault is about that field and no other."""
    with pytest.raises(ValidationError) as caught:
        proof(**{field: value})
    assert {fault["loc"][0] for fault in caught.value.errors()} == {field}


def test_a_leaf_is_proven_or_exempt_and_never_both() -> None:
    """Nor neither; a note is neither."""
    for wrong in ({}, {"proofs": ()}, {"note": WHAT}, {"proofs": (proof(),), "exempt": WHAT}):
        with pytest.raises(ValidationError, match="needs proofs, or the reason"):
            MappedLeaf.model_validate(wrong)
    noted, exempt = MappedLeaf(proofs=(proof(),), note=WHAT), MappedLeaf(exempt=WHAT)
    assert (noted.exempt, exempt.proofs, exempt.note) == (None, (), None)


def test_a_rule_without_leaves_or_needs_is_refused(edition: Edition) -> None:
    """It would forbid nothing, or everything."""
    for text, field in ((with_rule("", "ledger"), "leaves"), (with_rule("SO-1-1", ""), "needs")):
        (fault,) = mapping_faults(text, edition)
        assert fault.startswith(f"mapping.yaml:3: review_rules.0.{field}: ")


def test_a_mapping_that_was_read_is_not_changed() -> None:
    """It is shared by everything that judges."""
    for thing, name in ((proof(), "planned"), (leaf(False), "exempt")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(thing, name, None)
