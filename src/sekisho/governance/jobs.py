"""Recurring work of governance."""

from datetime import timedelta

from sekisho.governance.errors import VerdictsDisagreed
from sekisho.governance.queries.editions import edition_ids
from sekisho.governance.services.overview import make_overview
from sekisho.governance.services.verdicts import is_due, update_verdicts
from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _


def _judge() -> None:
    for edition_id in edition_ids():
        if is_due(edition_id):
            update_verdicts(actor=platform("worker"), edition_id=edition_id)
        make_overview(actor=platform("worker"), edition_id=edition_id)


def _judge_all() -> None:
    """Judge everything anew. The stored verdicts are right afterwards; a difference is an error to be looked into."""
    updates = [update_verdicts(actor=platform("worker"), edition_id=name, whole=True) for name in edition_ids()]
    disagreed = [place for update in updates for place in update.disagreed]
    if disagreed:
        raise VerdictsDisagreed(number=len(disagreed), first="/".join(disagreed[0]))


judge = Job(
    "governance.judge", _("Compute the verdicts that something changed for"), _judge, every=timedelta(minutes=1)
)
judge_all = Job("governance.judge_all", _("Compute all verdicts and compare"), _judge_all, every=timedelta(days=1))
