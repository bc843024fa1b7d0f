"""Claims of people: refused without grounds, bound to what they are about, and counting only once approved."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from sekisho.estate import ledgers as estate_ledgers
from sekisho.estate.services import change_entry, close_entry
from sekisho.governance.errors import GroundsMissing, NotShownThisWay, SubjectUnknown, ValidityWrong
from sekisho.governance.ledgers import attestation
from sekisho.governance.models import OfficialItem, OfficialText
from sekisho.governance.queries.claims import approved_claims, current_claims, wording_hash
from sekisho.governance.queries.conformance import conformity, history_of, verdicts_of
from sekisho.governance.rules.assessment import Claim
from sekisho.governance.rules.claims import ApprovedClaim, ClaimKind, claim_facts, end_of
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services import claims
from sekisho.governance.services.carry_over import CarriedOver, carry_over
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.errors import Forbidden, InvalidInput, NotFound
from sekisho.kernel.wording import InvisibleCharacters
from sekisho.ledgers.models import Application, Submission
from sekisho.ledgers.services import approve, revoke, send_back
from tests.conftest import actor_with
from tests.governance.conftest import NEW, OLD
from tests.governance.working import OPERATOR, PAPER, PLANNER, WORKER, apply_for, approved, draft, system, today

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gate_editions")]
ATTESTATION, EXCLUSION, DOCUMENT = ClaimKind.ATTESTATION, ClaimKind.NOT_APPLICABLE, ClaimKind.DOCUMENT


def imported(edition_id: str, **texts: str) -> None:
    """Store an official text of an edition, as the import does."""
    stored = OfficialText.objects.create(
        edition=edition_id, volume="SO", file_name="x.txt", sha256="0" * 64, imported_at=clock.now(), imported_by="x"
    )
    for place, (name, text) in enumerate(texts.items()):
        OfficialItem.objects.create(
            text=stored, place=place, requirement_id=name.replace("_", "-"), printed="①", verbatim=text, first_line=1
        )


def verdict(requirement: str, edition_id: str = OLD) -> Verdict:
    """Return the verdict of a row, computed now."""
    update_verdicts(actor=WORKER, edition_id=edition_id)
    return conformity(edition_id).summaries[requirement].verdict


@pytest.mark.parametrize(
    ("kind", "requirement", "changed", "error"),
    [
        (ATTESTATION, "SO-1-2", {"statement": "  "}, GroundsMissing),
        (ATTESTATION, "SO-1-2", {"kept_at": ""}, GroundsMissing),
        (ATTESTATION, "SO-1-2", {"subjects": ()}, GroundsMissing),
        (ATTESTATION, "SO-1-2", {"requirements": ()}, GroundsMissing),
        (ATTESTATION, "SO-1-1", {}, NotShownThisWay),
        (ATTESTATION, "SO-9-9", {}, NotFound),
        (ATTESTATION, "SO-2-1", {}, NotFound),
        (ATTESTATION, "SO-1-2", {"subjects": ("nobody",)}, SubjectUnknown),
        (ATTESTATION, "SO-1-2", {"statement": "見た\u202e"}, InvisibleCharacters),
        (EXCLUSION, "SO-1-1", {"statement": ""}, GroundsMissing),
        (EXCLUSION, "SO-1-1", {"subjects": ()}, GroundsMissing),
        (DOCUMENT, "SO-2-1-2", {"document": "documents.rules", "kept_at": " "}, GroundsMissing),
        (DOCUMENT, "SO-2-1-2", {"document": "documents.other"}, NotFound),
        (DOCUMENT, "SO-1-2", {"document": "documents.rules"}, NotShownThisWay),
    ],
)
def test_a_claim_without_grounds_is_refused(
    kind: ClaimKind, requirement: str, changed: dict[str, Any], error: type[Exception]
) -> None:
    """Conforming without evidence and not applicable without reason, where rivals answer 200: nothing is stored."""
    emr = system("電子カルテ")
    with pytest.raises(error):
        apply_for(kind, replace(draft(requirement, str(emr.pk)), **changed))
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("kind", "requirement", "days", "fits"),
    [
        (ATTESTATION, "SO-1-2", 0, False),
        (ATTESTATION, "SO-1-2", 1, True),
        (ATTESTATION, "SO-1-2", 90, True),
        (ATTESTATION, "SO-1-2", 91, False),
        (EXCLUSION, "SO-1-1", 365, True),
        (EXCLUSION, "SO-1-1", 366, False),
        (DOCUMENT, "SO-2-1-2", 365, True),
        (DOCUMENT, "SO-2-1-2", 366, False),
    ],
)
def test_how_long_a_claim_may_stand(kind: ClaimKind, requirement: str, days: int, fits: bool) -> None:
    """From tomorrow to as long as the mapping lets the proof stay fresh."""
    emr = system("電子カルテ")
    about = () if kind is DOCUMENT else (str(emr.pk),)
    document = "documents.rules" if kind is DOCUMENT else ""
    wanted = draft(requirement, *about, days=days, document=document)
    if fits:
        apply_for(kind, wanted)
        return
    with pytest.raises(ValidityWrong) as caught:
        apply_for(kind, wanted)
    assert caught.value.field == "valid_until"


def test_a_claim_counts_only_once_approved() -> None:
    """Applied for is not proven; sent back and mended it waits again."""
    emr = system("電子カルテ")
    wanted = draft("SO-1-2", str(emr.pk))
    application = apply_for(ATTESTATION, wanted)
    assert verdict("SO-1-2") is Verdict.NOT_ASSESSED
    send_back(actor=PLANNER, application_id=application, version=1, comment="どの画面か書いてください")
    claims.amend_claim(
        actor=OPERATOR,
        application_id=application,
        version=2,
        draft=replace(wanted, statement="設定画面で確かめた", kept_at=""),
        files=[PAPER],
    )
    assert verdict("SO-1-2") is Verdict.NOT_ASSESSED
    approve(actor=PLANNER, application_id=application, version=3)
    assert verdict("SO-1-2") is Verdict.PARTIAL
    (found,) = verdicts_of(OLD, "SO-1-2")
    assert (found.proofs[0]["ref"], found.proofs[0]["state"]) == (str(application), "holds")
    assert [json.loads(row.content)["statement"] for row in Submission.objects.order_by("number")] == [
        "画面で確かめた",
        "設定画面で確かめた",
    ]


def test_mending_without_grounds_is_refused_too() -> None:
    """The second door has the same lock."""
    emr = system("電子カルテ")
    application = apply_for(ATTESTATION, draft("SO-1-2", str(emr.pk)))
    send_back(actor=PLANNER, application_id=application, version=1, comment="不足")
    wanted = replace(draft("SO-1-2", str(emr.pk)), kept_at="")
    with pytest.raises(GroundsMissing):
        claims.amend_claim(actor=OPERATOR, application_id=application, version=2, draft=wanted)
    with pytest.raises(Forbidden):
        claims.amend_claim(actor=actor_with(Role.AUDITOR), application_id=application, version=2, draft=wanted)


def test_mending_changes_neither_what_it_is_about_nor_what_is_kept() -> None:
    """Not another item, not another kind of claim, and no file that was never there as the evidence."""
    emr = system("電子カルテ")
    about = str(emr.pk)
    application = apply_for(ATTESTATION, draft("SO-1-2", about))
    send_back(actor=PLANNER, application_id=application, version=1, comment="不足")

    def amend(wanted: claims.Draft, **more: Any) -> None:
        claims.amend_claim(actor=OPERATOR, application_id=application, version=2, draft=wanted, **more)

    with pytest.raises(NotShownThisWay):
        amend(draft("SO-1-1", about))
    with pytest.raises(NotShownThisWay):
        amend(replace(draft("SO-1-2", about), requirements=("SO-1-2", "SO-1-1")))
    with pytest.raises(NotFound):
        amend(replace(draft("SO-1-2", about), kept_at=""), keep=[99])
    with pytest.raises(NotShownThisWay):
        amend(draft("SO-2-1-2", document="documents.rules"))
    assert Application.objects.get().state == "sent_back"
    assert Submission.objects.count() == 1


def test_an_approved_reason_takes_an_item_away_until_it_runs_out(at_nine: clock.FixedClock) -> None:
    """With the reason in the approved words; afterwards it is out of date, not conforming."""
    emr = system("電子カルテ")
    approved(EXCLUSION, draft("SO-1-2", str(emr.pk), days=10, statement="外来のみの施設で該当する業務がない"))
    assert verdict("SO-1-2") is Verdict.NOT_APPLICABLE
    assert verdicts_of(OLD, "SO-1-2")[0].reason["said"] == "外来のみの施設で該当する業務がない"
    at_nine.moment = datetime(2026, 12, 1, 14, 59, 59, tzinfo=UTC)  # the last second of 12/1 in Tokyo
    assert verdict("SO-1-2") is Verdict.NOT_APPLICABLE
    at_nine.moment += timedelta(seconds=1)
    assert verdict("SO-1-2") is Verdict.EXPIRED


def test_a_closed_subject_is_claimed_about_no_more() -> None:
    """Between opening the form and sending it the system was closed."""
    emr = system("電子カルテ")
    close_entry(actor=OPERATOR, ledger=estate_ledgers.SYSTEMS, entry_id=emr.pk, version=1, reason="廃止")
    with pytest.raises(SubjectUnknown):
        apply_for(ATTESTATION, draft("SO-1-2", str(emr.pk)))


def test_a_paper_of_the_facility_answers_for_every_system() -> None:
    """Handed in once with its file; the control beside it is still missing."""
    system("電子カルテ"), system("PACS")
    approved(DOCUMENT, draft("SO-2-1-2", document="documents.rules", kept_at="", document_version="2版"), [PAPER])
    assert verdict("SO-2-1-2") is Verdict.PARTIAL
    assert [found.proofs[0]["state"] for found in verdicts_of(OLD, "SO-2-1-2")] == ["holds", "holds"]


def test_a_reworded_item_marks_the_claims_that_judged_the_older_wording() -> None:
    """要再評価 stands beside the verdict, which stays; line breaks are no change; a new claim carries no mark."""
    emr = system("電子カルテ")
    imported(OLD, SO_1_2="番人の名を帳面に記すこと。")
    approved(ATTESTATION, draft("SO-1-2", str(emr.pk)))
    before = verdict("SO-1-2")
    assert conformity(OLD).reassess.get("SO-1-2", 0) == 0
    imported(OLD, SO_1_2="番人の名を\n帳面に記すこと。")
    assert (verdict("SO-1-2"), conformity(OLD).reassess.get("SO-1-2", 0)) == (before, 0)
    imported(OLD, SO_1_2="番人の名と刻を帳面に記すこと。")
    assert (verdict("SO-1-2"), conformity(OLD).reassess["SO-1-2"]) == (before, 1)
    approved(ATTESTATION, draft("SO-1-2", str(emr.pk)))
    assert (verdict("SO-1-2"), conformity(OLD).reassess.get("SO-1-2", 0)) == (before, 0)


def test_nothing_carries_over_to_another_edition_by_itself() -> None:
    """Carried over explicitly; unchanged wording is unmarked, everything else 要再評価; repeating it adds nothing."""
    emr = system("電子カルテ")
    imported(OLD, SO_1_1="同じ文。", SO_1_2="番人の名を帳面に記すこと。", SO_2_1_2="失われる文。")
    approved(ATTESTATION, draft("SO-1-2", str(emr.pk)))
    approved(EXCLUSION, draft("SO-1-1", str(emr.pk)))
    approved(DOCUMENT, draft("SO-2-1-2", document="documents.rules"))
    assert verdict("SO-1-2", NEW) is Verdict.NOT_ASSESSED
    imported(NEW, SO_1_1="同じ\n文。", SO_1_2="番人の名と刻を帳面に記すこと。")
    assert carry_over(actor=PLANNER, before=OLD, after=NEW) == CarriedOver(same=1, changed=1, without_item=1)
    assert carry_over(actor=PLANNER, before=OLD, after=NEW) == CarriedOver(same=0, changed=0, without_item=1)
    assert verdict("SO-1-1", NEW) is Verdict.NOT_APPLICABLE
    assert verdict("SO-1-2", NEW) is Verdict.PARTIAL
    assert conformity(NEW).reassess == {"SO-1-1": 0, "SO-1-2": 1, "SO-2-1-1": 0}
    assert conformity(OLD).reassess.get("SO-1-2", 0) == 0
    for wrong, error in (((OLD, OLD), InvalidInput), ((OLD, "gate-9"), NotFound), (("gate-9", OLD), NotFound)):
        with pytest.raises(error):
            carry_over(actor=PLANNER, before=wrong[0], after=wrong[1])


def test_without_both_texts_a_carried_claim_is_marked() -> None:
    """Whether the wording changed is not known, so somebody must look."""
    emr = system("電子カルテ")
    approved(ATTESTATION, draft("SO-1-2", str(emr.pk)))
    assert carry_over(actor=PLANNER, before=OLD, after=NEW).changed == 1
    verdict("SO-1-2", NEW)
    assert conformity(NEW).reassess["SO-1-2"] == 1


def test_a_revoked_claim_is_gone_and_the_older_one_counts_again() -> None:
    """The newest in force wins."""
    emr = system("電子カルテ")
    first = approved(ATTESTATION, draft("SO-1-2", str(emr.pk), statement="一回目"))
    second = approved(ATTESTATION, draft("SO-1-2", str(emr.pk), statement="二回目"))

    def in_force() -> str:
        return current_claims(OLD).attestations["SO-1-2", str(emr.pk)].ref

    assert in_force() == str(second)
    revoke(actor=PLANNER, application_id=second, version=2, comment="誤り")
    assert in_force() == str(first)
    revoke(actor=PLANNER, application_id=first, version=2, comment="誤り")
    assert approved_claims() == []


def test_a_claim_is_shown_heading_by_heading() -> None:
    """What the approver reads: what is empty is left out."""
    emr = system("電子カルテ")
    application = apply_for(ATTESTATION, draft("SO-1-2", str(emr.pk), days=10))
    content = json.loads(Submission.objects.get(application=application).content)
    facts = {str(title): value for title, value in attestation.facts(content)}
    assert list(facts.values()) == [
        OLD,
        "SO-1-2",
        "電子カルテ",
        "画面で確かめた",
        "事務室の棚",
        f"{today() + timedelta(days=10):%Y/%m/%d}",
    ]


def test_claims_as_facts() -> None:
    """Known answers of the pure part: what a claim says, for whom, until when."""
    since, until = datetime(2026, 11, 1, tzinfo=UTC), end_of(today())
    claim = ApprovedClaim(
        DOCUMENT, "a", OLD, {"SO-1": "x", "SO-2": None}, {}, "documents.rules", "", since, until, True
    )
    facts = claim_facts([claim], OLD, {"SO-1": "y", "SO-2": "z"}, {})
    assert facts.documents == {
        ("documents.rules", "SO-1", ""): Claim(since, until, "a", reassess=True, own=True),
        ("documents.rules", "SO-2", ""): Claim(since, until, "a", reassess=True, own=True),
    }
    assert claim_facts([claim], NEW, {}, {}).documents == {}
    carried = claim_facts([claim], NEW, {}, {("a", "SO-2"): True})
    assert carried.documents == {("documents.rules", "SO-2", ""): Claim(since, until, "a", reassess=True, own=True)}
    named = replace(
        claim, kind=EXCLUSION, subjects={"emr": "d1", "pacs": "d2"}, reason="理由", requirements={"SO-1": None}
    )
    facts = claim_facts([named], OLD, {}, {})
    assert set(facts.not_applicable) == {("SO-1", "emr"), ("SO-1", "pacs")}
    assert facts.not_applicable["SO-1", "emr"].reason == "理由"
    assert (facts.documents, facts.attestations) == ({}, {})


def test_white_space_is_no_wording() -> None:
    """Neither breaks nor full-width spaces."""
    assert wording_hash("番人の\n名　を") == wording_hash("番人の名を") != wording_hash("番人の名と")


def test_an_application_id_is_returned() -> None:
    """So that the page can lead there."""
    assert isinstance(apply_for(EXCLUSION, draft("SO-1-1", str(system("電子カルテ").pk))), UUID)


def test_the_history_names_the_application_that_took_an_item_away() -> None:
    """Approved, and revoked again; the proofs beneath did not change."""
    emr = system("電子カルテ")
    verdict("SO-1-2")
    application = approved(EXCLUSION, draft("SO-1-2", str(emr.pk)))
    verdict("SO-1-2")
    revoke(actor=PLANNER, application_id=application, version=2, comment="誤り")
    verdict("SO-1-2")
    newest, before, _first = history_of(OLD, "SO-1-2")
    assert [change.cause for change in (newest, before)] == [{"kind": "applicability", "ref": str(application)}] * 2


def test_a_claim_is_marked_when_its_subject_became_another() -> None:
    """A test system that is excluded becomes the record system by a new name: somebody must look again."""
    dummy = system("試験用")
    approved(EXCLUSION, draft("SO-1-2", str(dummy.pk), statement="医療情報がない"))
    verdict("SO-1-2")
    assert conformity(OLD).reassess["SO-1-2"] == 0
    values = {"name": "電子カルテ本番", "kind": "emr", "form": "on_premises", "holds_medical_information": True}
    change_entry(actor=OPERATOR, ledger=estate_ledgers.SYSTEMS, entry_id=dummy.pk, version=1, values=values)
    verdict("SO-1-2")
    assert conformity(OLD).reassess["SO-1-2"] == 1


def test_an_approval_that_comes_too_late_is_refused(at_nine: clock.FixedClock) -> None:
    """The validity is over, or the system was closed meanwhile."""
    emr, pacs = system("電子カルテ"), system("PACS")
    late = apply_for(ATTESTATION, draft("SO-1-2", str(emr.pk), days=2))
    gone = apply_for(ATTESTATION, draft("SO-1-2", str(pacs.pk), days=30))
    close_entry(actor=OPERATOR, ledger=estate_ledgers.SYSTEMS, entry_id=pacs.pk, version=1, reason="廃止")
    at_nine.moment += timedelta(days=2)
    for application, error in ((late, ValidityWrong), (gone, SubjectUnknown)):
        with pytest.raises(error):
            approve(actor=PLANNER, application_id=application, version=1)
    assert approved_claims() == []


@pytest.mark.parametrize("blank", ["\u3164", "\u2800\u115f", "\u034f", "\u200d", "。、…", "🙂"])
def test_words_that_nobody_can_read_are_no_grounds(blank: str) -> None:
    """Neither as what was looked at nor as where the evidence is kept."""
    emr = system("電子カルテ")
    for changed in ({"statement": blank}, {"kept_at": blank}):
        with pytest.raises(GroundsMissing):
            apply_for(ATTESTATION, replace(draft("SO-1-2", str(emr.pk)), **changed))


def test_a_revoked_claim_stays_revoked_whatever_its_state_says() -> None:
    """The decisions are written once; the state beside them is not."""
    emr = system("電子カルテ")
    application = approved(ATTESTATION, draft("SO-1-2", str(emr.pk)))
    revoke(actor=PLANNER, application_id=application, version=2, comment="誤り")
    Application.objects.update(state="approved")
    assert approved_claims() == []


def test_a_claim_that_was_carried_is_marked_by_a_later_wording_too() -> None:
    """Carried for the same words; then the newer edition's text is imported anew with others."""
    emr = system("電子カルテ")
    imported(OLD, SO_1_2="名を記すこと。")
    imported(NEW, SO_1_2="名を記すこと。")
    approved(ATTESTATION, draft("SO-1-2", str(emr.pk)))
    assert carry_over(actor=PLANNER, before=OLD, after=NEW) == CarriedOver(same=1, changed=0, without_item=0)
    imported(NEW, SO_1_2="名と刻を記すこと。")
    verdict("SO-1-2", NEW)
    assert conformity(NEW).reassess["SO-1-2"] == 1


def test_a_claim_made_before_the_text_was_imported_is_marked() -> None:
    """What it judged is not known."""
    emr = system("電子カルテ")
    approved(ATTESTATION, draft("SO-1-2", str(emr.pk)))
    imported(OLD, SO_1_2="名を記すこと。")
    verdict("SO-1-2")
    assert conformity(OLD).reassess["SO-1-2"] == 1


def test_mending_stays_in_its_edition() -> None:
    """A sent-back claim about one edition is not turned into one about another."""
    emr = system("電子カルテ")
    application = apply_for(ATTESTATION, draft("SO-1-2", str(emr.pk)))
    send_back(actor=PLANNER, application_id=application, version=1, comment="不足")
    with pytest.raises(NotShownThisWay):
        claims.amend_claim(
            actor=OPERATOR, application_id=application, version=2, draft=draft("SO-1-2", str(emr.pk), edition_id=NEW)
        )
