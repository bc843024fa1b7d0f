"""How notices leave the house: the mail server, its receivers, the webhook, and every delivery with its outcome.

Personal data: mail addresses. Secrets: the password of the mail server and the key of the webhook, both sealed.
"""

from django.db import models
from django.db.models import Q

from sekisho.governance.models.notices import Notice
from sekisho.governance.rules.delivery import Channel, DeliveryState, Security
from sekisho.kernel.ids import new_id


class MailServer(models.Model):
    """The server that takes our mail; one row. ``ca_pem`` replaces the system's authorities where it is set."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    enabled = models.BooleanField(default=True)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField()
    security = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in Security])
    user = models.CharField(max_length=200, blank=True)
    sealed_password = models.BinaryField(null=True)
    sender = models.CharField(max_length=254)
    ca_pem = models.TextField(blank=True)
    hour = models.PositiveSmallIntegerField(default=8)
    version = models.IntegerField(default=1)
    changed_at = models.DateTimeField()


class Recipient(models.Model):
    """Somebody who gets the digest by mail, and for which role. Removed ones stay for the history.

    ``alarm_step`` is when they are called of an alarm: 1 at once, 2 and more when nobody looks after it, 0 never.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    address = models.CharField(max_length=254)
    role = models.CharField(max_length=32)
    language = models.CharField(max_length=2)
    alarm_step = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address"], condition=Q(removed_at=None), name="recipient_once")]


class Webhook(models.Model):
    """The program that is told; one row. The secret is shown once and kept sealed."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    enabled = models.BooleanField(default=True)
    url = models.CharField(max_length=500)
    ca_pem = models.TextField(blank=True)
    sealed_secret = models.BinaryField()
    hour = models.PositiveSmallIntegerField(default=8)
    version = models.IntegerField(default=1)
    changed_at = models.DateTimeField()


class AlarmPlan(models.Model):
    """How people are called at once; one row, and the usual plan before there is one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    group_minutes = models.PositiveSmallIntegerField()
    next_minutes = models.PositiveSmallIntegerField()
    quiet_from = models.PositiveSmallIntegerField()
    quiet_to = models.PositiveSmallIntegerField()
    version = models.IntegerField(default=1)
    changed_at = models.DateTimeField()


class Delivery(models.Model):
    """One digest for one receiver on one day, as it is sent again and again until its outcome is known.

    ``target`` is the id of the recipient, or the channel; ``receiver`` its address as it was. ``message`` is what is
    sent, the whole mail or the JSON body, and emptied afterwards. ``trouble`` and ``answer`` are what was met last, and
    what was heard. There is one row a day and receiver, with an empty ``state`` when there was nothing to say.
    Beside it there are those of alarms: ``alarm`` is the minute in which one was made, empty for a digest.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in Channel])
    target = models.CharField(max_length=64)
    receiver = models.CharField(max_length=500)
    day = models.DateField()
    alarm = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in DeliveryState], blank=True)
    message = models.TextField(blank=True)
    number = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=16, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "day"], condition=Q(alarm=""), name="delivery_once_a_day"),
            models.UniqueConstraint(fields=["target", "alarm"], condition=~Q(alarm=""), name="alarm_once_a_minute"),
        ]
        indexes = [models.Index(fields=["state", "next_try_at"], name="delivery_waiting")]


class ToldNotice(models.Model):
    """A notice that stands in a delivery, in the state that it had then. It counts once the delivery was sent."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="told")
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="told")
    state_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "notice"], name="told_once")]
