"""Reading how notices leave the house: settings without their secrets, receivers, deliveries and what was told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator

from sekisho.governance.models import Delivery, MailServer, Recipient, ToldNotice, Webhook
from sekisho.governance.rules.delivery import Channel, DeliveryState
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.dates import in_facility
from sekisho.kernel.errors import NotFound
from sekisho.trust.sealing import unseal

DELIVERIES_A_PAGE = 50
_LATELY = timedelta(days=14)
PASSWORD_PLACE, SECRET_PLACE = "governance.mail.password", "governance.webhook.secret"  # places, no secrets


@dataclass(frozen=True, slots=True)
class Target:
    """One receiver of digests: what it hears of by its role, in which language, and where."""

    channel: Channel
    id: str
    address: str
    role: Role
    language: str


def mail_server() -> MailServer | None:
    """Return the settings of the mail server, None before they are entered."""
    return MailServer.objects.first()


def webhook() -> Webhook | None:
    """Return the settings of the webhook, None before they are entered."""
    return Webhook.objects.first()


def is_set_up() -> bool:
    """Tell whether notices leave the house at all."""
    server, hook = mail_server(), webhook()
    return bool(server and server.enabled) or bool(hook and hook.enabled)


def recipients() -> list[Recipient]:
    """Return the present receivers of mails, by address."""
    return list(Recipient.objects.filter(removed_at=None).order_by("address"))


def recipient(recipient_id: UUID) -> Recipient:
    """Return a present receiver. Raises NotFound."""
    found: Recipient | None = Recipient.objects.filter(pk=recipient_id, removed_at=None).first()
    if found is None:
        raise NotFound
    return found


def mail_password(server: MailServer) -> str:
    """Return the password, opened; empty for none. Raises SealBroken."""
    if server.sealed_password is None:
        return ""
    return unseal(settings.SEAL_KEY, bytes(server.sealed_password), PASSWORD_PLACE).decode()


def webhook_secret(found: Webhook) -> str:
    """Return the secret, opened. Raises SealBroken."""
    return unseal(settings.SEAL_KEY, bytes(found.sealed_secret), SECRET_PLACE).decode()


def targets_at(now: datetime) -> list[Target]:
    """Return the receivers whose hour has come today and who have no digest of today yet."""
    local = in_facility(now)
    server, hook, found = mail_server(), webhook(), []
    if server and server.enabled and local.hour >= server.hour:
        found += [Target(Channel.MAIL, str(r.pk), r.address, Role(r.role), r.language) for r in recipients()]
    if hook and hook.enabled and local.hour >= hook.hour:
        found.append(Target(Channel.WEBHOOK, Channel.WEBHOOK.value, hook.url, Role.SYSTEM_OPERATOR, "ja"))
    done = set(Delivery.objects.filter(day=local.date(), alarm="").values_list("target", flat=True))
    return [target for target in found if target.id not in done]


def told_to(target: str) -> Mapping[UUID, tuple[datetime, date]]:
    """Return what the digest told a receiver last of each open notice: its state, and on which day it was sent."""
    rows = ToldNotice.objects.filter(
        delivery__target=target, delivery__alarm="", delivery__state=DeliveryState.SENT, notice__ended_at=None
    ).order_by("delivery__made_at")
    return {notice: (state, day) for notice, state, day in rows.values_list("notice", "state_at", "delivery__day")}


def deliveries(page: int = 1) -> "Page[Delivery]":
    """Return one page of the deliveries in which there was something to say, the newest first."""
    rows = Delivery.objects.exclude(state="").defer("message")
    return Paginator(rows.order_by("-made_at", "-id"), DELIVERIES_A_PAGE).get_page(page)


def newest_deliveries() -> list[Delivery]:
    """Return the newest delivery of each present receiver in which there was something to say, of two weeks."""
    wanted = [*(str(one.pk) for one in recipients()), Channel.WEBHOOK.value]
    rows = Delivery.objects.exclude(state="").filter(target__in=wanted, made_at__gte=clock.now() - _LATELY)
    rows = rows.defer("message").order_by("made_at", "id")
    return list({row.target: row for row in rows}.values())


def undelivered() -> Sequence[Delivery]:
    """Return the newest deliveries that did not arrive, or where nobody knows."""
    bad = {DeliveryState.FAILED.value, DeliveryState.UNCLEAR.value}
    return [row for row in newest_deliveries() if row.state in bad or (row.trouble and row.state != DeliveryState.SENT)]
