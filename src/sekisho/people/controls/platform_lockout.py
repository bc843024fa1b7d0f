"""14⑥(6) for the platform itself: repeated failures are held back, tried on the real lock."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction

from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock
from sekisho.kernel.actor import platform
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.people.errors.sign_in import HeldBack
from sekisho.people.rules.softlocks import CODE_SOFTLOCK, PASSWORD_SOFTLOCK, SoftlockPolicy
from sekisho.people.services.softlocks import charge_attempt

MOST_ATTEMPTS = 10


def attempts_until_held_back(key: str, policy: SoftlockPolicy) -> int | None:
    """Return after how many failed attempts the next one is refused, None if it never is. Nothing of it is stored."""
    attempts = 0
    with transaction.atomic():
        try:
            while attempts <= MOST_ATTEMPTS:
                charge_attempt(actor=platform("check"), key=key, policy=policy)
                attempts += 1
        except HeldBack:
            return attempts
        finally:
            transaction.set_rollback(True)
    return None


def check() -> Iterator[Finding]:
    """Fail the password and the code of nobody until the lock answers."""
    tried = {
        "password": attempts_until_held_back("check:password", PASSWORD_SOFTLOCK),
        "code": attempts_until_held_back("check:code", CODE_SOFTLOCK),
    }
    facts: dict[str, Json] = {f"attempts_{name}": attempts for name, attempts in tried.items()}
    facts["first_wait_seconds"] = int(PASSWORD_SOFTLOCK.first.total_seconds())
    holds = all(attempts is not None for attempts in tried.values())
    message = _("Failed sign-ins are held back.") if holds else _("Failed sign-ins are not held back.")
    outcome = Outcome.PASS if holds else Outcome.FAIL
    for subject in platform_systems():
        yield Finding(subject, outcome, message, clock.now(), facts)


control = Control(
    id="people.platform_lockout",
    title=_("Failed sign-ins to Sekisho are held back"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_("This is a fault of Sekisho itself. Report it to whoever looks after it."),
    parameters={"attempts_at_most": MOST_ATTEMPTS},
)
