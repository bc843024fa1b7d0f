"""What the rules say to the letter: places, references, ends, and the bytes that are hashed.

Found by breaking the rules line by line (docs/mutation.md); each of these was once broken and nobody noticed.
"""

import hashlib
import json
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.governance.queries.editions import load_edition
from sekisho.governance.rules.assessment import (
    Claim,
    Covered,
    Facts,
    Judgement,
    LeafResult,
    ObservedFinding,
    ProofResult,
    assess_edition,
    assess_leaf,
    subject_digest,
    summaries,
)
from sekisho.governance.rules.catalogue import Bilingual, Edition
from sekisho.governance.rules.changes import (
    InputKey,
    InputKind,
    Said,
    affected,
    cause_of,
    place_of,
    proof_document,
    reason_document,
)
from sekisho.governance.rules.claims import ApprovedClaim, ClaimKind, claim_facts, end_of, read_claim
from sekisho.governance.rules.documents import Document, Fault, read_document
from sekisho.governance.rules.evidence import RunRecord
from sekisho.governance.rules.mapping import MappedLeaf, Mapping, Proof, ProofKind
from sekisho.governance.rules.verdicts import ProofState, Verdict
from sekisho.kernel.canonical import NotCanonical
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text
from sekisho.ledgers.rules import NEEDS_COMMENT, State, Step, content_digest, next_state
from tests.governance.test_catalogue import CHILD, LEAF, PARENT, write

NOW = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)
WHAT = Bilingual(ja="証", en="Proof")
EMR = Subject(SubjectKind.SYSTEM, "emr", "電子カルテ", {"kind": "emr", "form": "on_premises"})
CLOUD = Subject(SubjectKind.SYSTEM, "cloud", "予約", {"kind": "reservation", "form": "cloud"})
OURS = Subject(SubjectKind.SYSTEM, "ours", "関所", {"kind": "platform", "form": "on_premises"})
APPLIES = """\
  applies_when:
    facts: [{fact: form, in: [on_premises]}]
    otherwise: {ja: 院内のみ, en: On-premises only}
"""
LENGTH = Proof(kind=ProofKind.CONTROL, id="people.length", what=WHAT, valid_days=1)
SYSTEMS = Proof(kind=ProofKind.LEDGER, id="estate.systems", what=WHAT)
ATTESTED = Proof(kind=ProofKind.ATTESTATION, id="governance.attestation", what=WHAT)
RULES = Proof(kind=ProofKind.DOCUMENT, id="documents.rules", what=WHAT)
LATER = Proof(kind=ProofKind.CONTROL, id="network.tls", what=WHAT, planned=True)


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    """One leaf for systems in the house, one for all of them, and a parent with one child."""
    chapter_01 = LEAF.format(id="SO-1-1") + APPLIES + LEAF.format(id="SO-1-2")
    return load_edition(write(tmp_path, chapter_01=chapter_01, chapter_02=PARENT + CHILD.format(id="SO-2-1-1")))


def judged(
    edition: Edition, facts: Facts, *proofs: Proof, subject: Subject = EMR, mapped: MappedLeaf | None = None
) -> Judgement:
    """Judge the first leaf for one subject by ``proofs``."""
    (found,) = assess_leaf(edition.leaves[0], mapped or MappedLeaf(proofs=proofs), [subject], facts, NOW).judgements
    return found


def passed(age: timedelta = timedelta(0), outcome: Outcome = Outcome.PASS) -> Facts:
    """Return facts with one finding of the length control."""
    return Facts({("people.length", "emr"): ObservedFinding(outcome, NOW - age, {}, "run 1")})


# Assessment: every judgement says what it is about and what it rests on


def test_a_leaf_s_result_names_the_leaf_and_each_subject(edition: Edition) -> None:
    """Judged, not applicable by rule, by approval, or exempt: each stands at its own place."""
    leaf, facts = edition.leaves[0], Facts(not_applicable={("SO-1-1", "ours"): Claim(NOW, NOW + DAY)})
    result = assess_leaf(leaf, MappedLeaf(proofs=(LENGTH,)), [EMR, CLOUD, OURS], facts, NOW)
    assert result.requirement_id == "SO-1-1"
    assert [place_of(judgement) for judgement in result.judgements] == [
        ("SO-1-1", "system", "emr"),
        ("SO-1-1", "system", "cloud"),
        ("SO-1-1", "system", "ours"),
    ]
    assert [(judgement.verdict, len(judgement.proofs)) for judgement in result.judgements] == [
        (Verdict.NOT_ASSESSED, 1),
        (Verdict.NOT_APPLICABLE, 0),
        (Verdict.NOT_APPLICABLE, 0),
    ]
    assert [judgement.subject for judgement in result.judgements] == [EMR, CLOUD, OURS]
    assert isinstance(result.judgements[1].proofs, tuple)


def test_an_exempt_leaf_applies_to_nobody_and_says_why(edition: Edition) -> None:
    """Whatever is known of it."""
    exempt = MappedLeaf(exempt=Bilingual(ja="試験のため", en="For the test"))
    found = judged(edition, passed(outcome=Outcome.FAIL), mapped=exempt)
    reason = Bilingual(ja="試験のため", en="For the test")
    assert found == Judgement("SO-1-1", EMR, Verdict.NOT_APPLICABLE, (), reason)


def test_an_approved_reason_holds_to_its_very_last_moment(edition: Edition) -> None:
    """And is judged anew a microsecond later; the mark of another wording stands with it."""
    for end, verdict in ((NOW, Verdict.NOT_APPLICABLE), (NOW - timedelta(microseconds=1), Verdict.EXPIRED)):
        claim = Claim(NOW - DAY, end, "application", reassess=True, reason="理由")
        found = judged(edition, Facts(not_applicable={("SO-1-1", "emr"): claim}), LENGTH)
        assert found.verdict is verdict
        assert (found.reason, found.look_again_at, found.reassess) == (
            ("理由", NOW, True) if verdict is Verdict.NOT_APPLICABLE else (None, None, False)
        )


def test_a_reason_that_ran_out_does_not_hide_what_is_only_partly_shown(edition: Edition) -> None:
    """The item is out of date until somebody looks anew, unless every proof holds by now."""
    old = {("SO-1-1", "emr"): Claim(NOW - 9 * DAY, NOW - DAY)}
    for covered, verdict in ((Covered(1, 2), Verdict.EXPIRED), (Covered(2, 2), Verdict.CONFORMING)):
        facts = Facts(coverage={("estate.systems", "emr"): covered}, not_applicable=old)
        assert judged(edition, facts, SYSTEMS).verdict is verdict


def test_a_reason_that_ran_out_is_not_asked_for_where_every_other_proof_holds(edition: Edition) -> None:
    """A control that has nothing to say stands aside; alone it shows nothing, so the reason is missed."""
    facts = Facts(
        {("people.length", "emr"): ObservedFinding(Outcome.NOT_APPLICABLE, NOW)},
        coverage={("estate.systems", "emr"): Covered(1, 1)},
        not_applicable={("SO-1-1", "emr"): Claim(NOW - 9 * DAY, NOW - DAY)},
    )
    assert judged(edition, facts, LENGTH, SYSTEMS).verdict is Verdict.CONFORMING
    assert judged(edition, facts, LENGTH).verdict is Verdict.EXPIRED


def test_an_approved_reason_is_stored_with_its_application(edition: Edition) -> None:
    """A rule and a judgement have none."""
    claim = Claim(NOW, NOW + DAY, "application", reason="理由")
    found = judged(edition, Facts(not_applicable={("SO-1-1", "emr"): claim}), LENGTH)
    assert (found.reason_ref, reason_document(found)) == ("application", {"said": "理由", "ref": "application"})
    for other in (judged(edition, Facts(), LENGTH), judged(edition, Facts(), LENGTH, subject=CLOUD)):
        assert other.reason_ref == ""


def test_a_proof_that_is_planned_is_absent_whatever_is_known(edition: Edition) -> None:
    """It cannot be a gap that nobody sees: it stands among the proofs."""
    facts = Facts({("network.tls", "emr"): ObservedFinding(Outcome.PASS, NOW)}, ran={"network.tls": "run"})
    assert judged(edition, facts, LATER).proofs == (ProofResult(LATER, ProofState.ABSENT),)


@pytest.mark.parametrize(
    ("facts", "result"),
    [
        (Facts(), ProofResult(LENGTH, ProofState.ABSENT, "")),
        (Facts(ran={"people.length": "run 1"}), ProofResult(LENGTH, ProofState.UNKNOWN, "run 1")),
        (Facts(ran={"people.lockout": "run 1"}), ProofResult(LENGTH, ProofState.ABSENT, "")),
        (Facts(broken={"people.length": "run 1"}), ProofResult(LENGTH, ProofState.UNKNOWN, "run 1")),
        (passed(), ProofResult(LENGTH, ProofState.HOLDS, "run 1", NOW + DAY)),
        (passed(DAY), ProofResult(LENGTH, ProofState.HOLDS, "run 1", NOW)),
        (passed(2 * DAY), ProofResult(LENGTH, ProofState.STALE, "run 1", NOW - DAY)),
        (passed(-DAY), ProofResult(LENGTH, ProofState.UNKNOWN, "run 1", NOW + DAY)),
        (passed(outcome=Outcome.NOT_APPLICABLE), ProofResult(LENGTH, ProofState.EXCLUDED, "run 1", NOW + DAY)),
        (passed(2 * DAY, Outcome.NOT_APPLICABLE), ProofResult(LENGTH, ProofState.STALE, "run 1", NOW - DAY)),
        (passed(outcome=Outcome.FAIL), ProofResult(LENGTH, ProofState.FAILS, "run 1", None)),
        (passed(outcome=Outcome.ERROR), ProofResult(LENGTH, ProofState.UNKNOWN, "run 1", None)),
    ],
)
def test_a_control_s_proof_names_its_run_and_its_end(edition: Edition, facts: Facts, result: ProofResult) -> None:
    """Also a run that broke or did not speak of the subject; only a pass and "does not apply" have an end."""
    found = judged(edition, facts, LENGTH)
    assert found.proofs == (result,)
    still_to_come = result.until is not None and result.until >= NOW
    assert found.look_again_at == (result.until if still_to_come else None)


def test_a_ledger_s_proof_says_how_much_it_covers(edition: Edition) -> None:
    """Of its own subject; a ledger that nobody filled covers none of none."""
    facts = Facts(coverage={("estate.systems", "emr"): Covered(1, 2)})
    assert judged(edition, facts, SYSTEMS).proofs == (ProofResult(SYSTEMS, ProofState.PARTLY, covered=(1, 2)),)
    assert judged(edition, Facts(), SYSTEMS).proofs == (ProofResult(SYSTEMS, ProofState.ABSENT, covered=(0, 0)),)


@pytest.mark.parametrize(
    ("covered", "result"),
    [
        (Covered(2, 2, NOW - 365 * DAY), ProofResult(SYSTEMS, ProofState.HOLDS, "", NOW, (2, 2))),
        (Covered(1, 2, NOW - DAY), ProofResult(SYSTEMS, ProofState.PARTLY, "", NOW + 364 * DAY, (1, 2))),
        (Covered(2, 2, NOW - 366 * DAY), ProofResult(SYSTEMS, ProofState.STALE, "", NOW - DAY, (2, 2))),
        (Covered(1, 2, NOW - 366 * DAY), ProofResult(SYSTEMS, ProofState.STALE, "", NOW - DAY, (1, 2))),
        (Covered(0, 2, NOW - 366 * DAY), ProofResult(SYSTEMS, ProofState.ABSENT, "", None, (0, 2))),
        (Covered(2, 2), ProofResult(SYSTEMS, ProofState.HOLDS, "", None, (2, 2))),
    ],
)
def test_a_ledger_s_proof_ends_when_its_oldest_entry_does(
    edition: Edition, covered: Covered, result: ProofResult
) -> None:
    """Nothing that is covered has no end, and what nobody can be asked to confirm does not grow old."""
    found = judged(edition, Facts(coverage={("estate.systems", "emr"): covered}), SYSTEMS)
    assert found.proofs == (result,)
    still_to_come = result.until is not None and result.until >= NOW
    assert found.look_again_at == (result.until if still_to_come else None)


def test_a_claim_s_proof_names_its_application_and_whose_it_was(edition: Edition) -> None:
    """Its end is its own or the mapping's, whichever comes first; marks stay with it; without one there is nothing."""
    own = Claim(NOW - 10 * DAY, NOW + 900 * DAY, "application", own=True)
    facts = Facts(documents={("documents.rules", "SO-1-1", ""): own}, attestations={("SO-1-1", "emr"): own})
    until = NOW + 355 * DAY
    found = judged(edition, facts, RULES, ATTESTED)
    assert found.proofs == (
        ProofResult(RULES, ProofState.HOLDS, "application", until, own=True),
        ProofResult(ATTESTED, ProofState.HOLDS, "application", until, own=True),
    )
    assert (found.look_again_at, found.reassess) == (until, False)
    assert judged(edition, Facts(), RULES).proofs == (ProofResult(RULES, ProofState.ABSENT),)


def test_a_subject_s_own_document_stands_before_that_of_the_facility(edition: Edition) -> None:
    """Also where its own has run out: somebody meant it for this system."""
    whole, own = Claim(NOW - DAY, NOW + DAY, "whole"), Claim(NOW - 9 * DAY, NOW - DAY, "own")
    documents = {("documents.rules", "SO-1-1", ""): whole, ("documents.rules", "SO-1-1", "emr"): own}
    (result,) = judged(edition, Facts(documents=documents), RULES).proofs
    assert (result.ref, result.state) == ("own", ProofState.STALE)


def test_one_reworded_claim_marks_the_judgement_and_the_nearest_end_counts(edition: Edition) -> None:
    """Among several proofs."""
    facts = Facts(
        {("people.length", "emr"): ObservedFinding(Outcome.PASS, NOW - DAY / 2)},
        documents={("documents.rules", "SO-1-1", ""): Claim(NOW, NOW + 2 * DAY)},
        attestations={("SO-1-1", "emr"): Claim(NOW, NOW + 3 * DAY, reassess=True)},
    )
    found = judged(edition, facts, RULES, LENGTH, ATTESTED)
    assert (found.verdict, found.look_again_at, found.reassess) == (Verdict.CONFORMING, NOW + DAY / 2, True)


def test_a_control_that_does_not_apply_is_no_proof_and_no_gap(edition: Edition) -> None:
    """It found nothing to look at: the other proofs decide, and alone it shows nothing."""
    facts = Facts(
        {("people.length", "emr"): ObservedFinding(Outcome.NOT_APPLICABLE, NOW, {}, "run 1")},
        coverage={("estate.systems", "emr"): Covered(2, 2)},
    )
    both = judged(edition, facts, LENGTH, SYSTEMS)
    assert (both.verdict, [result.proof for result in both.proofs]) == (Verdict.CONFORMING, [LENGTH, SYSTEMS])
    alone = judged(edition, facts, LENGTH)
    assert (alone.verdict, alone.proofs[0].state) == (Verdict.NOT_ASSESSED, ProofState.EXCLUDED)


def test_what_is_not_known_is_empty_and_unmarked(edition: Edition) -> None:
    """Nothing is made up: no run, no end, no n/N, no mark."""
    (gap,) = judged(edition, Facts(), LENGTH).proofs
    assert (gap.ref, gap.until, gap.covered, gap.reassess, gap.own) == ("", None, None, False, False)
    found = judged(edition, Facts(), LENGTH, subject=CLOUD)
    assert (found.look_again_at, found.reassess) == (None, False)
    claim, seen = Claim(NOW, NOW), ObservedFinding(Outcome.PASS, NOW)
    assert (claim.ref, claim.reassess, claim.own, claim.reason) == ("", False, False, "")
    assert (seen.run, dict(seen.parameters)) == ("", {})
    key = InputKey(InputKind.CONTROL, "people.length")
    assert key.subject_id == ""
    here = Subject(SubjectKind.FACILITY, "here", "病院")
    facts = Facts(coverage={("estate.systems", ""): Covered(3, 3)})
    assert judged(edition, facts, SYSTEMS, subject=here).proofs[0].covered == (3, 3), (
        "the whole facility is the empty id"
    )


def test_an_edition_is_judged_per_kind_of_subject_in_its_order(edition: Edition) -> None:
    """A leaf for systems says nothing of vendors."""
    mapping = Mapping({leaf.id: MappedLeaf(proofs=(SYSTEMS,)) for leaf in edition.leaves})
    vendor = Subject(SubjectKind.VENDOR, "vendor", "業者")
    subjects = {SubjectKind.SYSTEM: [CLOUD, EMR], SubjectKind.VENDOR: [vendor]}
    found = assess_edition(edition, mapping, subjects, Facts(), NOW)
    assert list(found) == ["SO-1-1", "SO-1-2", "SO-2-1-1"]
    assert {name: result.requirement_id for name, result in found.items()} == {name: name for name in found}
    for result in found.values():
        assert [judgement.subject for judgement in result.judgements] == [CLOUD, EMR]


def test_a_leaf_that_nobody_judged_is_not_assessed_in_the_summary(edition: Edition) -> None:
    """It is not left out, and its parent shows the gap."""
    found = summaries(edition, {})
    assert {name: summary.verdict for name, summary in found.items()} == {
        "SO-1-1": Verdict.NOT_ASSESSED,
        "SO-1-2": Verdict.NOT_ASSESSED,
        "SO-2-1": Verdict.NOT_ASSESSED,
        "SO-2-1-1": Verdict.NOT_ASSESSED,
    }
    assert found["SO-2-1"].total == 1
    assert found["SO-2-1-1"].total == 0


# Changes: what is stored with a verdict


def test_what_is_stored_of_a_proof_to_the_letter() -> None:
    """Names and values are read by rounds, pages and other machines."""
    until = datetime(2026, 12, 1, 23, 59, 59, 999999, tzinfo=UTC)
    result = ProofResult(ATTESTED, ProofState.STALE, "application", until, None, reassess=True, own=True)
    assert proof_document(result) == {
        "kind": "attestation",
        "id": "governance.attestation",
        "planned": False,
        "state": "stale",
        "ref": "application",
        "until": "2026-12-01T23:59:59.999999Z",
        "n": None,
        "N": None,
        "reassess": True,
        "own": True,
    }
    covered = proof_document(ProofResult(SYSTEMS, ProofState.ABSENT, covered=(0, 5)))
    assert (covered["n"], covered["N"], covered["until"], covered["ref"]) == (0, 5, None, "")
    assert proof_document(ProofResult(LATER, ProofState.ABSENT))["planned"] is True


def test_why_an_item_does_not_apply_is_stored_in_the_words_it_was_said() -> None:
    """In both languages by rule, in the approver's words by claim, nothing where it applies."""
    for reason, stored in ((WHAT, {"ja": "証", "en": "Proof"}), ("理由", {"said": "理由", "ref": ""}), (None, None)):
        found = Judgement("SO-1-1", EMR, Verdict.NOT_APPLICABLE, (), reason)
        assert reason_document(found) == stored


def test_what_brought_a_change_is_the_newer_ground_or_the_one_that_fell_away() -> None:
    """Never somebody else's."""

    def said(state: str, ref: str) -> Said:
        return Said(Verdict.PARTIAL, None, [{"kind": "control", "id": "x.y", "state": state, "ref": ref}])

    nothing = Said(Verdict.NOT_ASSESSED, None, [])

    for before, after, ref in (
        (said("holds", "old"), said("fails", "new"), "new"),
        (said("holds", "old"), said("absent", ""), "old"),
        (said("absent", ""), said("holds", "new"), "new"),
        (said("absent", ""), said("unknown", ""), ""),
        (said("holds", "old"), nothing, "old"),
        (nothing, said("holds", "new"), "new"),
        (nothing, said("absent", ""), ""),
    ):
        cause = cause_of(before, after)
        assert isinstance(cause, dict)
        (change,) = cause["changes"]
        assert isinstance(change, dict)
        assert change["ref"] == ref
    assert cause_of(said("holds", "old"), said("holds", "new")) == {"kind": "proofs", "changes": []}


def test_an_item_that_does_not_apply_for_no_stored_reason_names_no_application() -> None:
    """As a row of an older version may say it; in both directions."""
    judged, aside = Said(Verdict.PARTIAL, None, []), Said(Verdict.NOT_APPLICABLE, None, [])
    for before, after in ((judged, aside), (aside, judged)):
        assert cause_of(before, after) == {"kind": "applicability", "ref": ""}


def test_what_verdicts_are_computed_from_is_stored_under_these_names() -> None:
    """Digests of the last computation are compared by them: under other names all would seem to have changed."""
    assert [kind.value for kind in InputKind] == ["edition", "subject", "control", "coverage", "claim"]
    assert [kind.value for kind in ClaimKind] == [
        "governance.attestation",
        "governance.not_applicable",
        "governance.document",
    ]
    assert [kind.value for kind in ProofKind] == ["control", "ledger", "document", "attestation"]


def test_a_leaf_is_judged_again_where_one_of_its_proofs_changed(edition: Edition) -> None:
    """Only for the subjects named, and a control is no ledger of the same name."""
    mapping = Mapping({leaf.id: MappedLeaf(proofs=(LENGTH, SYSTEMS)) for leaf in edition.leaves[:2]})
    for kind, name in ((InputKind.CONTROL, "people.length"), (InputKind.COVERAGE, "estate.systems")):
        assert affected(edition, mapping, [InputKey(kind, name, "emr")]) == {"SO-1-1": {"emr"}, "SO-1-2": {"emr"}}
    assert affected(edition, mapping, [InputKey(InputKind.COVERAGE, "people.length")]) == {}
    assert affected(edition, mapping, [InputKey(InputKind.CONTROL, "estate.systems")]) == {}


# Claims


CONTENT: dict[str, Any] = {
    "edition": "gate-1.0",
    "requirements": {"SO-1-2": "hash", "SO-1-1": None},
    "subjects": [{"id": "emr", "label": "電子カルテ", "digest": "d"}, {"id": "pacs", "label": "PACS"}],
    "valid_until": "2026-12-01",
}


def test_a_claim_is_read_whole() -> None:
    """Valid to a day means through that day in Tokyo; a paper and a reason are there or empty."""
    found = read_claim(ClaimKind.ATTESTATION, CONTENT, ref="application", since=NOW, own=True)
    until = datetime(2026, 12, 1, 14, 59, 59, 999999, tzinfo=UTC)
    assert found == ApprovedClaim(
        kind=ClaimKind.ATTESTATION,
        ref="application",
        edition="gate-1.0",
        requirements={"SO-1-2": "hash", "SO-1-1": None},
        subjects={"emr": "d", "pacs": ""},
        document="",
        reason="",
        since=NOW,
        until=until,
        own=True,
    )
    assert end_of(date(2026, 12, 1)) == until
    more = {**CONTENT, "document": "documents.rules", "reason": "理由"}
    found = read_claim(ClaimKind.DOCUMENT, more, ref="application", since=NOW, own=False)
    assert (found.kind, found.document, found.reason, found.own) == (
        ClaimKind.DOCUMENT,
        "documents.rules",
        "理由",
        False,
    )


@pytest.mark.parametrize("gone", list(CONTENT))
def test_a_claim_that_lacks_something_is_not_read(gone: str) -> None:
    """Nothing is made up for it."""
    content = {name: value for name, value in CONTENT.items() if name != gone}
    with pytest.raises(KeyError, match=gone):
        read_claim(ClaimKind.ATTESTATION, content, ref="a", since=NOW, own=False)
    with pytest.raises(ValueError, match="isoformat"):
        read_claim(ClaimKind.ATTESTATION, {**CONTENT, "valid_until": "soon"}, ref="a", since=NOW, own=False)


def attested(judged: str | None, ref: str = "a") -> ApprovedClaim:
    """Return an attestation of one item for one system that judged this wording."""
    requirements = {"SO-1-1": judged}
    return ApprovedClaim(
        ClaimKind.ATTESTATION, ref, "gate-1.0", requirements, {"emr": ""}, "", "", NOW, NOW + DAY, own=False
    )


@pytest.mark.parametrize(
    ("judged", "present", "marked"),
    [("x", "x", False), ("x", "y", True), (None, "y", True), ("x", None, False), (None, None, False)],
)
def test_a_claim_is_marked_unless_it_judged_the_present_wording(
    judged: str | None, present: str | None, marked: bool
) -> None:
    """Without a present text there is nothing to compare with; one that judged none must be looked at again."""
    wording = {} if present is None else {"SO-1-1": present}
    facts = claim_facts([attested(judged)], "gate-1.0", wording, {})
    assert facts.attestations == {("SO-1-1", "emr"): Claim(NOW, NOW + DAY, "a", reassess=marked)}


def test_the_newest_claim_wins_and_one_that_was_not_carried_hides_nothing() -> None:
    """A claim about another edition counts only by itself and by its own item."""
    facts = claim_facts([attested("x"), attested("y", "b")], "gate-1.0", {"SO-1-1": "x"}, {})
    assert facts.attestations["SO-1-1", "emr"] == Claim(NOW, NOW + DAY, "b", reassess=True)
    carried = {("a", "SO-1-1"): False, ("b", "SO-1-2"): True}
    facts = claim_facts([attested("x"), attested("y", "b")], "gate-2.0", {}, carried)
    assert facts.attestations == {("SO-1-1", "emr"): Claim(NOW, NOW + DAY, "a")}
    two = replace(attested(None), requirements={"SO-1-1": "x", "SO-1-2": "y"})
    facts = claim_facts([two], "gate-2.0", {}, {("a", "SO-1-2"): True})
    assert facts.attestations == {("SO-1-2", "emr"): Claim(NOW, NOW + DAY, "a", reassess=True)}, "item by item"


def test_a_claim_remembers_each_subject_as_it_was_judged() -> None:
    """By the hash of its name and facts, written by hand: it is stored, and compared years later."""
    written = '{"facts":{"form":"on_premises","kind":"emr"},"label":"電子カルテ"}'
    assert subject_digest(EMR) == hashlib.sha256(written.encode()).hexdigest()
    facts = claim_facts([replace(attested("x"), subjects={"emr": "d", "pacs": ""})], "gate-1.0", {}, {})
    assert {key[1]: claim.judged for key, claim in facts.attestations.items()} == {"emr": "d", "pacs": ""}
    assert Claim(NOW, NOW).judged == ""


def test_each_kind_of_claim_becomes_its_own_kind_of_fact() -> None:
    """An attestation is no document, a reason is no proof; without subjects it is of the whole facility."""
    for kind, place in (
        (ClaimKind.ATTESTATION, "attestations"),
        (ClaimKind.NOT_APPLICABLE, "not_applicable"),
        (ClaimKind.DOCUMENT, "documents"),
    ):
        claim = ApprovedClaim(
            kind,
            "a",
            "e",
            {"SO-1-1": None},
            {"emr": "", "pacs": ""},
            "documents.rules",
            "理由",
            NOW,
            NOW + DAY,
            own=True,
        )
        facts = claim_facts([claim], "e", {}, {})
        key = ("documents.rules", "SO-1-1") if kind is ClaimKind.DOCUMENT else ("SO-1-1",)
        said = Claim(NOW, NOW + DAY, "a", reassess=False, own=True, reason="理由")
        whole = claim_facts([replace(claim, subjects={})], "e", {}, {})
        assert getattr(whole, place) == {(*key, ""): said}
        for name in ("attestations", "not_applicable", "documents"):
            wanted = {(*key, "emr"): said, (*key, "pacs"): said} if name == place else {}
            assert getattr(facts, name) == wanted


# Evidence: the bytes that are hashed


def test_the_bytes_of_a_run_are_these() -> None:
    """Written by hand: another machine must come to the same hash."""
    message = Text("TLS %(version)s, %(count)s keys", version="1.3", count=2)
    findings = (
        Finding(EMR, Outcome.PASS, message, NOW, {"version": "1.3"}, b"raw"),
        Finding(CLOUD, Outcome.NOT_APPLICABLE, Text("none"), NOW - DAY, {}, None),
        Finding(OURS, Outcome.FAIL, Text("empty"), NOW, {"count": 0}, b""),
    )
    record = RunRecord("network.tls", {"minimum": 13}, NOW - DAY, NOW, "finished", "trace", findings)
    written = {
        "control": "network.tls",
        "ended_at": "2026-11-21T00:30:00.000000Z",
        "findings": [
            {
                "facts": {"version": "1.3"},
                "message": {"msgid": "TLS %(version)s, %(count)s keys", "params": {"count": "2", "version": "1.3"}},
                "observed_at": "2026-11-21T00:30:00.000000Z",
                "outcome": "pass",
                "raw": hashlib.sha256(b"raw").hexdigest(),
                "subject": {"id": "emr", "kind": "system", "label": "電子カルテ"},
            },
            {
                "facts": {},
                "message": {"msgid": "none", "params": {}},
                "observed_at": "2026-11-20T00:30:00.000000Z",
                "outcome": "not_applicable",
                "raw": None,
                "subject": {"id": "cloud", "kind": "system", "label": "予約"},
            },
            {
                "facts": {"count": 0},
                "message": {"msgid": "empty", "params": {}},
                "observed_at": "2026-11-21T00:30:00.000000Z",
                "outcome": "fail",
                "raw": hashlib.sha256(b"").hexdigest(),
                "subject": {"id": "ours", "kind": "system", "label": "関所"},
            },
        ],
        "parameters": {"minimum": 13},
        "started_at": "2026-11-20T00:30:00.000000Z",
        "state": "finished",
        "trace": "trace",
    }
    assert record.canonical() == json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode()


# Applications: the table and what of them is hashed


def test_what_was_applied_for_is_hashed_with_its_files_in_their_order() -> None:
    """Written by hand: an approval is of exactly these bytes."""
    written = '{"content":{"what":"端末"},"files":[{"name":"a.pdf","sha256":"00"},{"name":"b.pdf","sha256":"11"}]}'
    files = [("a.pdf", "00"), ("b.pdf", "11")]
    found = content_digest({"what": "端末"}, files)
    assert found == hashlib.sha256(written.encode()).hexdigest()
    assert found != content_digest({"what": "端末"}, files[::-1])
    assert content_digest({}, iter(())) == hashlib.sha256(b'{"content":{},"files":[]}').hexdigest()
    with pytest.raises(NotCanonical):
        content_digest({"n": float("nan")}, [])


def test_no_step_leads_anywhere_that_the_table_does_not_name() -> None:
    """Submitting is how an application begins, so it leads on from nowhere; what ended stays ended."""
    possible = {(state.value, step.value) for state in State for step in Step if next_state(state, step)}
    assert possible == {
        ("submitted", "approve"),
        ("submitted", "send_back"),
        ("submitted", "withdraw"),
        ("sent_back", "amend"),
        ("sent_back", "withdraw"),
        ("approved", "revoke"),
    }
    assert {step.value for step in NEEDS_COMMENT} == {"send_back", "revoke"}


def test_states_and_steps_are_stored_under_these_names_and_shown_in_words() -> None:
    """Applications of years ago are read by them; each has words of its own."""
    assert [state.value for state in State] == ["submitted", "sent_back", "withdrawn", "approved", "revoked"]
    assert [step.value for step in Step] == ["submit", "amend", "withdraw", "approve", "send_back", "revoke"]
    for labels in ([state.label for state in State], [step.label for step in Step]):
        assert all(isinstance(label, Text) for label in labels)
        assert len({str(label) for label in labels}) == len(labels)


# Documents: every fault with its file and row


def faults(text: str) -> list[str]:
    """Return why a text is not read."""
    document, found = read_document("x.yaml", text)
    assert document is None
    return [str(fault) for fault in found]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "x.yaml: the file is empty"),
        ("# nothing", "x.yaml: the file is empty"),
        ("a: 1\n}", "x.yaml:2: no valid YAML: "),
        ("a: 1\n\tb: 2", "x.yaml:2: no valid YAML: "),
        ("a: 1\x00", "x.yaml: no valid YAML: "),
        ("a: 1\nb: 2\na: 3", "x.yaml:3: 'a' stands here twice"),
        ("- a: 1\n- a: 1\n  a: 2", "x.yaml:3: 'a' stands here twice"),
        ("a: &x 1\nb: 2\nc: *x", "x.yaml:1: an anchor is used; write the value out"),
        ("- 1\n- !ours x", "x.yaml:2: the tag !ours is not allowed"),
    ],
)
def test_what_is_not_read_is_told_with_its_row(text: str, wanted: str) -> None:
    """The reason follows the place; what the parser says in its own words is not repeated here."""
    (fault,) = faults(text)
    assert fault.startswith(wanted)
    assert not fault.endswith(": ")
    assert "None" not in fault


def test_what_concerns_the_whole_file_stands_at_row_0() -> None:
    """So it is sorted before the rows of its file."""
    assert read_document("x.yaml", "") == (None, [Fault("x.yaml", 0, "the file is empty")])
    _, (unreadable,) = read_document("x.yaml", "a: \x00")
    assert (unreadable.file, unreadable.line) == ("x.yaml", 0)


def test_every_fault_of_a_text_is_told_at_once() -> None:
    """In the order of the text; one bad value does not hide the next."""
    assert faults("a: !ours 1\nb: 2\nb: !ours 3") == [
        "x.yaml:1: the tag !ours is not allowed",
        "x.yaml:3: 'b' stands here twice",
        "x.yaml:3: the tag !ours is not allowed",
    ]


def test_values_are_read_as_yaml_means_them_and_names_as_they_are_written() -> None:
    """A day is a day, and the name 1 is not the number 1."""
    document, found = read_document("x.yaml", "1: yes\nb:\n- 2026-05-29\n- [0.5, '5']\n- {c: null}")
    assert found == []
    assert document is not None
    assert document.file == "x.yaml"
    assert document.value == {"1": True, "b": [date(2026, 5, 29), [0.5, "5"], {"c": None}]}


def test_a_place_has_the_line_of_its_value_or_of_what_is_around_it() -> None:
    """A field that is missing is reported where its row stands; a fault of the whole file has no row."""
    document, _ = read_document("x.yaml", "a: 1\nb:\n  - c: 2\n    d: 3\n  - e\n")
    assert document is not None
    places: dict[tuple[str | int, ...], int] = {
        ("a",): 1,
        ("b",): 3,
        ("b", 0): 3,
        ("b", 0, "c"): 3,
        ("b", 0, "d"): 4,
        ("b", 0, "gone", "far"): 3,
        ("b", 1): 5,
        ("b", 7): 3,
        ("gone",): 1,
        (): 1,
    }
    assert {place: document.line(list(place)) for place in places} == places
    assert Document("x.yaml", None, {}).line(("a",)) == 1
    assert (str(Fault("x.yaml", 0, "gone")), str(Fault("x.yaml", 1, "bad"))) == ("x.yaml: gone", "x.yaml:1: bad")


# What is shared is not changed


def test_facts_and_judgements_are_not_changed_afterwards(edition: Edition) -> None:
    """They are kept, compared and handed around."""
    found = judged(edition, passed(), LENGTH)
    result = LeafResult(
        "SO-1-1", assess_leaf(edition.leaves[0], MappedLeaf(proofs=(LENGTH,)), [], Facts(), NOW).summary, ()
    )
    for thing, name in (
        (found, "verdict"),
        (found.proofs[0], "state"),
        (result, "summary"),
        (result.summary, "verdict"),
        (Facts(), "findings"),
        (Claim(NOW, NOW), "until"),
        (InputKey(InputKind.CLAIM, "x"), "name"),
        (attested(None), "until"),
        (Fault("x", 1, "y"), "line"),
    ):
        with pytest.raises(FrozenInstanceError):
            setattr(thing, name, None)
