"""The API of governance: every requirement with its verdict, one with its subjects and proofs, and its schemas."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sekisho.config.api import api
from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.governance.queries.editions import CURRENT, edition, mapping
from sekisho.governance.rules.claims import ClaimKind
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.ports import SubjectKind
from tests.governance.pages import ids_of, judge
from tests.governance.working import approved, draft, system

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/governance/requirements"


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.AUDITOR)


def ask(client: Client, path: str = "") -> Any:
    answer = client.get(f"{ADDRESS}{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_every_requirement_has_its_verdict_and_numbers(client: Client) -> None:
    found = ask(client)
    assert found["edition"] == CURRENT
    assert found["judged_at"] is None
    assert [row["id"] for row in found["requirements"]] == [row.id for row in edition().rows]
    assert {row["verdict"] for row in found["requirements"]} == {"not_assessed"}
    system("電子カルテ")
    judge()
    found = ask(client)
    row = next(row for row in found["requirements"] if row["id"] == "SO-2-1")
    assert found["judged_at"].startswith("20")
    assert row == {
        "id": "SO-2-1",
        "printed": "①",
        "parent": None,
        "title": {"ja": edition().by_id["SO-2-1"].title.ja, "en": edition().by_id["SO-2-1"].title.en},
        "verdict": "not_assessed",
        "n": 0,
        "N": 1,
        "counts": {"not_assessed": 1},
        "reassess": 0,
        "exceptions": [],
        "work": None,
    }


def test_one_requirement_with_its_subjects_and_proofs(client: Client) -> None:
    one = str(system("電子カルテ").pk)
    system("レセプト")
    application = approved(ClaimKind.ATTESTATION, draft("SO-2-1", one, edition_id=CURRENT))
    judge()
    found = ask(client, "/SO-2-1")
    assert found["verdict"] == "partial"
    assert (found["n"], found["N"]) == (0, 2)
    assert found["counts"] == {"partial": 1, "not_assessed": 1}
    assert found["judged_per"] == "system"
    assert found["explanation"]["en"] == edition().by_id["SO-2-1"].explanation.en
    subject = next(row for row in found["subjects"] if row["id"] == one)
    assert (subject["kind"], subject["label"], subject["verdict"], subject["reason"]) == (
        "system",
        "電子カルテ",
        "partial",
        None,
    )
    proofs = {proof["kind"]: proof for proof in subject["proofs"]}
    assert proofs["attestation"]["state"] == "holds"
    assert proofs["attestation"]["ref"] == str(application)
    assert proofs["attestation"]["until"].startswith("20")
    assert proofs["document"]["state"] == "absent"
    assert proofs["document"]["until"] is None
    whats = {proof.kind.value: proof.what for proof in mapping().leaves["SO-2-1"].proofs}
    assert proofs["document"]["what"] == {"ja": whats["document"].ja, "en": whats["document"].en}


def test_a_reason_is_in_both_languages_by_rule_and_in_the_approver_s_words_by_claim(
    client: Client, operator: Actor
) -> None:
    add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": "院内LAN", "line": "lan"})
    judge()
    (subject,) = ask(client, "/SO-13-6")["subjects"]
    assert subject["verdict"] == "not_applicable"
    assert set(subject["reason"]) == {"ja", "en"}
    (lan,) = ids_of(SubjectKind.LINK)
    approved(ClaimKind.NOT_APPLICABLE, draft("SO-13-1", lan, edition_id=CURRENT, statement="通信会社の回線ではない"))
    judge()
    (subject,) = ask(client, "/SO-13-1")["subjects"]
    assert subject["reason"] == "通信会社の回線ではない"


def test_a_parent_names_its_children(client: Client) -> None:
    found = ask(client, "/SO-13-13")
    assert found["children"] == [f"SO-13-13-{number}" for number in (1, 2, 3, 4)]
    assert found["subjects"] == []
    assert found["judged_per"] is None
    assert found["N"] == 4


@pytest.mark.parametrize("name", ["SO-99-1", "%00", "x" * 300])
def test_an_unknown_requirement_is_a_problem(client: Client, name: str) -> None:
    answer = client.get(f"{ADDRESS}/{name}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "kernel.not_found"


def test_who_may_not_read_is_refused(signed_in: Callable[..., Client]) -> None:
    answer = signed_in(Role.STAFF).get(ADDRESS)
    assert answer.status_code == 403
    assert answer.json()["code"] == "kernel.forbidden"


def test_the_answers_are_described(client: Client) -> None:
    """Every field has a type: no answer of governance is "any object"."""
    schema: Any = api.get_openapi_schema()
    parts = schema["components"]["schemas"]
    for name in ("Requirements", "RequirementRow", "RequirementDetail", "SubjectRow", "ProofRow", "Words"):
        for field, described in parts[name]["properties"].items():
            assert described.keys() & {"type", "$ref", "anyOf", "allOf", "items"}, (name, field)
            assert described.get("type") != "object" or "additionalProperties" in described, (name, field)
    answer = schema["paths"][ADDRESS]["get"]["responses"][200]["content"]["application/json"]["schema"]
    assert answer["$ref"].endswith("/Requirements")


def test_many_subjects_cost_the_list_no_more_queries(
    client: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    system("一")
    judge()
    ask(client)
    with django_assert_num_queries(7) as few:
        ask(client)
    for number in range(20):
        system(f"系統{number}")
    judge()
    with django_assert_num_queries(len(few)):
        ask(client)
