"""The keys that sign what applications are told: made ahead of their use, shown beyond it, sealed where they lie."""

import json
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from joserfc.jwk import ECKey, Key, KeyParameters, KeySet, RSAKey, import_key

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.ids import new_id
from sekisho.people.actions import RelyingAction
from sekisho.people.models import RelyingParty, SigningAlgorithm, SigningKey
from sekisho.people.rules.oidc import KeyFacts, KeyPlan, key_plan
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append
from sekisho.trust.sealing import SealBroken, seal, unseal

ALGORITHMS: tuple[str, ...] = tuple(SigningAlgorithm.values)
_RSA_BITS = 3072
log = structlog.get_logger(__name__)


def _context(kid: object) -> str:
    return f"signing-key:{kid}"


def make_key(algorithm: str) -> SigningKey:
    """Make a key inside the caller's transaction."""
    kid = new_id()
    named: KeyParameters = {"kid": str(kid), "use": "sig", "alg": algorithm}
    made: Key
    if algorithm == SigningAlgorithm.RS256:
        made = RSAKey.generate_key(_RSA_BITS, named)
    else:
        made = ECKey.generate_key("P-256", named)
    sealed = seal(settings.SEAL_KEY, json.dumps(made.as_dict(private=True)).encode(), _context(kid))
    return SigningKey.objects.create(pk=kid, algorithm=algorithm, sealed_key=sealed, made_at=clock.now())


def ensure_key(algorithm: str) -> SigningKey | None:
    """Make the first key of an algorithm inside the caller's transaction; return it, None where there is one."""
    return None if SigningKey.objects.filter(algorithm=algorithm).exists() else make_key(algorithm)


def _opened(row: SigningKey) -> Key:
    return import_key(json.loads(unseal(settings.SEAL_KEY, bytes(row.sealed_key), _context(row.pk))))


def _plan(rows: list[SigningKey]) -> KeyPlan:
    return key_plan([KeyFacts(str(row.pk), row.made_at) for row in rows], clock.now())


def signing_key(algorithm: str) -> Key:
    """Return the key that signs now; an application is released with one, so there is one. Raises SealBroken."""
    rows = list(SigningKey.objects.filter(algorithm=algorithm))
    signs = _plan(rows).signs
    return _opened(next(row for row in rows if str(row.pk) == signs))


def public_keys() -> dict[str, Any]:
    """Return the public halves of every key, the oldest first, as a JSON Web Key Set (RFC 7517).

    One that cannot be opened signs nothing: it is left out and logged, and the others stay known.
    """
    rows = SigningKey.objects.order_by("made_at", "pk")
    return {"keys": [key.as_dict(private=False) for key in map(_opened_or_none, rows) if key is not None]}


def _opened_or_none(row: SigningKey) -> Key | None:
    try:
        return _opened(row)
    except SealBroken as error:
        log.error("signing_key_unreadable", kid=str(row.pk), algorithm=row.algorithm, exc_info=error)
        return None


def checking_keys() -> KeySet:
    """Return the public halves as what checks a signature of ours."""
    return KeySet([import_key(key) for key in public_keys()["keys"]])


@transaction.atomic
def renew_keys(*, actor: Actor) -> int:
    """Make the keys that are due and throw away those that nobody needs any more; return how many changed."""
    actor.require(RelyingAction.RENEW_KEYS)
    wanted = RelyingParty.objects.filter(closed_at=None).exclude(released_at=None)
    changed = 0
    for algorithm in sorted(set(wanted.values_list("algorithm", flat=True))):
        rows = list(SigningKey.objects.select_for_update().filter(algorithm=algorithm))
        plan = _plan(rows)
        dropped = [row for row in rows if str(row.pk) in plan.drop]
        made = [make_key(algorithm)] if plan.make else []
        for row in dropped:
            row.delete()
        if made or dropped:
            changed += len(made) + len(dropped)
            _record(actor, algorithm, [str(row.pk) for row in made], list(plan.drop))
    return changed


def _record(actor: Actor, algorithm: str, made: list[str], dropped: list[str]) -> None:
    details: dict[str, Json] = {"made": list(made), "dropped": list(dropped)}
    subject = SubjectRef("signing_key", algorithm, algorithm)
    append(actor=actor, action=RelyingAction.RENEW_KEYS, subject=subject, details=details)
