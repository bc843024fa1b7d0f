"""Stating that there was nothing to enter in a ledger."""

from datetime import date

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.errors import NotFound
from sekisho.kernel.wording import require_visible
from sekisho.ledgers.actions import LedgersAction, Verb
from sekisho.ledgers.errors import CasesThere, ContentTooLong, PeriodInvalid
from sekisho.ledgers.models import NoCase
from sekisho.ledgers.queries.books import action_of, number_of
from sekisho.ledgers.queries.no_cases import can_be_empty, cases, today
from sekisho.ledgers.rules.no_cases import fault_of
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

LONGEST_COMMENT = 500


@transaction.atomic
def state_no_case(*, actor: Actor, ledger: Ledger, first_day: date, last_day: date, comment: str = "") -> NoCase:
    """State that from ``first_day`` to now there was nothing to enter; it holds to ``last_day`` or until there is.

    Raises Forbidden, NotFound for a ledger that always holds something, PeriodInvalid, CasesThere, ContentTooLong,
    InvisibleCharacters.
    """
    actor.require(LedgersAction.STATE_NO_CASE)
    actor.require(action_of(ledger, Verb.ADD))
    if not can_be_empty(ledger):
        raise NotFound
    if fault := fault_of(first_day, last_day, today()):
        raise PeriodInvalid(field="last_day", reason=fault)
    if found := cases(ledger, first_day, last_day).order_by("number").first():
        raise CasesThere(number=number_of(ledger, found.number), name=str(found))
    words = comment.strip()
    require_visible(words)
    if len(words) > LONGEST_COMMENT:
        raise ContentTooLong(field="comment")
    stated = NoCase(
        ledger=ledger.id,
        first_day=first_day,
        last_day=last_day,
        stated_at=clock.now(),
        stated_by=actor.id,
        stated_by_name=actor.name,
        comment=words,
    )
    stated.save()
    days = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
    subject = SubjectRef("ledger", ledger.id, str(ledger.title))
    append(actor=actor, action=LedgersAction.STATE_NO_CASE, subject=subject, reason=words, details=days)
    return stated
