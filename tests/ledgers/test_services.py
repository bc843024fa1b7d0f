"""Applications go from hand to hand as the table says, by whom it says, and each step stands in the register."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Conflict, Forbidden, NotFound
from sekisho.kernel.wording import InvisibleCharacters
from sekisho.ledgers import services
from sekisho.ledgers.errors import (
    CommentMissing,
    ContentTooLong,
    DecidedAlready,
    NotTheApplicant,
    NotYourPart,
)
from sekisho.ledgers.models import Application, Decision, Submission
from sekisho.ledgers.queries import approved
from sekisho.ledgers.rules import State, Step
from sekisho.people.models import User
from sekisho.register.models import Event
from tests.conftest import actor_with
from tests.ledgers.working import PURCHASE, acting, apply_for, last_event, stored, take

pytestmark = pytest.mark.django_db
# Written by hand: it is the promise, the code is what is tested.
TABLE = {
    ("submitted", "approve"): "approved",
    ("submitted", "send_back"): "sent_back",
    ("submitted", "withdraw"): "withdrawn",
    ("sent_back", "amend"): "submitted",
    ("sent_back", "withdraw"): "withdrawn",
    ("approved", "revoke"): "revoked",
}
WAY_TO = {
    "submitted": [],
    "sent_back": [Step.SEND_BACK],
    "withdrawn": [Step.WITHDRAW],
    "approved": [Step.APPROVE],
    "revoked": [Step.APPROVE, Step.REVOKE],
}
STEPS = [step for step in Step if step is not Step.SUBMIT]
APPLICANTS_STEPS = {Step.WITHDRAW, Step.AMEND}


def walk(steps: list[Step], applicant: Actor, approver: Actor) -> Application:
    """Apply, and take the steps, each by the one whose part it is."""
    application = apply_for(applicant)
    for step in steps:
        take(step, applicant if step in APPLICANTS_STEPS else approver, application)
    return application


@pytest.mark.parametrize("state", WAY_TO)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_from_every_state(state: str, step: Step, applicant: Actor, approver: Actor) -> None:
    """What the table holds is done; anything else is refused, says who decided, and changes nothing."""
    application = walk(WAY_TO[state], applicant, approver)
    before = stored(application)
    assert before.state == state
    counts = Submission.objects.count(), Decision.objects.count(), Event.objects.count()
    actor = applicant if step in APPLICANTS_STEPS else approver
    if after := TABLE.get((state, step.value)):
        assert take(step, actor, application).state == after
        assert (stored(application).state, stored(application).version) == (after, before.version + 1)
        assert Event.objects.count() == counts[2] + 1
        return
    with pytest.raises(DecidedAlready) as caught:
        take(step, actor, application)
    decided_by = applicant if state in {"submitted", "withdrawn"} else approver
    assert decided_by.name in str(caught.value)
    assert str(State(state).label) in str(caught.value)
    assert (stored(application).state, stored(application).version) == (state, before.version)
    assert (Submission.objects.count(), Decision.objects.count(), Event.objects.count()) == counts


def test_the_last_to_decide_is_named(applicant: Actor, approver: Actor, other_approver: Actor) -> None:
    """Not the one before."""
    application = walk([Step.APPROVE], applicant, approver)
    take(Step.REVOKE, other_approver, application)
    with pytest.raises(DecidedAlready, match=other_approver.name):
        take(Step.REVOKE, approver, application)


def test_an_older_version_decides_nothing(applicant: Actor, approver: Actor) -> None:
    """Whoever looked at what was there before the applicant mended it looks again."""
    application = walk([Step.SEND_BACK, Step.AMEND], applicant, approver)
    for step, actor in ((Step.APPROVE, approver), (Step.SEND_BACK, approver), (Step.WITHDRAW, applicant)):
        with pytest.raises(Conflict) as caught:
            take(step, actor, application, version=1)
        assert type(caught.value) is Conflict
    assert (stored(application).state, stored(application).version) == ("submitted", 3)


def test_each_step_is_in_the_register_with_what_it_was_about(applicant: Actor, approver: Actor) -> None:
    """The digest of exactly the version decided on, and the words."""
    application = apply_for(applicant, comment="お願いします")
    digest = Submission.objects.get().digest
    details = {"workflow": "tests.purchase", "about": "PC-0031", "number": 1, "digest": digest}
    subject = {"kind": "application", "id": str(application.pk), "label": "ノートPCの購入"}
    event = last_event()
    assert (event["action"], event["reason"]) == ("application.submit", "お願いします")
    assert (event["subject"], event["details"]) == (subject, details)
    take(Step.SEND_BACK, approver, application, "台数を確かめてください")
    event = last_event()
    assert (event["action"], event["reason"]) == ("application.send_back", "台数を確かめてください")
    assert (event["actor"]["name"], event["details"]) == ("鈴木 一郎", details)
    mended = {"what": "ノートPC 1台", "why": "訪問診療で使うため"}
    take(Step.AMEND, applicant, application, "直しました", content=mended)
    newer = Submission.objects.get(number=2)
    assert newer.digest != digest
    event = last_event()
    assert (event["action"], event["reason"]) == ("application.amend", "直しました")
    assert event["details"] == {**details, "number": 2, "digest": newer.digest}
    take(Step.APPROVE, approver, application, "")
    assert (last_event()["action"], last_event()["details"]["digest"]) == ("application.approve", newer.digest)
    take(Step.REVOKE, approver, application, "故障のため")
    assert (last_event()["action"], last_event()["reason"]) == ("application.revoke", "故障のため")
    other = walk([], applicant, approver)
    take(Step.WITHDRAW, applicant, other, "")
    assert (last_event()["action"], last_event()["reason"]) == ("application.withdraw", "")


def test_what_is_approved_counts_until_it_is_revoked(applicant: Actor, approver: Actor) -> None:
    """Only what stands approved is offered to the rooms above, with who approved exactly which version."""
    application = walk([Step.SEND_BACK, Step.AMEND], applicant, approver)
    assert approved(PURCHASE.id) == []
    take(Step.APPROVE, approver, application)
    (found,) = approved(PURCHASE.id)
    assert (found.application_id, found.key, found.own) == (str(application.pk), "PC-0031", False)
    assert (found.applicant, found.approved_by) == ("佐藤 花子", "鈴木 一郎")
    assert found.digest == Submission.objects.get(number=2).digest
    take(Step.REVOKE, approver, application)
    assert approved(PURCHASE.id) == []


@pytest.mark.parametrize("step", [Step.SEND_BACK, Step.REVOKE])
@pytest.mark.parametrize("comment", ["", " \n\t　"])
def test_sending_back_and_revoking_need_words(step: Step, comment: str, applicant: Actor, approver: Actor) -> None:
    """White space is none."""
    application = walk([Step.APPROVE] if step is Step.REVOKE else [], applicant, approver)
    before = stored(application).state
    with pytest.raises(CommentMissing) as caught:
        take(step, approver, application, comment)
    assert caught.value.field == "comment"
    assert stored(application).state == before


def test_words_end_somewhere_and_are_visible(applicant: Actor, approver: Actor) -> None:
    """In decisions and in submissions; nothing is stored after a refusal."""
    application = apply_for(applicant)
    with pytest.raises(ContentTooLong):
        take(Step.APPROVE, approver, application, "長" * 2001)
    with pytest.raises(InvisibleCharacters):
        take(Step.APPROVE, approver, application, "a\u202eb")
    for wrong in ({"comment": "長" * 2001}, {"content": {"what": "長" * 30_000, "why": ""}}):
        with pytest.raises(ContentTooLong):
            apply_for(applicant, **wrong)
    for hidden in ({"title": "a\x00b"}, {"comment": "a\u200bb"}):
        with pytest.raises(InvisibleCharacters):
            apply_for(applicant, **hidden)
    assert Application.objects.count() == Submission.objects.count() == Event.objects.count() == 1
    assert take(Step.APPROVE, approver, application, "長" * 2000).state == "approved"


def test_who_may_do_what(applicant: Actor, approver: Actor, make_person: Callable[..., User]) -> None:
    """The workflow narrows what the action opens; the applicant's part is theirs alone."""
    application = apply_for(applicant)
    operator = acting(make_person("ito", Role.SYSTEM_OPERATOR))
    with pytest.raises(NotYourPart, match="購入申請"):
        apply_for(operator)
    for step in (Step.APPROVE, Step.SEND_BACK, Step.REVOKE):
        with pytest.raises(NotYourPart):
            take(step, operator, application)
        with pytest.raises(Forbidden):
            take(step, applicant, application)
    with pytest.raises(NotTheApplicant, match="佐藤 花子"):
        take(Step.WITHDRAW, approver, application)
    take(Step.SEND_BACK, approver, application)
    with pytest.raises(NotTheApplicant):
        take(Step.AMEND, approver, application)
    with pytest.raises(Forbidden):
        apply_for(actor_with(Role.AUDITOR))
    assert stored(application).state == "sent_back"


def test_what_does_not_exist_is_not_decided(approver: Actor) -> None:
    """Neither an application nor its workflow."""
    with pytest.raises(NotFound):
        services.approve(actor=approver, application_id=uuid4(), version=1)
    application = apply_for(approver)
    Application.objects.update(workflow="tests.gone")
    with pytest.raises(NotFound):
        take(Step.APPROVE, approver, application)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=8))
def test_however_people_push_and_pull_the_table_holds(steps: list[Step], applicant: Actor, approver: Actor) -> None:
    """The state is always the table's; nothing is approved twice; no submission is ever lost."""
    application = apply_for(applicant)
    state, version, submitted = "submitted", 1, 1
    for step in steps:
        actor = applicant if step in APPLICANTS_STEPS else approver
        after = TABLE.get((state, step.value))
        if after is None:
            with pytest.raises(DecidedAlready):
                take(step, actor, application)
        else:
            take(step, actor, application)
            state, version, submitted = after, version + 1, submitted + (step is Step.AMEND)
        found = stored(application)
        assert (found.state, found.version) == (state, version)
        assert found.submissions.count() == submitted
        decisions = Decision.objects.filter(submission__application=application)
        assert decisions.count() == version - submitted
        assert decisions.filter(step=Step.APPROVE).count() == (state in {"approved", "revoked"})
