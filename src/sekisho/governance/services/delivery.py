"""Sending what waits, one receiver after another. No transaction is open while a network is waited for.

A digest is sent at most once a day: that it is being sent is stored before the first byte leaves, and what was
interrupted, or whose receipt is missing, is not sent again. It is not lost either: only what was surely sent counts as
told, everything else stands in the next digest. The webhook is sent at least once, with the same id each time.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import Delivery, MailServer, Recipient, Webhook
from sekisho.governance.queries.delivery import mail_password, mail_server, webhook, webhook_secret
from sekisho.governance.rules.delivery import (
    ALARM_BACK_OFF,
    BACK_OFF,
    Channel,
    DeliveryState,
    Security,
    Sent,
    Trouble,
    next_try,
    state_after,
)
from sekisho.governance.services.posting import Receiver, post
from sekisho.governance.services.smtp import Letter, Server, hand_over
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services import append
from sekisho.trust.sealing import SealBroken

log = structlog.get_logger(__name__)
SECONDS_A_TRY = 30.0
# Longer than the job that sends may run: whoever stands in SENDING for longer was interrupted.
INTERRUPTED_AFTER = timedelta(minutes=15)
ALARM_GOOD_FOR = timedelta(hours=6)


def deliver(*, actor: Actor, alarms: bool = False) -> int:
    """Send what waits and whose time has come, digests or ``alarms``; return how many arrived. Raises Forbidden.

    How an alarm ended is an event.
    """
    actor.require(GovernanceAction.SEND_NOTICES)
    _settle_interrupted(actor, clock.now())
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=clock.now())
    waiting = waiting.exclude(alarm="") if alarms else waiting.filter(alarm="")
    ids = list(waiting.order_by("next_try_at", "id").values_list("pk", flat=True))
    return sum(_try(actor, delivery_id) for delivery_id in ids)


def _settle_interrupted(actor: Actor, now: datetime) -> None:
    """Say of what was interrupted how it stands: a mail may have left, a message with an id may be sent again."""
    left = Delivery.objects.filter(state=DeliveryState.SENDING, tried_at__lte=now - INTERRUPTED_AFTER)
    for row in left:
        _keep(actor, row, Sent(Trouble.INTERRUPTED, unclear=True))


def _try(actor: Actor, delivery_id: UUID) -> bool:
    with transaction.atomic():
        rows = Delivery.objects.select_for_update().filter(pk=delivery_id, state=DeliveryState.WAITING)
        row: Delivery | None = rows.first()
        if row is None:
            return False  # somebody else has it
        row.state, row.attempts, row.tried_at = DeliveryState.SENDING, row.attempts + 1, clock.now()
        row.save(update_fields=["state", "attempts", "tried_at"])
    sent = _send(row)
    _keep(actor, row, sent)
    return sent.trouble is None


def _send(row: Delivery) -> Sent:
    if clock.now() >= _end_of(row):
        return Sent(Trouble(row.trouble) if row.trouble else Trouble.TIMEOUT, row.answer)  # the next digest says it
    try:
        if row.channel == Channel.WEBHOOK:
            hook = webhook()
            return _post(hook, row) if hook and hook.enabled else Sent(Trouble.REMOVED)
        server = mail_server()
        is_wanted = Recipient.objects.filter(pk=row.target, removed_at=None).exists()
        if server is None or not server.enabled or not is_wanted:
            return Sent(Trouble.REMOVED)
        return hand_over(server_of(server), Letter(row.receiver, row.message.encode("ascii")), seconds=SECONDS_A_TRY)
    except SealBroken:
        return Sent(Trouble.SEALED)


def _post(hook: Webhook, row: Delivery) -> Sent:
    return post(receiver_of(hook), row.message.encode(), str(row.pk), seconds=SECONDS_A_TRY)


def server_of(server: MailServer) -> Server:
    """Return the mail server as it is talked to. Raises SealBroken."""
    return Server(
        host=server.host,
        port=server.port,
        security=Security(server.security),
        sender=server.sender,
        user=server.user,
        password=mail_password(server),
        ca_pem=server.ca_pem,
    )


def receiver_of(hook: Webhook) -> Receiver:
    """Return the webhook as it is posted to. Raises SealBroken."""
    return Receiver(hook.url, webhook_secret(hook), hook.ca_pem)


def _keep(actor: Actor, row: Delivery, sent: Sent) -> None:
    """Store how a try ended, and when the next one is."""
    now = clock.now()
    row.state, row.trouble, row.answer = state_after(sent, Channel(row.channel)), sent.trouble or "", sent.answer
    row.next_try_at = None
    if row.state == DeliveryState.WAITING:
        row.next_try_at = next_try(row.attempts, now, _end_of(row), ALARM_BACK_OFF if row.alarm else BACK_OFF)
        row.state = DeliveryState.WAITING if row.next_try_at else DeliveryState.FAILED
    if row.state != DeliveryState.WAITING:
        row.message = ""  # it is not sent any more
    if sent.trouble:
        facts = {"channel": row.channel, "state": row.state, "trouble": sent.trouble.value}
        log.warning("alarm was not delivered" if row.alarm else "digest was not delivered", **facts)
    with transaction.atomic():
        row.save(update_fields=["state", "trouble", "answer", "next_try_at", "message"])
        if row.alarm and row.state != DeliveryState.WAITING:
            _record(actor, row)


def _record(actor: Actor, row: Delivery) -> None:
    """Tell the register how an alarm ended that was to reach somebody."""
    append(
        actor=actor,
        action=GovernanceAction.SEND_ALARM,
        subject=SubjectRef("delivery", str(row.pk), row.channel),
        outcome=EventOutcome.SUCCESS if row.state == DeliveryState.SENT else EventOutcome.FAILURE,
        details={
            "receiver": row.receiver,
            "state": row.state,
            "trouble": row.trouble,
            "notices": row.number,
            "attempts": row.attempts,
        },
    )


def _end_of(row: Delivery) -> datetime:
    """Return when a delivery is given up: a digest at midnight, an alarm when it helps nobody any more."""
    if row.alarm:
        return row.made_at + ALARM_GOOD_FOR
    return datetime.combine(row.day + timedelta(days=1), datetime.min.time(), FACILITY_ZONE)
