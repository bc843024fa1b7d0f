"""Setting up how notices leave the house, and testing it. No secret is shown again or stands in an event."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import MailServerWrong
from sekisho.governance.models import MailServer, Recipient, Webhook
from sekisho.governance.queries.delivery import (
    PASSWORD_PLACE,
    SECRET_PLACE,
    recipient,
    recipients,
)
from sekisho.governance.rules.delivery import (
    Security,
    is_server_name,
    tidy_mail_address,
    tidy_webhook,
)
from sekisho.kernel import clock
from sekisho.kernel.access import GRANTABLE, Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import Conflict
from sekisho.kernel.text import Text, _
from sekisho.network.rules.credentials import read_authorities
from sekisho.register.rules import SubjectRef, changes
from sekisho.register.services import append
from sekisho.trust.sealing import seal

MOST_RECIPIENTS = 20
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server as it is entered. ``password`` None keeps the stored one, empty takes it away.

    ``authorities`` is a file of certificates, None keeps what is stored; ``own_authorities`` False drops them.
    """

    enabled: bool
    host: str
    port: int
    security: Security
    sender: str
    user: str
    password: str | None
    hour: int
    authorities: bytes | None = None
    own_authorities: bool = True


@transaction.atomic
def keep_mail_server(*, actor: Actor, version: int, given: MailSettings) -> None:
    """Store the mail server over ``version`` of it (0: none yet).

    Raises Forbidden, Conflict, MailServerWrong, MailAddressWrong, CredentialRefused.
    """
    actor.require(GovernanceAction.CONFIGURE_DELIVERY)
    row = MailServer.objects.select_for_update().first() or MailServer(version=0, port=0)
    if row.version != version:
        raise Conflict
    before = _mail_facts(row)
    _require_fitting(row, given)
    row.enabled, row.host, row.port, row.security = given.enabled, given.host.lower(), given.port, given.security
    row.user, row.hour = given.user, given.hour
    row.sender = _sender(given.sender)
    if given.password is not None:
        row.sealed_password = _sealed(given.password, PASSWORD_PLACE) if given.password else None
    row.ca_pem = _authorities(row.ca_pem, given.authorities, keep=given.own_authorities)
    row.version, row.changed_at = row.version + 1, clock.now()
    row.save()
    details: dict[str, Json] = {
        "changes": changes(before, _mail_facts(row)),
        "password_changed": given.password is not None,
    }
    append(actor=actor, action=GovernanceAction.CONFIGURE_DELIVERY, subject=_MAIL, details=details)


_MAIL, _WEBHOOK = SubjectRef("delivery", "mail", "mail"), SubjectRef("delivery", "webhook", "webhook")


def _require_fitting(row: MailServer, given: MailSettings) -> None:
    """Refuse what cannot be right together. Raises MailServerWrong."""
    if not is_server_name(given.host):
        raise _wrong("host", _("this is no name of a server"))
    if bool(given.user) != bool(_has_password(row, given)):
        raise _wrong("password", _("user name and password go together"))
    if not (given.user + (given.password or "")).isascii():
        raise _wrong("password", _("only half-width letters and signs can be sent to a mail server"))
    moved = row.version and (row.host, row.port, row.security) != (given.host.lower(), given.port, given.security)
    if moved and given.password is None and row.sealed_password is not None:
        # Else whoever changes the name of the server would be sent the password of the old one.
        raise _wrong("password", _("another server needs the password again"))


def _has_password(row: MailServer, given: MailSettings) -> bool:
    return row.sealed_password is not None if given.password is None else bool(given.password)


def _wrong(field: str, reason: Text) -> MailServerWrong:
    return MailServerWrong(field=field, reason=reason)


def _sender(text: str) -> str:
    return tidy_mail_address(text, "sender")


def _sealed(secret: str, place: str) -> bytes:
    return seal(settings.SEAL_KEY, secret.encode(), place)


def _authorities(before: str, given: bytes | None, *, keep: bool) -> str:
    if given:
        return read_authorities(given)
    return before if keep else ""


def _mail_facts(row: MailServer) -> dict[str, Json]:
    """Return the settings without their secrets."""
    names = ("enabled", "host", "port", "security", "user", "sender", "hour", "ca_pem")
    return {} if not row.version else {name: _plain(getattr(row, name)) for name in names}


def _plain(value: object) -> Json:
    return value if isinstance(value, bool | int) else str(value)


@transaction.atomic
def add_recipient(*, actor: Actor, address: str, role: Role, language: str, alarm_step: int = 0) -> UUID:
    """Let somebody have the digest by mail, and be called of alarms at a step (0: never); return the id.

    Raises Forbidden, Conflict, MailAddressWrong.
    """
    actor.require(GovernanceAction.CONFIGURE_DELIVERY)
    found, present = tidy_mail_address(address), recipients()
    if role not in GRANTABLE or len(present) >= MOST_RECIPIENTS or any(one.address == found for one in present):
        raise Conflict(field="address")
    row = Recipient.objects.create(
        address=found, role=role, language=language, alarm_step=alarm_step, added_at=clock.now()
    )
    details: dict[str, Json] = {"added": found, "role": role.value, "language": language, "alarm_step": alarm_step}
    append(actor=actor, action=GovernanceAction.CONFIGURE_DELIVERY, subject=_MAIL, details=details)
    return row.pk


@transaction.atomic
def set_alarm_step(*, actor: Actor, recipient_id: UUID, alarm_step: int) -> None:
    """Call a recipient at another step (0: never). Raises Forbidden, NotFound."""
    actor.require(GovernanceAction.CONFIGURE_DELIVERY)
    row = recipient(recipient_id)
    before, row.alarm_step = row.alarm_step, alarm_step
    row.save(update_fields=["alarm_step"])
    details: dict[str, Json] = {"receiver": row.address, "alarm_step": {"before": before, "after": alarm_step}}
    append(actor=actor, action=GovernanceAction.CONFIGURE_DELIVERY, subject=_MAIL, details=details)


@transaction.atomic
def remove_recipient(*, actor: Actor, recipient_id: UUID) -> None:
    """Let somebody have no more digests. Raises Forbidden, NotFound."""
    actor.require(GovernanceAction.CONFIGURE_DELIVERY)
    row = recipient(recipient_id)
    row.removed_at = clock.now()
    row.save(update_fields=["removed_at"])
    details: dict[str, Json] = {"removed": row.address, "role": row.role}
    append(actor=actor, action=GovernanceAction.CONFIGURE_DELIVERY, subject=_MAIL, details=details)


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """The webhook as it is entered; ``renew`` makes a new secret. The rest is as in MailSettings."""

    enabled: bool
    url: str
    hour: int
    renew: bool = False
    authorities: bytes | None = None
    own_authorities: bool = True


@transaction.atomic
def keep_webhook(*, actor: Actor, version: int, given: WebhookSettings) -> str:
    """Store the webhook over ``version`` of it (0: none yet); return the secret when a new one was made, else "".

    A new address gets a new secret: the old receiver could sign for the new one. Raises Forbidden, Conflict,
    WebhookAddressWrong, CredentialRefused.
    """
    actor.require(GovernanceAction.CONFIGURE_DELIVERY)
    row = Webhook.objects.select_for_update().first() or Webhook(version=0)
    if row.version != version:
        raise Conflict
    before, url = _webhook_facts(row), tidy_webhook(given.url)
    secret = secrets.token_hex(_SECRET_BYTES) if given.renew or not row.version or row.url != url else ""
    row.enabled, row.url, row.hour = given.enabled, url, given.hour
    row.ca_pem = _authorities(row.ca_pem, given.authorities, keep=given.own_authorities)
    if secret:
        row.sealed_secret = _sealed(secret, SECRET_PLACE)
    row.version, row.changed_at = row.version + 1, clock.now()
    row.save()
    details: dict[str, Json] = {"changes": changes(before, _webhook_facts(row)), "secret_changed": bool(secret)}
    append(actor=actor, action=GovernanceAction.CONFIGURE_DELIVERY, subject=_WEBHOOK, details=details)
    return secret


def _webhook_facts(row: Webhook) -> dict[str, Json]:
    names = ("enabled", "url", "hour", "ca_pem")
    return {} if not row.version else {name: _plain(getattr(row, name)) for name in names}
