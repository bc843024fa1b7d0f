"""Computing the verdicts: only where something changed, and all of them, which must come to the same."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import JudgedEdition, JudgedInput, StoredVerdict
from sekisho.governance.queries.editions import CURRENT, edition, mapping
from sekisho.governance.queries.world import World, control_inputs
from sekisho.governance.rules.assessment import Judgement, assess_leaf
from sekisho.governance.rules.changes import (
    ALL,
    Affected,
    AllSubjects,
    InputKey,
    InputKind,
    Place,
    affected,
    differing,
    place_of,
)
from sekisho.governance.services.verdict_store import Written, write_verdicts
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.ports import Subject
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append


@dataclass(frozen=True, slots=True)
class Update:
    """What a computation did: how many verdicts it judged and changed.

    ``disagreed`` names what the computation of everything found different although nothing had announced a change.
    """

    judged: int
    changed: int
    disagreed: tuple[Place, ...]


def is_due(edition_id: str = CURRENT) -> bool:
    """Tell whether something changed since the verdicts were computed, or time did. Takes no lock."""
    now = clock.now()
    head = JudgedEdition.objects.filter(edition=edition_id).first()
    if head is None or now < head.judged_at:
        return True  # never judged, or judged while the clock ran ahead
    if StoredVerdict.objects.filter(edition=edition_id, look_again_at__lt=now).exists():
        return True
    return bool(differing(_stored_inputs(edition_id), World(edition_id).inputs()))


@transaction.atomic
def update_verdicts(
    *, actor: Actor, edition_id: str = CURRENT, whole: bool = False, controls: Collection[str] | None = None
) -> Update:
    """Bring the stored verdicts of an edition up to date. Raises Forbidden, NotFound, EditionInvalid.

    Without ``whole`` only what rests on something that changed, or that time has run out for, is judged again. With
    ``controls`` only new runs of these are looked for: the short way for whoever has just stored one.
    """
    actor.require(GovernanceAction.JUDGE)
    now = clock.now()
    head = _locked_head(edition_id, now)
    world = World(edition_id)
    inputs = world.inputs() if controls is None else control_inputs(controls)
    changed = differing(_stored_inputs(edition_id, controls), inputs)
    everything = any(key.kind is InputKind.EDITION for key in changed) or now < head.judged_at
    whole = whole or everything
    announced = affected(edition(edition_id), mapping(edition_id), changed)
    if controls is None:
        announced = _with_due(announced, edition_id, now)
    todo: Affected = {leaf.id: ALL for leaf in edition(edition_id).leaves} if whole else announced
    judged = {place_of(found): found for found in _judge(world, todo, now)}
    written = write_verdicts(edition_id, judged, todo, now, whole=whole)
    _store_inputs(edition_id, inputs, changed)
    head.judged_at = now
    head.whole_at = now if whole else head.whole_at
    head.save()
    unannounced = () if everything else (place for place in written.touched if not _is_in(place, announced))
    disagreed = tuple(sorted(unannounced))
    if written.changes or disagreed:
        _record(actor, edition_id, written, disagreed)
    return Update(len(judged), written.changes, disagreed)


def _record(actor: Actor, edition_id: str, written: Written, disagreed: Sequence[Place]) -> None:
    details: dict[str, Json] = {"changes": written.changes, "digest": written.digest}
    if disagreed:
        details["disagreed"] = ["/".join(place) for place in disagreed[:20]]
    subject = SubjectRef("edition", edition_id, edition_id)
    append(actor=actor, action=GovernanceAction.JUDGE, subject=subject, details=details)


def _locked_head(edition_id: str, now: datetime) -> JudgedEdition:
    """Return the edition's row, locked: two computations at once would write the same history twice."""
    edition(edition_id)
    JudgedEdition.objects.bulk_create([JudgedEdition(edition=edition_id, judged_at=now)], ignore_conflicts=True)
    return JudgedEdition.objects.select_for_update().get(edition=edition_id)


def _stored_inputs(edition_id: str, controls: Collection[str] | None = None) -> dict[InputKey, str]:
    found = JudgedInput.objects.filter(edition=edition_id)
    if controls is not None:
        found = found.filter(kind=InputKind.CONTROL, name__in=controls)
    rows = found.values_list("kind", "name", "subject_id", "digest")
    return {InputKey(InputKind(kind), name, subject_id): digest for kind, name, subject_id, digest in rows}


def _store_inputs(edition_id: str, inputs: Mapping[InputKey, str], changed: Iterable[InputKey]) -> None:
    rows = []
    for key in changed:
        columns = {"edition": edition_id, "kind": key.kind.value, "name": key.name, "subject_id": key.subject_id}
        if key in inputs:
            rows.append(JudgedInput(**columns, digest=inputs[key]))
        else:
            JudgedInput.objects.filter(**columns).delete()
    unique = ["edition", "kind", "name", "subject_id"]
    JudgedInput.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=unique, update_fields=["digest"]
    )


def _with_due(todo: Affected, edition_id: str, now: datetime) -> Affected:
    """Add what time alone may have changed."""
    due = StoredVerdict.objects.filter(edition=edition_id, look_again_at__lt=now)
    for requirement, subject_id in due.values_list("requirement", "subject_id"):
        present = todo.setdefault(requirement, set())
        if isinstance(present, set):
            present.add(subject_id)
    return todo


def _judge(world: World, todo: Affected, now: datetime) -> Iterator[Judgement]:
    if not todo:
        return
    facts, mapped = world.facts(todo), mapping(world.edition_id).leaves
    for leaf in edition(world.edition_id).leaves:
        if leaf.id in todo:
            subjects = _chosen(world.subjects(leaf.judged_per), todo[leaf.id])
            yield from assess_leaf(leaf, mapped[leaf.id], subjects, facts, now).judgements


def _chosen(subjects: Sequence[Subject], ids: set[str] | AllSubjects) -> Sequence[Subject]:
    return subjects if isinstance(ids, AllSubjects) else [subject for subject in subjects if subject.id in ids]


def _is_in(place: Place, todo: Affected) -> bool:
    ids = todo.get(place[0], set())
    return isinstance(ids, AllSubjects) or place[2] in ids
