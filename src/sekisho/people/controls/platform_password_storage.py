"""14⑥(3) for the platform itself: every stored password is a slow, salted hash, looked at as it is stored."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.people.queries import stored_password_kinds

SOUND = "argon2id"


def check() -> Iterator[Finding]:
    """Count the stored passwords by the way they are hashed; only Argon2id and accounts without one are sound."""
    kinds = Counter(stored_password_kinds())
    unsound = sum(number for kind, number in kinds.items() if kind not in {SOUND, UNUSABLE_PASSWORD_PREFIX})
    facts: dict[str, Json] = {"unsound": unsound, "kinds": dict(kinds)}
    message = (
        _("%(number)s stored passwords are not Argon2id hashes.", number=unsound)
        if unsound
        else _("Every stored password is an Argon2id hash.")
    )
    for subject in platform_systems():
        yield Finding(subject, Outcome.FAIL if unsound else Outcome.PASS, message, clock.now(), facts)


control = Control(
    id="people.platform_password_storage",
    title=_("Sekisho stores passwords as Argon2id hashes"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_("Let the people concerned set a new password; it is then hashed as it should be."),
    parameters={},
)
