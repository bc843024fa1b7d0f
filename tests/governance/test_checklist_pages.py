"""The checklist of inspections by HTTP: recommended, answered by a person, kept with its history, per vendor."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.models import Vendor
from sekisho.estate.services import add_entry, close_entry
from sekisho.governance.errors import ChecklistYearWrong, ConfirmationDayWrong, TargetDayWrong
from sekisho.governance.models import ChecklistAnswer, StoredVerdict
from sekisho.governance.queries.checklists import ANSWERS_A_PAGE, checklist_form, vendor_form
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.rules.checklist import Recommended, State
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.checklists import Answering, answer_item
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Forbidden, NotFound
from sekisho.kernel.ids import new_id
from sekisho.ledgers.errors import AppendOnlyViolation
from sekisho.register.models import Event
from tests.conftest import MORNING, actor_with
from tests.governance.pages import field_error, page, post, words
from tests.governance.working import OPERATOR, today

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
YEAR = 2026


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def vendor() -> Vendor:
    entry = add_entry(actor=OPERATOR, ledger=ledgers.VENDORS, values={"name": "関所システムズ<東>"})
    assert isinstance(entry, Vendor)
    return entry


def answered(client: Client, item: str, query: str = "", year: int = YEAR, **data: str) -> ChecklistAnswer:
    """Answer an item as it is typed, and return what was kept."""
    answer = post(client, "checklist-answer", year, item, query=query, **data)
    assert answer.status_code == 302, answer.content.decode()
    assert answer.headers["Location"].endswith(f"#item-{item}")
    return ChecklistAnswer.objects.latest("id")


def row(html: str, item: str) -> str:
    """Return the row of one item."""
    found = re.search(rf'<tr id="item-{item}">.*?</tr>', html, re.DOTALL)
    assert found, html
    return found[0]


def test_before_anybody_answered_every_item_is_open_and_nothing_is_yes(client: Client) -> None:
    """Software ticks nothing; the leaf that nobody judged is named with a link."""
    html = page(client, "checklist")
    form = checklist_form(YEAR)
    assert html.count('<tr id="item-') == len(form.lines)
    assert form.counts == {State.OPEN: len(form.lines)}
    assert f"<strong>0/{len(form.lines)}</strong>" in html
    assert words("A person must judge") in row(html, "1-1")
    assert 'href="/requirements/SO-8-3/"' in row(html, "2-6")
    assert "0/1" in row(html, "2-6")


def test_an_answer_stands_on_the_list_with_who_and_when(client: Client) -> None:
    """Dates as people type them; the target day of a no; the counts above."""
    kept = answered(client, "2-6", answer="no", target_on="令和9年3月31日", note="次の休診日に当てる")
    assert (kept.answer, str(kept.target_on), kept.confirmed_on) == ("no", "2027-03-31", None)
    answered(client, "2-1", answer="yes", confirmed_on="Ｒ８.１１.２０")
    html = page(client, "checklist")
    assert words("No") in row(html, "2-6")
    assert "令和9年3月31日" in row(html, "2-6")
    assert kept.answered_by_name in row(html, "2-6")
    assert "令和8年11月20日" in row(html, "2-1")
    assert checklist_form(YEAR).counts[State.YES] == checklist_form(YEAR).counts[State.NO] == 1
    assert "<strong>2/" in html


def test_what_was_recommended_is_kept_with_the_answer_and_in_the_register(client: Client) -> None:
    """Whatever the verdicts say later."""
    kept = answered(client, "2-6", answer="yes", confirmed_on="2026/11/21")
    said = {"answer": "no", "n": 0, "N": 1, "failing": [["SO-8-3", "not_assessed", 0, 0]]}
    assert json.loads(kept.recommendation) == said
    entry = json.loads(Event.objects.get(action="checklist.answer").entry)
    assert entry["details"]["recommendation"] == said
    assert entry["details"]["answer"] == "yes"
    assert entry["subject"]["id"] == "r7/2026/2-6"


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("answer", {"confirmed_on": "2026/11/21"}),
        ("answer", {"answer": "maybe", "confirmed_on": "2026/11/21"}),
        ("confirmed_on", {"answer": "yes"}),
        ("confirmed_on", {"answer": "yes", "confirmed_on": "2026/11/22"}),
        ("confirmed_on", {"answer": "yes", "confirmed_on": "2026/3/31"}),
        ("confirmed_on", {"answer": "yes", "confirmed_on": "きのう"}),
        ("confirmed_on", {"answer": "no", "confirmed_on": "2026/11/22", "target_on": "2027/1/1"}),
        ("target_on", {"answer": "no"}),
        ("target_on", {"answer": "no", "target_on": "2026/11/20"}),
        ("target_on", {"answer": "yes", "confirmed_on": "2026/11/21", "target_on": "2027/1/1"}),
        ("note", {"answer": "yes", "confirmed_on": "2026/11/21", "note": "a\x00b"}),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_kept(
    client: Client, field: str, data: dict[str, str]
) -> None:
    answer = post(client, "checklist-answer", YEAR, "2-6", **data)
    assert answer.status_code == 422
    assert field_error(answer.content.decode(), field), answer.content.decode()
    assert not ChecklistAnswer.objects.exists()


def test_a_no_past_its_target_is_marked_overdue(
    client: Client, signed_in: Callable[..., Client], at_nine: clock.FixedClock
) -> None:
    """From the next day on, counted apart."""
    answered(client, "2-6", answer="no", target_on="R8.11.22")
    at_nine.moment = MORNING + timedelta(days=1)
    assert checklist_form(YEAR).line("2-6").state is State.NO
    at_nine.moment = MORNING + timedelta(days=2)
    assert checklist_form(YEAR).counts[State.OVERDUE] == 1
    assert words("No, overdue") in row(page(signed_in(Role.AUDITOR), "checklist"), "2-6")


def test_the_newest_answer_counts_and_every_one_is_kept(client: Client) -> None:
    """On the page of the item, the newest first; the database refuses to change or delete one."""
    first = answered(client, "2-6", answer="no", target_on="R8.12.1", note="まだ<b>です")
    answered(client, "2-6", answer="yes", confirmed_on="R8.11.21", note="当てました")
    html = page(client, "checklist-item", YEAR, "2-6")
    assert html.index("当てました") < html.index("まだ&lt;b&gt;です")
    assert checklist_form(YEAR).line("2-6").state is State.YES
    first.note = "x"
    with pytest.raises(AppendOnlyViolation):
        first.save()
    for statement in ("UPDATE governance_checklistanswer SET note = 'x'", "DELETE FROM governance_checklistanswer"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_years_are_apart_and_the_list_of_an_earlier_year_is_said_to_be_one(client: Client) -> None:
    """The present year comes first; a year without a list is refused in words."""
    answered(client, "2-6", year=2025, answer="yes", confirmed_on="R7.11.21")
    assert checklist_form(2025).line("2-6").state is State.YES
    assert checklist_form(2026).line("2-6").state is State.OPEN
    html = page(client, "checklist")
    assert re.findall(r'<option value="(20\d\d)"', html) == ["2026", "2025"]
    assert "令和8年度" in html and "令和7年度" in html
    said = words(
        "The list of %(year)s does not come with this version. These are the items of %(own)s.",
        year="令和8年度",
        own="令和7年度",
    )
    assert said in html
    assert "<strong>1/" in page(client, "checklist", query="?year=2025")
    assert said not in page(client, "checklist", query="?year=2025")
    for year in ("2024", "2027"):
        assert client.get(reverse("governance:checklist"), {"year": year}).status_code == 422
    assert "令和8年度" in page(client, "checklist", query="?year=rubbish")


def test_a_vendor_has_a_form_of_its_own(client: Client, vendor: Vendor) -> None:
    """Fewer items, in the words for vendors; what it returned is confirmed by a name here."""
    query = f"?vendor={vendor.pk}"
    kept = answered(client, "2-3", query=query, answer="yes", confirmed_on="R8.11.1", note="営業の方から受領")
    assert (kept.vendor, kept.answered_by_name) == (str(vendor.pk), client.user.staff.name)  # type: ignore[attr-defined]
    html = page(client, "checklist", query=query)
    assert "関所システムズ&lt;東&gt;" in html
    assert "医療機関に渡したか" in row(html, "2-3")
    assert words("Yes") in row(html, "2-3")
    assert 'id="item-3-3"' not in html
    assert f'href="/checklist/2026/2-3/{query}"' in row(html, "2-3")
    assert "営業の方から受領" in page(client, "checklist-item", YEAR, "2-3", query=query)
    assert checklist_form(YEAR).line("2-3").state is State.OPEN, "the facility's own form is another"
    assert client.get(reverse("governance:checklist-item", args=[YEAR, "3-3"]) + query).status_code == 404


def test_a_closed_vendor_is_still_read_and_no_longer_answered(client: Client, vendor: Vendor) -> None:
    """Its form stays as it was; unknown vendors and items are not there."""
    query = f"?vendor={vendor.pk}"
    answered(client, "2-3", query=query, answer="yes", confirmed_on="R8.11.1")
    close_entry(actor=OPERATOR, ledger=ledgers.VENDORS, entry_id=vendor.pk, version=vendor.version, reason="契約終了")
    assert not vendor_form(vendor.pk).is_open
    assert words("Yes") in row(page(client, "checklist", query=query), "2-3")
    assert 'name="answer"' not in page(client, "checklist-item", YEAR, "2-3", query=query)
    refused = post(client, "checklist-answer", YEAR, "2-3", query=query, answer="yes", confirmed_on="R8.11.1")
    assert refused.status_code == 404
    for address in ("?vendor=rubbish", f"?vendor={'0' * 8}-0000-7000-8000-{'0' * 12}"):
        assert client.get(reverse("governance:checklist") + address).status_code == 404
    assert client.get(reverse("governance:checklist-item", args=[YEAR, "9-9"])).status_code == 404


def test_readers_look_and_answer_nothing(signed_in: Callable[..., Client]) -> None:
    """An inspector sees list and history; the form is not offered and sending it is refused."""
    inspector = signed_in(Role.INSPECTOR)
    page(inspector, "checklist")
    assert 'name="answer"' not in page(inspector, "checklist-item", YEAR, "2-6")
    assert post(inspector, "checklist-answer", YEAR, "2-6", answer="yes", confirmed_on="R8.11.21").status_code == 403
    with pytest.raises(Forbidden):
        answer_item(actor=actor_with(Role.INSPECTOR), answering=Answering(YEAR, "2-6", is_yes=False))


def test_the_service_refuses_what_a_form_would_too(operator: Actor) -> None:
    """Whoever calls it."""
    day = today()
    with pytest.raises(ChecklistYearWrong):
        answer_item(actor=operator, answering=Answering(2024, "2-6", is_yes=True, confirmed_on=day))
    with pytest.raises(NotFound):
        answer_item(actor=operator, answering=Answering(YEAR, "7-7", is_yes=True, confirmed_on=day))
    with pytest.raises(ConfirmationDayWrong):
        answer_item(actor=operator, answering=Answering(YEAR, "2-6", is_yes=True))
    with pytest.raises(TargetDayWrong):
        answer_item(actor=operator, answering=Answering(YEAR, "2-6", is_yes=False))
    assert not ChecklistAnswer.objects.exists()


def stand(leaf: str, verdict: Verdict) -> None:
    """Store a verdict of one more system."""
    name = str(new_id())
    StoredVerdict.objects.create(
        edition=CURRENT,
        requirement=leaf,
        subject_kind="system",
        subject_id=name,
        subject_label=name,
        verdict=verdict.value,
        reason="null",
        proofs="[]",
        reassess=False,
        since=clock.now(),
    )


def test_yes_is_recommended_once_every_leaf_conforms_and_still_nobody_answered(client: Client) -> None:
    """One system that cannot be told turns it; what does not apply stands aside."""
    for leaf in ("SO-2-2", "SO-8-7"):
        stand(leaf, Verdict.CONFORMING)
        stand(leaf, Verdict.NOT_APPLICABLE)
    line = checklist_form(YEAR).line("2-1")
    assert (line.recommendation.answer, line.state) == (Recommended.YES, State.OPEN)
    assert words("Not answered") in row(page(client, "checklist"), "2-1")
    stand("SO-8-7", Verdict.CANNOT_TELL)
    line = checklist_form(YEAR).line("2-1")
    assert (line.recommendation.answer, line.recommendation.conforming) == (Recommended.NO, 1)
    html = row(page(client, "checklist"), "2-1")
    assert 'href="/requirements/SO-8-7/"' in html
    assert "SO-2-2" not in html
    stand("SO-8-3", Verdict.NOT_APPLICABLE)
    assert checklist_form(YEAR).line("2-6").recommendation.answer is Recommended.PERSON


def test_a_long_history_has_pages_that_stay_with_the_vendor(client: Client, vendor: Vendor) -> None:
    """And the form sends to the same vendor; without vendors the list says where to enter them."""
    query = f"?vendor={vendor.pk}"
    for day in range(1, 21):
        for month in (8, 9, 10):
            answered(client, "2-3", query=query, answer="yes", confirmed_on=f"2026/{month}/{day}")
    html = page(client, "checklist-item", YEAR, "2-3", query=query)
    assert html.count("令和8年11月21日 09:30") >= ANSWERS_A_PAGE
    assert f'action="/checklist/2026/2-3/answer/{query}"' in html
    (second,) = set(re.findall(r'href="(\?[^"]*page=2[^"]*)"', html))
    older = page(client, "checklist-item", YEAR, "2-3", query=second.replace("&amp;", "&"))
    assert "令和8年8月1日" in older
    assert "令和8年8月1日" not in html


def test_without_a_vendor_the_list_says_where_they_are_entered(client: Client) -> None:
    assert 'href="/estate/vendors/"' in page(client, "checklist").split("<main")[1]
