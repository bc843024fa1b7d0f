"""Personal data that Sekisho keeps: all of it is declared, its time runs out, and a person gets theirs."""

import json
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.apps import apps
from django.test import Client
from django.utils.translation import override

from sekisho.config.models import RetentionPeriod
from sekisho.config.privacy.periods import destroy_unattended, periods
from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.errors import Forbidden
from sekisho.people.models import KnownBrowser, Staff, User
from sekisho.people.services.sign_in import record_failure
from sekisho.register.models import Body, Event
from tests.conftest import actor_with

PAGE = Path(__file__).parents[2] / "docs" / "ja" / "personal-data.md"
# Tables without anything about a person. A new table belongs here or into a holding of its room.
WITHOUT = {
    "config.BackupGeneration", "config.BackupProof", "config.DiskDay", "config.JobSlot", "config.RetentionPeriod",
    "estate.Endpoint", "estate.Layer", "estate.Link", "estate.System",
    "governance.DailyOverview", "governance.JudgedEdition", "governance.JudgedInput", "governance.LastLook",
    "governance.NewestRun", "governance.OfficialChecklist", "governance.OfficialChecklistItem",
    "governance.OfficialItem", "governance.RequestedRun", "governance.RoundItem", "governance.RoundJudgement",
    "governance.StoredVerdict", "governance.VerdictChange", "governance.Webhook",
    "ledgers.BookNumber", "ledgers.ImportColumns",
    "network.CollectedBundle", "network.EndpointState", "network.NewestSighting", "network.Outage",
    "network.RequestedLook", "network.ResponseSample", "network.Sighting", "network.SweepPermit_ranges",
    "network.TimeSource", "network.WeeklyReport",
    "people.AuthenticationSurvey", "people.AuthenticatorModel", "people.MetadataList", "people.RolePolicy",
    "people.SigningKey", "register.HeldHead",
}  # fmt: skip


def test_every_table_says_whether_it_is_about_people() -> None:
    """A table in no holding is named above; one in two holdings would have two periods."""
    holdings = registry.current().holdings
    held = [table._meta.label for one in holdings for table in one.tables]
    ours = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("sekisho.") and not model._meta.proxy
    }
    assert len(held) == len(set(held))
    assert set(held) | WITHOUT == ours
    assert not set(held) & WITHOUT


def test_periods_lie_within_their_bounds() -> None:
    """What is usual may be set."""
    expiries = [one.expiry for one in registry.current().holdings if one.expiry]
    assert expiries
    assert all(1 <= one.least <= one.days <= one.most for one in expiries)


def test_the_manual_says_what_is_declared() -> None:
    """A row for each holding, in Japanese, with its tables and its days."""
    text = PAGE.read_text(encoding="utf8")
    with override("ja"):
        for one in registry.current().holdings:
            days = f"{one.expiry.days:,}日" if one.expiry else "―"
            tables = "、".join(f"`{table._meta.db_table}`" for table in one.tables)
            row = f"| {one.title} | {one.whose} | {one.purpose} | {one.kept} | {days} | {tables} |"
            assert row in text, row


@pytest.mark.django_db
def test_what_has_run_out_goes_by_night_and_is_recorded(make_person: Callable[..., User]) -> None:
    """Browsers unused for too long and mistyped names go; what is younger stays, and so does the event."""
    user = make_person("nagai")
    now = clock.now()
    for days in (10, 401):
        KnownBrowser.objects.create(user=user, token_hash=str(days), first_at=now, last_at=now - timedelta(days=days))
    record_failure(actor=platform("test"), user=None, factor="password", login="himitsu")
    assert Body.objects.count() == 1
    with clock.use(clock.FixedClock(now + timedelta(days=91))):
        assert destroy_unattended(actor=platform("worker")) == 2
        assert destroy_unattended(actor=platform("worker")) == 0
    assert [row.token_hash for row in KnownBrowser.objects.all()] == ["10"]
    assert not Body.objects.exists()
    assert Event.objects.filter(action="register.forget_typed").count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("english", "at_nine")
def test_a_former_member_of_staff_is_forgotten_when_somebody_says_so(
    make_person: Callable[..., User], signed_in: Callable[..., Client]
) -> None:
    """Not by night; by a named person, after the period; the row and its history stay."""
    user = make_person("yamada", Role.STAFF, name="山田 花子")
    Staff.objects.filter(pk=user.staff_id).update(
        employed_until=date(2021, 11, 1), staff_number="A-1", kana="ヤマダ ハナコ"
    )
    stays = make_person("suzuki", Role.STAFF, name="鈴木 一郎")
    Staff.objects.filter(pk=stays.staff_id).update(employed_until=date(2022, 11, 30))
    destroy_unattended(actor=platform("worker"))
    assert Staff.objects.get(pk=user.staff_id).name == "山田 花子"
    client = signed_in(Role.PLANNING_MANAGER)
    assert "1 wait for your word" in client.get("/personal-data/").content.decode()
    assert client.post("/personal-data/people.staff/destroy/", {}).status_code == 422
    assert client.post("/personal-data/people.staff/destroy/", {"reason": "保存期間満了"}).status_code == 302
    forgotten = Staff.objects.get(pk=user.staff_id)
    assert "山田" not in f"{forgotten.name}{forgotten.kana}{forgotten.search_key}"
    assert forgotten.staff_number is None
    user.refresh_from_db()
    assert (user.is_active, user.login[:7], user.has_usable_password()) == (False, "former-", False)
    assert not hasattr(user, "totp")
    assert Staff.objects.get(pk=stays.staff_id).name == "鈴木 一郎"
    entry = Event.objects.get(action="person.forget").entry
    assert "山田" not in entry


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_the_facility_says_how_long(signed_in: Callable[..., Client]) -> None:
    """Within bounds; what is outside is refused with the bounds."""
    client = signed_in(Role.PLANNING_MANAGER)
    refused = client.post("/personal-data/people.sign_in/period/", {"days": "3"})
    assert refused.status_code == 422
    assert "30 to 1825" in refused.content.decode().replace(",", "")
    assert client.post("/personal-data/people.sign_in/period/", {"days": "60"}).status_code == 302
    assert periods()["people.sign_in"].days == 60
    assert RetentionPeriod.objects.get().holding == "people.sign_in"
    assert client.get("/personal-data/no.such/period/").status_code == 404


@pytest.mark.django_db
def test_a_person_gets_what_is_kept_about_them(
    make_person: Callable[..., User], signed_in: Callable[..., Client]
) -> None:
    """A workbook and their events, no secret; nobody or several by that name are told apart."""
    user = make_person("yamada", Role.STAFF, name="山田 花子")
    make_person("yamada2", Role.STAFF, name="山田 太郎")
    client = signed_in(Role.PLANNING_MANAGER)
    for name in ("山田", "佐藤"):
        assert client.post("/personal-data/person/", {"person": name}).status_code == 422
    answer = client.post("/personal-data/person/", {"person": "山田 花子"})
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(BytesIO(answer.content))
    book = openpyxl.load_workbook(BytesIO(archive.read("data.xlsx")))
    assert {"people_staff", "people_user", "people_rolegrant"} <= set(book.sheetnames)
    words = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert "山田 花子" in words
    assert "山田 太郎" not in words
    assert user.password not in words
    assert not any("argon2" in word for word in words)
    json.loads(archive.read("events.json"))
    assert Event.objects.filter(action="personal_data.export").count() == 1


def test_who_may_not_destroy_cannot() -> None:
    """The services refuse by themselves."""
    actor = actor_with(Role.SYSTEM_OPERATOR)
    ways = [one.expiry for one in registry.current().holdings if one.expiry]
    for way in ways:
        with pytest.raises(Forbidden):
            way.destroy(actor, clock.now())
