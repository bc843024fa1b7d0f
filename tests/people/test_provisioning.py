"""Staff for other systems: files with stable columns, and SCIM 2.0 to be read, judged by a library of the standard."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from scim2_models import (
    EnterpriseUser,
    Error,
    ListResponse,
    ResourceType,
    Schema,
    ServiceProviderConfig,
)
from scim2_models import User as ScimUser

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.errors import InvalidInput
from sekisho.people.models import AccountKind, ServiceClient, ServiceToken, Staff, User
from sekisho.people.queries.service_clients import grantable_actions
from sekisho.people.rules.scim import ENTERPRISE, MOST_RESULTS, ScimFilterInvalid, partial, read_filter, read_question
from sekisho.register.models import Event
from sekisho.trust.tokens import token_hash
from tests.people.granting import granted, make_ward

SCIM = "/api/v1/scim/v2"
Whole = ScimUser[EnterpriseUser]


@pytest.fixture
def people(make_person: Callable[..., User], at_nine: clock.FixedClock) -> dict[str, User]:
    """Somebody who works here, somebody who left, somebody who has not begun, and a stopped account."""
    made = {name: make_person(name, Role.STAFF, name=f"山田 {name}") for name in ("hanako", "left", "later", "stopped")}
    for number, user in enumerate(made.values(), start=1):
        Staff.objects.filter(pk=user.staff_id).update(staff_number=f"A{number}")
    Staff.objects.filter(pk=made["left"].staff_id).update(employed_until=date(2026, 11, 20))
    Staff.objects.filter(pk=made["later"].staff_id).update(employed_from=date(2026, 12, 1))
    User.objects.filter(pk=made["stopped"].pk).update(is_active=False)
    return made


def test_filters_and_pages_are_read_strictly() -> None:
    assert read_filter("") == ("", "")
    for character in "\0\x1f\x7f\u2028":  # PostgreSQL cannot even be asked for NUL
        with pytest.raises(ScimFilterInvalid):
            read_filter(f'userName eq "a{character}b"')
    assert read_filter('userName eq "Hanako"') == ("user_name", "Hanako")
    assert read_filter('urn:ietf:params:scim:schemas:core:2.0:User:EXTERNALID EQ "a\\"b\\\\"') == (
        "external_id",
        'a"b\\',
    )
    for wrong in (
        'userName co "a"',
        "userName eq a",
        'userName eq "a" or id eq "b"',
        'password eq "x"',
        "x" * 600,
        '"',
    ):
        with pytest.raises(InvalidInput):
            read_filter(wrong)
    asked = read_question({"startIndex": "-3", "count": "9999999999999"})
    assert (asked.start, asked.count) == (1, MOST_RESULTS)
    assert read_question({"count": "-1"}).count == 0
    for wrong in ({"count": "ten"}, {"startIndex": "1.5"}):
        with pytest.raises(InvalidInput):
            read_question(wrong)


@given(st.text())
def test_a_filter_is_read_or_refused(text: str) -> None:
    try:
        field, _value = read_filter(text)
    except InvalidInput:
        return
    assert field in {"", "user_name", "external_id", "id"}


def test_a_part_of_a_resource() -> None:
    whole = {
        "schemas": [],
        "id": "1",
        "userName": "a",
        "name": {"formatted": "x y", "familyName": "x"},
        ENTERPRISE: {"department": "d", "employeeNumber": "1"},
    }
    assert partial(whole, "userName", "") == {"schemas": [], "id": "1", "userName": "a"}
    assert partial(whole, "name.familyname", "")["name"] == {"familyName": "x"}
    assert partial(whole, f"{ENTERPRISE}:department", "")[ENTERPRISE] == {"department": "d"}
    less = partial(whole, "", f"id,name.formatted,{ENTERPRISE}")
    assert less == {"schemas": [], "id": "1", "userName": "a", "name": {"familyName": "x"}}


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_scim_says_who_has_an_account_and_whether_it_works(
    people: dict[str, User], signed_in: Callable[..., Client]
) -> None:
    """Every answer is taken by a library of the standard; leavers stay, as not active and without roles."""
    client = signed_in(Role.SYSTEM_OPERATOR, login="operator")
    sealed = signed_in(Role.STAFF, login="sealed").user  # type: ignore[attr-defined]
    User.objects.filter(pk=sealed.pk).update(kind=AccountKind.EMERGENCY)
    answer = client.get(f"{SCIM}/Users")
    assert answer["Content-Type"] == "application/scim+json"
    found = ListResponse[Whole].model_validate(answer.json())
    assert found.total_results == 5
    active = {one.user_name: (one.active, [role.value for role in one.roles or []]) for one in found.resources or []}
    nothing = (False, [])
    assert active == {
        "hanako": (True, ["staff"]), "left": nothing, "later": nothing, "stopped": nothing,
        "operator": (True, ["system_operator"]),
    }  # fmt: skip
    one = ListResponse[Whole].model_validate(client.get(f"{SCIM}/Users", {"filter": 'userName eq "HANAKO"'}).json())
    assert one.resources is not None
    (hanako,) = one.resources
    assert (hanako.external_id, hanako[EnterpriseUser].employee_number) == ("A1", "A1")
    assert (hanako.name.family_name, hanako.name.given_name) == ("山田", "hanako")
    by_number = client.get(f"{SCIM}/Users", {"filter": 'externalId eq "A1"'}).json()
    assert [each["id"] for each in by_number["Resources"]] == [hanako.id]
    pages = [client.get(f"{SCIM}/Users", {"startIndex": start, "count": 2}).json() for start in (1, 3, 5, 7)]
    assert [len(page["Resources"]) for page in pages] == [2, 2, 1, 0]
    assert len({each["id"] for page in pages for each in page["Resources"]}) == 5
    assert client.get(f"{SCIM}/Users", {"count": 0}).json()["totalResults"] == 5


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_a_version_changes_when_somebody_leaves(
    people: dict[str, User], signed_in: Callable[..., Client], at_nine: clock.FixedClock
) -> None:
    """Also by the date alone, without anybody writing anything."""
    client, user = signed_in(Role.PLANNING_MANAGER), people["hanako"]
    Staff.objects.filter(pk=user.staff_id).update(employed_until=date(2026, 11, 22))
    address = f"{SCIM}/Users/{user.pk}"
    first = client.get(address)
    known = Whole.model_validate(first.json())
    assert known.meta.version == first["ETag"]
    assert known.meta.location.endswith(address)
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    at_nine.moment += timedelta(days=1)
    client = signed_in(Role.PLANNING_MANAGER, login="second")
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    at_nine.moment += timedelta(days=1)
    client = signed_in(Role.PLANNING_MANAGER, login="third")
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.json()["active"] is False
    assert client.get(address, {"attributes": "userName"}).json().keys() == {"schemas", "id", "userName"}


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_the_service_describes_itself_and_refuses_the_rest(signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.SYSTEM_OPERATOR)
    config = ServiceProviderConfig.model_validate(client.get(f"{SCIM}/ServiceProviderConfig").json())
    assert (config.filter.supported, config.patch.supported) == (True, False)
    types = ListResponse[ResourceType].model_validate(client.get(f"{SCIM}/ResourceTypes").json())
    assert [one.endpoint for one in types.resources or []] == ["/Users"]
    described = ListResponse[Schema].model_validate(client.get(f"{SCIM}/Schemas").json())
    for schema in described.resources or []:
        known = Schema.model_validate(client.get(f"{SCIM}/Schemas/{schema.id}").json())
        assert known.attributes
    refused = (
        ("get", "Users", {"filter": 'userName co "a"'}, 400, "invalidFilter"),
        ("get", "Users", {"count": "ten"}, 400, "invalidValue"),
        ("get", "Users/nobody", {}, 404, None),
        ("get", "Schemas/urn:none", {}, 404, None),
        ("get", "Schemas", {"filter": "x"}, 403, None),
        ("post", "Users", {}, 405, None),
        ("get", "Groups", {}, 404, None),
    )
    for method, place, parameters, status, kind in refused:
        answer = getattr(client, method)(f"{SCIM}/{place}", parameters)
        error = Error.model_validate(answer.json())
        assert (answer.status_code, error.status, error.scim_type) == (status, status, kind)


@pytest.mark.django_db
def test_what_is_sent_is_what_the_schemas_say(people: dict[str, User], signed_in: Callable[..., Client]) -> None:
    """No attribute leaves that no schema names: nothing of an address, a telephone or a password."""
    client = signed_in(Role.SYSTEM_OPERATOR)
    schemas = {one["id"]: one for one in client.get(f"{SCIM}/Schemas").json()["Resources"]}
    names = {one["name"] for schema in schemas.values() for one in schema["attributes"]}
    common = {"schemas", "id", "externalId", "meta", ENTERPRISE}
    for user in client.get(f"{SCIM}/Users").json()["Resources"]:
        assert user.keys() - common <= names
        assert user[ENTERPRISE].keys() <= names if ENTERPRISE in user else True
    assert "staff_accounts.fetch" in [str(action) for action in grantable_actions()["people"]]


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_a_file_has_stable_columns_and_leaves_a_trace(
    people: dict[str, User], signed_in: Callable[..., Client]
) -> None:
    """Everybody with a line for each account; what a leaver may is nothing; the register keeps who took how many."""
    client = signed_in(Role.SYSTEM_OPERATOR, login="operator")
    Staff.objects.filter(pk=people["hanako"].staff_id).update(name="=山田")
    assert client.get("/people/provisioning/staff.csv").status_code == 405
    page = client.get("/people/provisioning/").content.decode()
    assert "staff_number, name, kana" in page
    assert '<td class="number">5</td>' in page
    answer = client.post("/people/provisioning/staff.csv")
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head == [
        "staff_number", "name", "kana", "department", "profession", "employed_from", "employed_until", "employed",
        "login", "account_kind", "account_active", "roles",
    ]  # fmt: skip
    by_login = {row[8]: row for row in rows}
    assert by_login["hanako"][1] == "'=山田", "no cell is a formula"
    assert by_login["hanako"][7:] == ["true", "hanako", "staff", "true", "staff"]
    assert by_login["left"][6:8] == ["2026-11-20", "false"]
    assert by_login["left"][10:] == ["false", ""]
    assert client.post("/people/provisioning/staff.xlsx").content[:2] == b"PK"
    assert client.post("/people/provisioning/patients.csv").status_code == 404
    taken = Event.objects.filter(action="staff_accounts.hand_out").order_by("source_seq")
    assert ['"rows":5' in event.entry for event in taken] == [True, True]
    listed = client.get("/api/v1/people/provisioning/staff").json()
    assert (listed["count"], list(listed["rows"][0])) == (5, head)


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_a_program_asks_with_its_token(
    signed_in: Callable[..., Client], browser_client: Callable[[], Client], at_nine: clock.FixedClock
) -> None:
    """For accounts, keys and rights, each only with its own scope. Rights are listed while they hold."""
    ward, visitor = make_ward(signed_in), browser_client()
    granted(ward, until_on=date(2026, 11, 25))
    program = ServiceClient.objects.create(
        name="電子カルテ連携", purpose="職員", responsible_id=ward.nurse.pk, department=ward.east, system=ward.emr,
        actions="staff_accounts.fetch", networks="192.168.10.0/24", starts_on=date(2026, 11, 1),
        ends_on=date(2027, 3, 31), entered_at=clock.now(), entered_by="x", entered_by_name="x", released_at=clock.now(),
    )  # fmt: skip

    def ask(place: str) -> Any:
        """Ask with a token of this moment."""
        text = f"skt_{clock.now():%d}"
        ServiceToken.objects.get_or_create(
            token_hash=token_hash(text),
            defaults={"client": program, "actions": program.actions, "network": "192.168.10.5"}
            | {"issued_at": clock.now(), "expires_at": clock.now() + timedelta(minutes=15)},
        )
        return visitor.get(place, headers={"Authorization": f"Bearer {text}", "X-Forwarded-For": "192.168.10.5"})

    found = ListResponse[Whole].model_validate(ask(f"{SCIM}/Users").json())
    assert {one.user_name for one in found.resources or []} == {"head", "stranger", "operator"}
    assert ask("/api/v1/people/keys").status_code == 403
    assert visitor.get(f"{SCIM}/Users").status_code == 401
    rows = ask("/api/v1/people/provisioning/rights").json()["rows"]
    assert [(row["system"], row["login"], row["role"], row["name"]) for row in rows] == [
        ("電子カルテ", "hanako", "看護記録", "看護 花子")
    ]
    at_nine.moment += timedelta(days=5)
    assert ask("/api/v1/people/provisioning/rights").json()["rows"] == []
