"""Urgent items of the review reach people as notices do, by mail and message, without a word of whom they are about."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.governance.models import Notice
from sekisho.governance.queries.delivery import Target
from sekisho.governance.rules.delivery import Channel
from sekisho.governance.rules.notices import NoticeKind
from sekisho.governance.services.digests import Digest, message_of
from sekisho.governance.services.notices import look_for_notices
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.ids import new_id
from sekisho.register.models import Decided, ReviewItem, ReviewRun, RunKind
from sekisho.register.services.review import decide_item

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
WHO, PATIENT = "熱心 な人", "p-4711"


def raise_item(key: str, *, urgent: bool = True) -> ReviewItem:
    """Keep an item about somebody and a patient."""
    now = clock.now()
    run = ReviewRun.objects.create(
        kind=RunKind.TODAY, first_day=now, last_day=now, started_at=now, ended_at=now, size=1, rows=1, checked=1,
        results='{"rules": [], "systems": []}',
    )  # fmt: skip
    return ReviewItem.objects.create(
        key=key, run=run, rule="emergency_use", day=now, actor_id="a", actor_name=WHO, patient=PATIENT, urgent=urgent,
        measured=1, events=1, first_index=0, last_index=0, found_at=now,
    )  # fmt: skip


def look() -> Notice | None:
    look_for_notices(actor=platform("test"))
    return Notice.objects.filter(kind=NoticeKind.REVIEW, ended_at=None).first()


def test_an_urgent_item_is_a_notice_until_somebody_decides(
    at_nine: clock.FixedClock, operator: Actor, signed_in: Callable[..., Client]
) -> None:
    raise_item("usual", urgent=False)
    assert look() is None
    first = raise_item("first")
    opened = look()
    assert opened is not None
    assert (
        "raised something urgent" in signed_in(Role.SYSTEM_OPERATOR).get(reverse("governance:notices")).content.decode()
    )
    at_nine.moment += timedelta(hours=1)
    second = raise_item("second")
    worse = look()
    assert worse is not None
    assert worse.worsened_at > opened.worsened_at, "one more is told again"
    for item in (first, second):
        decide_item(actor=operator, item_id=item.pk, decided=Decided.TO_INVESTIGATE, comment="調べています")
    assert look() is None


@pytest.mark.parametrize("channel", Channel)
def test_what_leaves_the_house_says_nothing_of_whom(channel: Channel, at_nine: clock.FixedClock) -> None:
    raise_item("first")
    notice = look()
    assert notice is not None
    target = Target(channel, "t", "head@clinic.example.jp", Role.SAFETY_MANAGER, "en")
    sent = message_of(Digest(target, [notice], Counter()), new_id(), clock.now())
    kept = notice.subject + notice.facts + notice.ref + notice.key
    assert "raised something urgent" in sent.replace("=\n", "")
    assert not any(word in sent + kept for word in (WHO, PATIENT, "emergency_use"))
