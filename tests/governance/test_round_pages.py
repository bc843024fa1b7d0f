"""Rounds of assessment by HTTP: opened, locked, and shown unchanged whatever happens afterwards."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.governance.models import Round
from sekisho.governance.queries.editions import CURRENT, edition, mapping
from sekisho.governance.rules.claims import ClaimKind
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.dates import fiscal_year
from sekisho.kernel.ids import new_id
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.services import revoke
from tests.governance.pages import field_error, ids_of, import_wording, judge, page, post, words
from tests.governance.working import PLANNER, approved, draft, system, today

pytestmark = pytest.mark.django_db
ITEM = "SO-2-3"


@pytest.fixture
def operator_client(signed_in: Callable[..., Client]) -> Client:
    """The operator, who opens rounds."""
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def planner(signed_in: Callable[..., Client]) -> Client:
    """The planning manager, who locks them."""
    return signed_in(Role.PLANNING_MANAGER)


@pytest.fixture
def facility(operator: Actor) -> str:
    """The facility, and its id as a subject."""
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所内科クリニック", "kind": "clinic"})
    return ids_of(SubjectKind.FACILITY)[0]


def opened(client: Client) -> Round:
    """Open the round of this fiscal year."""
    answer = post(client, "open-round", fiscal_year=fiscal_year(today()))
    found = Round.objects.get()
    assert answer.headers["Location"] == reverse("governance:round", args=[found.pk])
    return found


def locked(planner: Client, found: Round, comment: str = "令和8年度の評価") -> Round:
    """Lock a round."""
    answer = post(planner, "lock-round", found.pk, version=1, comment=comment)
    assert answer.headers["Location"] == reverse("governance:round", args=[found.pk])
    return Round.objects.get(pk=found.pk)


def kept(client: Client, found: Round) -> list[str]:
    """Return the pages of a locked round and of one of its items, without the secrets of the forms around them."""
    page(client, "rounds")  # shows what was just done, once
    pages = [page(client, "round", found.pk), page(client, "round-item", found.pk, ITEM)]
    return [html[html.index('<div class="page-head">') :] for html in pages]


def test_a_round_is_opened_for_a_fiscal_year_once(operator_client: Client) -> None:
    html = page(operator_client, "rounds")
    assert words("No round has been opened yet.") in html
    found = opened(operator_client)
    assert f"令和{found.fiscal_year - 2018}年度" in page(operator_client, "rounds")
    answer = post(operator_client, "open-round", fiscal_year=found.fiscal_year)
    assert answer.status_code == 409
    assert field_error(answer.content.decode(), "fiscal_year")
    for year in ("", "0", "1999", "x", str(10**20)):
        assert post(operator_client, "open-round", fiscal_year=year).status_code == 422
    assert Round.objects.count() == 1
    operator_client.cookies["sekisho_calendar"] = "seireki"
    assert f"{found.fiscal_year}年度" in page(operator_client, "rounds")
    operator_client.cookies["sekisho_language"] = "en"
    assert f"FY {found.fiscal_year}" in page(operator_client, "rounds")


def test_opening_and_locking_are_never_done_by_looking(operator_client: Client, planner: Client) -> None:
    assert operator_client.get(reverse("governance:open-round")).status_code == 405
    found = opened(operator_client)
    html = page(planner, "lock-round", found.pk)
    assert words("The round is never changed again, by nobody. A later assessment is a new round.") in html
    assert Round.objects.get().locked_at is None


def test_an_open_round_shows_how_things_stand(operator_client: Client, planner: Client, facility: str) -> None:
    found = opened(operator_client)
    judge()
    html = page(planner, "round", found.pk)
    assert words("This round is open: the numbers go on changing until it is locked.") in html
    lock = reverse("governance:lock-round", args=[found.pk])
    assert lock in html
    assert lock not in page(operator_client, "round", found.pk), "the operator does not lock"
    assert post(operator_client, "lock-round", found.pk, version=1).status_code == 403
    assert operator_client.get(reverse("governance:round-item", args=[found.pk, ITEM])).status_code == 404


def test_a_locked_round_stays_as_it_was(operator_client: Client, planner: Client, facility: str) -> None:
    import_wording(ITEM, "手順書を\n　　新しくしておくこと。<1>")
    application = approved(ClaimKind.ATTESTATION, draft(ITEM, facility, edition_id=CURRENT))
    found = locked(planner, opened(operator_client))
    before = kept(planner, found)
    assert found.digest in before[0]
    assert "令和8年度の評価" in before[0]
    assert len(re.findall(rf'href="/rounds/{found.pk}/SO-', before[0])) == 130
    assert "/lock/" not in before[0]
    leaf = edition().by_id[ITEM]
    assert leaf.explanation.ja in before[1]
    assert "<pre>手順書を\n　　新しくしておくこと。&lt;1&gt;</pre>" in before[1]
    assert all(proof.what.ja in before[1] for proof in mapping().leaves[ITEM].proofs)
    assert words("Proven") in before[1]
    assert words("The official wording is the same today.") in before[1]

    revoke(actor=PLANNER, application_id=application, version=2, comment="古い手順書だった")
    system("新しいシステム")
    import_wording(ITEM, "手順書を\n　　つねに新しくしておくこと。<1>")
    judge()
    after = kept(planner, found)
    assert after[0] == before[0]
    changed = words("The official wording is another one today.")
    assert after[1] == before[1].replace(words("The official wording is the same today."), changed)
    assert words("Proven") not in page(planner, "requirement", ITEM).split("<h2>")[2]


def test_a_round_that_was_locked_is_not_locked_again(operator_client: Client, planner: Client) -> None:
    found = locked(planner, opened(operator_client))
    answer = planner.post(
        reverse("governance:lock-round", args=[found.pk]), {"version": 2, "comment": "もう一度"}, follow=True
    )
    assert 'class="toast ng"' in answer.content.decode()
    assert planner.get(reverse("governance:lock-round", args=[found.pk])).status_code == 302
    assert Round.objects.get().digest == found.digest
    assert Round.objects.get().comment == "令和8年度の評価"


def test_a_hostile_comment_is_words(operator_client: Client, planner: Client) -> None:
    found = opened(operator_client)
    assert post(planner, "lock-round", found.pk, version=1, comment="a\u202eb").status_code == 422
    locked(planner, found, "<script>alert(1)</script>")
    html = page(planner, "round", found.pk)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_what_a_round_says_of_an_official_text_that_was_not_imported(operator_client: Client, planner: Client) -> None:
    found = locked(planner, opened(operator_client))
    item = page(planner, "round-item", found.pk, ITEM)
    assert words("The official text had not been imported when the round was locked.") in item
    parent = page(planner, "round-item", found.pk, "SO-13-13")
    assert edition().by_id["SO-13-13"].explanation.ja in parent
    assert words("The verdicts as they were") not in parent


def test_an_unknown_round_does_not_exist(planner: Client) -> None:
    for name, arguments in (("round", []), ("lock-round", []), ("round-item", [ITEM])):
        address = reverse(f"governance:{name}", args=[new_id(), *arguments])
        assert planner.get(address).status_code == 404


def test_a_round_outlives_its_edition(planner: Client, operator_client: Client) -> None:
    found = locked(planner, opened(operator_client))
    Round.objects.create(fiscal_year=2020, edition="mhlw-5.2", opened_at=clock.now(), opened_by="x")
    assert "mhlw-5.2" in page(planner, "rounds")
    assert found.digest[:16] in page(planner, "rounds")
