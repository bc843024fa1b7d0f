"""Carrying claims from one edition to another: explicit, item by item, and marked where the wording changed."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import SameEdition
from sekisho.governance.models import CarryOver
from sekisho.governance.queries.claims import approved_claims, wording
from sekisho.governance.queries.editions import edition
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """How many claims were carried for an unchanged wording, how many are marked 要再評価, how many found no item."""

    same: int
    changed: int
    without_item: int


@transaction.atomic
def carry_over(*, actor: Actor, before: str, after: str) -> CarriedOver:
    """Let the claims about edition ``before`` count for the same items of ``after``.

    A claim is marked for reassessment unless both official texts were imported and say the same. Repeating it carries
    only what is new. Raises Forbidden, NotFound, SameEdition.
    """
    actor.require(GovernanceAction.CARRY_OVER)
    if before == after:
        raise SameEdition(field="after")
    edition(before)
    items = {leaf.id for leaf in edition(after).leaves}
    judged = _judged_wording(before)
    rows = _new_rows({key: text for key, text in judged.items() if key[1] in items}, before, after, actor.name)
    CarryOver.objects.bulk_create(rows)
    changed, without = sum(row.changed for row in rows), sum(key[1] not in items for key in judged)
    details: dict[str, Json] = {"from": before, "same": len(rows) - changed, "changed": changed, "without": without}
    append(
        actor=actor, action=GovernanceAction.CARRY_OVER, subject=SubjectRef("edition", after, after), details=details
    )
    return CarriedOver(len(rows) - changed, changed, without)


def _judged_wording(before: str) -> dict[tuple[str, str], str | None]:
    """Return, by claim and requirement, the hash of the wording that each claim about an edition judged."""
    present, carried = wording(before), {(str(ref), item) for ref, item in _carried(before)}
    return {
        (claim.ref, requirement): judged or present.get(requirement)
        for claim in approved_claims()
        for requirement, judged in claim.requirements.items()
        if claim.edition == before or (claim.ref, requirement) in carried
    }


def _new_rows(judged: dict[tuple[str, str], str | None], before: str, after: str, name: str) -> list[CarryOver]:
    known = {(str(ref), item) for ref, item in _carried(after)}
    present, now = wording(after), clock.now()
    return [
        CarryOver(
            application_id=ref,
            requirement=requirement,
            before=before,
            after=after,
            changed=text is None or text != present.get(requirement),
            carried_at=now,
            carried_by=name,
        )
        for (ref, requirement), text in judged.items()
        if (ref, requirement) not in known
    ]


def _carried(after: str) -> list[tuple[UUID, str]]:
    return list(CarryOver.objects.filter(after=after).values_list("application_id", "requirement"))
