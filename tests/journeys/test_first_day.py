"""The first hour of an installation, over HTTP: administrator, planning manager, first entries, first Fit&Gap."""

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.people.models import OneTimeLink, Session, User
from sekisho.people.services.links import offer_first_link
from sekisho.register.models import Event
from tests.conftest import code_now

pytestmark = pytest.mark.django_db
STRONG = "haru no umi 2026 hinemosu"


def enrol(client: Client, token: str, **values: str) -> Any:
    """Open a one-time link and fill in the form as a browser would."""
    assert client.get(reverse("people:open-link", args=[token])).status_code == 302
    seed = bytes.fromhex(client.session["seed"])
    data = {"password": STRONG, "again": STRONG, "code": code_now(seed), **values}
    return client.post(reverse("people:enrol"), data)


def test_the_first_administrator_enrols_and_invites_a_planning_manager(
    browser_client: Callable[[], Client], platform_actor: Actor
) -> None:
    """The story of the README, without a browser."""
    first = browser_client()
    token = offer_first_link(actor=platform_actor)
    assert token is not None
    answer = enrol(first, token, name="山田 花子", kana="ヤマダ ハナコ", login="yamada")
    assert answer.status_code == 302, answer.content.decode()
    page = first.get("/")
    assert page.status_code == 200
    assert "山田 花子" in page.content.decode()
    assert offer_first_link(actor=platform_actor) is None

    answer = first.post(
        reverse("people:invite"),
        {"name": "鈴木 一郎", "profession": "clerk", "roles": ["planning_manager", "management"]},
        follow=True,
    )
    assert answer.status_code == 200
    found = re.search(r"/invitation/([\w-]{43})/", answer.content.decode())
    assert found is not None

    second = browser_client()
    assert enrol(second, found[1], login="suzuki").status_code == 302
    assert "鈴木 一郎" in second.get("/").content.decode()
    user = User.objects.get(login="suzuki")
    roles = set(user.staff.grants.values_list("role", flat=True))
    assert roles == {Role.PLANNING_MANAGER.value, Role.MANAGEMENT.value}
    actions = list(Event.objects.order_by("source_seq").values_list("action", flat=True))
    assert actions == [
        "person.invite_first",
        "account.enrol",
        "session.sign_in",
        "person.invite",
        "account.enrol",
        "session.sign_in",
    ]


def test_a_link_works_once(browser_client: Callable[[], Client], platform_actor: Actor) -> None:
    """A used link answers as an unknown one."""
    token = offer_first_link(actor=platform_actor)
    assert token is not None
    enrol(browser_client(), token, name="山田", login="yamada")
    again = browser_client().get(reverse("people:open-link", args=[token]))
    unknown = browser_client().get(reverse("people:open-link", args=["x" * 43]))
    assert again.status_code == unknown.status_code == 404
    assert OneTimeLink.objects.filter(used_at=None).count() == 0


def test_signing_in_takes_both_factors(make_person: Callable[..., User], browser_client: Callable[[], Client]) -> None:
    """The password alone opens nothing."""
    from tests.conftest import PASSWORD

    make_person("suzuki", Role.STAFF)
    client = browser_client()
    assert client.get("/").headers["Location"] == "/sign-in/?next=/"
    answer = client.post(reverse("people:sign-in"), {"login": "ＳＵＺＵＫＩ", "password": PASSWORD})
    assert answer.headers["Location"] == reverse("people:sign-in-code")
    assert client.get("/").status_code == 302
    answer = client.post(reverse("people:sign-in-code"), {"code": code_now()})
    assert answer.headers["Location"] == "/"
    assert client.get("/").status_code == 200
    cookie = client.cookies["__Host-sekisho"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert not Session.objects.filter(session_key=cookie.value).exists(), "the key itself must not be stored"
    client.post(reverse("people:sign-out"))
    assert client.get("/").status_code == 302


def test_a_code_works_once(make_person: Callable[..., User], browser_client: Callable[[], Client]) -> None:
    """Somebody who read the code over a shoulder cannot use it."""
    from tests.conftest import PASSWORD

    make_person("suzuki", Role.STAFF)
    code = code_now()
    for expected in (302, 401):
        client = browser_client()
        client.post(reverse("people:sign-in"), {"login": "suzuki", "password": PASSWORD})
        assert client.post(reverse("people:sign-in-code"), {"code": code}).status_code == expected


def test_the_estate_is_entered_changed_and_closed(signed_in: Callable[..., Client]) -> None:
    """Every ledger of the estate by its pages."""
    client = signed_in(Role.SYSTEM_OPERATOR)
    answer = client.post(reverse("estate:vendors-new"), {"name": "株式会社ベンダ"})
    assert answer.status_code == 302, answer.content.decode()
    vendor_url = answer.headers["Location"]
    vendor_id = vendor_url.rstrip("/").rsplit("/", 1)[-1]
    system = {"name": "電子カルテ", "kind": "emr", "form": "on_premises", "vendor": vendor_id, "renewal_on": "R9.4.1"}
    answer = client.post(reverse("estate:systems-new"), system)
    assert answer.status_code == 302, answer.content.decode()
    page = client.get(answer.headers["Location"]).content.decode()
    assert "電子カルテ" in page
    assert "令和9年4月1日" in page
    refused = client.post(f"{vendor_url}close/", {"reason": "契約終了", "version": "1"})
    assert refused.status_code == 409
    assert "電子カルテ" in refused.content.decode()
    changed = client.post(f"{vendor_url}change/", {"name": "株式会社ベンダー", "version": "1"})
    assert changed.status_code == 302, changed.content.decode()
    lost = client.post(f"{vendor_url}change/", {"name": "上書き", "version": "1"})
    assert lost.status_code == 409
    assert "株式会社ベンダー" in client.get(vendor_url).content.decode()


class Counted:
    """A browser that counts what a person does: each link followed and each form sent."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.requests = 0

    def open(self, address: str) -> str:
        """Follow a link; where the answer leads is followed as a browser does, and not counted."""
        self.requests += 1
        return self._page(self.client.get(address, follow=True))

    def send(self, address: str, values: dict[str, str]) -> str:
        """Send a form."""
        self.requests += 1
        return self._page(self.client.post(address, values, follow=True))

    def _page(self, answer: Any) -> str:
        text = str(answer.content.decode())
        assert answer.status_code == 200, text
        return text


def test_from_the_first_link_to_the_first_fit_and_gap(
    browser_client: Callable[[], Client], platform_actor: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person alone in a clinic: enrols, answers the five questions, and sees verdicts that were really computed."""
    person = Counted(browser_client())
    token = offer_first_link(actor=platform_actor)
    assert token is not None
    person.open(reverse("people:open-link", args=[token]))
    code = code_now(bytes.fromhex(person.client.session["seed"]))
    account = {"name": "山田 花子", "login": "yamada", "password": STRONG, "again": STRONG, "code": code}
    first_page = person.send(reverse("people:enrol"), account)
    assert 'href="/start/"' in first_page
    person.open("/start/")
    person.send("/start/facility/", {"name": "みどり内科クリニック", "kind": "clinic", "beds": "0"})
    person.send("/start/people/plan-myself/", {"role": "planning_manager"})
    systems = {
        "emr-chosen": "on", "emr-name": "電子カルテ", "emr-form": "cloud",
        "emr-vendor": "みどり社", "emr-remote": "yes",
        "eligibility-chosen": "on", "eligibility-name": "オンライン資格確認", "eligibility-form": "on_premises",
        "eligibility-vendor": "みどり社", "eligibility-remote": "no",
    }  # fmt: skip
    person.send("/start/systems/", systems)
    lines = {
        "internet-chosen": "on", "internet-name": "光回線", "internet-line": "open_other",
        "maintenance-chosen": "on", "maintenance-name": "保守用VPN", "maintenance-line": "unknown",
        "lan-chosen": "on", "lan-name": "院内LAN",
    }  # fmt: skip
    person.send("/start/lines/", lines)
    follows = person.send("/start/contract/", {"update_duty": "unknown", "version": "1"})
    assert 'id="letter"' in follows
    waiting = person.open("/start/ready/")
    assert "hx-get" in waiting
    assert "<strong>0/" not in waiting, "nothing is said before something was judged"

    judge = next(job for job in registry.current().jobs if job.id == "governance.judge")
    judge.run()  # the worker's turn, within a minute
    judged = person.open("/start/ready/")
    assert "hx-get" not in judged, "what was entered is in the verdicts"
    counts = re.findall(r"\?verdict=(\w+)\"[^>]*>.*?</span> (\d+)</a>", judged)
    assert sum(int(number) for _verdict, number in counts) == 121
    assert 'id="themes"' in person.open("/"), "the five themes stand on the first page"
    with capsys.disabled():
        sys.stdout.write(f"\n{person.requests} requests from the first link to the first Fit&Gap on the first page\n")
