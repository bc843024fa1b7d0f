"""Who looks after a requirement, by when, and comments: what is stored, refused, registered; two at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from sekisho.governance.errors import (
    CannotLookAfter,
    CommentEmpty,
    CommentStruck,
    DueDayWrong,
    NotYourComment,
    WorkSettledMeanwhile,
)
from sekisho.governance.models import Assignment, Comment, StruckComment
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.queries.work import (
    assigned_to_actor,
    comments_page,
    due_items,
    work_by_requirement,
    work_on,
    workers,
)
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.services.work import FURTHEST_DUE, Plan, add_comment, settle_work, strike_comment
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, ActorKind
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.kernel.wording import InvisibleCharacters
from sekisho.ledgers.errors import AppendOnlyViolation
from sekisho.people.models import Staff, User
from sekisho.register.queries import history
from tests.governance.pages import judge
from tests.governance.working import OPERATOR, approved, draft, system, today

pytestmark = pytest.mark.django_db
ITEM = "SO-2-3"


def person(make_person: Callable[..., Any], login: str, *roles: Role) -> tuple[User, Actor]:
    """Return somebody with an account, and as an actor."""
    user: User = make_person(login, *roles)
    return user, Actor(ActorKind.PERSON, str(user.pk), user.staff.name, frozenset(roles), assurance=2)


def settle(version: int, *, who: object = "", days: int | None = None, item: str = ITEM) -> int:
    """Settle as the operator: a member of staff or nobody, and so many days from now."""
    assignee = str(who.pk) if isinstance(who, Staff) else str(who)
    due_on = today() + timedelta(days=days) if days is not None else None
    return settle_work(actor=OPERATOR, requirement_id=item, version=version, plan=Plan(assignee, due_on))


def events(item: str = ITEM) -> list[tuple[str, dict[str, Any]]]:
    """Return what the register says of an item, the oldest first."""
    return [(found.document["action"], found.document["details"]) for found in reversed(history("requirement", item))]


def test_who_and_when_are_kept_with_who_said_so(at_nine: clock.FixedClock, make_person: Callable[..., Any]) -> None:
    nurse, _actor = person(make_person, "sato", Role.DEPARTMENT_MANAGER)
    assert work_on(ITEM).version == 1
    assert settle(1, who=nurse.staff, days=10) == 2
    work = work_on(ITEM)
    assert (work.assignee_id, work.assignee_name, work.due_on) == (
        str(nurse.staff_id), "sato", today() + timedelta(days=10),
    )  # fmt: skip
    assert (work.assigned_by, work.assigned_at, work.due_set_by) == (OPERATOR.name, at_nine.moment, OPERATOR.name)
    at_nine.moment += timedelta(hours=1)
    assert settle(2, who=nurse.staff) == 3
    work = work_on(ITEM)
    assert work.due_on is None
    assert work.assigned_at == at_nine.moment - timedelta(hours=1), "who looks after it was not settled anew"
    assert settle(3) == 4
    assert work_by_requirement()[ITEM].assignee_name == ""
    day = (today() + timedelta(days=10)).isoformat()
    assert events() == [
        ("requirement.assign", {"changes": {"assignee": [None, "sato"]}}),
        ("requirement.set_due", {"changes": {"due_on": [None, day]}}),
        ("requirement.set_due", {"changes": {"due_on": [day, None]}}),
        ("requirement.assign", {"changes": {"assignee": ["sato", None]}}),
    ]


def test_what_changes_nothing_is_no_event() -> None:
    assert settle(1) == 1
    assert events() == []


def test_an_older_version_is_refused_and_says_who_was_first(make_person: Callable[..., Any]) -> None:
    nurse, _actor = person(make_person, "sato", Role.DEPARTMENT_MANAGER)
    settle(1, who=nurse.staff)
    with pytest.raises(WorkSettledMeanwhile) as refused:
        settle(1, days=3)
    assert OPERATOR.name in str(refused.value)
    assert isinstance(refused.value, Conflict)
    assert work_on(ITEM).due_on is None
    for version in (0, 3, -1):
        with pytest.raises(WorkSettledMeanwhile):
            settle(version, days=3)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_exactly_one_wins() -> None:
    """Two editors opened the same version; whoever comes second is told."""
    outcomes: list[str] = []
    ready = threading.Barrier(2, timeout=20)

    def edit(days: int) -> None:
        try:
            ready.wait()
            settle(1, days=days)
            outcomes.append("won")
        except WorkSettledMeanwhile:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=edit, args=(days,)) for days in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["told", "won"]
    assert len(events()) == 1
    assert work_on(ITEM).version == 2


@pytest.mark.parametrize("days", [-1, FURTHEST_DUE.days + 1])
def test_a_day_that_cannot_be_meant_is_refused(days: int) -> None:
    with pytest.raises(DueDayWrong):
        settle(1, days=days)
    assert events() == []
    assert not Assignment.objects.exclude(version=1).exists()


def test_only_who_works_here_and_can_act_is_named(make_person: Callable[..., Any]) -> None:
    able, _one = person(make_person, "able", Role.DEVICE_SAFETY_MANAGER)
    gone, _two = person(make_person, "gone", Role.SYSTEM_OPERATOR)
    staff, _three = person(make_person, "staff", Role.STAFF)
    auditor, _four = person(make_person, "auditor", Role.AUDITOR)
    Staff.objects.filter(pk=gone.staff_id).update(employed_until=today() - timedelta(days=1))
    assert [found.id for found in workers()] == [str(able.staff_id)]
    nobodies = [gone.staff, staff.staff, auditor.staff]
    for who in (*nobodies, "00000000-0000-7000-8000-00000000ffff", "no-uuid", "x" * 300, "\0"):
        with pytest.raises(CannotLookAfter):
            settle(1, who=who)
    assert settle(1, who=able.staff) == 2


def test_who_left_may_stay_until_somebody_else_is_named(make_person: Callable[..., Any]) -> None:
    user, _actor = person(make_person, "gone", Role.SYSTEM_OPERATOR)
    settle(1, who=user.staff)
    Staff.objects.filter(pk=user.staff_id).update(employed_until=today() - timedelta(days=1))
    assert settle(2, who=user.staff, days=5) == 3


def test_a_parent_and_an_unknown_item_are_settled_by_nobody() -> None:
    for item in ("SO-13-13", "SO-99-1"):
        with pytest.raises(NotFound):
            settle(1, days=1, item=item)
        with pytest.raises(NotFound):
            add_comment(actor=OPERATOR, requirement_id=item, text="見た")


# What waits for whom


def test_what_somebody_has_to_do_and_what_is_due(make_person: Callable[..., Any]) -> None:
    """Done and not applicable are neither; what is due first comes first."""
    user, actor = person(make_person, "sato", Role.DEPARTMENT_MANAGER)
    emr = str(system("電子カルテ").pk)
    approved(ClaimKind.NOT_APPLICABLE, draft("SO-2-1", emr, edition_id=CURRENT))
    judge()
    for item, days in (("SO-2-3", 3), ("SO-2-4", None), ("SO-2-2", 40), ("SO-2-1", 1)):
        settle(1, who=user.staff, days=days, item=item)
    settle(1, days=2, item="SO-2-5")
    found = assigned_to_actor(actor)
    assert [item.requirement for item in found if not item.requirement.startswith("SO-2-1")][:3] == [
        "SO-2-3", "SO-2-2", "SO-2-4",
    ]  # fmt: skip
    assert found[0].title.startswith("2 ③ ")
    assert assigned_to_actor(Actor(ActorKind.PLATFORM, "worker", "worker", frozenset())) == []
    due = due_items(today())
    assert [item.requirement for item in due if item.requirement != "SO-2-1"] == ["SO-2-5", "SO-2-3"]
    assert due_items(today() + timedelta(days=60))[0].requirement in {"SO-2-1", "SO-2-5"}, "what is overdue too"
    assert assigned_to_actor(actor, language="en")[0].title != found[0].title


# Comments


def test_a_comment_is_kept_and_the_register_holds_its_hash() -> None:
    import hashlib

    add_comment(actor=OPERATOR, requirement_id=ITEM, text="  業者に聞いた。\n回答は来週。 ")
    (comment,) = comments_page(ITEM, 1).object_list
    assert (comment.text, comment.written_by_name) == ("業者に聞いた。\n回答は来週。", OPERATOR.name)
    digest = hashlib.sha256(comment.text.encode()).hexdigest()
    assert events() == [("requirement.comment", {"sha256": digest})]
    strike_comment(actor=OPERATOR, requirement_id=ITEM, comment_id=comment.pk, reason="別の項目の話だった")
    (comment,) = comments_page(ITEM, 1).object_list
    assert comment.text == "業者に聞いた。\n回答は来週。", "it stays"
    assert comment.struck.reason == "別の項目の話だった"
    assert events()[-1] == ("requirement.strike_comment", {"sha256": digest})


@pytest.mark.parametrize("text", ["", " \n", "。、", "\u3164", "x" * 2001])
def test_a_comment_says_something(text: str) -> None:
    with pytest.raises(CommentEmpty):
        add_comment(actor=OPERATOR, requirement_id=ITEM, text=text)
    assert not Comment.objects.exists()


def test_invisible_characters_are_refused() -> None:
    with pytest.raises(InvisibleCharacters):
        add_comment(actor=OPERATOR, requirement_id=ITEM, text="見た\u202eた見")


def test_only_the_writer_strikes_out_and_only_once(make_person: Callable[..., Any]) -> None:
    _user, other = person(make_person, "other", Role.PLANNING_MANAGER)
    comment = add_comment(actor=OPERATOR, requirement_id=ITEM, text="見た")

    def strike(actor: Actor, reason: str = "誤り", item: str = ITEM, pk: UUID = comment.pk) -> StruckComment:
        return strike_comment(actor=actor, requirement_id=item, comment_id=pk, reason=reason)

    with pytest.raises(NotYourComment):
        strike(other)
    with pytest.raises(CommentEmpty):
        strike(OPERATOR, "。")
    with pytest.raises(NotFound):
        strike(OPERATOR, item="SO-2-4")
    with pytest.raises(NotFound):
        strike(OPERATOR, pk=UUID(int=7))
    strike(OPERATOR)
    with pytest.raises(CommentStruck):
        strike(OPERATOR)
    assert StruckComment.objects.count() == 1


def test_the_database_itself_keeps_comments() -> None:
    """Neither our own code nor plain SQL changes or deletes one."""
    comment = add_comment(actor=OPERATOR, requirement_id=ITEM, text="見た")
    strike_comment(actor=OPERATOR, requirement_id=ITEM, comment_id=comment.pk, reason="誤り")
    with pytest.raises(AppendOnlyViolation):
        Comment.objects.update(text="見ていない")
    for table, change in (("comment", "text = ''"), ("struckcomment", "reason = ''")):
        for statement in (f"UPDATE governance_{table} SET {change}", f"DELETE FROM governance_{table}"):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                connection.cursor().execute(statement)
    assert comments_page(ITEM, 1).object_list[0].text == "見た"
