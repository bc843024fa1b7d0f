"""Sending a test at once, for the person who sets the sending up: what the other side said is the answer."""

import json
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import DeliveryNotSetUp
from sekisho.governance.queries.delivery import mail_server, recipient, webhook
from sekisho.governance.rules.delivery import Channel, Sent
from sekisho.governance.services.delivery import receiver_of, server_of
from sekisho.governance.services.digests import letter
from sekisho.governance.services.posting import post
from sekisho.governance.services.smtp import Letter, hand_over
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.ids import new_id
from sekisho.register.rules import EventOutcome, SubjectRef, timestamp
from sekisho.register.services import append

# Somebody waits before a page.
SECONDS_A_TEST = 15.0


def try_mail(*, actor: Actor, recipient_id: UUID) -> Sent:
    """Send a test mail to a recipient and say how it ended.

    Raises Forbidden, NotFound, DeliveryNotSetUp, SealBroken.
    """
    actor.require(GovernanceAction.TEST_DELIVERY)
    server, wanted = mail_server(), recipient(recipient_id)
    if server is None:
        raise DeliveryNotSetUp
    with translation.override(wanted.language):
        context: dict[str, object] = {
            "is_test": True,
            "language": wanted.language,
            "url": f"{settings.ORIGIN}{reverse('governance:notices')}",
        }
        content = letter(wanted.address, new_id(), clock.now(), "【関所】" + _("Test"), context)
    sent = hand_over(server_of(server), Letter(wanted.address, content), seconds=SECONDS_A_TEST)
    _record(actor, Channel.MAIL, wanted.address, sent)
    return sent


def try_webhook(*, actor: Actor) -> Sent:
    """Post a test message and say how it ended. Raises Forbidden, DeliveryNotSetUp, SealBroken."""
    actor.require(GovernanceAction.TEST_DELIVERY)
    hook = webhook()
    if hook is None:
        raise DeliveryNotSetUp
    message_id = str(new_id())
    document: dict[str, Json] = {"id": message_id, "type": "test", "made_at": timestamp(clock.now())}
    sent = post(receiver_of(hook), json.dumps(document).encode(), message_id, seconds=SECONDS_A_TEST)
    _record(actor, Channel.WEBHOOK, hook.url, sent)
    return sent


@transaction.atomic
def _record(actor: Actor, channel: Channel, receiver: str, sent: Sent) -> None:
    append(
        actor=actor,
        action=GovernanceAction.TEST_DELIVERY,
        subject=SubjectRef("delivery", channel.value, channel.value),
        outcome=EventOutcome.FAILURE if sent.trouble else EventOutcome.SUCCESS,
        details={"receiver": receiver, "trouble": sent.trouble or ""},
    )
