"""The work on a requirement by HTTP: the list by conditions, who looks after it, comments, exceptions, the matrix."""

import html as escaping
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.governance.models import Assignment, Comment
from sekisho.governance.queries.editions import CURRENT, edition, mapping
from sekisho.governance.queries.exceptions import exceptions
from sekisho.governance.queries.matrix import SYSTEMS_A_PAGE, matrix, system_page
from sekisho.governance.queries.work import work_on
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.exceptions import ExceptionDraft, open_exception
from sekisho.governance.services.work import Plan, add_comment, settle_work
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.services import approve
from tests.governance.pages import (
    application_of,
    chosen,
    content_of,
    field_error,
    ids_of,
    import_wording,
    judge,
    page,
    post,
    row_of,
    step,
    words,
)
from tests.governance.test_pages import ESCAPED, HOSTILE, listed
from tests.governance.working import OPERATOR, PLANNER, approved, draft, run, system, today

pytestmark = pytest.mark.django_db
ITEM = "SO-2-3"
ALL_ROLES = [Role.MANAGEMENT, Role.SAFETY_MANAGER, Role.PLANNING_MANAGER, Role.SYSTEM_OPERATOR]


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    """The operator."""
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def planner(signed_in: Callable[..., Client]) -> Client:
    """The planning manager, who approves."""
    return signed_in(Role.PLANNING_MANAGER)


@pytest.fixture
def facility(operator: Actor) -> str:
    """The facility, and its id as a subject."""
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所内科クリニック", "kind": "clinic"})
    judge()
    return ids_of(SubjectKind.FACILITY)[0]


def me(client: Client) -> str:
    """Return the id of the person who is signed in."""
    return str(client.user.staff_id)  # type: ignore[attr-defined]


def settle(item: str, who: str = "", days: int | None = None) -> None:
    """Settle an item as the operator."""
    due_on = today() + timedelta(days=days) if days is not None else None
    settle_work(actor=OPERATOR, requirement_id=item, version=work_on(item).version, plan=Plan(who, due_on))


def excepted(item: str, *subjects: str, days: int = 90, **changed: Any) -> str:
    """Return the id of an exception that the planning manager approved."""
    values: dict[str, Any] = {"reason": "更改まで製品が対応しない", "substitute": "端末を二要素にする", **changed}
    wanted = ExceptionDraft(requirement=item, subjects=subjects, valid_until=today() + timedelta(days=days), **values)
    application = open_exception(actor=OPERATOR, draft=wanted)
    approve(actor=PLANNER, application_id=application, version=1)
    return str(application)


def found(client: Client, **conditions: object) -> list[str]:
    """Return the ids on the list under conditions."""
    return listed(page(client, "requirements", query=f"?{urlencode(conditions)}"))


# The list


def test_each_group_shows_its_chapters_with_its_numbers(client: Client, facility: str) -> None:
    """The guideline's own four groups and what stands before them; together they are everything."""
    html = page(client, "requirements")
    tabs = re.findall(r'<a href="/requirements/\?group=(\w+)">([^<]+)<span class="count">(\d+)/(\d+)</span>', html)
    assert [name for name, *_rest in tabs] == ["common", "client", "server", "infrastructure", "security"]
    chapters = {"common": "123456", "client": "78"}
    every: list[str] = []
    for name, _title, _done, _number in tabs:
        mine = found(client, group=name)
        if name in chapters:
            assert {item.split("-")[1] for item in mine} == set(chapters[name])
        every += mine
    assert every == [row.id for row in edition().rows]
    assert "SO-18-1" not in found(client, group="infrastructure")
    assert len(found(client, group="nonsense")) == 130


def test_several_verdicts_at_once_and_each_is_one_touch_away(client: Client, facility: str) -> None:
    approved(ClaimKind.NOT_APPLICABLE, draft("SO-16-1", facility, edition_id=CURRENT))
    approved(ClaimKind.ATTESTATION, draft(ITEM, facility, edition_id=CURRENT))
    judge()
    assert found(client, verdict="not_applicable,partial") == sorted(
        [*found(client, verdict="not_applicable"), *found(client, verdict="partial")], key=_place
    )
    html = page(client, "requirements", query="?verdict=partial&group=common")
    assert 'href="/requirements/?group=common&amp;verdict=partial%2Cnot_applicable"' in html, "adding a second"
    assert 'href="/requirements/?group=common" aria-current="true"' in html, "taking the first away again"
    assert '<input type="hidden" name="verdict" value="partial">' in html, "searching keeps it"
    assert '<input type="hidden" name="group" value="common">' in html
    assert words("Partly conforming") in html[html.index('class="conditions"') :][:300], "paper tells what is shown"


def _place(name: str) -> int:
    return [row.id for row in edition().rows].index(name)


def test_by_person_day_and_mark(client: Client, facility: str, signed_in: Callable[..., Client]) -> None:
    settle(ITEM, me(client), 0)
    settle("SO-2-4", me(client), 400)
    settle("SO-2-5", "", 3)
    Assignment.objects.filter(requirement="SO-2-5").update(due_on=today() - timedelta(days=1))
    assert found(client, person=me(client)) == found(client, person="me") == [ITEM, "SO-2-4"]
    assert found(client, due="overdue") == ["SO-2-5"]
    assert ITEM in found(client, due="month")
    assert "SO-2-4" not in found(client, due="month")
    assert not {ITEM, "SO-2-4"} & set(found(client, person="nobody"))
    assert len(found(client, person="nobody")) == 119
    assert found(client, person="me", due="overdue") == []
    assert found(signed_in(Role.AUDITOR), person="me") == []
    html = page(client, "requirements", query="?due=overdue")
    assert words("Overdue") in html
    assert f'<option value="{me(client)}">' in html, "whoever looks after something can be chosen"
    row = html[html.index("/requirements/SO-2-5/") :].split("</tr>")[0]
    assert words("Overdue") in row


def test_what_is_done_is_no_longer_due(client: Client, facility: str) -> None:
    settle("SO-16-1", me(client), 0)
    Assignment.objects.update(due_on=today() - timedelta(days=3))
    assert found(client, due="overdue") == ["SO-16-1"]
    approved(ClaimKind.NOT_APPLICABLE, draft("SO-16-1", facility, edition_id=CURRENT))
    judge()
    assert found(client, due="overdue") == []
    assert words("Overdue") not in page(client, "requirement", "SO-16-1")


def test_what_must_be_judged_again_and_what_is_excepted(client: Client, facility: str) -> None:
    import_wording(ITEM, "手順書を新しくしておくこと。")
    approved(ClaimKind.ATTESTATION, draft(ITEM, facility, edition_id=CURRENT))
    import_wording(ITEM, "手順書をつねに新しくしておくこと。")
    excepted("SO-16-1", facility)
    judge()
    assert found(client, reassess="1") == [ITEM]
    assert found(client, excepted="1") == ["SO-16-1"]


@pytest.mark.parametrize("text", ["14-6-4", "⑥", "14⑥(4)", "SO-14-6"])
def test_numbers_find_the_item_as_it_is_printed(client: Client, text: str) -> None:
    mine = found(client, q=text)
    assert "SO-14-6-4" in mine
    assert "SO-16-1" not in mine
    assert "SO-14-8" not in mine


def test_the_list_works_by_keyboard_and_reader(client: Client, facility: str) -> None:
    """Headings, the skip link, labels: nothing depends on a script, a colour or a mouse."""
    html = page(client, "requirements", query="?verdict=not_assessed")
    assert html.index('class="skip"') < html.index("<main")
    assert html.count("<h1>") == 1
    for name in ("person", "due", "reassess", "excepted"):
        assert f'<label for="id_{name}">' in html
    assert words("chosen") in html, "a chosen verdict is told in words"
    assert html.index('class="tabs"') < html.index('class="search"') < html.index("<table")


# Who looks after it, and by when


def test_who_and_when_are_named_on_the_page(client: Client, facility: str) -> None:
    form = page(client, "settle", ITEM)
    assert f'<option value="{me(client)}">' in form
    answer = post(client, "settle", ITEM, assignee=me(client), due_on="令和9年3月31日", version=1)
    assert answer.status_code == 302, answer.content.decode()
    html = page(client, "requirement", ITEM)
    assert words("Responsible: %(name)s", name="system_operator") in html
    assert "令和9年3月31日" in html
    assert words("named by %(name)s", name="system_operator") in html
    assert words("What was settled before") in html
    row = page(client, "requirements").split("/requirements/SO-2-3/")[1].split("</tr>")[0]
    assert "system_operator" in row
    assert "令和9年3月31日" in row
    assert 'value="2027/03/31"' in page(client, "settle", ITEM)


def test_of_two_editors_the_second_sees_what_the_first_kept(client: Client, planner: Client, facility: str) -> None:
    """Both opened version 1. The second is told by whom, sees both, and may send it again."""
    assert post(planner, "settle", ITEM, assignee=me(planner), version=1).status_code == 302
    answer = post(client, "settle", ITEM, assignee=me(client), due_on="2027/3/31", version=1)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "planning_manager" in html
    assert words("Stored now") in html
    assert 'name="version" value="2"' in html
    assert 'value="2027/3/31"' in html, "what was typed stays"
    assert work_on(ITEM).assignee_id == me(planner)
    assert post(client, "settle", ITEM, assignee=me(client), due_on="2027/3/31", version=2).status_code == 302
    assert work_on(ITEM).assignee_id == me(client)


@pytest.mark.parametrize(
    ("fault", "field"),
    [({"due_on": "2020/1/1"}, "due_on"), ({"due_on": "someday"}, "due_on"), ({"assignee": "nobody"}, "assignee")],
)
def test_what_cannot_be_settled_is_shown_at_its_field(
    client: Client, facility: str, fault: dict[str, str], field: str
) -> None:
    answer = post(client, "settle", ITEM, **{"version": 1, **fault})
    assert answer.status_code == 422
    assert field_error(answer.content.decode(), field)
    assert not Assignment.objects.exclude(version=1).exists()


def test_without_a_version_nothing_is_overwritten(client: Client, facility: str) -> None:
    for version in ("", "x", "0"):
        assert post(client, "settle", ITEM, assignee=me(client), version=version).status_code == 409


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.INSPECTOR])
def test_who_only_reads_is_offered_nothing(signed_in: Callable[..., Client], facility: str, role: Role) -> None:
    add_comment(actor=OPERATOR, requirement_id=ITEM, text="業者に聞いた")
    excepted(ITEM, facility)
    reader = signed_in(role)
    html = page(reader, "requirement", ITEM)
    assert "業者に聞いた" in html
    assert "端末を二要素にする" in html
    for name in ("settle", "except", "comment"):
        assert f'"{reverse(f"governance:{name}", args=[ITEM])}"' not in html
        assert post(reader, name, ITEM, text="x").status_code == 403
    assert "<textarea" not in html
    assert Comment.objects.count() == 1


def test_a_department_manager_comments_and_settles_nothing(signed_in: Callable[..., Client], facility: str) -> None:
    manager = signed_in(Role.DEPARTMENT_MANAGER)
    html = page(manager, "requirement", ITEM)
    assert reverse("governance:settle", args=[ITEM]) not in html
    assert post(manager, "comment", ITEM, text="病棟では済んだ").status_code == 302
    assert post(manager, "settle", ITEM, version=1).status_code == 403


# Comments


def test_a_comment_is_kept_struck_out_and_still_readable(client: Client, planner: Client, facility: str) -> None:
    assert post(client, "comment", ITEM, text="業者に聞いた。\n回答は来週。").status_code == 302
    comment = Comment.objects.get()
    strike = reverse("governance:strike", args=[ITEM, comment.pk])
    html = page(client, "requirement", ITEM)
    assert "業者に聞いた。<br>回答は来週。" in html
    assert strike in html
    assert strike not in page(planner, "requirement", ITEM), "another's comment is not theirs to strike out"
    assert planner.post(strike, {"reason": "いらない"}).status_code == 403
    assert "業者に聞いた。" in client.get(strike).content.decode()
    refused = client.post(strike, {"reason": ""})
    assert refused.status_code == 422
    assert field_error(refused.content.decode(), "reason")
    assert client.post(strike, {"reason": "別の項目"}).status_code == 302
    html = page(client, "requirement", ITEM)
    assert "<s>業者に聞いた。<br>回答は来週。</s>" in html
    assert "別の項目" in html
    assert strike not in html
    again = client.post(strike, {"reason": "もう一度"})
    assert again.status_code == 409
    assert words("The comment was struck out already.") in again.content.decode()


@pytest.mark.parametrize("text", ["", " ", "。", "a\u202eb", "x" * 2001])
def test_a_refused_comment_stays_as_typed(client: Client, facility: str, text: str) -> None:
    answer = post(client, "comment", ITEM, text=text)
    assert answer.status_code == 422
    assert field_error(answer.content.decode(), "text")
    assert not Comment.objects.exists()


def test_hostile_comments_and_exceptions_are_words(client: Client, facility: str) -> None:
    post(client, "comment", ITEM, text=HOSTILE)
    excepted(ITEM, facility, reason=HOSTILE, substitute=HOSTILE)
    html = page(client, "requirement", ITEM)
    assert "<script>alert" not in html
    assert html.count(ESCAPED) == 3


def test_many_comments_come_page_by_page(client: Client, facility: str) -> None:
    for number in range(51):
        add_comment(actor=OPERATOR, requirement_id=ITEM, text=f"記録{number:02}")
    first, second = (page(client, "requirement", ITEM, query=query) for query in ("", "?comments=2"))
    assert "記録50" in first
    assert "記録00" not in first
    assert "記録00" in second
    assert post(client, "comment", "SO-13-13", text="親").status_code == 404


# Exceptions


def exception(*subjects: str, **more: Any) -> dict[str, Any]:
    """Return the form of an exception as it is typed."""
    values = {"reason": "更改まで製品が対応しない", "substitute": "端末を二要素にする", "valid_until": "R9.6.30"}
    return {"subjects": list(subjects), **values, **more}


def test_an_exception_stands_beside_the_verdict(client: Client, planner: Client) -> None:
    """Applied for, approved, shown on the list and on the item; 不適合 stays 不適合; at its end it says so."""
    emr, pacs = str(system("電子カルテ").pk), str(system("PACS").pk)
    item, control = _failing_item()
    run(control, {emr: Outcome.FAIL, pacs: Outcome.FAIL})
    judge()
    form = page(client, "except", item, query=f"?subject={emr}")
    assert chosen(form, "subjects") == [emr]
    application = application_of(post(client, "except", item, **exception(emr)))
    assert content_of(application)["substitute"] == "端末を二要素にする"
    html = page(client, "requirement", item)
    assert words("Waiting for approval") in html
    assert words("Exception until %(day)s", day="令和9年6月30日") not in html, "asked for is not approved"
    step(planner, "approve", application)
    judge()
    mark = words("Exception until %(day)s", day="令和9年6月30日")
    html = page(client, "requirement", item)
    row, other = row_of(html, "電子カルテ"), row_of(html, "PACS")
    assert words("Not conforming") in row
    assert mark in row
    assert (words("Not conforming") in other, mark in other) == (True, False)
    assert "更改まで製品が対応しない" in html
    line = page(client, "requirements").split(f"/requirements/{item}/")[1].split("</tr>")[0]
    assert words("Not conforming") in line
    assert mark in line
    assert item in found(client, verdict="nonconforming", excepted="1")
    shown = client.get(reverse("ledgers:application", args=[application.pk])).content.decode()
    assert words("What is done instead") in shown


def _failing_item() -> tuple[str, str]:
    """Return an item that is judged per system and the control that proves it for all systems."""
    for leaf in edition().leaves:
        for proof in mapping().leaves[leaf.id].proofs:
            built = proof.kind.value == "control" and not proof.planned and proof.covers == "all"
            if built and leaf.judged_per is SubjectKind.SYSTEM:
                return leaf.id, proof.id
    raise AssertionError("no such item")


def test_an_exception_that_ends_is_seen(
    at_nine: clock.FixedClock, operator: Actor, signed_in: Callable[..., Client]
) -> None:
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所内科クリニック", "kind": "clinic"})
    (facility,) = ids_of(SubjectKind.FACILITY)
    excepted(ITEM, facility, days=31)
    kinds = []
    for number, days in enumerate((0, 1, 30, 1)):
        at_nine.moment += timedelta(days=days)
        judge()
        client = signed_in(Role.SYSTEM_OPERATOR, login=f"operator{number}")
        client.cookies["sekisho_calendar"] = "seireki"
        html = page(client, "requirement", ITEM)
        badge = html.split('<div class="lead">', 1)[1].split("2026/12/22", 1)[0].rsplit('class="badge ', 1)[1]
        kinds.append(badge.split('"', 1)[0])
    assert kinds == ["info", "warn", "warn", "ng"]


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"substitute": " "}, "substitute"),
        ({"substitute": "。"}, "substitute"),
        ({"subjects": []}, "subjects"),
        ({"subjects": ["nobody"]}, "subjects"),
        ({"valid_until": "2020/1/1"}, "valid_until"),
        ({"valid_until": "2036/1/1"}, "valid_until"),
        ({"reason": "a\u202eb"}, "reason"),
    ],
)
def test_an_exception_without_grounds_is_refused_and_kept_as_typed(
    client: Client, facility: str, fault: dict[str, Any], field: str
) -> None:
    answer = post(client, "except", ITEM, **{**exception(facility, comment="急ぎ"), **fault})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert field_error(html, field)
    assert "急ぎ</textarea>" in html
    assert exceptions() == []


def test_an_exception_that_was_sent_back_is_mended(client: Client, planner: Client, facility: str) -> None:
    application = application_of(post(client, "except", ITEM, **exception(facility)))
    amend = reverse("governance:amend-exception", args=[application.pk])
    assert client.get(amend).status_code == 302, "nothing to mend yet"
    step(planner, "send-back", application, "代替策が弱い")
    assert amend in client.get(reverse("ledgers:application", args=[application.pk])).content.decode()
    html = client.get(amend).content.decode()
    assert "代替策が弱い" in html
    assert "端末を二要素にする</textarea>" in html
    values = exception(facility, substitute="窓口を閉じる", version=application.version)
    assert client.post(amend, values).status_code == 409, "an older version"
    application.refresh_from_db()
    assert client.post(amend, {**values, "version": application.version}).status_code == 302
    step(planner, "approve", application)
    assert [entry.substitute for entry in exceptions()] == ["窓口を閉じる"]
    assert planner.get(amend).status_code == 403
    claim = reverse("governance:amend", args=[application.pk])
    assert client.get(claim).status_code == 404, "an exception is no claim"


# What was found, behind a proof


def test_a_proof_tells_what_was_found_and_when(client: Client, signed_in: Callable[..., Client]) -> None:
    emr = str(system("電子カルテ").pk)
    item, control = _failing_item()
    stored = run(control, {emr: Outcome.FAIL})
    judge()
    row = row_of(page(client, "requirement", item), "電子カルテ")
    assert "seen" in row
    assert reverse("governance:run", args=[stored.pk]) in row
    assert "<time datetime" in row


# Systems against requirements


def cells(html: str, item: str) -> str:
    """Return the row of an item in the matrix."""
    return html.split(f'<a href="/requirements/{item}/">', 1)[1].split("</tr>", 1)[0]


def test_the_matrix_shows_each_system_under_each_item(client: Client, facility: str) -> None:
    emr, pacs = str(system("電子カルテ").pk), str(system("PACS").pk)
    item, control = _failing_item()
    run(control, {emr: Outcome.FAIL})
    judge()
    html = page(client, "matrix")
    row = cells(html, item)
    mine, other = (row.split(f"?system={name}")[1].split("</td>")[0] for name in (emr, pacs))
    assert words("Not conforming") in mine, "in words, not by colour alone"
    assert words("Not conforming") not in other
    assert 'scope="col"' in html
    assert 'scope="row"' in html
    whole = cells(html, ITEM)
    assert 'colspan="2"' in whole
    assert words("judged for %(judged_per)s", judged_per=words("the whole facility")) in whole
    only = page(client, "requirement", item, query=f"?system={emr}")
    assert 'scope="row">電子カルテ' in only
    assert 'scope="row">PACS' not in only
    assert words("Show all") in only


def test_a_system_that_nobody_judged_yet_is_not_called_outside(client: Client, facility: str) -> None:
    """Entered a moment ago it waits for its first verdict: that nothing applies to it is not known."""
    system("電子カルテ")
    item, _control = _failing_item()
    judge()
    late = str(system("PACS").pk)
    (line,) = [row for row in matrix(list(system_page(1).object_list)).rows if row.leaf.id == item]
    assert [found.verdict for found in line.systems if found] == [Verdict.NOT_ASSESSED] * 2
    assert words("Not assessed") in cells(page(client, "matrix"), item).split(f"?system={late}")[1].split("</td>")[0]


def test_layers_are_summed_up_under_their_system(client: Client, facility: str) -> None:
    """The worst of them counts, with n/N."""
    system("電子カルテ")
    judge()
    leaf = next(leaf for leaf in edition().leaves if leaf.judged_per is SubjectKind.LAYER)
    (line,) = [row for row in matrix(list(system_page(1).object_list)).rows if row.leaf.id == leaf.id]
    (summary,) = line.systems
    assert summary is not None
    assert sum(summary.counts.values()) == len(ids_of(SubjectKind.LAYER))
    html = page(client, "requirement", leaf.id, query=f"?system={ids_of(SubjectKind.SYSTEM)[0]}")
    assert html.count('<th scope="row">電子カルテ') == len(ids_of(SubjectKind.LAYER))


def test_many_systems_come_page_by_page_and_by_group(client: Client) -> None:
    for number in range(SYSTEMS_A_PAGE + 1):
        system(f"系統{number}")
    judge()
    first, second = (page(client, "matrix", query=f"?group=security{more}") for more in ("", "&page=2"))
    assert first.count('<th scope="col"><a') == SYSTEMS_A_PAGE
    assert second.count('<th scope="col"><a') == 1
    assert "?group=security&amp;page=2" in first
    assert "/requirements/SO-14-1/" in first
    assert "/requirements/SO-13-1/" not in first
    assert "/requirements/SO-14-6/" not in first, "a parent is not judged"


def test_the_matrix_costs_as_many_queries_for_many_systems(
    client: Client, django_assert_num_queries: Callable[..., Any], django_assert_max_num_queries: Callable[..., Any]
) -> None:
    system("一")
    judge()
    page(client, "matrix")
    with django_assert_max_num_queries(20) as few:
        page(client, "matrix")
    for number in range(20):
        system(f"系統{number}")
    judge()
    with django_assert_num_queries(len(few)):
        page(client, "matrix")


def test_without_a_system_the_matrix_says_what_to_do(client: Client) -> None:
    html = page(client, "matrix")
    assert words("No system is registered yet.") in html
    assert reverse("estate:systems-new") in html
    assert client.get(reverse("governance:matrix-workbook")).status_code == 200


def test_the_workbook_holds_every_system_and_what_the_page_says(client: Client, facility: str) -> None:
    names = [f"系統{number}" for number in range(SYSTEMS_A_PAGE + 2)]
    for name in names:
        system(name)
    item, control = _failing_item()
    run(control, {ids_of(SubjectKind.SYSTEM)[-1]: Outcome.FAIL})
    judge()
    answer = client.get(reverse("governance:matrix-workbook"))
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(row for row in rows if names[0] in row)
    assert [name for name in head if name in names] == names
    leaves = rows[rows.index(head) + 1 :]
    assert len(leaves) == 121
    place = _leaf_place(item)
    assert leaves[place][head.index(names[-1])] == escaping.unescape(words("Not conforming"))
    assert leaves[place][head.index(names[0])] != leaves[place][head.index(names[-1])]
    assert sheet.page_setup.orientation == "landscape"
    by_group = client.get(reverse("governance:matrix-workbook") + "?group=client").content
    assert openpyxl.load_workbook(io.BytesIO(by_group)).active.max_row < sheet.max_row


def _leaf_place(item: str) -> int:
    return [leaf.id for leaf in edition().leaves].index(item)


@pytest.mark.parametrize("name", ["requirements", "matrix"])
def test_the_pages_are_complete_in_english(client: Client, facility: str, name: str) -> None:
    """No Japanese is left but what people entered and what the edition calls itself in both."""
    settle(ITEM, me(client), 3)
    excepted(ITEM, facility)
    system("EMR")
    judge()
    client.cookies["sekisho_language"] = "en"
    html = page(client, name)
    body = re.sub(
        r"<header.*?</header>|<footer.*?</footer>|関所[^<]*", "", html[html.index("<body") :], flags=re.DOTALL
    )
    body = re.sub(r"[①-⑳・　]", "", body)
    assert not re.findall(r"[ぁ-んァ-ヶ一-龠]+", body), name
