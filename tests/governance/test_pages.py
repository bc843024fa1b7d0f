"""The pages of the requirements: the list, one requirement, its official text, its history, hostile words."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry, close_entry
from sekisho.governance.queries.editions import CURRENT, edition, mapping
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services import claims
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.models import Application
from sekisho.ledgers.services import approve
from tests.conftest import actor_with
from tests.governance.pages import ids_of, import_wording, judge, page, row_of, words
from tests.governance.working import OPERATOR, approved, draft

pytestmark = pytest.mark.django_db
LIST_BYTES = 60_000
# Session, account, roles, alarm, facility, notices; verdicts counted, when judged, still good or not; work, exceptions.
QUERIES = 11
HOSTILE = "<script>alert('患者')</script>\"&"
ESCAPED = "&lt;script&gt;alert(&#x27;患者&#x27;)&lt;/script&gt;&quot;&amp;"
# Our own words, with every white space that a file may hold and with what HTML would take for its own.
WORDING = "② 試験のための架空の文。\n　　図を\tかき、  <b>新しく</b>しておくこと。\n\n   （例）回線"


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def facility(operator: Actor) -> str:
    """The facility, and its id as a subject."""
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所内科クリニック", "kind": "clinic"})
    return ids_of(SubjectKind.FACILITY)[0]


def listed(html: str) -> list[str]:
    """Return the ids of the requirements on the list, in order."""
    return re.findall(r'<tr><td>[^<]*<a href="/requirements/(SO-[^/]+)/">', html)


def link(operator: Actor, name: str, line: str) -> None:
    add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": name, "line": line})


# The list


def test_before_the_first_judgement_the_list_says_so(client: Client) -> None:
    html = page(client, "requirements")
    assert words("The verdicts have not been computed yet.") in html
    assert len(listed(html)) == 130
    assert 'class="badge ok"' not in html[html.index("<table") :], "no data never reads as conforming"
    judge()
    assert words("The verdicts have not been computed yet.") not in page(client, "requirements")


def test_the_list_is_in_printed_order_and_light(client: Client, facility: str) -> None:
    judge()
    html = page(client, "requirements")
    assert listed(html) == [row.id for row in edition().rows]
    assert len(html.encode()) < LIST_BYTES
    assert html.count('scope="rowgroup"') == 18
    assert "<td>　⑥(1) <a" in html, "a child stands under its parent, set in"
    assert "令和" in html[html.index(words("Last judged:")) :]


def test_many_subjects_cost_the_list_no_more_queries(
    client: Client, operator: Actor, facility: str, django_assert_num_queries: Callable[..., object]
) -> None:
    link(operator, "院内LAN", "lan")
    judge()
    page(client, "requirements")
    with django_assert_num_queries(QUERIES):  # type: ignore[attr-defined]
        page(client, "requirements")
    for number in range(30):
        link(operator, f"回線{number}", "open_other")
    judge()
    with django_assert_num_queries(QUERIES):  # type: ignore[attr-defined]
        assert "0/31" in page(client, "requirements")


def test_the_filter_shows_what_the_counts_count(client: Client, operator: Actor, facility: str) -> None:
    link(operator, "院内LAN", "lan")
    judge()
    html = page(client, "requirements")
    counts = dict(re.findall(r'\?verdict=(\w+)"[^>]*><span class="badge [^/]*</span>[^/]*</span> (\d+)</a>', html))
    assert len(counts) == len(Verdict)
    assert sum(map(int, counts.values())) == len(edition().leaves) == 121
    for verdict, number in counts.items():
        found = listed(page(client, "requirements", query=f"?verdict={verdict}"))
        assert len(found) == int(number), verdict
        assert not {row.id for row in edition().parents} & set(found)
    assert "SO-13-6" in listed(page(client, "requirements", query="?verdict=not_applicable"))
    assert len(listed(page(client, "requirements", query="?verdict=nonsense"))) == 130


@pytest.mark.parametrize("text", ["SO-13-6", "13-6", "ＳＯ－１３－６", "13⑥", "公開網", "tls 接続端末", "tls devices"])
def test_words_find_an_item_however_they_are_typed(client: Client, text: str) -> None:
    found = listed(page(client, "requirements", query=f"?q={text}"))
    assert "SO-13-6" in found
    assert len(found) < 20
    assert listed(page(client, "requirements", query=f"?q={text} ありえない語")) == []


def test_what_was_searched_is_shown_as_it_was_typed(client: Client) -> None:
    answer = client.get(reverse("governance:requirements"), {"q": HOSTILE})
    html = answer.content.decode()
    assert words("No requirement matches.") in html
    assert f'value="{ESCAPED}"' in html
    assert "<script>alert" not in html


# One requirement


def test_a_leaf_tells_what_is_asked_how_it_stands_and_what_to_do(client: Client, facility: str) -> None:
    judge()
    leaf = edition().by_id["SO-2-2"]
    html = page(client, "requirement", "SO-2-2")
    for text in (leaf.title.ja, leaf.explanation.ja, leaf.clinic.ja, leaf.conditions[0].ja, leaf.evidence.ja[0]):  # type: ignore[union-attr]
        assert text in html
    row = row_of(html, "関所内科クリニック")
    for proof in mapping().leaves["SO-2-2"].proofs:
        assert proof.what.ja in row
    assert "0/0" in row, "the coverage of a ledger is always told"
    assert 'class="badge ok"' not in row
    for address in (
        reverse("governance:attest", args=["SO-2-2"]),
        reverse("governance:exclude", args=["SO-2-2"]),
        f"{reverse('governance:hand-in', args=['documents.diagrams'])}?requirement=SO-2-2",
    ):
        assert f'href="{address}"' in html
    assert f'href="{reverse("governance:requirement", args=["SO-2-1"])}"' in html
    assert f'href="{reverse("governance:requirement", args=["SO-2-3"])}"' in html
    assert html.count('<a class="button primary"') == 1, "one step comes first"


def test_what_is_not_built_is_named(client: Client, facility: str, operator: Actor) -> None:
    add_entry(actor=operator, ledger=ledgers.SYSTEMS, values={"name": "みどり", "kind": "emr", "form": "on_premises"})
    judge()
    html = page(client, "requirement", "SO-11-1-6")
    assert words("Not built yet") in row_of(html, "みどり")
    assert words("%(value)s or more", value=words("%(number)s %(unit)s", number=3, unit=words("generations"))) in html
    assert reverse("governance:attest", args=["SO-11-1-6"]) not in html, "it is not shown by an attestation"


def test_a_parent_shows_its_children(client: Client) -> None:
    judge()
    html = page(client, "requirement", "SO-13-13")
    assert listed(html) == [f"SO-13-13-{number}" for number in (1, 2, 3, 4)]
    assert "/attest/" not in html
    assert listed(page(client, "requirement", "SO-14-9")) == [child.id for child in edition().children("SO-14-9")]


def test_an_item_that_does_not_apply_says_why(client: Client, operator: Actor) -> None:
    link(operator, "院内LAN", "lan")
    judge()
    html = page(client, "requirement", "SO-13-6")
    leaf = edition().by_id["SO-13-6"]
    assert leaf.applies_when.otherwise.ja in row_of(html, "院内LAN")  # type: ignore[union-attr]
    assert words("Not applicable") in row_of(html, "院内LAN")
    client.cookies["sekisho_language"] = "en"
    assert leaf.applies_when.otherwise.en in page(client, "requirement", "SO-13-6")  # type: ignore[union-attr]


def test_an_item_without_a_subject_is_not_assessed(client: Client) -> None:
    judge()
    html = page(client, "requirement", "SO-8-2")
    assert words("There is nothing yet that this could be judged for.") in html
    assert 'class="badge ok"' not in html


@pytest.mark.parametrize("name", ["SO-99-1", "so-2-2", "SO-2-2'--", "<b>"])
def test_an_unknown_item_does_not_exist(client: Client, name: str) -> None:
    assert client.get(reverse("governance:requirement", args=[name])).status_code == 404


def test_the_official_text_stands_beside_ours_word_for_word(client: Client) -> None:
    assert "sekisho guideline import" in page(client, "requirement", "SO-2-2")
    import_wording("SO-2-2", WORDING)
    html = page(client, "requirement", "SO-2-2")
    shown = re.search(r'<pre class="verbatim">(.*?)</pre>', html, re.DOTALL)
    assert shown is not None
    assert shown[1] == WORDING.replace("<", "&lt;").replace(">", "&gt;")
    assert "運用編&lt;案&gt;.pdf" in html
    assert "5e" * 32 in html
    assert edition().by_id["SO-2-2"].explanation.ja in html
    assert "<pre" not in page(client, "requirement", "SO-2-3"), "an item that the text does not hold"


def test_hostile_names_are_words(client: Client, operator: Actor, facility: str) -> None:
    values = {"name": HOSTILE, "kind": "emr", "form": "on_premises"}
    add_entry(actor=operator, ledger=ledgers.SYSTEMS, values=values)
    link(operator, HOSTILE, "lan")
    judge()
    (system,) = ids_of(SubjectKind.SYSTEM)
    approved(ClaimKind.NOT_APPLICABLE, draft("SO-2-1", system, edition_id=CURRENT, statement=HOSTILE))
    judge()
    for name, item in (("requirement", "SO-2-1"), ("attest", "SO-2-4"), ("exclude", "SO-13-1")):
        html = page(client, name, item)
        assert "<script>alert" not in html
        assert ESCAPED in html
    assert row_of(page(client, "requirement", "SO-2-1"), ESCAPED).count(ESCAPED) == 2, "name and reason"


def test_a_proof_leads_to_its_application_and_tells_who_approved_it(client: Client, facility: str) -> None:
    application = approved(ClaimKind.ATTESTATION, draft("SO-2-3", facility, edition_id=CURRENT))
    alone = actor_with(Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, actor_id="00000000-0000-7000-8000-000000000009")
    own = claims.attest(actor=alone, draft=draft("SO-2-5", facility, edition_id=CURRENT))
    approve(actor=alone, application_id=own, version=1, comment="ほかに承認できる人がいない")
    judge()
    for item, ref, is_own in (("SO-2-3", application, False), ("SO-2-5", own, True)):
        row = row_of(page(client, "requirement", item), "関所内科クリニック")
        assert f'href="{reverse("ledgers:application", args=[ref])}"' in row
        assert (words("Approved by the applicant") in row) is is_own
        assert words("Valid until") in row


def test_an_approved_claim_about_another_wording_is_marked(client: Client, facility: str) -> None:
    import_wording("SO-2-3", "手順書を新しくしておくこと。")
    approved(ClaimKind.ATTESTATION, draft("SO-2-3", facility, edition_id=CURRENT))
    judge()
    assert f"</span>{words('To be judged again')}</span>" not in page(client, "requirements")
    import_wording("SO-2-3", "手順書をつねに新しくしておくこと。")
    judge()
    mark = f"</span>{words('To be judged again')}</span>"
    assert mark in page(client, "requirements")
    assert page(client, "requirement", "SO-2-3").count(mark) >= 2
    other = page(client, "requirement", "SO-2-4")
    assert mark not in other


def test_the_history_tells_what_changed_a_verdict(at_nine: clock.FixedClock, client: Client, facility: str) -> None:
    judge()
    approved(ClaimKind.ATTESTATION, draft("SO-2-3", facility, edition_id=CURRENT))
    at_nine.moment += timedelta(minutes=5)
    judge()
    html = page(client, "requirement", "SO-2-3")
    history = html[html.index(f'<caption class="visually-hidden">{words("Changes of the verdict")}') :]
    what = next(proof.what.ja for proof in mapping().leaves["SO-2-3"].proofs if proof.kind.value == "attestation")
    order = [
        history.index(text)
        for text in (what, words("No proof yet"), words("Proven"), words("Judged for the first time"))
    ]
    assert order == sorted(order), "the newest first, from what to what"


def test_a_subject_that_is_gone_stays_in_the_history(client: Client, operator: Actor) -> None:
    system = add_entry(
        actor=operator, ledger=ledgers.SYSTEMS, values={"name": "旧カルテ", "kind": "emr", "form": "on_premises"}
    )
    judge()
    close_entry(actor=operator, ledger=ledgers.SYSTEMS, entry_id=system.pk, version=1, reason="更新")
    judge()
    html = page(client, "requirement", "SO-2-1")
    assert words("The entry was closed, or the item is no longer in the edition") in html
    assert "旧カルテ" in html


def test_applications_under_way_are_shown_to_who_may_see_them(
    client: Client, signed_in: Callable[..., Client], facility: str
) -> None:
    claims.attest(actor=OPERATOR, draft=draft("SO-2-2", facility, edition_id=CURRENT))
    wanted = draft("SO-2-2", edition_id=CURRENT, document="documents.diagrams")
    claims.hand_in(actor=OPERATOR, draft=wanted)
    judge()
    links = [f"/applications/{pk}/" for pk in Application.objects.order_by("applied_at").values_list("pk", flat=True)]
    html = page(client, "requirement", "SO-2-2")
    assert len(links) == 2
    assert all(link in html for link in links)
    assert links[0] not in page(client, "requirement", "SO-2-3")
    other = page(signed_in(Role.DEPARTMENT_MANAGER), "requirement", "SO-2-2")
    assert not any(link in other for link in links)


def test_a_reader_without_the_right_is_offered_nothing(signed_in: Callable[..., Client], facility: str) -> None:
    judge()
    html = page(signed_in(Role.AUDITOR), "requirement", "SO-2-2")
    assert "/attest/" not in html
    assert "/hand-in/" not in html
    assert words("What you can do") not in html


def test_many_subjects_come_page_by_page(client: Client, operator: Actor) -> None:
    for number in range(52):
        link(operator, f"回線{number:02}", "lan")
    judge()
    first, second = (page(client, "requirement", "SO-13-1", query=query) for query in ("", "?page=2"))
    assert first.count('<th scope="row">') == 50
    assert second.count('<th scope="row">') == 2
    assert "?page=2" in first
