"""Telling applications that a session is over (OpenID Connect Back-Channel Logout 1.0): by a job, in no request.

A session ends in many places, or by itself; what is looked for is that it is gone, so no place can be forgotten.
"""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from joserfc import jwt

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.ids import new_id
from sekisho.people.actions import RelyingAction
from sekisho.people.models import RelyingSignIn
from sekisho.people.queries.oidc import sign_ins_to_tell
from sekisho.people.services.oidc import party_ref
from sekisho.people.services.oidc_keys import signing_key
from sekisho.register.errors import HeadNotKept
from sekisho.register.rules import EventOutcome
from sekisho.register.services import append
from sekisho.register.services.posting import post
from sekisho.trust.sealing import SealBroken

MOST_AT_ONCE = 200
MOST_TRIES = 6
_FIRST_WAIT = timedelta(minutes=1)
_TOKEN_LIFE = timedelta(minutes=2)
_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_FORM = "application/x-www-form-urlencoded"
_TAKEN = {"200", "204"}
UNSIGNED = "unsigned"  # our key cannot be opened
log = structlog.get_logger(__name__)


def tell_applications(*, actor: Actor) -> int:
    """Tell every application that wants to know which of its sign-ins are over; return how many took it.

    One that gives no answer is left alone for a minute: its silence holds up nobody else's. An answer that refuses a
    notice, because the application knows of no such session any more, says nothing about the others.
    """
    actor.require(RelyingAction.NOTIFY)
    silent: set[UUID] = set()
    count = 0
    for sign_in in sign_ins_to_tell(MOST_AT_ONCE):
        if sign_in.party_id in silent:
            continue
        status = _tell(actor, sign_in)
        count += status in _TAKEN
        if not status.isdecimal():
            silent.add(sign_in.party_id)
            _put_off(sign_in.party_id)
    return count


def _put_off(party_id: UUID) -> None:
    """Let what else waits for an application wait on, also out of the way of those whose turn is next."""
    now = clock.now()
    RelyingSignIn.objects.filter(party_id=party_id, notify_at__lte=now).update(notify_at=now + _FIRST_WAIT)


def _tell(actor: Actor, sign_in: RelyingSignIn) -> str:
    """Return the status of the application's answer, or in a word why there was none."""
    try:
        body = urlencode({"logout_token": _logout_token(sign_in)}).encode()
        status = str(post(sign_in.party.logout_notice, body, _FORM).status)
    except HeadNotKept as error:
        status = str(error.params["reason"])
    except SealBroken as error:
        log.error("signing_key_unreadable", algorithm=sign_in.party.algorithm, exc_info=error)
        status = UNSIGNED
    _note(actor, sign_in, status, taken=status in _TAKEN)
    return status


def _logout_token(sign_in: RelyingSignIn) -> str:
    """Return what proves to the application that we say it, and which sign-in is meant."""
    now, algorithm = clock.now(), sign_in.party.algorithm
    ends = now + _TOKEN_LIFE
    key = signing_key(algorithm)
    claims = {
        "iss": settings.ORIGIN,
        "aud": str(sign_in.party_id),
        "sub": str(sign_in.user_id),
        "sid": str(sign_in.pk),
        "iat": int(now.timestamp()),
        "exp": int(ends.timestamp()),
        "jti": str(new_id()),
        "events": {_EVENT: {}},
    }
    return jwt.encode({"alg": algorithm, "kid": key.kid, "typ": "logout+jwt"}, claims, key, [algorithm])


@transaction.atomic
def _note(actor: Actor, sign_in: RelyingSignIn, status: str, *, taken: bool) -> None:
    """Remember when to try again; what was taken, and what is given up, is recorded."""
    tries = sign_in.notices + 1
    done = taken or tries >= MOST_TRIES
    wait = _FIRST_WAIT * (1 << (tries - 1))
    RelyingSignIn.objects.filter(pk=sign_in.pk).update(notices=tries, notify_at=None if done else clock.now() + wait)
    if done:
        details: dict[str, Json] = {"sign_in": str(sign_in.pk), "answer": status, "tries": tries}
        append(
            actor=actor,
            action=RelyingAction.NOTIFY,
            subject=party_ref(sign_in.party),
            outcome=EventOutcome.SUCCESS if taken else EventOutcome.FAILURE,
            details=details,
        )
