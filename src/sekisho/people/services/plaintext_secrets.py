"""Looking for plain-text secrets: where, and the looks themselves, our own and those of other tools."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import require_visible, says_something
from sekisho.people.actions import PlaintextSecretAction
from sekisho.people.errors.accounts import ReasonWanted
from sekisho.people.errors.plaintext_secrets import (
    PlaceEnded,
    PlaceKnown,
    PlaceUnusable,
    SecondPersonWanted,
    SettlementOver,
)
from sekisho.people.models import OWN, SecretLook, SecretPlace
from sekisho.people.queries import plaintext_secrets as queries
from sekisho.people.queries.id_review import system as open_system
from sekisho.people.queries.secret_files import Seen, fingerprint_of, look_through
from sekisho.people.rules.plaintext_secrets import Sighting, counted
from sekisho.people.services.id_review import system_ref
from sekisho.register.rules import EventOutcome
from sekisho.register.services import append
from sekisho.trust.derivation import derive_key

LONGEST_PATH = 300
_NEVER = ("/proc", "/sys", "/dev")
_PURPOSE = "sekisho.people.plaintext_secrets"


@dataclass(frozen=True, slots=True)
class LookData:
    """One look: what was seen, when, whether it was everything, and what the look says of itself."""

    looked_at: datetime
    sightings: Sequence[Sighting]
    is_whole: bool
    counts: Mapping[str, Json] = field(default_factory=dict)
    version: str = ""


def fingerprint_key() -> bytes:
    """Return the key that fingerprints are made with: of this installation, and of nothing else."""
    return derive_key(settings.SEAL_KEY, _PURPOSE)


def marked(*said: str) -> str:
    """Return the fingerprint of what another tool said of a secret."""
    return fingerprint_of(fingerprint_key(), *said)


@transaction.atomic
def add_place(*, actor: Actor, system_id: UUID, path: str) -> SecretPlace:
    """Have a directory of this machine looked through. Raises Forbidden, NotFound, PlaceUnusable, PlaceKnown."""
    actor.require(PlaintextSecretAction.KEEP_PLACES)
    system = open_system(system_id)
    place = _usable(path)
    if SecretPlace.objects.filter(system_id=system_id, tool=OWN, path=place, ended_at=None).exists():
        raise PlaceKnown(field="path")
    row = SecretPlace(system_id=system_id, path=place, added_at=clock.now(), added_by=actor.name, asked_at=clock.now())
    row.save(force_insert=True)
    subject = system_ref(system_id, system.label)
    append(actor=actor, action=PlaintextSecretAction.KEEP_PLACES, subject=subject, details={"added": place})
    return row


def _usable(path: str) -> str:
    """Return the path as it is stored: whole, without a link in it, and nothing of Sekisho's own."""
    require_visible(path)
    entered = Path(path.strip())
    if not entered.is_absolute() or len(path) > LONGEST_PATH:
        raise _refused(_("it is no whole path, such as /srv/karte/conf."))
    try:
        whole = entered.resolve(strict=True)
        is_directory = whole.is_dir()
    except (OSError, ValueError, RuntimeError) as error:
        raise _refused(_("it is not there, or may not be read.")) from error
    if not is_directory:
        raise _refused(_("it is no directory."))
    home = _home()
    if whole == home or home in whole.parents or whole in home.parents:
        raise _refused(_("Sekisho's own data lie in it."))
    if any(whole.is_relative_to(one) for one in _NEVER):
        raise _refused(_("it belongs to the operating system."))
    return str(whole)


def _home() -> Path:
    """Return where Sekisho keeps what is its own."""
    return Path(settings.REGISTER_INDEX).parent.resolve()


def _refused(reason: Text) -> PlaceUnusable:
    return PlaceUnusable(field="path", reason=reason)


@transaction.atomic
def ask_for_look(*, actor: Actor, place_id: UUID) -> SecretPlace:
    """Have a directory looked through within minutes. Raises Forbidden, NotFound, PlaceEnded."""
    actor.require(PlaintextSecretAction.KEEP_PLACES)
    row = _open_place(place_id)
    if not row.is_own:
        raise NotFound
    row.asked_at = clock.now()
    row.save(update_fields=["asked_at"])
    _tell(actor, PlaintextSecretAction.KEEP_PLACES, row, {"asked_for": row.path})
    return row


@transaction.atomic
def end_place(*, actor: Actor, place_id: UUID, reason: str) -> SecretPlace:
    """Look through a place no more; what was seen stays.

    While something found there may be there still, one person only asks for it: it is looked through and judged until
    a second person ends it too, or until nothing is left. Raises Forbidden, NotFound, PlaceEnded, ReasonWanted.
    """
    actor.require(PlaintextSecretAction.KEEP_PLACES)
    row = _open_place(place_id)
    require_reason(reason)
    is_second = row.end_asked_at is not None and not queries.same_person(actor.id, row.end_asked_by)
    if is_second or not queries.is_left_open(row):
        return _end(actor, PlaintextSecretAction.KEEP_PLACES, row, reason)
    row.end_asked_at, row.end_asked_by = clock.now(), actor.id
    row.save(update_fields=["end_asked_at", "end_asked_by"])
    _tell(actor, PlaintextSecretAction.KEEP_PLACES, row, {"end_asked": row.path, "tool": row.tool}, reason)
    return row


@transaction.atomic
def confirm_end(*, actor: Actor, place_id: UUID) -> SecretPlace:
    """End a place as a second person. Raises Forbidden, NotFound, PlaceEnded, SettlementOver, SecondPersonWanted."""
    actor.require(PlaintextSecretAction.CONFIRM)
    row = _open_place(place_id)
    if row.end_asked_at is None:
        raise SettlementOver
    if queries.same_person(actor.id, row.end_asked_by):
        raise SecondPersonWanted
    return _end(actor, PlaintextSecretAction.CONFIRM, row)


def _end(actor: Actor, action: PlaintextSecretAction, row: SecretPlace, reason: str = "") -> SecretPlace:
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    _tell(actor, action, row, {"ended": row.path, "tool": row.tool}, reason)
    return row


def _open_place(place_id: UUID) -> SecretPlace:
    if not SecretPlace.objects.select_for_update().filter(pk=place_id, ended_at=None).exists():
        queries.place(place_id)
        raise PlaceEnded
    return queries.place(place_id)


def require_reason(reason: str) -> None:
    """Raise ReasonWanted unless a reason says something."""
    require_visible(reason)
    if not says_something(reason):
        raise ReasonWanted(field="reason")


def _tell(
    actor: Actor, action: PlaintextSecretAction, row: SecretPlace, details: dict[str, Json], reason: str = ""
) -> None:
    append(
        actor=actor,
        action=action,
        subject=system_ref(row.system_id, row.system.name),
        details={"place": str(row.pk), **details},
        reason=reason,
    )


def look_at_places(*, actor: Actor) -> int:
    """Look through every directory that is due; return at how many that succeeded. Raises Forbidden.

    One that cannot be opened is noted with the reason; each is marked as tried first, so that one that hangs does not
    hold the others up for good.
    """
    actor.require(PlaintextSecretAction.LOOK)
    return sum(_look_at(actor, row) for row in queries.places_to_look_at())


def _look_at(actor: Actor, row: SecretPlace) -> bool:
    moment = clock.now()
    SecretPlace.objects.filter(pk=row.pk).update(tried_at=moment)
    try:
        seen = look_through(Path(row.path), key=fingerprint_key(), never=[_home()])
    except OSError as error:
        _note_trouble(actor, row, error)
        return False
    with transaction.atomic():
        _store(actor, PlaintextSecretAction.LOOK, row, look_of(seen, moment))
    return True


def look_of(seen: Seen, moment: datetime) -> LookData:
    """Return what came of looking through a directory as it is stored."""
    return LookData(moment, seen.sightings, seen.is_whole, seen.document())


@transaction.atomic
def _note_trouble(actor: Actor, row: SecretPlace, error: OSError) -> None:
    trouble = (error.strerror or type(error).__name__)[:300]
    SecretPlace.objects.filter(pk=row.pk).update(trouble=trouble)
    append(
        actor=actor,
        action=PlaintextSecretAction.LOOK,
        subject=system_ref(row.system_id, row.system.name),
        outcome=EventOutcome.FAILURE,
        details={"place": str(row.pk), "path": row.path, "trouble": trouble},
    )


@transaction.atomic
def take_over_look(*, actor: Actor, system_id: UUID, tool: str, scope: str, data: LookData) -> SecretLook:
    """Keep what another tool saw in ``scope``, which is a place of its own from then on. Raises Forbidden, NotFound."""
    actor.require(PlaintextSecretAction.TAKE_OVER)
    open_system(system_id)
    row, _made = SecretPlace.objects.select_related("system").get_or_create(
        system_id=system_id,
        tool=tool[:40],
        path=scope[:LONGEST_PATH],
        ended_at=None,
        defaults={"added_at": clock.now(), "added_by": actor.name},
    )
    return _store(actor, PlaintextSecretAction.TAKE_OVER, row, data)


def _store(actor: Actor, action: PlaintextSecretAction, row: SecretPlace, data: LookData) -> SecretLook:
    content = json.dumps([one.document() for one in data.sightings], ensure_ascii=False, separators=(",", ":"))
    look = SecretLook(
        place=row,
        looked_at=data.looked_at,
        stored_at=clock.now(),
        stored_by=actor.name,
        version=data.version[:100],
        is_whole=data.is_whole,
        counts=dict(data.counts),
        found=len(data.sightings),
        content=zlib.compress(content.encode()),
    )
    look.save()
    SecretPlace.objects.filter(pk=row.pk).update(trouble="")
    details: dict[str, Json] = {
        "tool": row.tool,
        "path": row.path,
        "look": str(look.pk),
        "whole": look.is_whole,
        "found": dict(counted(data.sightings)),
        "files": data.counts.get("files"),
    }
    _tell(actor, action, row, details)
    return look
