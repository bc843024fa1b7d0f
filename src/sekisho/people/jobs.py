"""Recurring work of people."""

from datetime import timedelta

from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _
from sekisho.people.services.sign_in import purge_sessions


def _purge() -> None:
    purge_sessions(actor=platform("worker"))


purge = Job("people.purge_sessions", _("Remove expired sessions"), _purge, every=timedelta(hours=1))
