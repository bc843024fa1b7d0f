"""What can go wrong with a backup. A script tells the kinds apart by their exit codes."""

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _


class NoTargets(SekishoError):
    """No place for backups is set."""

    code = "config.backup_no_targets"
    message = _("No place for backups is set.")
    hint = _("Name one or two folders on other disks in SEKISHO_BACKUP_TARGETS, separated by a colon.")
    status = 500
    exit_code = 78


class NothingToBackUp(SekishoError):
    """There is no installation where the settings say."""

    code = "config.backup_nothing"
    message = _("There is nothing to back up in %(path)s.")
    hint = _("Set SEKISHO_HOME to the data directory of the installation.")
    status = 500
    exit_code = 66


class PassphraseMissing(SekishoError):
    """Nobody said what the backup is sealed with."""

    code = "config.backup_passphrase_missing"
    message = _("There is no passphrase to seal or open the backup with.")
    hint = _("Put it into a file with the rights 600 and name that file in SEKISHO_BACKUP_PASSPHRASE_FILE.")
    status = 500
    exit_code = 78


class PassphraseFileBad(SekishoError):
    """The file of the passphrase cannot be used: missing, or open to others."""

    code = "config.backup_passphrase_file"
    message = _("The file of the passphrase %(path)s cannot be used: %(reason)s")
    hint = _("It has to exist, belong to the user who runs Sekisho, and have the rights 600.")
    status = 500
    exit_code = 77


class PassphraseWeak(SekishoError):
    """The passphrase could be guessed: whoever holds the medium may try as often as he likes."""

    code = "config.backup_passphrase_weak"
    message = _("The passphrase is too short: at least %(least)s characters are needed.")
    hint = _("Take five or more words that have nothing to do with each other, and keep them on paper in the safe.")
    status = 500
    exit_code = 65


class RecipientsFileBad(SekishoError):
    """The file of the recovery keys cannot be used: missing, empty, or others could add a key of their own."""

    code = "config.backup_recipients_file"
    message = _("The file of the recovery keys %(path)s cannot be used: %(reason)s")
    hint = _(
        "It holds one public key (age1…) in each line, and nobody but its owner, who is you or root, may change it."
    )
    status = 500
    exit_code = 78


class BackupKeyWrong(SekishoError):
    """The generation is sealed with something else than what was given."""

    code = "config.backup_key_wrong"
    message = _("The backup %(name)s is opened by %(wanted)s. What was given is %(given)s.")
    hint = _("Take the paper whose fingerprint is named here, or another generation.")
    status = 403
    exit_code = 77


class KeyFileExists(SekishoError):
    """A file lies where the private key would be written."""

    code = "config.backup_key_exists"
    message = _("There is a file already at %(path)s. Nothing was made.")
    hint = _("Name a file that does not exist: a key that is overwritten opens nothing any more.")
    status = 409
    exit_code = 73


class BackupUnderWay(SekishoError):
    """Another process makes a backup of this installation."""

    code = "config.backup_under_way"
    message = _("Another backup of this installation is being made right now.")
    hint = _("Wait until it has ended, then look with “sekisho backup list”.")
    status = 409
    exit_code = 75


class BackupFailed(SekishoError):
    """A generation could not be written to a target; nothing there looks like one, and the older ones are untouched."""

    code = "config.backup_failed"
    message = _("The backup did not succeed everywhere: %(faults)s")
    hint = _("Older generations are untouched. Make room there or connect the medium, then make the backup again.")
    status = 500
    exit_code = 74


class BackupBroken(SekishoError):
    """A generation was changed or is not complete."""

    code = "config.backup_broken"
    message = _("The backup %(name)s was changed or is not complete: %(part)s (%(reason)s)")
    hint = _("Do not use this generation, and keep it for an examination. Verify the other ones.")
    status = 422
    exit_code = 65


class BackupCannotTell(SekishoError):
    """Whether a generation is intact cannot be seen."""

    code = "config.backup_cannot_tell"
    message = _("Whether the backup %(name)s is intact cannot be told: %(reason)s")
    hint = _("Connect the medium, give the passphrase, and verify again.")
    status = 503
    exit_code = 69


class BackupNewer(SekishoError):
    """The backup was made by a newer version of this software."""

    code = "config.backup_newer"
    message = _("The backup was made by version %(theirs)s, which is newer than this one (%(ours)s).")
    hint = _("Install that version here, then restore. Nothing was changed.")
    status = 500
    exit_code = 65


class BackupOfOtherDatabase(SekishoError):
    """The backup holds another kind of database than the settings ask for."""

    code = "config.backup_other_database"
    message = _("The backup holds a database of the kind %(theirs)s; the settings here ask for %(ours)s.")
    hint = _("Set SEKISHO_DATABASE_URL as it was on the old computer (empty for SQLite). Nothing was changed.")
    status = 500
    exit_code = 78


class HomeNotEmpty(SekishoError):
    """There is something already where the backup would be restored."""

    code = "config.backup_home_not_empty"
    message = _("Nothing was restored: %(path)s is not empty.")
    hint = _("Set SEKISHO_HOME to an empty folder (and SEKISHO_DATABASE_URL to an empty database), then restore again.")
    status = 409
    exit_code = 73


class BackupNotOpened(SekishoError):
    """The test restore came to no end; the bytes of the generation are intact all the same."""

    code = "config.backup_not_opened"
    message = _("The bytes of the backup %(name)s are intact, but it could not be restored as a test: %(reason)s")
    hint = _("Make room, or give the user of the database the right to make one, then verify with --restore again.")
    status = 500
    exit_code = 70


class BackupNotStarted(SekishoError):
    """The restored copy does not start."""

    code = "config.backup_not_started"
    message = _("The backup %(name)s was restored as a test, but Sekisho does not start with it.")
    hint = _("Make a new backup, verify it with --restore, and tell whoever looks after Sekisho.")
    status = 500
    exit_code = 70
