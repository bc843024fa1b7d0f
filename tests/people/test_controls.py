"""What the platform says of its own sign-in: each control passes as it is, and fails when the thing is broken."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_entry, add_platform
from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.people.controls import platform_lockout, platform_password_rules, platform_password_storage
from sekisho.people.models import Softlock, User
from sekisho.people.rules.softlocks import SoftlockPolicy
from sekisho.register.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _platform_is_a_system(operator: Actor) -> None:
    """And another system stands beside it, about which none of these controls may speak."""
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    add_entry(actor=operator, ledger=SYSTEMS, values={"name": "電子カルテ", "kind": "emr", "form": "cloud"})


def only(findings: object) -> Finding:
    """Return the one finding, which speaks of the platform."""
    (found,) = list(findings)  # type: ignore[call-overload]
    assert found.subject.facts["kind"] == "platform"
    return found  # type: ignore[no-any-return]


def test_failed_sign_ins_are_held_back_and_nothing_of_the_trial_stays() -> None:
    """Five free attempts; no lock and no event is left behind."""
    events = Event.objects.count()
    found = only(platform_lockout.check())
    assert (found.outcome, found.facts["attempts_password"], found.facts["attempts_code"]) == (Outcome.PASS, 5, 5)
    assert (Softlock.objects.count(), Event.objects.count()) == (0, events)


@pytest.mark.failing_fixture("people.platform_lockout")
def test_a_lock_that_never_locks_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that lets everybody try for ever."""
    minute = timedelta(minutes=1)
    monkeypatch.setattr(platform_lockout, "PASSWORD_SOFTLOCK", SoftlockPolicy(10_000, minute, minute, minute))
    found = only(platform_lockout.check())
    assert (found.outcome, found.facts["attempts_password"]) == (Outcome.FAIL, None)


def test_weak_passwords_are_refused() -> None:
    """Every kind of weakness, and the strong one is taken; the run says which minimum it had."""
    found = only(platform_password_rules.check())
    assert (found.outcome, found.facts["weak_taken"]) == (Outcome.PASS, [])
    assert platform_password_rules.control.parameters == {
        "password_minimum_single_factor": 13,
        "password_minimum_two_factor": 13,
        "password_letters_and_digits": True,
    }


@pytest.mark.failing_fixture("people.platform_password_rules")
@pytest.mark.parametrize("name", list(platform_password_rules.WEAK))
def test_a_weak_password_that_is_taken_fails(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind alone is enough; and so is a rule that refuses everything."""
    weak = platform_password_rules.WEAK[name]
    real = platform_password_rules.refused
    monkeypatch.setattr(platform_password_rules, "refused", lambda password: password != weak and real(password))
    found = only(platform_password_rules.check())
    assert (found.outcome, found.facts["weak_taken"]) == (Outcome.FAIL, [name])
    monkeypatch.setattr(platform_password_rules, "refused", lambda _password: True)
    assert only(platform_password_rules.check()).outcome is Outcome.FAIL


def test_stored_passwords_are_argon2id_hashes(make_person: Callable[..., User]) -> None:
    """Looked at as they are stored; an account without a password is none."""
    make_person("yamada", Role.STAFF)
    User.objects.filter(pk=make_person("sato", Role.STAFF).pk).update(password="!none")
    found = only(platform_password_storage.check())
    assert (found.outcome, found.facts["kinds"]) == (Outcome.PASS, {"argon2id": 1, "!": 1})


@pytest.mark.failing_fixture("people.platform_password_storage")
@pytest.mark.parametrize("stored", ["pbkdf2_sha256$1000$salt$hash", "plain text", "md5$salt$hash", ""])
def test_a_password_stored_otherwise_fails(stored: str, make_person: Callable[..., User]) -> None:
    """And the finding holds nothing of it."""
    User.objects.filter(pk=make_person("yamada", Role.STAFF).pk).update(password=stored)
    found = only(platform_password_storage.check())
    assert (found.outcome, found.facts["unsound"]) == (Outcome.FAIL, 1)
    assert "salt" not in str(found.facts)
    assert "plain text" not in str(found.facts)


def test_the_platform_is_entered_once() -> None:
    """And not again when somebody closed the entry."""
    assert add_platform(actor=platform("test"), ledger=SYSTEMS) is None


def test_the_controls_are_declared() -> None:
    """Found by their files."""
    found = {control.id for control in registry.current().controls}
    assert {"people.platform_lockout", "people.platform_password_rules", "people.platform_password_storage"} <= found
