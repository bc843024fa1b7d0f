"""Routes: several steps, parts side by side, numbers of approvals; each person once, nobody before their turn."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import gettext

from sekisho.governance.queries.notice_causes import present_causes
from sekisho.governance.rules.notices import Cause, Known, Urgency, is_worse
from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import RoutePart, RouteStep
from sekisho.kernel.registry import DeclarationsInvalid, discover
from sekisho.kernel.text import Text
from sekisho.ledgers import services
from sekisho.ledgers.errors import (
    AfterTheFactRefused,
    ApprovedAlready,
    CommentMissing,
    NotYourPart,
    NotYourTurn,
    OwnApplication,
    PartTaken,
)
from sekisho.ledgers.models import Application, Decision
from sekisho.ledgers.queries import approved, waiting_for
from sekisho.ledgers.rules import Step
from sekisho.ledgers.services.rerouting import follow_routes
from sekisho.ledgers.views.context import deadline_badge
from sekisho.people.models import User
from sekisho.ui.parts import Badge, Kind
from tests.ledgers.reading import get, me, page_of, words
from tests.ledgers.routing import TAKE_OUT, apply_to_take_out, approve, declare
from tests.ledgers.working import CONTENT, acting, last_event, stored, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(make_person: Callable[..., User]) -> dict[str, Actor]:
    """A department manager, a planning manager and three safety managers."""
    roles = {
        "department": (Role.DEPARTMENT_MANAGER,),
        "planning": (Role.PLANNING_MANAGER,),
        "safety": (Role.SAFETY_MANAGER,),
        "second": (Role.SAFETY_MANAGER,),
        "third": (Role.SAFETY_MANAGER,),
    }
    return {name: acting(make_person(name, *held, name=f"{name} 氏")) for name, held in roles.items()}


def test_a_route_is_walked_to_its_end(cast: dict[str, Actor], applicant: Actor) -> None:
    """Side by side first, then two of three; what waits, for whom, and what is carried out, once."""
    carried: list[Any] = []
    declare(carry_out=lambda actor, application_id, content: carried.append((actor.name, application_id, content)))
    application = apply_to_take_out(applicant)

    def waits() -> set[str]:
        return {name for name, actor in cast.items() if list(waiting_for(actor))}

    assert waits() == {"department", "planning"}
    with pytest.raises(NotYourTurn, match="department"):
        approve(cast["safety"], application)
    assert approve(cast["planning"], application).state == "submitted"
    assert last_event()["action"] == "application.approve_part"
    assert last_event()["details"]["part"] == "1.2/planning_manager/1"
    assert waits() == {"department"}
    with pytest.raises(ApprovedAlready):
        approve(cast["planning"], application)
    assert approve(cast["department"], application).stage == 1
    assert waits() == {"safety", "second", "third"}
    approve(cast["safety"], application)
    assert waits() == {"second", "third"}
    with pytest.raises(ApprovedAlready, match="second"):
        approve(cast["safety"], application)
    assert carried == []
    assert approved(TAKE_OUT.id) == []
    assert approve(cast["third"], application).state == "approved"
    assert carried == [("third 氏", application.pk, CONTENT)]
    assert [one.approved_by for one in approved(TAKE_OUT.id)] == ["planning 氏, department 氏, safety 氏, third 氏"]
    assert last_event()["action"] == "application.approve"
    assert waits() == set()
    assert [row.step for row in Decision.objects.order_by("decided_at", "id")].count("approve_part") == 3


def test_what_is_mended_begins_again(cast: dict[str, Actor], applicant: Actor) -> None:
    """Approvals belong to the version that was looked at."""
    declare()
    application = apply_to_take_out(applicant)
    approve(cast["planning"], application)
    take(Step.SEND_BACK, cast["department"], application, "台数")
    take(Step.AMEND, applicant, application)
    assert stored(application).stage == 0
    assert list(waiting_for(cast["planning"])) == [application]
    assert approve(cast["planning"], application).state == "submitted"


def test_what_cannot_be_carried_out_is_not_approved(cast: dict[str, Actor], applicant: Actor) -> None:
    """One transaction: the decision goes with what it was for."""

    def fall_over(_actor: Actor, _application: Any, _content: Any) -> None:
        raise OSError("no such medium")

    declare(carry_out=fall_over, route=())
    application = apply_to_take_out(applicant)
    with pytest.raises(OSError, match="medium"):
        approve(cast["planning"], application)
    assert stored(application).state == "submitted"
    assert not Decision.objects.exists()


def test_the_applicant_never_counts_while_another_could(cast: dict[str, Actor]) -> None:
    """Not in their own part, and not as one of two."""
    declare()
    application = apply_to_take_out(cast["planning"])
    assert approve(cast["planning"], application, "ほかにいない").state == "submitted", "no other planning manager"
    assert Decision.objects.get().own
    approve(cast["department"], application)
    other = apply_to_take_out(cast["department"])
    with pytest.raises(CommentMissing):
        approve(cast["department"], other)
    mine = _of_a_safety_manager(cast)
    with pytest.raises(OwnApplication, match="second"):
        approve(cast["safety"], mine, "急ぐ")


def _of_a_safety_manager(cast: dict[str, Actor]) -> Application:
    declare(submitters=TAKE_OUT.submitters | {Role.SAFETY_MANAGER}, route=TAKE_OUT.route[1:])
    return apply_to_take_out(cast["safety"])


def test_a_clinic_where_one_person_is_everything_gets_through_and_it_shows(
    make_person: Callable[..., User], applicant: Actor
) -> None:
    """Two steps, one person with both roles: the second needs words, and is marked. Two approvals of one part never."""
    route = (
        RouteStep(Text("一"), (RoutePart(frozenset({Role.PLANNING_MANAGER})),)),
        RouteStep(Text("二"), (RoutePart(frozenset({Role.SAFETY_MANAGER})),)),
    )
    declare(route=route)
    alone = acting(make_person("yamada", Role.PLANNING_MANAGER, Role.SAFETY_MANAGER, name="山田"))
    application = apply_to_take_out(applicant)
    approve(alone, application)
    assert list(waiting_for(alone)) == [application]
    with pytest.raises(CommentMissing):
        approve(alone, application)
    assert approve(alone, application, "一人のため").state == "approved"
    assert Decision.objects.get(step="approve").again
    assert last_event()["details"]["again"] is True
    declare(route=(RouteStep(Text("一"), (RoutePart(frozenset({Role.PLANNING_MANAGER}), needed=2),)),))
    twice = apply_to_take_out(applicant)
    approve(alone, twice)
    with pytest.raises(ApprovedAlready):
        approve(alone, twice, "一人のため")
    assert list(waiting_for(alone)) == []


def test_a_named_person_decides_and_nobody_else(cast: dict[str, Actor], applicant: Actor) -> None:
    """By account; other holders of the role have no part."""
    declare(route=(RouteStep(Text("院長"), (RoutePart(people=frozenset({cast["second"].id})),)),))
    application = apply_to_take_out(applicant)
    assert [list(waiting_for(cast[name])) for name in ("safety", "second")] == [[], [application]]
    with pytest.raises(NotYourPart):
        take(Step.SEND_BACK, cast["safety"], application)
    assert approve(cast["second"], application).state == "approved"


def test_done_already_in_an_emergency(cast: dict[str, Actor], applicant: Actor) -> None:
    """With a reason and a deadline where the workflow allows it; nowhere else."""
    declare(route=())
    for reason, there in (("。", True), ("停電", False)):
        declare(route=(), after_the_fact=timedelta(days=3) if there else None)
        with pytest.raises(AfterTheFactRefused):
            apply_to_take_out(applicant, done_reason=reason)
    declare(route=())
    application = apply_to_take_out(applicant, done_reason="停電のため先に持ち出した")
    assert application.decide_by == application.applied_at + timedelta(days=3)
    assert last_event()["details"]["done_already"] == "停電のため先に持ち出した"


def test_what_is_overdue_is_told_again(
    cast: dict[str, Actor], applicant: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Done already: urgent from the beginning, for whose turn it is; worse once the deadline has passed."""
    declare()
    application = apply_to_take_out(applicant, done_reason="停電のため先に持ち出した")
    now = clock.now()

    def cause() -> Cause:
        (found,) = [one for one in present_causes(clock.now()) if one.ref == str(application.pk)]
        return found

    first = cause()
    assert (first.urgency, first.overdue, first.members) == (Urgency.TODAY, False, frozenset())
    assert first.roles == {Role.DEPARTMENT_MANAGER, Role.PLANNING_MANAGER}
    approve(cast["planning"], application)
    approve(cast["department"], application)
    second = cause()
    assert second.roles == {Role.SAFETY_MANAGER}
    assert second.key != first.key, "the next step is told to others"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=4))
    late = cause()
    assert late.overdue
    assert is_worse(Known(second.urgency, second.members), late)
    assert deadline_badge(stored(application)) == Badge(Kind.NG, gettext("Approval after the fact overdue"))


def test_a_changed_route_is_followed_and_gives_nothing_away(cast: dict[str, Actor], applicant: Actor) -> None:
    """An update asks for another role: what the old one approved counts no more, and it waits for the new one."""
    declare()
    application = apply_to_take_out(applicant)
    approve(cast["planning"], application)
    declare(route=(RouteStep(Text("安全"), (RoutePart(frozenset({Role.SAFETY_MANAGER})),)),))
    assert list(waiting_for(cast["safety"])) == []
    assert follow_routes(actor=platform("worker")) == 1
    assert follow_routes(actor=platform("worker")) == 0
    assert last_event()["action"] == "application.reroute"
    assert list(waiting_for(cast["safety"])) == [application]
    assert list(waiting_for(cast["planning"])) == []
    assert approve(cast["safety"], application).state == "approved"


def test_who_may_see_it_comments_without_deciding(applicant: Actor, approver: Actor) -> None:
    declare()
    application = apply_to_take_out(applicant)
    services.comment_on(actor=approver, application_id=application.pk, comment="返却日はいつですか")
    assert stored(application).version == 1
    assert last_event()["action"] == "application.comment"
    with pytest.raises(CommentMissing):
        services.comment_on(actor=applicant, application_id=application.pk, comment=" ")
    approve(approver, application)


def test_the_page_shows_the_whole_route(
    nurse: Client, signed_in: Callable[..., Client], cast: dict[str, Actor]
) -> None:
    """Who gave what, who is waited for; the form says that it is one of several; a comment from its page."""
    declare()
    manager = signed_in(Role.PLANNING_MANAGER)
    application = apply_to_take_out(me(nurse), done_reason="停電のため先に持ち出した")
    page = get(manager, f"{page_of(application)}approve/")
    assert words("It counts once all the approvals of its route are given.") in page
    answer = manager.post(f"{page_of(application)}approve/", {"version": "1", "comment": ""})
    assert answer.status_code == 302
    page = get(manager, page_of(application))
    done = "Your approval of “%(title)s” was stored. Others have to approve it before it counts."
    assert words(done, title=application.title) in page
    states = (words("Waits: %(count)s missing", count=1), words("Completed"), words("Not yet"))
    for shown in ("1. 所属と企画", "2. 安全管理", "department 氏", "停電のため", *states):
        assert shown in page, shown
    assert manager.post(f"{page_of(application)}comment/", {"comment": " "}).status_code == 422
    assert manager.post(f"{page_of(application)}comment/", {"comment": "急ぎます"}).status_code == 302
    assert "急ぎます" in get(nurse, page_of(application))
    assert words("After the fact") in get(nurse, "/applications/?show=mine")


def test_a_route_that_nobody_could_walk_does_not_start(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No part, nobody in it, no approvals, a role that is no approver: each is named."""
    package = tmp_path / "broken_routes"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "ledgers.py").write_text(
        "from dataclasses import replace\n"
        "from datetime import timedelta\n"
        "from sekisho.kernel.access import Role\n"
        "from sekisho.kernel.declarations import RoutePart, RouteStep\n"
        "from tests.ledgers.routing import TAKE_OUT\n"
        "T = TAKE_OUT.title\n"
        "a = replace(TAKE_OUT, id='broken.a', route=(RouteStep(T, ()),))\n"
        "b = replace(TAKE_OUT, id='broken.b', route=(RouteStep(T, (RoutePart(),)),))\n"
        "c = replace(TAKE_OUT, id='broken.c', route=(RouteStep(T, (RoutePart(frozenset({Role.STAFF})),)),))\n"
        "d = replace(TAKE_OUT, id='broken.d', after_the_fact=timedelta(0))\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    before = registry.current()
    with pytest.raises(DeclarationsInvalid) as caught:
        discover(["broken_routes"])
    assert registry.current() == before
    for wrong in ("broken.a", "broken.b", "broken.c", "broken.d"):
        assert wrong in str(caught.value)


def test_who_comes_second_to_a_part_is_told_by_whom(
    cast: dict[str, Actor], applicant: Actor, make_person: Callable[..., User]
) -> None:
    declare()
    other = acting(make_person("deputy", Role.PLANNING_MANAGER, name="次席"))
    application = apply_to_take_out(applicant)
    approve(cast["planning"], application, version=1)
    with pytest.raises(PartTaken, match="planning"):
        approve(other, application, version=1)
