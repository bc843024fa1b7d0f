"""The platform's own backup, its test restore, its certificate, its disk, and the end of old personal data."""

import shutil
from datetime import timedelta

import structlog

from sekisho.config.backup.errors import BackupFailed
from sekisho.config.backup.keeping import make_unattended, try_unattended
from sekisho.config.environment import environment
from sekisho.config.https.own import CertificateRefused
from sekisho.config.privacy.periods import destroy_unattended
from sekisho.config.services import note_disk
from sekisho.config.trusting.renewal import take_over
from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _

log = structlog.get_logger(__name__)
_LONGEST = timedelta(hours=8)


def _back_up() -> None:
    """Make a backup. Raises what keeps it from being made, so that it stands in the log too."""
    settings = environment()
    if settings.backup_places:
        made = make_unattended(settings, platform("backup"))
        if made.faults:
            raise BackupFailed(faults=", ".join(made.faults))


def _try_out() -> None:
    """Restore the newest generation of each target into a scratch folder, and read an older one."""
    settings = environment()
    if settings.backup_places:
        try_unattended(settings, platform("backup"))


def _certificate() -> None:
    """Take over the files of the settings. Wrong ones are no fault of ours: doctor, page and notices name them."""
    try:
        take_over(actor=platform("worker"), settings=environment())
    except CertificateRefused as error:
        log.warning("certificate_refused", reason=error.refusal.value)


def _disk() -> None:
    note_disk(actor=platform("worker"), used=shutil.disk_usage(environment().home).used)


back_up = Job("config.backup", _("Back up Sekisho itself"), _back_up, timedelta(days=1), apart=True, timeout=_LONGEST)
try_out = Job(
    "config.backup_trial",
    _("Restore a backup of Sekisho as a test"),
    _try_out,
    timedelta(days=7),
    apart=True,
    timeout=_LONGEST,
)
certificate = Job(
    "config.certificate", _("Look whether the own certificate was renewed"), _certificate, timedelta(minutes=1)
)
disk = Job("config.disk", _("Remember how full the disk is"), _disk, timedelta(hours=6))


def _forget() -> None:
    destroy_unattended(actor=platform("worker"))


forget = Job("config.forget", _("Destroy personal data whose time has run out"), _forget, timedelta(days=1))
