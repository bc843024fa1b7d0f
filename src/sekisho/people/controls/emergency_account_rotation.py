"""11①(3) for the platform itself: after the return to normal a used credential opens nothing; the lock is tried."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction

from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import anonymous
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ids import new_id
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.people.errors.emergency import SealVoid
from sekisho.people.queries import may_sign_in
from sekisho.people.queries.emergency import every_seal, facts_of
from sekisho.people.rules.emergency import as_typed, judge_rotation
from sekisho.people.services.emergency import SealPlan, close_seal, store_seal
from sekisho.people.services.emergency_use import Opening, open_seal

_SECRET = as_typed("TRIAL TRIAL TRIAL TRIAL 23456")

_HOLDS: dict[str, Json] = {"opened": True, "session_goes_on": False, "opens_again": False}


def trial() -> dict[str, Json]:
    """Seal, open and return a credential, then try it again. Nothing of it is stored."""
    with transaction.atomic():
        try:
            seal = store_seal(SealPlan("-", frozenset({Role.STAFF})), _SECRET, "check")
            opening = Opening(seal.number, _SECRET, "check", "check", new_id())
            user, _actor = open_seal(actor=anonymous(), opening=opening)
            opened = may_sign_in(user)
            seal.refresh_from_db()
            close_seal(seal, "check", "check")
            user.refresh_from_db()
            return {"opened": opened, "session_goes_on": may_sign_in(user), "opens_again": _opens_again(opening)}
        finally:
            transaction.set_rollback(True)


def _opens_again(opening: Opening) -> bool:
    try:
        open_seal(actor=anonymous(), opening=Opening(opening.number, _SECRET, "check", "check", new_id()))
    except SealVoid:
        return False
    return True


def check() -> Iterator[Finding]:
    """Try the lock, and look whether every used credential was ended and replaced."""
    now, tried = clock.now(), trial()
    outcome, message = judge_rotation([facts_of(seal) for seal in every_seal()], now)
    if tried != _HOLDS:
        outcome, message = (
            Outcome.FAIL,
            _("A used emergency credential still opens a session after the return to normal."),
        )
    for subject in platform_systems():
        yield Finding(subject, outcome, message, now, tried)


control = Control(
    id="people.emergency_account_rotation",
    title=_("Used emergency credentials of Sekisho open nothing after the return to normal"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_("Return to normal on the page of the emergency account, then make and seal a new one."),
)
