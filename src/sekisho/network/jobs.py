"""Recurring looks at the registered endpoints, in processes of their own."""

from datetime import timedelta

from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _
from sekisho.network.services.availability import fold_old_samples, watch_endpoints
from sekisho.network.services.clocks import observe_clocks
from sekisho.network.services.exposure import observe_exposure, observe_requested
from sekisho.network.services.sweeps import run_requested_sweeps
from sekisho.network.services.tls import look_at_tls, observe_mutual_tls
from sekisho.network.services.weekly_reports import destroy_old_reports, make_weekly_reports


def _tls() -> None:
    look_at_tls(actor=platform("job"))


def _mutual_tls() -> None:
    observe_mutual_tls(actor=platform("job"))


def _clocks() -> None:
    observe_clocks(actor=platform("job"))


def _exposure() -> None:
    observe_exposure(actor=platform("job"))


def _requested() -> None:
    """First the hosts, which take seconds."""
    observe_requested(actor=platform("job"))
    run_requested_sweeps(actor=platform("job"))


def _watch() -> None:
    watch_endpoints(actor=platform("job"))


def _report() -> None:
    destroy_old_reports(actor=platform("job"))
    make_weekly_reports(actor=platform("job"))


def _fold() -> None:
    fold_old_samples(actor=platform("job"))


tls = Job("network.look_at_tls", _("Look at the TLS of the endpoints"), _tls, timedelta(days=1), apart=True)
mutual_tls = Job(
    "network.observe_mutual_tls",
    _("Try the endpoints without and with client certificates"),
    _mutual_tls,
    timedelta(days=1),
    apart=True,
)
clocks = Job("network.observe_clocks", _("Ask for the time"), _clocks, timedelta(hours=1), apart=True)
exposure = Job(
    "network.observe_exposure",
    _("Look at the ports of the registered hosts"),
    _exposure,
    timedelta(days=1),
    apart=True,
    timeout=timedelta(hours=3),
)
sweeps = Job(
    "network.sweep",
    _("Look at the hosts and ranges that somebody asked for"),
    _requested,
    timedelta(minutes=1),
    apart=True,
    timeout=timedelta(hours=4),
)
watch = Job(
    "network.watch",
    _("Ask the endpoints whether they answer"),
    _watch,
    timedelta(minutes=1),
    apart=True,
    timeout=timedelta(minutes=3),
    prompt=True,
)
fold = Job("network.fold_samples", _("Fold old response times"), _fold, timedelta(days=1), apart=True)
# Asked each hour, made once a week: what was missed while the computer was off is made up for.
report = Job("network.report", _("Make the weekly report of the availability"), _report, timedelta(hours=1), apart=True)
