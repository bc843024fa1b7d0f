"""What somebody has to do about programs at the API comes to them as a notice, and goes away by itself."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from sekisho.governance.models import Notice
from sekisho.governance.services.notices import look_for_notices
from sekisho.kernel import clock
from sekisho.kernel.actor import platform
from sekisho.people.models import ServiceClient, ServiceSecret, Staff
from sekisho.people.rules.service_clients import Need, Period, Standing, needs
from tests.people.granting import make_ward

DAY = date(2026, 11, 21)


def standing(**changes: date | None) -> Standing:
    """A program that was let in a while ago and is in daily use."""
    period = Period(date(2026, 6, 1), changes.pop("ends_on", None) or date(2027, 5, 31), clock.now(), None)
    return Standing(period, **{"last_used_on": DAY, **changes})


def test_what_a_program_needs() -> None:
    assert needs(standing(), DAY) == {}
    assert needs(standing(ends_on=date(2026, 12, 22)), DAY) == {}
    assert needs(standing(ends_on=date(2026, 12, 21)), DAY) == {Need.ENDS: DAY}
    assert needs(standing(last_used_on=date(2026, 8, 23)), DAY) == {Need.UNUSED: DAY}
    assert needs(standing(last_used_on=None), DAY) == {Need.UNUSED: date(2026, 8, 30)}
    assert needs(standing(secret_since=date(2025, 11, 21)), DAY) == {Need.OLD_SECRET: DAY}
    assert needs(standing(secret_since=date(2025, 11, 22)), DAY) == {}
    everything = standing(
        ends_on=DAY, last_used_on=None, employed_until=date(2026, 11, 20), secret_since=date(2025, 1, 1)
    )
    assert list(needs(everything, DAY)) == [Need.LEFT, Need.ENDS, Need.OLD_SECRET, Need.UNUSED]
    assert needs(everything, DAY + timedelta(days=1)) == {}, "it is over"


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_programs_that_need_somebody_are_notices(signed_in: Callable[..., Client], at_nine: clock.FixedClock) -> None:
    """One a need; each ends when it is done. The title names no program: it may leave the house."""
    ward = make_ward(signed_in)
    program = ServiceClient.objects.create(
        name="電子カルテ連携", purpose="職員", responsible_id=ward.nurse.pk, department=ward.east, system=ward.emr,
        actions="medium.view", networks="192.168.10.0/24", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 1),
        entered_at=clock.now(), entered_by="x", entered_by_name="x", released_at=clock.now(),
    )  # fmt: skip
    secret = ServiceSecret.objects.create(
        client=program, secret_hash="0" * 64, made_by="x", made_at=clock.now() - timedelta(days=365)
    )
    Staff.objects.filter(pk=ward.nurse.pk).update(employed_until=date(2026, 11, 20))
    look_for_notices(actor=platform("test"))
    found = Notice.objects.filter(kind="program", ended_at=None)
    assert sorted(one.key.split("/")[1] for one in found) == ["ends", "left", "old_secret", "unused"]
    page = ward.operator.get("/notices/").content.decode()
    assert f'href="/programs/{program.pk}/"' in page
    assert "The secret of a program at the API is more than a year old." in page
    ServiceSecret.objects.filter(pk=secret.pk).update(ends_at=clock.now() + timedelta(days=1))
    Staff.objects.filter(pk=ward.nurse.pk).update(employed_until=None)
    ServiceClient.objects.filter(pk=program.pk).update(last_used_at=clock.now())
    look_for_notices(actor=platform("test"))
    assert [one.key.split("/")[1] for one in found.all()] == ["ends"]
