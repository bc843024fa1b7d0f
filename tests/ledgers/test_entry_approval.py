"""Entries that count once they are approved: applied for as they stand, approved as they stand, or not at all."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from types import ModuleType
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import include, path

from sekisho.config import urls
from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.dates import in_facility
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.ledgers import services as approvals
from sekisho.ledgers.errors import AppliedAlready, EntryApproved, EntryChanged, EntryEnded
from sekisho.ledgers.models import Application, Submission
from sekisho.ledgers.queries.book_values import text_of
from sekisho.ledgers.rules import Step
from sekisho.ledgers.services import books, entry_workflow
from sekisho.ledgers.views.books import book_addresses
from sekisho.people.models import User
from tests.ledgers.reading import get, me, page_of, words
from tests.ledgers.routing import approve
from tests.ledgers.trial_book import KEYS, Key, make_table
from tests.ledgers.working import acting, last_event, stored, take

pytestmark = pytest.mark.django_db
IGNORED = "Not taken over: %(ignored)s. An approval is given in the platform, never by a file."
# The day of return is what is filled in afterwards.
LOANS = replace(
    KEYS,
    workflow="trial.keys_approval",
    columns=tuple(replace(column, after_approval=column.field == "due_on") for column in KEYS.columns),
)


def declare(**more: Any) -> None:
    """Declare the ledger with the workflow of its entries."""
    before = registry.current()
    workflows = [workflow for workflow in before.workflows if workflow.id != LOANS.workflow]
    ledgers = [ledger for ledger in before.ledgers if ledger.id != LOANS.id]
    changed = replace(before, ledgers=(*ledgers, LOANS), workflows=(*workflows, entry_workflow(LOANS, **more)))
    registry.install(replace(changed, actions=(*before.actions, *KEYS.actions)))  # type: ignore[misc]


@pytest.fixture(autouse=True)
def _declared(db: None, settings: Any) -> Iterator[None]:
    make_table()
    before = registry.current()
    declare()
    module = ModuleType("tests.ledgers.approval_urls")
    trial = path("", include((book_addresses([LOANS]), "trial")))
    found: dict[str, Any] = {**vars(urls), "urlpatterns": [*urls.urlpatterns, trial]}
    vars(module).update({name: value for name, value in found.items() if not name.startswith("__")})
    settings.ROOT_URLCONF = module
    yield
    registry.install(before)


@pytest.fixture
def keeper(make_person: Callable[..., User]) -> Actor:
    """Who keeps the ledger."""
    return acting(make_person("keeper", Role.SYSTEM_OPERATOR, name="鍵 守"))


def enter(actor: Actor, **values: Any) -> Any:
    return books.add_entry(actor=actor, ledger=LOANS, values={"name": "薬品庫", "place": "box", **values})


def apply_for(actor: Actor, entry: Any, **more: Any) -> Application:
    version = Key.objects.get(pk=entry.pk).version
    return approvals.apply_for_entry(actor=actor, ledger=LOANS, entry_id=entry.pk, **{"version": version, **more})


def change(actor: Actor, entry: Any, **values: Any) -> Key:
    version = Key.objects.get(pk=entry.pk).version
    books.change_entry(actor=actor, ledger=LOANS, entry_id=entry.pk, version=version, values=values)
    return Key.objects.get(pk=entry.pk)


def test_an_entry_is_applied_for_approved_and_stays_so_until_it_changes(keeper: Actor, approver: Actor) -> None:
    """What is filled in afterwards leaves it; any other change takes it away and says so in the register."""
    entry = enter(keeper)
    application = apply_for(keeper, entry, comment="貸出のため")
    assert (application.title, application.key) == ("KY-00001 薬品庫", str(entry.pk))
    with pytest.raises(AppliedAlready, match="鍵 守"):
        apply_for(keeper, entry)
    approve(approver, application)
    now = Key.objects.get(pk=entry.pk)
    assert (now.is_approved, now.approved_by, now.version) == (True, "鈴木 一郎", 2)
    event = last_event()
    assert (event["action"], event["subject"]["id"]) == ("ledger.approve_entry", str(entry.pk))
    assert event["details"]["changes"] == {"approved_by": [None, "鈴木 一郎"]}
    with pytest.raises(EntryApproved):
        apply_for(keeper, entry)
    assert change(keeper, entry, due_on=date(2027, 3, 31)).is_approved
    assert not change(keeper, entry, copies=2).is_approved
    assert last_event()["details"]["changes"] == {"copies": [1, 2], "approved_by": ["鈴木 一郎", None]}
    again = apply_for(keeper, entry)
    approve(approver, again)
    take(Step.REVOKE, approver, application, "古いほう")
    assert Key.objects.get(pk=entry.pk).is_approved, "the later approval stands for itself"
    take(Step.REVOKE, approver, again, "取り消す")
    assert not Key.objects.get(pk=entry.pk).is_approved
    assert last_event()["action"] == "ledger.unapprove_entry"


def test_what_changed_since_is_not_approved_as_it_was_applied_for(keeper: Actor, approver: Actor) -> None:
    """The approver is told which column; sent back and applied for again it is approved; closed it is not."""
    entry = enter(keeper)
    application = apply_for(keeper, entry)
    change(keeper, entry, copies=5)
    with pytest.raises(EntryChanged, match="本数"):
        approve(approver, application)
    assert stored(application).state == "submitted"
    take(Step.SEND_BACK, approver, application, "本数が違う")
    assert apply_for(keeper, entry).pk == application.pk
    assert Submission.objects.count() == 2
    version = Key.objects.get(pk=entry.pk).version
    books.close_entry(actor=keeper, ledger=LOANS, entry_id=entry.pk, version=version, reason="紛失")
    with pytest.raises(EntryEnded):
        approve(approver, application)
    with pytest.raises(EntryEnded):
        apply_for(keeper, entry)


def test_what_follows_the_approval_undoes_it_when_it_fails(keeper: Actor, approver: Actor) -> None:
    """``carry_out`` of the room runs after the mark, in the same transaction."""
    seen: list[bool] = []

    def follow(_actor: Actor, _application: Any, content: Any) -> None:
        seen.append(Key.objects.get(pk=content["entry"]).is_approved)
        if len(seen) == 1:
            raise OSError("no medium")

    declare(carry_out=follow, after_the_fact=timedelta(days=1))
    entry = enter(keeper)
    application = apply_for(keeper, entry, done_reason="停電のため")
    assert application.decide_by == application.applied_at + timedelta(days=1)
    with pytest.raises(OSError, match="medium"):
        approve(approver, application)
    assert not Key.objects.get(pk=entry.pk).is_approved
    approve(approver, application)
    assert seen == [True, True]
    assert Key.objects.get(pk=entry.pk).is_approved


def test_a_form_opened_before_does_not_take_the_approval_away_unseen(keeper: Actor, approver: Actor) -> None:
    entry = enter(keeper)
    approve(approver, apply_for(keeper, entry))
    with pytest.raises(Conflict):
        books.change_entry(actor=keeper, ledger=LOANS, entry_id=entry.pk, version=1, values={"copies": 9})
    with pytest.raises(Conflict):
        apply_for(keeper, entry, version=1)


def test_a_ledger_without_a_workflow_has_nothing_to_apply_for(keeper: Actor) -> None:
    with pytest.raises(NotFound):
        entry_workflow(KEYS)
    entry = enter(keeper)
    with pytest.raises(NotFound):
        approvals.apply_for_entry(actor=keeper, ledger=KEYS, entry_id=entry.pk, version=1)


def test_files_say_how_the_approval_stands_and_bring_none(approver: Actor, signed_in: Callable[..., Client]) -> None:
    """Excel, CSV and paper show state, approvers and day; read back, also falsified, they change nothing and say so."""
    client = signed_in(Role.SYSTEM_OPERATOR)
    approved, waiting, _plain = (enter(me(client), name=name) for name in ("承認済みの鍵", "申請中の鍵", "ただの鍵"))
    approve(approver, apply_for(me(client), approved))
    apply_for(me(client), waiting)
    text = client.get("/trial/keys/export.csv").content.decode("utf-8-sig")
    head, first, second, third = (row[-3:] for row in csv.reader(io.StringIO(text)))
    assert head == [words("State of the approval"), words("Approvers"), words("Approved on")]
    assert first == [words("Approved"), "鈴木 一郎", text_of(in_facility(clock.now()).date())]
    assert [second, third] == [[words("Waiting for approval"), "", ""], [words("Not approved"), "", ""]]
    book = openpyxl.load_workbook(io.BytesIO(client.get("/trial/keys/export.xlsx").content))
    assert "鈴木 一郎" in [cell.value for row in book.active.rows for cell in row]
    assert client.get("/trial/keys/export.pdf").content.startswith(b"%PDF")
    falsified = text.replace(words("Not approved"), words("Approved"))
    given = SimpleUploadedFile("鍵.csv", falsified.encode())
    shown = client.post("/trial/keys/import/", {"file": given}).content.decode()
    assert words("The ledger holds all of it already.") in shown
    assert words(IGNORED, ignored=words(", ").join(head)) in shown


def test_from_the_entry_s_page_to_its_approval(signed_in: Callable[..., Client]) -> None:
    """Not approved, applied for, changed meanwhile, sent back, mended through the entry, approved."""
    operator, manager = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.PLANNING_MANAGER)
    entry = enter(me(operator), place="safe", due_on=date(2027, 3, 31))
    page, address = f"/trial/keys/{entry.pk}/", f"/applications/entries/{LOANS.id}/{entry.pk}/"
    shown = get(operator, page)
    assert words("Not approved") in shown
    assert words("Not approved") in get(operator, "/trial/keys/")
    assert address in shown
    form = get(operator, address)
    assert "金庫" in form
    assert "2027" not in form, "what is filled in afterwards is not applied for"
    assert operator.post(address, {"version": "9", "comment": ""}).status_code == 409
    assert operator.post(address, {"version": "1", "comment": "貸出"}).status_code == 302
    application = Application.objects.get()
    assert address not in get(operator, page)
    change(me(operator), entry, copies=7)
    assert words("It cannot be approved as it was submitted") in get(manager, page_of(application))
    answer = manager.post(f"{page_of(application)}approve/", {"version": "1", "comment": ""})
    assert answer.status_code == 409
    assert "本数" in answer.content.decode()
    take(Step.SEND_BACK, me(manager), application)
    assert f"{page_of(application)}entry/" in get(operator, page_of(application))
    assert operator.get(f"{page_of(application)}entry/").headers["Location"] == page
    assert operator.post(address, {"version": "2", "comment": "直しました"}).status_code == 302
    assert manager.post(f"{page_of(application)}approve/", {"version": "3", "comment": ""}).status_code == 302
    assert words("Approved by %(name)s", name=me(manager).name) in get(operator, page)
    assert signed_in(Role.STAFF).post(address, {"version": "1"}).status_code == 403
    assert operator.get(f"/applications/entries/trial.nothing/{entry.pk}/").status_code == 404
