"""An operator lets somebody set up their account anew: identity first, one link, and at a leak everything stops now."""

from collections.abc import Callable

import pytest
from django.test import Client

from sekisho.kernel.access import Role
from sekisho.people.errors.sign_in import OwnFactor
from sekisho.people.ledgers.resets import credential_resets
from sekisho.people.models import AccountReset, Session, User
from sekisho.people.queries import actor_of
from sekisho.people.services.account_resets import ResetGrounds, reset_account
from sekisho.register.models import Event

pytestmark = pytest.mark.django_db


def test_the_way_of_a_suspected_leak(signed_in: Callable[..., Client], browser_client: Callable[[], Client]) -> None:
    """The person's sessions end with the form, the link is shown once and opens, and the register knows why."""
    operator, nurse = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.STAFF)
    user: User = nurse.user  # type: ignore[attr-defined]
    address = f"/people/{user.staff_id}/accounts/{user.pk}/reset/"
    values = {"proof": "official", "document": "", "reason": "A mail asked for it.", "leak_suspected": "on"}
    assert operator.post(address, values).status_code == 422  # which paper, and where its copy is
    assert nurse.get("/").status_code == 200
    values["document"] = "Driving licence, binder 3"
    assert operator.post(address, values).headers["Location"] == f"{address}link/"
    assert nurse.get("/").status_code == 302
    assert not Session.objects.filter(user=user).exists()
    assert not User.objects.get(pk=user.pk).is_active
    link = operator.get(f"{address}link/").context["address"]
    assert operator.get(f"{address}link/").context["address"] == ""
    token = link.rstrip("/").rsplit("/", 1)[-1]
    assert browser_client().get(f"/invitation/{token}/").status_code in {200, 302}
    entry = Event.objects.get(action="account.reset").entry
    assert "Driving licence" in entry
    assert token not in entry
    assert AccountReset.objects.get().leak_suspected
    assert [member.missing for member in credential_resets()] == [()]


def test_nobody_resets_themselves(make_person: Callable[..., User]) -> None:
    """The console is the way for the only operator."""
    user = make_person("operator", Role.SYSTEM_OPERATOR)
    acting = actor_of(user, session=None, network=None, assurance=2)
    with pytest.raises(OwnFactor):
        reset_account(actor=acting, user_id=user.pk, grounds=ResetGrounds("seen", "", "x", leak_suspected=False))
