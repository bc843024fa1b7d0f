"""Recurring work of governance."""

from datetime import timedelta

from sekisho.governance.errors import VerdictsDisagreed
from sekisho.governance.queries.editions import edition_ids
from sekisho.governance.services.alarms import make_alarms
from sekisho.governance.services.currency import keep_current
from sekisho.governance.services.delivery import deliver
from sekisho.governance.services.digests import make_digests
from sekisho.governance.services.notices import look_for_alarms, look_for_notices
from sekisho.governance.services.overview import make_overview
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _


def _judge() -> None:
    for edition_id in edition_ids():
        keep_current(actor=platform("worker"), edition_id=edition_id)
        make_overview(actor=platform("worker"), edition_id=edition_id)


def _judge_all() -> None:
    """Judge everything anew. The stored verdicts are right afterwards; a difference is an error to be looked into."""
    updates = [update_verdicts(actor=platform("worker"), edition_id=name, whole=True) for name in edition_ids()]
    disagreed = [place for update in updates for place in update.disagreed]
    if disagreed:
        raise VerdictsDisagreed(number=len(disagreed), first="/".join(disagreed[0]))


def _notice() -> None:
    look_for_notices(actor=platform("worker"))


def _send() -> None:
    """Make the digests whose hour has come, and send what waits."""
    make_digests(actor=platform("job"))
    deliver(actor=platform("job"))


def _alarm() -> None:
    """Look for what people hear of at once, make the messages, and send those that wait."""
    look_for_alarms(actor=platform("job"))
    make_alarms(actor=platform("job"))
    deliver(actor=platform("job"), alarms=True)


judge = Job(
    "governance.judge", _("Compute the verdicts that something changed for"), _judge, every=timedelta(minutes=1)
)
judge_all = Job("governance.judge_all", _("Compute all verdicts and compare"), _judge_all, every=timedelta(days=1))
notice = Job("governance.notice", _("Look for what people should know of"), _notice, every=timedelta(minutes=5))
send = Job(
    "governance.send",
    _("Send the daily digest of notices"),
    _send,
    every=timedelta(minutes=5),
    apart=True,
    timeout=timedelta(minutes=14),
)
alarm = Job(
    "governance.alarm",
    _("Call people at once because of alarms"),
    _alarm,
    every=timedelta(minutes=1),
    apart=True,
    prompt=True,
    timeout=timedelta(minutes=5),
)
