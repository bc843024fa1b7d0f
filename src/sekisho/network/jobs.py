"""Recurring looks at the registered endpoints, in processes of their own."""

from datetime import timedelta

from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _
from sekisho.network.services.tls import observe_mutual_tls, observe_tls


def _tls() -> None:
    observe_tls(actor=platform("job"))


def _mutual_tls() -> None:
    observe_mutual_tls(actor=platform("job"))


tls = Job("network.observe_tls", _("Look at the TLS of the endpoints"), _tls, timedelta(days=1), apart=True)
mutual_tls = Job(
    "network.observe_mutual_tls",
    _("Try the endpoints without a client certificate"),
    _mutual_tls,
    timedelta(days=1),
    apart=True,
)
