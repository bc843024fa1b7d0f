"""Rounds of assessment, against what broke rivals: a locked round keeps its text, its verdicts and its proofs."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from sekisho.governance.errors import RoundExists, RoundLocked, RoundYearWrong
from sekisho.governance.models import Round, RoundItem, RoundJudgement
from sekisho.governance.queries import editions
from sekisho.governance.queries.conformance import conformity
from sekisho.governance.queries.rounds import get_round, kept_item, kept_items, rounds
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.rounds import lock_round, open_round, round_digest
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import Conflict, Forbidden, NotFound
from sekisho.kernel.ids import new_id
from sekisho.ledgers.errors import AppendOnlyViolation
from sekisho.ledgers.services import revoke
from sekisho.register.models import Event
from tests.conftest import actor_with
from tests.governance.conftest import OLD
from tests.governance.test_claims import imported
from tests.governance.working import OPERATOR, PAPER, PLANNER, WORKER, approved, draft, run, system

pytestmark = pytest.mark.django_db


@pytest.fixture
def locked(gate_editions: Path, at_nine: clock.FixedClock) -> Round:
    """A locked round with an official text, a passing run, an attestation and a document behind its verdicts."""
    emr = system("電子カルテ")
    imported(OLD, SO_1_1="番人を置くこと。", SO_1_2="名を記すこと。")
    run("people.length", {str(emr.pk): Outcome.PASS})
    approved(ClaimKind.ATTESTATION, draft("SO-1-2", str(emr.pk)))
    approved(ClaimKind.DOCUMENT, draft("SO-2-1-2", document="documents.rules", kept_at=""), [PAPER])
    opened = open_round(actor=OPERATOR, year=2026, edition_id=OLD)
    return lock_round(actor=PLANNER, round_id=opened.pk, version=1, comment="令和8年度の評価")


def kept(found: Round) -> str:
    """Return everything a round keeps, as one text."""
    items = [
        [item.requirement, dict(item.row), item.official, item.verdict, dict(item.counts)] for item in kept_items(found)
    ]
    judged = [
        [row.requirement, row.subject_label, row.verdict, row.reason, row.proofs]
        for item in kept_items(found)
        for row in kept_item(found, item.requirement)[1]
    ]
    return json.dumps([items, judged], ensure_ascii=False)


def test_a_locked_round_holds_texts_verdicts_and_proofs(locked: Round) -> None:
    """Our text and the official one, the mapping, every judgement with its grounds; and an event with the digest."""
    items = {item.requirement: item for item in kept_items(locked)}
    assert list(items) == ["SO-1-1", "SO-1-2", "SO-2-1", "SO-2-1-1", "SO-2-1-2"]
    assert (items["SO-1-1"].official, items["SO-1-1"].verdict) == ("番人を置くこと。", Verdict.CONFORMING)
    assert items["SO-1-1"].row["title"]["ja"] == "番人を置く"
    assert items["SO-1-1"].row["mapping"]["proofs"][0]["id"] == "people.length"
    assert items["SO-2-1"].counts == {Verdict.CONFORMING: 1, Verdict.NOT_ASSESSED: 1}
    (judged,) = kept_item(locked, "SO-1-1")[1]
    (proof,) = json.loads(judged.proofs)
    assert (proof["state"], len(proof["ref"])) == ("holds", 36)
    event = json.loads(Event.objects.get(action="round.lock").entry)
    assert (event["details"]["digest"], event["reason"]) == (locked.digest, "令和8年度の評価")


def test_its_digest_is_over_everything_it_keeps(locked: Round) -> None:
    """Recomputed from the rows; one word changed is another digest."""
    items, judged = list(RoundItem.objects.filter(round=locked)), list(RoundJudgement.objects.filter(round=locked))
    assert round_digest(locked, items, judged) == locked.digest
    for row, field in (
        (items[0], "official"),
        (items[0], "row"),
        (items[0], "official_sha256"),
        (judged[0], "proofs"),
        (judged[0], "reason"),
    ):
        before = getattr(row, field)
        setattr(row, field, before + "x")
        assert round_digest(locked, items, judged) != locked.digest, field
        setattr(row, field, before)
    assert len(hashlib.sha256().hexdigest()) == len(locked.digest)


def test_a_locked_round_survives_an_update_of_the_edition(locked: Round, gate_editions: Path) -> None:
    """Reworded and shortened, data and official text, everything judged anew: the round says what it said."""
    before = kept(locked)
    chapter = gate_editions / OLD / "chapter-01.yaml"
    chapter.write_text(chapter.read_text(encoding="utf8").replace("番人を置く", "番犬を飼う"), encoding="utf8")
    second = gate_editions / OLD / "chapter-02.yaml"
    second.write_text(second.read_text(encoding="utf8").rsplit("- id: SO-2-1-2", 1)[0], encoding="utf8")
    mapping = gate_editions / OLD / "mapping.yaml"
    mapping.write_text(mapping.read_text(encoding="utf8").split("  SO-2-1-2:")[0], encoding="utf8")
    (gate_editions / OLD / "documents.yaml").write_text("[]", encoding="utf8")
    editions.forget()
    imported(OLD, SO_1_1="番犬を飼うこと。")
    update_verdicts(actor=WORKER, edition_id=OLD, whole=True)
    assert editions.edition(OLD).by_id["SO-1-1"].title.ja == "番犬を飼う"
    assert "SO-2-1-2" not in conformity(OLD).summaries
    assert kept(get_round(locked.pk)) == before


def test_a_locked_round_survives_what_happens_to_its_proofs(locked: Round, at_nine: clock.FixedClock) -> None:
    """The control fails, the claim is revoked, time passes: the present changes, the round does not."""
    before = kept(locked)
    (judged,) = kept_item(locked, "SO-1-2")[1]
    application = json.loads(judged.proofs)[0]["ref"]
    at_nine.moment += timedelta(days=400)
    run("people.length", {judged.subject_id: Outcome.FAIL})
    revoke(actor=PLANNER, application_id=application, version=2, comment="誤り")
    update_verdicts(actor=WORKER, edition_id=OLD)
    assert conformity(OLD).summaries["SO-1-1"].verdict is Verdict.NONCONFORMING
    assert kept(get_round(locked.pk)) == before


TABLES = (
    "governance_evidencerun",
    "governance_evidencefinding",
    "governance_observation",
    "governance_officialtext",
    "governance_officialitem",
    "governance_verdictchange",
    "governance_rounditem",
    "governance_roundjudgement",
    "governance_round",
    "ledgers_submission",
    "ledgers_submissionfile",
    "ledgers_filedata",
    "ledgers_decision",
)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["DELETE FROM {table}", "UPDATE {table} SET {column} = {column}"])
def test_nothing_behind_a_locked_round_can_be_deleted_or_changed(locked: Round, table: str, verb: str) -> None:
    """Not even past the application: the database refuses, and the rows are still there."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        before = cursor.fetchone()
        column = connection.introspection.get_table_description(cursor, table)[0].name
    assert before[0] > 0
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format(table=table, column=column))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        assert cursor.fetchone() == before


def test_the_tables_refuse_through_the_models_too(locked: Round) -> None:
    """With words, before the database has to."""
    for row in (*RoundItem.objects.all()[:1], *RoundJudgement.objects.all()[:1]):
        with pytest.raises(AppendOnlyViolation):
            row.delete()
        with pytest.raises(AppendOnlyViolation):
            row.save()


def test_a_locked_round_is_locked_once(locked: Round) -> None:
    """A second lock names who did it; a stale page is a conflict; an unknown round is not found."""
    with pytest.raises(RoundLocked):
        lock_round(actor=PLANNER, round_id=locked.pk, version=2)
    later = open_round(actor=OPERATOR, year=2025, edition_id=OLD)
    with pytest.raises(Conflict):
        lock_round(actor=PLANNER, round_id=later.pk, version=7)
    with pytest.raises(NotFound):
        lock_round(actor=PLANNER, round_id=new_id(), version=1)
    with pytest.raises(Forbidden):
        lock_round(actor=actor_with(Role.SYSTEM_OPERATOR), round_id=later.pk, version=1)
    assert kept_items(later) == []
    with pytest.raises(NotFound):
        kept_item(later, "SO-1-1")


def test_one_round_a_year_and_edition(gate_editions: Path, at_nine: clock.FixedClock) -> None:
    """The latest year first."""
    for year in (2025, 2026):
        open_round(actor=OPERATOR, year=year, edition_id=OLD)
    assert [found.fiscal_year for found in rounds()] == [2026, 2025]
    with pytest.raises(RoundExists):
        open_round(actor=OPERATOR, year=2026, edition_id=OLD)
    with pytest.raises(NotFound):
        open_round(actor=OPERATOR, year=2026, edition_id="gate-9")
    for year in (2024, 2027, 0, 99_999_999_999):
        with pytest.raises(RoundYearWrong):
            open_round(actor=OPERATOR, year=year, edition_id=OLD)


@pytest.mark.parametrize("table", ["governance_rounditem", "governance_roundjudgement"])
def test_nothing_is_added_to_a_locked_round(locked: Round, table: str) -> None:
    """No ghost among its judgements."""
    with connection.cursor() as cursor:
        names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    copied = [{"id": "99999", "requirement": "'SO-9-9'"}.get(name, name) for name in names]
    statement = f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(copied)} FROM {table} LIMIT 1"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's REPLACE")
@pytest.mark.parametrize("table", ["governance_roundjudgement", "governance_round", "ledgers_filedata"])
def test_replacing_a_row_is_changing_it(locked: Round, table: str) -> None:
    """INSERT OR REPLACE deletes first, and meets the same refusal."""
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
