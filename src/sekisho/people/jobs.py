"""Recurring work of people."""

from datetime import timedelta

from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _
from sekisho.people.services.directories import fetch_due
from sekisho.people.services.leavers import end_leavers
from sekisho.people.services.service_tokens import purge_tokens
from sekisho.people.services.sign_in import purge_sessions


def _purge() -> None:
    purge_sessions(actor=platform("worker"))
    purge_tokens(actor=platform("worker"))


purge = Job("people.purge_sessions", _("Remove expired sessions"), _purge, every=timedelta(hours=1))


def _end_leavers() -> None:
    end_leavers(actor=platform("worker"))


leavers = Job(
    "people.end_leavers", _("Disable the accounts of people who left"), _end_leavers, every=timedelta(hours=1)
)


def _fetch() -> None:
    fetch_due(actor=platform("worker"))


directories = Job(
    "people.fetch_directories", _("Fetch accounts from directories"), _fetch, every=timedelta(hours=1), apart=True
)
