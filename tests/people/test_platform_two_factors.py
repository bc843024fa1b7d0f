"""That everybody signs in to the platform with two factors is counted over the accounts that can sign in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings

from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_entry, add_platform
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import SubjectKind
from sekisho.people.controls import platform_two_factors
from sekisho.people.models import TotpSecret, User
from sekisho.people.services.sign_in import totp_context
from sekisho.trust.sealing import seal

pytestmark = pytest.mark.django_db
Make = Callable[..., User]


@pytest.fixture(autouse=True)
def _platform_is_a_system(operator: Actor) -> None:
    """And another system stands beside it, about which this control may not speak."""
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    add_entry(actor=operator, ledger=SYSTEMS, values={"name": "電子カルテ", "kind": "emr", "form": "cloud"})


def both() -> tuple[Finding, Finding]:
    """Return what is said of the platform and of its sign-in, which must be the same."""
    system, layer = list(platform_two_factors.check())
    assert (system.subject.kind, layer.subject.kind) == (SubjectKind.SYSTEM, SubjectKind.LAYER)
    assert (layer.subject.facts["kind"], layer.subject.facts["layer"]) == ("platform", "client_application")
    assert (system.outcome, system.facts) == (layer.outcome, layer.facts)
    return system, layer


def test_everybody_has_one(make_person: Make) -> None:
    """Who cannot sign in does not count: disabled, or gone."""
    make_person("yamada", Role.STAFF)
    User.objects.filter(pk=make_person("sato", Role.STAFF).pk).update(is_active=False)
    gone = make_person("suzuki", Role.STAFF)
    gone.staff.employed_until = clock.now().date() - timedelta(days=3)
    gone.staff.save()
    TotpSecret.objects.exclude(user__login="yamada").delete()
    found, _layer = both()
    assert (found.outcome, found.facts) == (Outcome.PASS, {"accounts": 1, "with_second_factor": 1})
    assert platform_two_factors.control.parameters == {"authentication_factors": 2}


def remove(user: User) -> None:
    TotpSecret.objects.filter(user=user).delete()


def confirm_later(user: User) -> None:
    TotpSecret.objects.filter(user=user).update(confirmed_at=clock.now() + timedelta(days=1))


def seal_otherwise(user: User) -> None:
    sealed = seal(bytes(32), bytes(20), totp_context(user.pk))
    TotpSecret.objects.filter(user=user).update(sealed_seed=sealed)


def shorten(user: User) -> None:
    sealed = seal(settings.SEAL_KEY, bytes(4), totp_context(user.pk))
    TotpSecret.objects.filter(user=user).update(sealed_seed=sealed)


@pytest.mark.failing_fixture("people.platform_two_factors")
@pytest.mark.parametrize("spoil", [remove, confirm_later, seal_otherwise, shorten])
def test_one_account_without_a_second_factor_fails(make_person: Make, spoil: Callable[[User], None]) -> None:
    """Missing, not confirmed, sealed with another key, too short. Nobody is named."""
    make_person("yamada", Role.STAFF)
    spoil(make_person("sato", Role.STAFF))
    found, _layer = both()
    assert (found.outcome, found.facts) == (Outcome.FAIL, {"accounts": 2, "with_second_factor": 1})
    assert "sato" not in f"{found.facts}{found.message}"


def test_nobody_who_can_sign_in_proves_nothing() -> None:
    assert both()[0].outcome is Outcome.UNKNOWN
