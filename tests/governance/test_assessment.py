"""Judging an edition over an estate: proofs, subjects, applicability, parents, and speed's shape."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.governance.queries.editions import load_edition
from sekisho.governance.rules.assessment import (
    Claim,
    Covered,
    Facts,
    LeafResult,
    ObservedFinding,
    assess_edition,
    assess_leaf,
    subject_digest,
    summaries,
)
from sekisho.governance.rules.catalogue import Edition
from sekisho.governance.rules.documents import read_document
from sekisho.governance.rules.mapping import Mapping, build_mapping
from sekisho.governance.rules.verdicts import ProofState, Verdict
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.ports import Subject, SubjectKind
from tests.governance.test_catalogue import CHILD, LEAF, PARENT, mapping_faults, write

NOW = datetime(2026, 11, 21, tzinfo=UTC)
DAY = timedelta(days=1)
EMR = Subject(SubjectKind.SYSTEM, "emr", "電子カルテ", {"kind": "emr", "form": "on_premises"})
CLOUD = Subject(SubjectKind.SYSTEM, "cloud", "予約", {"kind": "reservation", "form": "cloud"})
OURS = Subject(SubjectKind.SYSTEM, "ours", "関所", {"kind": "platform", "form": "on_premises"})
EXTRA = """\
  parameters: [{name: length, at_least: 13}]
  applies_when:
    facts: [{fact: form, in: [on_premises]}]
    otherwise: {ja: 院内のみ, en: On-premises only}
"""
MAPPING = """\
edition: test-1.0
review_rules: []
leaves:
  SO-1-1:
    proofs:
      - {kind: control, id: people.length, what: {ja: 長さ, en: Length}, valid_days: 1, bounds: [length]}
  SO-1-2:
    proofs:
      - {kind: attestation, id: governance.attestation, what: {ja: 確認, en: Attestation}}
      - {kind: ledger, id: estate.systems, what: {ja: 台帳, en: Ledger}}
  SO-2-1-1:
    proofs:
      - {kind: control, id: people.lockout, what: {ja: 締出し, en: Lockout}, covers: platform}
  SO-2-1-2:
    proofs:
      - {kind: document, id: documents.rules, what: {ja: 規程, en: Rules}}
"""


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    """Two leaves and a parent with two children."""
    chapter_01 = LEAF.format(id="SO-1-1") + EXTRA + LEAF.format(id="SO-1-2")
    chapter_02 = PARENT + CHILD.format(id="SO-2-1-1") + CHILD.format(id="SO-2-1-2")
    return load_edition(write(tmp_path, chapter_01=chapter_01, chapter_02=chapter_02))


def mapped(edition: Edition, text: str = MAPPING) -> Mapping:
    """Return the mapping of the edition."""
    document, _ = read_document("mapping.yaml", text)
    assert document is not None
    return build_mapping(document, edition)


def assess(edition: Edition, facts: Facts, *subjects: Subject) -> dict[str, LeafResult]:
    """Judge over ``subjects``."""
    return assess_edition(edition, mapped(edition), {SubjectKind.SYSTEM: subjects or (EMR,)}, facts, NOW)


def finding(outcome: Outcome = Outcome.PASS, age: timedelta = timedelta(0), length: int = 13) -> ObservedFinding:
    """Return a finding of the length control."""
    return ObservedFinding(outcome, NOW - age, {"length": length})


def claim(left: timedelta = DAY, since: timedelta = 10 * DAY, *, reassess: bool = False) -> Claim:
    """Return a claim with so much time left, approved so long ago."""
    return Claim(NOW - since, NOW + left, "application", reassess, reason="理由")


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (Facts(), Verdict.NOT_ASSESSED),
        (Facts(ran={"people.length": "run"}), Verdict.CANNOT_TELL),
        (Facts(broken={"people.length": "run"}), Verdict.CANNOT_TELL),
        (Facts({("people.length", "emr"): finding()}), Verdict.CONFORMING),
        (Facts({("people.length", "emr"): finding(length=8)}), Verdict.CANNOT_TELL),
        (Facts({("people.length", "emr"): finding(age=2 * DAY)}), Verdict.EXPIRED),
        (Facts({("people.length", "emr"): finding(Outcome.FAIL)}), Verdict.NONCONFORMING),
        (Facts({("people.length", "emr"): finding(Outcome.ERROR)}), Verdict.CANNOT_TELL),
        (Facts({("people.length", "emr"): finding(Outcome.NOT_APPLICABLE)}), Verdict.NOT_ASSESSED),
        (Facts({("people.length", "other"): finding()}), Verdict.NOT_ASSESSED),
        (Facts({("people.length", "emr"): finding()}, broken={"people.length": "run"}), Verdict.CANNOT_TELL),
        (Facts(not_applicable={("SO-1-1", "emr"): claim()}), Verdict.NOT_APPLICABLE),
        (Facts(not_applicable={("SO-1-1", "emr"): claim(-DAY)}), Verdict.EXPIRED),
        (
            Facts({("people.length", "emr"): finding()}, not_applicable={("SO-1-1", "emr"): claim(-DAY)}),
            Verdict.CONFORMING,
        ),
        (
            Facts({("people.length", "emr"): finding(Outcome.FAIL)}, not_applicable={("SO-1-1", "emr"): claim(-DAY)}),
            Verdict.NONCONFORMING,
        ),
    ],
)
def test_what_a_control_gives(edition: Edition, facts: Facts, verdict: Verdict) -> None:
    """A newest run that broke hides an older pass; nothing turns "no data" into conforming."""
    assert assess(edition, facts)["SO-1-1"].summary.verdict is verdict


def test_an_item_that_does_not_apply_says_why(edition: Edition) -> None:
    """By the rule with its reason; the others are judged."""
    facts = Facts({("people.length", "emr"): finding()})
    result = assess(edition, facts, EMR, CLOUD)["SO-1-1"]
    assert (result.summary.verdict, result.summary.conforming, result.summary.total) == (Verdict.CONFORMING, 1, 1)
    reason = result.judgements[1].reason
    assert reason is not None
    assert not isinstance(reason, str)
    assert reason.ja == "院内のみ"


def test_all_proofs_must_hold(edition: Edition) -> None:
    """Attested but the ledger covers one of two: partly; both: conforming; attestation over: expired."""
    attested = {("SO-1-2", "emr"): claim(timedelta(0))}
    two = ("estate.systems", "emr")
    verdicts = [
        assess(edition, facts)["SO-1-2"].summary.verdict
        for facts in (
            Facts(attestations=attested),
            Facts(attestations=attested, coverage={two: Covered(1, 2)}),
            Facts(attestations=attested, coverage={two: Covered(2, 2)}),
            Facts(attestations={("SO-1-2", "emr"): claim(-DAY)}, coverage={two: Covered(2, 2)}),
        )
    ]
    assert verdicts == [Verdict.PARTIAL, Verdict.PARTIAL, Verdict.CONFORMING, Verdict.EXPIRED]


def test_our_own_strength_proves_nothing_for_others(edition: Edition) -> None:
    """The lockout of the platform passes; the record system stays unassessed."""
    ours = ObservedFinding(Outcome.PASS, NOW)
    facts = Facts({("people.lockout", "ours"): ours, ("people.lockout", "emr"): ours})
    result = assess(edition, facts, EMR, OURS)["SO-2-1-1"]
    assert [judgement.verdict for judgement in result.judgements] == [Verdict.NOT_ASSESSED, Verdict.CONFORMING]
    assert result.summary.verdict is Verdict.PARTIAL


def test_parents_are_computed_from_their_children(edition: Edition) -> None:
    """The same order decides; every row has a summary."""
    facts = Facts(documents={("documents.rules", "SO-2-1-2", ""): claim()})
    found = summaries(edition, {name: result.summary for name, result in assess(edition, facts, OURS).items()})
    assert list(found) == [row.id for row in edition.rows]
    assert found["SO-2-1-2"].verdict is Verdict.CONFORMING
    assert found["SO-2-1"].verdict is Verdict.PARTIAL
    assert found["SO-2-1"].total == 2


def test_no_subject_is_not_assessed(edition: Edition) -> None:
    """An empty estate conforms to nothing."""
    results = assess_edition(edition, mapped(edition), {}, Facts(), NOW)
    assert {result.summary.verdict for result in results.values()} == {Verdict.NOT_ASSESSED}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("bounds: [length]", "bounds: [width]", "has no parameter width"),
        ("what: {ja: 規程, en: Rules}", "what: {ja: 規程, en: Rules}, bounds: [length]", "only a control"),
    ],
)
def test_bounds_must_be_parameters_of_the_leaf(edition: Edition, old: str, new: str, reason: str) -> None:
    """A misspelt bound would prove nothing."""
    assert any(reason in fault for fault in mapping_faults(MAPPING.replace(old, new), edition))


def test_a_document_answers_the_item_and_subject_it_was_approved_for(edition: Edition) -> None:
    """Not another item, not another system; one of the whole facility answers for every subject."""
    for key, verdict in (
        (("documents.rules", "SO-2-1-2", "emr"), Verdict.CONFORMING),
        (("documents.rules", "SO-2-1-2", ""), Verdict.CONFORMING),
        (("documents.rules", "SO-2-1-2", "other"), Verdict.NOT_ASSESSED),
        (("documents.rules", "SO-1-2", "emr"), Verdict.NOT_ASSESSED),
        (("documents.other", "SO-2-1-2", "emr"), Verdict.NOT_ASSESSED),
    ):
        assert assess(edition, Facts(documents={key: claim()}))["SO-2-1-2"].summary.verdict is verdict, key


def test_a_claim_stands_no_longer_than_its_own_end_and_the_mapping_allow(edition: Edition) -> None:
    """Approved 366 days ago with years to go: out of date, because the mapping lets it stand for 365."""
    for since, left, verdict in (
        (364 * DAY, 900 * DAY, Verdict.CONFORMING),
        (366 * DAY, 900 * DAY, Verdict.EXPIRED),
        (DAY, -DAY, Verdict.EXPIRED),
    ):
        facts = Facts(documents={("documents.rules", "SO-2-1-2", ""): claim(left, since)})
        (judged,) = assess(edition, facts)["SO-2-1-2"].judgements
        assert judged.verdict is verdict
        assert judged.look_again_at == (NOW + DAY if verdict is Verdict.CONFORMING else None)


def test_a_judgement_says_what_it_rests_on_and_when_to_look_again(edition: Edition) -> None:
    """The run, the application, n/N, the end of each; the nearest end is when time alone may change it."""
    facts = Facts(
        {("people.length", "emr"): ObservedFinding(Outcome.PASS, NOW - DAY / 2, {"length": 13}, "run 1")},
        coverage={("estate.systems", "emr"): Covered(1, 2)},
        attestations={("SO-1-2", "emr"): claim(reassess=True)},
    )
    results = assess(edition, facts)
    (by_control,), (by_claim,) = results["SO-1-1"].judgements, results["SO-1-2"].judgements
    assert (by_control.proofs[0].ref, by_control.proofs[0].until) == ("run 1", NOW + DAY / 2)
    assert by_control.look_again_at == NOW + DAY / 2
    attested, ledger = by_claim.proofs
    assert (attested.ref, attested.reassess, ledger.covered) == ("application", True, (1, 2))
    assert (by_control.reassess, by_claim.reassess) == (False, True)


def test_a_pass_from_the_future_is_looked_at_again_when_its_moment_has_come(edition: Edition) -> None:
    """A clock that ran ahead: unknown until then."""
    facts = Facts({("people.length", "emr"): finding(age=-DAY)})
    (judged,) = assess(edition, facts)["SO-1-1"].judgements
    assert (judged.verdict, judged.look_again_at) == (Verdict.CANNOT_TELL, NOW + DAY)


def test_an_approved_reason_says_why_until_it_runs_out(edition: Edition) -> None:
    """In the words that were approved."""
    (judged,) = assess(edition, Facts(not_applicable={("SO-1-1", "emr"): claim()}))["SO-1-1"].judgements
    assert (judged.reason, judged.look_again_at) == ("理由", NOW + DAY)


def test_the_facility_owns_every_member_of_a_ledger(edition: Edition) -> None:
    """A leaf judged for the facility counts all of them, one judged for a system its own."""
    here = Subject(SubjectKind.FACILITY, "here", "病院")
    facts = Facts(coverage={("estate.systems", ""): Covered(3, 3), ("estate.systems", "emr"): Covered(1, 3)})
    leaf = edition.leaves[1]
    for subject, covered in ((here, (3, 3)), (EMR, (1, 3)), (CLOUD, (0, 0))):
        (judged,) = assess_leaf(leaf, mapped(edition).leaves[leaf.id], [subject], facts, NOW).judgements
        assert judged.proofs[1].covered == covered


def test_a_ledger_that_nobody_looked_at_for_too_long_is_out_of_date(edition: Edition) -> None:
    """The member that waited longest decides; nothing at all is absent, not old."""
    for days, (n, total), state in (
        (365, (2, 2), ProofState.HOLDS),
        (366, (2, 2), ProofState.STALE),
        (366, (1, 2), ProofState.STALE),
        (366, (0, 2), ProofState.ABSENT),
    ):
        facts = Facts(coverage={("estate.systems", "emr"): Covered(n, total, NOW - days * DAY)})
        (judged,) = assess(edition, facts)["SO-1-2"].judgements
        assert judged.proofs[1].state is state, (days, n)


@pytest.mark.parametrize(
    ("found", "verdict", "state"),
    [
        (finding(Outcome.NOT_APPLICABLE), Verdict.CONFORMING, ProofState.EXCLUDED),
        (finding(Outcome.NOT_APPLICABLE, age=2 * DAY), Verdict.EXPIRED, ProofState.STALE),
        (finding(Outcome.NOT_APPLICABLE, age=-DAY), Verdict.CANNOT_TELL, ProofState.UNKNOWN),
        (finding(Outcome.NOT_APPLICABLE, length=8), Verdict.CANNOT_TELL, ProofState.UNKNOWN),
    ],
)
def test_a_check_that_says_it_does_not_apply_says_so_for_a_while(
    edition: Edition, found: ObservedFinding, verdict: Verdict, state: ProofState
) -> None:
    """It stays visible, and like a pass it runs out, and is unknown from the future or with looser parameters."""
    text = MAPPING.replace(
        "  SO-1-2:\n", "      - {kind: document, id: documents.rules, what: {ja: 規程, en: Rules}}\n  SO-1-2:\n", 1
    )
    mapping = mapped(edition, text)
    facts = Facts({("people.length", "emr"): found}, documents={("documents.rules", "SO-1-1", ""): claim()})
    leaf = edition.leaves[0]
    (judged,) = assess_leaf(leaf, mapping.leaves[leaf.id], [EMR], facts, NOW).judgements
    assert (judged.verdict, judged.proofs[0].state) == (verdict, state)
    assert judged.look_again_at is not None


def test_a_claim_from_the_future_was_approved_by_a_wrong_clock(edition: Edition) -> None:
    """Unknown until its moment has come; a reason from the future takes nothing away."""
    ahead = claim(100 * DAY, since=-10 * DAY)
    facts = Facts(documents={("documents.rules", "SO-2-1-2", ""): ahead}, not_applicable={("SO-1-1", "emr"): ahead})
    results = assess(edition, facts)
    assert results["SO-2-1-2"].judgements[0].verdict is Verdict.CANNOT_TELL
    assert results["SO-2-1-2"].judgements[0].look_again_at == NOW + 10 * DAY
    assert results["SO-1-1"].judgements[0].verdict is not Verdict.NOT_APPLICABLE


def test_a_subject_that_is_no_longer_what_was_judged_is_marked(edition: Edition) -> None:
    """Renamed or with other facts: 要再評価, for attestations and for reasons."""
    judged = replace(claim(), judged=subject_digest(EMR))
    facts = Facts(attestations={("SO-1-2", "emr"): judged}, not_applicable={("SO-1-1", "emr"): judged})
    for subject, marked in ((EMR, False), (replace(EMR, label="別"), True), (replace(EMR, facts={"kind": "x"}), True)):
        results = assess(edition, facts, subject)
        assert results["SO-1-2"].judgements[0].reassess is marked
        assert results["SO-1-1"].judgements[0].reassess is (marked and bool(results["SO-1-1"].judgements[0].reason))
