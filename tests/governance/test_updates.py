"""Stored verdicts: computed where something changed, kept with their history, and equal to a whole computation."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.estate import ledgers
from sekisho.estate.models import Layer, System
from sekisho.estate.services import change_entry, close_entry
from sekisho.governance.errors import VerdictsDisagreed
from sekisho.governance.jobs import judge, judge_all
from sekisho.governance.models import JudgedEdition, StoredVerdict, VerdictChange
from sekisho.governance.queries import editions
from sekisho.governance.queries.conformance import conformity, history_of, verdicts_of
from sekisho.governance.queries.world import World, subjects_of
from sekisho.governance.rules.assessment import assess_edition
from sekisho.governance.rules.changes import proof_document
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.verdicts import Update, is_due, update_verdicts
from sekisho.kernel import clock
from sekisho.kernel.canonical import canonical_json
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.services import revoke
from sekisho.register.models import Event
from tests.conftest import MORNING, examples
from tests.governance.conftest import OLD
from tests.governance.working import OPERATOR, PLANNER, WORKER, approved, crash, draft, run, system

pytestmark = pytest.mark.django_db
PASS, FAIL, ERROR, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN


def update(*, whole: bool = False) -> Update:
    """Bring the verdicts of the older edition up to date."""
    return update_verdicts(actor=WORKER, edition_id=OLD, whole=whole)


def verdict(requirement: str) -> Verdict:
    """Return the present verdict of a row."""
    return conformity(OLD).summaries[requirement].verdict


def test_one_changed_finding_is_one_changed_verdict_with_its_cause(
    gate_editions: Path, at_nine: clock.FixedClock
) -> None:
    """A pass, then a failure of one of two systems: the others are not touched, and the history says why."""
    emr, pacs = system("電子カルテ"), system("PACS")
    names = str(emr.pk), str(pacs.pk)
    update()
    first = run("people.length", dict.fromkeys(names, PASS))
    assert (update().changed, verdict("SO-1-1")) == (4, Verdict.CONFORMING)
    at_nine.moment += timedelta(minutes=1)
    second = run("people.length", {names[0]: PASS, names[1]: FAIL})
    done = update()
    assert (done.judged, done.changed, verdict("SO-1-1")) == (4, 2, Verdict.NONCONFORMING)
    newest, *older = history_of(OLD, "SO-1-1")
    assert (newest.subject_label, newest.before, newest.after) == ("PACS", Verdict.CONFORMING, Verdict.NONCONFORMING)
    assert newest.cause == {
        "kind": "proofs",
        "changes": [
            {"proof": ["control", "people.length"], "before": "holds", "after": "fails", "ref": str(second.pk)}
        ],
    }
    assert older[0].cause["changes"][0]["ref"] == str(first.pk)
    assert {change.cause["kind"] for change in older[2:]} == {"first"}
    since = {row.subject_label: row.since for row in verdicts_of(OLD, "SO-1-1")}
    assert since == {"電子カルテ": MORNING, "PACS": at_nine.moment}


def test_nothing_changed_is_nothing_written(gate_editions: Path) -> None:
    """No event, no history, and the job does not even take the lock."""
    system("電子カルテ")
    assert is_due(OLD)
    update()
    events, history = Event.objects.count(), VerdictChange.objects.count()
    assert not is_due(OLD)
    assert update() == Update(0, 0, ())
    assert (Event.objects.count(), VerdictChange.objects.count()) == (events, history)


def test_the_changes_are_an_event_with_their_digest(gate_editions: Path) -> None:
    """So that the history can be proven by the register."""
    system("電子カルテ")
    update()
    details = json.loads(Event.objects.get(action="verdict.judge").entry)["details"]
    assert details["changes"] == VerdictChange.objects.count() == 4
    assert len(details["digest"]) == 64


def test_time_alone_makes_a_verdict_run_out(gate_editions: Path, at_nine: clock.FixedClock) -> None:
    """The control's proof stands for a day; a second later it is out of date, and the cause is this proof."""
    emr = system("電子カルテ")
    run("people.length", {str(emr.pk): PASS})
    update()
    at_nine.moment += timedelta(days=1)
    assert not is_due(OLD)
    at_nine.moment += timedelta(seconds=1)
    assert is_due(OLD)
    assert (update().judged, verdict("SO-1-1")) == (2, Verdict.EXPIRED)
    assert history_of(OLD, "SO-1-1")[0].cause["changes"][0]["after"] == "stale"
    assert not is_due(OLD)


def test_a_crash_hides_the_pass_before_it(gate_editions: Path, at_nine: clock.FixedClock) -> None:
    """Never a pass; mended by the next run."""
    emr = system("電子カルテ")
    for act, expected in (
        (lambda: run("people.length", {str(emr.pk): PASS}), Verdict.CONFORMING),
        (lambda: crash("people.length"), Verdict.CANNOT_TELL),
        (lambda: run("people.length", {str(emr.pk): PASS}), Verdict.CONFORMING),
        (lambda: run("people.length", {str(emr.pk): PASS}, length=8), Verdict.CANNOT_TELL),
        (lambda: run("people.length", {}), Verdict.CANNOT_TELL),
    ):
        at_nine.moment += timedelta(minutes=1)
        act()
        update()
        assert verdict("SO-1-1") is expected


def test_one_pass_and_89_errors_cannot_be_told(gate_editions: Path) -> None:
    """Where a rival says 100 %: errors stay in the denominator."""
    names = [str(system(f"系統{number}").pk) for number in range(90)]
    run("people.length", {name: PASS if place == 0 else ERROR for place, name in enumerate(names)})
    update()
    summary = conformity(OLD).summaries["SO-1-1"]
    assert (summary.verdict, summary.conforming, summary.total) == (Verdict.CANNOT_TELL, 1, 90)
    assert summary.counts == {Verdict.CONFORMING: 1, Verdict.CANNOT_TELL: 89}


def test_a_new_system_is_judged_and_a_closed_one_keeps_its_history(gate_editions: Path) -> None:
    """A subject that is gone leaves the denominator, not the history."""
    emr = system("電子カルテ")
    run("people.length", {str(emr.pk): PASS})
    update()
    pacs = system("PACS")
    update()
    summary = conformity(OLD).summaries["SO-1-1"]
    assert (summary.verdict, summary.conforming, summary.total) == (Verdict.CANNOT_TELL, 1, 2)
    close_entry(actor=OPERATOR, ledger=ledgers.SYSTEMS, entry_id=pacs.pk, version=1, reason="廃止")
    update()
    assert verdict("SO-1-1") is Verdict.CONFORMING
    assert [row.subject_label for row in verdicts_of(OLD, "SO-1-1")] == ["電子カルテ"]
    newest = history_of(OLD, "SO-1-1")[0]
    assert (newest.subject_label, newest.after, newest.cause) == ("PACS", None, {"kind": "gone"})


def test_a_changed_fact_takes_an_item_away_with_its_reason(gate_editions: Path) -> None:
    """The system moved into the cloud: the item does not apply any more, by rule."""
    emr = system("電子カルテ")
    update()
    values = {"name": "電子カルテ", "kind": "emr", "form": "cloud", "holds_medical_information": True}
    change_entry(actor=OPERATOR, ledger=ledgers.SYSTEMS, entry_id=emr.pk, version=1, values=values)
    update()
    (found,) = verdicts_of(OLD, "SO-1-1")
    assert (found.verdict, found.reason) == (Verdict.NOT_APPLICABLE, {"ja": "院内のみ", "en": "On-premises only"})
    assert history_of(OLD, "SO-1-1")[0].cause == {"kind": "applicability", "ref": ""}


def test_a_claim_counts_when_approved_and_no_longer_when_revoked(gate_editions: Path) -> None:
    """The ledger covers none of the system's layers yet: partly; without the claim: not assessed."""
    emr = system("電子カルテ")
    application = approved(ClaimKind.ATTESTATION, draft("SO-1-2", str(emr.pk)))
    update()
    assert verdict("SO-1-2") is Verdict.PARTIAL
    revoke(actor=PLANNER, application_id=application, version=2, comment="誤り")
    update()
    assert verdict("SO-1-2") is Verdict.NOT_ASSESSED
    for layer in Layer.objects.filter(system=emr):
        values = {"product": "製品", "product_version": "1"}
        change_entry(actor=OPERATOR, ledger=ledgers.LAYERS, entry_id=layer.pk, version=1, values=values)
    approved(ClaimKind.ATTESTATION, draft("SO-1-2", str(emr.pk)))
    update()
    assert verdict("SO-1-2") is Verdict.CONFORMING
    (found,) = verdicts_of(OLD, "SO-1-2")
    assert [(proof["n"], proof["N"]) for proof in found.proofs] == [(None, None), (4, 4)]


def test_a_wrong_row_is_found_and_righted_by_the_whole_computation(gate_editions: Path) -> None:
    """Somebody wrote into the table: the daily job says so, and the rows are right again."""
    emr = system("電子カルテ")
    judge.run()
    StoredVerdict.objects.filter(requirement="SO-1-1").update(verdict="conforming")
    assert not is_due(OLD)
    with pytest.raises(VerdictsDisagreed):
        judge_all.run()
    assert verdict("SO-1-1") is Verdict.NOT_ASSESSED
    event = json.loads(Event.objects.filter(action="verdict.judge").latest("source_seq").entry)
    assert event["details"]["disagreed"] == [f"SO-1-1/system/{emr.pk}"]
    judge_all.run()
    assert JudgedEdition.objects.get(edition=OLD).whole_at is not None


def test_another_edition_of_the_data_is_judged_anew(gate_editions: Path) -> None:
    """An update of Sekisho brought a stricter mapping: everything is computed again, the lost leaf leaves."""
    emr = system("電子カルテ")
    run("people.length", {str(emr.pk): PASS})
    update()
    assert verdict("SO-1-1") is Verdict.CONFORMING
    path = gate_editions / OLD / "mapping.yaml"
    path.write_text(path.read_text(encoding="utf8").replace("valid_days: 1, ", "planned: true, ", 1), encoding="utf8")
    editions.forget()
    assert is_due(OLD)
    update()
    assert verdict("SO-1-1") is Verdict.NOT_ASSESSED


def test_a_clock_that_was_set_back_is_seen(gate_editions: Path, at_nine: clock.FixedClock) -> None:
    """Judged while it ran ahead: due at once, everything is judged again, and nobody calls it a fault of ours."""
    emr = system("電子カルテ")
    run("people.length", {str(emr.pk): PASS})
    update()
    at_nine.moment -= timedelta(hours=1)
    assert is_due(OLD)
    done = update()
    assert (done.disagreed, verdict("SO-1-1")) == ((), Verdict.CANNOT_TELL)


def test_a_run_from_a_clock_that_ran_ahead_gives_way(gate_editions: Path, at_nine: clock.FixedClock) -> None:
    """A pass dated next month does not hide today's failure, and does not come true next month."""
    emr = system("電子カルテ")
    at_nine.moment += timedelta(days=30)
    run("people.length", {str(emr.pk): PASS})
    at_nine.moment -= timedelta(days=30)
    run("people.length", {str(emr.pk): FAIL})
    update()
    assert verdict("SO-1-1") is Verdict.NONCONFORMING
    at_nine.moment += timedelta(days=31)
    run("people.length", {str(emr.pk): PASS}, age=timedelta(days=-1))
    update()
    assert verdict("SO-1-1") is Verdict.NONCONFORMING, "a run that says it ended tomorrow takes no place"


def test_an_edition_that_lost_an_item_is_no_disagreement(gate_editions: Path) -> None:
    """An update of Sekisho announces everything; the lost item's verdicts leave with their history kept."""
    system("電子カルテ")
    update()
    for name, until in (("mapping.yaml", "  SO-2-1-2:"), ("chapter-02.yaml", "- id: SO-2-1-2")):
        path = gate_editions / OLD / name
        path.write_text(path.read_text(encoding="utf8").split(until)[0], encoding="utf8")
    (gate_editions / OLD / "documents.yaml").write_text("[]", encoding="utf8")
    editions.forget()
    assert update().disagreed == ()
    assert not StoredVerdict.objects.filter(edition=OLD, requirement="SO-2-1-2").exists()
    assert history_of(OLD, "SO-2-1-2")[0].cause == {"kind": "gone"}


Act = Callable[["Stage"], None]


class Stage:
    """An estate of up to three systems that things happen to, at a clock that only goes on."""

    def __init__(self, fixed: clock.FixedClock) -> None:
        self.clock = fixed
        self.systems: list[System] = []
        self.claims: list[object] = []

    def names(self) -> list[str]:
        """Return the ids of the open systems."""
        return [str(row.pk) for row in self.systems]


def add(stage: Stage) -> None:
    """A new system."""
    if len(stage.systems) < 3:
        form = ("on_premises", "cloud", "hybrid")[len(stage.systems)]
        kind = "platform" if len(stage.systems) == 1 else "emr"
        stage.systems.append(system(f"系統{clock.now().timestamp()}", form, kind))


def close(stage: Stage) -> None:
    """The oldest system goes."""
    if stage.systems:
        gone = stage.systems.pop(0)
        close_entry(actor=OPERATOR, ledger=ledgers.SYSTEMS, entry_id=gone.pk, version=gone.version, reason="廃止")


def fill(stage: Stage) -> None:
    """One more layer is described."""
    layer = Layer.objects.filter(system__in=stage.systems, product="").order_by("id").first()
    if layer:
        values = {"product": "製品", "product_version": "1"}
        change_entry(actor=OPERATOR, ledger=ledgers.LAYERS, entry_id=layer.pk, version=layer.version, values=values)


def ran(control: str, outcome: Outcome, length: int = 13) -> Act:
    """Return a run of a control that says this of every system but the last, and passes that."""

    def act(stage: Stage) -> None:
        found = dict.fromkeys(stage.names(), outcome)
        if stage.systems:
            found[stage.names()[-1]] = PASS
        run(control, found, length=length)

    return act


def claim(kind: ClaimKind, requirement: str, days: int) -> Act:
    """Return a claim about the first system, or a paper for the facility."""

    def act(stage: Stage) -> None:
        about = stage.names()[:1]
        if kind is ClaimKind.DOCUMENT:
            stage.claims.append(approved(kind, draft(requirement, days=days, document="documents.rules")))
        elif about:
            stage.claims.append(approved(kind, draft(requirement, *about, days=days)))

    return act


def take_back(stage: Stage) -> None:
    """The newest claim is revoked."""
    if stage.claims:
        revoke(actor=PLANNER, application_id=stage.claims.pop(), version=2, comment="誤り")  # type: ignore[arg-type]


def fall_over(_stage: Stage) -> None:
    """The control crashes."""
    crash("people.length")


def wait(length: timedelta) -> Act:
    """Return a stretch of time."""

    def act(stage: Stage) -> None:
        stage.clock.moment += length

    return act


ACTS: list[Act] = [
    add,
    close,
    fill,
    take_back,
    fall_over,
    *(ran("people.length", outcome) for outcome in Outcome),
    ran("people.length", PASS, 8),
    *(ran("people.lockout", outcome) for outcome in (PASS, FAIL, UNKNOWN)),
    claim(ClaimKind.ATTESTATION, "SO-1-2", 2),
    claim(ClaimKind.NOT_APPLICABLE, "SO-1-1", 1),
    claim(ClaimKind.NOT_APPLICABLE, "SO-1-2", 3),
    claim(ClaimKind.DOCUMENT, "SO-2-1-2", 2),
    *(wait(timedelta(hours=hours)) for hours in (13, 26, 48) for _ in range(3)),
]


class Undo(Exception):
    """Ends an example's savepoint, so that the next one begins with nothing."""


@settings(max_examples=examples(8, 200), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.booleans()), min_size=3, max_size=14))
def test_computing_only_what_changed_gives_what_computing_everything_gives(
    gate_editions: Path, acts: list[tuple[Act, bool]]
) -> None:
    """Whatever happens, in whatever order, however seldom the verdicts are computed in between."""
    with pytest.raises(Undo), transaction.atomic(), clock.use(clock.FixedClock(MORNING)) as fixed:
        assert isinstance(fixed, clock.FixedClock)
        stage = Stage(fixed)
        for act, then_update in [(add, True), *acts, (wait(timedelta(seconds=1)), True)]:
            fixed.moment += timedelta(seconds=1)
            act(stage)
            if then_update:
                update()
                assert stored() == expected()
        assert update(whole=True).disagreed == ()
        raise Undo


def stored() -> set[tuple[object, ...]]:
    """Return what is stored, without when."""
    rows = StoredVerdict.objects.filter(edition=OLD)
    return set(rows.values_list("requirement", "subject_id", "subject_label", "verdict", "proofs", "look_again_at"))


def expected() -> set[tuple[object, ...]]:
    """Return what judging everything gives, past the store."""
    world, wanted = World(OLD), editions.edition(OLD)
    facts = world.facts({leaf.id for leaf in wanted.leaves})
    subjects = {kind: world.subjects(kind) for kind in SubjectKind}
    results = assess_edition(wanted, editions.mapping(OLD), subjects, facts, clock.now())
    return {
        (
            leaf,
            judged.subject.id,
            judged.subject.label,
            judged.verdict.value,
            canonical_json([proof_document(result) for result in judged.proofs]).decode(),
            judged.look_again_at,
        )
        for leaf, result in results.items()
        for judged in result.judgements
    }


def test_the_list_of_verdicts_takes_two_queries(
    gate_editions: Path, django_assert_num_queries: Callable[..., object]
) -> None:
    """However many subjects there are."""
    for number in range(30):
        system(f"系統{number}")
    update()
    with django_assert_num_queries(2, connection=connection):  # type: ignore[attr-defined]
        conformity(OLD)


def test_the_short_way_after_a_run_comes_to_the_same(gate_editions: Path, at_nine: clock.FixedClock) -> None:
    """Told which control ran, nothing else is looked at; the rest waits for the next look."""
    emr = system("電子カルテ")
    update()
    run("people.length", {str(emr.pk): PASS})
    pacs = system("PACS")
    done = update_verdicts(actor=WORKER, edition_id=OLD, controls=["people.length"])
    assert (done.judged, done.changed) == (4, 4)
    assert verdict("SO-1-1") is Verdict.CANNOT_TELL
    assert not [row for row in verdicts_of(OLD, "SO-1-2") if row.subject_id == str(pacs.pk)]
    assert is_due(OLD)
    update()
    assert stored() == expected()
    assert update_verdicts(actor=WORKER, edition_id=OLD, controls=["people.length"]) == Update(0, 0, ())


def test_subjects_are_named_in_the_language_of_the_facility(gate_editions: Path) -> None:
    """An English terminal does not rename the layers of a Japanese hospital."""
    system("電子カルテ")
    with translation.override("ja"):
        names = [subject.label for subject in subjects_of(SubjectKind.LAYER)]
    with translation.override("en"):
        assert [subject.label for subject in subjects_of(SubjectKind.LAYER)] == names
