"""The platform's own backup every night and its test restore every week, and the end of old personal data."""

from datetime import timedelta
from pathlib import Path

from sekisho.config.backup.errors import BackupFailed
from sekisho.config.backup.keeping import make_unattended, prove
from sekisho.config.backup.passphrase import passphrase
from sekisho.config.environment import environment
from sekisho.config.privacy.periods import destroy_unattended
from sekisho.config.queries import generations_on
from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _

_LONGEST = timedelta(hours=8)


def _back_up() -> None:
    """Make a backup. Raises what keeps it from being made, so that it stands in the log too."""
    settings = environment()
    if settings.backup_places:
        made = make_unattended(settings, platform("backup"))
        if made.faults:
            raise BackupFailed(faults=", ".join(made.faults))


def _try_out() -> None:
    """Restore the newest generation of each target into a scratch folder."""
    settings = environment()
    for target in settings.backup_places:
        newest = next((row for row in generations_on(target) if (target / row.name).is_dir()), None)
        if newest is not None:
            prove(settings, platform("backup"), Path(newest.target) / newest.name, passphrase(settings), restoring=True)


back_up = Job("config.backup", _("Back up Sekisho itself"), _back_up, timedelta(days=1), apart=True, timeout=_LONGEST)
try_out = Job(
    "config.backup_trial",
    _("Restore a backup of Sekisho as a test"),
    _try_out,
    timedelta(days=7),
    apart=True,
    timeout=_LONGEST,
)


def _forget() -> None:
    destroy_unattended(actor=platform("worker"))


forget = Job("config.forget", _("Destroy personal data whose time has run out"), _forget, timedelta(days=1))
