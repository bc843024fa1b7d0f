"""Recurring work of the register."""

from datetime import timedelta

from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _
from sekisho.register.queries.sources import import_waits
from sekisho.register.services.heads import keep_heads
from sekisho.register.services.heartbeat import beat
from sekisho.register.services.indexing import check_index
from sekisho.register.services.log_imports import run_imports
from sekisho.register.services.reference_tables import forget_lists
from sekisho.register.services.review import review_due


def _beat() -> None:
    beat(actor=platform("worker"))


def _keep_heads() -> None:
    keep_heads(actor=platform("job"))


def _check_index() -> None:
    check_index(actor=platform("worker"))


heartbeat = Job("register.heartbeat", _("Record a sign of life in the register"), _beat, every=timedelta(minutes=5))
heads = Job(
    "register.heads",
    _("Leave the newest head of the register's log at places outside this computer"),
    _keep_heads,
    every=timedelta(minutes=1),
    apart=True,
    timeout=timedelta(minutes=10),
)
index = Job("register.index", _("Hold the search index against the log"), _check_index, every=timedelta(hours=1))


def _imports() -> None:
    run_imports(actor=platform("worker"))


imports = Job(
    "register.import_logs",
    _("Look at log files that were handed in, and import those that somebody decided about"),
    _imports,
    every=timedelta(minutes=1),
    apart=True,
    wanted=import_waits,
)


def _review() -> None:
    forget_lists(actor=platform("job"))
    review_due(actor=platform("job"))


review = Job(
    "register.review",
    _("Run the rules of the review over the register"),
    _review,
    every=timedelta(hours=1),
    apart=True,
)
