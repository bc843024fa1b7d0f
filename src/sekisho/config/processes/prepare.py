"""The first step of every start: the database is brought up to this version, and the operator is told how to get in."""

import os
import sys

import structlog
from django.db import connections
from django.urls import reverse

from sekisho import __version__
from sekisho.config.environment import Environment
from sekisho.config.https.own import drop_foreign
from sekisho.config.processes.caddy import root_certificate
from sekisho.config.processes.database import migrate_database
from sekisho.config.scratch import clear_scratch
from sekisho.config.services import record_restore, record_version
from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_platform
from sekisho.kernel.actor import platform
from sekisho.kernel.errors import Unavailable
from sekisho.kernel.text import _
from sekisho.people.services.host_names import HostNews, note_host
from sekisho.people.services.links import offer_first_link
from sekisho.register.errors import LogFault
from sekisho.register.services import integrate

log = structlog.get_logger(__name__)


def run(environment: Environment) -> None:
    """Check and migrate the database, then tell the person at the terminal how to get in."""
    clear_scratch(environment)
    drop_foreign(environment)
    migrate_database()
    begin_log()
    record_restore(actor=platform("prepare"), note=environment.restored)  # after the log: see restore()
    kept, went_back = (environment.home / name for name in ("version", "went-back"))
    record_version(actor=platform("prepare"), version=__version__, kept=kept, went_back=went_back)
    add_platform(actor=platform("prepare"), ledger=SYSTEMS)
    news = note_host(actor=platform("prepare"), host=environment.host)
    if news is not None:
        announce_host(news)
    if "JOURNAL_STREAM" in os.environ:  # a service speaks into the journal, where a link has no business
        announce(environment, None)
        print(_("If there is no administrator yet: “sekisho people first-link” shows the link."), flush=True)
    else:
        token = offer_first_link(actor=platform("prepare"))
        # Asked of its own room: the addresses of all rooms bring all pages, forms and the API, a fifth of this step.
        announce(environment, reverse("open-link", urlconf="sekisho.people.urls", args=[token]) if token else None)
    connections.close_all()


def begin_log() -> None:
    """Begin the register's log, or bring the database up to it before any new event gets a number.

    A log that cannot be gone on with keeps nobody from working: events wait in the database, and doctor says why.
    """
    try:
        integrate()
    except (LogFault, Unavailable, OSError) as error:
        log.error("the log of the register stands still", error=str(error), error_code=getattr(error, "code", None))


def announce_host(news: HostNews) -> None:
    """Say loudly that the host name, which passkeys belong to, is another one. The platform stays usable."""
    print(_("The host name was changed from %(former)s to %(host)s.", former=news.former, host=news.host))
    if not news.was_prepared:
        print(_("This change was not prepared. Set SEKISHO_HOST to the former name again to undo it."))
    if news.concerned:
        print(
            _(
                "Passkeys of %(count)s people belong to the former name; %(locked)s of them have no other way in.",
                count=news.concerned,
                locked=news.locked_out,
            )
        )
        print(_("“Changing the host name” among the pages of the system operator shows who, and what to do."))
    log.warning("host_name_changed", former=news.former, host=news.host, prepared=news.was_prepared)


def announce(environment: Environment, link: str | None) -> None:
    """Print the address, the root certificate and, as long as there is no administrator, the one-time link.

    On standard output and never in a log: whoever reads the link becomes the administrator.
    """
    print(_("Address: %(address)s", address=environment.origin))
    print(_("Certificate that browsers have to trust: %(path)s", path=root_certificate(environment)))
    print(_("How they come to trust it: %(address)s", address=f"{environment.origin}/trust/"))
    if link is not None:
        print(_("There is no administrator yet. Open this link to become the first one (it works once):"))
        print(f"  {environment.origin}{link}")
    sys.stdout.flush()
