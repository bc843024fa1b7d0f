"""Recurring work of the ledgers."""

from datetime import timedelta

from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _
from sekisho.ledgers.services.drafts import forget_drafts
from sekisho.ledgers.services.rerouting import follow_routes


def _follow_routes() -> None:
    follow_routes(actor=platform("worker"))


routes = Job(
    "ledgers.follow_routes", _("Let applications follow their routes"), _follow_routes, every=timedelta(hours=1)
)


def _forget_drafts() -> None:
    forget_drafts(actor=platform("worker"))


drafts = Job(
    "ledgers.forget_drafts", _("Throw old drafts of applications away"), _forget_drafts, every=timedelta(days=1)
)
