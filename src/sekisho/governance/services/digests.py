"""Making the digest of a day: what each receiver has not been told yet, as a mail or as a signed message."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import Delivery, Notice, ToldNotice
from sekisho.governance.queries.delivery import Target, mail_server, targets_at, told_to
from sekisho.governance.queries.notice_words import number_of, roles_of, title_of, url_of
from sekisho.governance.queries.notices import open_notices
from sekisho.governance.rules.delivery import Channel, DeliveryState
from sekisho.governance.rules.notices import Telling, Urgency, concerns, is_snoozed, is_to_be_told
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import Calendar, format_date, in_facility
from sekisho.kernel.ids import new_id
from sekisho.register.rules import timestamp

MOST_LINES = 100
# Seven bits through every server; lines stay short in Base64.
POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Line:
    """A notice in a digest: words of ours only, nothing that somebody typed."""

    id: str
    kind: str
    urgency: Urgency
    title: str
    number: int
    since: str
    until: str
    overdue: bool
    url: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What one receiver is told: the notices, the most urgent first, and how many stand open in each urgency."""

    target: Target
    told: Sequence[Notice]
    standing: Counter[Urgency]


def make_digests(*, actor: Actor) -> int:
    """Make today's digest for each receiver whose hour has come; return how many have something to say.

    Where nothing is new a row without a message says that it was looked at: once a day, and no mail. Raises Forbidden.
    """
    actor.require(GovernanceAction.SEND_NOTICES)
    now = clock.now()
    return sum(_make(target, now) for target in targets_at(now))


def _make(target: Target, now: datetime) -> bool:
    delivery = Delivery(
        id=new_id(),
        channel=target.channel,
        target=target.id,
        receiver=target.address,
        day=in_facility(now).date(),
        made_at=now,
        next_try_at=now,
    )
    with transaction.atomic():
        digest = _digest(target, now)
        if digest.told:
            delivery.state, delivery.number = DeliveryState.WAITING, len(digest.told)
            delivery.message = message_of(digest, delivery.id, now)
        _row, is_new = Delivery.objects.get_or_create(
            target=target.id, day=delivery.day, alarm="", defaults=_values(delivery)
        )
        if is_new:
            told = [ToldNotice(delivery_id=delivery.id, notice=one, state_at=one.worsened_at) for one in digest.told]
            ToldNotice.objects.bulk_create(told, batch_size=200)
    return is_new and bool(digest.told)


def _values(delivery: Delivery) -> dict[str, object]:
    names = ("id", "channel", "receiver", "state", "message", "number", "made_at", "next_try_at")
    return {name: getattr(delivery, name) for name in names}


def _digest(target: Target, now: datetime) -> Digest:
    day, known = in_facility(now).date(), told_to(target.id)
    notices = [row for row in open_notices() if concerns(target.role, roles_of(row))]
    told = [row for row in notices if is_to_be_told(_telling(row, known.get(row.pk), day), day)]
    return Digest(target, told, Counter(Urgency(row.urgency) for row in notices))


def _telling(row: Notice, told: tuple[datetime, date] | None, day: date) -> Telling:
    state, told_on = told or (None, None)
    snoozed = is_snoozed(row.snoozed_until, row.snoozed_at, row.worsened_at, day)
    return Telling(row.worsened_at, row.overdue, snoozed, state, told_on)


def message_of(digest: Digest, delivery_id: UUID, now: datetime) -> str:
    """Return what is sent: a whole mail, or the JSON body. The same delivery is sent with the same id each time."""
    with translation.override(digest.target.language):
        if digest.target.channel is Channel.WEBHOOK:
            return webhook_body(digest, delivery_id, now)
        context = _context(digest, now)
        return letter(digest.target.address, delivery_id, now, _subject(digest), context).decode("ascii")


def letter(
    receiver: str,
    message_id: UUID,
    now: datetime,
    subject: str,
    context: dict[str, object],
    template: str = "governance/notices_mail",
) -> bytes:
    """Return a whole mail: plain text and simple HTML. Raises ValueError for a header that holds a line end."""
    server = mail_server()
    sender = server.sender if server else ""
    mail = EmailMessage(policy=POLICY)
    mail["From"], mail["To"], mail["Subject"] = sender, receiver, subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message_id}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(render_to_string(f"{template}.txt", context))
    mail.add_alternative(render_to_string(f"{template}.html", context), subtype="html")
    return mail.as_bytes()


def _subject(digest: Digest) -> str:
    numbers = Counter(Urgency(row.urgency) for row in digest.told)
    values = {"today": numbers[Urgency.TODAY], "week": numbers[Urgency.WEEK], "know": numbers[Urgency.KNOW]}
    return "【関所】" + _("Today %(today)s, this week %(week)s, to know %(know)s") % values


def _context(digest: Digest, now: datetime) -> dict[str, object]:
    language = digest.target.language
    lines = [line_of(row, language) for row in digest.told[:MOST_LINES]]
    return {
        "language": language,
        "day": format_date(in_facility(now).date(), Calendar.WAREKI, language),
        "groups": [
            (urgency.label, found)
            for urgency in reversed(Urgency)
            if (found := [line for line in lines if line.urgency is urgency])
        ],
        "more": len(digest.told) - len(lines),
        "standing": [(urgency.label, digest.standing[urgency]) for urgency in reversed(Urgency)],
        "url": f"{settings.ORIGIN}{reverse('governance:notices')}",
    }


def line_of(row: Notice, language: str) -> Line:
    """Return a notice as a mail says it."""
    return Line(
        id=str(row.pk),
        kind=row.kind,
        urgency=Urgency(row.urgency),
        title=title_of(row, language),
        number=number_of(row),
        since=format_date(in_facility(row.since).date(), Calendar.WAREKI, language),
        until=format_date(row.until, Calendar.WAREKI, language) if row.until else "",
        overdue=row.overdue,
        url=f"{settings.ORIGIN}{url_of(row)}",
    )


def webhook_body(digest: Digest, delivery_id: UUID, now: datetime) -> str:
    """Return the JSON body of the webhook (docs/ja/notices.md says what each field means)."""
    lines = [webhook_line(row) for row in digest.told[:MOST_LINES]]
    document: dict[str, Json] = {
        "id": str(delivery_id),
        "type": "notices.digest",
        "day": in_facility(now).date().isoformat(),
        "made_at": timestamp(now),
        "notices": lines,
        "more": len(digest.told) - len(lines),
        "open": {urgency.name.lower(): digest.standing[urgency] for urgency in Urgency},
        "url": f"{settings.ORIGIN}{reverse('governance:notices')}",
    }
    return json.dumps(document, ensure_ascii=False)


def webhook_line(row: Notice) -> Json:
    """Return a notice as the webhook says it."""
    titles: dict[str, Json] = {}
    for language in ("ja", "en"):
        with translation.override(language):
            titles[language] = title_of(row, language)
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "urgency": Urgency(row.urgency).name.lower(),
        "title": titles,
        "number": number_of(row),
        "since": timestamp(row.since),
        "until": row.until.isoformat() if row.until else None,
        "overdue": row.overdue,
        "url": f"{settings.ORIGIN}{url_of(row)}",
    }
