"""The list of applications: its views with their numbers, its words when it is empty, search and pages."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils.html import escape

from sekisho.kernel.access import Role
from sekisho.ledgers.models import Application
from sekisho.ledgers.rules import Step
from tests.ledgers.reading import HOSTILE, get, main, me, page_of, words
from tests.ledgers.working import apply_for, take

pytestmark = pytest.mark.django_db
LIST = "/applications/"


def listed(client: Client, query: str = "") -> list[str]:
    """Return the titles on the list."""
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]*)</a></th>', get(client, LIST + query))


def counts(client: Client) -> list[int]:
    """Return the numbers beside the three views."""
    found = re.search(r'<nav class="buttons".*?</nav>', get(client, LIST), re.DOTALL)
    assert found
    return [int(number) for number in re.findall(r"[(（](\d+)[)）]</a>", found[0])]


def test_each_reader_has_three_views(nurse: Client, manager: Client, signed_in: Callable[..., Client]) -> None:
    """What waits for one, one's own, and all one may see; and each with its number."""
    mine, _other = apply_for(me(nurse), "甲"), apply_for(me(manager), "乙")
    back = apply_for(me(nurse), "丙")
    take(Step.SEND_BACK, me(manager), back)
    take(Step.WITHDRAW, me(nurse), mine)
    auditor, operator, colleague = (
        signed_in(Role.AUDITOR),
        signed_in(Role.SYSTEM_OPERATOR),
        signed_in(Role.STAFF, login="b"),
    )
    assert (counts(nurse), listed(nurse)) == ([1, 2, 2], ["丙"])
    assert (listed(nurse, "?show=mine"), listed(nurse, "?show=all")) == (["甲", "丙"], ["甲", "丙"])
    assert (counts(manager), listed(manager)) == ([1, 1, 3], ["乙"])
    assert (listed(manager, "?show=mine"), listed(manager, "?show=all")) == (["乙"], ["甲", "丙", "乙"])
    assert (counts(auditor), listed(auditor, "?show=all")) == ([0, 0, 3], ["甲", "丙", "乙"])
    assert counts(operator) == [0, 0, 3], "who approves none of them still reviews them"
    assert counts(colleague) == [0, 0, 0]


@pytest.mark.parametrize("word", ["", "x", "WAITING", "mine%00", "all&show=no"])
def test_an_unknown_view_is_what_waits(manager: Client, nurse: Client, word: str) -> None:
    apply_for(me(nurse), "甲")
    page = get(manager, f"{LIST}?show={word}")
    assert re.search(r'href="\?show=waiting" aria-current="page"', page)
    assert page.count('aria-current="page">') == 2, "the view, and the page in the menu"
    assert '<input type="hidden" name="show" value="waiting">' in page
    assert "甲</a>" in page


def test_a_row_says_what_who_when_and_how_it_stands(manager: Client, nurse: Client) -> None:
    application = apply_for(me(nurse))
    row = re.search(r"<tbody>.*</tbody>", get(manager, LIST), re.DOTALL)
    assert row
    assert f'<a href="{page_of(application)}">ノートPCの購入</a>' in row[0]
    assert "購入申請" in row[0]
    assert f'<td class="name">{me(nurse).name}</td>' in row[0]
    assert 'class="badge info"' in row[0]
    assert words("Waiting for approval") in row[0]
    assert row[0].count("<time ") == 2


@pytest.mark.parametrize("show", ["waiting", "mine", "all"])
@pytest.mark.parametrize("role", [Role.PLANNING_MANAGER, Role.STAFF, Role.AUDITOR])
def test_an_empty_list_says_what_to_do(signed_in: Callable[..., Client], role: Role, show: str) -> None:
    page = main(get(signed_in(role), f"{LIST}?show={show}"))
    title, text = re.findall(r'<div class="empty">\s*<p class="empty-title">([^<]+)</p>\s*<p>([^<]+)</p>', page)[0]
    expected = {
        "waiting": ("Nothing waits for you.", "What you can approve appears here,"),
        "mine": ("You have not applied for anything yet.", "You apply on the page"),
        "all": ("There are no applications yet.", "You apply on the page"),
    }[show]
    assert title == words(expected[0])
    looks_only = role is Role.AUDITOR and show != "waiting"
    assert (text == words("Your role looks at applications and makes none.")) is looks_only
    assert "?show=all" not in page[page.index('<div class="empty">') :], "no way to a list that is empty too"


def test_who_waits_for_nothing_is_led_to_all(nurse: Client, manager: Client) -> None:
    application = apply_for(me(nurse))
    assert f'<a class="button primary" href="{LIST}?show=all">' in get(nurse, LIST)
    take(Step.APPROVE, me(manager), application)
    assert f'<a class="button primary" href="{LIST}?show=all">' in get(manager, LIST)


def test_search_finds_title_and_applicant_and_stays_in_its_view(manager: Client, nurse: Client) -> None:
    for title in ("ノートPCの購入", "タブレットの購入", "プリンターの修理"):
        apply_for(me(nurse), title)
    assert listed(manager, "?q=購入") == ["タブレットの購入", "ノートPCの購入"]
    assert listed(manager, "?q=ｐｃ+修繕") == []
    assert listed(manager, "?q=たぶれっと+購入") == ["タブレットの購入"]
    assert len(listed(manager, f"?q={me(nurse).name}")) == 3
    assert listed(manager, "?show=mine&q=購入") == []
    page = get(manager, f"{LIST}?show=all&q={quote(HOSTILE)}")
    assert words("No application matches.") in page
    assert f'value="{escape(HOSTILE)}"' in page
    assert '<input type="hidden" name="show" value="all">' in page
    assert listed(manager, "?q=%00%07") == listed(manager)


def test_a_long_list_has_pages(manager: Client, nurse: Client) -> None:
    for number in range(51):
        apply_for(me(nurse), f"申請{number}")
    assert len(listed(manager, "?show=all")) == 50
    assert listed(manager, "?show=all&page=2") == ["申請0"]
    assert listed(manager, "?show=all&page=99") == ["申請0"]
    assert len(listed(manager, "?show=all&page=x")) == 50
    assert 'href="?show=all&amp;page=2"' in get(manager, f"{LIST}?show=all")


def test_an_application_of_a_workflow_that_is_gone_is_still_listed(manager: Client, nurse: Client) -> None:
    """A room that is no longer installed leaves no broken list behind."""
    application = apply_for(me(nurse))
    Application.objects.update(workflow="tests.gone")
    assert "tests.gone" in get(nurse, f"{LIST}?show=mine")
    assert nurse.get(page_of(application)).status_code == 404
